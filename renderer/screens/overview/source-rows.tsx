import { ActionIcon, Menu, Progress, Text, Title } from '@mantine/core';
import { IconDotsVertical, IconEdit, IconFolders, IconHistory, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { RunProgressShape, SourceShape } from '../../../shared/contract/shapes.ts';
import { useRuns } from '../../app/live.tsx';
import { cancelRun, syncNow } from '../../parts/acts.ts';
import { Caution } from '../../parts/caution.tsx';
import { Copies, dotsOfSource } from '../../parts/copies.tsx';
import { bytesText, counted, When } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { leftOf, phaseWords, runSentence } from '../../parts/run-words.ts';
import { aboutText } from '../../parts/time-left.ts';
import classes from './source-rows.module.css';

/** Every source in two lines: what it is, how its copies stand, what happened last and happens next. */
export function SourceRows({ sources }: { readonly sources: readonly SourceShape[] }): ReactNode {
  const runs = useRuns();
  return (
    <ul className={classes['list']}>
      {sources.map((source) => (
        <SourceRow key={source.name} source={source} run={runs.find((run) => run.source === source.name)} />
      ))}
    </ul>
  );
}

function SourceRow({
  source,
  run,
}: {
  readonly source: SourceShape;
  readonly run: RunProgressShape | undefined;
}): ReactNode {
  const running = source.running || run !== undefined;
  return (
    <li className={classes['row']}>
      <div className={classes['what']}>
        <Title order={3} size="h5" className={classes['name']}>
          {/* Its ground is the whole row. */}
          <Link to="/browse" search={{ source: source.name }} className={classes['link']}>
            <Name text={source.name} lines={2} />
          </Link>
        </Title>
        <div className={classes['second']} data-tip={source.root}>
          {counted(source.files, 'file')}, {bytesText(source.bytes)}
        </div>
      </div>
      <div className={classes['copies']}>
        <Copies dots={dotsOfSource(source)} />
      </div>
      <div className={classes['runs']}>
        {running ? <Now source={source} run={run} /> : <LastAndNext source={source} />}
      </div>
      <More source={source} running={running} />
      {typeof source.caution === 'string' && (
        <div className={classes['caution']}>
          <Caution>{visibleName(source.caution)}</Caution>
        </div>
      )}
    </li>
  );
}

function More({ source, running }: { readonly source: SourceShape; readonly running: boolean }): ReactNode {
  const navigate = useNavigate();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          className={classes['more'] ?? ''}
          aria-label={`More about ${visibleName(source.name)}`}
        >
          <IconDotsVertical size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {running ? (
          <Menu.Item leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={() => void cancelRun(source.name)}>
            Cancel this run
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => void syncNow(source.name)}>
            Sync now
          </Menu.Item>
        )}
        <Menu.Item
          leftSection={<IconFolders size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/browse', search: { source: source.name } })}
        >
          Browse its files
        </Menu.Item>
        <Menu.Item
          leftSection={<IconHistory size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/activity', search: { source: source.name } })}
        >
          Its runs
        </Menu.Item>
        <Menu.Item
          leftSection={<IconEdit size={16} aria-hidden />}
          onClick={() => void navigate({ to: '/sources', search: { edit: source.name } })}
        >
          Change…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function LastAndNext({ source }: { readonly source: SourceShape }): ReactNode {
  const { lastRun, pausedUntil, nextRunAt } = source;
  const sentence = lastRun === null ? 'No run yet.' : runSentence(lastRun);
  return (
    <>
      <div className={classes['first']} data-tip={sentence}>
        {sentence}
      </div>
      <div className={classes['second']}>
        {lastRun !== null && (
          <>
            Last run <When at={lastRun.endedAt ?? lastRun.startedAt} />.{' '}
          </>
        )}
        {pausedUntil === 'forever' ? (
          'Paused.'
        ) : pausedUntil !== null ? (
          <>
            Paused; it goes on <When at={pausedUntil} form="next" />.
          </>
        ) : (
          nextRunAt !== null && (
            <>
              Next <When at={nextRunAt} form="next" />.
            </>
          )
        )}
      </div>
    </>
  );
}

function Now({ source, run }: { readonly source: SourceShape; readonly run: RunProgressShape | undefined }): ReactNode {
  if (run === undefined) return <Text>Waiting for its turn.</Text>;
  const left = leftOf(run);
  const copied = run.stores.reduce((sum, store) => sum + store.copied, 0);
  const share = copied + left.copies === 0 ? 0 : (100 * copied) / (copied + left.copies);
  const sentence = `${phaseWords(run)}: ${counted(run.filesSeen, 'file')} seen${
    left.copies > 0 ? `, ${counted(left.copies, 'copy', 'copies')} (${bytesText(left.bytes)}) to go` : ''
  }${left.ms === null ? '' : `, ${aboutText(left.ms)}`}.`;
  return (
    <>
      <div className={classes['first']} data-tip={sentence}>
        {sentence}
      </div>
      {run.phase === 'copying' ? (
        <Progress value={share} mt={9} size="sm" aria-label={`Copies of ${visibleName(source.name)} made`} />
      ) : (
        <div className={classes['second']}>
          <Link to="/activity" className={classes['quietLink']}>
            See the run
          </Link>
        </div>
      )}
    </>
  );
}
