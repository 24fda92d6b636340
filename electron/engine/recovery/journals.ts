import { codeOf, type StrongroomError } from '../../../shared/errors.ts';
import { asStrongroomError } from '../../../shared/errors.ts';
import { checkpointName, numberOf, sourceControl, unpackJournal, type JournalFile } from '../journal/journal-file.ts';
import type { Store } from '../stores/store.ts';

/** What the journals of a source in a store hold after a number. */
export interface JournalReading {
  /** The files to apply, in this order. Read one by one: memory holds one at a time. */
  readonly files: AsyncIterable<JournalFile>;
  /** The number of the newest journal or checkpoint; `after` where there is nothing new. */
  readonly newest: number;
  /** Files that were damaged and passed over; complete once `files` has ended. */
  readonly damaged: readonly StrongroomError[];
}

/**
 * Reads the journals of a source in a store that come after number `after` (0 for all). Where the next journal is there,
 * the journals are read one after the other; where it is not, the newest whole checkpoint comes first. A damaged
 * checkpoint falls back to the one before it.
 */
export async function readJournals(
  store: Store,
  source: string,
  after: number,
  signal: AbortSignal,
): Promise<JournalReading> {
  const names = await store.listControl(`${sourceControl(source)}/`, signal);
  const journals = new Map(names.filter((name) => name.includes('/journal/')).map((name) => [numberOf(name), name]));
  const checkpoints = [...new Set(names.filter((name) => name.includes('/checkpoint/')).map(numberOf))].sort(
    (a, b) => b - a,
  );
  const newest = Math.max(after, ...journals.keys(), ...checkpoints);
  const damaged: StrongroomError[] = [];
  async function* files(): AsyncIterable<JournalFile> {
    let from = after;
    if (newest > after && !journals.has(after + 1)) {
      for (const number of checkpoints.filter((candidate) => candidate > after)) {
        if (!(await isComplete(store, source, number, names, signal, damaged))) continue;
        for (let part = 1, last = false; !last; part += 1) {
          const file = await read(store, checkpointName(source, number, part), signal);
          last = file.header.last;
          yield file;
        }
        from = number;
        break;
      }
    }
    const numbers = [...journals.keys()].filter((number) => number > from).sort((a, b) => a - b);
    for (const number of numbers) {
      try {
        yield await read(store, journals.get(number) ?? '', signal);
      } catch (error) {
        if (codeOf(error) !== 'journal-damaged') throw error;
        damaged.push(asStrongroomError(error));
      }
    }
  }
  return { files: files(), newest, damaged };
}

/** Whether every part of a checkpoint is there and whole; read before any of it is applied. */
async function isComplete(
  store: Store,
  source: string,
  number: number,
  names: readonly string[],
  signal: AbortSignal,
  damaged: StrongroomError[],
): Promise<boolean> {
  try {
    for (let part = 1; ; part += 1) {
      const name = checkpointName(source, number, part);
      if (!names.includes(name)) return false;
      if ((await read(store, name, signal)).header.last) return true;
    }
  } catch (error) {
    if (codeOf(error) !== 'journal-damaged') throw error;
    damaged.push(asStrongroomError(error));
    return false;
  }
}

async function read(store: Store, name: string, signal: AbortSignal): Promise<JournalFile> {
  const file = await store.readControl(name, signal);
  return unpackJournal(name, file?.bytes ?? new Uint8Array(0));
}
