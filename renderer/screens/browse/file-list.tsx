import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconCheck } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  useEffect,
  useId,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  type Ref,
} from 'react';
import type { FolderSum, ListRow } from '../../../shared/contract/shapes.ts';
import { Mark } from '../../parts/copies.tsx';
import { Bytes, counted, countText, When } from '../../parts/figures.tsx';
import { Name } from '../../parts/name.tsx';
import { ProblemNote, problemOf } from '../../parts/problem.tsx';
import { FileIcon } from './file-icon.tsx';
import { rowsBetween, useFolderSums, type Rows, type Sort, type SortBy } from './listing.ts';
import { countOf, isPicked, mostPicked, nothingPicked, only, toggled, withAlso, type Selection } from './selection.ts';
import classes from './list.module.css';

const rowHeight = 40;
const headHeight = 38;
/** Rows drawn beyond each end of what is in sight: as many as one turn of a wheel brings. */
const overscan = 3;
/** Browsers draw nothing that lies lower than this many pixels, give or take. */
const deepest = 16_000_000;
const mostShown = Math.floor(deepest / rowHeight);

interface FileListProps {
  readonly rows: Rows;
  /** What the list is of, for screen readers. */
  readonly label: string;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly selection: Selection;
  readonly onSelect: (selection: Selection) => void;
  /** The path whose panel is open. */
  readonly open: string | undefined;
  /** A row is being pressed, and will be opened if the press ends where it began. */
  readonly onAim: (row: ListRow) => void;
  /** @param byKey whether the keyboard was used, so that the focus goes along. */
  readonly onOpen: (row: ListRow, byKey: boolean) => void;
  readonly onClosePanel: () => void;
  /** One folder up. */
  readonly onUp: () => void;
  /** A row to be scrolled to, by its place. */
  readonly target: number | undefined;
  /** What stands in the place of rows where there are none. */
  readonly empty: ReactNode;
  readonly gridRef: Ref<HTMLDivElement>;
}

/** The rows of a folder, of which only those in sight are drawn: a WAI-ARIA grid whose active row is named by its id. */
export function FileList(props: FileListProps): ReactNode {
  const {
    rows,
    label,
    sort,
    onSort,
    selection,
    onSelect,
    open,
    onAim,
    onOpen,
    onClosePanel,
    onUp,
    target,
    empty,
    gridRef,
  } = props;
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const anchor = useRef(0);
  /** The newest wish for a range counts; an older one may still be on its way. */
  const ranges = useRef(0);
  const total = rows.summary?.total ?? 0;
  const count = Math.min(total, mostShown);
  const current = Math.min(active, Math.max(0, count - 1));
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan,
    scrollPaddingStart: headHeight,
    scrollMargin: headHeight,
    rangeExtractor: ({ startIndex, endIndex, count: all }) => {
      const from = Math.max(0, startIndex - overscan);
      const to = Math.min(all - 1, endIndex + overscan);
      const range = Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => from + step);
      if (current < from) range.unshift(current);
      if (current > to && current < all) range.push(current);
      return range;
    },
  });
  // In this order: the range is reckoned with the items.
  const drawn = virtual.getVirtualItems();
  const first = virtual.range?.startIndex ?? 0;
  const last = virtual.range?.endIndex ?? 0;
  useEffect(() => rows.want(first, last), [rows, first, last, total]);
  const sums = useFolderSums(rows, first, last);
  const apart = indexApart(drawn);
  // Elements of rows that leave at one end are used again at the other: changing one costs half of making one.
  const inSight = drawn.length - (apart === undefined ? 0 : 1);
  const folder = `${rows.key?.source ?? ''}/${rows.key?.path ?? ''}`;
  const [shownFolder, setShownFolder] = useState(folder);
  if (shownFolder !== folder) {
    setShownFolder(folder);
    setActive(0);
  }
  useEffect(() => {
    anchor.current = 0;
    box.current?.scrollTo({ top: 0 });
  }, [folder]);
  const [reached, setReached] = useState<number>();
  if (target !== reached) {
    setReached(target);
    if (target !== undefined) setActive(target);
  }
  // A row in sight stays where it is: whoever pressed it may press again.
  useEffect(() => {
    if (target !== undefined) virtual.scrollToIndex(target, { align: 'auto' });
  }, [target, virtual]);

  const selectRange = (to: number, also: Selection) => {
    const from = anchor.current;
    const begin = Math.max(Math.min(from, to), from - mostPicked + 1, 0);
    const end = Math.min(Math.max(from, to), from + mostPicked - 1);
    const wish = (ranges.current += 1);
    void rowsBetween(rows, begin, end).then((between) => {
      if (wish === ranges.current) onSelect(withAlso(also, between));
    });
  };
  const selectAll = () => {
    ranges.current += 1;
    const wish = ranges.current;
    if (total > mostPicked) onSelect({ kind: 'all', count: total });
    else
      void rowsBetween(rows, 0, total - 1).then((all) => {
        if (wish === ranges.current) onSelect(only(all));
      });
  };
  const toggle = (index: number) => {
    const row = rows.row(index);
    if (row === undefined) return;
    anchor.current = index;
    ranges.current += 1;
    onSelect(toggled(selection, row));
  };
  const go = (to: number, extend: boolean) => {
    const next = Math.max(0, Math.min(count - 1, to));
    setActive(next);
    virtual.scrollToIndex(next);
    if (extend) selectRange(next, nothingPicked);
    else anchor.current = next;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) {
      if (event.altKey && event.key === 'ArrowUp') onUp();
      return;
    }
    const page = Math.max(1, Math.floor(((box.current?.clientHeight ?? 0) - headHeight) / rowHeight) - 1);
    const row = rows.row(current);
    const wide = event.ctrlKey || event.metaKey;
    if (wide && event.key.toLowerCase() === 'a') selectAll();
    else if (wide) return;
    else if (event.key === 'ArrowDown') go(current + 1, event.shiftKey);
    else if (event.key === 'ArrowUp') go(current - 1, event.shiftKey);
    else if (event.key === 'PageDown') go(current + page, event.shiftKey);
    else if (event.key === 'PageUp') go(current - page, event.shiftKey);
    else if (event.key === 'Home') go(0, event.shiftKey);
    else if (event.key === 'End') go(count - 1, event.shiftKey);
    else if (event.key === ' ') toggle(current);
    else if (event.key === 'Enter') {
      if (row !== undefined) onOpen(row, true);
    } else if (event.key === 'Backspace') onUp();
    else if (event.key === 'Escape' && countOf(selection) > 0) onSelect(nothingPicked);
    else if (event.key === 'Escape' && open !== undefined) onClosePanel();
    else return;
    event.preventDefault();
  };
  // One handler for all rows, so that a row is drawn again only when something of it has changed.
  const onPointerDown = (event: MouseEvent) => {
    const { row, onBox } = pressed(event, rows);
    if (row !== undefined && !onBox && event.button === 0) onAim(row);
  };
  const onClick = (event: MouseEvent) => {
    const { index, row, onBox } = pressed(event, rows);
    if (row === undefined) return;
    setActive(index);
    if (event.shiftKey) selectRange(index, nothingPicked);
    else if (event.ctrlKey || event.metaKey || onBox) toggle(index);
    else {
      anchor.current = index;
      onOpen(row, false);
    }
  };
  const sorter = (by: SortBy, words: string, sign?: ReactNode) => (
    <SortButton by={by} sort={sort} onSort={onSort} sign={sign}>
      {words}
    </SortButton>
  );
  const sorted = (by: SortBy) => (sort.by === by ? (sort.descending ? 'descending' : 'ascending') : 'none');
  const everything = total > 0 && countOf(selection) === total;
  // What is on its way has the elements of a row that is here, unseen: to fill them costs a part of making them.
  const standIn = rows.anyRow;
  return (
    <div className={classes['frame']}>
      {rows.problem !== undefined && (
        <ProblemNote problem={problemOf(rows.problem)} action={{ label: 'Try again', run: () => rows.retry() }} />
      )}
      <div
        ref={(element) => {
          box.current = element;
          if (typeof gridRef === 'function') gridRef(element);
          else if (gridRef !== null) gridRef.current = element;
        }}
        role="grid"
        aria-label={label}
        aria-multiselectable="true"
        aria-rowcount={rows.summary === undefined ? -1 : total + 1}
        aria-colcount={6}
        aria-busy={rows.summary === undefined || rows.isFollowing}
        aria-activedescendant={count > 0 ? `${id}-${current}` : undefined}
        tabIndex={0}
        className={classes['grid']}
        onKeyDown={onKeyDown}
      >
        <div role="rowgroup" className={classes['top']}>
          <div role="row" aria-rowindex={1} className={classes['head']}>
            <div role="columnheader" aria-colindex={1} className={classes['pick']}>
              <span className="unseen">Selected</span>
              <button
                type="button"
                className={classes['box']}
                data-on={everything}
                aria-label={everything ? 'Select nothing' : 'Select everything in this folder'}
                disabled={total === 0}
                onClick={() => (everything ? onSelect(nothingPicked) : selectAll())}
              >
                <IconCheck size={14} stroke={3} aria-hidden />
              </button>
            </div>
            <div role="columnheader" aria-colindex={2} aria-sort={sorted('name')} className={classes['cell']}>
              {sorter('name', 'Name')}
            </div>
            <div
              role="columnheader"
              aria-colindex={3}
              aria-sort={sorted('size')}
              className={`${classes['cell'] ?? ''} ${classes['number'] ?? ''}`}
            >
              {sorter('size', 'Size')}
            </div>
            <div
              role="columnheader"
              aria-colindex={4}
              aria-sort={sorted('mtime')}
              className={`${classes['cell'] ?? ''} ${classes['modified'] ?? ''}`}
            >
              {sorter('mtime', 'Modified')}
            </div>
            <div
              role="columnheader"
              aria-colindex={5}
              aria-sort={sorted('versions')}
              className={`${classes['cell'] ?? ''} ${classes['number'] ?? ''} ${classes['versions'] ?? ''}`}
            >
              {sorter('versions', 'Versions')}
            </div>
            <div role="columnheader" aria-colindex={6} aria-sort={sorted('copies')} className={classes['cell']}>
              {sorter('copies', 'Copies', <Mark standing="good" size={14} />)}
            </div>
          </div>
        </div>
        {rows.summary !== undefined && total === 0 ? (
          <div role="rowgroup">
            <div role="row">
              <div role="gridcell">{empty}</div>
            </div>
          </div>
        ) : (
          <div
            role="rowgroup"
            className={classes['sizer']}
            onPointerDown={onPointerDown}
            onClick={onClick}
            style={{ height: rows.summary === undefined ? rowHeight * 12 : virtual.getTotalSize() }}
          >
            {rows.summary === undefined
              ? Array.from({ length: 12 }, (_, index) => (
                  <Row
                    key={index}
                    id={`${id}-${index}`}
                    index={index}
                    row={standIn}
                    coming
                    sum={undefined}
                    top={index * rowHeight}
                    picked={false}
                    active={false}
                    open={false}
                  />
                ))
              : drawn.map(({ index, start }) => {
                  const row = rows.row(index);
                  return (
                    <Row
                      key={index === apart ? 'apart' : index % inSight}
                      id={`${id}-${index}`}
                      index={index}
                      row={row ?? standIn}
                      coming={row === undefined}
                      sum={row?.kind === 'folder' ? sums.sum(row.path) : undefined}
                      top={start - headHeight}
                      picked={row !== undefined && isPicked(selection, row.path)}
                      active={index === current}
                      open={row !== undefined && row.path === open}
                    />
                  );
                })}
          </div>
        )}
      </div>
      {total > count && (
        <div className={classes['foot']}>
          The first {countText(count)} of {counted(total, 'row')} are shown. Sort the other way round for the rest, or
          search for a name.
        </div>
      )}
    </div>
  );
}

/** Where a list was pressed: the row, and whether on its tick box. */
function pressed({ target }: MouseEvent, rows: Rows): { index: number; row: ListRow | undefined; onBox: boolean } {
  const on = target instanceof Element ? target : undefined;
  const index = Number(on?.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? Number.NaN);
  return { index, row: rows.row(index), onBox: on?.closest('[data-pick]') !== null };
}

/** The active row where it is drawn far from those in sight: before or after rows that all stand side by side. */
function indexApart(drawn: readonly { readonly index: number }[]): number | undefined {
  const at = (position: number) => drawn.at(position)?.index ?? 0;
  if (drawn.length < 2) return undefined;
  if (at(0) + 1 < at(1)) return at(0);
  return at(-2) + 1 < at(-1) ? at(-1) : undefined;
}

/** Sorted by these at first, names begin with A, and what is not copied everywhere comes first; by others, what is most. */
const rises: ReadonlySet<SortBy> = new Set(['name', 'copies']);

function SortButton({
  by,
  sort,
  onSort,
  sign,
  children,
}: {
  readonly by: SortBy;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  /** What stands for the words where there is no room for them. */
  readonly sign: ReactNode;
  readonly children: string;
}): ReactNode {
  const isSorted = sort.by === by;
  const Arrow = sort.descending ? IconArrowDown : IconArrowUp;
  return (
    <UnstyledButton
      className={classes['sorter'] ?? ''}
      data-sorted={isSorted}
      onClick={() => onSort({ by, descending: isSorted ? !sort.descending : !rises.has(by) })}
    >
      {sign === undefined ? (
        children
      ) : (
        <>
          <span className={classes['words']}>{children}</span>
          <span className={classes['sign']} data-tip={children}>
            {sign}
          </span>
        </>
      )}
      {isSorted && <Arrow size={14} aria-hidden />}
    </UnstyledButton>
  );
}

/** What a folder has no figure for. */
function Nothing(): ReactNode {
  return (
    <span className={classes['nothing']} aria-hidden>
      –
    </span>
  );
}

interface RowProps {
  readonly id: string;
  readonly index: number;
  readonly row: ListRow | undefined;
  /** Whether the row is still on its way, and `row` no more than its stand-in. */
  readonly coming: boolean;
  /** What lies in a folder: `undefined` while it is on its way, `null` where nobody can tell. */
  readonly sum: FolderSum | null | undefined;
  readonly top: number;
  readonly picked: boolean;
  readonly active: boolean;
  readonly open: boolean;
}

const Row = memo(function Row({ id, index, row, coming, sum, top, picked, active, open }: RowProps): ReactNode {
  const common = {
    id,
    role: 'row',
    'aria-rowindex': index + 2,
    className: classes['row'],
    style: { top },
    'data-active': active,
    'data-coming': coming,
    'aria-busy': coming ? true : undefined,
    'aria-label': coming ? 'Loading…' : undefined,
  } as const;
  if (row === undefined)
    return (
      <div {...common}>
        <div role="gridcell" aria-colindex={1} />
      </div>
    );
  const isFile = row.kind === 'file';
  // Nothing is in a folder that is gone.
  const inside = isFile || row.deleted ? undefined : (sum ?? undefined);
  const isComing = !isFile && !row.deleted && sum === undefined;
  return (
    <div
      {...common}
      aria-selected={picked}
      aria-current={open ? 'true' : undefined}
      data-open={open}
      data-index={coming ? undefined : index}
    >
      <div role="gridcell" aria-colindex={1} className={classes['pick']} data-pick>
        <span className={classes['box']} aria-hidden>
          <IconCheck size={14} stroke={3} />
        </span>
      </div>
      <div role="gridcell" aria-colindex={2} className={`${classes['cell'] ?? ''} ${classes['name'] ?? ''}`}>
        <FileIcon name={row.name} folder={!isFile} className={classes['icon']} />
        <span className={`${classes['nameText'] ?? ''} ${row.deleted ? (classes['deleted'] ?? '') : ''}`}>
          <Name text={row.name} />
        </span>
        {!isFile && <span className="unseen">, folder</span>}
        {row.deleted && <span className={classes['label']}>Deleted</span>}
        {inside !== undefined && (
          <span className={classes['inside']}>
            <span className="unseen">, </span>
            {inside.files === 0 ? 'empty' : counted(inside.files, 'file')}
            {inside.files > 0 && <span className="unseen">,</span>}
          </span>
        )}
      </div>
      <div role="gridcell" aria-colindex={3} className={`${classes['cell'] ?? ''} ${classes['number'] ?? ''}`}>
        {isFile ? (
          <Bytes value={row.size} />
        ) : inside !== undefined && inside.files > 0 ? (
          <Bytes value={inside.bytes} />
        ) : (
          !isComing && <Nothing />
        )}
      </div>
      <div role="gridcell" aria-colindex={4} className={`${classes['cell'] ?? ''} ${classes['modified'] ?? ''}`}>
        {isFile ? <When at={row.mtime} form="day" /> : <Nothing />}
      </div>
      <div
        role="gridcell"
        aria-colindex={5}
        className={`${classes['cell'] ?? ''} ${classes['number'] ?? ''} ${classes['versions'] ?? ''}`}
      >
        {isFile ? countText(row.versions) : <Nothing />}
      </div>
      <div role="gridcell" aria-colindex={6} className={`${classes['cell'] ?? ''} ${classes['copied'] ?? ''}`}>
        {isFile ? (
          <>
            <Mark standing={row.copied ? 'good' : 'coming'} />
            <span className={classes['words']}>{row.copied ? 'all made' : 'on the way'}</span>
          </>
        ) : (
          <Nothing />
        )}
      </div>
    </div>
  );
});
