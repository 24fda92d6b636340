import type { Clock } from '../../../shared/domain.ts';
import type { JournalEntry } from '../../../shared/journal.ts';
import { asStrongroomError } from '../../../shared/errors.ts';
import { folderOf } from '../../../shared/names.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { ListedCopy, Store } from '../stores/store.ts';

const describedAtOnce = 32;
const entriesAFlush = 1_000;

/**
 * Takes over from a store's own listing what the catalog does not know of a source yet. Without journals this brings back
 * every version's bytes, size, modification time and mode, and the order of versions; not: when Strongroom first saw
 * them (the time the store took them in stands in), moves, empty folders, and in a folder store when a file was deleted.
 *
 * @returns how many copies were new.
 */
export async function takeOverListing(
  catalog: Catalog,
  source: SourceRecord,
  storeId: number,
  store: Store,
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const folders = new Set<string>(['']);
  let found = 0;
  let entries: JournalEntry[] = [];
  const flush = (): void => {
    catalog.journaling.apply(source.id, storeId, entries);
    entries = [];
  };
  // When a folder appeared is not known: it counts as having been there always.
  const addFolders = (path: string): void => {
    if (folders.has(path)) return;
    addFolders(folderOf(path));
    folders.add(path);
    entries.push({ folder: path, seen: 0, until: null });
  };
  const describing = new Set<Promise<void>>();
  const failure: { reason?: unknown } = {};
  const describe = async (group: readonly ListedCopy[]): Promise<void> => {
    while (describing.size >= describedAtOnce) await Promise.race(describing);
    const job = describeGroup(catalog, source, storeId, store, group, clock, signal).then(
      (described) => {
        addFolders(folderOf(group[0]?.path ?? ''));
        entries.push(...described);
        found += described.length;
        if (entries.length >= entriesAFlush) flush();
      },
      (error: unknown) => {
        failure.reason ??= error;
      },
    );
    describing.add(job);
    void job.then(() => describing.delete(job));
  };
  let group: ListedCopy[] = [];
  for await (const listed of store.list(source.name, signal)) {
    if (failure.reason !== undefined) break;
    if (group.length > 0 && group[0]?.path !== listed.path) {
      await describe(group);
      group = [];
    }
    group.push(listed);
  }
  if (group.length > 0) await describe(group);
  await Promise.all(describing);
  if (failure.reason !== undefined) throw asStrongroomError(failure.reason);
  flush();
  return found;
}

/** All copies of one path, as lines of a journal, oldest first. */
async function describeGroup(
  catalog: Catalog,
  source: SourceRecord,
  storeId: number,
  store: Store,
  group: readonly ListedCopy[],
  clock: Clock,
  signal: AbortSignal,
): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  const known = new Map(
    catalog.copies.ofPath(source.id, storeId, group[0]?.path ?? '').map((copy) => [copy.locator, copy.number]),
  );
  // What is current came last, whatever the disk says of when: a file that was moved there brings its old time along.
  // Stores that count time by the second tell versions of one second apart only by their order, the newest first.
  const [first] = group;
  const isNewestFirst = first !== undefined && (first.current || first.deletion);
  const oldestFirst = (isNewestFirst ? group.toReversed() : group).toSorted(
    (left, right) => Number(left.current) - Number(right.current) || left.storedAt - right.storedAt,
  );
  let number = 0;
  let seen = 0;
  for (const listed of oldestFirst) {
    // Each later than the one before: the same bytes first seen at the same instant would count as one version.
    seen = Math.max(seen + 1, listed.storedAt);
    const knownNumber = listed.locator === undefined ? undefined : known.get(listed.locator);
    number = knownNumber ?? number + 1;
    if (knownNumber !== undefined) continue;
    if (listed.deletion) {
      entries.push({
        path: listed.path,
        n: number,
        gone: seen,
        at: listed.locator ?? '',
        stored: listed.storedAt,
      });
      continue;
    }
    const { locator, sha256, size, mtimeNs, mode } = await store.describe(listed, source.name, signal);
    if (known.has(locator)) continue;
    entries.push({
      path: listed.path,
      n: number,
      sha256,
      size,
      mtime: String(mtimeNs),
      mode,
      seen,
      at: locator,
      stored: listed.storedAt,
    });
  }
  const last = oldestFirst.at(-1);
  if (last !== undefined && !oldestFirst.some((listed) => listed.current) && !last.deletion && known.size === 0) {
    // The store keeps the file only in its history: it is not there any more, since when is not known.
    entries.push({
      path: last.path,
      n: number + 1,
      gone: Math.max(seen + 1, clock.now()),
      at: '',
      stored: last.storedAt,
    });
  }
  return entries;
}
