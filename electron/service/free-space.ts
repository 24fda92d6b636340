import { statfs } from 'node:fs/promises';
import type { Clock, Instant } from '../../shared/domain.ts';

const everyMs = 60_000;

/** Bytes that are free to this user below a folder. Rejects where the folder cannot be seen, or its file system does not tell. */
async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize, blocks } = await statfs(folder);
  // Some network file systems tell no size at all.
  if (blocks === 0) throw new Error(`the file system of ${folder} tells no size`);
  return bavail * bsize;
}

/** How much is free on the disks of folder stores, as it was last seen: a share that hangs must not hold up an answer. */
export class FreeSpace {
  readonly #clock: Clock;
  readonly #learnt: () => void;
  readonly #known = new Map<string, number>();
  readonly #askedAt = new Map<string, Instant>();
  readonly #asking = new Set<string>();

  /** @param learnt called when the figure of a folder is there for the first time, or clearly another. */
  constructor(clock: Clock, learnt: () => void) {
    this.#clock = clock;
    this.#learnt = learnt;
  }

  /** Bytes; `undefined` while nobody knows. Asks for the next time, once a minute at most. */
  of(folder: string): number | undefined {
    const askedAt = this.#askedAt.get(folder);
    const isDue = askedAt === undefined || Math.abs(this.#clock.now() - askedAt) >= everyMs;
    if (isDue && !this.#asking.has(folder)) void this.#ask(folder);
    return this.#known.get(folder);
  }

  async #ask(folder: string): Promise<void> {
    this.#asking.add(folder);
    this.#askedAt.set(folder, this.#clock.now());
    const before = this.#known.get(folder);
    const bytes = await freeBytesAt(folder).catch(() => undefined);
    this.#asking.delete(folder);
    if (bytes === undefined) this.#known.delete(folder);
    else this.#known.set(folder, bytes);
    const isNews =
      before === undefined || bytes === undefined ? before !== bytes : Math.abs(bytes - before) > before / 100;
    if (isNews) this.#learnt();
  }
}
