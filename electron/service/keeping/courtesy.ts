import { availableParallelism } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';

/** For how long after the last sign of a person the runs hold back, milliseconds: longer than one looks before the next press. */
const attendedMs = 3_000;
/** The part of all processors' time that is left to this process meanwhile. */
const share = 0.25;
/** Unused time counts for so much at most, milliseconds, so that no burst follows a lull. */
const mostSaved = 4;
/** A piece of work begins after so long at the latest, milliseconds: who sits at the window all day delays a run, and does not stop it. */
const longestHoldMs = 50;

/** What a courtesy goes by, all in milliseconds. */
export interface CourtesyMeans {
  readonly processors: number;
  readonly now: () => number;
  /** Processor time of this process so far, all threads together. */
  readonly used: () => number;
  readonly wait: (ms: number) => Promise<unknown>;
}

const system: CourtesyMeans = {
  processors: availableParallelism(),
  now: () => performance.now(),
  used: () => {
    const { user, system: ofSystem } = process.cpuUsage();
    return (user + ofSystem) / 1_000;
  },
  wait: (ms) => wait(ms),
};

/**
 * Runs go as fast as the computer can, and give way to a person at the window: while somebody does something there, each
 * new piece of work waits until this process has used no more than its share of the processors. On a computer with many
 * of them, that is as good as never.
 */
export class Courtesy {
  readonly #means: CourtesyMeans;
  #until = -Infinity;
  #saved = 0;
  #seenAt = 0;
  #seenUsed = 0;

  constructor(means: CourtesyMeans = system) {
    this.#means = means;
  }

  /** Somebody has just done something in the window. */
  attend(): void {
    const now = this.#means.now();
    if (now >= this.#until) {
      this.#saved = 0;
      this.#seenAt = now;
      this.#seenUsed = this.#means.used();
    }
    this.#until = now + attendedMs;
  }

  /** Resolves when the next piece of work may begin. */
  readonly gate = async (): Promise<void> => {
    const { now, processors, used, wait: hold } = this.#means;
    const at = now();
    if (at >= this.#until) return;
    const usedNow = used();
    const earned = (at - this.#seenAt) * share * processors;
    this.#saved = Math.min(mostSaved, this.#saved + earned - (usedNow - this.#seenUsed));
    this.#seenAt = at;
    this.#seenUsed = usedNow;
    if (this.#saved < 0) await hold(Math.min(longestHoldMs, -this.#saved / (share * processors)));
  };
}
