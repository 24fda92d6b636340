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

/** A source that is not protected any more, and of which versions and copies are still known. */
export interface RemovedSource {
  readonly source: SourceRecord;
  readonly removedAt: Instant;
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

  /** The removed sources that can be continued: with versions, and a store that holds some. The last removed first. */
  removed(): RemovedSource[] {
    return this.#connection
      .all<Row & { removedAt: number }>(
        `SELECT ${columns}, removed_at AS removedAt FROM sources s WHERE removed_at IS NOT NULL
         AND EXISTS (SELECT 1 FROM source_tallies t WHERE t.source_id = s.id AND t.versions > 0)
         AND EXISTS (SELECT 1 FROM copy_tallies c WHERE c.source_id = s.id AND c.copies > 0 AND c.state NOT IN ('pending', 'missing'))
         ORDER BY removed_at DESC, id DESC`,
      )
      .map(({ removedAt, ...row }) => ({ source: parse(row), removedAt }));
  }

  /**
   * Goes on with a removed source where it ended, and without the pause that it may have been in. Others may have written
   * to its stores since, so their journals are read before the next scan.
   */
  continue(id: number): void {
    this.#connection.run('UPDATE sources SET removed_at = NULL, paused_until = NULL WHERE id = ?', id);
    this.#connection.run(`UPDATE source_stores SET look_first = 'once' WHERE source_id = ? AND look_first = 'no'`, id);
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

  /** Ends copying to a store. The rows of copies that are there stay: whatever lies in the store can be restored. */
  detach(sourceId: number, storeId: number): void {
    this.#connection.transaction(() => {
      const neverMade = `DELETE FROM copies WHERE source_id = ? AND store_id = ? AND state = 'pending' AND locator IS NULL`;
      this.#connection.run(neverMade, sourceId, storeId);
      // What was to be put once more is again what it was found to be, as when its file changes first (see copies.ts).
      this.#connection.run(
        `UPDATE copies SET again = NULL,
           state = CASE WHEN again IN ('covered', 'misplaced') THEN 'stored' ELSE coalesce(again, 'missing') END
         WHERE source_id = ? AND store_id = ? AND state = 'pending'`,
        sourceId,
        storeId,
      );
      this.#connection.run('DELETE FROM source_stores WHERE source_id = ? AND store_id = ?', sourceId, storeId);
    });
  }

  /** The sources that a store holds copies of without being one of their stores: removed, or copied elsewhere since. */
  formerlyIn(storeId: number): { name: string; root: string; removed: boolean; copies: number }[] {
    return this.#connection
      .all<{ name: string; root: string; removed: number; copies: number }>(
        `SELECT s.name, s.root, s.removed_at IS NOT NULL AS removed, sum(c.copies) AS copies
         FROM copy_tallies c JOIN sources s ON s.id = c.source_id
         WHERE c.store_id = ?1 AND c.state NOT IN ('pending', 'missing') AND c.copies > 0
           AND (s.removed_at IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM source_stores a WHERE a.source_id = s.id AND a.store_id = ?1))
         GROUP BY s.id ORDER BY s.id`,
        storeId,
      )
      .map((source) => ({ ...source, removed: source.removed !== 0 }));
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
