import { StrongroomError } from '../../../shared/errors.ts';
import type { Instant } from '../../../shared/domain.ts';

const units: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000, hour: 3_600_000 };

/**
 * A time as a person writes it: ISO 8601 (without an offset, in this computer's own time zone; a date alone means its
 * end), `now`, `today`, `yesterday`, `2 hours ago`, `3 months ago`, `1 year ago`. Error: `usage`.
 */
export function parseTime(text: string, now: Instant): Instant {
  const wanted = text.trim().toLowerCase();
  if (wanted === 'now') return now;
  if (wanted === 'today') return endOfDay(new Date(now));
  if (wanted === 'yesterday') {
    const day = new Date(now);
    day.setDate(day.getDate() - 1);
    return endOfDay(day);
  }
  const ago = /^(\d+|an?)\s+(second|minute|hour|day|week|month|year)s?\s+ago$/.exec(wanted);
  if (ago?.[1] !== undefined && ago[2] !== undefined) {
    const time = before(now, /^an?$/.test(ago[1]) ? 1 : Number(ago[1]), ago[2]);
    if (!Number.isNaN(new Date(time).getTime())) return time;
  }
  const date = /^(\d{4}-\d{2}-\d{2})(?:[t ](\d{2}:\d{2}.*))?$/.exec(wanted);
  if (date?.[1] !== undefined && isOfCalendar(date[1])) {
    if (date[2] === undefined) return endOfDay(new Date(`${date[1]}T00:00:00`));
    const time = new Date(`${date[1]}T${date[2].toUpperCase()}`).getTime();
    if (!Number.isNaN(time)) return time;
  }
  throw new StrongroomError('usage', `"${text}" is no time that can be understood.`, {
    advice: 'Write it as 2026-03-31, 2026-03-31T15:00, yesterday, or "2 hours ago".',
  });
}

/** Hours and less are time that passed; days and more follow the calendar, at the same time of day. */
function before(now: Instant, count: number, unit: string): Instant {
  const milliseconds = units[unit];
  if (milliseconds !== undefined) return now - count * milliseconds;
  const date = new Date(now);
  if (unit === 'day' || unit === 'week') {
    date.setDate(date.getDate() - count * (unit === 'week' ? 7 : 1));
    return date.getTime();
  }
  const day = date.getDate();
  date.setMonth(date.getMonth() - count * (unit === 'year' ? 12 : 1));
  // What would be 31 February is its last day, not a day of March.
  if (date.getDate() !== day) date.setDate(0);
  return date.getTime();
}

/** Whether there is such a day: 30 February would be taken for 2 March. */
function isOfCalendar(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

/** A day stands for its end: "as it was on Tuesday" is after Tuesday's last change. */
function endOfDay(day: Date): Instant {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 23, 59, 59, 999).getTime();
}
