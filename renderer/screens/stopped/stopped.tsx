import { Button, Group, Loader, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Problem, StoppedStart } from '../../../shared/contract/shapes.ts';
import { LostNotice } from '../../app/lost.tsx';
import { engine } from '../../app/rpc.ts';
import { Wordmark } from '../../app/wordmark.tsx';
import { When } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import { Page, Section } from '../../parts/page.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { Tip } from '../../parts/tip.tsx';
import { GoBack } from './go-back.tsx';
import { Rebuild } from './rebuild.tsx';
import classes from './stopped.module.css';

/** The one screen that there is while Strongroom could not start: what happened, what is safe, and what can be done. */
export function Stopped({ stopped }: { readonly stopped: StoppedStart }): ReactNode {
  const [left, setLeft] = useState(false);
  const leave = () => {
    setLeft(true);
    // Its answer may not arrive any more: whoever gives it is being ended.
    engine.start.leave().catch(() => undefined);
  };
  return (
    <main className={classes['stopped']}>
      {!left && <LostNotice />}
      <div className={classes['head']}>
        <Wordmark />
      </div>
      {left ? (
        <Page title="Strongroom is closed" width="text">
          <Text>Nothing was changed. When Strongroom is started again, it asks again. You can close this window.</Text>
        </Page>
      ) : stopped.problem.code === 'catalog-busy' ? (
        <InUse owner={stopped.owner} onLeave={leave} />
      ) : (
        <Choice stopped={stopped} onLeave={leave} />
      )}
      <Tip />
    </main>
  );
}

/** Another process has the catalog open: there is nothing to choose, only to wait for. */
function InUse({ owner, onLeave }: { readonly owner: StoppedStart['owner']; readonly onLeave: () => void }): ReactNode {
  return (
    <Page
      title="Another Strongroom is at work"
      width="text"
      lead="Only one at a time may write the catalog, so this one waits. It goes on by itself, in this window, as soon as the other one is done or was closed."
    >
      <div className={classes['stack']}>
        <Text>
          It may be the desktop app, whose icon is near the clock, Strongroom in a browser, or a command that somebody
          runs in a terminal.
          {owner !== null && (
            <>
              {' '}
              The system of this computer calls it process {owner.process}; it began <When at={owner.since} />.
            </>
          )}{' '}
          Nothing is lost by waiting.
        </Text>
        <Retry still="The other one is still at work." primary />
        <Leave onLeave={onLeave} />
      </div>
    </Page>
  );
}

const titles = {
  'catalog-damaged': 'The catalog is damaged',
  'catalog-missing': 'The catalog is gone',
} as const;

function isTitled(code: string): code is keyof typeof titles {
  return code in titles;
}

function Choice({ stopped, onLeave }: { readonly stopped: StoppedStart; readonly onLeave: () => void }): ReactNode {
  const { problem, work, checkpoints, stores } = stopped;
  return (
    <Page
      title={isTitled(problem.code) ? titles[problem.code] : 'Strongroom cannot start'}
      width="text"
      lead="The catalog is Strongroom’s own list of your files, of their earlier versions, and of where the copies lie. It is on this computer only, and it can be had again. Choose how; until then, no copies are made."
    >
      <ul className={classes['safe']} aria-label="What is safe">
        <li>
          <IconCheck size={20} aria-hidden className={classes['tick']} />
          <span>
            <b>Your files</b> were not touched.
          </span>
        </li>
        <li>
          <IconCheck size={20} aria-hidden className={classes['tick']} />
          <span>
            <b>The copies</b> lie in their stores as before, as plain files that can be opened without Strongroom.
          </span>
        </li>
        <li>
          <IconCheck size={20} aria-hidden className={classes['tick']} />
          <span>
            <b>What is left of the catalog</b> is kept whatever you choose: it is moved aside and never deleted.
          </span>
        </li>
      </ul>
      <details className={classes['details']}>
        <summary>What exactly happened</summary>
        <Text className={classes['message']}>{visibleName(problem.message)}</Text>
        <Text size="sm" className={classes['quiet']}>
          Code: {problem.code}
        </Text>
      </details>
      <div role="status">
        {work !== null && (
          <div className={classes['work']}>
            <Loader size="sm" aria-hidden />
            <div>
              <Text fw={600}>{visibleName(work)}</Text>
              <Text className={classes['quiet']}>
                Leave Strongroom running. The window goes on by itself when it is done.
              </Text>
            </div>
          </div>
        )}
      </div>
      <GoBack checkpoints={checkpoints} busy={work !== null} />
      <Rebuild stores={stores} busy={work !== null} />
      <Section
        title="Decide later"
        lead="Nothing is changed, and no copies are made. Strongroom asks again the next time it is started. Whoever looks after this computer can help you choose."
      >
        <Group>
          <Leave onLeave={onLeave} />
          <Retry />
        </Group>
      </Section>
    </Page>
  );
}

function Leave({ onLeave }: { readonly onLeave: () => void }): ReactNode {
  return (
    <div>
      <Button variant="default" onClick={onLeave}>
        Close Strongroom
      </Button>
    </div>
  );
}

/** Tries to start once more: the disk may be back, or somebody else put the catalog right. */
function Retry({
  still,
  primary = false,
}: {
  /** What is said where nothing has changed; without it, the failure itself. */
  readonly still?: string;
  readonly primary?: boolean;
}): ReactNode {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const go = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await engine.start.retry();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className={classes['stack']}>
      <div>
        <Button variant={primary ? 'filled' : 'subtle'} loading={busy} onClick={() => void go()}>
          Try again
        </Button>
      </div>
      {problem !== undefined &&
        (still !== undefined && problem.code === 'catalog-busy' ? (
          <Text role="status">{still}</Text>
        ) : (
          <ProblemNote problem={problem} />
        ))}
    </div>
  );
}
