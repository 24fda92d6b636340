import type { Instant } from '../../shared/domain.ts';

/** `1 file`, `2,345 files`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Decimal, as file managers and stores count: `1.5 GB`. */
export function bytes(number: number): string {
  let unit = 0;
  let value = number;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const shown = unit === 0 || value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return `${shown.toLocaleString('en')} ${units[unit] ?? ''}`;
}

export function quoted(name: string): string {
  return `“${name}”`;
}

/** The time of day where it is today, otherwise the day as well; in this computer's time zone. */
export function when(instant: Instant, now: Instant): string {
  const [date, today] = [new Date(instant), new Date(now)];
  const time = date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  if (date.toDateString() === today.toDateString()) return time;
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })}, ${time}`;
}
