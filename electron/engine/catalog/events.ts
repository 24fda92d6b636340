import type { Clock, EventKind, Instant } from '../../../shared/domain.ts';
import type { Connection } from './database.ts';

export interface EventRecord {
  readonly id: number;
  readonly at: Instant;
  readonly kind: EventKind;
  /** The name of the source as it was then; so the store's. */
  readonly source: string | null;
  readonly store: string | null;
  readonly path: string | null;
  readonly detail: Record<string, unknown>;
}

export interface NewEvent {
  readonly kind: EventKind;
  readonly sourceId?: number;
  readonly storeId?: number;
  readonly versionId?: number;
  readonly detail?: Record<string, unknown>;
}

/** The append-only log of what happened to what is kept. The database itself refuses to change or remove a row. */
export class Events {
  readonly #connection: Connection;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  add(event: NewEvent): void {
    this.#connection.run(
      `INSERT INTO events (at, kind, source_id, store_id, version_id, detail, source_name, store_name)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, (SELECT name FROM sources WHERE id = ?3), (SELECT name FROM stores WHERE id = ?4))`,
      this.#clock.now(),
      event.kind,
      event.sourceId ?? null,
      event.storeId ?? null,
      event.versionId ?? null,
      JSON.stringify(event.detail ?? {}),
    );
  }

  /** When something of this kind last happened to a source in a store. */
  last(kind: EventKind, sourceId: number, storeId: number): Instant | undefined {
    const sql = 'SELECT max(at) AS at FROM events WHERE kind = ? AND source_id = ? AND store_id = ?';
    return this.#connection.get<{ at: number | null }>(sql, kind, sourceId, storeId)?.at ?? undefined;
  }

  /** The newest events first. @param before only events older than this one. */
  latest(limit: number, sourceId?: number, before?: number): EventRecord[] {
    const rows = this.#connection.all<
      Omit<EventRecord, 'detail' | 'path'> & { detail: string; folder: string | null; name: string | null }
    >(
      `SELECT e.id, e.at, e.kind, e.source_name AS source, e.store_name AS store, e.detail, fo.path AS folder, f.name
       FROM events e LEFT JOIN versions v ON v.id = e.version_id LEFT JOIN files f ON f.id = v.file_id LEFT JOIN folders fo ON fo.id = f.folder_id
       WHERE (? IS NULL OR e.source_id = ?) AND e.id < ? ORDER BY e.id DESC LIMIT ?`,
      sourceId ?? null,
      sourceId ?? null,
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    );
    return rows.map(({ folder, name, detail, ...row }) => ({
      ...row,
      path: name === null ? null : folder === '' || folder === null ? name : `${folder}/${name}`,
      detail: JSON.parse(detail) as Record<string, unknown>,
    }));
  }
}
