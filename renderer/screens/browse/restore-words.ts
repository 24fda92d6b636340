import type { Problem, RestoreEvent, RestoreRequest } from '../../../shared/contract/shapes.ts';
import { folderOf } from '../../../shared/names.ts';

/** What a restore was asked for with: the dialog does the rest. */
export interface RestoreWish {
  readonly source: string;
  /** The source's folder on the file server. */
  readonly root: string;
  readonly items: RestoreRequest['items'];
  readonly at: number | null;
  /** What it is, in words: `3 files and 1 folder`, `letter.pdf`. */
  readonly what: string;
  /** Of a single version, which it is. */
  readonly version?: { readonly number: number; readonly firstSeen: number };
}

/** The folder in which everything lies that was picked: it was picked in one. */
export function placeOf({ root, items }: RestoreWish): string {
  const folder = folderOf(items[0]?.path ?? '');
  const separator = root.includes('\\') && !root.includes('/') ? '\\' : '/';
  return folder === '' ? root : [root.replace(/[\\/]+$/, ''), ...folder.split('/')].join(separator);
}

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

export type Done = Extract<RestoreEvent, { type: 'done' }>;

/**
 * What a restore came to, as a sentence.
 * @param counted a number with its noun, as `parts/figures.tsx` writes it.
 */
export function resultWords(done: Done, counted: (count: number, noun: string) => string): string {
  const { restored, same, keptFiles, failedFiles, left, stopped } = done;
  const parts: string[] = [];
  if (restored > 0) parts.push(`${counted(restored, 'file')} restored`);
  if (same > 0) parts.push(`${counted(same, 'file')} already there with the same content`);
  if (keptFiles > 0) parts.push(`${counted(keptFiles, 'file')} left as ${keptFiles === 1 ? 'it was' : 'they were'}`);
  if (failedFiles > 0) parts.push(`${counted(failedFiles, 'file')} could not be restored`);
  if (stopped === undefined) return parts.length === 0 ? 'There was nothing to restore.' : `${parts.join(', ')}.`;
  parts.push(`${counted(left, 'file')} not restored`);
  return `${stopped.code === 'cancelled' ? 'Cancelled' : 'Stopped before its end'}: ${parts.join(', ')}.`;
}

/** Failures with the same cause and the same remedy, told together. */
export interface FailuresAlike {
  /** The first ones, told in full. */
  readonly told: readonly Problem[];
  /** Of the others, which files they are about. */
  readonly others: readonly string[];
}

/** As many of one kind are told in full; of more, the first one. */
const toldInFull = 3;

/** Failures by what they have in common: a folder that is gone fails each of its files in the same way. */
export function alike(failed: readonly Problem[]): readonly FailuresAlike[] {
  const groups = Map.groupBy(failed, ({ code, advice }) => `${code}\n${advice ?? ''}`);
  return [...groups.values()].map((problems) => {
    const full = problems.length > toldInFull ? 1 : problems.length;
    const others = problems.slice(full).map(({ subject, message }) => subject ?? message);
    return { told: problems.slice(0, full), others };
  });
}
