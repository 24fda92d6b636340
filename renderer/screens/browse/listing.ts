import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { ListRow, ListSort } from '../../../shared/contract/shapes.ts';
import { baseName } from '../../../shared/names.ts';
import { engine } from '../../app/rpc.ts';
import { FolderSums } from './listing-sums.ts';
import { PageCache, usualLimits, type Beat } from './pages.ts';

export type SortBy = ListSort;

export interface Sort {
  readonly by: SortBy;
  readonly descending: boolean;
}

/** A folder as of a moment, in an order: what a listing is of. */
export interface Listing {
  readonly source: string;
  readonly path: string;
  /** `null`: now. */
  readonly at: number | null;
  /** Whether files and folders that were gone by then are listed too. */
  readonly deleted: boolean;
  readonly sort: Sort;
}

export type Rows = PageCache<Listing, ListRow>;

const beat: Beat = {
  now: () => performance.now(),
  draw: (work) => requestAnimationFrame(work),
  after: (ms, work) => setTimeout(work, ms),
};

/** As many rows as one answer holds (`browse.list` of the contract). */
const mostRows = 1_000;

function ask(listing: Listing, offset: number, limit: number, signal: AbortSignal) {
  const { source, path, at, deleted, sort } = listing;
  return engine.browse.list(
    { source, path, at, deleted, sort: sort.by, descending: sort.descending, offset, limit },
    { signal },
  );
}

let told = 0;

/** One for all who ask: whichever of them the library lets ask again, the number is one that none has had yet. */
function nextRevision(): number {
  told += 1;
  return told;
}

/** Another number whenever the engine has told that files of the source have changed. */
export function useFilesRevision(source: string): number {
  // A question of the same family and form as those to the engine: it is asked again when they are.
  const { data } = useQuery({
    queryKey: [['browse', 'revision'], { input: { source } }],
    queryFn: nextRevision,
    // Not asked for at first: whoever begins asks the engine anyway, once.
    initialData: 0,
  });
  return data;
}

/** The rows of a folder, kept up to date. The component is drawn anew whenever rows have come. */
export function useRows({ source, path, at, deleted, sort }: Listing): Rows {
  const [rows] = useState<Rows>(() => new PageCache(ask, usualLimits, beat));
  const revision = useFilesRevision(source);
  const { by, descending } = sort;
  useEffect(() => {
    const listing = { source, path, at, deleted, sort: { by, descending } };
    if (rows.key?.source === source && rows.key.path === path) rows.follow(listing);
    else rows.open(listing);
  }, [rows, source, path, at, deleted, by, descending, revision]);
  useEffect(() => () => rows.close(), [rows]);
  useSyncExternalStore(rows.subscribe, rows.revision);
  return rows;
}

/** What lies in the folders that are in sight. The component is drawn anew whenever sums have come. */
export function useFolderSums(rows: Rows, first: number, last: number): FolderSums {
  const [sums] = useState(
    () =>
      new FolderSums(({ source, at }, paths, signal) =>
        engine.browse.sums({ source, at, paths: [...paths] }, { signal }),
      ),
  );
  const { key, reading } = rows;
  const revision = useSyncExternalStore(rows.subscribe, rows.revision);
  // After the rows were drawn: they never wait for the sums.
  useEffect(() => {
    if (key === undefined || rows.summary === undefined) return;
    const paths: string[] = [];
    for (let index = first; index <= last; index += 1) {
      const row = rows.row(index);
      if (row?.kind === 'folder' && !row.deleted) paths.push(row.path);
    }
    sums.want({ source: key.source, path: key.path, at: key.at, reading }, paths);
  }, [sums, rows, key, reading, revision, first, last]);
  useEffect(() => () => sums.close(), [sums]);
  const told = useSyncExternalStore(sums.subscribe, sums.revision);
  // With the sums there is an order by them.
  useEffect(() => {
    if (key !== undefined && rows.summary?.provisional === true && sums.areKnown(reading)) rows.follow(key);
  }, [rows, key, reading, revision, sums, told]);
  return sums;
}

/** Rows `first` to `last`, both included, whether they are here or not. */
export async function rowsBetween(rows: Rows, first: number, last: number): Promise<ListRow[]> {
  const here: ListRow[] = [];
  for (let index = first; index <= last; index += 1) {
    const row = rows.row(index);
    if (row === undefined) break;
    here.push(row);
  }
  const listing = rows.key;
  if (here.length === last - first + 1 || listing === undefined) return here;
  const fetched: ListRow[] = [];
  const signal = new AbortController().signal;
  while (fetched.length < last - first + 1) {
    const limit = Math.min(mostRows, last - first + 1 - fetched.length);
    const answer = await ask(listing, first + fetched.length, limit, signal);
    if (answer.rows.length === 0) break;
    fetched.push(...answer.rows);
  }
  return fetched;
}

/** The order of names in a listing, as the engine has it: `page 2` before `page 10`. */
const byName = new Intl.Collator('en', { numeric: true });

/**
 * Where a file is in a listing by name of which only some pages are here: halving, one row a question.
 * @returns `undefined` where it is not in it, or names stand in another order than expected.
 */
export async function placeOfFile(listing: Listing, total: number, path: string): Promise<number | undefined> {
  const name = baseName(path);
  const signal = new AbortController().signal;
  let low = 0;
  let high = total - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { rows } = await ask(listing, middle, 1, signal);
    const [row] = rows;
    if (row === undefined) return undefined;
    if (row.path === path) return middle;
    // Names that count as the same stand in the order of their characters.
    const order = byName.compare(row.name, name) || (row.name < name ? -1 : 1);
    const comesBefore = listing.sort.descending ? order > 0 : order < 0;
    if (row.kind === 'folder' || comesBefore) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}
