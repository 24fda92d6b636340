import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Sha256 } from '../../../shared/domain.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import type { SeenStat } from '../catalog/files.ts';

export interface HashSettings {
  readonly root: string;
  readonly platform: string;
}

export interface HashOrder {
  readonly id: number;
  readonly path: string;
  /** Files up to this size come back with their bytes, so that they need not be read again to be sent. */
  readonly keepBytes: number;
}

export type HashAnswer =
  | {
      readonly id: number;
      readonly sha256: Sha256;
      readonly bytes: Uint8Array | undefined;
      readonly mtimeNs: bigint;
      readonly stat: SeenStat;
    }
  | { readonly id: number; readonly failed: ErrorCode; readonly errno: string };

interface Waiting {
  readonly order: HashOrder;
  readonly resolve: (answer: HashAnswer) => void;
  readonly reject: (error: Error) => void;
}

const ordersABatch = 24;
/** Hashing needs next to no heap; without limits each thread would let its own grow before it tidies up. */
const smallHeap = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

/** Reads and hashes files of one source on worker threads. */
export class Hasher {
  readonly #settings: HashSettings;
  readonly #workers: { readonly worker: Worker; batch: Waiting[] }[] = [];
  readonly #waiting: Waiting[] = [];
  #nextId = 1;
  readonly #threads: number;

  constructor(root: string, platform: string, threads = Math.max(1, Math.min(4, availableParallelism()))) {
    this.#settings = { root, platform };
    this.#threads = threads;
  }

  /** Reads one file. Never rejects for what is wrong with the file: the answer says so. */
  hash(path: string, keepBytes: number): Promise<HashAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order: { id: this.#nextId++, path, keepBytes }, resolve, reject });
      // Orders made in one turn of the event loop travel together.
      if (this.#waiting.length === 1) setImmediate(() => this.#deal());
      else if (this.#waiting.length % ordersABatch === 0) this.#deal();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ worker }) => worker.terminate()));
  }

  #deal(): void {
    while (this.#waiting.length > 0) {
      const idle = this.#workers.find(({ batch }) => batch.length === 0) ?? this.#start();
      if (idle === undefined) return;
      const fair = Math.ceil(this.#waiting.length / this.#threads);
      idle.batch = this.#waiting.splice(0, Math.min(ordersABatch, fair));
      idle.worker.postMessage(idle.batch.map(({ order }) => order));
    }
  }

  #start(): { worker: Worker; batch: Waiting[] } | undefined {
    if (this.#workers.length >= this.#threads) return undefined;
    const started: { worker: Worker; batch: Waiting[] } = {
      worker: new Worker(new URL('./hash.worker.ts', import.meta.url), {
        workerData: this.#settings,
        resourceLimits: smallHeap,
      }),
      batch: [],
    };
    started.worker.on('message', (answers: readonly HashAnswer[]) => {
      const batch = started.batch;
      started.batch = [];
      this.#deal();
      batch.forEach((waiting, index) => {
        const answer = answers[index];
        if (answer === undefined) waiting.reject(new Error('a hashing thread left out an answer'));
        else waiting.resolve(answer);
      });
    });
    started.worker.on('error', (error) => {
      for (const waiting of started.batch) waiting.reject(error instanceof Error ? error : new Error(String(error)));
      started.batch = [];
    });
    this.#workers.push(started);
    return started;
  }
}
