import { ORPCError } from '@orpc/client';
import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Problem } from '../../shared/contract/shapes.ts';
import { problem as problemShape } from '../../shared/contract/shapes.ts';
import { Name, visibleName } from './name.tsx';
import classes from './problem.module.css';

/** A failed call in words. What the engine did not say itself is said here; what was thrown is never shown raw. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ORPCError) {
    const told = problemShape.safeParse(error.data);
    if (told.success) return told.data;
    if (error.code === 'BAD_REQUEST')
      return {
        code: 'usage',
        subject: null,
        message: 'Something that was entered cannot be used as it is.',
        advice: 'Look through what you entered, and try again.',
      };
  }
  return {
    code: 'internal',
    subject: null,
    message: 'Strongroom did not answer as it should.',
    advice:
      'Try again. If it happens again, export the diagnostics under Settings and pass them on to whoever looks after Strongroom.',
  };
}

/** Whether a call ended because the window itself ended it. */
export function wasEnded(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Says in a corner of the window that something a person asked for did not work. */
export function tellProblem(error: unknown): void {
  if (wasEnded(error)) return;
  const problem = problemOf(error);
  notifications.show({
    title: visibleName(problem.message),
    message: problem.advice === null ? null : visibleName(problem.advice),
    color: 'red',
    // Long enough to be read, however slowly; there is a button to close it.
    autoClose: 30_000,
    role: 'alert',
    closeButtonProps: { 'aria-label': 'Close this message' },
  });
}

interface ProblemNoteProps {
  readonly problem: Problem;
  /** The one thing that can be done about it here. */
  readonly action?: { readonly label: string; readonly run: () => void; readonly busy?: boolean };
  /** `quiet` for what has been so for a while; `loud`, the default, is read out at once. */
  readonly tone?: 'loud' | 'quiet';
}

/** What happened, to what, and what to do; the code for those who look after Strongroom. */
export function ProblemNote({ problem, action, tone = 'loud' }: ProblemNoteProps): ReactNode {
  const message = visibleName(problem.message);
  return (
    <div className={classes['note']} role={tone === 'loud' ? 'alert' : 'note'}>
      <IconAlertTriangle size={20} aria-hidden className={classes['icon']} />
      <div className={classes['words']}>
        <Text fw={600} className={classes['message']}>
          {message}
        </Text>
        {problem.subject !== null && !message.includes(visibleName(problem.subject)) && (
          <Text size="sm" className={classes['subject']}>
            <Name text={problem.subject} path lines={2} />
          </Text>
        )}
        {problem.advice !== null && <Text className={classes['message']}>{visibleName(problem.advice)}</Text>}
        <details className={classes['details']}>
          <summary>Details</summary>
          Code: {problem.code}
        </details>
      </div>
      {action !== undefined && (
        <Button variant="default" onClick={action.run} loading={action.busy ?? false}>
          {action.label}
        </Button>
      )}
    </div>
  );
}
