import process from 'node:process';
import type { RunProgress } from '../../engine/copy/run.ts';
import { count, formatBytes, formatDuration } from './terminal.ts';

/** How much time is left, from the pace of the last half minute: bytes and files each have one, and the slower decides. */
export class Remaining {
  readonly #samples: { at: number; files: number; bytes: number }[] = [];

  /** @param at milliseconds of any steady clock. */
  add(at: number, files: number, bytes: number): void {
    this.#samples.push({ at, files, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > 30_000) this.#samples.shift();
  }

  /** Bytes a second over the samples. */
  get rate(): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    return first === undefined || last === undefined || last.at === first.at
      ? 0
      : ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }

  /** Milliseconds; `undefined` until there is a pace to go by. */
  left(files: number, bytes: number): number | undefined {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at - first.at < 2_000) return undefined;
    const time = last.at - first.at;
    const byFiles = last.files > first.files ? (files * time) / (last.files - first.files) : undefined;
    const byBytes = last.bytes > first.bytes ? (bytes * time) / (last.bytes - first.bytes) : undefined;
    if (byFiles === undefined && byBytes === undefined) return undefined;
    // Small files are bound by their number and large ones by their bytes: whichever share of the work is slower.
    return files > 0 && bytes > 0
      ? Math.max(byBytes ?? 0, files > 32 ? (byFiles ?? 0) : 0)
      : Math.max(byFiles ?? 0, byBytes ?? 0);
  }
}

/** One line that is drawn over on a terminal; in a pipe, a plain line now and then. */
export class StatusLine {
  readonly #terminal = process.stderr.isTTY;
  #shownAt = 0;

  show(text: string): void {
    const now = performance.now();
    if (this.#terminal) {
      process.stderr.write(`\r\u001b[2K${text.slice(0, Math.max(20, (process.stderr.columns || 80) - 1))}`);
    } else if (now - this.#shownAt >= 10_000) {
      if (this.#shownAt > 0) process.stderr.write(`${text}\n`);
      this.#shownAt = now;
    }
  }

  clear(): void {
    if (this.#terminal) process.stderr.write('\r\u001b[2K');
  }
}

/** Shows a run as it goes. */
export class RunDisplay {
  readonly #line = new StatusLine();
  readonly #remaining = new Map<string, Remaining>();
  paused = false;

  readonly show = (progress: RunProgress): void => {
    const scan = progress.phase === 'scanning' ? `looked at ${count(progress.scan.seen, 'file')}` : '';
    const stores = progress.stores.map((store) => {
      const remaining = this.#remaining.get(store.name) ?? new Remaining();
      this.#remaining.set(store.name, remaining);
      remaining.add(performance.now(), store.copied + store.deleted, store.bytesSent);
      const done = `${store.name}: ${store.copied + store.deleted} done, ${store.pendingCopies} to do`;
      if (this.paused) return done;
      const left = progress.phase === 'scanning' ? undefined : remaining.left(store.pendingCopies, store.pendingBytes);
      const tail = left === undefined ? '' : `, ${formatDuration(left)} left`;
      return `${done}, ${formatBytes(remaining.rate)}/s${tail}`;
    });
    this.#line.show(
      [this.paused ? 'PAUSED (p goes on)' : '', scan, ...stores].filter((part) => part !== '').join(' | '),
    );
  };

  clear(): void {
    this.#line.clear();
  }
}
