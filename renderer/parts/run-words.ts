import type { RunProgressShape, RunShape } from '../../shared/contract/shapes.ts';
import { bytesText, counted, countText } from './figures-text.ts';

/** What a run found, without what became of it: `12 new files, 3 changed`. Empty where nothing differed. */
function foundWords({ numbers }: RunShape): string {
  const parts: string[] = [];
  const add = (count: number, words: string) => {
    if (count > 0) parts.push(parts.length === 0 ? counted(count, `${words} file`) : `${countText(count)} ${words}`);
  };
  add(numbers.added, 'new');
  add(numbers.changed, 'changed');
  add(numbers.moved, 'moved');
  add(numbers.deleted, 'deleted');
  return parts.join(', ');
}

/** Bytes that a run copied to all stores together. */
export function copiedBytes(run: RunShape): number {
  return run.stores.reduce((sum, store) => sum + store.bytesSent, 0);
}

/** A run that ended, in a sentence or two; one that has not is said to be under way. */
export function runSentence(run: RunShape): string {
  const { numbers, questioned } = run;
  const found = foundWords(run);
  const copied = copiedBytes(run);
  const pending = run.stores.reduce((sum, store) => sum + store.pending, 0);
  const troubles: string[] = [];
  if (numbers.failed > 0) troubles.push(`${counted(numbers.failed, 'thing')} did not work.`);
  if (pending > 0) troubles.push(`${counted(pending, 'copy', 'copies')} still to be made.`);
  switch (run.outcome) {
    case null:
      return run.endedAt === null ? 'Under way.' : 'Ended before it was done; the next run goes on from there.';
    case 'done':
    case 'incomplete':
      return [
        found !== ''
          ? `${found}${copied > 0 ? `; ${bytesText(copied)} copied` : ''}.`
          : copied > 0
            ? `Nothing changed; ${bytesText(copied)} copied of what was left to copy.`
            : 'Nothing changed.',
        ...troubles,
      ].join(' ');
    case 'needs-approval':
      return questioned === null
        ? 'Stopped before copying: unusually much had changed.'
        : `Stopped before copying: ${massWords(questioned)}.`;
    case 'failed':
      if (run.rootTrouble !== undefined) return `${rootTroubles[run.rootTrouble]}; nothing was taken as deleted.`;
      return ['Did not get to its end.', found === '' ? '' : `${found} by then.`, ...troubles]
        .filter((words) => words !== '')
        .join(' ');
    case 'cancelled':
      return `Cancelled${found === '' ? '' : ` after ${found}`}. What was copied by then stays; the next run goes on from there.`;
  }
}

const rootTroubles = {
  gone: 'The folder was not there',
  emptied: 'The folder was suddenly empty',
  unreadable: 'The folder could not be read',
  'no-folder': 'There was a file in the place of the folder',
} as const satisfies Record<NonNullable<RunShape['rootTrouble']>, string>;

/** Whether a run did all that it was to do, and there was nothing to do. */
export function foundNothing(run: RunShape): boolean {
  return run.outcome === 'done' && foundWords(run) === '' && copiedBytes(run) === 0 && run.numbers.failed === 0;
}

/** What a run saw that stopped: `120 files changed and 3 gone, of 400`. */
export function massWords({ changed, gone, of }: NonNullable<RunShape['questioned']>): string {
  const parts = [
    changed > 0 ? `${counted(changed, 'file')} changed` : '',
    gone > 0 ? (changed > 0 ? `${countText(gone)} gone` : `${counted(gone, 'file')} gone`) : '',
  ].filter((words) => words !== '');
  return `${parts.join(' and ')}, of ${countText(of)}`;
}

const outcomes = {
  done: 'Done',
  incomplete: 'Done, not all of it',
  'needs-approval': 'Waits for you',
  failed: 'Did not work',
  cancelled: 'Cancelled',
} as const satisfies Record<NonNullable<RunShape['outcome']>, string>;

/** How a run ended, in a word or two. */
export function outcomeWords(run: Pick<RunShape, 'outcome' | 'endedAt'>): string {
  if (run.outcome !== null) return outcomes[run.outcome];
  return run.endedAt === null ? 'Under way' : 'Interrupted';
}

const phases = {
  scanning: 'Looking for changes',
  copying: 'Copying',
  publishing: 'Writing down what was copied',
} as const satisfies Record<RunProgressShape['phase'], string>;

/** What a run is doing now. */
export function phaseWords(run: RunProgressShape): string {
  return phases[run.phase];
}

/** What is left of a run under way: the slowest store's time, and the copies and bytes of all. */
export function leftOf(run: RunProgressShape): {
  readonly copies: number;
  readonly bytes: number;
  readonly ms: number | null;
} {
  let copies = 0;
  let bytes = 0;
  let ms: number | null = 0;
  for (const store of run.stores) {
    copies += store.pendingCopies;
    bytes += store.pendingBytes;
    ms = ms === null || store.remainingMs === null ? null : Math.max(ms, store.remainingMs);
  }
  return { copies, bytes, ms: copies === 0 ? null : ms };
}
