import { Worker } from 'node:worker_threads';
import { StrongroomError } from '../../../shared/errors.ts';
import type { WalkBatch, WalkMessage, WalkOrder } from './findings.ts';

/**
 * Walks a source on another thread and yields what differs from the catalog, batch by batch; the walk is never more
 * than a few batches ahead of its reader. Ends early, without an error, when `signal` aborts.
 *
 * Errors: `source-unreachable` and the other codes of a root that cannot be read.
 */
export async function* walk(order: Omit<WalkOrder, 'gauge'>, signal: AbortSignal): AsyncIterable<WalkBatch> {
  const gauge = new SharedArrayBuffer(8);
  const cells = new Int32Array(gauge);
  const worker = new Worker(new URL('./walk.worker.ts', import.meta.url), {
    workerData: { ...order, gauge } satisfies WalkOrder,
    // A folder of a million files is the most that is held at once.
    resourceLimits: { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 8 },
  });
  const messages: WalkMessage[] = [];
  let wake = (): void => undefined;
  const push = (message: WalkMessage): void => {
    messages.push(message);
    wake();
  };
  worker.on('message', push);
  worker.on('error', (error) => {
    push({ kind: 'failed', code: 'internal', message: error instanceof Error ? error.message : String(error) });
  });
  const stop = (): void => {
    Atomics.store(cells, 1, 1);
    Atomics.store(cells, 0, 0);
    Atomics.notify(cells, 0);
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      const message = messages.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      switch (message.kind) {
        case 'batch':
          yield message;
          Atomics.sub(cells, 0, 1);
          Atomics.notify(cells, 0);
          break;
        case 'done':
          return;
        case 'failed':
          throw new StrongroomError(message.code, `${order.root} could not be walked: ${message.message}`, {
            subject: order.root,
            advice: 'Check the file server and the connection, then run again. No deletion was recorded.',
          });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    await worker.terminate();
  }
}
