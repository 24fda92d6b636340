import { Worker } from 'node:worker_threads';
import { StrongroomError, type ErrorCode } from '../../../shared/errors.ts';
import type { Questions } from './questions.ts';

export interface ReaderOrder {
  readonly home: string;
}

export interface Question {
  readonly id: number;
  readonly name: keyof Questions;
  readonly given: readonly unknown[];
}

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | {
      readonly id: number;
      readonly failure: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly subject: string | undefined;
        readonly advice: string | undefined;
      };
    };

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** Asks the catalog on another thread. The thread begins with the first question, and again after it died. */
export class CatalogReader {
  readonly #home: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #asked = 0;
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
    const worker = (this.#worker ??= this.#start());
    this.#asked += 1;
    const id = this.#asked;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, name, given } satisfies Question);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    worker.ref();
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close');
    await exited;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./reader.worker.ts', import.meta.url), {
      workerData: { home: this.#home } satisfies ReaderOrder,
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 },
    });
    worker.on('message', (reply: Reply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      // With nothing to answer, the thread alone keeps no process alive.
      if (this.#waiting.size === 0) worker.unref();
      if ('result' in reply) waiting?.resolve(reply.result as never);
      else waiting?.reject(new StrongroomError(reply.failure.code, reply.failure.message, details(reply.failure)));
    });
    worker.on('error', (error) => this.#ended(worker, error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => this.#ended(worker, ended()));
    worker.unref();
    return worker;
  }

  #ended(worker: Worker, error: Error): void {
    if (this.#worker === worker) this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

function details(failure: Extract<Reply, { failure: unknown }>['failure']): { subject?: string; advice?: string } {
  const { subject, advice } = failure;
  return { ...(subject === undefined ? {} : { subject }), ...(advice === undefined ? {} : { advice }) };
}

function ended(): StrongroomError {
  return new StrongroomError('cancelled', 'Strongroom is ending.', { advice: 'Start it again.' });
}
