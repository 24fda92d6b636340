import type { Instant, VersionFacts } from '../../../shared/domain.ts';
import { joinPath } from '../../../shared/names.ts';
import type { Connection } from './database.ts';
import type { SeenStat } from './files.ts';

/** A change of content that would supersede a version; it waits until the whole scan is known. */
export interface StagedChange {
  readonly fileId: number;
  readonly facts: VersionFacts;
  readonly stat: SeenStat;
}

interface ChangeRow {
  fileId: number;
  sha256: string;
  size: number;
  mtimeNs: string;
  mode: number;
  statSize: number;
  mtimeUs: number;
  ctimeUs: number;
  inode: number;
  statMode: number;
  folderId: number;
  name: string;
}

/**
 * What one scan of one source found that would supersede or delete: held in temporary tables, in a file, until the guard against
 * mass change has seen all of it. Nothing staged survives the process; the next scan finds it again.
 */
export class Staging {
  readonly #connection: Connection;
  /** The tables; each source has its own, because several are scanned at once over one connection. */
  readonly #changes: string;
  readonly #gone: string;
  readonly #goneFolders: string;

  constructor(connection: Connection, sourceId: number) {
    this.#connection = connection;
    this.#changes = `staged_changes_${sourceId}`;
    this.#gone = `staged_gone_${sourceId}`;
    this.#goneFolders = `staged_gone_folders_${sourceId}`;
  }

  /** Begins anew. */
  clear(): void {
    this.#connection.exec(`
      CREATE TEMP TABLE IF NOT EXISTS ${this.#changes} (
        file_id INTEGER PRIMARY KEY, sha256 TEXT, size INTEGER, mtime_ns INTEGER, mode INTEGER,
        stat_size INTEGER, mtime_us INTEGER, ctime_us INTEGER, inode INTEGER, stat_mode INTEGER);
      CREATE TEMP TABLE IF NOT EXISTS ${this.#gone} (
        file_id INTEGER PRIMARY KEY, gone INTEGER NOT NULL DEFAULT 0, moved INTEGER NOT NULL DEFAULT 0);
      CREATE TEMP TABLE IF NOT EXISTS ${this.#goneFolders} (folder_id INTEGER PRIMARY KEY);
      DELETE FROM ${this.#changes}; DELETE FROM ${this.#gone}; DELETE FROM ${this.#goneFolders};
    `);
  }

  addChange(change: StagedChange): void {
    const { facts, stat } = change;
    this.#connection.run(
      `INSERT OR REPLACE INTO ${this.#changes} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      change.fileId,
      facts.sha256,
      facts.size,
      facts.mtimeNs,
      facts.mode,
      stat.size,
      stat.mtimeUs,
      stat.ctimeUs,
      stat.inode,
      stat.mode,
    );
  }

  addGone(fileId: number): void {
    this.#connection.run(
      `INSERT INTO ${this.#gone} (file_id, gone) VALUES (?, 1) ON CONFLICT DO UPDATE SET gone = 1`,
      fileId,
    );
  }

  /** A folder that is not there any more, with every folder and file that was known below it. */
  addGoneFolder(folderId: number): void {
    const below = `WITH RECURSIVE below(id) AS (
      SELECT ? UNION ALL SELECT fo.id FROM below JOIN folders fo ON fo.parent_id = below.id
      JOIN folder_spans s ON s.folder_id = fo.id AND s.seen_until IS NULL)`;
    this.#connection.run(`INSERT OR IGNORE INTO ${this.#goneFolders} ${below} SELECT id FROM below`, folderId);
    this.#connection.run(
      `INSERT INTO ${this.#gone} (file_id, gone) ${below}
       SELECT f.id, 1 FROM below JOIN files f ON f.folder_id = below.id AND f.version_id IS NOT NULL WHERE true
       ON CONFLICT DO UPDATE SET gone = 1`,
      folderId,
    );
  }

  /**
   * The file's content is at another path now: its going is no loss. That alone does not say that it is gone: where the
   * walk could not look (a share that is not mounted), the file stays.
   */
  markMoved(fileId: number): void {
    this.#connection.run(
      `INSERT INTO ${this.#gone} (file_id, moved) VALUES (?, 1) ON CONFLICT DO UPDATE SET moved = 1`,
      fileId,
    );
  }

  /** As {@link markMoved} for what an earlier run saw at its new path, and was ended before it concluded. */
  markMovedBefore(): void {
    this.#connection.exec(
      `UPDATE ${this.#gone} SET moved = 1 WHERE moved = 0 AND EXISTS
         (SELECT 1 FROM files f JOIN versions v ON v.id = f.version_id AND v.size > 0
          JOIN versions n ON n.sha256 = v.sha256 AND n.moved_from = f.id AND n.id > v.id AND n.superseded_at IS NULL
          WHERE f.id = ${this.#gone}.file_id)`,
    );
  }

  isMoved(fileId: number): boolean {
    return this.#connection.get(`SELECT 1 FROM ${this.#gone} WHERE file_id = ? AND moved = 1`, fileId) !== undefined;
  }

  /** The file is there after all. */
  dropGone(fileId: number): void {
    this.#connection.run(`DELETE FROM ${this.#gone} WHERE file_id = ?`, fileId);
  }

  /** How many files would lose their content: changed, and gone without having been moved. */
  counts(): { changed: number; gone: number; moved: number } {
    const changed = this.#connection.get<{ count: number }>(`SELECT count(*) AS count FROM ${this.#changes}`);
    const gone = this.#connection.get<{ count: number; moved: number }>(
      `SELECT count(*) AS count, coalesce(sum(moved), 0) AS moved FROM ${this.#gone} WHERE gone = 1`,
    );
    return { changed: changed?.count ?? 0, gone: (gone?.count ?? 0) - (gone?.moved ?? 0), moved: gone?.moved ?? 0 };
  }

  /**
   * The folders whose own files would be changed or gone, with how many of them, those with most first. In a mass change
   * it is the folder that a person knows, not the file.
   */
  folders(limit: number): { folder: string; changed: number; gone: number }[] {
    return this.#connection.all(
      `SELECT fo.path AS folder, sum(s.gone = 0) AS changed, sum(s.gone) AS gone FROM
         (SELECT file_id, 0 AS gone FROM ${this.#changes} UNION ALL SELECT file_id, 1 FROM ${this.#gone} WHERE gone = 1 AND moved = 0) s
       JOIN files f ON f.id = s.file_id JOIN folders fo ON fo.id = f.folder_id
       GROUP BY fo.id ORDER BY count(*) DESC, fo.path LIMIT ?`,
      limit,
    );
  }

  /** Some of the paths that would be changed or gone, to show a person. */
  examples(limit: number): string[] {
    return this.#connection
      .all<{ folder: string; name: string }>(
        `SELECT fo.path AS folder, f.name FROM (SELECT file_id FROM ${this.#changes} UNION SELECT file_id FROM ${this.#gone} WHERE gone = 1 AND moved = 0) s
         JOIN files f ON f.id = s.file_id JOIN folders fo ON fo.id = f.folder_id ORDER BY fo.path, f.name LIMIT ?`,
        limit,
      )
      .map((row) => joinPath(row.folder, row.name));
  }

  /** The staged changes after `afterFileId`, by file, at most `limit`. */
  changes(afterFileId: number, limit: number): (StagedChange & { folderId: number; name: string })[] {
    return this.#connection
      .all<ChangeRow>(
        `SELECT s.file_id AS fileId, sha256, s.size, CAST(mtime_ns AS TEXT) AS mtimeNs, s.mode, stat_size AS statSize, s.mtime_us AS mtimeUs,
         s.ctime_us AS ctimeUs, s.inode, stat_mode AS statMode, f.folder_id AS folderId, f.name
         FROM ${this.#changes} s JOIN files f ON f.id = s.file_id WHERE s.file_id > ? ORDER BY s.file_id LIMIT ?`,
        afterFileId,
        limit,
      )
      .map((row) => ({
        fileId: row.fileId,
        facts: { sha256: row.sha256, size: row.size, mtimeNs: BigInt(row.mtimeNs), mode: row.mode },
        stat: { size: row.statSize, mtimeUs: row.mtimeUs, ctimeUs: row.ctimeUs, inode: row.inode, mode: row.statMode },
        folderId: row.folderId,
        name: row.name,
      }));
  }

  /** The files staged as gone after `afterFileId`, by file, at most `limit`, with their paths. */
  gone(afterFileId: number, limit: number): { fileId: number; path: string; moved: boolean }[] {
    return this.#connection
      .all<{ fileId: number; folder: string; name: string; moved: number }>(
        `SELECT s.file_id AS fileId, fo.path AS folder, f.name, s.moved FROM ${this.#gone} s JOIN files f ON f.id = s.file_id
         JOIN folders fo ON fo.id = f.folder_id WHERE s.gone = 1 AND s.file_id > ? ORDER BY s.file_id LIMIT ?`,
        afterFileId,
        limit,
      )
      .map((row) => ({ fileId: row.fileId, path: joinPath(row.folder, row.name), moved: row.moved !== 0 }));
  }

  /** Ends the spans of the folders that are gone. */
  /** @returns how many they were. */
  closeGoneFolders(at: Instant): number {
    return this.#connection.run(
      `UPDATE folder_spans SET seen_until = ? WHERE seen_until IS NULL AND folder_id IN (SELECT folder_id FROM ${this.#goneFolders})`,
      at,
    ).changes;
  }
}
