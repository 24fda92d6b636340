import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock, Instant } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Connection } from './database.ts';
import type { StoreRecord } from './stores.ts';

export const sourceRules = z.object({
  /** Patterns in gitignore syntax, on top of the defaults. */
  exclude: z.array(z.string()),
  /** Patterns in gitignore syntax that take precedence over every exclusion. */
  include: z.array(z.string()),
  /** Whether the usual litter (`Thumbs.db`, `.DS_Store`, …) is left out. */
  defaults: z.boolean(),
});
export type SourceRules = z.infer<typeof sourceRules>;

export const plainRules: SourceRules = { exclude: [], include: [], defaults: true };

export interface SourceRecord {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  /** Absolute path on this workstation. */
  readonly root: string;
  readonly rules: SourceRules;
  readonly createdAt: Instant;
  /** Whether the root was a mount point when last seen. */
  readonly mounted: boolean;
}

/** The last instant that a date can tell: a pause until then ends only when a person ends it. */
export const forever: Instant = 8_640_000_000_000_000;

/** When a source is looked through by itself. */
export interface Schedule {
  /** Minutes from round to round. */
  readonly everyMinutes: number;
  /** Whether changes that the system tells of are taken at once besides. */
  readonly watch: boolean;
  /** `null` where it is not paused; {@link forever} until a person resumes it. */
  readonly pausedUntil: Instant | null;
}

/** How far a store's journals for a source are known and written. */
export interface JournalState {
  readonly storeId: number;
  /** Number of the last journal written or read. */
  readonly journal: number;
  /** When the last journal's entries were collected. */
  readonly journalAt: Instant;
  /** Number of the last journal that a checkpoint covers. */
  readonly checkpoint: number;
  readonly journalBytes: number;
  readonly checkpointBytes: number;
  /** Whether the store may know more than this catalog, so that its journals are read before the next scan. */
  readonly lookFirst: 'no' | 'once' | 'always';
}

interface Row {
  id: number;
  uuid: string;
  name: string;
  root: string;
  rules: string;
  createdAt: number;
  mounted: number;
}

const columns = 'id, uuid, name, root, rules, created_at AS createdAt, mounted';

/** The sources, and which stores each is copied to. */
export class Sources {
  readonly #connection: Connection;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** The sources in force, in the order in which they were added. */
  all(): SourceRecord[] {
    return this.#connection.all<Row>(`SELECT ${columns} FROM sources WHERE removed_at IS NULL ORDER BY id`).map(parse);
  }

  find(name: string): SourceRecord | undefined {
    const row = this.#connection.get<Row>(`SELECT ${columns} FROM sources WHERE removed_at IS NULL AND name = ?`, name);
    return row && parse(row);
  }

  /** Error: `unknown-name`. */
  get(name: string): SourceRecord {
    const record = this.find(name);
    if (record !== undefined) return record;
    const names = this.all().map((source) => source.name);
    throw new StrongroomError('unknown-name', `There is no source "${name}".`, {
      subject: name,
      advice:
        names.length === 0
          ? 'Protect a folder first: strongroom protect <folder> --to <store>.'
          : `There is: ${names.join(', ')}.`,
    });
  }

  /** Error: `name-taken`; the names of removed sources stay taken, for their copies are still in the stores. */
  add(source: { name: string; root: string; rules: SourceRules; mounted: boolean; uuid?: string }): SourceRecord {
    if (this.isTaken(source.name)) {
      throw new StrongroomError('name-taken', `There is (or was) a source "${source.name}" already.`, {
        advice: 'Choose another name with --name.',
      });
    }
    this.#connection.run(
      'INSERT INTO sources (uuid, name, root, rules, created_at, mounted) VALUES (?, ?, ?, ?, ?, ?)',
      source.uuid ?? randomUUID(),
      source.name,
      source.root,
      JSON.stringify(source.rules),
      this.#clock.now(),
      Number(source.mounted),
    );
    const record = this.get(source.name);
    this.#connection.run('INSERT INTO source_tallies (source_id) VALUES (?)', record.id);
    // The root is a folder like any other, always there while the source is.
    const root = this.#connection.run(
      `INSERT INTO folders (source_id, parent_id, path, name) VALUES (?, NULL, '', '')`,
      record.id,
    );
    this.#connection.run('INSERT INTO folder_spans VALUES (?, ?, NULL)', root.id, 0);
    return record;
  }

  isTaken(name: string): boolean {
    return this.#connection.get('SELECT 1 FROM sources WHERE name = ?', name) !== undefined;
  }

  /** Stops protecting: history and copies stay known and stay in the stores. */
  remove(id: number): void {
    this.#connection.run('UPDATE sources SET removed_at = ? WHERE id = ?', this.#clock.now(), id);
  }

  setRoot(id: number, root: string): void {
    this.#connection.run('UPDATE sources SET root = ? WHERE id = ?', root, id);
  }

  setRules(id: number, rules: SourceRules): void {
    this.#connection.run('UPDATE sources SET rules = ? WHERE id = ?', JSON.stringify(rules), id);
  }

  setMounted(id: number, mounted: boolean): void {
    this.#connection.run('UPDATE sources SET mounted = ? WHERE id = ?', Number(mounted), id);
  }

  schedule(id: number): Schedule {
    const row = this.#connection.get<{ everyMinutes: number; watched: number; pausedUntil: number | null }>(
      'SELECT every_minutes AS everyMinutes, watched, paused_until AS pausedUntil FROM sources WHERE id = ?',
      id,
    );
    return {
      everyMinutes: row?.everyMinutes ?? 30,
      watch: row?.watched !== 0,
      pausedUntil: row?.pausedUntil ?? null,
    };
  }

  setCadence(id: number, cadence: Pick<Schedule, 'everyMinutes' | 'watch'>): void {
    const sql = 'UPDATE sources SET every_minutes = ?, watched = ? WHERE id = ?';
    this.#connection.run(sql, cadence.everyMinutes, Number(cadence.watch), id);
  }

  setPausedUntil(id: number, until: Instant | null): void {
    this.#connection.run('UPDATE sources SET paused_until = ? WHERE id = ?', until, id);
  }

  /** Files and bytes there now, and versions ever; a deletion is none. */
  tally(id: number): { files: number; bytes: number; versions: number } {
    return (
      this.#connection.get('SELECT files, bytes, versions FROM source_tallies WHERE source_id = ?', id) ?? {
        files: 0,
        bytes: 0,
        versions: 0,
      }
    );
  }

  storeIds(id: number): number[] {
    return this.#connection
      .all<{ id: number }>('SELECT store_id AS id FROM source_stores WHERE source_id = ? ORDER BY store_id', id)
      .map((row) => row.id);
  }

  /** Whether the source is now copied to a store to which it was not. */
  attach(source: SourceRecord, store: StoreRecord): boolean {
    return this.#connection.transaction(() => {
      const added = this.#connection.run(
        'INSERT INTO source_stores (source_id, store_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
        source.id,
        store.id,
      );
      return added.changes > 0;
    });
  }

  /** Every version of the source that has no row for the store gets a pending copy there: history is copied too. */
  addPendingCopies(sourceId: number, storeId: number): void {
    this.#connection.run(
      `INSERT INTO copies (version_id, store_id, source_id, state, size)
       SELECT v.id, ?, ?, 'pending', CASE WHEN v.sha256 IS NULL THEN -1 ELSE v.size END
       FROM folders fo JOIN files f ON f.folder_id = fo.id JOIN versions v ON v.file_id = f.id
       WHERE fo.source_id = ? ON CONFLICT DO NOTHING`,
      storeId,
      sourceId,
      sourceId,
    );
  }

  journalState(sourceId: number, storeId: number): JournalState {
    const row = this.#connection.get<JournalState>(
      `SELECT store_id AS storeId, journal, journal_at AS journalAt, checkpoint, journal_bytes AS journalBytes, checkpoint_bytes AS checkpointBytes, look_first AS lookFirst
       FROM source_stores WHERE source_id = ? AND store_id = ?`,
      sourceId,
      storeId,
    );
    if (row === undefined)
      throw new StrongroomError('internal', `source ${sourceId} is not copied to store ${storeId}`);
    return row;
  }

  setJournalState(sourceId: number, state: JournalState): void {
    this.#connection.run(
      `UPDATE source_stores SET journal = ?, journal_at = ?, checkpoint = ?, journal_bytes = ?, checkpoint_bytes = ?, look_first = ?
       WHERE source_id = ? AND store_id = ?`,
      state.journal,
      state.journalAt,
      state.checkpoint,
      state.journalBytes,
      state.checkpointBytes,
      state.lookFirst,
      sourceId,
      state.storeId,
    );
  }

  /** After going back to an older catalog, every store may know more than it. */
  lookFirstEverywhere(): void {
    this.#connection.run(`UPDATE source_stores SET look_first = 'once' WHERE look_first = 'no'`);
  }
}

function parse(row: Row): SourceRecord {
  return { ...row, rules: sourceRules.parse(JSON.parse(row.rules)), mounted: row.mounted !== 0 };
}
