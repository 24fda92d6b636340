import type { Instant } from '../../../shared/domain.ts';
import type { FolderEntryLine, JournalEntry, TombstoneEntryLine, VersionEntryLine } from '../../../shared/journal.ts';
import { baseName, folderOf, joinPath } from '../../../shared/names.ts';
import type { Connection } from './database.ts';
import type { Files } from './files.ts';

/** A row of the catalog as a line of a journal, with what is needed to say that it was told. */
export interface Told {
  readonly versionId: number;
  readonly entry: VersionEntryLine | TombstoneEntryLine;
}

interface Row {
  versionId: number;
  folder: string;
  name: string;
  number: number;
  sha256: Buffer | null;
  size: number;
  mtimeNs: string;
  mode: number;
  seen: number;
  movedFolder: string | null;
  movedName: string | null;
  locator: string;
  stored: number;
}

const columns = `v.id AS versionId, fo.path AS folder, f.name, v.number, v.sha256, v.size, CAST(v.mtime_ns AS TEXT) AS mtimeNs, v.mode,
  v.first_seen AS seen, mfo.path AS movedFolder, mf.name AS movedName, c.locator, c.stored_at AS stored`;
const tables = `copies c JOIN versions v ON v.id = c.version_id JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id
  LEFT JOIN files mf ON mf.id = v.moved_from LEFT JOIN folders mfo ON mfo.id = mf.folder_id`;

/** The catalog told to a store's journals, and read back from them. */
export class Journaling {
  readonly #connection: Connection;
  readonly #files: Files;

  constructor(connection: Connection, files: Files) {
    this.#connection = connection;
    this.#files = files;
  }

  /** Copies and deletions in a store that its journals do not tell of yet, oldest version first. */
  untold(sourceId: number, storeId: number, limit: number): Told[] {
    return this.#connection
      .all<Row>(
        `SELECT ${columns} FROM ${tables} WHERE c.store_id = ? AND c.source_id = ? AND c.journaled = 0 AND c.state <> 'pending'
         AND c.locator IS NOT NULL ORDER BY c.version_id LIMIT ?`,
        storeId,
        sourceId,
        limit,
      )
      .map(toTold);
  }

  markTold(storeId: number, versionIds: readonly number[]): void {
    this.#connection.transaction(() => {
      for (const id of versionIds)
        this.#connection.run('UPDATE copies SET journaled = 1 WHERE version_id = ? AND store_id = ?', id, storeId);
    });
  }

  /** Folders that appeared or went at or after `since`. */
  folderSpans(sourceId: number, since: Instant): FolderEntryLine[] {
    return this.#connection.all(
      `SELECT fo.path AS folder, s.seen_from AS seen, s.seen_until AS until FROM folders fo JOIN folder_spans s ON s.folder_id = fo.id
       WHERE fo.source_id = ? AND fo.path <> '' AND (s.seen_from >= ? OR s.seen_until >= ?) ORDER BY fo.id`,
      sourceId,
      since,
      since,
    );
  }

  /** Everything that a store has of a source, for a checkpoint, after a version, oldest first. */
  page(sourceId: number, storeId: number, afterVersionId: number, limit: number): Told[] {
    return this.#connection
      .all<Row>(
        `SELECT ${columns} FROM ${tables} WHERE c.store_id = ? AND c.source_id = ? AND c.version_id > ? AND c.state <> 'pending'
         AND c.locator IS NOT NULL ORDER BY c.version_id LIMIT ?`,
        storeId,
        sourceId,
        afterVersionId,
        limit,
      )
      .map(toTold);
  }

  /** Takes over what a journal of the store tells. Idempotent: an entry that is known changes nothing. */
  apply(sourceId: number, storeId: number, entries: readonly JournalEntry[]): void {
    this.#connection.transaction(() => {
      for (const entry of entries) {
        if ('folder' in entry) this.#applyFolder(sourceId, entry);
        else this.#applyVersion(sourceId, storeId, entry);
      }
    });
  }

  #applyFolder(sourceId: number, entry: FolderEntryLine): void {
    const id = this.#files.ensureFolder(sourceId, entry.folder, undefined);
    this.#connection.run(
      'INSERT INTO folder_spans VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET seen_until = coalesce(seen_until, ?3)',
      id,
      entry.seen,
      entry.until,
    );
  }

  #applyVersion(sourceId: number, storeId: number, entry: VersionEntryLine | TombstoneEntryLine): void {
    const folderId = this.#files.ensureFolder(sourceId, folderOf(entry.path), undefined);
    const fileId = this.#files.ensureFile(folderId, baseName(entry.path));
    const version = 'sha256' in entry ? entry : undefined;
    const digest = version === undefined ? null : Buffer.from(version.sha256, 'hex');
    const seen = version?.seen ?? ('gone' in entry ? entry.gone : 0);
    const same = this.#connection.get<{ id: number }>(
      `SELECT id FROM versions WHERE file_id = ?1 AND sha256 IS ?2 AND (number = ?3 OR first_seen = ?4) ORDER BY number = ?3 DESC LIMIT 1`,
      fileId,
      digest,
      entry.n,
      seen,
    );
    const versionId = same?.id ?? this.#insert(sourceId, fileId, entry, digest, seen, version);
    this.#connection.run(
      `INSERT INTO copies (version_id, store_id, source_id, state, size, locator, stored_at, journaled) VALUES (?1, ?2, ?3, 'stored', ?4, ?5, ?6, 1)
       ON CONFLICT DO UPDATE SET state = 'stored', locator = ?5, stored_at = ?6, journaled = 1 WHERE state IN ('pending', 'missing') OR journaled = 1`,
      versionId,
      storeId,
      sourceId,
      version?.size ?? -1,
      entry.at,
      entry.stored,
    );
  }

  #insert(
    sourceId: number,
    fileId: number,
    entry: VersionEntryLine | TombstoneEntryLine,
    digest: Buffer | null,
    seen: Instant,
    version: VersionEntryLine | undefined,
  ): number {
    const newest = this.#connection.get<{ number: number }>(
      'SELECT number FROM versions WHERE file_id = ? ORDER BY number DESC LIMIT 1',
      fileId,
    );
    const taken =
      this.#connection.get('SELECT 1 FROM versions WHERE file_id = ? AND number = ?', fileId, entry.n) !== undefined;
    // Two workstations gave the same number to different content: the one that is read later gets the next number.
    const number = taken ? (newest?.number ?? 0) + 1 : entry.n;
    const isNewest = number > (newest?.number ?? 0);
    if (isNewest) this.#files.endCurrent(sourceId, fileId, seen);
    const next = isNewest
      ? undefined
      : this.#connection.get<{ seen: number }>(
          'SELECT first_seen AS seen FROM versions WHERE file_id = ? AND number > ? ORDER BY number LIMIT 1',
          fileId,
          number,
        );
    const from = version?.from === undefined ? undefined : this.#fileId(sourceId, version.from);
    const { id } = this.#connection.run(
      `INSERT INTO versions (file_id, number, sha256, size, mtime_ns, mode, first_seen, superseded_at, moved_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      fileId,
      number,
      digest,
      version?.size ?? 0,
      BigInt(version?.mtime ?? 0),
      version?.mode ?? 0,
      seen,
      next?.seen ?? null,
      from ?? null,
    );
    if (version !== undefined) this.#files.countVersion(sourceId);
    if (isNewest) {
      if (version === undefined) this.#files.setGone(fileId);
      else {
        this.#files.setCurrent(sourceId, fileId, id, {
          size: version.size,
          mtimeUs: Number((BigInt(version.mtime) + 500n) / 1000n),
          // Unknown here: zero tells the walk not to compare them.
          ctimeUs: 0,
          inode: 0,
          mode: version.mode,
        });
      }
    }
    return id;
  }

  #fileId(sourceId: number, path: string): number {
    return this.#files.ensureFile(this.#files.ensureFolder(sourceId, folderOf(path), undefined), baseName(path));
  }
}

function toTold(row: Row): Told {
  const path = joinPath(row.folder, row.name);
  if (row.sha256 === null) {
    return {
      versionId: row.versionId,
      entry: { path, n: row.number, gone: row.seen, at: row.locator, stored: row.stored },
    };
  }
  return {
    versionId: row.versionId,
    entry: {
      path,
      n: row.number,
      sha256: row.sha256.toString('hex'),
      size: row.size,
      mtime: row.mtimeNs,
      mode: row.mode,
      seen: row.seen,
      ...(row.movedName === null ? {} : { from: joinPath(row.movedFolder ?? '', row.movedName) }),
      at: row.locator,
      stored: row.stored,
    },
  };
}
