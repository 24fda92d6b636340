import { setTimeout as wait } from 'node:timers/promises';
import { StrongroomError } from '../../../../shared/errors.ts';

/** Resolves after so many milliseconds. Errors: `cancelled`, at once, where the signal is aborted. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** The real one; tests have their own. */
export const sleep: Sleep = async (ms, signal) => {
  try {
    // A longer time would be taken for none at all.
    await wait(Math.min(ms, 2 ** 31 - 1), undefined, { signal });
  } catch (cause) {
    throw new StrongroomError('cancelled', 'It was cancelled.', { cause });
  }
};
