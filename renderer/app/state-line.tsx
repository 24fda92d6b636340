import { Button, Menu } from '@mantine/core';
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconPlayerPauseFilled,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { AppState } from '../../shared/contract/shapes.ts';
import { visibleName } from '../parts/name.tsx';
import { tellProblem } from '../parts/problem.tsx';
import { useLive } from './live.tsx';
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

/** The state as an icon, by shape and colour; its sentence stands beside it or is read out. */
export function StateIcon({ state, size = 18 }: { readonly state: AppState; readonly size?: number }): ReactNode {
  const Icon = icons[state];
  return <Icon size={size} aria-hidden className={classes['icon']} data-state={state} />;
}

/** How everything stands, in the same sentence as in the tray, and the way to pause and resume. */
export function StateLine(): ReactNode {
  const { state } = useLive();
  if (state === undefined) return null;
  return (
    <div className={classes['line']}>
      <div className={classes['words']}>
        <StateIcon state={state.state} />
        <span>{visibleName(state.sentence)}</span>
      </div>
      <PauseButton wide />
    </div>
  );
}

/** Pauses everything, or resumes it; at once. */
export function PauseButton({ wide = false }: { readonly wide?: boolean }): ReactNode {
  const { state, connection } = useLive();
  const [busy, setBusy] = useState(false);
  const act = async (work: Promise<unknown>) => {
    setBusy(true);
    await work.catch(tellProblem);
    setBusy(false);
  };
  const disabled = connection !== 'open' || state === undefined;
  if (state !== undefined && state.pausedUntil !== null)
    return (
      <Button
        variant="default"
        fullWidth={wide}
        loading={busy}
        disabled={disabled}
        onClick={() => void act(engine.app.resume())}
      >
        Resume
      </Button>
    );
  return (
    <Menu position={wide ? 'top-start' : 'bottom-end'}>
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

/** Says a change of the state to screen readers, in its sentence; not its every figure. */
export function StateVoice(): ReactNode {
  const { state } = useLive();
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
