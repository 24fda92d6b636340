import { setTimeout as wait } from 'node:timers/promises';

export interface PulseOptions {
  /** Milliseconds from the beginning of one round to the next, when nothing happens. */
  readonly everyMs: number;
  /** Milliseconds of quiet after a change before a round begins: people save in bursts. */
  readonly quietMs: number;
  /** Milliseconds to leave between two rounds at least, as a multiple of the last round's length. */
  readonly restFactor: number;
  readonly signal: AbortSignal;
}

/** Says when it is time for the next round: on schedule, and soon after something changed. */
export class Pulse {
  readonly #options: PulseOptions;
  #changed = new AbortController();
  #lastChange = 0;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Something changed. */
  change(): void {
    this.#lastChange = performance.now();
    this.#changed.abort();
  }

  /** Resolves when the next round is due; `false` when it is time to end. @param lastMs length of the last round. */
  async next(lastMs: number): Promise<boolean> {
    const { everyMs, quietMs, restFactor, signal } = this.#options;
    await this.#sleep(Math.min(everyMs, lastMs * restFactor), signal);
    await this.#sleep(
      Math.max(0, everyMs - lastMs * (1 + restFactor)),
      AbortSignal.any([signal, this.#changed.signal]),
    );
    while (!signal.aborted && this.#changed.signal.aborted && performance.now() - this.#lastChange < quietMs) {
      await this.#sleep(quietMs - (performance.now() - this.#lastChange) + 1, signal);
    }
    this.#changed = new AbortController();
    return !signal.aborted;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
  }
}
