import { Worker } from 'node:worker_threads';
import { arrived, StrongroomError, type CarriedError } from '../../../shared/errors.ts';

export interface CopyOrder {
  readonly from: string;
  readonly to: string;
}

export interface CopyAnswer {
  readonly failure: CarriedError | null;
}

/**
 * Copies a catalog file while it is in use, as of one moment, and checks the copy page by page. All of it happens on a
 * thread of its own: with a million files it takes seconds of processor and disk, in which this thread would answer
 * nobody.
 *
 * @param to where nothing is yet. What is there after a failure is to be removed.
 * Errors: `catalog-damaged` where the copy is not whole, `disk-*`, `internal` where the thread ends without an answer.
 */
export function copyWhole(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./whole-copy.worker.ts', import.meta.url), {
      workerData: { from, to } satisfies CopyOrder,
    });
    worker.on('message', ({ failure }: CopyAnswer) => {
      if (failure === null) resolve();
      else reject(arrived(failure));
    });
    worker.on('error', reject);
    // After an answer this changes nothing.
    worker.on('exit', () => reject(new StrongroomError('internal', `The copy of ${from} ended without a result.`)));
  });
}
