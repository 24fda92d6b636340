import { Button, Modal, Stack, Text } from '@mantine/core';
import { useCallback, useState, type ReactNode } from 'react';
import { visibleName } from '../../parts/name.tsx';
import { SheetFoot } from '../../parts/sheet.tsx';

/** What would be lost, or stay behind, if a person left now. */
export interface Draft {
  /** Whether anything was filled in that is not kept yet. */
  readonly begun: boolean;
  /** Stores that were added on the way; they stay. */
  readonly made: readonly string[];
}

const nothing: Draft = { begun: false, made: [] };

/**
 * Asks before a drawer is left in which something was filled in.
 *
 * @param onLeave leaves it.
 * @returns what to do when a person wants to leave, where to tell what there is, and the question.
 */
export function useLeaving(
  onLeave: () => void,
  words: { readonly title: string; readonly text: string },
): { readonly leave: () => void; readonly onDraft: (draft: Draft) => void; readonly question: ReactNode } {
  const [draft, setDraft] = useState(nothing);
  const [asking, setAsking] = useState(false);
  const onDraft = useCallback((next: Draft) => {
    setDraft((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next));
  }, []);
  const go = () => {
    setAsking(false);
    setDraft(nothing);
    onLeave();
  };
  const leave = () => {
    // Once the key press that asked to leave is over: the question hears the same one, and would take it as its own.
    if (draft.begun) setTimeout(() => setAsking(true));
    else go();
  };
  const made = draft.made.map((name) => `“${visibleName(name)}”`);
  const question = (
    <Modal opened={asking} onClose={() => setAsking(false)} title={words.title} size="md">
      <Stack gap="sm" pb="md">
        <Text>{words.text}</Text>
        {made.length > 0 && (
          <Text>
            {made.length === 1 ? 'The store' : 'The stores'}{' '}
            {new Intl.ListFormat('en', { type: 'conjunction' }).format(made)} that you added on the way{' '}
            {made.length === 1 ? 'stays, and is' : 'stay, and are'} found under Stores.
          </Text>
        )}
      </Stack>
      <SheetFoot>
        <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
          Stay here
        </Button>
        <Button onClick={go}>Leave</Button>
      </SheetFoot>
    </Modal>
  );
  return { leave, onDraft, question };
}
