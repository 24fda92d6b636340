import type { BigIntStats } from 'node:fs';
import { nameFromBytes } from '../../../../shared/names.ts';
import type { ListedCopy } from '../store.ts';
import { byBytes, throwIfAborted, type Disk } from './disk.ts';
import { longFolder, trueName } from './host-names.ts';
import { parseCopyName } from './version-names.ts';

/** How many files are looked at together. */
const together = 64;

/** A name that one folder of a source holds: as a file, as a folder, or both at different times. */
interface Item {
  /** Path, and for the step into the folder a '/' behind it: sorting these gives paths in the order of their bytes. */
  readonly key: string;
  readonly path: string;
  /** Relative path below `files/` and `history/`, where each has something of that name. */
  readonly file: string | undefined;
  readonly folder: string | undefined;
  readonly history: string | undefined;
}

/**
 * Walks `files/` and `history/` of a source side by side, one folder at a time, and tells every copy: paths in the
 * order of their bytes; of a path first its history by name, then its current file. What a person put into history
 * under a name that is none of Strongroom's is passed over.
 */
export async function* walkSource(
  disk: Disk,
  source: string,
  longNames: (digest: string) => Promise<Uint8Array | undefined>,
  signal: AbortSignal,
): AsyncGenerator<ListedCopy> {
  const long = await longItems(disk, source, longNames);
  for await (const item of walkFolder(disk, '', `files/${source}`, `history/${source}`, signal)) {
    for (let next = long[0]; next !== undefined && byBytes(next.path, item.path) < 0; next = long[0]) {
      long.shift();
      yield* copiesOf(disk, next, await statOf(disk, next));
    }
    yield* copiesOf(disk, item, item.stat);
  }
  for (const item of long) {
    throwIfAborted(signal);
    yield* copiesOf(disk, item, await statOf(disk, item));
  }
}

interface Leaf extends Item {
  readonly stat: BigIntStats | undefined;
}

async function* walkFolder(
  disk: Disk,
  path: string,
  files: string | undefined,
  history: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Leaf> {
  const items = await itemsOf(disk, path, files, history);
  for (let at = 0; at < items.length; at += together) {
    throwIfAborted(signal);
    const some = items.slice(at, at + together);
    const stats = await Promise.all(some.map((item) => statOf(disk, item)));
    for (const [index, item] of some.entries()) {
      if (item.key === item.path) yield { ...item, stat: stats[index] };
      else yield* walkFolder(disk, item.path, item.folder, item.history, signal);
    }
  }
}

async function itemsOf(
  disk: Disk,
  path: string,
  files: string | undefined,
  history: string | undefined,
): Promise<Item[]> {
  const names = new Map<string, { file?: string; folder?: string; history?: string }>();
  const named = (name: string): { file?: string; folder?: string; history?: string } => {
    const known = names.get(name) ?? {};
    names.set(name, known);
    return known;
  };
  for (const entry of files === undefined ? [] : await disk.entries(files)) {
    if (path === '' && entry.name === longFolder) continue;
    const relative = `${files ?? ''}/${entry.name}`;
    if (entry.kind === 'file') named(trueName(entry.name)).file = relative;
    else if (entry.kind === 'folder') named(trueName(entry.name)).folder = relative;
  }
  for (const entry of history === undefined ? [] : await disk.entries(history)) {
    if (path === '' && entry.name === longFolder) continue;
    if (entry.kind === 'folder') named(trueName(entry.name)).history = `${history ?? ''}/${entry.name}`;
  }
  const items: Item[] = [];
  for (const [name, found] of names) {
    const itemPath = path === '' ? name : `${path}/${name}`;
    const item = { path: itemPath, file: found.file, folder: found.folder, history: found.history };
    if (found.file !== undefined || found.history !== undefined) items.push({ ...item, key: itemPath });
    if (found.folder !== undefined || found.history !== undefined) items.push({ ...item, key: `${itemPath}/` });
  }
  return items.sort((left, right) => byBytes(left.key, right.key));
}

async function* copiesOf(disk: Disk, item: Item, stat: BigIntStats | undefined): AsyncGenerator<ListedCopy> {
  if (item.history !== undefined) {
    const versions = (await disk.entries(item.history))
      .filter((entry) => entry.kind === 'file' && parseCopyName(entry.name) !== undefined)
      .map((entry) => entry.name)
      .sort(byBytes);
    for (const locator of versions) {
      const kept = await disk.stat(`${item.history}/${locator}`);
      if (kept !== undefined) yield listed(item.path, locator, kept);
    }
  }
  if (stat?.isFile() === true) yield listed(item.path, undefined, stat);
}

function listed(path: string, locator: string | undefined, stat: BigIntStats): ListedCopy {
  // A file is born when its temporary file is. File systems that keep no time of birth tell 0 or less.
  const stored = stat.birthtimeMs > 0n ? stat.birthtimeMs : stat.ctimeMs;
  return {
    path,
    locator,
    size: Number(stat.size),
    current: locator === undefined,
    deletion: false,
    storedAt: Number(stored),
    mtimeNs: stat.mtimeNs,
  };
}

function statOf(disk: Disk, item: Item): Promise<BigIntStats | undefined> {
  return item.file === undefined || item.key !== item.path ? Promise.resolve(undefined) : disk.stat(item.file);
}

/** The few files whose paths are too long for the disk, in the order of their paths. */
async function longItems(
  disk: Disk,
  source: string,
  longNames: (digest: string) => Promise<Uint8Array | undefined>,
): Promise<Item[]> {
  const [files, history] = [`files/${source}/${longFolder}`, `history/${source}/${longFolder}`];
  const current = new Set((await disk.entries(files)).map((entry) => entry.name));
  const kept = new Set((await disk.entries(history)).map((entry) => entry.name));
  const items: Item[] = [];
  for (const digest of new Set([...current, ...kept])) {
    const bytes = await longNames(digest);
    // Where the name's own file is lost, the bytes are still told, under the name that they lie at.
    const path = bytes === undefined ? `${longFolder}/${digest}` : nameFromBytes(bytes);
    items.push({
      key: path,
      path,
      file: current.has(digest) ? `${files}/${digest}` : undefined,
      folder: undefined,
      history: kept.has(digest) ? `${history}/${digest}` : undefined,
    });
  }
  return items.sort((left, right) => byBytes(left.path, right.path));
}
