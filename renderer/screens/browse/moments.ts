import { clockText, counted, dayText } from '../../parts/figures.tsx';
import { sliceStart, type Axis, type Sums } from './histogram.ts';

const momentFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });

const exactFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' });
const minuteMs = 60_000;

/** A point in time for a sentence: `3 March 2026 at 14:00`; with its seconds, unless it is the end of its minute. */
export function momentText(at: number): string {
  return (at % minuteMs >= minuteMs - 1_000 ? momentFormat : exactFormat).format(at);
}

/** What happened: `12 files added, 3 files changed`. */
export function changeWords({ added, changed, deleted, moved }: Sums): string {
  const parts = [
    added > 0 ? `${counted(added, 'file')} added` : '',
    changed > 0 ? `${counted(changed, 'file')} changed` : '',
    moved > 0 ? `${counted(moved, 'file')} renamed or moved` : '',
    deleted > 0 ? `${counted(deleted, 'file')} deleted` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

/** A slice of the axis: `12 Mar`, or `12 Mar, 14:00 to 15:00`. */
export function sliceText(axis: Axis, slice: number): string {
  const from = sliceStart(axis, slice);
  if (axis.unit === 'day') return dayText(from);
  return `${dayText(from)}, ${clockText(from)} to ${clockText(sliceStart(axis, slice + 1))}`;
}

/** The same where there is little room: `12 Mar`, or `14:00`; the day where one begins. */
export function sliceLabel(axis: Axis, slice: number): string {
  const from = sliceStart(axis, slice);
  const isMidnight = new Date(from).getHours() === 0 && new Date(from).getMinutes() === 0;
  return axis.unit === 'day' || isMidnight ? dayText(from) : clockText(from);
}
