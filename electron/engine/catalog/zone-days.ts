import type { Instant } from '../../../shared/domain.ts';

const quarterMs = 900_000;
const quartersADay = 96;
/** A zone that changes its clock twice within this is not looked at so closely; none has in living memory. */
const stepQuarters = 3 * quartersADay;
/** However far apart the clock of a computer once put two changes, so many looks are enough. */
const mostLooks = 50_000;
/** So far ahead changes of the clock are looked up beforehand: what is recorded next week asks nothing anew. */
const aheadQuarters = 366 * quartersADay;

/** From a quarter of an hour on (since 1970), clocks are so many quarters ahead of UTC. */
interface Period {
  readonly from: number;
  readonly offset: number;
}

/**
 * The days of the calendar in a time zone, each with the offset that held then: a day on which clocks change has 23 or 25
 * hours, and one that was left out is none. Changes of the clock are looked up once, since asking `Intl` for each change
 * of a file takes too long. All is in quarters of an hour, of which the offset of every zone of today is a multiple
 * (https://www.iana.org/time-zones); one with a change of the clock in it counts as after it.
 */
export class ZoneDays {
  readonly #timeZone: string;
  readonly #first: number;
  readonly #last: number;
  readonly #periods: readonly Period[];

  private constructor(timeZone: string, first: number, last: number) {
    this.#timeZone = timeZone;
    this.#first = first;
    this.#last = last;
    this.#periods = periodsOf(timeZone, first, last);
  }

  /**
   * @param timeZone an IANA name; of any other, a `RangeError`.
   * @param first the first quarter since 1970 that is asked about, `last` the last.
   * @param known what was looked up before: given back where it is enough.
   */
  static of(timeZone: string, first: number, last: number, known?: ZoneDays): ZoneDays {
    if (known === undefined || known.#timeZone !== timeZone) return new ZoneDays(timeZone, first, last + aheadQuarters);
    if (known.#first <= first && known.#last >= last) return known;
    return new ZoneDays(timeZone, Math.min(known.#first, first), Math.max(known.#last, last + aheadQuarters));
  }

  /** SQL for the number of the day that a quarter falls on: 0 is 1 January 1970, whatever its beginning was here. */
  sql(quarter: string): string {
    return `((${quarter} + ${this.#offsetSql(quarter, 0, this.#periods.length - 1)}) / ${quartersADay})`;
  }

  /** When a day of {@link sql} began: not always at midnight, which some changes of the clock leave out. */
  beginning(day: number): Instant {
    for (const [index, { from, offset }] of this.#periods.entries()) {
      const begin = Math.max(from, day * quartersADay - offset);
      const isWithin = begin < (this.#periods[index + 1]?.from ?? Infinity);
      if (isWithin && Math.floor((begin + offset) / quartersADay) === day) return begin * quarterMs;
    }
    throw new RangeError(`${this.#timeZone} has no day ${day}.`);
  }

  /** Halves the periods, so that decades of changes are a handful of comparisons a row. */
  #offsetSql(quarter: string, low: number, high: number): string {
    if (low === high) return String(this.#periods[low]?.offset ?? 0);
    const middle = Math.ceil((low + high) / 2);
    const [before, after] = [this.#offsetSql(quarter, low, middle - 1), this.#offsetSql(quarter, middle, high)];
    return `CASE WHEN ${quarter} < ${this.#periods[middle]?.from ?? 0} THEN ${before} ELSE ${after} END`;
  }
}

function periodsOf(timeZone: string, first: number, last: number): Period[] {
  const offsetAt = offsetsOf(timeZone);
  let offset = offsetAt(first);
  const periods: Period[] = [{ from: -Infinity, offset }];
  const step = Math.max(stepQuarters, Math.ceil((last - first) / mostLooks));
  for (let quarter = first; quarter < last; quarter += step) {
    const next = offsetAt(quarter + step);
    if (next === offset) continue;
    let [low, high] = [quarter, quarter + step];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    offset = next;
    periods.push({ from: high, offset });
  }
  return periods;
}

/** How far ahead of UTC clocks are at the end of a quarter, in quarters. */
function offsetsOf(timeZone: string): (quarter: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return (quarter) => {
    const at = (quarter + 1) * quarterMs - 60_000;
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
    return Math.round((Date.UTC(year, month - 1, day, hour, minute) - at) / quarterMs);
  };
}
