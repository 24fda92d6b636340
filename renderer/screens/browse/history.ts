import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { DayOfChanges } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { readClock } from '../../parts/figures.tsx';
import { endOfDay, isShort } from './histogram.ts';

/** Moments that are here on either side of the day that is looked at. */
const momentsAround = 100;

interface History {
  /** The days in which something changed, or, of a history of few days, the quarters of an hour. */
  readonly days: readonly DayOfChanges[];
  readonly moments: readonly number[];
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly retry: () => void;
}

const none: readonly never[] = [];
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();

/** When something changed in a folder or below it. @param at the moment that is looked at; `null`: now. */
export function useHistory(source: string, path: string, at: number | null): History {
  const now = readClock();
  const input = { source, path, timeZone };
  const days = useQuery({
    ...query.browse.changes.queryOptions({ input }),
    placeholderData: keepPreviousData,
  });
  const short = isShort(days.data ?? none, now);
  const quarters = useQuery({
    ...query.browse.changes.queryOptions({ input: { ...input, by: 'quarter' } }),
    enabled: short,
    placeholderData: keepPreviousData,
  });
  // Anew for each day only, so that going from moment to moment is not a question each.
  const moments = useQuery({
    ...query.browse.moments.queryOptions({
      input: { source, path, around: endOfDay(at ?? now), each: momentsAround },
    }),
    placeholderData: keepPreviousData,
  });
  const all = [days, moments, ...(short ? [quarters] : [])];
  return {
    days: (short ? quarters.data : days.data) ?? none,
    moments: moments.data ?? none,
    error: all.find(({ error }) => error !== null)?.error ?? null,
    isFetching: all.some(({ isFetching }) => isFetching),
    retry: () => {
      for (const one of all) void one.refetch();
    },
  };
}
