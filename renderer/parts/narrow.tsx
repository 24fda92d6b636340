import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useState, type ReactNode } from 'react';
import { counted } from './figures.tsx';
import { matches } from './matching.ts';

/** As many can be looked through without a field for it. */
const fewEnough = 8;

/**
 * A long list, and the field by which a person makes it shorter.
 * @param things all of them. @param wordsOf what one is found by. @param one what one is called, such as `source`.
 * @returns what is left of them in the same order, and the field, which is nothing above a short list.
 */
export function useNarrowed<Thing>(
  things: readonly Thing[],
  wordsOf: (thing: Thing) => string,
  one: string,
): { readonly left: readonly Thing[]; readonly field: ReactNode } {
  const [typed, setTyped] = useState('');
  const text = useDeferredValue(typed);
  if (things.length <= fewEnough) return { left: things, field: null };
  const left = things.filter((thing) => matches(wordsOf(thing), text));
  const found = left.length === 0 ? `No ${one} is called that.` : `${counted(left.length, one)} shown.`;
  return {
    left,
    field: (
      <>
        <TextInput
          type="search"
          mb="md"
          maw={420}
          leftSection={<IconSearch size={16} aria-hidden />}
          aria-label={`Show only each ${one} whose name or place holds`}
          placeholder={`Show only some of the ${counted(things.length, one)}`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <div role="status" className={left.length === 0 ? '' : 'unseen'}>
          {text.trim() === '' ? '' : found}
        </div>
      </>
    ),
  };
}
