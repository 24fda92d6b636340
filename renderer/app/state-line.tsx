import { Button, Menu } from '@mantine/core';
import {
  IconAlertCircle,
  IconAlertTriangleFilled,
  IconCircle,
  IconCircleCheckFilled,
  IconPlayerPauseFilled,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { AppState, Tone } from '../../shared/contract/shapes.ts';
import { visibleName } from '../parts/name.tsx';
import { tellProblem } from '../parts/problem.tsx';
import { useConnection, useEngineState } from './live.tsx';
import { pauses } from './pausing.ts';
import { engine } from './rpc.ts';
import classes from './state-line.module.css';

const icons = {
  safe: IconCircleCheckFilled,
  working: IconRefresh,
  'needs-you': IconAlertTriangleFilled,
  paused: IconPlayerPauseFilled,
  offline: IconPlugConnectedX,
} as const satisfies Record<AppState, unknown>;

const toned = { caution: IconAlertCircle, empty: IconCircle } as const satisfies Record<Tone, unknown>;

/** The state as an icon, by shape and colour; its sentence stands beside it or is read out. */
export function StateIcon({
  state,
  tone,
  size = 18,
}: {
  readonly state: AppState;
  readonly tone: Tone | undefined;
  readonly size?: number;
}): ReactNode {
  const Icon = tone === undefined ? icons[state] : toned[tone];
  return <Icon size={size} aria-hidden className={classes['icon']} data-state={tone ?? state} />;
}

/** How everything stands, in the same sentence as in the tray, and the way to pause and resume. */
export function StateLine(): ReactNode {
  const state = useEngineState();
  if (state === undefined) return null;
  return (
    <div className={classes['line']}>
      <div className={classes['words']}>
        <StateIcon state={state.state} tone={state.tone} />
        <span>{visibleName(state.sentence)}</span>
      </div>
      <PauseButton wide />
    </div>
  );
}

type State = NonNullable<ReturnType<typeof useEngineState>>;

/** Whether nothing runs by itself: a pause of everything, or one of each source. */
export function isPaused({ state, pausedUntil }: Pick<State, 'state' | 'pausedUntil'>): boolean {
  return pausedUntil !== null || state === 'paused';
}

async function resumeAll({ pausedUntil }: State): Promise<void> {
  if (pausedUntil !== null) await engine.app.resume();
  else
    for (const { name, pausedUntil: until } of await engine.sources.list())
      if (until !== null) await engine.sources.resume({ name });
}

/** Pauses everything, or resumes it; at once. Where there is nothing yet, there is nothing to pause. */
export function PauseButton({ wide = false }: { readonly wide?: boolean }): ReactNode {
  const state = useEngineState();
  const connection = useConnection();
  const [busy, setBusy] = useState(false);
  const act = async (work: Promise<unknown>) => {
    setBusy(true);
    await work.catch(tellProblem);
    setBusy(false);
  };
  const disabled = connection !== 'open' || state === undefined;
  if (state?.tone === 'empty') return null;
  if (state !== undefined && isPaused(state))
    return (
      <Button
        variant="default"
        fullWidth={wide}
        loading={busy}
        disabled={disabled}
        onClick={() => void act(resumeAll(state))}
      >
        Resume
      </Button>
    );
  return (
    <Menu position={wide ? 'top' : 'bottom-end'} {...(wide ? { width: 'target' } : {})}>
      <Menu.Target>
        <Button variant="default" fullWidth={wide} loading={busy} disabled={disabled}>
          Pause…
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {pauses.map(({ label, until }) => (
          <Menu.Item key={label} onClick={() => void act(engine.app.pause({ until: until() }))}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/**
 * Tells the engine how numbers and times are written in this window, whenever there is a connection: its sentences are
 * shown as they come, beside figures that the window wrote itself.
 */
function useOneSpelling(): void {
  const connection = useConnection();
  useEffect(() => {
    if (connection !== 'open') return;
    const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
    // One that the engine does not know leaves its sentences as they were.
    engine.app.writeAs({ locale, timeZone }).catch(() => undefined);
  }, [connection]);
}

/** Says a change of the state to screen readers, in its sentence; not its every figure. */
export function StateVoice(): ReactNode {
  const state = useEngineState();
  useOneSpelling();
  const before = useRef<AppState>(undefined);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (state === undefined) return;
    if (before.current !== undefined && before.current !== state.state) setSaid(visibleName(state.sentence));
    before.current = state.state;
  }, [state]);
  return (
    <div role="status" aria-live="polite" className="unseen">
      {said}
    </div>
  );
}
