import type { RestoreEvent, RestoreRequest } from '../../../shared/contract/shapes.ts';

export type ConflictAnswer = RestoreRequest['conflict'];

/** What a person can want where a file is in the way, in the order in which it is offered. */
export const conflictWords: readonly {
  readonly value: ConflictAnswer;
  readonly label: string;
  readonly detail: string;
}[] = [
  {
    value: 'keep-both',
    label: 'Keep both',
    detail: 'The restored file is put beside the one that is there, under a name that says so.',
  },
  { value: 'skip', label: 'Leave what is there', detail: 'Only files that are not there are restored.' },
  {
    value: 'overwrite',
    label: 'Replace what is there',
    detail: 'The restored file takes the place of the one that is there now.',
  },
];

type Done = Extract<RestoreEvent, { type: 'done' }>;

/**
 * What a restore came to, as a sentence.
 * @param counted a number with its noun, as `parts/figures.tsx` writes it.
 */
export function resultWords(done: Done, counted: (count: number, noun: string) => string): string {
  const parts: string[] = [];
  if (done.restored > 0) parts.push(`${counted(done.restored, 'file')} restored`);
  if (done.same > 0) parts.push(`${counted(done.same, 'file')} already there with the same content`);
  if (done.kept.length > 0)
    parts.push(`${counted(done.kept.length, 'file')} left as ${done.kept.length === 1 ? 'it was' : 'they were'}`);
  if (done.failed.length > 0) parts.push(`${counted(done.failed.length, 'file')} could not be restored`);
  if (parts.length === 0) return 'There was nothing to restore.';
  const [first = '', ...rest] = parts;
  return `${[first, ...rest].join(', ')}.`;
}
