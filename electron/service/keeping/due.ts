import type { Instant } from '../../../shared/domain.ts';

/** People save in bursts: a run waits for so much quiet after a change, but not longer than `mostQuietMs` in all. */
const quietMs = 3_000;
const mostQuietMs = 60_000;
/** After a run, a change waits at least this many times as long as the run took. */
const restFactor = 2;
/** Soonest after a store could not be reached. */
const retryMs = 5 * 60_000;

/** When the next run of a source is due by itself, from what happened to it since this process began. */
export class Due {
  /** A run was ended or kept from beginning, or the source is another: one is due as soon as it may begin. */
  behind = false;
  /** A store could not be worked with for a reason that may pass. */
  retry = false;
  #lastStart: Instant | undefined;
  #lastEnd: Instant | undefined;
  #lastMs = 0;
  #changedFirst: Instant | undefined;
  #changedLast: Instant | undefined;

  /** A run has begun: it sees whatever changed until now. */
  began(at: Instant): void {
    this.#lastStart = at;
    this.behind = false;
    this.retry = false;
    this.calm();
  }

  /** @param ms how long the run took. */
  ended(at: Instant, ms: number): void {
    this.#lastEnd = at;
    this.#lastMs = ms;
  }

  /** Something in the source has changed. @returns whether it is the first change since the last run began. */
  changed(at: Instant): boolean {
    this.#changedLast = at;
    if (this.#changedFirst !== undefined) return false;
    this.#changedFirst = at;
    return true;
  }

  /** What changed until now is taken in the next round. */
  calm(): void {
    this.#changedFirst = undefined;
    this.#changedLast = undefined;
  }

  /** The next run; at or before `now` where one is due already. @param everyMinutes from round to round. */
  at(now: Instant, everyMinutes: number): Instant {
    if (this.#lastStart === undefined || this.behind) return now;
    const times = [this.#lastStart + everyMinutes * 60_000];
    const lastEnd = this.#lastEnd ?? this.#lastStart;
    if (this.retry) times.push(lastEnd + retryMs);
    if (this.#changedFirst !== undefined && this.#changedLast !== undefined) {
      const settled = Math.min(this.#changedLast + quietMs, this.#changedFirst + mostQuietMs);
      times.push(Math.max(settled, lastEnd + this.#lastMs * restFactor));
    }
    return Math.min(...times);
  }
}
