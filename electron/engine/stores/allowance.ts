/**
 * How many days beyond the first it takes at least to read so many bytes from a store that gives out so many a day.
 *
 * @param dailyBytes bytes in any 24 hours; `Infinity` for no bound.
 */
export function egressDays(bytes: number, dailyBytes: number): number {
  return Math.max(0, Math.ceil(bytes / dailyBytes) - 1);
}

/** What a person should know before so many bytes are read from a store; `undefined` where a day is enough. */
export function allowanceNote(store: string, bytes: number, dailyBytes: number | undefined): string | undefined {
  const days = egressDays(bytes, dailyBytes ?? Infinity);
  if (days === 0 || dailyBytes === undefined) return undefined;
  return (
    `Up to ${inWords(bytes)} are to be read from the store "${store}", which gives out ${inWords(dailyBytes)} a day: ` +
    `this takes at least ${days} ${days === 1 ? 'day' : 'days'}. It pauses and goes on by itself.`
  );
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

function inWords(bytes: number): string {
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const value = bytes / 1000 ** unit;
  return `${value.toLocaleString('en', { maximumFractionDigits: 1 })} ${units[unit] ?? ''}`;
}
