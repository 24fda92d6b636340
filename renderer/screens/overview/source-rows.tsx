import { Button, Progress, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunProgressShape, SourceShape } from '../../../shared/contract/shapes.ts';
import { useLive } from '../../app/live.tsx';
import { cancelRun, syncNow } from '../../parts/acts.ts';
import { Copies, dotsOfSource } from '../../parts/copies.tsx';
import { Bytes, bytesText, Count, counted, durationText, When } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { leftOf, phaseWords, runSentence } from '../../parts/run-words.ts';
import classes from './source-rows.module.css';

/** Every source: what it is, how its copies stand, what happened last and happens next. */
export function SourceRows({ sources }: { readonly sources: readonly SourceShape[] }): ReactNode {
  const { runs } = useLive();
  return (
    <ul className={classes['list']}>
      {sources.map((source) => (
        <SourceRow key={source.name} source={source} run={runs.find((run) => run.source === source.name)} />
      ))}
    </ul>
  );
}

function SourceRow({
  source,
  run,
}: {
  readonly source: SourceShape;
  readonly run: RunProgressShape | undefined;
}): ReactNode {
  const name = visibleName(source.name);
  const running = source.running || run !== undefined;
  return (
    <li className={classes['row']}>
      <div className={classes['what']}>
        <Title order={3} size="h4" className={classes['name']}>
          <Link to="/browse" search={{ source: source.name }} className={classes['link']}>
            <Name text={source.name} />
          </Link>
        </Title>
        <Text size="sm" className={classes['root']} component="div">
          <Name text={source.root} path />
        </Text>
        <Text size="sm" className={classes['quiet']} component="div">
          <Count value={source.files} of="file" />, <Bytes value={source.bytes} />
        </Text>
      </div>
      <div className={classes['copies']}>
        <Copies dots={dotsOfSource(source)} />
      </div>
      <div className={classes['runs']}>
        {running ? <Now source={source} run={run} /> : <LastAndNext source={source} />}
      </div>
      <Button
        variant="default"
        className={classes['act']}
        aria-label={`${running ? 'Cancel' : 'Sync now'}: ${name}`}
        onClick={() => void (running ? cancelRun(source.name) : syncNow(source.name))}
      >
        {running ? 'Cancel' : 'Sync now'}
      </Button>
    </li>
  );
}

function LastAndNext({ source }: { readonly source: SourceShape }): ReactNode {
  const { lastRun, pausedUntil, nextRunAt } = source;
  return (
    <>
      <Text>{lastRun === null ? 'Not looked through yet.' : runSentence(lastRun)}</Text>
      <Text size="sm" className={classes['quiet']}>
        {lastRun !== null && (
          <>
            Last run <When at={lastRun.endedAt ?? lastRun.startedAt} />.{' '}
          </>
        )}
        {pausedUntil === 'forever' ? (
          'Paused until you resume it.'
        ) : pausedUntil !== null ? (
          <>
            Paused; it goes on <When at={pausedUntil} form="next" />.
          </>
        ) : (
          nextRunAt !== null && (
            <>
              Next run <When at={nextRunAt} form="next" />.
            </>
          )
        )}
      </Text>
    </>
  );
}

function Now({ source, run }: { readonly source: SourceShape; readonly run: RunProgressShape | undefined }): ReactNode {
  if (run === undefined) return <Text>Waiting for its turn.</Text>;
  const left = leftOf(run);
  const copied = run.stores.reduce((sum, store) => sum + store.copied, 0);
  const share = copied + left.copies === 0 ? 0 : (100 * copied) / (copied + left.copies);
  return (
    <>
      <Text>
        {phaseWords(run)}: {counted(run.filesSeen, 'file')} seen
        {left.copies > 0 && `, ${counted(left.copies, 'copy', 'copies')} of ${bytesText(left.bytes)} to go`}
        {left.ms !== null && `, about ${durationText(left.ms)}`}.
      </Text>
      {run.phase === 'copying' && (
        <Progress value={share} mt={6} size="sm" aria-label={`Copies of ${visibleName(source.name)} made`} />
      )}
      <Text size="sm" className={classes['quiet']}>
        <Link to="/activity" className={classes['quietLink']}>
          See what is in flight
        </Link>
      </Text>
    </>
  );
}
