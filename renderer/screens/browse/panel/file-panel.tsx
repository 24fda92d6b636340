import { Button, CloseButton, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery } from '@tanstack/react-query';
import { IconArrowBackUp, IconArrowsDiff, IconBrandGoogleDrive, IconExternalLink } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { baseName, folderOf } from '../../../../shared/names.ts';
import { query } from '../../../app/rpc.ts';
import { Bytes, counted, countText, When } from '../../../parts/figures.tsx';
import { BlockLoading } from '../../../parts/loading.tsx';
import { Name, visibleName } from '../../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../../parts/problem.tsx';
import { momentText } from '../moments.ts';
import type { RestoreWish } from '../restore-dialog.tsx';
import { Download } from './download.tsx';
import { Preview } from './preview.tsx';
import { versionAt, versionToShow } from './version-change.ts';
import { Versions } from './versions.tsx';
import classes from './panel.module.css';

const Compare = lazy(() => import('./compare.tsx'));

const openedNotice = 'a-version-is-opened';

interface FilePanelProps {
  readonly source: string;
  readonly root: string;
  readonly path: string;
  /** The moment that is shown in the list; `null`: now. */
  readonly at: number | null;
  /** Whether the heading takes the focus as it appears. */
  readonly takesFocus: boolean;
  /** Whether it brings a button of its own to close it. */
  readonly closable: boolean;
  readonly onClose: () => void;
  readonly onRestore: (wish: RestoreWish) => void;
}

/** A file: what it looks like, what can be done with it, every version and every copy. */
export function FilePanel(props: FilePanelProps): ReactNode {
  const { source, root, path, at, takesFocus, closable, onClose, onRestore } = props;
  const file = useQuery(query.browse.file.queryOptions({ input: { source, path } }));
  const open = useMutation(
    query.browse.open.mutationOptions({
      onSuccess: (_, { version }) => {
        notifications.show({
          id: openedNotice,
          title: `A copy of version ${countText(version)} is opened`,
          message:
            'It opens with the program that this computer has for it. The copy is for looking only: to work on with this version, restore it.',
          autoClose: 15_000,
          role: 'status',
          // The library's own grey is too faint to be read.
          styles: { description: { color: 'var(--quiet)' } },
          closeButtonProps: { 'aria-label': 'Close this message' },
        });
      },
    }),
  );
  // What is said of this file ends with its panel.
  useEffect(() => () => void notifications.hide(openedNotice), []);
  /** The version that a person chose, and the moment at which they did: another moment has its own version. */
  const [chosen, setChosen] = useState<{ readonly version: number; readonly at: number | null }>();
  const [comparing, setComparing] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takesFocus) title.current?.focus({ preventScroll: true });
  }, [takesFocus]);
  const name = baseName(path);
  const versions = file.data?.versions ?? [];
  const shown =
    (chosen?.at === at ? versions.find((version) => version.number === chosen.version) : undefined) ??
    versionToShow(versions, at);
  const then = versionAt(versions, at);
  const driveUrl = shown?.copies.find((copy) => copy.kind === 'drive' && copy.webUrl !== null)?.webUrl;
  const contents = versions.filter((version) => !version.deleted);
  const restore = () => {
    if (shown === undefined) return;
    onRestore({
      source,
      root,
      items: [{ path, version: shown.number }],
      at: null,
      what: visibleName(name),
      version: { number: shown.number, firstSeen: shown.firstSeen },
    });
  };
  return (
    <div className={classes['panel']}>
      <div className={classes['head']}>
        <Title order={2} ref={title} tabIndex={-1} className={classes['title'] ?? ''}>
          <Name text={name} lines={3} />
        </Title>
        {closable && <CloseButton aria-label="Close the file’s panel" onClick={onClose} />}
        <div className={classes['place']}>
          <Name text={folderOf(path) === '' ? source : `${source}/${folderOf(path)}`} path />
        </div>
      </div>
      {file.isError && (
        <ProblemNote
          problem={problemOf(file.error)}
          action={{ label: 'Try again', run: () => void file.refetch(), busy: file.isFetching }}
        />
      )}
      {file.isPending && <BlockLoading height={360} label="Loading the file’s versions…" />}
      {file.data !== undefined && shown === undefined && (
        <p className={classes['what']}>Nothing of this file has been recorded yet.</p>
      )}
      {shown !== undefined && (
        <>
          <div className={classes['actions']}>
            <Button px={12} leftSection={<IconArrowBackUp size={18} aria-hidden />} onClick={restore}>
              Restore…
            </Button>
            <Button
              variant="default"
              px={12}
              leftSection={<IconExternalLink size={18} aria-hidden />}
              loading={open.isPending}
              onClick={() => open.mutate({ source, path, version: shown.number })}
            >
              Open
            </Button>
            {contents.length > 1 && (
              <Button
                variant="default"
                px={12}
                leftSection={<IconArrowsDiff size={18} aria-hidden />}
                onClick={() => setComparing(true)}
              >
                Compare…
              </Button>
            )}
            {driveUrl !== undefined && driveUrl !== null && (
              <Button
                component="a"
                href={driveUrl}
                target="_blank"
                rel="noopener noreferrer"
                variant="default"
                px={12}
                leftSection={<IconBrandGoogleDrive size={18} aria-hidden />}
              >
                Show in Drive
              </Button>
            )}
          </div>
          {open.isError && open.variables.version === shown.number && (
            <div className={classes['unopened']}>
              <ProblemNote problem={problemOf(open.error)} />
              <Download content={{ source, path, version: shown.number }} name={name} />
            </div>
          )}
          {then === undefined && at !== null && (
            <p className={classes['what']}>
              This file was not there yet on {momentText(at)}. Its newest version is shown.
            </p>
          )}
          {then?.deleted === true && (
            <p className={classes['what']}>
              This file is deleted: it was no longer there on <When at={then.firstSeen} form="minute" />. The last
              version before that is shown.
            </p>
          )}
          <div className={classes['facts']}>
            <span>Version {countText(shown.number)}</span>
            <span>
              <Bytes value={shown.size} />
            </span>
            {shown.mtime !== null && (
              <span>
                modified <When at={shown.mtime} form="minute" />
              </span>
            )}
          </div>
          <Preview
            key={shown.number}
            content={{ source, path, version: shown.number }}
            label={`version ${shown.number} of ${name}`}
          />
          <section aria-label="Versions">
            <Title order={3} size="h5" mb={10}>
              {contents.length === 1 ? 'One version' : counted(contents.length, 'version')}
            </Title>
            <Versions
              versions={versions}
              path={path}
              shown={shown.number}
              onShow={(version) => setChosen({ version, at })}
            />
          </section>
          {comparing && (
            <Suspense>
              <Compare
                source={source}
                path={path}
                versions={versions}
                shown={shown.number}
                onClose={() => setComparing(false)}
              />
            </Suspense>
          )}
        </>
      )}
    </div>
  );
}
