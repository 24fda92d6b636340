import type { Instant } from '../../../shared/domain.ts';
import type { Connection } from './database.ts';

/** What changed on one day. */
export interface DayOfChanges {
  /** The day's beginning. */
  readonly day: Instant;
  readonly added: number;
  readonly changed: number;
  readonly deleted: number;
}

const quarterMinutes = 15;
const dayMinutes = 1_440;

/** SQL for the beginning of a quarter's day; ?1 is the time zone's minutes. Numbers are bound as floating-point ones. */
function dayOf(quarter: string): string {
  const offset = 'CAST(?1 AS INTEGER)';
  return `((${quarter} * ${quarterMinutes} + ${offset}) / ${dayMinutes} * ${dayMinutes} - ${offset}) * 60000`;
}

/** When something changed, by day. */
export class Changes {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * The days on which something changed in a folder or below it, oldest first.
   *
   * @param utcOffsetMinutes of the days' time zone, east positive; taken to the quarter of an hour.
   */
  below(sourceId: number, path: string, utcOffsetMinutes: number): DayOfChanges[] {
    const offset = Math.round(utcOffsetMinutes / quarterMinutes) * quarterMinutes;
    const columns = `${dayOf('c.quarter')} AS day, sum(c.added) AS added, sum(c.changed) AS changed, sum(c.deleted) AS deleted`;
    if (path === '') {
      return this.#connection.all(
        `SELECT ${columns} FROM source_change_tallies c WHERE c.source_id = ?2 GROUP BY day ORDER BY day`,
        offset,
        sourceId,
      );
    }
    // '0' is the character after '/': the range holds what lies below, whatever the names are.
    return this.#connection.all(
      `SELECT ${columns} FROM (SELECT id FROM folders WHERE source_id = ?2 AND path = ?3
         UNION ALL SELECT id FROM folders WHERE source_id = ?2 AND path > ?3 || '/' AND path < ?3 || '0') fo
       CROSS JOIN change_tallies c ON c.folder_id = fo.id GROUP BY day ORDER BY day`,
      offset,
      sourceId,
      path,
    );
  }

  /** The days on which one file changed, oldest first. */
  ofFile(fileId: number, utcOffsetMinutes: number): DayOfChanges[] {
    return this.#connection.all(
      `SELECT ${dayOf('quarter')} AS day,
         sum(added) AS added, sum(NOT added AND NOT deleted) AS changed, sum(deleted) AS deleted
       FROM version_changes WHERE id IN (SELECT id FROM versions WHERE file_id = ?2) GROUP BY day ORDER BY day`,
      Math.round(utcOffsetMinutes / quarterMinutes) * quarterMinutes,
      fileId,
    );
  }
}
