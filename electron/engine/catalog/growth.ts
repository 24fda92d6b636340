import type { Clock, Instant } from '../../../shared/domain.ts';
import type { Connection } from './database.ts';

const dayMs = 86_400_000;

/** What was protected at the end of a day (UTC). */
export interface GrowthPoint {
  /** The day's beginning. */
  readonly day: Instant;
  readonly files: number;
  readonly bytes: number;
}

/** Files and bytes protected over time: a row a source and day, so that years of a million files are read at once. */
export class Growth {
  readonly #connection: Connection;
  readonly #clock: Clock;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Notes what a source holds now as what it holds today. */
  note(sourceId: number): void {
    this.#connection.run(
      `INSERT INTO growth SELECT source_id, ?, files, bytes FROM source_tallies WHERE source_id = ?
       ON CONFLICT DO UPDATE SET files = excluded.files, bytes = excluded.bytes`,
      Math.floor(this.#clock.now() / dayMs),
      sourceId,
    );
  }

  /**
   * Makes a source's days anew from its versions, where they were learned from a store and not seen day by day. Reads
   * every version once.
   */
  derive(sourceId: number): void {
    this.#connection.transaction(() => {
      this.#connection.run('DELETE FROM growth WHERE source_id = ?', sourceId);
      this.#connection.run(
        `INSERT INTO growth
         WITH steps(day, files, bytes) AS (
           SELECT v.first_seen / CAST(?1 AS INTEGER), 1, v.size FROM folders fo JOIN files f ON f.folder_id = fo.id JOIN versions v ON v.file_id = f.id
           WHERE fo.source_id = ?2 AND v.sha256 IS NOT NULL
           UNION ALL
           SELECT v.superseded_at / CAST(?1 AS INTEGER), -1, -v.size FROM folders fo JOIN files f ON f.folder_id = fo.id JOIN versions v ON v.file_id = f.id
           WHERE fo.source_id = ?2 AND v.sha256 IS NOT NULL AND v.superseded_at IS NOT NULL),
         days(day, files, bytes) AS (SELECT day, sum(files), sum(bytes) FROM steps GROUP BY day)
         SELECT ?2, day, sum(files) OVER (ORDER BY day), sum(bytes) OVER (ORDER BY day) FROM days WHERE true`,
        dayMs,
        sourceId,
      );
    });
  }

  /** All sources in force together, a point for each day on which one of them was noted, oldest first. */
  all(): GrowthPoint[] {
    const rows = this.#connection.all<{ sourceId: number; day: number; files: number; bytes: number }>(
      `SELECT g.source_id AS sourceId, g.day, g.files, g.bytes FROM growth g JOIN sources s ON s.id = g.source_id
       WHERE s.removed_at IS NULL ORDER BY g.day`,
    );
    const last = new Map<number, { files: number; bytes: number }>();
    const points: GrowthPoint[] = [];
    let [files, bytes] = [0, 0];
    for (const row of rows) {
      const before = last.get(row.sourceId);
      files += row.files - (before?.files ?? 0);
      bytes += row.bytes - (before?.bytes ?? 0);
      last.set(row.sourceId, row);
      const day = row.day * dayMs;
      if (points.at(-1)?.day === day) points.pop();
      points.push({ day, files, bytes });
    }
    return points;
  }
}
