import { Text } from '@mantine/core';
import {
  IconAlertCircle,
  IconAlertTriangle,
  IconChevronDown,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconPlayerStop,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { RunShape } from '../../../shared/contract/shapes.ts';
import { query } from '../../app/rpc.ts';
import { ButtonLink } from '../../parts/button-link.tsx';
import { Empty } from '../../parts/empty.tsx';
import { clockText, countText, dayText, Duration, midnight, secondText } from '../../parts/figures.tsx';
import { RowsLoading } from '../../parts/loading.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { foundNothing, outcomeWords, runSentence } from '../../parts/run-words.ts';
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
          <ButtonLink to="/sources" search={{ add: true }}>
            Add a source
          </ButtonLink>
        }
      >
        In a run, Strongroom looks through a protected folder for what is new or changed, and copies it. Each run says
        here what it found.
      </Empty>
    );
  const last = data.runs.at(-1);
  return (
    <>
      {byDay(data.runs).map(({ day, runs }) => (
        <section key={day} className={classes['day']}>
          <h3 className={classes['date']}>{dayText(day)}</h3>
          <ul className={classes['list']}>
            {folded(runs).map((part) =>
              part.length === 1 ? (
                part.map((run) => <RunRow key={run.id} run={run} clock={clockOf(runs)} />)
              ) : (
                <Uneventful key={part[0]?.id} runs={part} clock={clockOf(runs)} />
              ),
            )}
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

/** Runs in which nothing changed are told together where they follow one another: what happened is what is looked for. */
function folded(runs: readonly RunShape[]): readonly (readonly RunShape[])[] {
  const parts: RunShape[][] = [];
  for (const run of runs) {
    const before = parts.at(-1);
    if (before?.[0] !== undefined && foundNothing(before[0]) && foundNothing(run)) before.push(run);
    else parts.push([run]);
  }
  return parts;
}

/** How a day's runs tell their time: with seconds where two of them began in one minute. */
function clockOf(runs: readonly RunShape[]): (at: number) => string {
  const minutes = new Set(runs.map(({ startedAt }) => Math.floor(startedAt / 60_000)));
  return minutes.size === runs.length ? clockText : secondText;
}

interface RunRowProps {
  readonly run: RunShape;
  readonly clock: (at: number) => string;
}

function RunRow({ run, clock }: RunRowProps): ReactNode {
  return (
    <li>
      <Link to="/activity" search={(now) => ({ ...now, run: run.id })} className={classes['run']}>
        <span className={classes['time']}>{clock(run.startedAt)}</span>
        <span className={classes['source']}>
          <Name text={run.source} />
        </span>
        <Outcome run={run} />
        <span className={classes['sentence']}>{runSentence(run)}</span>
        <span className={classes['took']}>
          {run.endedAt !== null && run.endedAt - run.startedAt >= worthTellingMs && (
            <Duration ms={run.endedAt - run.startedAt} />
          )}
        </span>
      </Link>
    </li>
  );
}

/** That a run took no time to speak of is not worth a word in every row. */
const worthTellingMs = 1_000;

function Uneventful({
  runs,
  clock,
}: {
  readonly runs: readonly RunShape[];
  readonly clock: RunRowProps['clock'];
}): ReactNode {
  const [open, setOpen] = useState(false);
  const [newest, oldest] = [runs[0], runs.at(-1)];
  if (newest === undefined || oldest === undefined) return null;
  const names = new Set(runs.map(({ source }) => source));
  return (
    <>
      <li>
        <button type="button" className={classes['folded']} aria-expanded={open} onClick={() => setOpen(!open)}>
          <span className={classes['time']}>{clock(newest.startedAt)}</span>
          <span className={classes['source']}>
            {names.size === 1 ? <Name text={newest.source} /> : `${countText(names.size)} sources`}
          </span>
          <Outcome run={newest} />
          <span className={classes['sentence']}>
            {countText(runs.length)} runs in which nothing changed, the first at {clock(oldest.startedAt)}.
          </span>
          <IconChevronDown size={17} aria-hidden className={classes['chevron']} />
        </button>
      </li>
      {open && runs.map((run) => <RunRow key={run.id} run={run} clock={clock} />)}
    </>
  );
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
