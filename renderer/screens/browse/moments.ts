import type { DayOfChanges } from '../../../shared/contract/shapes.ts';
import { counted } from '../../parts/figures.tsx';
import { dayMs } from './histogram.ts';

const momentFormat = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'short' });

/** A point in time for a heading: `3 March 2026, 14:00`. */
export function momentText(at: number): string {
  return momentFormat.format(at);
}

/** What happened on a day: `12 added, 3 changed`. */
export function dayWords({ added, changed, deleted }: Pick<DayOfChanges, 'added' | 'changed' | 'deleted'>): string {
  const parts = [
    added > 0 ? `${counted(added, 'file')} added` : '',
    changed > 0 ? `${counted(changed, 'file')} changed` : '',
    deleted > 0 ? `${counted(deleted, 'file')} deleted` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? 'nothing changed' : parts.join(', ');
}

/** The day of changes that a moment falls on. */
export function dayAt(days: readonly DayOfChanges[], at: number): DayOfChanges | undefined {
  return days.find(({ day }) => day <= at && at < day + dayMs);
}
