import { z } from 'zod';
import type { Clock, Instant } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { storeSpec, type StoreSpec } from '../../../shared/spec.ts';
import type { Connection } from './database.ts';

const limitsSchema = z.object({ upload: z.number().positive().optional(), download: z.number().positive().optional() });
/** Bytes a second; absent = as fast as it goes. */
export type StoreLimits = z.infer<typeof limitsSchema>;

export interface StoreRecord {
  readonly id: number;
  readonly name: string;
  readonly spec: StoreSpec;
  readonly createdAt: Instant;
  readonly limits: StoreLimits;
  /** Whether its key is in the secrets part; otherwise the store looks where its vendor's tools do. */
  readonly keyKept: boolean;
}

interface Row {
  id: number;
  name: string;
  spec: string;
  createdAt: number;
  limits: string;
  keyKept: number;
}

const columns = 'id, name, spec, created_at AS createdAt, limits, key_kept AS keyKept';

/** The stores that this workstation knows. */
export class Stores {
  readonly #connection: Connection;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  all(): StoreRecord[] {
    return this.#connection.all<Row>(`SELECT ${columns} FROM stores ORDER BY id`).map(parse);
  }

  find(name: string): StoreRecord | undefined {
    const row = this.#connection.get<Row>(`SELECT ${columns} FROM stores WHERE name = ?`, name);
    return row && parse(row);
  }

  /** Error: `unknown-name`. */
  get(name: string): StoreRecord {
    const record = this.find(name);
    if (record !== undefined) return record;
    const names = this.all().map((store) => store.name);
    throw new StrongroomError('unknown-name', `There is no store "${name}".`, {
      subject: name,
      advice: names.length === 0 ? 'Add one with "strongroom store add".' : `There is: ${names.join(', ')}.`,
    });
  }

  /** Error: `name-taken`. Its number was never another store's: what is kept about that one must not become its own. */
  add(name: string, spec: StoreSpec, keyKept: boolean): StoreRecord {
    if (this.find(name) !== undefined) {
      throw new StrongroomError('name-taken', `There is a store "${name}" already.`, {
        advice: 'Choose another name with --name.',
      });
    }
    return this.#connection.transaction(() => {
      const { id } = this.#connection.run('INSERT INTO store_numbers DEFAULT VALUES');
      this.#connection.run(
        'INSERT INTO stores (id, name, spec, created_at, key_kept) VALUES (?, ?, ?, ?, ?)',
        id,
        name,
        JSON.stringify(spec),
        this.#clock.now(),
        Number(keyKept),
      );
      return this.get(name);
    });
  }

  setKeyKept(id: number): void {
    this.#connection.run('UPDATE stores SET key_kept = 1 WHERE id = ?', id);
  }

  /** Whether it is time to look for unfinished uploads again; if so, it counts as done. */
  takeCleaning(id: number, everyMs: number): boolean {
    const now = this.#clock.now();
    const due = 'UPDATE stores SET cleaned_at = ? WHERE id = ? AND cleaned_at <= ?';
    return this.#connection.run(due, now, id, now - everyMs).changes > 0;
  }

  /** Where reading of the store's feed of changes goes on; `undefined` where it was never read. */
  changesToken(id: number): string | undefined {
    const sql = 'SELECT changes_token AS token FROM stores WHERE id = ?';
    return this.#connection.get<{ token: string | null }>(sql, id)?.token ?? undefined;
  }

  /** The feed was read just now. */
  setChangesToken(id: number, token: string): void {
    const sql = 'UPDATE stores SET changes_token = ?, changes_asked_at = ? WHERE id = ?';
    this.#connection.run(sql, token, this.#clock.now(), id);
  }

  /** Whether the feed was last read so long ago, or never; also where the clock was set back since. */
  changesAreDue(id: number, everyMs: number): boolean {
    const now = this.#clock.now();
    const sql = 'SELECT 1 FROM stores WHERE id = ? AND changes_asked_at BETWEEN ? AND ? AND changes_token IS NOT NULL';
    return this.#connection.get(sql, id, now - everyMs + 1, now) === undefined;
  }

  /** Whether something that people put into the store was not told yet; from now on it was. */
  tellOnce(id: number, item: string): boolean {
    return this.#connection.run('INSERT OR IGNORE INTO told_by_hand VALUES (?, ?)', id, item).changes > 0;
  }

  /** The limits by weekday and time of day, as JSON; the caller parses them by a schema. */
  hours(id: number): unknown {
    const row = this.#connection.get<{ hours: string }>('SELECT hours FROM stores WHERE id = ?', id);
    return row === undefined ? [] : (JSON.parse(row.hours) as unknown);
  }

  setHours(id: number, hours: unknown): void {
    this.#connection.run('UPDATE stores SET hours = ? WHERE id = ?', JSON.stringify(hours), id);
  }

  /** Adds requests to those of a calendar month (`2026-01`). A store that was removed meanwhile counts no more. */
  addRequests(id: number, month: string, writes: number, reads: number): void {
    this.#connection.run(
      `INSERT INTO store_requests SELECT id, ?, ?, ? FROM stores WHERE id = ?
       ON CONFLICT DO UPDATE SET writes = writes + excluded.writes, reads = reads + excluded.reads`,
      month,
      writes,
      reads,
      id,
    );
  }

  requests(id: number, month: string): { readonly writes: number; readonly reads: number } {
    const sql = 'SELECT writes, reads FROM store_requests WHERE store_id = ? AND month = ?';
    return this.#connection.get<{ writes: number; reads: number }>(sql, id, month) ?? { writes: 0, reads: 0 };
  }

  /** Copies and bytes that a store holds of all sources, superseded versions included. */
  held(id: number): { readonly copies: number; readonly bytes: number } {
    return (
      this.#connection.get<{ copies: number; bytes: number }>(
        `SELECT coalesce(sum(copies), 0) AS copies, coalesce(sum(bytes), 0) AS bytes FROM copy_tallies
         WHERE store_id = ? AND state NOT IN ('pending', 'missing')`,
        id,
      ) ?? { copies: 0, bytes: 0 }
    );
  }

  setLimits(id: number, limits: StoreLimits): void {
    this.#connection.run('UPDATE stores SET limits = ? WHERE id = ?', JSON.stringify(limits), id);
  }

  /** Forgets a store and its copies here; nothing in the store itself is touched. Events keep telling of it. */
  remove(id: number): void {
    this.#connection.transaction(() => {
      for (const table of ['copies', 'uploads', 'source_stores', 'copy_tallies', 'told_by_hand', 'store_requests']) {
        this.#connection.run(`DELETE FROM ${table} WHERE store_id = ?`, id);
      }
      this.#connection.run('DELETE FROM stores WHERE id = ?', id);
    });
  }
}

function parse(row: Row): StoreRecord {
  return {
    ...row,
    spec: storeSpec.parse(JSON.parse(row.spec)),
    limits: limitsSchema.parse(JSON.parse(row.limits)),
    keyKept: row.keyKept !== 0,
  };
}
