import type { Instant } from '../../../shared/domain.ts';
import { joinPath } from '../../../shared/names.ts';
import type { Connection } from './database.ts';
import type { FolderSums } from './folder-sums.ts';

export interface View {
  /** `null`: as it is now. */
  readonly at: Instant | null;
  /** Whether what was there earlier and is gone is among the rows, with the last version that it had. */
  readonly deleted: boolean;
  /** `versions`: how many there are over all time; `copies`: what is not in every store comes before what is. */
  readonly sort: 'name' | 'size' | 'mtime' | 'versions' | 'copies';
  readonly descending: boolean;
}

export interface FolderRow {
  readonly kind: 'folder';
  readonly name: string;
  readonly path: string;
  readonly deleted: boolean;
}

export interface FileRow {
  readonly kind: 'file';
  readonly name: string;
  readonly path: string;
  readonly deleted: boolean;
  readonly size: number;
  readonly mtime: Instant;
  readonly version: number;
  /** How many versions with content there are of it, over all time. */
  readonly versions: number;
  readonly firstSeen: Instant;
  /** Whether every store that the source is copied to has it. */
  readonly copied: boolean;
}

/** Rows of a view, and totals of the whole view: `files` and `bytes` count what is there, not what is gone. */
export interface FolderPage {
  readonly rows: readonly (FolderRow | FileRow)[];
  readonly total: number;
  readonly files: number;
  readonly bytes: number;
  /** There where folders stand by name only because their sizes are not at hand: {@link FolderSums.below} brings them. */
  readonly provisional?: true;
}

interface ViewedFolder {
  readonly sourceId: number;
  readonly id: number;
  readonly path: string;
}

/** A folder in a folder, with when it was there. */
interface ChildFolder {
  readonly id: number;
  readonly name: string;
  readonly spans: readonly { readonly from: Instant; readonly until: Instant }[];
}

/** The files of a folder, sorted by name, in arrays of numbers: a hundred thousand of them take a few megabytes. */
interface Files {
  readonly count: number;
  readonly ids: Float64Array;
  /** What is there now: id of the version (0: nothing), size and modification time in milliseconds. */
  readonly current: Float64Array;
  readonly size: Float64Array;
  readonly mtime: Float64Array;
}

/** Every version of these files. Those of file `i` are at `start[i]` to `start[i + 1]`, oldest first. */
interface History extends Past {
  readonly start: Uint32Array;
}

interface Past {
  readonly version: Float64Array;
  readonly from: Float64Array;
  readonly until: Float64Array;
  /** -1 for a tombstone. */
  readonly size: Float64Array;
  readonly mtime: Float64Array;
}

/** A view's files in order: which version of each, negative where the file is gone. */
interface Ordered {
  readonly key: string;
  readonly sort: View['sort'];
  readonly versions: Float64Array;
  readonly files: number;
  readonly bytes: number;
}

interface Model {
  readonly folderId: number;
  /** The newest version of the catalog that it knows of. */
  lastVersion: number;
  readonly files: Files;
  history: History | undefined;
  views: Ordered[];
}

/** SQL for whether every store of the source ?2 has a version; `t.count` is how many stores these are. */
function isCopied(version: string): string {
  return `(t.count > 0 AND t.count = (SELECT count(*) FROM copies c JOIN source_stores s ON s.store_id = c.store_id AND s.source_id = ?2
    WHERE c.version_id = ${version} AND c.state IN ('stored', 'verified', 'archived', 'thawing')))`;
}

/** By name as people expect: `page 2` before `page 10`, regardless of case first, accents beside their letters. */
const collator = new Intl.Collator('en', { numeric: true });
const mostModels = 6;
const mostFilesHeld = 600_000;
const viewsPerFolder = 8;
/** Of so many files is a folder's past read in one step: a few milliseconds. */
const filesAStep = 2_000;
/** A folder of fewer files is read before anybody notices. */
const feltFiles = 5_000;
const never = Number.MAX_SAFE_INTEGER;

/**
 * Folders as a person pages through them: any rows of any order, as of any instant.
 *
 * A folder's files are read once, put in order and kept as numbers; a view is then a pass over arrays, and a page is read
 * by its versions' ids. What is kept is dropped when a version in the folder was recorded since. The connection must be
 * one that only reads: what it wrote itself would not be noticed.
 */
export class FolderViews {
  readonly #connection: Connection;
  readonly #sums: FolderSums;
  readonly #models = new Map<number, Model>();
  #dataVersion: unknown;

  constructor(connection: Connection, sums: FolderSums) {
    this.#connection = connection;
    this.#sums = sums;
  }

  /**
   * Rows `offset` to `offset + limit` of a folder. Folders come first, by name; by size where the files are and the sums of
   * folders are at hand. Rows never wait for these: until then folders stand by name, and the page says so.
   */
  list(folder: ViewedFolder, view: View, offset: number, limit: number): FolderPage {
    return this.#consistent(() => {
      const byName = this.#folders(folder.id, view);
      const bySize = view.sort === 'size' && byName.length > 1 ? this.#bySize(byName, view) : byName;
      const folders = bySize ?? byName;
      const ordered = this.#ordered(folder, view);
      const rows: (FolderRow | FileRow)[] = folders
        .slice(offset, offset + limit)
        .map(({ name, deleted }) => ({ kind: 'folder', name, path: joinPath(folder.path, name), deleted }));
      const begin = Math.max(0, offset - folders.length);
      const wanted = ordered.versions.subarray(begin, begin + Math.max(0, limit - rows.length));
      if (offset + limit > folders.length) rows.push(...this.#rows(folder, wanted));
      const { files, bytes } = ordered;
      const page = { rows, total: folders.length + ordered.versions.length, files, bytes };
      return bySize === undefined ? { ...page, provisional: true } : page;
    });
  }

  /** The folders in a folder, by name. */
  folders(
    folderId: number,
    view: Pick<View, 'at' | 'deleted'>,
  ): { name: string; deleted: boolean; hasFolders: boolean }[] {
    return this.#consistent(() => {
      const folders = this.#folders(folderId, { ...view, sort: 'name', descending: false });
      return folders.map(({ id, name, deleted }) => ({ name, deleted, hasFolders: this.#hasFolders(id, view) }));
    });
  }

  /**
   * Reads the largest of the folders in a folder ahead of its opening, where it is so large that reading it is felt, and
   * puts what is in it now in order.
   */
  prepareBelow({ id: folderId, sourceId }: Omit<ViewedFolder, 'path'>): void {
    const largest = this.#connection.get<{ id: number; files: number }>(
      `SELECT fo.id, count(*) AS files FROM folders fo JOIN files f ON f.folder_id = fo.id
       WHERE fo.id IN (SELECT id FROM folders WHERE parent_id = ? ORDER BY name LIMIT 500) GROUP BY fo.id ORDER BY files DESC LIMIT 1`,
      folderId,
    );
    if (largest === undefined || largest.files < feltFiles || this.#models.has(largest.id)) return;
    const view: View = { at: null, deleted: false, sort: 'name', descending: false };
    this.#consistent(() => this.#ordered({ id: largest.id, sourceId }, view));
  }

  /** Reads a large folder's past ahead of the first question for it, step by step; no further once it has changed meanwhile. */
  *preparePast(folderId: number): Generator<void> {
    const model = this.#models.get(folderId);
    if (model === undefined || model.files.count < feltFiles) return;
    const reading = this.#readHistory(model.files);
    const next = (): IteratorResult<void, History> | undefined =>
      this.#models.get(folderId) === model && model.history === undefined ? reading.next() : undefined;
    for (let step = this.#consistent(next); step !== undefined; step = this.#consistent(next)) {
      if (step.done === true) {
        model.history = step.value;
        return;
      }
      yield;
    }
  }

  /** All of it sees one state of the catalog. */
  #consistent<Result>(work: () => Result): Result {
    this.#connection.exec('BEGIN');
    try {
      const dataVersion = this.#connection.pragma('data_version');
      if (dataVersion !== this.#dataVersion) {
        this.#forgetChanged();
        this.#dataVersion = dataVersion;
      }
      return work();
    } finally {
      this.#connection.exec('COMMIT');
    }
  }

  #forgetChanged(): void {
    const newest = this.#newestVersion();
    for (const model of this.#models.values()) {
      const changed =
        newest < model.lastVersion ||
        this.#connection.get(
          'SELECT 1 FROM versions v JOIN files f ON f.id = v.file_id WHERE v.id > ? AND f.folder_id = ? LIMIT 1',
          model.lastVersion,
          model.folderId,
        ) !== undefined;
      if (changed) this.#models.delete(model.folderId);
      else {
        model.lastVersion = newest;
        // A copy is made without a version being recorded.
        model.views = model.views.filter(({ sort }) => sort !== 'copies');
      }
    }
  }

  #newestVersion(): number {
    return this.#connection.get<{ id: number | null }>('SELECT max(id) AS id FROM versions')?.id ?? 0;
  }

  #folders(folderId: number, view: View): { id: number; name: string; deleted: boolean }[] {
    const at = view.at ?? never;
    const shown: { id: number; name: string; deleted: boolean }[] = [];
    for (const { id, name, spans } of this.#children(folderId)) {
      const isThere = spans.some(({ from, until }) => from <= at && until > at);
      const was = spans.some(({ from }) => from <= at);
      if (isThere || (view.deleted && was)) shown.push({ id, name, deleted: !isThere });
    }
    return view.sort === 'name' && view.descending ? shown.reverse() : shown;
  }

  /** Folders by what lies in and below them, those that hold the same by name. `undefined`: that is not at hand. */
  #bySize<Folder extends { readonly id: number }>(
    folders: readonly Folder[],
    { at, descending }: View,
  ): Folder[] | undefined {
    const ids = folders.map(({ id }) => id);
    const sums = this.#sums.atHand(ids, at);
    if (sums === undefined) return undefined;
    const direction = descending ? -1 : 1;
    const sized = folders.map((folder, index) => ({ folder, bytes: sums[index]?.bytes ?? 0 }));
    return sized.sort((left, right) => direction * (left.bytes - right.bytes)).map(({ folder }) => folder);
  }

  #children(folderId: number): ChildFolder[] {
    const children = new Map<number, { id: number; name: string; spans: { from: number; until: number }[] }>();
    const rows = this.#connection.all<{ id: number; name: string; from: number; until: number | null }>(
      `SELECT fo.id, fo.name, s.seen_from AS "from", s.seen_until AS until FROM folders fo
       JOIN folder_spans s ON s.folder_id = fo.id WHERE fo.parent_id = ? ORDER BY fo.name`,
      folderId,
    );
    for (const { id, name, from, until } of rows) {
      const span = { from, until: until ?? Infinity };
      const child = children.get(id);
      if (child === undefined) children.set(id, { id, name, spans: [span] });
      else child.spans.push(span);
    }
    return inOrder([...children.values()], ({ name }) => name);
  }

  #hasFolders(folderId: number, view: Pick<View, 'at' | 'deleted'>): boolean {
    return (
      this.#connection.get(
        `SELECT 1 FROM folders fo JOIN folder_spans s ON s.folder_id = fo.id
         WHERE fo.parent_id = ?1 AND s.seen_from <= ?2 AND (?3 OR s.seen_until IS NULL OR s.seen_until > ?2) LIMIT 1`,
        folderId,
        view.at ?? never,
        Number(view.deleted),
      ) !== undefined
    );
  }

  #model(folderId: number): Model {
    const known = this.#models.get(folderId);
    if (known !== undefined) {
      // The least recently used comes first, and goes first.
      this.#models.delete(folderId);
      this.#models.set(folderId, known);
      return known;
    }
    const files = this.#readFiles(folderId);
    const model: Model = { folderId, lastVersion: this.#newestVersion(), files, history: undefined, views: [] };
    this.#models.set(folderId, model);
    for (const [id] of this.#models) {
      const held = [...this.#models.values()].reduce((sum, { files: { count } }) => sum + count, 0);
      if (id === folderId || (this.#models.size <= mostModels && held <= mostFilesHeld)) break;
      this.#models.delete(id);
    }
    return model;
  }

  #readFiles(folderId: number): Files {
    const read = this.#connection.all<{ id: number; name: string; version: number; size: number; mtime: number }>(
      `SELECT id, name, coalesce(version_id, 0) AS version, coalesce(size, 0) AS size, coalesce(mtime_us, 0) AS mtime
       FROM files WHERE folder_id = ? ORDER BY name`,
      folderId,
    );
    const rows = inOrder(read, ({ name }) => name);
    const files: Files = {
      count: rows.length,
      ids: new Float64Array(rows.length),
      current: new Float64Array(rows.length),
      size: new Float64Array(rows.length),
      mtime: new Float64Array(rows.length),
    };
    for (const [index, { id, version, size, mtime }] of rows.entries()) {
      files.ids[index] = id;
      files.current[index] = version;
      files.size[index] = size;
      files.mtime[index] = mtime;
    }
    return files;
  }

  #history(model: Model): History {
    if (model.history === undefined) {
      const reading = this.#readHistory(model.files);
      let step = reading.next();
      while (step.done !== true) step = reading.next();
      model.history = step.value;
    }
    return model.history;
  }

  *#readHistory({ ids, count }: Files): Generator<void, History> {
    const start = new Uint32Array(count + 1);
    const read = { version: [], from: [], until: [], size: [], mtime: [] } as Record<keyof Past, number[]>;
    for (let begin = 0; begin < count; begin += filesAStep) {
      const step = ids.subarray(begin, Math.min(count, begin + filesAStep));
      const rows = this.#connection.all<
        { file: number; until: number | null } & Record<Exclude<keyof Past, 'until'>, number>
      >(
        `SELECT wanted.key AS file, v.id AS version, v.first_seen AS "from", v.superseded_at AS until,
           CASE WHEN v.sha256 IS NULL THEN -1 ELSE v.size END AS size, v.mtime_ns / 1000 AS mtime
         FROM json_each(?) wanted JOIN versions v ON v.file_id = wanted.value ORDER BY wanted.key, v.number`,
        JSON.stringify(Array.from(step)),
      );
      for (const row of rows) {
        const next = begin + row.file + 1;
        start[next] = (start[next] ?? 0) + 1;
        read.version.push(row.version);
        read.from.push(row.from);
        read.until.push(row.until ?? Infinity);
        read.size.push(row.size);
        read.mtime.push(row.mtime);
      }
      yield;
    }
    // So far each stands for how many versions its file has.
    for (let file = 0; file < count; file += 1) start[file + 1] = (start[file + 1] ?? 0) + (start[file] ?? 0);
    return {
      start,
      version: Float64Array.from(read.version),
      from: Float64Array.from(read.from),
      until: Float64Array.from(read.until),
      size: Float64Array.from(read.size),
      mtime: Float64Array.from(read.mtime),
    };
  }

  #ordered({ id, sourceId }: Omit<ViewedFolder, 'path'>, view: View): Ordered {
    const model = this.#model(id);
    const key = `${view.at ?? 'now'} ${view.deleted ? 'all' : 'there'} ${view.sort} ${view.descending ? 'down' : 'up'}`;
    const known = model.views.findIndex((ordered) => ordered.key === key);
    const [ordered = this.#makeOrdered(key, model, sourceId, view)] = known < 0 ? [] : model.views.splice(known, 1);
    model.views.push(ordered);
    if (model.views.length > viewsPerFolder) model.views.shift();
    return ordered;
  }

  /** The version of each file that the view shows, by name. */
  #chosen(model: Model, { at, deleted }: View): Chosen {
    const { files } = model;
    const chosen: Chosen = {
      count: 0,
      files: new Uint32Array(files.count),
      versions: new Float64Array(files.count),
      size: new Float64Array(files.count),
      mtime: new Float64Array(files.count),
    };
    if (at === null && !deleted) {
      for (let file = 0; file < files.count; file += 1) {
        const version = files.current[file] ?? 0;
        if (version !== 0) choose(chosen, file, version, files.size[file] ?? 0, files.mtime[file] ?? 0);
      }
      return chosen;
    }
    const history = this.#history(model);
    const when = at ?? never;
    for (let file = 0; file < files.count; file += 1) {
      const begin = history.start[file] ?? 0;
      // The newest version that was recorded by then.
      let last = (history.start[file + 1] ?? begin) - 1;
      while (last >= begin && (history.from[last] ?? 0) > when) last -= 1;
      if (last < begin) continue;
      const isThere = (history.size[last] ?? -1) >= 0 && (history.until[last] ?? 0) > when;
      if (!isThere && !deleted) continue;
      while (last >= begin && (history.size[last] ?? -1) < 0) last -= 1;
      if (last < begin) continue;
      const version = history.version[last] ?? 0;
      choose(chosen, file, isThere ? version : -version, history.size[last] ?? 0, history.mtime[last] ?? 0);
    }
    return chosen;
  }

  #makeOrdered(key: string, model: Model, sourceId: number, view: View): Ordered {
    const chosen = this.#chosen(model, view);
    switch (view.sort) {
      case 'name':
        return makeOrdered(key, chosen, view, undefined);
      case 'size':
        return makeOrdered(key, chosen, view, chosen.size);
      case 'mtime':
        return makeOrdered(key, chosen, view, chosen.mtime);
      case 'versions':
        return makeOrdered(key, chosen, view, this.#versionsOf(model, chosen));
      case 'copies':
        return makeOrdered(key, chosen, view, this.#copiedOf(sourceId, chosen));
    }
  }

  /** How many versions with content there are of each file that is shown. */
  #versionsOf(model: Model, { count, files }: Chosen): Uint32Array {
    const { start, size } = this.#history(model);
    const versions = new Uint32Array(count);
    for (let index = 0; index < count; index += 1) {
      const file = files[index] ?? 0;
      for (let at = start[file] ?? 0; at < (start[file + 1] ?? 0); at += 1)
        if ((size[at] ?? -1) >= 0) versions[index] = (versions[index] ?? 0) + 1;
    }
    return versions;
  }

  /** 1 for each version that is shown and that every store has, 0 for others. */
  #copiedOf(sourceId: number, { count, versions }: Chosen): Uint8Array {
    const shown = versions.subarray(0, count);
    const rows = this.#connection.all<{ at: number }>(
      `SELECT wanted.key AS at FROM json_each(?1) wanted, (SELECT count(*) AS count FROM source_stores WHERE source_id = ?2) t
       WHERE NOT ${isCopied('wanted.value')}`,
      JSON.stringify(Array.from(shown, Math.abs)),
      sourceId,
    );
    const copied = new Uint8Array(count).fill(1);
    for (const { at } of rows) copied[at] = 0;
    return copied;
  }

  #rows(folder: ViewedFolder, wanted: Float64Array): FileRow[] {
    if (wanted.length === 0) return [];
    const rows = this.#connection.all<{
      name: string;
      size: number;
      mtime: number;
      version: number;
      versions: number;
      firstSeen: number;
      copied: number;
    }>(
      `SELECT f.name, v.size, v.mtime_ns / 1000000 AS mtime, v.number AS version, v.first_seen AS firstSeen,
         (SELECT count(*) FROM versions o WHERE o.file_id = f.id AND o.sha256 IS NOT NULL) AS versions,
         ${isCopied('v.id')} AS copied
       FROM json_each(?1) wanted JOIN versions v ON v.id = wanted.value JOIN files f ON f.id = v.file_id,
         (SELECT count(*) AS count FROM source_stores WHERE source_id = ?2) t
       ORDER BY wanted.key`,
      JSON.stringify(Array.from(wanted, Math.abs)),
      folder.sourceId,
    );
    return rows.map(({ copied, ...row }, index) => ({
      kind: 'file',
      ...row,
      path: joinPath(folder.path, row.name),
      deleted: (wanted[index] ?? 0) < 0,
      copied: copied !== 0,
    }));
  }
}

/** The first `count` entries are filled. */
interface Chosen {
  count: number;
  /** Which of the folder's files, by its place. */
  readonly files: Uint32Array;
  readonly versions: Float64Array;
  readonly size: Float64Array;
  readonly mtime: Float64Array;
}

function choose(chosen: Chosen, file: number, version: number, size: number, mtime: number): void {
  chosen.files[chosen.count] = file;
  chosen.versions[chosen.count] = version;
  chosen.size[chosen.count] = size;
  chosen.mtime[chosen.count] = mtime;
  chosen.count += 1;
}

/** @param by what each is sorted by; `undefined` where they stand by name already. */
function makeOrdered(
  key: string,
  chosen: Chosen,
  { sort, descending }: View,
  by: ArrayLike<number> | undefined,
): Ordered {
  const { count } = chosen;
  let files = 0;
  let bytes = 0;
  for (let index = 0; index < count; index += 1) {
    if ((chosen.versions[index] ?? 0) < 0) continue;
    files += 1;
    bytes += chosen.size[index] ?? 0;
  }
  if (by === undefined) {
    const versions = chosen.versions.slice(0, count);
    return { key, sort, versions: descending ? versions.reverse() : versions, files, bytes };
  }
  const direction = descending ? -1 : 1;
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  // What is equal stays in the order of the names, whichever way.
  order.sort((left, right) => direction * ((by[left] ?? 0) - (by[right] ?? 0)) || left - right);
  return { key, sort, versions: Float64Array.from(order, (index) => chosen.versions[index] ?? 0), files, bytes };
}

/**
 * Things by name, in the same order whatever order they come in. Of names of one pattern the order of bytes is usually
 * right already, and to see that takes a tenth of the time of sorting.
 */
function inOrder<Thing>(things: Thing[], nameOf: (thing: Thing) => string): Thing[] {
  const before = (left: Thing, right: Thing): number => {
    const [one, other] = [nameOf(left), nameOf(right)];
    return collator.compare(one, other) || (one < other ? -1 : Number(one > other));
  };
  const isSorted = things.every((thing, index) => {
    const previous = things[index - 1];
    return previous === undefined || before(previous, thing) <= 0;
  });
  return isSorted ? things : things.sort(before);
}
