import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import { query } from '../../app/rpc.ts';
import { bytesText, counted, countText } from '../../parts/figures.tsx';
import { Name, visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { alike, placeOf, resultWords, type Done, type RestoreWish } from './restore-words.ts';
import classes from './restore-dialog.module.css';

const route = getRouteApi('/browse');
/** As the engine says why a file has another name. */
const inItsPlace = 'another file lies in its place';
const namesListed = 200;

/** What a restore came to: what is where, what is not, and why. */
export function Result({
  wish,
  done,
  notices,
  onAgain,
  onClose,
}: {
  readonly wish: RestoreWish;
  readonly done: Done;
  readonly notices: readonly string[];
  /** The same again. */
  readonly onAgain: () => void;
  readonly onClose: () => void;
}): ReactNode {
  const navigate = route.useNavigate();
  const show = useMutation(query.restore.show.mutationOptions());
  const isOriginal = done.target === wish.root;
  const folder = done.single?.folder ?? (isOriginal ? placeOf(wish) : done.target);
  const isThere = done.restored + done.same > 0;
  // What was put beside other files would be put there once more: that is said where it ended early.
  const canGoOn = done.stopped !== undefined || (done.failedFiles > 0 && done.renamed.length === 0);
  const beside = done.single !== undefined && done.renamed.length > 0 ? done.renamed[0] : undefined;
  return (
    <Stack>
      <div role="status">
        <Text fw={600}>{resultWords(done, counted)}</Text>
        {isThere && done.single !== undefined && (
          <Text component="div">
            It is{' '}
            <b>
              <Name text={done.single.name} lines="all" />
            </b>{' '}
            in <Name text={folder} path lines={2} />
          </Text>
        )}
        {done.restored > 0 && (
          <Text component="div">
            {done.single === undefined ? (
              <>
                {bytesText(done.bytes)}, each file checked against its checksum, in{' '}
                <Name text={folder} path lines={2} />
              </>
            ) : (
              `${bytesText(done.bytes)}, checked against its checksum.`
            )}
          </Text>
        )}
        {done.restored > 0 && isOriginal && (
          <Text size="sm">
            The next run takes {done.restored === 1 ? 'it' : 'them'} in; Browse shows{' '}
            {done.restored === 1 ? 'it' : 'them'} then.
          </Text>
        )}
        {beside !== undefined && (
          <Text component="div" size="sm">
            {beside.why === inItsPlace ? (
              <>
                <Name text={baseName(beside.path)} />, which was there before, is left as it was.
              </>
            ) : (
              `It has this name because ${beside.why}.`
            )}
          </Text>
        )}
      </div>
      {done.stopped !== undefined && <Stopped done={done} stopped={done.stopped} />}
      {notices.map((notice) => (
        <Alert key={notice} variant="light" color="yellow">
          {notice}
        </Alert>
      ))}
      {done.renamed.length > 0 && done.single === undefined && (
        <details>
          <summary>{counted(done.renamed.length, 'file')} restored under another name</summary>
          <ul className={classes['list']}>
            {done.renamed.slice(0, namesListed).map(({ path, as, why }) => (
              <li key={path}>
                <Name text={path} path lines={2} /> was restored as <Name text={as} path lines={2} />{' '}
                <Text size="sm">{why}</Text>
              </li>
            ))}
          </ul>
        </details>
      )}
      {done.kept.length > 0 && (
        <details>
          <summary>{counted(done.keptFiles, 'file')} left as before</summary>
          <ul className={classes['list']}>
            {done.kept.slice(0, namesListed).map((path) => (
              <li key={path}>
                <Name text={path} path lines={2} />
              </li>
            ))}
          </ul>
          <Unlisted count={done.keptFiles - namesListed} />
        </details>
      )}
      {done.failed.length > 0 && (
        <div className={classes['list']}>
          {alike(done.failed).map(({ told, others }) => (
            <div key={`${told[0]?.code} ${told[0]?.advice}`}>
              {told.map((problem, index) => (
                <ProblemNote key={index} problem={problem} tone="quiet" />
              ))}
              {others.length > 0 && (
                <details>
                  <summary>{counted(others.length, 'more file')} for the same reason</summary>
                  <ul>
                    {others.slice(0, namesListed).map((name) => (
                      <li key={name}>
                        <Name text={name} path lines={2} />
                      </li>
                    ))}
                  </ul>
                  <Unlisted count={others.length - namesListed} />
                </details>
              )}
            </div>
          ))}
          <Unlisted count={done.failedFiles - done.failed.length} />
        </div>
      )}
      {show.isError && <ProblemNote problem={problemOf(show.error)} />}
      <Group justify="flex-end">
        {isThere && (
          <Button
            variant="default"
            leftSection={<IconFolderOpen size={18} aria-hidden />}
            loading={show.isPending}
            onClick={() => show.mutate({ folder })}
          >
            Show in folder
          </Button>
        )}
        {isThere && isOriginal && (
          <Button
            variant="default"
            onClick={() => {
              onClose();
              const path = folderOf(wish.items[0]?.path ?? '');
              void navigate({ search: { source: wish.source, path: path === '' ? undefined : path } });
            }}
          >
            Show in Browse
          </Button>
        )}
        {canGoOn && (
          <Button variant="default" onClick={onAgain}>
            Restore the rest
          </Button>
        )}
        <Button onClick={onClose} data-autofocus>
          Close
        </Button>
      </Group>
    </Stack>
  );
}

/** Why it ended early, what that means for what is there, and how the rest is had. */
function Stopped({ done, stopped }: { readonly done: Done; readonly stopped: Problem }): ReactNode {
  const beside = done.renamed.filter(({ why }) => why === inItsPlace).length;
  return (
    <>
      {stopped.code !== 'cancelled' && <ProblemNote problem={stopped} />}
      <Text>
        {done.restored > 0 && 'What was restored is whole and stays where it is. '}
        Restore the rest now or another time: what is there already is compared, and not written again.
        {stopped.code === 'cancelled' && stopped.advice !== null && ` ${visibleName(stopped.advice)}`}
        {beside > 0 &&
          ` ${beside === 1 ? 'The file that was put beside another one is' : `The ${counted(beside, 'file')} that were put beside others are`} put there once more.`}
      </Text>
    </>
  );
}

function Unlisted({ count }: { readonly count: number }): ReactNode {
  return count > 0 ? <Text size="sm">and {countText(count)} more</Text> : null;
}
