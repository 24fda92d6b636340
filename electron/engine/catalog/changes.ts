import type { Instant } from '../../../shared/domain.ts';
import type { Connection } from './database.ts';
import { ZoneDays } from './zone-days.ts';

/** What changed on one day, or in one quarter of an hour. */
export interface DayOfChanges {
  /** Its beginning. */
  readonly day: Instant;
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
  /** So many of the added, and of the deleted, are files that were renamed or moved within it. Absent where none was. */
  readonly moved?: number;
}

/** Days, or the quarters of an hour that they consist of. */
export type Slice = 'day' | 'quarter';

interface Tally {
  /** Its number: of a quarter since 1970, or of a day as `ZoneDays` counts them. */
  readonly slice: number;
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

/** What quarters of an hour are put together to: SQL for the number of one, and when it begins. */
interface Slices {
  sql(quarter: string): string;
  beginning(slice: number): Instant;
}

interface RunThatChanged {
  readonly from: Instant;
  /** When the next one began where it never told its end; `null` where it is the last. */
  readonly until: Instant | null;
}

const quarterMs = 900_000;

/** '0' is the character after '/': the range holds what lies below, whatever the names are. ?1 is the source, ?2 the path. */
const foldersBelow = `(SELECT id FROM folders WHERE source_id = ?1 AND path = ?2
  UNION ALL SELECT id FROM folders WHERE source_id = ?1 AND path > ?2 || '/' AND path < ?2 || '0')`;

/** When something changed: by day, by quarter of an hour, and run by run. */
export class Changes {
  readonly #connection: Connection;
  #days: ZoneDays | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The days (or quarters of an hour) in which something changed in a folder or below it, oldest first.
   *
   * @param timeZone of the days: an IANA name.
   */
  below(sourceId: number, path: string, timeZone: string, by: Slice = 'day'): DayOfChanges[] {
    const slices = this.#slices(sourceId, timeZone, by);
    const columns = `${slices.sql('c.quarter')} AS slice, sum(c.added) AS added, sum(c.changed) AS changed, sum(c.deleted) AS deleted`;
    const told: Tally[] =
      path === ''
        ? this.#connection.all(
            `SELECT ${columns} FROM source_change_tallies c WHERE c.source_id = ?1 GROUP BY slice ORDER BY slice`,
            sourceId,
          )
        : this.#connection.all(
            `SELECT ${columns} FROM ${foldersBelow} fo
             CROSS JOIN change_tallies c ON c.folder_id = fo.id GROUP BY slice ORDER BY slice`,
            sourceId,
            path,
          );
    // A move is one file gone and one come: without both in one slice there is none to be told apart.
    const moves = told.some(({ added, deleted }) => added > 0 && deleted > 0)
      ? this.#moves(sourceId, path, slices)
      : undefined;
    return told.map(({ slice, ...sums }) => {
      const moved = Math.min(moves?.get(slice) ?? 0, sums.added, sums.deleted);
      return { day: slices.beginning(slice), ...sums, ...(moved > 0 && { moved }) };
    });
  }

  /** The days on which one file of a source changed, oldest first. */
  ofFile(sourceId: number, fileId: number, timeZone: string, by: Slice = 'day'): DayOfChanges[] {
    const slices = this.#slices(sourceId, timeZone, by);
    const told = this.#connection.all<Tally>(
      `SELECT ${slices.sql('quarter')} AS slice,
         sum(added) AS added, sum(NOT added AND NOT deleted) AS changed, sum(deleted) AS deleted
       FROM version_changes WHERE id IN (SELECT id FROM versions WHERE file_id = ?) GROUP BY slice ORDER BY slice`,
      fileId,
    );
    return told.map(({ slice, ...sums }) => ({ day: slices.beginning(slice), ...sums }));
  }

  /**
   * The moments at which a person finds a folder as a run left it: the ends of the runs that changed something in the
   * quarters of an hour in which the folder changed; where no run is known (a catalog that was rebuilt), the ends of these
   * quarters. Those of a run that is under way may lie ahead.
   *
   * @param each at most so many up to `around`, `around` included, and as many after it.
   * @returns oldest first.
   */
  moments(sourceId: number, path: string, around: Instant, each: number): Instant[] {
    const middle = Math.floor(around / quarterMs);
    const quarters = [
      ...this.#quarters(sourceId, path, 'before', middle, each + 1).reverse(),
      ...this.#quarters(sourceId, path, 'after', middle, each + 1),
    ];
    const [first] = quarters;
    const last = quarters.at(-1);
    if (first === undefined || last === undefined) return [];
    const runs = this.#runsThatChanged(sourceId, first * quarterMs, (last + 1) * quarterMs);
    const moments = new Set<Instant>();
    for (const [index, quarter] of quarters.entries()) {
      const begin = quarter * quarterMs;
      const end = begin + quarterMs;
      const next = quarters[index + 1];
      let isCovered = false;
      for (const { from, until } of runs) {
        if (from >= end || (until !== null && until < begin)) continue;
        isCovered = true;
        if (until !== null && until < end) moments.add(until);
        // A run that goes on has its moment where it changed something last.
        else if (next === undefined || (until !== null && until < next * quarterMs)) moments.add(end - 1);
      }
      if (!isCovered) moments.add(end - 1);
    }
    return aroundOf([...moments], around, each);
  }

  /** The same of one file: when each of its versions, and its absence, was recorded. */
  momentsOfFile(fileId: number, around: Instant, each: number): Instant[] {
    const rows = this.#connection.all<{ at: number }>(
      'SELECT DISTINCT first_seen AS at FROM versions WHERE file_id = ?',
      fileId,
    );
    return aroundOf(
      rows.map(({ at }) => at),
      around,
      each,
    );
  }

  /** Quarters with changes, from the middle outwards; the middle is before. */
  #quarters(sourceId: number, path: string, side: 'before' | 'after', middle: number, limit: number): number[] {
    const order =
      side === 'before' ? 'c.quarter <= ?3 ORDER BY c.quarter DESC' : 'c.quarter > ?3 ORDER BY c.quarter ASC';
    const rows: { quarter: number }[] =
      path === ''
        ? this.#connection.all(
            `SELECT c.quarter FROM source_change_tallies c WHERE c.source_id = ?1 AND ${order} LIMIT ?2`,
            sourceId,
            limit,
            middle,
          )
        : this.#connection.all(
            `SELECT DISTINCT c.quarter FROM ${foldersBelow} fo
             CROSS JOIN change_tallies c ON c.folder_id = fo.id WHERE ${order} LIMIT ?4`,
            sourceId,
            path,
            middle,
            limit,
          );
    return rows.map(({ quarter }) => quarter);
  }

  #runsThatChanged(sourceId: number, from: Instant, until: Instant): RunThatChanged[] {
    // Runs of a source follow one another: the one under way at `from` is the last that began by then.
    return this.#connection.all<{ from: number; until: number | null }>(
      `SELECT r.started_at AS "from",
         coalesce(r.ended_at, (SELECT n.started_at FROM runs n WHERE n.source_id = ?1 AND n.id > r.id ORDER BY n.id LIMIT 1)) AS until
       FROM runs r WHERE r.source_id = ?1 AND r.id >= ?2 AND r.started_at < ?3
         AND (r.outcome IS NULL OR ${summed('added')} + ${summed('changed')} + ${summed('deleted')} + ${summed('moved')} > 0)
       ORDER BY r.id`,
      sourceId,
      this.#lastRunBy(sourceId, from),
      until,
    );
  }

  /** The last run that began by an instant: by halving, since years of half-hourly runs are many rows. 0: none did. */
  #lastRunBy(sourceId: number, at: Instant): number {
    const bounds = this.#connection.get<{ low: number | null; high: number | null }>(
      'SELECT min(id) AS low, max(id) AS high FROM runs WHERE source_id = ?',
      sourceId,
    );
    let low = bounds?.low ?? 0;
    let high = bounds?.high ?? 0;
    let found = 0;
    while (low <= high) {
      const middle = Math.floor((low + high) / 2);
      const run = this.#connection.get<{ id: number; from: number }>(
        'SELECT id, started_at AS "from" FROM runs WHERE source_id = ? AND id <= ? ORDER BY id DESC LIMIT 1',
        sourceId,
        middle,
      );
      if (run === undefined) break;
      if (run.from > at) high = run.id - 1;
      else {
        found = run.id;
        low = middle + 1;
      }
    }
    return found;
  }

  /** How many files were moved within a folder, by slice. */
  #moves(sourceId: number, path: string, slices: Slices): ReadonlyMap<number, number> {
    const runs = this.#connection.all<{ id: number; first: number; last: number; slice: number; moved: number }>(
      `SELECT r.id, r.started_at / ${quarterMs} AS first, coalesce(r.ended_at, r.started_at) / ${quarterMs} AS last,
         ${slices.sql(`(coalesce(r.ended_at, r.started_at) / ${quarterMs})`)} AS slice, ${summed('moved')} AS moved
       FROM runs r WHERE r.source_id = ? AND instr(r.summary, '"moved":0') = 0 AND ${summed('moved')} > 0`,
      sourceId,
    );
    const moves = new Map<number, number>();
    if (path === '' || runs.length === 0) {
      for (const { slice, moved } of runs) moves.set(slice, (moves.get(slice) ?? 0) + moved);
      return moves;
    }
    const quarters = new Set<number>();
    for (const { first, last } of runs) for (let quarter = first; quarter <= last; quarter += 1) quarters.add(quarter);
    // A run's summary tells of the whole source. Of a folder, the files are looked at that came while something was moved.
    const rows = this.#connection.all<{ slice: number; moved: number }>(
      `SELECT ${slices.sql(`(v.first_seen / ${quarterMs})`)} AS slice, count(*) AS moved
       FROM (SELECT DISTINCT fo.id FROM ${foldersBelow} fo CROSS JOIN change_tallies c ON c.folder_id = fo.id
         WHERE c.added > 0 AND c.quarter IN (SELECT value FROM json_each(?3))) at
       CROSS JOIN files f ON f.folder_id = at.id CROSS JOIN versions v ON v.file_id = f.id
       JOIN versions o ON o.id = v.moved_from JOIN files before ON before.id = o.file_id
       WHERE v.run_id IN (SELECT value FROM json_each(?4)) AND before.folder_id IN ${foldersBelow}
       GROUP BY slice`,
      sourceId,
      path,
      JSON.stringify([...quarters]),
      JSON.stringify(runs.map(({ id }) => id)),
    );
    for (const { slice, moved } of rows) moves.set(slice, moved);
    return moves;
  }

  /** How a source's quarters are put together. */
  #slices(sourceId: number, timeZone: string, by: Slice): Slices {
    if (by === 'quarter') return { sql: (quarter) => quarter, beginning: (slice) => slice * quarterMs };
    const known = this.#connection.get<{ first: number | null; last: number | null }>(
      `SELECT (SELECT min(quarter) FROM source_change_tallies WHERE source_id = ?1) AS first,
         (SELECT max(quarter) FROM source_change_tallies WHERE source_id = ?1) AS last`,
      sourceId,
    );
    this.#days = ZoneDays.of(timeZone, known?.first ?? 0, known?.last ?? 0, this.#days);
    return this.#days;
  }
}

/** SQL for a number of a run's summary. */
function summed(what: 'added' | 'changed' | 'deleted' | 'moved'): string {
  return `coalesce(json_extract(r.summary, '$.${what}'), 0)`;
}

function aroundOf(moments: readonly Instant[], around: Instant, each: number): Instant[] {
  const inOrder = moments.toSorted((one, other) => one - other);
  const after = inOrder.findIndex((moment) => moment > around);
  const middle = after < 0 ? inOrder.length : after;
  return inOrder.slice(Math.max(0, middle - each), middle + each);
}
