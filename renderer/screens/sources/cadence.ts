import type { Cadence } from '../../../shared/contract/shapes.ts';

export const shortestMinutes = 5;
export const longestMinutes = 10_080;

/** The promise of the library's backup policy: files are mirrored every half hour. */
export const usualCadence: Cadence = { everyMinutes: 30, watch: true };

export const cadenceUnits = ['minutes', 'hours', 'days'] as const;
export type CadenceUnit = (typeof cadenceUnits)[number];

const unitMinutes: Record<CadenceUnit, number> = { minutes: 1, hours: 60, days: 1_440 };

/** `every half hour, and soon after a change`. */
export function cadenceInWords(cadence: Cadence): string {
  const interval = intervalInWords(cadence.everyMinutes);
  return cadence.watch ? `${interval}, and soon after a change` : interval;
}

/** `every half hour`, `once a day`, `every 45 minutes`. @param minutes from 5 to 10,080 (a week) */
export function intervalInWords(minutes: number): string {
  if (minutes === 30) return 'every half hour';
  if (minutes === 60) return 'every hour';
  if (minutes === 1_440) return 'once a day';
  if (minutes === longestMinutes) return 'once a week';
  const { amount, unit } = inUnits(minutes);
  return amount === 1 ? `every ${unit.slice(0, -1)}` : `every ${amount} ${unit}`;
}

/** Minutes in the largest unit that leaves a whole number. */
export function inUnits(minutes: number): { readonly amount: number; readonly unit: CadenceUnit } {
  const unit = minutes % unitMinutes.days === 0 ? 'days' : minutes % unitMinutes.hours === 0 ? 'hours' : 'minutes';
  return { amount: minutes / unitMinutes[unit], unit };
}

/** What a person filled in, in minutes; or why it cannot be. */
export function minutesOf(amount: number, unit: CadenceUnit): { readonly minutes: number } | { readonly why: string } {
  const minutes = amount * unitMinutes[unit];
  if (!Number.isInteger(minutes) || minutes <= 0) return { why: 'Write a whole number.' };
  if (minutes < shortestMinutes)
    return { why: 'Five minutes is the shortest: a run over a large folder takes time itself.' };
  if (minutes > longestMinutes)
    return { why: 'A week is the longest: a change should not wait longer for its copies.' };
  return { minutes };
}
