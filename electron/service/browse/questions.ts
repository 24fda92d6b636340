import type { Instant } from '../../../shared/domain.ts';
import type { DayOfChanges, FileVersion, Found } from '../../../shared/contract/shapes.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { baseName, folderOf, joinPath } from '../../../shared/names.ts';
import { Browse, type Readiness } from '../../engine/catalog/browse.ts';
import { Changes, type Slice } from '../../engine/catalog/changes.ts';
import type { Connection } from '../../engine/catalog/database.ts';
import { FolderSums, type FolderSum } from '../../engine/catalog/folder-sums.ts';
import { FolderViews, type FolderPage, type View } from '../../engine/catalog/folder-views.ts';
import { Search } from '../../engine/catalog/search.ts';
import { Sources, type SourceRecord } from '../../engine/catalog/sources.ts';
import { Stores } from '../../engine/catalog/stores.ts';
import { webPageOf } from '../../engine/stores/web-pages.ts';

export interface TreeFolder {
  readonly name: string;
  readonly path: string;
  readonly deleted: boolean;
  readonly hasFolders: boolean;
}

export interface FileHistory {
  readonly source: string;
  readonly path: string;
  readonly present: boolean;
  readonly versions: FileVersion[];
}

/** What a restore of several things would give back, and where each begins: overlapping things are told once. */
export interface RestoreTally extends Readiness {
  readonly items: readonly RestoreItem[];
  /** Paths of what was not there at that moment. */
  readonly absent: readonly string[];
}

export interface RestoreItem {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly version: number | null;
  readonly files: number;
  readonly bytes: number;
}

/** The questions of the window about the catalog, by name, with what each is given and gives. */
export interface Questions {
  list(source: string, path: string, view: View, offset: number, limit: number): FolderPage;
  folders(source: string, path: string, view: Pick<View, 'at' | 'deleted'>): TreeFolder[];
  changes(source: string, path: string, timeZone: string, by?: Slice): DayOfChanges[];
  moments(source: string, path: string, around: Instant, each: number): Instant[];
  search(text: string, limit: number, source: string | undefined): { found: Found[]; more: boolean };
  file(source: string, path: string): FileHistory;
  tally(
    source: string,
    items: readonly { readonly path: string; readonly version: number | null }[],
    at: Instant,
  ): RestoreTally;
}

/** What lies in a folder and below it. */
export interface SummedFolder extends FolderSum {
  readonly path: string;
}

/** Questions that take long: each is answered step by step, and others in between. */
export interface GradualQuestions {
  /** The sums of some folders, in the order asked; without folders that the catalog never knew. */
  sums(source: string, paths: readonly string[], at: Instant | null): Generator<void, SummedFolder[]>;
}

/** A clock for parts that ask it only when they write, which a reading connection never does. */
const noClock = { now: () => 0 };

/**
 * Answers from a connection that only reads, so that it can be on another thread while a run writes.
 *
 * Errors of all: `unknown-name` for a source, folder or file that the catalog never knew, and the catalog's own.
 */
export class Answers implements Questions, GradualQuestions {
  readonly #browse: Browse;
  readonly #views: FolderViews;
  readonly #sums: FolderSums;
  readonly #changes: Changes;
  readonly #search: Search;
  readonly #sources: Sources;
  readonly #stores: Stores;
  /** Reads what may be asked for next, after the folder that was opened last. */
  #ahead: Iterator<void> | undefined;

  constructor(connection: Connection) {
    this.#browse = new Browse(connection);
    this.#sums = new FolderSums(connection);
    this.#views = new FolderViews(connection, this.#sums);
    this.#changes = new Changes(connection);
    this.#search = new Search(connection);
    this.#sources = new Sources(connection, noClock);
    this.#stores = new Stores(connection, noClock);
  }

  list(source: string, path: string, view: View, offset: number, limit: number): FolderPage {
    const { id: sourceId } = this.#source(source);
    const id = this.#folderId(sourceId, path);
    if (offset === 0) this.#ahead = this.#readAhead(sourceId, id);
    return this.#views.list({ sourceId, id, path }, view, offset, limit);
  }

  folders(source: string, path: string, view: Pick<View, 'at' | 'deleted'>): TreeFolder[] {
    const id = this.#folderId(this.#source(source).id, path);
    return this.#views.folders(id, view).map((folder) => ({ ...folder, path: joinPath(path, folder.name) }));
  }

  *sums(source: string, paths: readonly string[], at: Instant | null): Generator<void, SummedFolder[]> {
    const { id: sourceId } = this.#source(source);
    const folders = paths.flatMap((path) => {
      const id = this.#browse.folderId(sourceId, path);
      return id === undefined ? [] : [{ id, path }];
    });
    const ids = folders.map(({ id }) => id);
    const sums = yield* this.#sums.below(ids, at);
    return folders.map(({ path }, index) => ({ path, files: 0, bytes: 0, ...sums[index] }));
  }

  changes(source: string, path: string, timeZone: string, by: Slice = 'day'): DayOfChanges[] {
    const { id } = this.#source(source);
    if (this.#browse.folderId(id, path) !== undefined) return this.#changes.below(id, path, timeZone, by);
    return this.#changes.ofFile(id, this.#fileId(id, path), timeZone, by);
  }

  moments(source: string, path: string, around: Instant, each: number): Instant[] {
    const { id } = this.#source(source);
    if (this.#browse.folderId(id, path) !== undefined) return this.#changes.moments(id, path, around, each);
    return this.#changes.momentsOfFile(this.#fileId(id, path), around, each);
  }

  search(text: string, limit: number, source: string | undefined): { found: Found[]; more: boolean } {
    return this.#search.ranked(text, limit, source === undefined ? undefined : this.#source(source).id);
  }

  file(source: string, path: string): FileHistory {
    const { id } = this.#source(source);
    const fileId = this.#fileId(id, path);
    const stores = this.#stores.all();
    const located = this.#browse.located(fileId);
    const versions = this.#browse.versions(fileId).map((entry): FileVersion => {
      const mtime = Number(entry.mtimeNs / 1_000_000n);
      const deleted = entry.sha256 === null;
      return {
        number: entry.number,
        deleted,
        size: entry.size,
        mtime: deleted ? null : mtime,
        sha256: entry.sha256,
        firstSeen: entry.firstSeen,
        supersededAt: entry.supersededAt,
        movedFrom: entry.movedFrom,
        copies: entry.copies.flatMap((copy) => {
          const record = stores.find((store) => store.name === copy.store);
          if (record === undefined) return [];
          const locator = located.find((at) => at.versionId === entry.versionId && at.storeId === record.id)?.locator;
          const page =
            locator === undefined || deleted ? undefined : webPageOf(record.spec, { place: { source, path }, locator });
          return [{ ...copy, kind: record.spec.kind, webUrl: page ?? null }];
        }),
      };
    });
    return { source, path, present: versions.at(-1)?.deleted === false, versions };
  }

  tally(
    source: string,
    items: readonly { readonly path: string; readonly version: number | null }[],
    at: Instant,
  ): RestoreTally {
    const { id: sourceId } = this.#source(source);
    const asked = withoutOverlap(items);
    const total = { files: 0, bytes: 0, missing: 0, archived: 0, driveBytes: 0 };
    const add = (more: Readiness): Readiness => {
      for (const name of ['files', 'bytes', 'missing', 'archived', 'driveBytes'] as const) total[name] += more[name];
      return more;
    };
    const absent: string[] = [];
    const tallied = asked.flatMap(({ path, version }): RestoreItem[] => {
      const fileId = path === '' ? undefined : this.#browse.fileId(sourceId, path);
      const number = version ?? (fileId === undefined ? undefined : this.#browse.fileAt(fileId, at)?.number);
      if (fileId !== undefined && number !== undefined) {
        const { files, bytes } = add(this.#browse.readinessOf(fileId, number));
        if (files > 0) return [{ path, kind: 'file', version: number, files, bytes }];
      }
      const folderId = version === null ? this.#browse.folderId(sourceId, path) : undefined;
      if (folderId === undefined || this.#browse.isFolderGone(folderId, at)) {
        // What was there at some time was not at this one; what never was is an error of whoever asks.
        if (version !== null || (folderId === undefined && fileId === undefined)) throw notThere(source, path, version);
        absent.push(path);
        return [];
      }
      const item = { path, kind: 'folder' as const, version: null, files: 0, bytes: 0 };
      for (const folder of this.#browse.foldersBelow(folderId, path, at)) {
        const { files, bytes } = add(this.#browse.readiness(folder.id, at));
        item.files += files;
        item.bytes += bytes;
      }
      return [item];
    });
    return { ...total, items: tallied, absent };
  }

  /**
   * Reads ahead some of what may be asked for next. To be called while nobody waits.
   *
   * @returns whether there is more to read.
   */
  prepare(): boolean {
    return this.#ahead?.next().done === false;
  }

  *#readAhead(sourceId: number, id: number): Generator<void> {
    this.#views.prepareBelow({ sourceId, id });
    yield;
    yield* this.#views.preparePast(id);
  }

  #source(name: string): SourceRecord {
    const source = this.#sources.find(name);
    if (source !== undefined) return source;
    throw new StrongroomError('unknown-name', `There is no source "${name}".`, {
      subject: name,
      advice: 'It may have been removed meanwhile. Choose another one.',
    });
  }

  #folderId(sourceId: number, path: string): number {
    const id = this.#browse.folderId(sourceId, path);
    if (id !== undefined) return id;
    throw new StrongroomError('unknown-name', `The catalog knows no folder "${path}" in this source.`, {
      subject: path,
      advice: 'Go to the folder above, or search for its name.',
    });
  }

  #fileId(sourceId: number, path: string): number {
    const id = path === '' ? undefined : this.#browse.fileId(sourceId, path);
    if (id !== undefined) return id;
    throw new StrongroomError('unknown-name', `The catalog knows no file "${path}" in this source.`, {
      subject: path,
      advice: 'Go to the folder above, or search for its name.',
    });
  }
}

/** What was asked for, once each, without what lies in a folder that was asked for as a whole. */
function withoutOverlap<Item extends { readonly path: string; readonly version: number | null }>(
  items: readonly Item[],
): Item[] {
  const whole = new Set(items.filter(({ version }) => version === null).map(({ path }) => path));
  const isBelowWhole = (path: string): boolean => {
    for (let above = path; above !== '';) {
      above = folderOf(above);
      if (whole.has(above)) return true;
    }
    return false;
  };
  const told = new Set<string>();
  return items.filter(({ path, version }) => {
    const key = `${version ?? ''}/${path}`;
    if (told.has(key) || (version === null && isBelowWhole(path))) return false;
    told.add(key);
    return true;
  });
}

function notThere(source: string, path: string, version: number | null): StrongroomError {
  const what = path === '' ? source : baseName(path);
  return new StrongroomError(
    'unknown-name',
    version === null ? `There was no "${what}" at that time.` : `"${what}" has no version ${version} with content.`,
    { subject: path, advice: 'Choose another moment, or look at its versions.' },
  );
}
