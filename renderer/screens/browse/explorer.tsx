import { Button, CloseButton, Drawer, Switch } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { getRouteApi } from '@tanstack/react-router';
import { IconArrowBackUp, IconFolders } from '@tabler/icons-react';
import { useEffect, useId, useMemo, useRef, useState, type ReactNode } from 'react';
import type { ListRow, SourceShape } from '../../../shared/contract/shapes.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import { Empty } from '../../parts/empty.tsx';
import { bytesText, counted, countText } from '../../parts/figures.tsx';
import { visibleName } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { Crumbs } from './crumbs.tsx';
import { Divider, usePaneWidth } from './divider.tsx';
import { FileList } from './file-list.tsx';
import { FolderTree } from './folder-tree.tsx';
import { useHistory } from './history.ts';
import { placeOfFile, useRows, type Rows, type Sort } from './listing.ts';
import { momentText } from './moments.ts';
import { FilePanel } from './panel/file-panel.tsx';
import { RestoreDialog, type RestoreWish } from './restore-dialog.tsx';
import { countOf, nothingPicked, restoreItems, type Selection } from './selection.ts';
import { TimeSlider } from './time-slider.tsx';
import classes from './browse.module.css';

const route = getRouteApi('/browse');
/** From this width on the file's panel stands beside the list, and the folders do from the other. */
const panelBeside = '(min-width: 1100px)';
const treeBeside = '(min-width: 860px)';

/** A source: its folders, the files of one of them, and one file's panel, all as of the same moment. */
export function Explorer({ source }: { readonly source: SourceShape }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const path = search.path ?? '';
  const deleted = search.deleted ?? false;
  const chosenAt = search.at ?? null;
  /** Where the slider is while it is being moved; the address follows when it is let go. */
  const [moving, setMoving] = useState<{ readonly at: number | null }>();
  const at = moving === undefined ? chosenAt : moving.at;
  const [sort, setSort] = useState<Sort>({ by: 'name', descending: false });
  const [selection, setSelection] = useState<Selection>(nothingPicked);
  const [wish, setWish] = useState<RestoreWish>();
  const [treeShown, setTreeShown] = useState(false);
  const [openedByKey, setOpenedByKey] = useState(false);
  const hasPanelBeside = useMediaQuery(panelBeside, true, { getInitialValueInEffect: false });
  const hasTreeBeside = useMediaQuery(treeBeside, true, { getInitialValueInEffect: false });
  const grid = useRef<HTMLDivElement>(null);
  const sideId = useId();
  const [sideWidth, setSideWidth] = usePaneWidth();
  const rows = useRows({ source: source.name, path, at, deleted, sort });
  const history = useHistory(source.name, path, chosenAt);
  // What is picked is picked in one folder at one moment.
  const place = JSON.stringify([path, at, deleted]);
  const [pickedAt, setPickedAt] = useState(place);
  if (pickedAt !== place) {
    setPickedAt(place);
    setSelection(nothingPicked);
  }
  const chooseMoment = (moment: number | null) => {
    setMoving(undefined);
    void navigate({ search: (before) => ({ ...before, at: moment ?? undefined }) });
  };
  const expect = (folder: string) => {
    if (folder !== path) rows.expect({ source: source.name, path: folder, at: chosenAt, deleted, sort });
  };
  const goTo = (folder: string) => {
    expect(folder);
    setTreeShown(false);
    void navigate({ search: (before) => ({ ...before, path: folder === '' ? undefined : folder, file: undefined }) });
  };
  const openRow = (row: ListRow, byKey: boolean) => {
    if (row.kind === 'folder') goTo(row.path);
    else {
      setOpenedByKey(byKey);
      // From one file to the next there is no going back and back.
      void navigate({ search: (before) => ({ ...before, file: row.path }), replace: search.file !== undefined });
    }
  };
  const closePanel = () => {
    void navigate({ search: (before) => ({ ...before, file: undefined }), replace: true });
    grid.current?.focus({ preventScroll: true });
  };
  const target = useTarget(rows, search.file);
  const tree = <FolderTree source={source.name} path={path} at={at} deleted={deleted} onChoose={goTo} />;
  const panel = search.file !== undefined && (
    <FilePanel
      key={search.file}
      source={source.name}
      root={source.root}
      path={search.file}
      at={chosenAt}
      takesFocus={openedByKey}
      closable={hasPanelBeside}
      onClose={closePanel}
      onRestore={setWish}
    />
  );
  return (
    <>
      <div className={classes['time']}>
        {history.error !== null ? (
          <ProblemNote
            problem={problemOf(history.error)}
            action={{ label: 'Try again', run: history.retry, busy: history.isFetching }}
          />
        ) : (
          <TimeSlider
            days={history.days}
            moments={history.moments}
            at={at}
            onMove={(moment) => setMoving({ at: moment })}
            onChoose={chooseMoment}
          />
        )}
      </div>
      <div className={classes['columns']}>
        {hasTreeBeside ? (
          <>
            <nav
              id={sideId}
              className={classes['side']}
              style={{ flexBasis: sideWidth }}
              aria-label="Folders of the source"
            >
              {tree}
            </nav>
            <Divider controls={sideId} label="Width of the folders" width={sideWidth} onResize={setSideWidth} />
          </>
        ) : (
          <Drawer opened={treeShown} onClose={() => setTreeShown(false)} title="Folders" size="min(420px, 90vw)">
            {treeShown && <div style={{ height: 'calc(100dvh - 90px)', display: 'flex' }}>{tree}</div>}
          </Drawer>
        )}
        <div className={classes['middle']}>
          <div className={classes['middleHead']}>
            {!hasTreeBeside && (
              <Button
                variant="default"
                size="xs"
                leftSection={<IconFolders size={16} aria-hidden />}
                onClick={() => setTreeShown(true)}
              >
                Folders
              </Button>
            )}
            <Crumbs source={source.name} path={path} onGo={goTo} />
            <Switch
              size="sm"
              label={
                <>
                  Show deleted<span className={classes['ifRoom']}> files</span>
                </>
              }
              checked={deleted}
              onChange={(event) => {
                const on = event.currentTarget.checked;
                void navigate({ search: (before) => ({ ...before, deleted: on ? true : undefined }), replace: true });
              }}
            />
          </div>
          <FileList
            rows={rows}
            label={`Files in ${visibleName(path === '' ? source.name : baseName(path))}`}
            sort={sort}
            onSort={setSort}
            selection={selection}
            onSelect={setSelection}
            open={search.file}
            onAim={(row) => {
              if (row.kind === 'folder') expect(row.path);
            }}
            onOpen={openRow}
            onClosePanel={closePanel}
            onUp={() => {
              if (path !== '') goTo(folderOf(path));
            }}
            target={target}
            gridRef={grid}
            empty={
              <Empty
                drawing="files"
                order={3}
                title={at === null ? 'This folder is empty' : 'This folder was empty then'}
              >
                {deleted
                  ? 'No file has ever been seen in it.'
                  : at === null
                    ? 'No file is in it now. Files that were once here can be seen with “Show deleted files”.'
                    : 'Choose another time above, or press “Show deleted files” to see what had been here before.'}
              </Empty>
            }
          />
          <div className={classes['foot']} data-picked={countOf(selection) > 0}>
            {countOf(selection) > 0 ? (
              <>
                <span className={classes['footWords']}>{pickedWords(selection, rows)}</span>
                <Button
                  size="xs"
                  leftSection={<IconArrowBackUp size={16} aria-hidden />}
                  onClick={() =>
                    setWish({
                      source: source.name,
                      root: source.root,
                      items: restoreItems(selection, path),
                      at: chosenAt,
                      what: whatWords(selection, path, source.name),
                    })
                  }
                >
                  Restore…
                </Button>
                <CloseButton
                  aria-label="Select nothing"
                  data-tip="Select nothing"
                  onClick={() => setSelection(nothingPicked)}
                />
              </>
            ) : (
              <span className={classes['footWords']}>{figuresWords(rows, deleted)}</span>
            )}
          </div>
        </div>
        {hasPanelBeside && panel !== false && (
          <aside
            className={classes['panel']}
            aria-label="File"
            onKeyDown={(event) => {
              if (event.key === 'Escape' && !event.defaultPrevented) closePanel();
            }}
          >
            {panel}
          </aside>
        )}
      </div>
      {!hasPanelBeside && (
        <Drawer opened={panel !== false} onClose={closePanel} position="right" size="100%" title="File">
          {panel}
        </Drawer>
      )}
      {wish !== undefined && <RestoreDialog wish={wish} onClose={() => setWish(undefined)} />}
      <Announcer rows={rows} selection={selection} path={path === '' ? source.name : baseName(path)} at={at} />
    </>
  );
}

/** Where the open file is in the list, once it is known; only another file moves the list, not rows that come later. */
function useTarget(rows: Rows, file: string | undefined): number | undefined {
  const [found, setFound] = useState<{ readonly file: string; readonly index: number }>();
  const isKnown = file !== undefined && found?.file === file;
  const isHere = file !== undefined && rows.summary !== undefined && rows.key?.path === folderOf(file);
  useEffect(() => {
    if (!isHere || isKnown) return;
    for (const [index, row] of rows.rows())
      if (row.path === file) {
        setFound({ file, index });
        return;
      }
    const { key, summary } = rows;
    if (key === undefined || summary === undefined || key.sort.by !== 'name') return;
    let isGone = false;
    placeOfFile(key, summary.total, file).then(
      (index) => {
        if (!isGone && index !== undefined) setFound({ file, index });
      },
      // The file's own panel says what is wrong; the list only stays where it is.
      () => undefined,
    );
    return () => {
      isGone = true;
    };
  }, [rows, file, isHere, isKnown]);
  return isKnown ? found.index : undefined;
}

/** What is in the folder: `17 folders, 3 files, 32 bytes`. */
function figuresWords(rows: Rows, deleted: boolean): string {
  if (rows.summary === undefined) return '';
  const { total, files, bytes } = rows.summary;
  const there = [
    // With what is gone among the rows, it is not known how many of the rest are folders.
    !deleted && total > files ? counted(total - files, 'folder') : '',
    files > 0 || total === 0 ? `${counted(files, 'file')}, ${bytesText(bytes)}` : '',
  ].filter((part) => part !== '');
  return deleted && total > files
    ? `${counted(total, 'item')} with what was deleted; ${counted(files, 'file')}, ${bytesText(bytes)} not deleted`
    : there.join(', ');
}

function pickedWords(selection: Selection, rows: Rows): string {
  if (selection.kind === 'all') return `Everything in this folder is selected (${countText(rows.summary?.total ?? 0)})`;
  let bytes = 0;
  for (const { size } of selection.rows.values()) bytes += size ?? 0;
  return `${kindsOf(selection)} selected${bytes > 0 ? `, ${bytesText(bytes)}` : ''}`;
}

/** `3 files and 1 folder`. */
function kindsOf(selection: Extract<Selection, { kind: 'some' }>): string {
  let files = 0;
  let folders = 0;
  for (const { kind } of selection.rows.values()) {
    if (kind === 'file') files += 1;
    else folders += 1;
  }
  const parts = [files > 0 ? counted(files, 'file') : '', folders > 0 ? counted(folders, 'folder') : ''].filter(
    (part) => part !== '',
  );
  return parts.join(' and ');
}

function whatWords(selection: Selection, path: string, source: string): string {
  if (selection.kind === 'all') return `the folder ${visibleName(path === '' ? source : baseName(path))}`;
  const [one, ...more] = selection.rows.values();
  return one !== undefined && more.length === 0 ? visibleName(baseName(one.path)) : kindsOf(selection);
}

/** Says aloud what a sighted person sees: that a folder was opened, and how much is selected. */
function Announcer({
  rows,
  selection,
  path,
  at,
}: {
  readonly rows: Rows;
  readonly selection: Selection;
  readonly path: string;
  readonly at: number | null;
}): ReactNode {
  const total = rows.summary?.total;
  const loaded = useMemo(
    () =>
      total === undefined
        ? `Loading ${visibleName(path)}…`
        : `${visibleName(path)}: ${counted(total, 'item')}${at === null ? '' : `, as of ${momentText(at)}`}`,
    [total, path, at],
  );
  const [said, setSaid] = useState('');
  const count = countOf(selection);
  useEffect(() => {
    setSaid(loaded);
  }, [loaded]);
  useEffect(() => {
    setSaid((before) =>
      count > 0 ? `${countText(count)} selected` : before.endsWith(' selected') ? 'Nothing selected' : before,
    );
  }, [count]);
  return (
    <div className="unseen" role="status">
      {said}
    </div>
  );
}
