import type { Clock, Instant } from '../../../shared/domain.ts';
import type { Catalog } from '../../engine/catalog/catalog.ts';
import { forever } from '../../engine/catalog/sources.ts';
import type { Timers } from '../timers.ts';

const setting = 'paused-until';

/** The pause of everything and those of single sources, which outlast a new start. A pause that is over is none. */
export class Pauses {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #over: () => void;
  #until: Instant | null = null;
  #callOff: () => void = () => undefined;

  constructor(options: {
    readonly catalog: Catalog;
    readonly clock: Clock;
    readonly timers: Timers;
    /** The time of the pause of everything has come to its end: {@link resumeAll} ends it. */
    readonly over: () => void;
  }) {
    this.#catalog = options.catalog;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#over = options.over;
  }

  /** Takes up what a process before this one kept. */
  start(): void {
    const kept = this.#catalog.settings.get(setting);
    if (typeof kept === 'number') this.#hold(kept);
  }

  /** Of everything; `null` unless everything is paused. */
  get until(): Instant | null {
    return this.#until;
  }

  /** Of a single source, whether or not everything is paused. */
  untilOf(sourceId: number): Instant | null {
    const { pausedUntil } = this.#catalog.sources.schedule(sourceId);
    return pausedUntil !== null && pausedUntil <= this.#clock.now() ? null : pausedUntil;
  }

  /** Whether a source is held back, by a pause of its own or by that of everything. */
  holds(sourceId: number): boolean {
    return this.#until !== null || this.untilOf(sourceId) !== null;
  }

  pauseAll(until: Instant): void {
    this.#catalog.settings.set(setting, until);
    this.#hold(until);
  }

  resumeAll(): void {
    this.#catalog.settings.set(setting, null);
    this.#callOff();
    this.#until = null;
  }

  pause(sourceId: number, until: Instant): void {
    this.#catalog.sources.setPausedUntil(sourceId, until);
  }

  resume(sourceId: number): void {
    this.#catalog.sources.setPausedUntil(sourceId, null);
  }

  /** Looks at the time anew, after the computer slept. */
  wake(): void {
    if (this.#until !== null) this.#hold(this.#until);
  }

  close(): void {
    this.#callOff();
  }

  #hold(until: Instant): void {
    this.#callOff();
    this.#until = until;
    if (until <= this.#clock.now()) this.#over();
    else if (until !== forever) this.#callOff = this.#timers.at(until, this.#over);
  }
}
