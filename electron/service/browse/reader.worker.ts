import { parentPort, workerData } from 'node:worker_threads';
import { carried } from '../../../shared/errors.ts';
import { Connection } from '../../engine/catalog/database.ts';
import { catalogPath } from '../../engine/catalog/open.ts';
import type { Question, Reply, ReaderOrder } from './reader.ts';
import { Answers } from './questions.ts';

/*
 * The window's questions to the catalog are answered on a thread of its own: a folder of a hundred thousand files, or a
 * search that finds little, takes many milliseconds of SQLite, and the main thread has a run to look after.
 */
const { home } = workerData as ReaderOrder;
const port = parentPort;
if (port === null) throw new Error('reader.worker.ts runs as a worker');
const connection = new Connection(catalogPath(home), { readonly: true });
// What it does not hold, the system's own cache does; and what is held in pages is not given back to the system whole.
connection.exec('PRAGMA cache_size = -8192');
const answers = new Answers(connection);
let waiting = 0;
let preparing: NodeJS.Immediate | undefined;

port.on('message', (question: Question | 'close') => {
  if (question === 'close') {
    clearImmediate(preparing);
    connection.close();
    port.close();
    return;
  }
  waiting += 1;
  // Each in a turn of its own, so that whatever came meanwhile is known before anything is read ahead.
  setImmediate(() => {
    waiting -= 1;
    port.postMessage(answer(question));
    clearImmediate(preparing);
    preparing = setImmediate(prepare);
  });
});

/** Reads ahead step by step, for as long as nobody asks. */
function prepare(): void {
  try {
    if (waiting === 0 && answers.prepare()) preparing = setImmediate(prepare);
  } catch {
    // Nobody asked for it: whoever does will be told.
  }
}

function answer({ id, name, given }: Question): Reply {
  try {
    // The caller's types hold name and values together; both sides are ours.
    const ask = answers[name].bind(answers) as (...values: readonly unknown[]) => unknown;
    return { id, result: ask(...given) };
  } catch (error) {
    return { id, failure: carried(error) };
  }
}
