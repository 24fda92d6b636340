import { z } from 'zod';
import { bandwidthHours, type BandwidthHours } from '../../shared/contract/shapes.ts';
import type { Clock } from '../../shared/domain.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';
import type { Engine } from '../engine/engine.ts';
import { limitsAt, untilNextHours } from './hours.ts';
import type { Timers } from './timers.ts';

const hoursSchema = z.array(bandwidthHours);
/** Looked at again at least so often, in milliseconds, for local time is put forward and back. */
const longestMs = 3_600_000;

/** Holds each store to the limits of the hour. */
export class Paces {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #timers: Timers;
  #callOff: () => void = () => undefined;

  constructor(engine: Engine, clock: Clock, timers: Timers) {
    this.#engine = engine;
    this.#clock = clock;
    this.#timers = timers;
  }

  hours(record: StoreRecord): BandwidthHours[] {
    return hoursSchema.parse(this.#engine.catalog.stores.hours(record.id));
  }

  /** Applies what holds now, and comes back when that changes. Called again after every edit and after sleep. */
  apply(): void {
    this.#callOff();
    const now = this.#clock.now();
    const at = new Date(now);
    let next = Infinity;
    for (const record of this.#engine.catalog.stores.all()) {
      const hours = this.hours(record);
      this.#engine.holdToLimits(record, limitsAt(hours, record.limits, at));
      next = Math.min(next, untilNextHours(hours, at) ?? Infinity);
    }
    if (next === Infinity) return;
    this.#callOff = this.#timers.at(now + Math.min(next, longestMs), () => {
      this.apply();
    });
  }

  close(): void {
    this.#callOff();
  }
}
