import { sizeWriter } from '../../shared/sizes.ts';

/*
 * Sizes, numbers and times. Digits, separators, units and dates are of the person's own locale; words are English, as the
 * rest of the window is, so that no sentence is in two languages.
 */

const size = sizeWriter(undefined);
const exactSizeFormat = new Intl.NumberFormat(undefined, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
const numberFormat = new Intl.NumberFormat(undefined);
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
/** The one form of dates, with the year only where it is not this one; and of the time of day. */
const shortDay = { day: 'numeric', month: 'short' } as const;
const shortDayFormat = new Intl.DateTimeFormat(undefined, shortDay);
const dayFormat = new Intl.DateTimeFormat(undefined, { ...shortDay, year: 'numeric' });
const clockFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const secondFormat = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

export const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
/** So many milliseconds from 1970, either way, all calendars here end (ECMA-262, “Time Values and Time Range”). */
const calendarEnd = 8.64e15;
/** How often relative times are told anew. */
export const clockStep = 10 * second;

/** @param bytes 0 or more. @returns three digits and a decimal unit: `1.23 GB`. */
export function bytesText(bytes: number): string {
  return size(bytes);
}

/** @param bytes 0 or more. @returns all digits: `1,234,567 bytes`. */
export function exactBytesText(bytes: number): string {
  return exactSizeFormat.format(bytes);
}

/** @param perSecond bytes a second. @returns `1.23 MB/s`. */
export function rateText(perSecond: number): string {
  return `${bytesText(perSecond)}/s`;
}

/** A whole number with its separators. */
export function countText(count: number): string {
  return numberFormat.format(count);
}

/** A number with its noun: `1 file`, `2,000 files`. @param many the plural, where it is not formed with an s. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** A length of time, two units at most: `2 h 5 min`. @param ms milliseconds, 0 or more. */
export function durationText(ms: number): string {
  const seconds = Math.round(ms / second);
  if (seconds < 1) return 'less than a second';
  if (seconds < 60) return `${countText(seconds)} s`;
  const minutes = Math.round(ms / minute);
  if (minutes < 10) {
    const rest = seconds % 60;
    const whole = Math.floor(seconds / 60);
    return rest === 0 ? `${countText(whole)} min` : `${countText(whole)} min ${countText(rest)} s`;
  }
  if (minutes < 60) return `${countText(minutes)} min`;
  if (minutes < 48 * 60) {
    const rest = minutes % 60;
    const whole = Math.floor(minutes / 60);
    return rest === 0 ? `${countText(whole)} h` : `${countText(whole)} h ${countText(rest)} min`;
  }
  return counted(Math.round(ms / day), 'day');
}

/** `5 minutes ago`, `in 2 hours`, `yesterday`; beyond a week the date. Both in milliseconds since 1970. */
export function relativeText(at: number, now: number): string {
  const away = at - now;
  const size = Math.abs(away);
  // What was a moment ago lies ahead of a clock that ticks in steps.
  if (size < minute) return away > clockStep ? 'in a moment' : 'just now';
  if (size < hour) return relativeFormat.format(Math.trunc(away / minute), 'minute');
  if (size < day) return relativeFormat.format(Math.trunc(away / hour), 'hour');
  if (size < 7 * day) return relativeFormat.format(daysBetween(now, at), 'day');
  return dayText(at, now);
}

/**
 * An instant that can be written as a date. Some file systems keep times that no calendar has; what shows them is to go on
 * showing everything else.
 */
export function onCalendar(at: number): number {
  return Math.min(calendarEnd, Math.max(-calendarEnd, at));
}

/** Calendar days of this computer's time zone from one instant to another. */
function daysBetween(from: number, to: number): number {
  return Math.round((midnight(to) - midnight(from)) / day);
}

/** The beginning of the day of an instant, in this computer's time zone. */
export function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** Weekday, date, time and zone. */
export function exactText(at: number): string {
  return exactFormat.format(onCalendar(at));
}

/** `12 Mar, 14:05`; of another year `12 Mar 2025, 14:05`. */
export function minuteText(at: number, now = Date.now()): string {
  return `${dayText(at, now)}, ${clockText(at)}`;
}

/** `14:05`. */
export function clockText(at: number): string {
  return clockFormat.format(onCalendar(at));
}

/** `14:05:09`, for what happened within one minute. */
export function secondText(at: number): string {
  return secondFormat.format(onCalendar(at));
}

/** `12 Mar`; of another year `12 Mar 2025`. */
export function dayText(at: number, now = Date.now()): string {
  return (isSameYear(at, now) ? shortDayFormat : dayFormat).format(onCalendar(at));
}

/** `12 Mar 2026`, for paper, which is read in another year. */
export function wholeDayText(at: number): string {
  return dayFormat.format(onCalendar(at));
}

/** By this computer's time zone. */
function isSameYear(one: number, other: number): boolean {
  return new Date(one).getFullYear() === new Date(other).getFullYear();
}
