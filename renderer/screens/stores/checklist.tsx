import { Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconCheck, IconCircleCheck, IconX } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useRef, useState, type ReactNode } from 'react';
import type { CheckStepShape, Problem } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { counted } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import classes from './add-store.module.css';

interface Checking {
  readonly at: 'idle' | 'running' | 'done' | 'stopped';
  readonly steps: readonly CheckStepShape[];
  readonly problem: Problem | undefined;
}

const idle: Checking = { at: 'idle', steps: [], problem: undefined };

/** The steps of a check of a store, as they end. Going away ends the check. */
function useCheck(store: string): { readonly state: Checking; readonly start: () => void; readonly stop: () => void } {
  const [state, setState] = useState(idle);
  const ending = useRef<AbortController>(undefined);
  const run = async () => {
    ending.current?.abort();
    const own = new AbortController();
    ending.current = own;
    setState({ ...idle, at: 'running' });
    try {
      for await (const { step, done } of await engine.stores.check({ name: store }, { signal: own.signal })) {
        if (own.signal.aborted) return;
        setState((before) => ({
          at: done ? 'done' : 'running',
          steps: step === null ? before.steps : [...before.steps, step],
          problem: undefined,
        }));
      }
    } catch (error) {
      if (!own.signal.aborted) setState((before) => ({ ...before, at: 'stopped', problem: problemOf(error) }));
    }
  };
  useEffect(() => () => ending.current?.abort(), []);
  return {
    state,
    start: () => void run(),
    stop: () => {
      ending.current?.abort();
      setState((before) => ({ ...before, at: 'stopped' }));
    },
  };
}

/** Once all is well, what was tried is behind a word. */
function StepsUnless({
  folded,
  count,
  children,
}: {
  readonly folded: boolean;
  readonly count: number;
  readonly children: ReactNode;
}): ReactNode {
  if (!folded) return children;
  return (
    <details className={classes['more']}>
      <summary>Details: the {count} things that were tried</summary>
      <div className={classes['moreBody']}>{children}</div>
    </details>
  );
}

/** Everything that Strongroom asks of a store, ticked off as it is tried. @param begun whether it begins by itself */
export function Checklist({ store, begun = false }: { readonly store: string; readonly begun?: boolean }): ReactNode {
  const { state, start, stop } = useCheck(store);
  const { at, steps, problem } = state;
  const startOnce = useEffectEvent(start);
  useEffect(() => {
    if (begun) startOnce();
  }, [begun, store]);
  const failed = steps.filter(({ passed }) => !passed).length;
  return (
    <Stack gap="md">
      <Text role="status" fw={600} className={at === 'done' || at === 'stopped' ? undefined : 'unseen'}>
        {at === 'running' && `${counted(steps.length, 'step')} tried.`}
        {at === 'done' && failed === 0 && (
          <span className={classes['done']}>
            <IconCircleCheck size={20} aria-hidden /> Everything works.
          </span>
        )}
        {at === 'done' &&
          failed > 0 &&
          `${counted(failed, 'step')} of ${steps.length} did not work. The advice beside ${failed === 1 ? 'it' : 'each'} says what helps.`}
        {at === 'stopped' && problem === undefined && 'The check was stopped.'}
      </Text>
      {at !== 'idle' && (
        <StepsUnless folded={at === 'done' && failed === 0} count={steps.length}>
          <ul className={classes['steps']} aria-label="What was tried" aria-busy={at === 'running'}>
            {steps.map((step) => (
              <li key={step.name} className={classes['step']}>
                <span className={classes['tick']} data-passed={step.passed}>
                  {step.passed ? <IconCheck size={20} aria-hidden /> : <IconX size={20} aria-hidden />}
                </span>
                <div className={classes['words']}>
                  <Text>
                    {step.name}
                    <span className="unseen">{step.passed ? ': works' : ': does not work'}</span>
                  </Text>
                  {step.problem !== null && (
                    <>
                      <Text c="var(--bad)">{visibleName(step.problem.message)}</Text>
                      {step.problem.advice !== null && <Text>{visibleName(step.problem.advice)}</Text>}
                    </>
                  )}
                </div>
              </li>
            ))}
            {at === 'running' && (
              <li className={classes['step']}>
                <span className={classes['tick']}>
                  <Loader size={16} aria-hidden />
                </span>
                <Text c="var(--quiet)">{steps.length === 0 ? 'Reaching the store…' : 'Trying the next thing…'}</Text>
              </li>
            )}
          </ul>
        </StepsUnless>
      )}
      {problem !== undefined && <ProblemNote problem={problem} />}
      {(!begun || at !== 'running') && (
        <Group>
          {at === 'running' ? (
            <Button variant="default" onClick={stop}>
              Stop the check
            </Button>
          ) : (
            <Button variant="default" onClick={start}>
              {at === 'idle' ? 'Check this store' : 'Check again'}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
