import type { Clock, Instant } from '../../../shared/domain.ts';

/** How often the clock is looked at, in milliseconds. */
export const lookMs = 10_000;
/** A process that is held up for longer than this, besides {@link lookMs}, was not merely busy. */
export const sleptMs = 20_000;

/**
 * Notices that the computer slept (a laptop was closed): Node has no event for it, but timers stand still while the clock
 * goes on. A clock that somebody set forward looks the same, and then there is as much to catch up with.
 */
export class Waking {
  readonly #clock: Clock;
  readonly #onWake: () => void;
  readonly #timer: NodeJS.Timeout;
  #lookedAt: Instant;

  /** Looks from now on, and keeps no process alive. */
  constructor(clock: Clock, onWake: () => void) {
    this.#clock = clock;
    this.#onWake = onWake;
    this.#lookedAt = clock.now();
    this.#timer = setInterval(() => this.look(), lookMs).unref();
  }

  look(): void {
    const now = this.#clock.now();
    const slept = now - this.#lookedAt > lookMs + sleptMs;
    this.#lookedAt = now;
    if (slept) this.#onWake();
  }

  end(): void {
    clearInterval(this.#timer);
  }
}
