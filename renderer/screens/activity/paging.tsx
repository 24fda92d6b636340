import { Button, Group } from '@mantine/core';
import { useState, type ReactNode } from 'react';

/** Pages of what is listed from the newest on: the marks before which each page begins. */
export function usePages(): {
  /** `undefined`: the newest. */
  readonly before: number | undefined;
  readonly older: (before: number) => void;
  readonly newer: (() => void) | undefined;
} {
  const [marks, setMarks] = useState<readonly number[]>([]);
  return {
    before: marks.at(-1),
    older: (before) => setMarks([...marks, before]),
    newer: marks.length === 0 ? undefined : () => setMarks(marks.slice(0, -1)),
  };
}

/** Older and newer; nothing where everything fits on one page. */
export function Paging({
  older,
  newer,
  what,
}: {
  readonly older: (() => void) | undefined;
  readonly newer: (() => void) | undefined;
  /** `runs`, `events`. */
  readonly what: string;
}): ReactNode {
  if (older === undefined && newer === undefined) return null;
  return (
    <Group mt="md" justify="center">
      <Button variant="default" disabled={newer === undefined} onClick={newer}>
        Newer {what}
      </Button>
      <Button variant="default" disabled={older === undefined} onClick={older}>
        Older {what}
      </Button>
    </Group>
  );
}
