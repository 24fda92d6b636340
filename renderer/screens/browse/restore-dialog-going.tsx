import { Alert, Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RestoreEvent } from '../../../shared/contract/shapes.ts';
import { bytesText, counted, countText } from '../../parts/figures.tsx';

export type Progressed = Extract<RestoreEvent, { type: 'progress' }>;

/** How far a restore is, with the way to end it. */
export function Going({
  progress,
  notices,
  cancelling,
  onCancel,
}: {
  readonly progress: Progressed | undefined;
  readonly notices: readonly string[];
  /** Whether it was cancelled, and what is under way is being put away. */
  readonly cancelling: boolean;
  readonly onCancel: () => void;
}): ReactNode {
  const part =
    progress === undefined
      ? 0
      : progress.allBytes > 0
        ? progress.bytes / progress.allBytes
        : progress.files / Math.max(1, progress.allFiles);
  const percent = Math.min(100, Math.floor(part * 100));
  const step = Math.floor(percent / 10) * 10;
  return (
    <Stack>
      <Progress value={percent} aria-label="Restored" size="lg" />
      <Text>
        {progress === undefined
          ? 'Looking for good copies…'
          : `${countText(progress.files)} of ${counted(progress.allFiles, 'file')}, ${bytesText(progress.bytes)} of ${bytesText(progress.allBytes)}`}
      </Text>
      <Text size="sm" c="dimmed">
        Keep this window open until it is done: with the window, the restore ends.
      </Text>
      {/* Said aloud at each tenth, not at each file. */}
      <span className="unseen" role="status">
        {cancelling ? 'Cancelling' : progress === undefined ? 'Restoring' : `${countText(step)} % restored`}
      </span>
      {notices.map((notice) => (
        <Alert key={notice} variant="light" color="yellow">
          {notice}
        </Alert>
      ))}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel} aria-disabled={cancelling} data-autofocus>
          {cancelling ? 'Cancelling…' : 'Cancel'}
        </Button>
      </Group>
    </Stack>
  );
}
