import { parentPort, workerData } from 'node:worker_threads';
import { carried } from '../../../shared/errors.ts';
import { Connection } from './database.ts';
import { checkWhole } from './open.ts';
import type { CopyAnswer, CopyOrder } from './whole-copy.ts';

/** Copies one catalog, checks the copy, answers, and ends. */
const { from, to } = workerData as CopyOrder;
const port = parentPort;
if (port === null) throw new Error('whole-copy.worker.ts runs as a worker');
let answer: CopyAnswer;
try {
  const connection = new Connection(from, { readonly: true, cacheKilobytes: 1_024 });
  try {
    connection.copyTo(to);
  } finally {
    connection.close();
  }
  checkWhole(to);
  answer = { failure: null };
} catch (error) {
  answer = { failure: carried(error) };
}
port.postMessage(answer);
