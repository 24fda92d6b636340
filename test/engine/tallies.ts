import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { catalogPath } from '../../electron/engine/catalog/open.ts';
import type { Bench } from './kit.ts';

/** Fails unless the counts that the catalog keeps are those that a recount gives. */
export async function assertTalliesRight(bench: Bench): Promise<void> {
  await bench.engine.close();
  const database = new Database(catalogPath(bench.home), { readonly: true });
  const rows = (sql: string): unknown[] => database.prepare(sql).all();
  try {
    assert.deepEqual(
      rows('SELECT source_id, files, bytes, versions FROM source_tallies ORDER BY source_id'),
      rows(`SELECT fo.source_id, sum(f.version_id = v.id) AS files, sum(CASE WHEN f.version_id = v.id THEN v.size ELSE 0 END) AS bytes,
              count(v.sha256) AS versions
            FROM versions v JOIN files f ON f.id = v.file_id JOIN folders fo ON fo.id = f.folder_id GROUP BY fo.source_id`).map(
        (row) => Object.fromEntries(Object.entries(row as object).map(([key, value]) => [key, Number(value)])),
      ),
      'source_tallies',
    );
    const order = 'ORDER BY source_id, store_id, state';
    assert.deepEqual(
      rows(`SELECT * FROM copy_tallies WHERE copies > 0 OR deletions > 0 ${order}`),
      rows(`SELECT source_id, store_id, state, sum(size >= 0) AS copies, sum(max(size, 0)) AS bytes, sum(size < 0) AS deletions
            FROM copies GROUP BY source_id, store_id, state ${order}`),
      'copy_tallies',
    );
  } finally {
    database.close();
    await bench.reopen();
  }
}
