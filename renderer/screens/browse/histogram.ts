import type { DayOfChanges } from '../../../shared/contract/shapes.ts';

export const dayMs = 86_400_000;

/** Milliseconds since 1970, `from` before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The time that the slider reaches over: from the first day with a change to the end of today, a week at least. */
export function spanOf(days: readonly DayOfChanges[], now: number): Span {
  const first = days[0]?.day ?? now;
  return { from: Math.min(first, now - 7 * dayMs), to: now };
}

/** One bar, in the units of the drawing; heights are of the whole, 0 to 1, to be stacked in this order. */
export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

const narrowestBar = 3;
/** So many changes reach the top at least: a day with one is no mountain. */
const fewestAtTop = 10;

/**
 * Bars for a drawing of this width. Days that would be narrower than a bar can be share one. Heights grow with the
 * logarithm, since the day on which a share was taken in has a thousand times what an ordinary day has.
 */
export function barsOf(days: readonly DayOfChanges[], span: Span, width: number): Bar[] {
  const perDay = (dayMs / (span.to - span.from)) * width;
  const daysABar = Math.max(1, Math.ceil(narrowestBar / perDay));
  const barMs = daysABar * dayMs;
  const bins = new Map<number, { added: number; changed: number; deleted: number }>();
  for (const day of days) {
    const bin = Math.floor((day.day - span.from) / barMs);
    const sums = bins.get(bin) ?? { added: 0, changed: 0, deleted: 0 };
    sums.added += day.added;
    sums.changed += day.changed;
    sums.deleted += day.deleted;
    bins.set(bin, sums);
  }
  const sumOf = (bin: { added: number; changed: number; deleted: number }) => bin.added + bin.changed + bin.deleted;
  const tallest = Math.max(fewestAtTop, ...[...bins.values()].map(sumOf));
  const barWidth = Math.max(narrowestBar, perDay * daysABar);
  return [...bins].flatMap(([bin, sums]) => {
    const sum = sumOf(sums);
    if (sum === 0) return [];
    const height = Math.log1p(sum) / Math.log1p(tallest);
    const x = Math.min(positionOf(span.from + bin * barMs, span, width), width - barWidth);
    return [
      {
        x: Math.max(0, x),
        width: barWidth,
        added: (height * sums.added) / sum,
        changed: (height * sums.changed) / sum,
        deleted: (height * sums.deleted) / sum,
      },
    ];
  });
}

/** Where an instant is drawn, 0 to `width`. */
export function positionOf(at: number, span: Span, width: number): number {
  return clamp(((at - span.from) / (span.to - span.from)) * width, 0, width);
}

/** The instant under a place of the drawing. */
export function instantAt(x: number, span: Span, width: number): number {
  return Math.round(span.from + (clamp(x, 0, width) / width) * (span.to - span.from));
}

/** The last millisecond of the calendar day that an instant falls on, in the time zone of this computer. */
export function endOfDay(at: number): number {
  const day = new Date(at);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 23, 59, 59, 999).getTime();
}

/**
 * The moment that a press at `x` means: the end of the day of a bar that is within `reach` of it, else of the day under it.
 * `null` is now: the end of today has not come yet.
 */
export function momentAt(
  x: number,
  days: readonly DayOfChanges[],
  span: Span,
  width: number,
  reach: number,
): number | null {
  let nearest: number | undefined;
  let distance = reach;
  for (const { day } of days) {
    const away = Math.abs(positionOf(day + dayMs / 2, span, width) - x);
    if (away > distance) continue;
    nearest = day;
    distance = away;
  }
  return notLater(endOfDay(nearest === undefined ? instantAt(x, span, width) : nearest + dayMs / 2), span.to);
}

/** The end of the last day before this moment's day on which something changed; `undefined` where there is none. */
export function momentBefore(at: number | null, days: readonly DayOfChanges[], now: number): number | undefined {
  const limit = at ?? now;
  let before: number | undefined;
  for (const { day } of days) {
    const end = endOfDay(day + dayMs / 2);
    // The day that is looked at ends with this moment, or after it where a time of the day was typed.
    if (end < limit) before = end;
  }
  return before;
}

/** The end of the next day after this moment on which something changed; `null` is now. */
export function momentAfter(at: number, days: readonly DayOfChanges[], now: number): number | null {
  for (const { day } of days) {
    const end = endOfDay(day + dayMs / 2);
    if (end > at) return notLater(end, now);
  }
  return null;
}

function notLater(at: number, now: number): number | null {
  return at >= now ? null : at;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** A moment as people type it, the same in every country (ISO 8601): `2026-03-03 14:00`, in the time zone of this computer. */
export function toField(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/**
 * The moment of a typed date and time: the end of that minute, or of that day where no time was typed. `undefined` for what
 * is none, and for days and times that no calendar has.
 */
export function fromField(text: string): number | undefined {
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 23, minute = 59] = match
    .slice(1)
    .map((part: string | undefined) => (part === undefined ? undefined : Number(part)));
  const date = new Date(year, month - 1, day, hour, minute);
  // What runs over is another day: 31 April would be 1 May.
  const isReal = date.getMonth() === month - 1 && date.getDate() === day && hour < 24 && minute < 60;
  return isReal ? date.getTime() + 59_999 : undefined;
}
