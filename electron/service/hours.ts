import type { BandwidthHours } from '../../shared/contract/shapes.ts';
import type { StoreLimits } from '../engine/catalog/stores.ts';

const minutesOfDay = 1_440;

/** The limits at a local time: those of the first entry that fits, else the store's own. */
export function limitsAt(hours: readonly BandwidthHours[], own: StoreLimits, at: Date): StoreLimits {
  const fitting = hours.find((entry) => fits(entry, at.getDay(), at.getHours() * 60 + at.getMinutes()));
  if (fitting === undefined) return own;
  const { upload, download } = fitting;
  return { ...(upload === null ? {} : { upload }), ...(download === null ? {} : { download }) };
}

/** Milliseconds from a local time to the next at which an entry begins or ends; `undefined` where there is none. */
export function untilNextHours(hours: readonly BandwidthHours[], at: Date): number | undefined {
  const edges = hours.flatMap(({ from, to }) => [from, to % minutesOfDay]);
  if (edges.length === 0) return undefined;
  const now = (at.getHours() * 60 + at.getMinutes()) * 60_000 + at.getSeconds() * 1_000 + at.getMilliseconds();
  return Math.min(...edges.map((edge) => (edge * 60_000 > now ? edge : edge + minutesOfDay) * 60_000 - now));
}

/** An entry whose `to` lies before its `from` belongs to the weekday on which it begins. */
function fits({ weekdays, from, to }: BandwidthHours, weekday: number, minute: number): boolean {
  if (from < to) return weekdays.includes(weekday) && minute >= from && minute < to;
  return (weekdays.includes(weekday) && minute >= from) || (weekdays.includes((weekday + 6) % 7) && minute < to);
}
