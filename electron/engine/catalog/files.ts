import type { Instant, Sha256, VersionFacts } from '../../../shared/domain.ts';
import { baseName, folderOf, joinPath, nfc } from '../../../shared/names.ts';
import type { Connection } from './database.ts';

/** What a walk's plain stat told of a file; times in microseconds. */
export interface SeenStat {
  readonly size: number;
  readonly mtimeUs: number;
  readonly ctimeUs: number;
  readonly inode: number;
  readonly mode: number;
}

/** A file as the catalog knows it, as the walk compares it. */
export interface KnownFile extends SeenStat {
  readonly id: number;
  readonly name: string;
}

export interface KnownFolder {
  readonly id: number;
  readonly name: string;
  readonly mounted: boolean;
}

export interface NewVersion {
  readonly folderId: number;
  readonly name: string;
  readonly facts: VersionFacts;
  readonly stat: SeenStat;
  readonly at: Instant;
  readonly movedFrom: number | undefined;
  readonly runId: number;
}

/** Folders, files and versions: what the scan compares with and what runs record. */
export class Files {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  rootFolder(sourceId: number): number {
    return (
      this.#connection.get<{ id: number }>(`SELECT id FROM folders WHERE source_id = ? AND path = ''`, sourceId)?.id ??
      0
    );
  }

  folderId(sourceId: number, path: string): number | undefined {
    return this.#connection.get<{ id: number }>(
      'SELECT id FROM folders WHERE source_id = ? AND path = ?',
      sourceId,
      path,
    )?.id;
  }

  /** The files of a folder that are there as far as the catalog knows. */
  known(folderId: number): KnownFile[] {
    return this.#connection.all<KnownFile>(
      `SELECT id, name, size, mtime_us AS mtimeUs, ctime_us AS ctimeUs, inode, mode FROM files
       WHERE folder_id = ? AND version_id IS NOT NULL`,
      folderId,
    );
  }

  /** The folders in a folder that are there as far as the catalog knows. */
  knownFolders(folderId: number): KnownFolder[] {
    return this.#connection
      .all<{ id: number; name: string; mounted: number }>(
        `SELECT fo.id, fo.name, fo.mounted FROM folders fo JOIN folder_spans s ON s.folder_id = fo.id AND s.seen_until IS NULL
         WHERE fo.parent_id = ?`,
        folderId,
      )
      .map((row) => ({ ...row, mounted: row.mounted !== 0 }));
  }

  /** Whether another file system was mounted on a folder, or on one below it, when it was last seen. */
  holdsMount(folderId: number): boolean {
    const row = this.#connection.get(
      `WITH RECURSIVE below(id) AS (
         SELECT ? UNION ALL SELECT fo.id FROM below JOIN folders fo ON fo.parent_id = below.id
         JOIN folder_spans s ON s.folder_id = fo.id AND s.seen_until IS NULL)
       SELECT 1 FROM below JOIN folders fo ON fo.id = below.id WHERE fo.mounted = 1 LIMIT 1`,
      folderId,
    );
    return row !== undefined;
  }

  /**
   * The folder's row, made with its parents where it was never seen.
   *
   * @param at the folder is there from this instant on; `undefined` says nothing of when it was there.
   */
  ensureFolder(sourceId: number, path: string, at: Instant | undefined): number {
    const known = this.folderId(sourceId, path);
    if (known !== undefined) {
      if (at !== undefined) this.openFolder(known, at);
      return known;
    }
    const parent = this.ensureFolder(sourceId, folderOf(path), at);
    const normal = nfc(path);
    const { id } = this.#connection.run(
      'INSERT INTO folders (source_id, parent_id, path, name, nfc) VALUES (?, ?, ?, ?, ?)',
      sourceId,
      parent,
      path,
      baseName(path),
      normal === path ? null : normal,
    );
    if (at !== undefined) this.openFolder(id, at);
    return id;
  }

  openFolder(folderId: number, at: Instant): void {
    this.#connection.run(
      `INSERT INTO folder_spans SELECT ?1, ?2, NULL WHERE NOT EXISTS
         (SELECT 1 FROM folder_spans WHERE folder_id = ?1 AND (seen_until IS NULL OR seen_from = ?2))`,
      folderId,
      at,
    );
  }

  closeFolder(folderId: number, at: Instant): void {
    this.#connection.run(
      'UPDATE folder_spans SET seen_until = ? WHERE folder_id = ? AND seen_until IS NULL',
      at,
      folderId,
    );
  }

  setFolderMounted(folderId: number, mounted: boolean): void {
    this.#connection.run('UPDATE folders SET mounted = ? WHERE id = ?', Number(mounted), folderId);
  }

  /** The file's row, made where the name was never seen in this folder. */
  ensureFile(folderId: number, name: string): number {
    const known = this.#connection.get<{ id: number }>(
      'SELECT id FROM files WHERE folder_id = ? AND name = ?',
      folderId,
      name,
    );
    if (known !== undefined) return known.id;
    const normal = nfc(name);
    return this.#connection.run(
      'INSERT INTO files (folder_id, name, nfc) VALUES (?, ?, ?)',
      folderId,
      name,
      normal === name ? null : normal,
    ).id;
  }

  /** The current version of a file, if it is there. */
  currentFacts(fileId: number): VersionFacts | undefined {
    const row = this.#connection.get<{ sha256: Buffer; size: number; mtimeNs: string; mode: number }>(
      `SELECT v.sha256, v.size, CAST(v.mtime_ns AS TEXT) AS mtimeNs, v.mode FROM files f JOIN versions v ON v.id = f.version_id WHERE f.id = ?`,
      fileId,
    );
    return row && { ...row, sha256: row.sha256.toString('hex'), mtimeNs: BigInt(row.mtimeNs) };
  }

  /** Records a new version of a file and a pending copy of it for every store of the source. */
  recordVersion(sourceId: number, version: NewVersion): { fileId: number; versionId: number } {
    const fileId = this.ensureFile(version.folderId, version.name);
    const { facts, stat } = version;
    const number = this.endCurrent(sourceId, fileId, version.at) + 1;
    const { id: versionId } = this.#connection.run(
      `INSERT INTO versions (file_id, number, sha256, size, mtime_ns, mode, first_seen, moved_from, run_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      fileId,
      number,
      Buffer.from(facts.sha256, 'hex'),
      facts.size,
      facts.mtimeNs,
      facts.mode,
      version.at,
      version.movedFrom ?? null,
      version.runId,
    );
    this.setCurrent(sourceId, fileId, versionId, stat);
    this.countVersion(sourceId);
    this.#connection.run('DELETE FROM suspects WHERE file_id = ?', fileId);
    this.#addCopies(versionId, sourceId, facts.size);
    return { fileId, versionId };
  }

  /** Records that the file is not there any more; the deletion becomes pending for every store of the source. */
  recordTombstone(sourceId: number, fileId: number, at: Instant, runId: number): void {
    const number = this.endCurrent(sourceId, fileId, at) + 1;
    const { id } = this.#connection.run(
      'INSERT INTO versions (file_id, number, sha256, size, mtime_ns, mode, first_seen, run_id) VALUES (?, ?, NULL, 0, 0, 0, ?, ?)',
      fileId,
      number,
      at,
      runId,
    );
    this.setGone(fileId);
    this.#connection.run('DELETE FROM suspects WHERE file_id = ?', fileId);
    this.#addCopies(id, sourceId, -1);
  }

  /** The content is what the catalog has although the stat differs: only what the next walk compares with changes. */
  refreshStat(fileId: number, stat: SeenStat): void {
    this.#connection.run(
      'UPDATE files SET ctime_us = ?1, inode = ?2 WHERE id = ?3 AND (ctime_us <> ?1 OR inode <> ?2)',
      stat.ctimeUs,
      stat.inode,
      fileId,
    );
  }

  /** Whether any version, of any source, has this content. */
  hasContent(sha256: Sha256): boolean {
    return (
      this.#connection.get('SELECT 1 FROM versions WHERE sha256 = ? LIMIT 1', Buffer.from(sha256, 'hex')) !== undefined
    );
  }

  /** A file of the source that has this content now, if there is one: the candidate for having been moved. */
  holdersOf(sourceId: number, sha256: Sha256, limit: number): { fileId: number; path: string }[] {
    return this.#connection
      .all<{ fileId: number; folder: string; name: string }>(
        `SELECT f.id AS fileId, fo.path AS folder, f.name FROM versions v JOIN files f ON f.id = v.file_id AND f.version_id = v.id
         JOIN folders fo ON fo.id = f.folder_id WHERE v.sha256 = ? AND fo.source_id = ? LIMIT ?`,
        Buffer.from(sha256, 'hex'),
        sourceId,
        limit,
      )
      .map((row) => ({ fileId: row.fileId, path: joinPath(row.folder, row.name) }));
  }

  /** How many files there were at an instant. Reads every version of the source: for rare questions only. */
  countAt(sourceId: number, at: Instant): number {
    const row = this.#connection.get<{ count: number }>(
      `SELECT count(*) AS count FROM folders fo JOIN files f ON f.folder_id = fo.id JOIN versions v ON v.file_id = f.id
       WHERE fo.source_id = ?1 AND v.sha256 IS NOT NULL AND v.first_seen <= ?2 AND (v.superseded_at IS NULL OR v.superseded_at > ?2)`,
      sourceId,
      at,
    );
    return row?.count ?? 0;
  }

  suspect(fileId: number, sha256: Sha256, at: Instant): boolean {
    return (
      this.#connection.run(
        `INSERT INTO suspects VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET sha256 = ?2, found_at = ?3 WHERE sha256 <> ?2`,
        fileId,
        Buffer.from(sha256, 'hex'),
        at,
      ).changes > 0
    );
  }

  clearSuspect(fileId: number): boolean {
    return this.#connection.run('DELETE FROM suspects WHERE file_id = ?', fileId).changes > 0;
  }

  countSuspects(sourceId: number): number {
    return (
      this.#connection.get<{ count: number }>(
        `SELECT count(*) AS count FROM suspects s JOIN files f ON f.id = s.file_id JOIN folders fo ON fo.id = f.folder_id WHERE fo.source_id = ?`,
        sourceId,
      )?.count ?? 0
    );
  }

  /** The files whose content changed although nothing says so, the first found first. */
  suspects(sourceId: number, limit: number): { readonly path: string; readonly foundAt: Instant }[] {
    return this.#connection
      .all<{ folder: string; name: string; foundAt: number }>(
        `SELECT fo.path AS folder, f.name, s.found_at AS foundAt FROM suspects s JOIN files f ON f.id = s.file_id
         JOIN folders fo ON fo.id = f.folder_id WHERE fo.source_id = ? ORDER BY s.found_at, s.file_id LIMIT ?`,
        sourceId,
        limit,
      )
      .map(({ folder, name, foundAt }) => ({ path: joinPath(folder, name), foundAt }));
  }

  /** The folders that are there as far as the catalog knows, the root first and at most so many. */
  folderPaths(sourceId: number, limit: number): string[] {
    return this.#connection
      .all<{ path: string }>(
        `SELECT fo.path FROM folders fo JOIN folder_spans s ON s.folder_id = fo.id AND s.seen_until IS NULL
         WHERE fo.source_id = ? ORDER BY fo.id LIMIT ?`,
        sourceId,
        limit,
      )
      .map(({ path }) => path);
  }

  /** Replaces what is known of the source's links, sockets and devices. */
  addSkipped(sourceId: number, path: string, reason: string): void {
    this.#connection.run(
      'INSERT INTO skipped VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET reason = ?3',
      sourceId,
      path,
      reason,
    );
  }

  clearSkipped(sourceId: number): void {
    this.#connection.run('DELETE FROM skipped WHERE source_id = ?', sourceId);
  }

  skipped(sourceId: number): { path: string; reason: string }[] {
    return this.#connection.all('SELECT path, reason FROM skipped WHERE source_id = ? ORDER BY path', sourceId);
  }

  /** Makes a version the file's current one; `stat` is what the next walk compares with. */
  setCurrent(sourceId: number, fileId: number, versionId: number, stat: SeenStat): void {
    this.#connection.run(
      'UPDATE files SET version_id = ?, size = ?, mtime_us = ?, ctime_us = ?, inode = ?, mode = ? WHERE id = ?',
      versionId,
      stat.size,
      stat.mtimeUs,
      stat.ctimeUs,
      stat.inode,
      stat.mode,
      fileId,
    );
    this.#connection.run(
      'UPDATE source_tallies SET files = files + 1, bytes = bytes + ? WHERE source_id = ?',
      stat.size,
      sourceId,
    );
  }

  setGone(fileId: number): void {
    this.#connection.run('UPDATE files SET version_id = NULL WHERE id = ?', fileId);
  }

  /** Of versions with content: a deletion is none that anybody could have back. */
  countVersion(sourceId: number): void {
    this.#connection.run('UPDATE source_tallies SET versions = versions + 1 WHERE source_id = ?', sourceId);
  }

  /** Ends the current version, if there is one. @returns the highest number given so far, 0 for none. */
  endCurrent(sourceId: number, fileId: number, at: Instant): number {
    const last = this.#connection.get<{ number: number; size: number; tombstone: number }>(
      'SELECT number, size, sha256 IS NULL AS tombstone FROM versions WHERE file_id = ? ORDER BY number DESC LIMIT 1',
      fileId,
    );
    if (last === undefined) return 0;
    this.#connection.run(
      'UPDATE versions SET superseded_at = ? WHERE file_id = ? AND superseded_at IS NULL',
      at,
      fileId,
    );
    if (last.tombstone === 0) {
      this.#connection.run(
        'UPDATE source_tallies SET files = files - 1, bytes = bytes - ? WHERE source_id = ?',
        last.size,
        sourceId,
      );
    }
    return last.number;
  }

  #addCopies(versionId: number, sourceId: number, size: number): void {
    this.#connection.run(
      `INSERT INTO copies (version_id, store_id, source_id, state, size) SELECT ?, store_id, source_id, 'pending', ? FROM source_stores WHERE source_id = ?`,
      versionId,
      size,
      sourceId,
    );
  }
}
