import { TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { fromField, toField } from './histogram.ts';

/**
 * A date and time to be typed, year first: what the browser's own field shows follows the browser's language and not the
 * computer's, and 3 April must never be taken for 4 March. What is typed counts with Enter or on leaving, so that half a
 * year is no jump to the year 2.
 */
export function MomentField({
  at,
  label,
  className,
  onChoose,
}: {
  readonly at: number;
  readonly label: string;
  readonly className?: string;
  /** Told the end of the minute that was typed. */
  readonly onChoose: (at: number) => void;
}): ReactNode {
  const shown = toField(at);
  const [typed, setTyped] = useState<string>();
  const [refused, setRefused] = useState(false);
  const commit = () => {
    if (typed === undefined) return;
    const moment = fromField(typed);
    // The field has minutes only: what was not changed keeps its seconds.
    if (moment !== undefined && typed.trim() !== shown) onChoose(moment);
    setRefused(moment === undefined);
    if (moment !== undefined) setTyped(undefined);
  };
  return (
    <TextInput
      className={className ?? ''}
      aria-label={label}
      placeholder="2026-03-31 14:00"
      dir="ltr"
      spellCheck={false}
      autoComplete="off"
      value={typed ?? shown}
      error={refused ? 'Write it like 2026-03-31 14:00' : undefined}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        setRefused(false);
      }}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape' && typed !== undefined) {
          // Gives back the moment that was there; a dialog around it stays open.
          event.stopPropagation();
          setTyped(undefined);
          setRefused(false);
        }
      }}
    />
  );
}
