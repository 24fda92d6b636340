import { Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RunProgressShape } from '../../../shared/contract/shapes.ts';
import { CalmVoice } from '../../parts/calm.tsx';
import { bytesText, counted, rateText } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote } from '../../parts/problem.tsx';
import { phaseWords } from '../../parts/run-words.ts';
import { aboutText } from '../../parts/time-left.ts';
import classes from './sources.module.css';

type StoreProgress = RunProgressShape['stores'][number];

/** The run of one source as it goes. @param first whether nothing of it was copied before. */
export function RunNow({
  run,
  first = false,
}: {
  readonly run: RunProgressShape;
  readonly first?: boolean;
}): ReactNode {
  const doing = first && run.phase !== 'publishing' ? 'Copying the first time' : phaseWords(run);
  const sentence = `${doing}: ${counted(run.filesSeen, 'file')} seen${
    run.bytesHashed > 0 ? `, ${bytesText(run.bytesHashed)} read` : ''
  }.`;
  return (
    <div className={classes['run']}>
      <Text>{sentence}</Text>
      <CalmVoice text={`${visibleName(run.source)}. ${sentence}`} />
      {run.stores.map((store) => (
        <StoreRun key={store.store} store={store} />
      ))}
    </div>
  );
}

function StoreRun({ store }: { readonly store: StoreProgress }): ReactNode {
  const all = store.bytesSent + store.pendingBytes;
  const files = store.copied + store.pendingCopies;
  // Small files have hardly any bytes, and still take their time.
  const share = all > 0 ? store.bytesSent / all : files > 0 ? store.copied / files : 0;
  const percent = Math.round(share * 100);
  const rest = [
    `${counted(store.copied, 'copy', 'copies')} made`,
    ...(store.pendingCopies > 0 ? [`${counted(store.pendingCopies, 'copy', 'copies')} to go`] : []),
    ...(store.rate > 0 ? [rateText(store.rate)] : []),
    ...(store.remainingMs === null || store.pendingCopies === 0 ? [] : [`${aboutText(store.remainingMs)} left`]),
  ].join(', ');
  return (
    <div className={classes['storeRun']}>
      <div className={classes['storeRunName']}>
        <Name text={store.store} />
      </div>
      {store.problem === null ? (
        <>
          <Progress value={percent} aria-label={`Copies to ${visibleName(store.store)}`} />
          <Text size="sm" c="var(--quiet)">
            {rest}
          </Text>
        </>
      ) : (
        <ProblemNote problem={store.problem} tone="quiet" />
      )}
    </div>
  );
}
