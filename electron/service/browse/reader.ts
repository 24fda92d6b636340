import { Worker } from 'node:worker_threads';
import { arrived, StrongroomError, type CarriedError } from '../../../shared/errors.ts';
import type { GradualQuestions, Questions } from './questions.ts';

export interface ReaderOrder {
  readonly home: string;
}

export interface Question {
  readonly id: number;
  readonly name: keyof Questions;
  readonly given: readonly unknown[];
}

/** One that is answered step by step. */
export interface GradualQuestion {
  readonly id: number;
  readonly gradual: keyof GradualQuestions;
  readonly given: readonly unknown[];
}

/** Nobody waits for the answer to this gradual question any more. */
export interface GivenUp {
  readonly givenUp: number;
}

export type Reply =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly failure: CarriedError };

type GradualAnswer<Name extends keyof GradualQuestions> =
  ReturnType<GradualQuestions[Name]> extends Generator<void, infer Answer> ? Answer : never;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** For how long nobody must have asked until the thread and the folders that it holds are let go, milliseconds. */
const restMs = 120_000;

/**
 * Asks the catalog on another thread. The thread begins with a question, and ends when nobody has asked for a while: it
 * holds up to some hundred megabytes of what was looked at, and the program mostly runs with no window open.
 */
export class CatalogReader {
  readonly #home: string;
  readonly #rest = setTimeout(() => void this.rest(), restMs).unref();
  #thread: Thread | undefined;
  #closed = false;

  /** @param home of a catalog that is open: its schema is up to date. */
  constructor(home: string) {
    this.#home = home;
  }

  /** Errors: those of the question; `cancelled` after {@link close}. */
  ask<Name extends keyof Questions>(
    name: Name,
    ...given: Parameters<Questions[Name]>
  ): Promise<ReturnType<Questions[Name]>> {
    if (this.#closed) return Promise.reject(ended());
    return this.#begin().ask(name, given) as Promise<ReturnType<Questions[Name]>>;
  }

  /**
   * Asks what is answered step by step, with answers to others in between.
   *
   * Errors: those of the question; `cancelled` after {@link close}, and when the signal says that nobody waits any more.
   */
  async askGradually<Name extends keyof GradualQuestions>(
    signal: AbortSignal,
    name: Name,
    ...given: Parameters<GradualQuestions[Name]>
  ): Promise<GradualAnswer<Name>> {
    if (this.#closed) throw ended();
    if (signal.aborted) throw noLongerWaited();
    return (await this.#begin().askGradually(signal, name, given)) as GradualAnswer<Name>;
  }

  /** Ends the thread if it has nothing to answer; the next question begins another. */
  async rest(): Promise<void> {
    const thread = this.#thread;
    if (thread?.isAnswering === true) {
      this.#rest.refresh();
      return;
    }
    this.#thread = undefined;
    await thread?.end();
  }

  #begin(): Thread {
    this.#rest.refresh();
    if (this.#thread?.isOver !== false) this.#thread = new Thread(this.#home);
    return this.#thread;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#rest);
    await this.#thread?.end();
  }
}

/** A thread with a connection of its own, and what it was asked. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isOver = false;

  constructor(home: string) {
    this.#worker = new Worker(new URL('./reader.worker.ts', import.meta.url), {
      workerData: { home } satisfies ReaderOrder,
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
    });
    this.#worker.on('message', (reply: Reply) => this.#take(reply));
    this.#worker.on('error', (error) => this.#over(error instanceof Error ? error : new Error(String(error))));
    this.#worker.on('exit', () => this.#over(ended()));
    this.#worker.unref();
  }

  /** Whether it ended or died. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get isAnswering(): boolean {
    return this.#waiting.size > 0;
  }

  ask(name: keyof Questions, given: readonly unknown[]): Promise<unknown> {
    return this.#send((id): Question => ({ id, name, given })).answer;
  }

  async askGradually(
    signal: AbortSignal,
    gradual: keyof GradualQuestions,
    given: readonly unknown[],
  ): Promise<unknown> {
    const { id, answer } = this.#send((number): GradualQuestion => ({ id: number, gradual, given }));
    const giveUp = (): void => {
      this.#worker.postMessage({ givenUp: id } satisfies GivenUp);
      this.#settle(id)?.reject(noLongerWaited());
    };
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      return await answer;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  #send(question: (id: number) => Question | GradualQuestion): {
    readonly id: number;
    readonly answer: Promise<unknown>;
  } {
    this.#asked += 1;
    const id = this.#asked;
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage(question(id));
    });
    return { id, answer };
  }

  /** What it has not answered is rejected. */
  async end(): Promise<void> {
    if (this.#isOver) return;
    this.#worker.ref();
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.postMessage('close');
    await exited;
  }

  #take(reply: Reply): void {
    const waiting = this.#settle(reply.id);
    if ('result' in reply) waiting?.resolve(reply.result);
    else waiting?.reject(arrived(reply.failure));
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    // With nothing to answer, the thread alone keeps no process alive.
    if (this.#waiting.size === 0) this.#worker.unref();
    return waiting;
  }

  #over(error: Error): void {
    this.#isOver = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function ended(): StrongroomError {
  return new StrongroomError('cancelled', 'Strongroom is ending.', { advice: 'Start it again.' });
}

function noLongerWaited(): StrongroomError {
  return new StrongroomError('cancelled', 'Nobody waits for the answer any more.', { advice: 'Ask again.' });
}
