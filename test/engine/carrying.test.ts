import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { catalogPath, openCatalog } from '../../electron/engine/catalog/open.ts';
import { Written } from '../service/browse/written.ts';
import { tempFolder } from './kit.ts';

const filesARound = 40;
const mostRounds = 2_000;

test('while much is written, what the log has gets into the catalog beside it, and nothing is lost', async (t) => {
  const home = path.join(tempFolder(t), 'home');
  const written = new Written(t, home);
  const { catalog } = written;
  const file = catalogPath(home);
  const before = fs.statSync(file).size;
  let files = 0;
  await Promise.all(
    ['one', 'two'].map((name) =>
      catalog.whileWriting(async () => {
        for (let round = 0; round < mostRounds && fs.statSync(file).size === before; round += 1) {
          catalog.transaction(() => {
            for (let number = 0; number < filesARound; number += 1) {
              written.record(`${name}/${round}/page ${number}.tif`, 1_000 + number, 1_600_000_000_000);
              files += 1;
            }
          });
          await wait(20);
        }
      }),
    ),
  );
  assert.ok(fs.statSync(file).size > before, 'carried over while it was written');
  // From this length of the log on, a commit would have done it itself.
  assert.ok(fs.statSync(`${file}-wal`).size < 4_000 * 4_096);
  const reading = openCatalog({ home, clock: written.clock, mode: 'read' });
  assert.equal(reading.sources.tally(written.sourceId).files, files);
  reading.close();
});
