import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { chooseSeed, largeBytes } from '../contract/support.ts';
import { seededRandom } from '../faults/random.ts';
import {
  assertSameTree,
  filesOf,
  openEngine,
  readTree,
  rebuildFrom,
  restoreSource,
  sha256Of,
  SetClock,
  tempFolder,
  writeAt,
  atEnd,
} from './kit.ts';
import { start } from './killing.ts';

/** Invariant 7: killing the process at any instant loses no recorded version and leaves no half file under a final name. */

const kills = 20;
const largeSize = 40 * 1024 * 1024;

test('a run over 400 files and a large one, killed at twenty random moments, ends with everything stored exactly', async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`STRONGROOM_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const folder = tempFolder(t);
  const root = path.join(folder, 'source');
  const store = path.join(folder, 'copies');
  const home = path.join(folder, 'home');
  for (let number = 0; number < 400; number += 1) writeAt(root, `f${number % 20}/${number}.txt`, `first ${number}`);
  let large = 0;
  const writeLarge = (): void => writeAt(root, 'large.bin', largeBytes(largeSize, seed + large++));
  writeLarge();
  const protect = ['protect', root, '--to', `folder://${store}`, '--home', home, '--json'];

  /** What lies under final names must at every instant be some state that the source had, whole. */
  const everWritten = new Set<string>();
  const remember = (): void => {
    for (const entry of filesOf(readTree(root)).values()) everWritten.add(entry.sha256 ?? '');
  };
  remember();
  const checkFinalNames = (): void => {
    for (const top of ['files', 'history']) {
      const place = path.join(store, top);
      if (!fs.existsSync(place)) continue;
      for (const [name, entry] of filesOf(readTree(place)))
        assert.ok(everWritten.has(entry.sha256 ?? ''), `${top}/${name} is none of the states that the source had`);
    }
  };

  let killed = 0;
  let edits = 0;
  // Half of a second is about what the program takes to start on an idle machine; a run takes a few.
  while (killed < kills) {
    const started = start(protect);
    if (await started.killAfter(200 + random() * 1_600)) {
      killed += 1;
      checkFinalNames();
    } else {
      // It got to its end: there must be something to do for the kills that are left.
      assert.equal((await started.end()).code, 0, (await started.end()).output);
      edits += 1;
      for (let number = 0; number < 40; number += 1) {
        const name = `f${number % 20}/${Math.floor(random() * 400)}.txt`;
        if (random() < 0.2) fs.rmSync(path.join(root, name), { force: true });
        else writeAt(root, name, `edit ${edits} of ${name}`);
      }
      if (edits % 4 === 1) writeLarge();
      remember();
    }
  }
  const { code, output } = await start(protect).end();
  assert.equal(code, 0, output);
  const expected = filesOf(readTree(root));
  assertSameTree(filesOf(readTree(path.join(store, 'files/source'))), expected, 'what the store shows');
  checkFinalNames();

  const engine = openEngine(home, new SetClock(Date.now()));
  atEnd(t, () => engine.close());
  const source = engine.catalog.sources.get('source');
  const { browse } = engine.catalog;
  let restored = 0;
  for (const name of [...expected.keys(), 'large.bin']) {
    for (const version of browse.versions(browse.fileId(source.id, name) ?? -1)) {
      if (version.sha256 === null || !version.copies.some((copy) => copy.state === 'stored')) continue;
      if (version.supersededAt === null && restored > 100) continue;
      const given = await restoreSource(engine, source, folder, { at: 0, path: name, number: version.number });
      assert.equal([...filesOf(given.tree).values()][0]?.sha256, version.sha256, `${name} ${version.number}`);
      fs.rmSync(given.into, { recursive: true });
      restored += 1;
    }
  }
  const tally = engine.catalog.sources.tally(source.id);
  assert.equal(tally.files, expected.size);
  const rebuilt = await rebuildFrom(t, store, new SetClock(Date.now()));
  assert.deepEqual(rebuilt.catalog.sources.tally(rebuilt.catalog.sources.get('source').id).files, expected.size);
  t.diagnostic(`${edits} runs came to their end between the kills; ${restored} versions were restored`);
  assert.equal(sha256Of(fs.readFileSync(path.join(root, 'large.bin'))), expected.get('large.bin')?.sha256);
});
