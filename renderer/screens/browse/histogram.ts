import type { DayOfChanges } from '../../../shared/contract/shapes.ts';

export const dayMs = 86_400_000;
const hourMs = 3_600_000;
const quarterMs = 900_000;
/** Up to so much of history, hours are drawn; up to so much, quarters of an hour. */
const mostByHour = 3 * dayMs;
const mostByQuarter = 8 * hourMs;

/** What one slice of the axis is. Days are those of the calendar, in the time zone of this computer. */
export type Unit = 'day' | 'hour' | 'quarter';

/** The time that the slider reaches over: `count` slices, the last of which holds now. */
export interface Axis {
  readonly unit: Unit;
  /** The beginning of the first slice. */
  readonly from: number;
  readonly count: number;
  readonly now: number;
}

/**
 * From the first slice in which something happened to the one of now. Few days are drawn by the hour, and few hours by the
 * quarter, so that what happened today can be told apart.
 */
export function axisOf(days: readonly DayOfChanges[], now: number): Axis {
  const first = Math.min(days[0]?.day ?? now, now);
  const unit = unitFor(now - first);
  const from = beginningOf(first, unit);
  return { unit, from, count: slicesUntil(from, now, unit) + 1, now };
}

/** Whether quarters of an hour are worth asking for: a history of few days is drawn by them. */
export function isShort(days: readonly DayOfChanges[], now: number): boolean {
  const [first] = days;
  return first !== undefined && now - first.day < mostByHour + dayMs;
}

function unitFor(length: number): Unit {
  if (length <= mostByQuarter) return 'quarter';
  return length <= mostByHour ? 'hour' : 'day';
}

/** The beginning of the slice of an instant. */
function beginningOf(at: number, unit: Unit): number {
  const date = new Date(at);
  if (unit === 'day') return date.setHours(0, 0, 0, 0);
  if (unit === 'hour') return date.setMinutes(0, 0, 0);
  return Math.floor(at / quarterMs) * quarterMs;
}

/** How many slices have ended between the beginning of one and an instant. */
function slicesUntil(from: number, at: number, unit: Unit): number {
  // By the hour, what counts is the time that went by: a clock that was put forward or back tells some hours twice or never.
  if (unit !== 'day') return Math.floor((at - from) / (unit === 'hour' ? hourMs : quarterMs));
  // A calendar day may have 23 or 25 hours.
  return Math.round((beginningOf(at, unit) - from) / dayMs);
}

/** The beginning of a slice of the axis, by its number from 0. */
export function sliceStart(axis: Axis, slice: number): number {
  if (axis.unit === 'hour') return axis.from + slice * hourMs;
  if (axis.unit === 'quarter') return axis.from + slice * quarterMs;
  const first = new Date(axis.from);
  const dayAfter = (days: number) => new Date(first.getFullYear(), first.getMonth(), first.getDate() + days).getTime();
  // Where a zone went over the date line, its calendar has left a day out, and what follows is a slice earlier.
  const lost = slice - slicesUntil(axis.from, dayAfter(slice), 'day');
  return dayAfter(slice + lost);
}

/** The number of the slice that an instant falls into; of the first or last one, where it lies outside. */
export function sliceOf(axis: Axis, at: number): number {
  return clamp(slicesUntil(axis.from, at, axis.unit), 0, axis.count - 1);
}

/** The last moment of a slice; `null` where that has not come yet: now. */
export function sliceEnd(axis: Axis, slice: number): number | null {
  const end = sliceStart(axis, slice + 1) - 1;
  return end >= axis.now ? null : end;
}

export interface Sums {
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
  readonly moved: number;
}

const nothing: Sums = { added: 0, changed: 0, deleted: 0, moved: 0 };

/** What happened in each slice in which something did. */
export function sumsOf(days: readonly DayOfChanges[], axis: Axis): ReadonlyMap<number, Sums> {
  const sums = new Map<number, Sums>();
  for (const { day, added, changed, deleted, moved = 0 } of days) {
    const slice = sliceOf(axis, day);
    const before = sums.get(slice) ?? nothing;
    if (added + changed + deleted === 0) continue;
    sums.set(slice, {
      added: before.added + added - moved,
      changed: before.changed + changed,
      deleted: before.deleted + deleted - moved,
      moved: before.moved + moved,
    });
  }
  return sums;
}

/** One bar, in the units of the drawing; heights are of the whole, 0 to 1, to be stacked in this order. */
export interface Bar {
  /** The middle of the slices that it stands for. */
  readonly middle: number;
  readonly width: number;
  readonly added: number;
  readonly changed: number;
  readonly moved: number;
  readonly deleted: number;
  /** The last slice of those in which something happened. */
  readonly slice: number;
}

const narrowestBar = 3;
const widestBar = 28;
/** So many changes reach the top at least: a day with one is no mountain. */
const fewestAtTop = 10;

/** Slices that share a bar, where each alone would be narrower than a bar can be. */
function slicesABar(axis: Axis, width: number): number {
  return Math.max(1, Math.ceil((narrowestBar * axis.count) / Math.max(1, width)));
}

/**
 * Bars for a drawing of this width, each in the middle of its slice. Heights grow with the logarithm, since the day on which a share was
 * taken in has a thousand times what an ordinary day has.
 */
export function barsOf(sums: ReadonlyMap<number, Sums>, axis: Axis, width: number): Bar[] {
  const together = slicesABar(axis, width);
  const bins = new Map<number, Sums & { readonly slice: number }>();
  for (const [slice, more] of sums) {
    const bin = Math.floor(slice / together);
    const { added, changed, deleted, moved, slice: last } = bins.get(bin) ?? { ...nothing, slice };
    bins.set(bin, {
      added: added + more.added,
      changed: changed + more.changed,
      deleted: deleted + more.deleted,
      moved: moved + more.moved,
      slice: Math.max(last, slice),
    });
  }
  const sumOf = ({ added, changed, deleted, moved }: Sums) => added + changed + deleted + moved;
  let tallest = fewestAtTop;
  for (const bin of bins.values()) tallest = Math.max(tallest, sumOf(bin));
  const room = (width / axis.count) * together;
  return [...bins].map(([bin, { slice, ...parts }]) => {
    const sum = sumOf(parts);
    const height = Math.log1p(sum) / Math.log1p(tallest) / sum;
    return {
      middle: Math.min((bin + 0.5) * room, width - Math.min(room, narrowestBar) / 2),
      width: Math.max(Math.min(2, room), Math.min(room - 1, widestBar)),
      added: height * parts.added,
      changed: height * parts.changed,
      moved: height * parts.moved,
      deleted: height * parts.deleted,
      slice,
    };
  });
}

/** Where an instant is drawn, 0 to `width`; now is at the end, so that nothing that happened is hidden behind it. */
export function positionOf(at: number | null, axis: Axis, width: number): number {
  if (at === null || at >= axis.now) return width;
  if (at < axis.from) return 0;
  const slice = sliceOf(axis, at);
  const begin = sliceStart(axis, slice);
  const part = (at - begin) / (sliceStart(axis, slice + 1) - begin);
  return clamp(((slice + part) / axis.count) * width, 0, width);
}

/** The slice that a place of the drawing means: the one of a bar that is within `reach` of it, else the one under it. */
export function sliceAt(x: number, bars: readonly Bar[], axis: Axis, width: number, reach: number): number {
  let nearest: number | undefined;
  let distance = Infinity;
  for (const bar of bars) {
    const away = Math.abs(bar.middle - x);
    if (away > bar.width / 2 + reach || away >= distance) continue;
    nearest = bar.slice;
    distance = away;
  }
  return nearest ?? clamp(Math.floor((x / Math.max(1, width)) * axis.count), 0, axis.count - 1);
}

/**
 * The slices that are named below the drawing: the last ones whose names have their place under the middle, and others as
 * far apart as names need. @param room pixels of a name.
 */
export function namedSlices(axis: Axis, width: number, room: number): number[] {
  const each = width / axis.count;
  const step = steps(axis.unit).find((slices) => slices * each >= room) ?? Math.ceil(room / Math.max(each, 0.001));
  const fits = (slice: number) => (slice + 0.5) * each >= room / 2 && (slice + 0.5) * each <= width - room / 2;
  const named: number[] = [];
  for (let slice = axis.count - 1; slice >= 0; slice -= named.length === 0 ? 1 : step)
    if (fits(slice)) named.push(slice);
  return named.reverse();
}

function steps(unit: Unit): readonly number[] {
  return unit === 'day' ? [1, 2, 7, 14, 28] : unit === 'hour' ? [1, 2, 3, 6, 12, 24] : [1, 2, 4, 8, 16];
}

/** The end of the last moment before this one; `undefined` where there is none. @param moments oldest first. */
export function momentBefore(at: number | null, moments: readonly number[], now: number): number | undefined {
  const limit = at ?? now;
  const before = moments.filter((moment) => moment < limit);
  // What is there now is what the last moment left: the one before it is another state.
  const last = moments.findLast((moment) => moment < now);
  return before.findLast((moment) => at !== null || moment !== last);
}

/** The next moment after this one; `null` is now, and what the last one left. */
export function momentAfter(at: number, moments: readonly number[], now: number): number | null {
  const past = moments.filter((moment) => moment < now);
  const next = past.find((moment) => moment > at);
  return next === undefined || next === past.at(-1) ? null : next;
}

/** The last millisecond of the calendar day that an instant falls on, in the time zone of this computer. */
export function endOfDay(at: number): number {
  return new Date(at).setHours(23, 59, 59, 999);
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
