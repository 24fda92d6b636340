import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLive } from '../../app/live.tsx';
import { query } from '../../app/rpc.ts';
import { Copies, dotsOfSource } from '../../parts/copies.tsx';
import { visibleName } from '../../parts/name.tsx';
import { runSentence } from '../../parts/run-words.ts';
import { StepTitle } from '../stores/step-title.tsx';
import { RunNow } from './run-now.tsx';

/** The first run of a source that was just added. It goes on whether anybody looks or not. */
export function FirstRun({ name, onDone }: { readonly name: string; readonly onDone: () => void }): ReactNode {
  const { runs } = useLive();
  const sources = useQuery(query.sources.list.queryOptions());
  const source = sources.data?.find((one) => one.name === name);
  const run = runs.find((one) => one.source === name);
  const ended = source?.running === false && source.lastRun !== null && source.lastRun.endedAt !== null;
  return (
    <Stack gap="lg">
      <div>
        <StepTitle>“{visibleName(name)}” is being protected</StepTitle>
        <Text mt={4}>
          The first run copies everything and takes the longest. You can close this: it goes on in the background, and
          again after a restart.
        </Text>
      </div>
      {run !== undefined ? (
        <RunNow run={run} />
      ) : (
        <Text role="status">
          {ended && source.lastRun !== null
            ? `The first run is over. ${runSentence(source.lastRun)}`
            : 'The first run begins in a moment…'}
        </Text>
      )}
      {source !== undefined && source.versions > 0 && <Copies dots={dotsOfSource(source)} />}
      <Group justify="flex-end">
        <Button onClick={onDone}>{ended ? 'Done' : 'Go on, let it work'}</Button>
      </Group>
    </Stack>
  );
}
