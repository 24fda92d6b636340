import { Button, Modal } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import type { Problem } from '../../shared/contract/shapes.ts';
import { ProblemNote, problemOf } from './problem.tsx';
import { SheetFoot } from './sheet.tsx';
import classes from './confirm.module.css';

interface ConfirmProps {
  readonly opened: boolean;
  readonly title: string;
  /** What the button does: `Remove the source`. */
  readonly action: string;
  /** Whether something ends that cannot be had again by pressing another button. */
  readonly grave?: boolean;
  /** Does it. Where it fails, the question stays open and says why. */
  readonly run: () => Promise<unknown>;
  readonly onClose: () => void;
  /** What will happen, and what will not. */
  readonly children: ReactNode;
}

/** Asks before something is done that cannot simply be undone. Nothing happens until the button is pressed. */
export function Confirm({ opened, title, action, grave = false, run, onClose, children }: ConfirmProps): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const close = () => {
    setProblem(undefined);
    onClose();
  };
  const go = async () => {
    setBusy(true);
    try {
      await run();
      close();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened={opened} onClose={close} title={title} size="lg">
      <div className={classes['words']}>{children}</div>
      {problem !== undefined && <ProblemNote problem={problem} />}
      <SheetFoot>
        <Button variant="default" onClick={close} data-autofocus>
          Cancel
        </Button>
        <Button color={grave ? 'red' : 'lamp'} loading={busy} onClick={() => void go()}>
          {action}
        </Button>
      </SheetFoot>
    </Modal>
  );
}
