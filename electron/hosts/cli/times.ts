import { StrongroomError } from '../../../shared/errors.ts';
import type { Instant } from '../../../shared/domain.ts';

const units: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
};

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
  if (ago?.[1] !== undefined && ago[2] !== undefined)
    return before(now, /^an?$/.test(ago[1]) ? 1 : Number(ago[1]), ago[2]);
  if (/^\d{4}-\d{2}-\d{2}$/.test(wanted)) {
    const day = new Date(`${wanted}T00:00:00`);
    if (!Number.isNaN(day.getTime())) return endOfDay(day);
  }
  if (/^\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}/.test(wanted)) {
    const time = new Date(text.trim().replace(' ', 'T')).getTime();
    if (!Number.isNaN(time)) return time;
  }
  throw new StrongroomError('usage', `"${text}" is no time that can be understood.`, {
    advice: 'Write it as 2026-03-31, 2026-03-31T15:00, yesterday, or "2 hours ago".',
  });
}

function before(now: Instant, count: number, unit: string): Instant {
  const milliseconds = units[unit];
  if (milliseconds !== undefined) return now - count * milliseconds;
  const date = new Date(now);
  if (unit === 'month') date.setMonth(date.getMonth() - count);
  else date.setFullYear(date.getFullYear() - count);
  return date.getTime();
}

/** A day stands for its end: "as it was on Tuesday" is after Tuesday's last change. */
function endOfDay(day: Date): Instant {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 23, 59, 59, 999).getTime();
}
