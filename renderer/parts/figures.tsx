import { useSyncExternalStore, type ReactNode } from 'react';
import {
  bytesText,
  clockStep,
  countText,
  counted,
  dayText,
  durationText,
  exactBytesText,
  exactText,
  minuteText,
  onCalendar,
  relativeText,
  second,
} from './figures-text.ts';

export {
  bytesText,
  clockText,
  countText,
  counted,
  dayText,
  durationText,
  midnight,
  minuteText,
  rateText,
  secondText,
  wholeDayText,
} from './figures-text.ts';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The one clock that everything in the window ticks by; it stands while nobody looks. */
function tick(): void {
  if (!document.hidden) for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    timer = setInterval(tick, second);
    document.addEventListener('visibilitychange', tick);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
    document.removeEventListener('visibilitychange', tick);
  };
}

/** The time now, in milliseconds since 1970. For what follows the time by itself there is {@link useNow}. */
export function readClock(): number {
  return Date.now();
}

/** The time now, anew every `step` milliseconds (whole seconds). @returns milliseconds since 1970, rounded down to `step`. */
export function useNow(step = clockStep): number {
  return useSyncExternalStore(subscribe, () => Math.floor(readClock() / step) * step);
}

/** A size, with all its digits on hover. */
export function Bytes({ value }: { readonly value: number }): ReactNode {
  return value < 1_000 ? (
    bytesText(value)
  ) : (
    <span className="nobreak" data-tip={exactBytesText(value)}>
      {bytesText(value)}
    </span>
  );
}

/** A number of things: `<Count value={3} of="file" />`. */
export function Count({
  value,
  of,
  many,
}: {
  readonly value: number;
  readonly of?: string;
  readonly many?: string;
}): ReactNode {
  return of === undefined ? countText(value) : counted(value, of, many);
}

/**
 * An instant, relative and ticking, with the exact time on hover.
 * @param form `relative` (the default), `minute` for date and time, `day` for the date alone; `next` as `relative`, for
 * what is still to come however late it is.
 */
export function When({
  at,
  form = 'relative',
}: {
  readonly at: number;
  readonly form?: 'relative' | 'next' | 'minute' | 'day';
}): ReactNode {
  return (
    <time dateTime={new Date(onCalendar(at)).toISOString()} data-tip={exactText(at)} className="nobreak">
      {form === 'minute' ? minuteText(at) : form === 'day' ? dayText(at) : <Relative at={at} ahead={form === 'next'} />}
    </time>
  );
}

function Relative({ at, ahead }: { readonly at: number; readonly ahead: boolean }): ReactNode {
  const now = useNow();
  return relativeText(ahead ? Math.max(at, now + clockStep + 1) : at, now);
}

/** A length of time in milliseconds. */
export function Duration({ ms }: { readonly ms: number }): ReactNode {
  return <span className="nobreak">{durationText(ms)}</span>;
}

/** How long something has been going on, ticking. @param since milliseconds since 1970. */
export function Elapsed({ since }: { readonly since: number }): ReactNode {
  return <Duration ms={Math.max(0, useNow(second) - since)} />;
}
