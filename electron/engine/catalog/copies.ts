import type { CopyState, Instant, Sha256, VersionFacts } from '../../../shared/domain.ts';
import { baseName, folderOf, joinPath } from '../../../shared/names.ts';
import type { Connection } from './database.ts';

/**
 * Why a copy that a store had is to be put there once more: it is `missing` or `corrupt`; something else is shown in its
 * place (`covered`), from where it may have been moved (`misplaced`): then it can be read as before.
 */
export type Again = 'missing' | 'corrupt' | 'covered' | 'misplaced';

/** A copy that is to be made, or a deletion that is to be recorded, in one store. */
export interface PendingCopy {
  readonly versionId: number;
  readonly fileId: number;
  readonly path: string;
  readonly number: number;
  /** `undefined` for a deletion. */
  readonly facts: VersionFacts | undefined;
  /** Whether it is the file's current version: only then can its bytes be read from the source. */
  readonly current: boolean;
  /** The file that it was moved from. */
  readonly movedFrom: number | undefined;
  /** Whether an earlier attempt failed, and may have been carried out all the same. */
  readonly attempted: boolean;
  /** Whether another version has the same content, so that the store may hold it already. */
  readonly shared: boolean;
  /** Why it is to be put once more, where the store had this copy before. */
  readonly again: Again | undefined;
}

/** A copy that a store has, with what is needed to read it. */
export interface StoredCopy {
  readonly versionId: number;
  readonly storeId: number;
  readonly path: string;
  readonly locator: string;
  readonly state: CopyState;
}

interface PendingRow {
  versionId: number;
  fileId: number;
  folder: string;
  name: string;
  number: number;
  sha256: Buffer | null;
  size: number;
  mtimeNs: string;
  mode: number;
  current: number;
  movedFrom: number | null;
  attempted: number;
  again: Again | null;
  shared: number;
}

/** The states in which a copy can be read, best first. */
const readable = `'verified', 'stored', 'archived', 'thawing'`;

/** Copies: what is to be done in each store, what was done, and what an audit found. */
export class Copies {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Pending copies of a source in a store after `afterVersionId`, oldest version first. */
  pending(sourceId: number, storeId: number, afterVersionId: number, limit: number): PendingCopy[] {
    return this.#connection
      .all<PendingRow>(
        `SELECT v.id AS versionId, v.file_id AS fileId, fo.path AS folder, f.name, v.number, v.sha256, v.size,
           CAST(v.mtime_ns AS TEXT) AS mtimeNs, v.mode, f.version_id IS v.id AS current, v.moved_from AS movedFrom, c.error IS NOT NULL AS attempted,
           CASE WHEN c.locator IS NOT NULL THEN coalesce(c.again, 'missing') END AS again, EXISTS (SELECT 1 FROM versions o WHERE o.sha256 = v.sha256 AND o.id <> v.id) AS shared
         FROM copies c JOIN versions v ON v.id = c.version_id JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id
         WHERE c.store_id = ? AND c.source_id = ? AND c.state = 'pending' AND c.version_id > ? ORDER BY c.version_id LIMIT ?`,
        storeId,
        sourceId,
        afterVersionId,
        limit,
      )
      .map((row) => ({
        versionId: row.versionId,
        fileId: row.fileId,
        path: joinPath(row.folder, row.name),
        number: row.number,
        facts:
          row.sha256 === null
            ? undefined
            : { sha256: row.sha256.toString('hex'), size: row.size, mtimeNs: BigInt(row.mtimeNs), mode: row.mode },
        current: row.current !== 0,
        movedFrom: row.movedFrom ?? undefined,
        attempted: row.attempted !== 0,
        again: row.again ?? undefined,
        shared: row.shared !== 0,
      }));
  }

  /** How much is pending, for progress. */
  pendingTotals(sourceId: number, storeId: number): { copies: number; bytes: number; deletions: number } {
    return this.tallies(sourceId, storeId).get('pending') ?? { copies: 0, bytes: 0, deletions: 0 };
  }

  tallies(sourceId: number, storeId: number): Map<CopyState, { copies: number; bytes: number; deletions: number }> {
    const rows = this.#connection.all<{ state: CopyState; copies: number; bytes: number; deletions: number }>(
      'SELECT state, copies, bytes, deletions FROM copy_tallies WHERE source_id = ? AND store_id = ?',
      sourceId,
      storeId,
    );
    return new Map(rows.map(({ state, ...tally }) => [state, tally]));
  }

  /**
   * The locator of what the store shows at a file's place: what was stored there last, which is an older version where
   * that was put late. `undefined` where that is a deletion, where an audit found it bad, and where it is the version
   * that is about to be put again.
   */
  shown(fileId: number, storeId: number, versionId: number): string | undefined {
    const row = this.#connection.get<{ id: number; locator: string; state: CopyState; tombstone: number }>(
      `SELECT v.id, c.locator, c.state, v.sha256 IS NULL AS tombstone FROM versions v JOIN copies c ON c.version_id = v.id AND c.store_id = ?
       WHERE v.file_id = ? AND c.locator IS NOT NULL ORDER BY c.stored_at DESC, v.number DESC LIMIT 1`,
      storeId,
      fileId,
    );
    if (row === undefined || row.tombstone !== 0 || row.id === versionId) return undefined;
    return row.state === 'missing' || row.state === 'corrupt' ? undefined : row.locator;
  }

  /** A copy of this content that the store has already, of this source. */
  sameContent(sourceId: number, storeId: number, sha256: Sha256): StoredCopy | undefined {
    return this.#readable(
      `v.sha256 = ? AND c.store_id = ? AND c.source_id = ? AND c.state IN ('verified', 'stored')`,
      Buffer.from(sha256, 'hex'),
      storeId,
      sourceId,
    )[0];
  }

  /** The copy of the file that a version was moved from, in the store. */
  movedFrom(versionId: number, storeId: number): StoredCopy | undefined {
    return this.#readable(
      `v.id = (SELECT o.id FROM versions n JOIN versions o ON o.file_id = n.moved_from AND o.sha256 = n.sha256 WHERE n.id = ? ORDER BY o.number DESC LIMIT 1)
       AND c.store_id = ? AND c.state IN ('verified', 'stored')`,
      versionId,
      storeId,
    )[0];
  }

  /** Every copy of a version that can be read, or at least tried. */
  ofVersion(versionId: number): StoredCopy[] {
    return this.#readable(`v.id = ? AND c.state IN (${readable}, 'pending')`, versionId);
  }

  /** As {@link ofVersion}, for many versions by one query; those without any are left out. */
  ofVersions(versionIds: readonly number[]): Map<number, StoredCopy[]> {
    const found = new Map<number, StoredCopy[]>();
    const rows = this.#connection.all<ReadableRow>(
      `SELECT ${readableColumns} FROM json_each(?) w JOIN versions v ON v.id = w.value JOIN copies c ON c.version_id = v.id
       JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id
       WHERE c.state IN (${readable}, 'pending') AND c.locator IS NOT NULL ORDER BY c.version_id, c.store_id`,
      JSON.stringify(versionIds),
    );
    for (const row of rows) {
      const copies = found.get(row.versionId) ?? [];
      found.set(row.versionId, copies);
      copies.push(storedCopy(row));
    }
    return found;
  }

  /** The store that a version is read from if nothing goes wrong: the first of {@link ofVersion}. */
  readFrom(versionId: number): number | undefined {
    const sql = `SELECT store_id AS id FROM copies WHERE version_id = ? AND state IN (${readable}, 'pending') AND locator IS NOT NULL ORDER BY store_id LIMIT 1`;
    return this.#connection.get<{ id: number }>(sql, versionId)?.id;
  }

  /** Every copy of any version of the source with this content: equal bytes serve as well. */
  ofContent(sourceId: number, sha256: Sha256): StoredCopy[] {
    return this.#readable(
      `v.sha256 = ? AND c.source_id = ? AND c.state IN (${readable})`,
      Buffer.from(sha256, 'hex'),
      sourceId,
    );
  }

  /** Every copy of any version of a path that the store has, deletions' marks included. */
  ofPath(sourceId: number, storeId: number, path: string): { locator: string; number: number }[] {
    return this.#connection.all(
      `SELECT c.locator, v.number FROM folders fo JOIN files f ON f.folder_id = fo.id JOIN versions v ON v.file_id = f.id
       JOIN copies c ON c.version_id = v.id AND c.store_id = ?
       WHERE fo.source_id = ? AND fo.path = ? AND f.name = ? AND c.locator IS NOT NULL`,
      storeId,
      sourceId,
      folderOf(path),
      baseName(path),
    );
  }

  #readable(where: string, ...values: (string | number | Buffer)[]): StoredCopy[] {
    return this.#connection
      .all<ReadableRow>(
        `SELECT ${readableColumns}
         FROM versions v JOIN copies c ON c.version_id = v.id JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id
         WHERE ${where} AND c.locator IS NOT NULL ORDER BY c.store_id LIMIT 50`,
        ...values,
      )
      .map(storedCopy);
  }

  /** A copy was stored. Of one file in one store, the times at which its versions were stored are all different. */
  stored(versionId: number, storeId: number, locator: string, at: Instant): void {
    this.#connection.run(
      `UPDATE copies SET state = 'stored', locator = ?1, error = NULL, journaled = 0, stored_at = max(?2, coalesce(
         (SELECT max(c.stored_at) + 1 FROM versions v JOIN versions o ON o.file_id = v.file_id
          JOIN copies c ON c.version_id = o.id AND c.store_id = ?4 WHERE v.id = ?3), 0))
       WHERE version_id = ?3 AND store_id = ?4`,
      locator,
      at,
      versionId,
      storeId,
    );
    this.#connection.run('DELETE FROM uploads WHERE version_id = ? AND store_id = ?', versionId, storeId);
  }

  /**
   * After an older version was put late, the store shows it in the place of the newest: that one becomes pending again.
   *
   * @returns the version that is to be put once more, if the store had it.
   */
  requeueCovered(late: { readonly fileId: number; readonly number: number }, storeId: number): number | undefined {
    const newest = this.#connection.get<{ id: number; state: CopyState }>(
      `SELECT v.id, c.state FROM versions v JOIN files f ON f.id = v.file_id JOIN copies c ON c.version_id = v.id AND c.store_id = ?
       WHERE v.file_id = ? AND v.number > ? AND v.superseded_at IS NULL AND c.locator IS NOT NULL`,
      storeId,
      late.fileId,
      late.number,
    );
    if (newest === undefined || newest.state === 'pending') return undefined;
    this.requeue(newest.id, storeId, 'covered');
    return newest.id;
  }

  /** Copies of current versions that were found missing or corrupt become pending again. @returns how many. */
  requeueBad(sourceId: number, storeId: number): number {
    return this.#connection.run(
      `UPDATE copies SET state = 'pending', again = state WHERE store_id = ? AND source_id = ? AND state IN ('missing', 'corrupt') AND locator IS NOT NULL
       AND EXISTS (SELECT 1 FROM versions v JOIN files f ON f.id = v.file_id AND f.version_id = v.id WHERE v.id = copies.version_id)`,
      storeId,
      sourceId,
    ).changes;
  }

  /** Copies that the store had and lost or damaged, the oldest first. */
  bad(sourceId: number, storeId: number, limit: number): { readonly path: string }[] {
    return this.#connection
      .all<{ folder: string; name: string }>(
        `SELECT fo.path AS folder, f.name FROM copies c JOIN versions v ON v.id = c.version_id JOIN files f ON f.id = v.file_id
         JOIN folders fo ON fo.id = f.folder_id WHERE c.store_id = ? AND c.source_id = ? AND c.state IN ('missing', 'corrupt')
         AND c.locator IS NOT NULL ORDER BY c.version_id LIMIT ?`,
        storeId,
        sourceId,
        limit,
      )
      .map(({ folder, name }) => ({ path: joinPath(folder, name) }));
  }

  /**
   * How many copies the store had and lost or damaged. What was replaced in the source before it was ever copied is not
   * among them: no store lost it.
   */
  countBad(sourceId: number, storeId: number): number {
    return (
      this.#connection.get<{ count: number }>(
        `SELECT count(*) AS count FROM copies WHERE store_id = ? AND source_id = ? AND state IN ('missing', 'corrupt') AND locator IS NOT NULL`,
        storeId,
        sourceId,
      )?.count ?? 0
    );
  }

  /** An attempt failed; the copy stays pending. */
  attempted(versionId: number, storeId: number, code: string): void {
    this.#connection.run('UPDATE copies SET error = ? WHERE version_id = ? AND store_id = ?', code, versionId, storeId);
  }

  /** The bytes are to be had nowhere any more: nobody will try again. */
  lost(versionId: number, storeId: number, why: string): void {
    this.#connection.run(
      `UPDATE copies SET state = 'missing', error = ?, journaled = 1 WHERE version_id = ? AND store_id = ?`,
      why,
      versionId,
      storeId,
    );
  }

  /** What an audit or a failed restore found. */
  checked(versionId: number, storeId: number, state: CopyState, how: string, at: Instant): void {
    this.#connection.run(
      'UPDATE copies SET state = ?, checked_at = ?, checked_how = ? WHERE version_id = ? AND store_id = ?',
      state,
      at,
      how,
      versionId,
      storeId,
    );
  }

  uploadToken(versionId: number, storeId: number): string | undefined {
    return this.#connection.get<{ token: string }>(
      'SELECT token FROM uploads WHERE version_id = ? AND store_id = ?',
      versionId,
      storeId,
    )?.token;
  }

  saveUploadToken(versionId: number, storeId: number, token: string | undefined, at: Instant): void {
    if (token === undefined)
      this.#connection.run('DELETE FROM uploads WHERE version_id = ? AND store_id = ?', versionId, storeId);
    else this.#connection.run('INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?)', versionId, storeId, token, at);
  }

  uploadTokens(storeId: number): Set<string> {
    const rows = this.#connection.all<{ token: string }>('SELECT token FROM uploads WHERE store_id = ?', storeId);
    return new Set(rows.map((row) => row.token));
  }

  /** Copies of a source in a store that an audit looks at, after a version, oldest first. Deletions' marks are left out. */
  toAudit(sourceId: number, storeId: number, afterVersionId: number, limit: number): AuditedCopy[] {
    return this.#audited(
      `c.store_id = ? AND c.source_id = ? AND c.version_id > ? AND c.state <> 'pending' AND c.size >= 0 AND c.locator IS NOT NULL
       ORDER BY c.version_id LIMIT ?`,
      storeId,
      sourceId,
      afterVersionId,
      limit,
    );
  }

  /** Begins an audit: nothing has been seen yet. */
  beginAudit(): void {
    this.#connection.exec(
      'CREATE TEMP TABLE IF NOT EXISTS audited (version_id INTEGER PRIMARY KEY); DELETE FROM audited;',
    );
  }

  seenInAudit(versionId: number): void {
    this.#connection.run('INSERT OR IGNORE INTO audited VALUES (?)', versionId);
  }

  /** Copies that should be in the store and that the audit under way has not seen, after a version, oldest first. */
  notSeenInAudit(sourceId: number, storeId: number, afterVersionId: number, limit: number): AuditedCopy[] {
    return this.#audited(
      `c.store_id = ? AND c.source_id = ? AND c.version_id > ? AND c.state <> 'pending' AND c.size >= 0 AND c.locator IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM audited a WHERE a.version_id = c.version_id) ORDER BY c.version_id LIMIT ?`,
      storeId,
      sourceId,
      afterVersionId,
      limit,
    );
  }

  /** The store shows something else in the copy's place: it is to be put there once more. It stays restorable meanwhile. */
  requeue(versionId: number, storeId: number, again: 'covered' | 'misplaced'): void {
    this.#connection.run(
      `UPDATE copies SET state = 'pending', again = ? WHERE version_id = ? AND store_id = ?`,
      again,
      versionId,
      storeId,
    );
  }

  /**
   * A copy that was to be put once more is not, since its file has another version by now: it is again what it was found
   * to be. What was only covered or misplaced can be read as before.
   */
  leave(versionId: number, storeId: number, again: Again): void {
    const state: CopyState = again === 'covered' || again === 'misplaced' ? 'stored' : again;
    this.#connection.run(
      'UPDATE copies SET state = ?, error = NULL WHERE version_id = ? AND store_id = ?',
      state,
      versionId,
      storeId,
    );
  }

  /** Whether a store holds anything as far as is known. */
  isAnyIn(storeId: number): boolean {
    const sql = 'SELECT 1 FROM copies WHERE store_id = ? AND locator IS NOT NULL LIMIT 1';
    return this.#connection.get(sql, storeId) !== undefined;
  }

  /** Every copy in a store whose locator begins so, deletions' marks left out. @param start at least 16 characters. */
  startingWith(storeId: number, start: string): HeldCopy[] {
    return this.#connection
      .all<AuditRow & { sourceId: number }>(
        `SELECT ${auditedColumns}, c.source_id AS sourceId
         FROM copies c JOIN versions v ON v.id = c.version_id JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id
         WHERE c.store_id = ?1 AND substr(c.locator, 1, 16) = substr(?2, 1, 16) AND c.locator IS NOT NULL
           AND substr(c.locator, 1, length(?2)) = ?2 AND v.sha256 IS NOT NULL ORDER BY c.version_id`,
        storeId,
        start,
      )
      .map((row) => ({ ...parseAudited(row), sourceId: row.sourceId }));
  }

  /** The copy that a listing tells of: by its locator, or as the current one of its path. */
  listed(
    sourceId: number,
    storeId: number,
    folder: string,
    name: string,
    locator: string | undefined,
  ): AuditedCopy | undefined {
    return this.#audited(
      `fo.source_id = ?1 AND fo.path = ?2 AND f.name = ?3 AND c.store_id = ?4 AND c.state <> 'pending' AND v.sha256 IS NOT NULL
       AND (?5 IS NULL OR c.locator = ?5) ORDER BY v.number DESC LIMIT 1`,
      sourceId,
      folder,
      name,
      storeId,
      locator ?? null,
    )[0];
  }

  #audited(where: string, ...values: (string | number | null)[]): AuditedCopy[] {
    return this.#connection
      .all<AuditRow>(
        `SELECT ${auditedColumns}
         FROM folders fo JOIN files f ON f.folder_id = fo.id JOIN versions v ON v.file_id = f.id JOIN copies c ON c.version_id = v.id WHERE ${where}`,
        ...values,
      )
      .map(parseAudited);
  }
}

export interface AuditedCopy {
  readonly versionId: number;
  readonly path: string;
  readonly number: number;
  readonly facts: VersionFacts;
  readonly locator: string;
  readonly state: CopyState;
  /** Whether it is the file's current version. */
  readonly current: boolean;
}

/** A copy by what the store says of it alone. */
export interface HeldCopy extends AuditedCopy {
  readonly sourceId: number;
}

const auditedColumns = `c.version_id AS versionId, fo.path AS folder, f.name, v.number, v.sha256, v.size,
  CAST(v.mtime_ns AS TEXT) AS mtimeNs, v.mode, c.locator, c.state, f.version_id IS v.id AS current`;

interface AuditRow {
  versionId: number;
  folder: string;
  name: string;
  number: number;
  sha256: Buffer;
  size: number;
  mtimeNs: string;
  mode: number;
  locator: string;
  state: CopyState;
  current: number;
}

function parseAudited(row: AuditRow): AuditedCopy {
  return {
    versionId: row.versionId,
    path: joinPath(row.folder, row.name),
    number: row.number,
    facts: { sha256: row.sha256.toString('hex'), size: row.size, mtimeNs: BigInt(row.mtimeNs), mode: row.mode },
    locator: row.locator,
    state: row.state,
    current: row.current !== 0,
  };
}

interface ReadableRow {
  readonly versionId: number;
  readonly storeId: number;
  readonly folder: string;
  readonly name: string;
  readonly locator: string;
  readonly state: CopyState;
}

const readableColumns =
  'c.version_id AS versionId, c.store_id AS storeId, fo.path AS folder, f.name, c.locator, c.state';

function storedCopy({ folder, name, ...row }: ReadableRow): StoredCopy {
  return { ...row, path: joinPath(folder, name) };
}
