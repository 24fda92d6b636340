import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { RunShape } from '../../../shared/contract/shapes.ts';
import { useRuns } from '../../app/live.tsx';
import { query } from '../../app/rpc.ts';
import { Copies, dotsOfSource } from '../../parts/copies.tsx';
import { visibleName } from '../../parts/name.tsx';
import { runSentence } from '../../parts/run-words.ts';
import { SheetFoot } from '../../parts/sheet.tsx';
import { StepTitle } from '../stores/step-title.tsx';
import { RunNow } from './run-now.tsx';

/**
 * The first run of a source that was just added. It goes on whether anybody looks or not.
 *
 * @param runBefore the last run of a source that is continued, which was before all this.
 */
export function FirstRun({
  name,
  runBefore,
  onDone,
}: {
  readonly name: string;
  readonly runBefore: number | undefined;
  readonly onDone: () => void;
}): ReactNode {
  const runs = useRuns();
  const sources = useQuery(query.sources.list.queryOptions());
  const source = sources.data?.find((one) => one.name === name);
  const run = runs.find((one) => one.source === name);
  // The next run may come soon, and is not what this tells of.
  const [first, setFirst] = useState<RunShape>();
  const last = source?.lastRun ?? null;
  if (first === undefined && last !== null && last.endedAt !== null && last.id !== runBefore) setFirst(last);
  return (
    <Stack gap="lg">
      <div>
        <StepTitle>{titleOf(name, first, runBefore !== undefined)}</StepTitle>
        <Text mt={4}>
          {first === undefined
            ? 'The first run copies everything and takes the longest. You can close this: it goes on in the background, and again after a restart.'
            : 'From here on it goes on by itself. Overview tells how the copies stand.'}
        </Text>
      </div>
      {first === undefined && run !== undefined ? (
        <RunNow run={run} first={runBefore === undefined} />
      ) : (
        <Text role="status">
          {first === undefined ? 'The first run begins in a moment…' : `The first run is over. ${runSentence(first)}`}
        </Text>
      )}
      {source !== undefined && source.versions > 0 && <Copies dots={dotsOfSource(source)} />}
      <SheetFoot>
        <Button onClick={onDone}>{first === undefined ? 'Go on, let it work' : 'Done'}</Button>
      </SheetFoot>
    </Stack>
  );
}

function titleOf(name: string, first: RunShape | undefined, continued: boolean): string {
  const quoted = `“${visibleName(name)}”`;
  if (first === undefined) return continued ? `${quoted} is continued` : `${quoted} is being copied the first time`;
  return first.outcome === 'done' ? `${quoted} is protected` : `${quoted} is added, and not all of it is copied yet`;
}
