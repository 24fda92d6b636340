import type { CopyState, Instant, Sha256, VersionFacts } from '../../../shared/domain.ts';
import { baseName, folderOf, joinPath } from '../../../shared/names.ts';
import type { Connection } from './database.ts';

/** A file as it was at an instant. */
export interface FileEntry {
  readonly fileId: number;
  readonly versionId: number;
  readonly name: string;
  readonly number: number;
  readonly sha256: Sha256;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly firstSeen: Instant;
}

export interface VersionEntry {
  readonly versionId: number;
  readonly number: number;
  /** `null` for a tombstone. */
  readonly sha256: Sha256 | null;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly firstSeen: Instant;
  readonly supersededAt: Instant | null;
  readonly movedFrom: string | null;
  readonly copies: readonly {
    readonly store: string;
    readonly state: CopyState;
    readonly storedAt: Instant | null;
    readonly checkedAt: Instant | null;
    readonly checkedHow: string | null;
  }[];
}

/** A version to be given back. */
export interface RestorableVersion {
  readonly versionId: number;
  readonly path: string;
  readonly number: number;
  readonly facts: VersionFacts;
}

/** Files that are to be given back, by what their copies allow. */
export interface Readiness {
  readonly files: number;
  readonly bytes: number;
  /** Files of which no copy can be read. */
  readonly missing: number;
  /** Files of which all copies that are left lie in an archive. */
  readonly archived: number;
  /** Bytes of which only copies in Google Drive can be read. */
  readonly driveBytes: number;
}

interface FileRow {
  fileId: number;
  versionId: number;
  name: string;
  number: number;
  sha256: Buffer;
  size: number;
  mtimeNs: string;
  mode: number;
  firstSeen: number;
}

const fileColumns = `f.id AS fileId, v.id AS versionId, f.name, v.number, v.sha256, v.size, CAST(v.mtime_ns AS TEXT) AS mtimeNs, v.mode, v.first_seen AS firstSeen`;
const currentAt = `v.sha256 IS NOT NULL AND v.first_seen <= ?2 AND (v.superseded_at IS NULL OR v.superseded_at > ?2)`;

/** Looking around: folders and files as of an instant, and the history of one file. */
export class Browse {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  folderId(sourceId: number, path: string): number | undefined {
    return this.#connection.get<{ id: number }>(
      'SELECT id FROM folders WHERE source_id = ? AND path = ?',
      sourceId,
      path,
    )?.id;
  }

  fileId(sourceId: number, path: string): number | undefined {
    return this.#connection.get<{ id: number }>(
      'SELECT f.id FROM folders fo JOIN files f ON f.folder_id = fo.id WHERE fo.source_id = ? AND fo.path = ? AND f.name = ?',
      sourceId,
      folderOf(path),
      baseName(path),
    )?.id;
  }

  /** Whether the folder was not there at `at`. */
  isFolderGone(folderId: number, at: Instant): boolean {
    const span =
      'SELECT 1 FROM folder_spans WHERE folder_id = ?1 AND seen_from <= ?2 AND (seen_until IS NULL OR seen_until > ?2)';
    return this.#connection.get(span, folderId, at) === undefined;
  }

  /** The folders in a folder as of `at`, by name, after `afterName`. */
  folders(folderId: number, at: Instant, afterName = '', limit = 1_000): { id: number; name: string }[] {
    return this.#connection.all(
      `SELECT fo.id, fo.name FROM folders fo WHERE fo.parent_id = ?1 AND fo.name > ?3 AND EXISTS
         (SELECT 1 FROM folder_spans s WHERE s.folder_id = fo.id AND s.seen_from <= ?2 AND (s.seen_until IS NULL OR s.seen_until > ?2))
       ORDER BY fo.name LIMIT ?4`,
      folderId,
      at,
      afterName,
      limit,
    );
  }

  /** The files in a folder as of `at`, by name, after `afterName`. */
  files(folderId: number, at: Instant, afterName = '', limit = 1_000): FileEntry[] {
    return this.#connection
      .all<FileRow>(
        `SELECT ${fileColumns} FROM files f JOIN versions v ON v.file_id = f.id
         WHERE f.folder_id = ?1 AND f.name > ?3 AND ${currentAt} ORDER BY f.name LIMIT ?4`,
        folderId,
        at,
        afterName,
        limit,
      )
      .map(parseFile);
  }

  /** The file as of `at`. */
  fileAt(fileId: number, at: Instant): FileEntry | undefined {
    const row = this.#connection.get<FileRow>(
      `SELECT ${fileColumns} FROM files f JOIN versions v ON v.file_id = f.id WHERE f.id = ?1 AND ${currentAt}`,
      fileId,
      at,
    );
    return row && parseFile(row);
  }

  /** Every version of a file, oldest first, with its copies. */
  versions(fileId: number): VersionEntry[] {
    const rows = this.#connection.all<
      Omit<FileRow, 'sha256'> & {
        sha256: Buffer | null;
        supersededAt: number | null;
        movedFolder: string | null;
        movedName: string | null;
      }
    >(
      `SELECT ${fileColumns}, v.superseded_at AS supersededAt, mfo.path AS movedFolder, mf.name AS movedName
       FROM versions v JOIN files f ON f.id = v.file_id LEFT JOIN files mf ON mf.id = v.moved_from LEFT JOIN folders mfo ON mfo.id = mf.folder_id
       WHERE v.file_id = ? ORDER BY v.number`,
      fileId,
    );
    return rows.map((row) => ({
      versionId: row.versionId,
      number: row.number,
      sha256: row.sha256 === null ? null : row.sha256.toString('hex'),
      size: row.size,
      mtimeNs: BigInt(row.mtimeNs),
      mode: row.mode,
      firstSeen: row.firstSeen,
      supersededAt: row.supersededAt,
      movedFrom: row.movedName === null ? null : joinPath(row.movedFolder ?? '', row.movedName),
      copies: this.#connection.all(
        `SELECT t.name AS store, c.state, c.stored_at AS storedAt, c.checked_at AS checkedAt, c.checked_how AS checkedHow
         FROM copies c JOIN stores t ON t.id = c.store_id WHERE c.version_id = ? ORDER BY t.id`,
        row.versionId,
      ),
    }));
  }

  /** Where the copies of a file's versions lie, for all versions that have one. */
  located(fileId: number): { versionId: number; storeId: number; locator: string }[] {
    return this.#connection.all(
      `SELECT c.version_id AS versionId, c.store_id AS storeId, c.locator FROM versions v JOIN copies c ON c.version_id = v.id
       WHERE v.file_id = ? AND c.locator IS NOT NULL`,
      fileId,
    );
  }

  /** What can be read of the versions in a folder as of `at`, counted; folders below are not looked into. */
  readiness(folderId: number, at: Instant): Readiness {
    return this.#readiness(
      `SELECT f.id FROM files f WHERE f.folder_id = ?1`,
      `v.first_seen <= ?2 AND (v.superseded_at IS NULL OR v.superseded_at > ?2)`,
      folderId,
      at,
    );
  }

  /** The same of one version of a file. */
  readinessOf(fileId: number, number: number): Readiness {
    return this.#readiness('SELECT ?1', 'v.number = ?2', fileId, number);
  }

  #readiness(files: string, when: string, ...values: number[]): Readiness {
    // The best state that a copy of each version is in: 2 can be read, 1 must be thawed first, 0 there is none.
    const row = this.#connection.get<{ [Name in keyof Readiness]: number | null }>(
      `SELECT count(*) AS files, sum(size) AS bytes, sum(best = 0) AS missing, sum(best = 1) AS archived,
         sum(CASE WHEN best = 2 AND onlyDrive THEN size ELSE 0 END) AS driveBytes FROM (
         SELECT v.size, (SELECT coalesce(max(CASE WHEN c.locator IS NULL THEN 0
             WHEN c.state IN ('stored', 'verified', 'pending') THEN 2 WHEN c.state IN ('archived', 'thawing') THEN 1 ELSE 0 END), 0)
           FROM copies c WHERE c.version_id = v.id) AS best,
         NOT EXISTS (SELECT 1 FROM copies c JOIN stores t ON t.id = c.store_id WHERE c.version_id = v.id
           AND c.state IN ('stored', 'verified', 'pending') AND c.locator IS NOT NULL AND json_extract(t.spec, '$.kind') <> 'drive') AS onlyDrive
         FROM versions v WHERE v.file_id IN (${files}) AND v.sha256 IS NOT NULL AND ${when})`,
      ...values,
    );
    return {
      files: row?.files ?? 0,
      bytes: row?.bytes ?? 0,
      missing: row?.missing ?? 0,
      archived: row?.archived ?? 0,
      driveBytes: row?.driveBytes ?? 0,
    };
  }

  /** Every folder at or below `folderId` as of `at`, parents before children, streamed by page. */
  *foldersBelow(folderId: number, path: string, at: Instant): IterableIterator<{ id: number; path: string }> {
    yield { id: folderId, path };
    let after = '';
    for (;;) {
      const page = this.folders(folderId, at, after);
      for (const folder of page) yield* this.foldersBelow(folder.id, joinPath(path, folder.name), at);
      const last = page.at(-1);
      if (last === undefined || page.length < 1_000) return;
      after = last.name;
    }
  }

  /** Every file at or below a folder as of `at`, streamed by page. */
  *filesBelow(folderId: number, path: string, at: Instant): IterableIterator<RestorableVersion> {
    for (const folder of this.foldersBelow(folderId, path, at)) {
      let after = '';
      for (;;) {
        const page = this.files(folder.id, at, after);
        for (const { versionId, number, sha256, size, mtimeNs, mode, name } of page) {
          yield { versionId, number, path: joinPath(folder.path, name), facts: { sha256, size, mtimeNs, mode } };
        }
        const last = page.at(-1);
        if (last === undefined || page.length < 1_000) break;
        after = last.name;
      }
    }
  }
}

function parseFile(row: FileRow): FileEntry {
  return { ...row, sha256: row.sha256.toString('hex'), mtimeNs: BigInt(row.mtimeNs) };
}
