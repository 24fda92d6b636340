/** A length of time, in any mix of units. */
export interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** The one idea of "now" that the emulator has: expiry, pruning, quotas and time stamps all follow it. */
export class EmulatorClock {
  #base: number;
  #realBase: number;
  #running: boolean;
  readonly #listeners: (() => void)[] = [];

  /** @param start where it begins (milliseconds since 1970); @param running whether it moves on by itself. */
  constructor(start: number, running: boolean) {
    this.#base = start;
    this.#realBase = performance.now();
    this.#running = running;
  }

  /** Milliseconds since 1970, in whole milliseconds. */
  now(): number {
    return Math.floor(this.#base + (this.#running ? performance.now() - this.#realBase : 0));
  }

  /** Moves it on. What falls due on the way (token expiry, pruning, the emptying of the trash) has then happened. */
  advance(by: Duration): void {
    const hours = (by.days ?? 0) * 24 + (by.hours ?? 0);
    const seconds = (hours * 60 + (by.minutes ?? 0)) * 60 + (by.seconds ?? 0);
    this.set(this.now() + seconds * 1000 + (by.milliseconds ?? 0));
  }

  /** Sets it to an instant, forwards or backwards. */
  set(instant: number | Date): void {
    this.#base = typeof instant === 'number' ? instant : instant.getTime();
    this.#realBase = performance.now();
    for (const listener of this.#listeners) listener();
  }

  /** Stops it: it then moves only by {@link advance} and {@link set}. */
  freeze(): void {
    this.set(this.now());
    this.#running = false;
  }

  /** Calls back after each {@link advance} or {@link set}. */
  onMoved(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

/** RFC 3339 with milliseconds and `Z`, as Drive writes times. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The form of HTTP's `Date` header. */
export function timestampHeader(milliseconds: number): string {
  return new Date(milliseconds).toUTCString();
}
