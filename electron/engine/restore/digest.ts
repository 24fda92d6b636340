import { Worker } from 'node:worker_threads';
import type { Sha256 } from '../../../shared/domain.ts';

/** Bytes of a file that follow those before, or, without bytes, its end: the answer is the digest then. */
export interface DigestOrder {
  readonly file: number;
  readonly bytes: Uint8Array | undefined;
}

export interface DigestAnswer {
  readonly hex: Sha256 | undefined;
}

/** SHA-256 of one file, made on the thread of {@link DigestThread}. */
export interface Digest {
  /**
   * Takes the next bytes. They are not copied where they lie in shared memory, and are to be left as they are until this
   * is done. Rejects where the thread died: what it had is lost.
   */
  update(bytes: Uint8Array): Promise<void>;
  /** Of all bytes so far. The last call. Rejects as {@link update} does. */
  end(): Promise<Sha256>;
}

interface Waiting {
  readonly resolve: (answer: DigestAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Hashing needs next to no heap; without limits the thread would let its own grow before it tidies up. */
const smallHeap = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 };

/**
 * Hashes on a thread of its own, so that the one that receives goes on receiving: SHA-256 of a gigabyte takes longer
 * than taking it off a fast line. The thread is started when it is first needed, and anew after it died.
 */
export class DigestThread {
  #thread: { readonly worker: Worker; readonly waiting: Waiting[] } | undefined;
  #files = 0;

  begin(): Digest {
    const thread = (this.#thread ??= this.#start());
    const file = (this.#files += 1);
    const ask = (bytes: Uint8Array | undefined): Promise<DigestAnswer> =>
      new Promise((resolve, reject) => {
        if (this.#thread !== thread) {
          reject(new Error('the hashing thread is gone'));
          return;
        }
        thread.waiting.push({ resolve, reject });
        thread.worker.postMessage({ file, bytes } satisfies DigestOrder);
      });
    return {
      update: async (bytes) => {
        await ask(bytes);
      },
      end: async () => (await ask(undefined)).hex ?? '',
    };
  }

  /** Ends the thread; files under way are lost. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.worker.terminate();
  }

  #start(): { readonly worker: Worker; readonly waiting: Waiting[] } {
    const worker = new Worker(new URL('./digest.worker.ts', import.meta.url), { resourceLimits: smallHeap });
    const thread = { worker, waiting: [] as Waiting[] };
    worker.on('message', (answer: DigestAnswer) => thread.waiting.shift()?.resolve(answer));
    // Out of memory, most likely. Its end follows, with everything that is to be done then.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#thread === thread) this.#thread = undefined;
      for (const { reject } of thread.waiting.splice(0)) reject(new Error('the hashing thread ended'));
    });
    return thread;
  }
}
