import { ActionIcon, Anchor, Button, Menu, Text } from '@mantine/core';
import {
  IconDotsVertical,
  IconEdit,
  IconFolderSearch,
  IconPlayerPause,
  IconPlayerPlay,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import type { RunProgressShape, SourceShape } from '../../../shared/contract/shapes.ts';
import { pauses } from '../../app/pausing.ts';
import { engine, query } from '../../app/rpc.ts';
import { cancelRun, syncNow, tell } from '../../parts/acts.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Copies, dotsOfSource } from '../../parts/copies.tsx';
import { Bytes, Count, counted, When } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, tellProblem } from '../../parts/problem.tsx';
import { massWords, runSentence } from '../../parts/run-words.ts';
import { cadenceInWords } from './cadence.ts';
import { RunNow } from './run-now.tsx';
import classes from './sources.module.css';

interface SourceSheetProps {
  readonly source: SourceShape;
  readonly run: RunProgressShape | undefined;
  readonly onEdit: () => void;
}

/** One source of the list: where it is, how its copies stand, when it runs, and what can be done with it. */
export function SourceSheet({ source, run, onEdit }: SourceSheetProps): ReactNode {
  const resume = useMutation(query.sources.resume.mutationOptions({ onError: tellProblem }));
  const name = visibleName(source.name);
  const paused = source.pausedUntil !== null;
  const stopped = source.copies.filter((copy) => copy.problem !== null);
  return (
    <li className={classes['sheet']}>
      <div className={classes['head']}>
        <div className={classes['names']}>
          <h2 className={classes['name']}>
            <Link to="/browse" search={{ source: source.name }} className={classes['nameLink']}>
              <Name text={source.name} />
            </Link>
          </h2>
          <div className={classes['place']}>
            <Name text={source.root} path />
          </div>
        </div>
        <div className={classes['buttons']}>
          {paused ? (
            <Button
              variant="default"
              leftSection={<IconPlayerPlay size={16} aria-hidden />}
              loading={resume.isPending}
              aria-label={`Resume ${name}`}
              onClick={() => resume.mutate({ name: source.name })}
            >
              Resume
            </Button>
          ) : source.running ? (
            <Button
              variant="default"
              aria-label={`Stop this run of ${name}`}
              onClick={() => void cancelRun(source.name)}
            >
              Stop this run
            </Button>
          ) : (
            <Button
              variant="default"
              leftSection={<IconRefresh size={16} aria-hidden />}
              aria-label={`Sync now: ${name}`}
              onClick={() => void syncNow(source.name)}
            >
              Sync now
            </Button>
          )}
          <More source={source} onEdit={onEdit} />
        </div>
      </div>
      <Standing source={source} onEdit={onEdit} />
      {source.versions > 0 && <Copies dots={dotsOfSource(source)} />}
      {run === undefined &&
        stopped.map(
          (copy) =>
            copy.problem !== null && <StoreTrouble key={copy.store} store={copy.store} problem={copy.problem} />,
        )}
      {run !== undefined && <RunNow run={run} />}
      <dl className={classes['facts']}>
        <Fact label="Protected">
          <Count value={source.files} of="file" />, <Bytes value={source.bytes} />
          {source.versions > source.files && (
            <>
              ; with earlier ones, <Count value={source.versions} of="version" />
            </>
          )}
        </Fact>
        <Fact label="Runs">{capital(cadenceInWords(source.cadence))}</Fact>
        <Fact label="Next run">
          <NextRun source={source} />
        </Fact>
        <Fact label="Last run">
          <LastRun source={source} />
        </Fact>
      </dl>
    </li>
  );
}

function StoreTrouble({
  store,
  problem,
}: {
  readonly store: string;
  readonly problem: NonNullable<SourceShape['copies'][number]['problem']>;
}): ReactNode {
  const navigate = useNavigate();
  return (
    <ProblemNote
      problem={problem}
      tone="quiet"
      action={{ label: 'See the store', run: () => void navigate({ to: '/stores', search: { store } }) }}
    />
  );
}

/** What is out of the ordinary: paused, not reachable, waiting for a decision. */
function Standing({ source, onEdit }: { readonly source: SourceShape; readonly onEdit: () => void }): ReactNode {
  const { pausedUntil, lastRun } = source;
  if (pausedUntil !== null) {
    return (
      <Text className={classes['standing']} data-tone="paused">
        {pausedUntil === 'forever' ? (
          'Paused until you resume it. Changes are not copied meanwhile.'
        ) : (
          <>
            Paused, until <When at={pausedUntil} form="minute" />. Changes are not copied meanwhile.
          </>
        )}
      </Text>
    );
  }
  if (!source.reachable) {
    return (
      <Text component="div" className={classes['standing']} data-tone="warn">
        The folder cannot be seen: its server is off, not connected, or the folder was moved. Nothing is taken as
        deleted.{' '}
        <Anchor component="button" type="button" onClick={onEdit}>
          The folder is somewhere else now
        </Anchor>
      </Text>
    );
  }
  if (lastRun?.outcome === 'needs-approval') {
    return (
      <Text component="div" className={classes['standing']} data-tone="warn">
        {lastRun.questioned === null
          ? 'Unusually much had changed at once.'
          : `Unusually much had changed at once: ${massWords(lastRun.questioned)}.`}{' '}
        Strongroom stopped before it touched a copy.{' '}
        <Link to="/activity" search={{ run: lastRun.id }} className={classes['link']}>
          Look at it and decide
        </Link>
      </Text>
    );
  }
  return null;
}

function LastRun({ source }: { readonly source: SourceShape }): ReactNode {
  const { lastRun } = source;
  if (lastRun === null) return 'None yet';
  if (lastRun.endedAt === null && source.running)
    return (
      <>
        Under way; it began{' '}
        <Link to="/activity" search={{ run: lastRun.id }} className={classes['link']}>
          <When at={lastRun.startedAt} />
        </Link>
        .
      </>
    );
  return (
    <>
      <Link to="/activity" search={{ run: lastRun.id }} className={classes['link']}>
        <When at={lastRun.endedAt ?? lastRun.startedAt} />
      </Link>
      . {runSentence(lastRun)}
    </>
  );
}

function NextRun({ source }: { readonly source: SourceShape }): ReactNode {
  if (source.running) return 'Under way or next in line';
  if (source.pausedUntil !== null) return 'After the pause';
  return source.nextRunAt === null ? 'Not planned' : <When at={source.nextRunAt} />;
}

function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={classes['fact']}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function More({ source, onEdit }: { readonly source: SourceShape; readonly onEdit: () => void }): ReactNode {
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const pause = useMutation(query.sources.pause.mutationOptions({ onError: tellProblem }));
  const name = visibleName(source.name);
  const stores = source.copies.map(({ store }) => visibleName(store));
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={`More for ${name}`}>
            <IconDotsVertical size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEdit size={16} aria-hidden />} onClick={onEdit}>
            Change…
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFolderSearch size={16} aria-hidden />}
            onClick={() => void navigate({ to: '/browse', search: { source: source.name } })}
          >
            Browse its files
          </Menu.Item>
          {source.pausedUntil === null && (
            <>
              <Menu.Divider />
              <Menu.Label>Pause</Menu.Label>
              {pauses.map(({ label, until }) => (
                <Menu.Item
                  key={label}
                  leftSection={<IconPlayerPause size={16} aria-hidden />}
                  onClick={() => pause.mutate({ name: source.name, until: until() })}
                >
                  {label}
                </Menu.Item>
              ))}
            </>
          )}
          <Menu.Divider />
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} color="red.8" onClick={() => setRemoving(true)}>
            Remove…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={removing}
        title={`Remove the source “${name}”?`}
        action="Remove the source"
        grave
        run={async () => {
          await engine.sources.remove({ name: source.name });
          tell(`${name} is not protected any more. Its copies stay where they are.`);
        }}
        onClose={() => setRemoving(false)}
      >
        <Text>
          Strongroom no longer looks after the folder, and no longer shows its files and versions. The folder itself is
          not touched.
        </Text>
        <Text mt="sm">
          {stores.length === 0
            ? 'There are no copies of it.'
            : `The copies stay where they are: in ${listed(stores)}, as plain files that can be opened without Strongroom.`}{' '}
          If you protect the folder again later, it can be continued: with the versions that there are, and nothing is
          copied twice.
        </Text>
      </Confirm>
    </>
  );
}

/** More stores than so many are told by their number: their names are on the sheet behind the question. */
const mostNamed = 4;

/** Each name isolated (UAX #9), or two of a right-to-left script would change places. */
function listed(names: readonly string[]): string {
  if (names.length > mostNamed) return counted(names.length, 'store');
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names.map((name) => `“\u2068${name}\u2069”`));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
