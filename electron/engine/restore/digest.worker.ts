import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { DigestAnswer, DigestOrder } from './digest.ts';

/** Hashes what it is given, for several files at once, each in the order in which it comes. */
const port = parentPort;
if (port === null) throw new Error('digest.worker.ts runs as a worker');
const hashes = new Map<number, Hash>();

port.on('message', (order: DigestOrder) => {
  if (order.bytes !== undefined) {
    const hash = hashes.get(order.file) ?? createHash('sha256');
    hashes.set(order.file, hash);
    hash.update(order.bytes);
    port.postMessage({ hex: undefined } satisfies DigestAnswer);
    return;
  }
  const hex = (hashes.get(order.file) ?? createHash('sha256')).digest('hex');
  hashes.delete(order.file);
  port.postMessage({ hex } satisfies DigestAnswer);
});
