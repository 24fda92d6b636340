import { parentPort, workerData } from 'node:worker_threads';
import { carried } from '../../../shared/errors.ts';
import { Connection } from '../../engine/catalog/database.ts';
import { catalogPath } from '../../engine/catalog/open.ts';
import type { GivenUp, GradualQuestion, Question, Reply, ReaderOrder } from './reader.ts';
import { Answers } from './questions.ts';

/*
 * The window's questions to the catalog are answered on a thread of its own: a folder of a hundred thousand files, or a
 * search that finds little, takes many milliseconds of SQLite, and the main thread has a run to look after.
 */
const { home } = workerData as ReaderOrder;
const port = parentPort;
if (port === null) throw new Error('reader.worker.ts runs as a worker');
const connection = new Connection(catalogPath(home), { readonly: true });
const answers = new Answers(connection);
/** For how long steps of one gradual question follow one another before others have their turn, milliseconds. */
const turnMs = 10;
let waiting = 0;
const gradually = new Map<number, Generator<void, unknown>>();
let preparing: NodeJS.Immediate | undefined;

port.on('message', (message: Question | GradualQuestion | GivenUp | 'close') => {
  if (message === 'close') {
    clearImmediate(preparing);
    gradually.clear();
    connection.close();
    port.close();
  } else if ('givenUp' in message) gradually.delete(message.givenUp);
  else if ('gradual' in message) {
    // The caller's types hold name and values together; both sides are ours.
    const ask = answers[message.gradual].bind(answers) as (...values: readonly unknown[]) => Generator<void, unknown>;
    gradually.set(message.id, ask(...message.given));
    setImmediate(proceed, message.id);
  } else {
    waiting += 1;
    // Each in a turn of its own, so that whatever came meanwhile is known before anything is read ahead.
    setImmediate(() => {
      waiting -= 1;
      port.postMessage(answer(message));
      prepareSoon();
    });
  }
});

/** Goes on with a gradual question; whoever asked meanwhile is answered before it goes on again. */
function proceed(id: number): void {
  const steps = gradually.get(id);
  if (steps === undefined) return;
  const begun = performance.now();
  const reply = answered(id, () => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step;
      if (performance.now() - begun >= turnMs) return undefined;
    }
  });
  if (reply === undefined) {
    setImmediate(proceed, id);
    return;
  }
  gradually.delete(id);
  port?.postMessage(reply);
  prepareSoon();
}

function prepareSoon(): void {
  clearImmediate(preparing);
  preparing = setImmediate(prepare);
}

/** Reads ahead step by step, for as long as nobody asks. A gradual question goes on in between: the next press is to find its rows. */
function prepare(): void {
  try {
    if (waiting === 0 && answers.prepare()) prepareSoon();
  } catch {
    // Nobody asked for it: whoever does will be told.
  }
}

function answer({ id, name, given }: Question): Reply {
  // As above.
  const ask = answers[name].bind(answers) as (...values: readonly unknown[]) => unknown;
  return answered(id, () => ({ value: ask(...given) }));
}

function answered(id: number, work: () => { readonly value: unknown }): Reply;
function answered(id: number, work: () => { readonly value: unknown } | undefined): Reply | undefined;
function answered(id: number, work: () => { readonly value: unknown } | undefined): Reply | undefined {
  try {
    const result = work();
    return result && { id, result: result.value };
  } catch (error) {
    return { id, failure: carried(error) };
  }
}
