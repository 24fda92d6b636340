import { Text } from '@mantine/core';
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconPlayerStop,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Empty } from '../../parts/empty.tsx';
import { clockText, dayText, Duration, midnight } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { outcomeWords, runSentence } from '../../parts/run-words.ts';
import { Paging, usePages } from './paging.tsx';
import classes from './past-runs.module.css';

const pageSize = 50;

/** The runs that were, newest first, a page at a time. */
export function PastRuns({ source }: { readonly source: string | undefined }): ReactNode {
  const { before, older, newer } = usePages();
  const { data, error, refetch } = useQuery(
    query.runs.list.queryOptions({
      input: { ...(source !== undefined && { source }), ...(before !== undefined && { before }), limit: pageSize },
      placeholderData: keepPreviousData,
    }),
  );
  if (error !== null)
    return <ProblemNote problem={problemOf(error)} action={{ label: 'Try again', run: () => void refetch() }} />;
  if (data === undefined) return <RowsLoading rows={8} height={56} label="The runs are on their way…" />;
  if (data.runs.length === 0 && before === undefined)
    return (
      <Empty
        drawing="activity"
        title="No run yet"
        action={
          <ButtonLink to="/sources" search={{ add: true }} variant="default">
            Add a source
          </ButtonLink>
        }
      >
        Each time that Strongroom looks through a folder and copies what is new, it says here what it found.
      </Empty>
    );
  const last = data.runs.at(-1);
  return (
    <>
      {byDay(data.runs).map(({ day, runs }) => (
        <section key={day} className={classes['day']}>
          <h3 className={classes['date']}>{dayText(day)}</h3>
          <ul className={classes['list']}>
            {runs.map((run) => (
              <li key={run.id}>
                <Link to="/activity" search={(now) => ({ ...now, run: run.id })} className={classes['run']}>
                  <span className={classes['time']}>{clockText(run.startedAt)}</span>
                  <span className={classes['source']}>
                    <Name text={run.source} />
                  </span>
                  <Outcome run={run} />
                  <span className={classes['sentence']}>{runSentence(run)}</span>
                  <span className={classes['took']}>
                    {run.endedAt !== null && <Duration ms={run.endedAt - run.startedAt} />}
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {data.runs.length === 0 && <Text>There is nothing older.</Text>}
      <Paging what="runs" newer={newer} older={data.more && last !== undefined ? () => older(last.id) : undefined} />
    </>
  );
}

function byDay(runs: readonly RunShape[]): readonly { readonly day: number; readonly runs: readonly RunShape[] }[] {
  const days = Map.groupBy(runs, ({ startedAt }) => midnight(startedAt));
  return [...days].map(([day, ofDay]) => ({ day, runs: ofDay }));
}

const looks = {
  done: { icon: IconCircleCheck, tone: 'ok' },
  incomplete: { icon: IconAlertCircle, tone: 'warn' },
  'needs-approval': { icon: IconAlertTriangle, tone: 'warn' },
  failed: { icon: IconCircleX, tone: 'bad' },
  cancelled: { icon: IconPlayerStop, tone: 'quiet' },
} as const satisfies Record<NonNullable<RunShape['outcome']>, unknown>;

/** How a run ended, by shape, colour and words. */
export function Outcome({ run }: { readonly run: Pick<RunShape, 'outcome' | 'endedAt'> }): ReactNode {
  const { icon: Icon, tone } =
    run.outcome === null ? ({ icon: IconCircleDashed, tone: 'quiet' } as const) : looks[run.outcome];
  return (
    <span className={classes['outcome']}>
      <Icon size={18} aria-hidden className={classes['mark']} data-tone={tone} />
      {outcomeWords(run)}
    </span>
  );
}
