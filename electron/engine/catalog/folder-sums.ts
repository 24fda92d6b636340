import type { Instant } from '../../../shared/domain.ts';
import type { Connection } from './database.ts';

/** What lies in a folder and in all folders below it; what is gone does not count. */
export interface FolderSum {
  readonly files: number;
  /** Of the versions that are there. */
  readonly bytes: number;
}

interface VersionRow {
  readonly id: number;
  readonly file: number;
  readonly folder: number;
  readonly from: Instant;
  /** -1 for a tombstone. */
  readonly size: number;
}

/** A size in a folder, from one instant until another (excluded); `Infinity` while it is there. */
type Take = (folder: number, from: Instant, until: Instant, size: number, sign: 1 | -1) => void;

/** Something that is kept of all versions of the catalog, and follows when more are recorded. */
interface Kept {
  readonly take: Take;
  /** What of a file's versions it has read already, where that is more than {@link known}: the id of the newest. */
  readonly readAhead: (file: number) => number;
  /** The newest version that it knows of. */
  known: number;
}

/** Files, or versions, a step: a few milliseconds. */
const filesAStep = 10_000;
const historiesAStep = 1_000;
const versionsAStep = 1_000;
const eventsAStep = 1_000_000;
const foldersAStep = 10_000;
const stepsAtHand = 5;

const versionColumns = `v.id, v.file_id AS file, f.folder_id AS folder, v.first_seen AS "from",
  CASE WHEN v.sha256 IS NULL THEN -1 ELSE v.size END AS size`;

/**
 * Sums of folders with all that lies below them, as of any instant.
 *
 * For now, the files of the catalog are read once and added up by folder; for the past, all versions are, and kept as what
 * each instant added to or took from a folder. Whatever is recorded afterwards is read by its versions' ids alone, so that
 * what is kept never has to be made anew. A sum is then a pass over numbers. It takes 16 bytes a folder, and of the past 24
 * bytes for each folder and instant at which something changed directly in it.
 *
 * All work is done in steps of a few milliseconds, between which others may ask the same connection, and which several
 * questions at a time do in turn.
 */
export class FolderSums {
  readonly #connection: Connection;
  /** The folder above, by a folder's id; 0 where there is none. A folder's row is always made after the one above it. */
  #parents: number[] = [0];
  #now = new Now();
  #past = new Past();
  readonly #rolledUp = new Map<'now' | 'past', RolledUp>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Adds up what lies in and below each of some folders, step by step. Given up by asking for no further step; what was
   * read by then serves the next question.
   *
   * @param at `null`: as it is now.
   * @returns a sum for each folder, in the order of the ids.
   */
  *below(folderIds: readonly number[], at: Instant | null): Generator<void, FolderSum[]> {
    // Another catalog than before: one that was gone back to.
    if (this.#newestVersion() < Math.max(this.#now.known, this.#past.known)) this.#forget();
    const sums = yield* at === null ? this.#asOfNow() : this.#asOf(at);
    return folderIds.map((id) => ({ files: sums.files[id] ?? 0, bytes: sums.bytes[id] ?? 0 }));
  }

  /** The same where it takes no reading to speak of; `undefined` where {@link below} is to be asked first. */
  atHand(folderIds: readonly number[], at: Instant | null): FolderSum[] | undefined {
    if (!(at === null ? this.#now : this.#past).isRead) return undefined;
    const steps = this.below(folderIds, at);
    for (let taken = 0; taken < stepsAtHand; taken += 1) {
      const step = steps.next();
      if (step.done === true) return step.value;
    }
    return undefined;
  }

  #forget(): void {
    this.#parents = [0];
    this.#now = new Now();
    this.#past = new Past();
    this.#rolledUp.clear();
  }

  *#asOfNow(): Generator<void, RolledUp> {
    const now = this.#now;
    while (!now.isRead) {
      this.#readFiles(now);
      yield;
    }
    yield* this.#follow(now);
    const known = this.#rolledUp.get('now');
    if (known?.version === now.known) return known;
    yield* this.#readFolders();
    return this.#rollUp('now', { at: Infinity, version: now.known, files: now.files.copy(), bytes: now.bytes.copy() });
  }

  *#asOf(at: Instant): Generator<void, RolledUp> {
    const past = this.#past;
    while (!past.isRead) {
      this.#readHistories(past);
      yield;
    }
    yield* this.#follow(past);
    const known = this.#rolledUp.get('past');
    if (known?.at === at && known.version === past.known) return known;
    yield* this.#readFolders();
    const sums: RolledUp = {
      at,
      version: past.known,
      files: new Float64Array(this.#parents.length),
      bytes: new Float64Array(this.#parents.length),
    };
    const count = past.seal();
    for (let begin = 0; begin < count; begin += eventsAStep) {
      past.addUp(begin, Math.min(count, begin + eventsAStep), sums);
      yield;
    }
    return this.#rollUp('past', sums);
  }

  #rollUp(which: 'now' | 'past', sums: RolledUp): RolledUp {
    const parents = this.#parents;
    const files = fitted(sums.files, parents.length);
    const bytes = fitted(sums.bytes, parents.length);
    for (let folder = parents.length - 1; folder > 0; folder -= 1) {
      const parent = parents[folder] ?? 0;
      files[parent] = (files[parent] ?? 0) + (files[folder] ?? 0);
      bytes[parent] = (bytes[parent] ?? 0) + (bytes[folder] ?? 0);
    }
    const rolledUp = { ...sums, files, bytes };
    this.#rolledUp.set(which, rolledUp);
    return rolledUp;
  }

  /** Reads what the next files hold now, all as of one state of the catalog, and notes as of which. */
  #readFiles(now: Now): void {
    this.#connection.exec('BEGIN');
    try {
      const newest = this.#newestVersion();
      const begin = now.readAsOf.length * filesAStep;
      const rows = this.#connection.all<{ folder: number; files: number; bytes: number }>(
        `SELECT folder_id AS folder, count(*) AS files, sum(size) AS bytes FROM files
         WHERE id > ? AND id <= ? AND version_id IS NOT NULL GROUP BY folder_id`,
        begin,
        begin + filesAStep,
      );
      for (const { folder, files, bytes } of rows) now.add(folder, files, bytes);
      now.readAsOf.push(newest);
      if (begin + filesAStep >= this.#newestFile()) now.finish();
    } finally {
      this.#connection.exec('COMMIT');
    }
  }

  /** Reads the histories of the next files. Versions never change: those up to an id are the same whenever they are read. */
  #readHistories(past: Past): void {
    past.limit ??= this.#newestVersion();
    const rows = this.#connection.all<VersionRow>(
      `SELECT ${versionColumns} FROM files f CROSS JOIN versions v ON v.file_id = f.id
       WHERE f.id > ? AND f.id <= ? AND v.id <= ? ORDER BY f.id, v.number`,
      past.filesRead,
      past.filesRead + historiesAStep,
      past.limit,
    );
    for (const [begin, end] of fileByFile(rows)) spans(rows, begin, end, past.limit, 1, past.take);
    past.filesRead += historiesAStep;
    if (past.filesRead >= this.#newestFile()) past.finish(past.limit);
  }

  /**
   * Brings something up to the newest version: of each file with newer versions, what its older ones came to is taken away, and what
   * all of them come to is added. A journal that is read back may tell of an older version after a newer one.
   */
  *#follow(kept: Kept): Generator<void, void> {
    const newest = this.#newestVersion();
    while (kept.known < newest) {
      const known = kept.known;
      const until = Math.min(newest, known + versionsAStep);
      const rows = this.#connection.all<VersionRow>(
        `SELECT ${versionColumns} FROM (SELECT DISTINCT file_id FROM versions WHERE id > ?1 AND id <= ?2) new
         CROSS JOIN files f ON f.id = new.file_id CROSS JOIN versions v ON v.file_id = f.id
         WHERE v.id <= ?2 ORDER BY f.id, v.number`,
        known,
        until,
      );
      for (const [begin, end] of fileByFile(rows)) {
        const before = Math.max(known, kept.readAhead(rows[begin]?.file ?? 0));
        if (before >= until) continue;
        spans(rows, begin, end, before, -1, kept.take);
        spans(rows, begin, end, until, 1, kept.take);
      }
      kept.known = until;
      yield;
    }
  }

  *#readFolders(): Generator<void, void> {
    for (;;) {
      const rows = this.#connection.all<{ id: number; parent: number }>(
        'SELECT id, coalesce(parent_id, 0) AS parent FROM folders WHERE id >= ? ORDER BY id LIMIT ?',
        this.#parents.length,
        foldersAStep,
      );
      for (const { id, parent } of rows) {
        while (this.#parents.length < id) this.#parents.push(0);
        this.#parents.push(parent);
      }
      if (rows.length < foldersAStep) return;
      yield;
    }
  }

  #newestVersion(): number {
    return this.#connection.get<{ id: number | null }>('SELECT max(id) AS id FROM versions')?.id ?? 0;
  }

  #newestFile(): number {
    return this.#connection.get<{ id: number | null }>('SELECT max(id) AS id FROM files')?.id ?? 0;
  }
}

/** The sums of all folders by id, each with what lies below it. */
interface RolledUp {
  readonly at: Instant;
  /** The newest version that is in it. */
  readonly version: number;
  readonly files: Float64Array;
  readonly bytes: Float64Array;
}

/** What lies directly in each folder now, by the folder's id. */
class Now implements Kept {
  readonly files = new Column(Float64Array);
  readonly bytes = new Column(Float64Array);
  /** The newest version at the time at which each step of files was read. */
  readonly readAsOf: number[] = [];
  isRead = false;
  known = 0;

  readonly take: Take = (folder, _from, until, size, sign) => {
    if (until === Infinity) this.add(folder, sign, sign * size);
  };

  readonly readAhead = (file: number): number => this.readAsOf[Math.ceil(file / filesAStep) - 1] ?? 0;

  add(folder: number, files: number, bytes: number): void {
    this.files.add(folder, files);
    this.bytes.add(folder, bytes);
  }

  finish(): void {
    this.isRead = true;
    this.known = this.readAsOf[0] ?? 0;
  }
}

/** What each instant added to or took from each folder, in no order. */
class Past implements Kept {
  readonly #folder = new Column(Int32Array);
  readonly #at = new Column(Float64Array);
  readonly #files = new Column(Int32Array);
  readonly #bytes = new Column(Float64Array);
  #count = 0;
  /** Events before this one are not touched any more. */
  #sealed = 0;
  /** Which files' histories were read: up to this id, and up to `limit` of their versions. */
  filesRead = 0;
  limit: number | undefined;
  isRead = false;
  known = 0;

  readonly take: Take = (folder, from, until, size, sign) => {
    this.#event(folder, from, sign, sign * size);
    if (until !== Infinity) this.#event(folder, until, -sign, -sign * size);
  };

  readonly readAhead = (): number => 0;

  finish(known: number): void {
    this.isRead = true;
    this.known = known;
  }

  /** Leaves the events that there are as they are, while they are added up. @returns how many there are. */
  seal(): number {
    this.#sealed = this.#count;
    return this.#count;
  }

  /** Adds the events `begin` to `end` up that had happened by then. */
  addUp(begin: number, end: number, { at: when, files, bytes }: RolledUp): void {
    const [folders, instants, changes, sizes] = [
      this.#folder.values,
      this.#at.values,
      this.#files.values,
      this.#bytes.values,
    ];
    for (let event = begin; event < end; event += 1) {
      if ((instants[event] ?? Infinity) > when) continue;
      const folder = folders[event] ?? 0;
      files[folder] = (files[folder] ?? 0) + (changes[event] ?? 0);
      bytes[folder] = (bytes[folder] ?? 0) + (sizes[event] ?? 0);
    }
  }

  #event(folder: number, at: Instant, files: number, bytes: number): void {
    // Files of one folder that came (and went) together are one event (and another): most of a million are.
    for (let same = this.#count - 1; same >= Math.max(this.#sealed, this.#count - 2); same -= 1) {
      if (this.#folder.values[same] !== folder || this.#at.values[same] !== at) continue;
      this.#files.add(same, files);
      this.#bytes.add(same, bytes);
      return;
    }
    const event = this.#count;
    this.#folder.add(event, folder);
    this.#at.add(event, at);
    this.#files.add(event, files);
    this.#bytes.add(event, bytes);
    this.#count += 1;
  }
}

/** Numbers by index, zero where nothing was added. */
class Column<Values extends Float64Array | Int32Array> {
  readonly #make: new (length: number) => Values;
  values: Values;

  constructor(make: new (length: number) => Values) {
    this.#make = make;
    this.values = new make(1_024);
  }

  add(index: number, value: number): void {
    if (index >= this.values.length) {
      const larger = new this.#make(Math.max(index + 1, Math.ceil(this.values.length * 1.5)));
      larger.set(this.values);
      this.values = larger;
    }
    this.values[index] = (this.values[index] ?? 0) + value;
  }

  copy(): Values {
    const copy = new this.#make(this.values.length);
    copy.set(this.values);
    return copy;
  }
}

function fitted(values: Float64Array, length: number): Float64Array {
  if (values.length >= length) return values;
  const longer = new Float64Array(length);
  longer.set(values);
  return longer;
}

/** Where the rows of each file begin and end, of rows in the order of files. */
function* fileByFile(rows: readonly VersionRow[]): Generator<readonly [begin: number, end: number]> {
  let begin = 0;
  for (let end = 1; end <= rows.length; end += 1) {
    if (rows[end]?.file === rows[begin]?.file) continue;
    yield [begin, end];
    begin = end;
  }
}

/**
 * Tells when which version of a file was there, of those with ids up to `limit`: at any instant the one with the highest
 * number of those that had been recorded. A clock that was set back hides those before, or the end of one.
 */
function spans(rows: readonly VersionRow[], begin: number, end: number, limit: number, sign: 1 | -1, take: Take): void {
  let until = Infinity;
  for (let at = end - 1; at >= begin; at -= 1) {
    const row = rows[at];
    if (row === undefined || row.id > limit) continue;
    if (row.size >= 0 && row.from < until) take(row.folder, row.from, until, row.size, sign);
    until = Math.min(until, row.from);
  }
}
