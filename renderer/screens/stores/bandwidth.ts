import type { BandwidthHours } from '../../../shared/contract/shapes.ts';

/** Weekdays as `BandwidthHours` numbers them, in the order in which people read a week. */
export const week = [1, 2, 3, 4, 5, 6, 0] as const;
const shortNames = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const longNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

const dayMinutes = 1_440;
const megabyte = 1_000_000;

export function dayName(weekday: number): string {
  return longNames[weekday] ?? '';
}

export function shortDayName(weekday: number): string {
  return shortNames[weekday] ?? '';
}

/** `Mon–Fri`, `Sat and Sun`, `Mon, Wed and Fri`, `Every day`. */
export function daysInWords(weekdays: readonly number[]): string {
  const chosen = week.filter((day) => weekdays.includes(day));
  if (chosen.length === week.length) return 'Every day';
  const parts: string[] = [];
  for (let at = 0; at < chosen.length;) {
    const begun = week.findIndex((day) => day === chosen[at]);
    let length = 1;
    while (at + length < chosen.length && week[begun + length] === chosen[at + length]) length += 1;
    const names = chosen.slice(at, at + length).map(shortDayName);
    if (length > 2) parts.push(`${names[0] ?? ''}–${names.at(-1) ?? ''}`);
    else parts.push(...names);
    at += length;
  }
  const last = parts.pop() ?? 'No day';
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`;
}

/** `8:00`; 1,440 is `24:00`. @param minutes since midnight */
export function timeInWords(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;
}

/** Minutes since midnight of `8`, `8:00`, `08.30` or `24:00`; `undefined` for anything else. */
export function parseTime(text: string): number | undefined {
  const [, hours, minutes = '0'] = /^(\d{1,2})(?:[:.](\d{2}))?$/.exec(text.trim()) ?? [];
  if (hours === undefined) return undefined;
  const time = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && time <= dayMinutes ? time : undefined;
}

/** Bytes a second as megabytes a second, `''` for no limit: for a field that a person fills in. */
export function megabytes(rate: number | null): number | '' {
  return rate === null ? '' : rate / megabyte;
}

/** The reverse: `null` (as fast as it goes) for an empty field, `undefined` for what is no limit. */
export function rateOf(field: number | string): number | null | undefined {
  if (field === '') return null;
  const rate = Math.round(Number(field) * megabyte);
  return Number.isFinite(rate) && rate > 0 ? rate : undefined;
}

/** `2 MB/s up, no limit down`; `no limit` for both. */
export function limitsInWords(upload: number | null, download: number | null): string {
  if (upload === null && download === null) return 'no limit';
  const parts = [];
  if (upload !== null) parts.push(`${rateInWords(upload)} up`);
  if (download !== null) parts.push(`${rateInWords(download)} down`);
  return parts.join(', ');
}

/** `Mon–Fri 8:00–18:00: 2 MB/s up`. */
export function hoursInWords(hours: BandwidthHours): string {
  const limits = limitsInWords(hours.upload, hours.download);
  return `${daysInWords(hours.weekdays)} ${spanInWords(hours)}: ${limits}`;
}

function spanInWords({ from, to }: BandwidthHours): string {
  if (from === 0 && to === dayMinutes) return 'all day';
  const end = timeInWords(to);
  return to < from ? `${timeInWords(from)}–${end} the next day` : `${timeInWords(from)}–${end}`;
}

function rateInWords(rate: number): string {
  const format = new Intl.NumberFormat('en-GB', { maximumSignificantDigits: 3 });
  if (rate < 1_000) return `${format.format(rate)} B/s`;
  if (rate < megabyte) return `${format.format(rate / 1_000)} kB/s`;
  return `${format.format(rate / megabyte)} MB/s`;
}

/** Why an entry cannot be kept, or `undefined` where it can. */
export function faultOf(hours: BandwidthHours): string | undefined {
  if (hours.weekdays.length === 0) return 'Choose at least one day.';
  if (hours.from === hours.to) return 'It ends when it begins. For the whole day, write 0:00 to 24:00.';
  return undefined;
}

/**
 * Which entries never hold, because earlier ones take all of their time: the first entry that fits holds.
 * @returns their indexes
 */
export function neverReached(entries: readonly BandwidthHours[]): number[] {
  const taken = new Set<number>();
  const lost: number[] = [];
  entries.forEach((entry, index) => {
    const minutes = minutesOf(entry);
    if (minutes.every((minute) => taken.has(minute))) lost.push(index);
    for (const minute of minutes) taken.add(minute);
  });
  return lost;
}

/** The minutes of a week that an entry fits, counted from Sunday's midnight. */
function minutesOf({ weekdays, from, to }: BandwidthHours): number[] {
  const length = to > from ? to - from : to + dayMinutes - from;
  return weekdays.flatMap((day) =>
    Array.from({ length }, (_, minute) => (day * dayMinutes + from + minute) % (7 * dayMinutes)),
  );
}
