import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Engine } from '../../electron/engine/engine.ts';
import { integrityOf } from '../../electron/service/integrity.ts';
import { House } from './kit.ts';

/** Copies that would be lost together with what they are copies of are not called safe. */

test('copies on the disk of the folder itself are told at the source and in the headline, and nobody is called', async (t) => {
  const disks = new Map<string, string>();
  const house = await House.create(t, {
    diskOf: (folder) => Promise.resolve(disks.get(path.basename(folder)) ?? 'the disk of this computer'),
  });
  await house.protect();
  await house.until('the caution', () => house.state.tone === 'caution');
  const { headline, state, tone, attention } = await house.client.app.overview();
  assert.equal(headline, 'Everything is copied. One source has no copy elsewhere.');
  assert.deepEqual([state, tone, attention], ['safe', 'caution', []]);
  assert.match((await house.source()).caution ?? '', /^All its copies are on the same disk/);
  assert.equal(house.state.sentence, headline);

  // One store of two elsewhere is enough; the next run sees where they lie now.
  disks.set('shelf', 'another disk');
  await house.sync();
  await house.until('all to be safe', () => house.state.tone === undefined);
  assert.equal((await house.client.app.overview()).headline, 'Everything is safe.');
  assert.equal((await house.source()).caution, null);
});

test('a single copy beside the folder is called by its name, and a folder that is away lies where it lay', async (t) => {
  let isAway = false;
  const house = await House.create(t, {
    diskOf: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve('one disk')),
  });
  house.write('a.txt', 'a');
  await house.addStore('disk');
  await house.add();
  await house.quiet();
  await house.until('the caution', async () => (await house.source()).caution !== null);
  assert.match((await house.source()).caution ?? '', /^Its only copy is on the same disk as the folder itself: both/);
  isAway = true;
  await house.sync();
  assert.match((await house.source()).caution ?? '', /^Its only copy/);
});

test('the sample materials say themselves what they are', async (t) => {
  const house = await House.create(t, { diskOf: () => Promise.resolve('one disk') });
  for await (const { done } of await house.client.sources.addSample()) if (done) break;
  await house.quiet();
  assert.equal((await house.source()).caution, null);
  await house.until('all to be safe', () => house.state.state === 'safe');
  assert.equal((await house.client.app.overview()).headline, 'Everything is safe.');
});

test('a run that found no folder says so, and offers to say where it is', async (t) => {
  const house = await House.create(t);
  await house.protect();
  fs.renameSync(house.root, `${house.root}-away`);
  await house.sync();
  const gone = await house.attention(/^root:/);
  assert.deepEqual(gone.action, { do: 'sync', source: 'Scans' });
  assert.deepEqual(gone.otherAction, { do: 'move-source', source: 'Scans' });
  assert.equal((await house.source()).lastRun?.rootTrouble, 'gone');
});

test('a mass deletion is told by the folders in which it happened', async (t) => {
  const house = await House.create(t);
  const files = Object.fromEntries(
    Array.from({ length: 120 }, (_, index) => [`${index < 80 ? 'letters' : 'maps'}/${index}.txt`, String(index)]),
  );
  await house.protect({ ...files, 'kept.txt': 'kept' });
  for (const folder of ['letters', 'maps']) fs.rmSync(path.join(house.root, folder), { recursive: true });
  await house.sync();
  const [run] = (await house.client.runs.list({ limit: 1 })).runs;
  assert.deepEqual(run?.questioned?.folders, [
    { folder: 'letters', changed: 0, gone: 80 },
    { folder: 'maps', changed: 0, gone: 40 },
  ]);
  await house.sync(true);
  assert.equal((await house.source()).versions, 121, 'a deletion is no version');
});

test('the integrity of the copies is what checks found', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'a', 'b.txt': 'b' });
  const before = await house.client.app.integrity();
  assert.deepEqual(
    before.map(({ store, good, checked, bad, confirmedAt }) => [store, good, checked, bad, confirmedAt]),
    [
      ['disk', 2, 0, 0, null],
      ['shelf', 2, 0, 0, null],
    ],
  );
  await house.close();
  fs.writeFileSync(path.join(house.storeFolder('shelf'), 'files/Scans/b.txt'), 'x');
  const engine = Engine.open({ home: house.home, clock: house.time, mode: 'write', environment: {} });
  for (const name of ['disk', 'shelf']) {
    await engine.verify(engine.catalog.sources.get('Scans'), engine.catalog.stores.get(name), {
      deep: true,
      signal: AbortSignal.timeout(60_000),
      onProgress: () => undefined,
    });
  }
  const [disk, shelf] = integrityOf(engine.catalog);
  await engine.close();
  assert.deepEqual([disk?.checked, disk?.bad, disk?.confirmedAt], [2, 0, house.time.now()]);
  assert.deepEqual([shelf?.bad, shelf?.badPaths, shelf?.confirmedAt], [1, ['b.txt'], null]);
  // What is bad and still in the folder is made good by the next run, which begins with the start.
  await house.open();
  await house.until('the copy to be good again', async () => (await house.client.app.integrity())[1]?.good === 2);
});
