import { StrongroomError } from '../../../shared/errors.ts';

export const segmentBytes = 8 * 1024 * 1024;

/**
 * Memory for what is received of large files, in segments that are used again and again: kept as the thousands of pieces
 * that a stream comes in, the bytes would cost more time in garbage collection than everything else together. The segments
 * are shared with the thread that hashes, and among all files of a restore, which take turns when there are many.
 */
export class Segments {
  readonly #most: number;
  readonly #free: Uint8Array[] = [];
  readonly #waiting: ((segment: Uint8Array) => void)[] = [];
  #given = 0;

  /** @param most how many there are at most; 6 are 48 MiB. */
  constructor(most = 6) {
    this.#most = most;
  }

  /** A segment with anything in it, or `undefined` if there is none now. */
  takeNow(): Uint8Array | undefined {
    if (this.#given >= this.#most) return undefined;
    this.#given += 1;
    return this.#free.pop() ?? newSegment();
  }

  /** As {@link takeNow}, but waits for one, behind all who waited before. Error: `cancelled`. */
  async take(signal: AbortSignal): Promise<Uint8Array> {
    const segment = this.takeNow();
    if (segment !== undefined) return segment;
    return new Promise((resolve, reject) => {
      const give = (given: Uint8Array): void => {
        signal.removeEventListener('abort', stop);
        resolve(given);
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(give), 1);
        reject(new StrongroomError('cancelled', 'It was cancelled while it waited for memory.'));
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(give);
    });
  }

  /**
   * Gives one back.
   *
   * @param segment `undefined` for one whose bytes somebody keeps.
   */
  give(segment: Uint8Array | undefined): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(segment ?? newSegment());
      return;
    }
    this.#given -= 1;
    if (segment !== undefined) this.#free.push(segment);
  }
}

function newSegment(): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(segmentBytes));
}
