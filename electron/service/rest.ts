import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { Timers } from './timers.ts';

/** How long nothing must have happened, milliseconds. The thread that answers the window's questions has ended by then. */
const restMs = 150_000;

export interface RestOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether something is under way now. */
  readonly isBusy: () => boolean;
  /** Lets go of what is kept only to be quick. Called once after each time of work. */
  readonly letGo: () => void;
}

/** Knows when work is over for now. The program mostly waits, for weeks, on computers that others work at. */
export class Rest {
  readonly #options: RestOptions;
  #stirredAt: Instant = 0;
  #callOff: (() => void) | undefined;
  #closed = false;

  constructor(options: RestOptions) {
    this.#options = options;
    this.stir();
  }

  /** Something happens. */
  stir(): void {
    this.#stirredAt = this.#options.clock.now();
    if (!this.#closed) this.#callOff ??= this.#wait();
  }

  close(): void {
    this.#closed = true;
    this.#callOff?.();
  }

  #wait(): () => void {
    return this.#options.timers.at(this.#stirredAt + restMs, () => {
      const { clock, isBusy, letGo } = this.#options;
      this.#callOff = undefined;
      if (isBusy()) this.stir();
      else if (clock.now() < this.#stirredAt + restMs) this.#callOff = this.#wait();
      else letGo();
    });
  }
}

/**
 * Gives the system back what this thread's heap holds and does not use. V8 collects garbage when something is allocated,
 * so a program that waits would hold for weeks what its last work took; and of what it collects it keeps a pool of pages
 * until memory is short, which only this kind of collection empties. Takes some 30 ms.
 */
export function giveBackHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
