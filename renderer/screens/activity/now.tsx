import { Button, Progress, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RunProgressShape, SourceShape } from '../../../shared/contract/shapes.ts';
import { useEngineState, useRuns } from '../../app/live.tsx';
import { query } from '../../app/rpc.ts';
import { PauseButton } from '../../app/state-line.tsx';
import { cancelRun } from '../../parts/acts.ts';
import { CalmVoice } from '../../parts/calm.tsx';
import { Bytes, bytesText, Count, counted, countText, Elapsed, rateText, When } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { Section } from '../../parts/page.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { leftOf, phaseWords } from '../../parts/run-words.ts';
import { aboutText } from '../../parts/time-left.ts';
import classes from './now.module.css';

/** The runs under way, those that wait for their turn, or what comes next. */
export function Now(): ReactNode {
  const runs = useRuns();
  const { data: sources } = useQuery(query.sources.list.queryOptions());
  const waiting = (sources ?? []).filter(({ name, running }) => running && !runs.some((run) => run.source === name));
  return (
    <Section title="Now" actions={<PauseButton />}>
      <div className={classes['runs']}>
        {runs.map((run) => (
          <RunNow key={run.source} run={run} />
        ))}
        {waiting.map(({ name }) => (
          <div key={name} className={classes['run']}>
            <div className={classes['head']}>
              <Title order={3} size="h5" className={classes['title']}>
                <Name text={name} />
              </Title>
              <CancelButton source={name} />
            </div>
            <Text>Waiting for its turn.</Text>
          </div>
        ))}
        {runs.length === 0 && waiting.length === 0 && <Quiet sources={sources ?? []} />}
      </div>
    </Section>
  );
}

function Quiet({ sources }: { readonly sources: readonly SourceShape[] }): ReactNode {
  const state = useEngineState();
  const next = sources
    .filter(({ nextRunAt }) => nextRunAt !== null)
    .reduce<SourceShape | undefined>(
      (soonest, source) => ((soonest?.nextRunAt ?? Infinity) <= (source.nextRunAt ?? Infinity) ? soonest : source),
      undefined,
    );
  return (
    <Text className={classes['quiet']} component="div">
      Nothing is running.{' '}
      {typeof next?.nextRunAt === 'number' ? (
        <>
          The next run, of {visibleName(next.name)}, begins <When at={next.nextRunAt} form="next" />.
        </>
      ) : (
        // Why nothing comes next: a pause, or nothing to protect.
        state !== undefined && visibleName(state.sentence)
      )}
    </Text>
  );
}

function CancelButton({ source }: { readonly source: string }): ReactNode {
  return (
    <Button
      variant="default"
      leftSection={<IconX size={16} aria-hidden />}
      onClick={() => void cancelRun(source)}
      aria-label={`Cancel the run of ${visibleName(source)}`}
    >
      Cancel
    </Button>
  );
}

function RunNow({ run }: { readonly run: RunProgressShape }): ReactNode {
  const left = leftOf(run);
  const source = visibleName(run.source);
  return (
    <article className={classes['run']} aria-label={`The run of ${source}`}>
      <div className={classes['head']}>
        <Title order={3} size="h5" className={classes['title']}>
          <Name text={run.source} />
        </Title>
        <CancelButton source={run.source} />
      </div>
      <Text>
        {phaseWords(run)}, for <Elapsed since={run.startedAt} />: <Count value={run.filesSeen} of="file" /> seen
        {run.bytesHashed > 0 && (
          <>
            , <Bytes value={run.bytesHashed} /> read because they are new or changed
          </>
        )}
        .
      </Text>
      <CalmVoice
        text={`${source}: ${phaseWords(run)}. ${counted(run.filesSeen, 'file')} seen, ${counted(left.copies, 'copy', 'copies')} to go${
          left.ms === null ? '' : `, ${aboutText(left.ms)}`
        }.`}
      />
      <ul className={classes['stores']}>
        {run.stores.map((store) => (
          <StoreNow key={store.store} store={store} source={source} />
        ))}
      </ul>
    </article>
  );
}

function StoreNow({
  store,
  source,
}: {
  readonly store: RunProgressShape['stores'][number];
  readonly source: string;
}): ReactNode {
  const all = store.copied + store.pendingCopies;
  return (
    <li className={classes['store']}>
      <div className={classes['storeHead']}>
        <span className={classes['storeName']}>
          <Name text={store.store} />
        </span>
        <span className={classes['quiet']}>
          {store.pendingCopies > 0 ? (
            <>
              {rateText(store.rate)},{' '}
              {store.remainingMs === null ? 'time left not known yet' : `${aboutText(store.remainingMs)} left`}
            </>
          ) : (
            'nothing to copy at this moment'
          )}
        </span>
      </div>
      {all > 0 && (
        <>
          <Progress
            value={(100 * store.copied) / all}
            size="sm"
            my={6}
            aria-label={`Copies of ${source} made in ${visibleName(store.store)}`}
          />
          <Text size="sm" className={classes['quiet']}>
            {countText(store.copied)} of {counted(all, 'copy', 'copies')} made, <Bytes value={store.bytesSent} /> copied
            {store.pendingBytes > 0 && `, ${bytesText(store.pendingBytes)} to go`}.
          </Text>
        </>
      )}
      {store.problem !== null && (
        <div className={classes['problem']}>
          <ProblemNote problem={store.problem} tone="quiet" />
        </div>
      )}
      {store.inFlight.length > 0 && (
        <ul className={classes['flight']} aria-label={`Being copied to ${visibleName(store.store)}`}>
          {store.inFlight.map(({ path, size, sent }) => (
            <li key={path}>
              <span className={classes['path']}>
                <Name text={path} path />
              </span>
              <span className={classes['part']}>
                {sent > 0 && sent < size ? `${bytesText(sent)} of ${bytesText(size)}` : bytesText(size)}
              </span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
