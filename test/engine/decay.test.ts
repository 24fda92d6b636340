import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Bench } from './kit.ts';

/** Invariant 4: content that changed while size and time did not is suspected decay, and supersedes nothing by itself. */

const time = 1_750_000_000;

/** Changes a file's content and puts its size and time back, as decay (or a forger) does. */
function decay(bench: Bench, name: string, content: string): void {
  fs.writeFileSync(bench.at(name), content);
  fs.utimesSync(bench.at(name), time, time);
}

/** Makes the catalog forget inode and change time, as on a share on which they mean nothing. */
function distrust(bench: Bench): void {
  const { catalog } = bench.engine;
  const id = catalog.browse.fileId(bench.source.id, 'scan.tif') ?? -1;
  catalog.files.refreshStat(id, { size: 0, mtimeUs: 0, ctimeUs: 0, inode: 0, mode: 0 });
}

async function withScan(t: Parameters<typeof Bench.create>[0]): Promise<Bench> {
  const bench = await Bench.create(t);
  bench.write('scan.tif', 'good content', time);
  await bench.syncDone();
  return bench;
}

test('where change times can be trusted, every run finds it; where not, a rehash does', async (t) => {
  const bench = await withScan(t);
  decay(bench, 'scan.tif', 'bad  content');
  assert.deepEqual((await bench.sync()).codes, ['suspected-decay']);

  const share = await withScan(t);
  distrust(share);
  decay(share, 'scan.tif', 'bad  content');
  assert.equal((await share.syncDone()).summary.unchanged, 2, 'nothing tells a usual run');
  assert.deepEqual((await share.sync({ rehash: true })).codes, ['suspected-decay']);
});

test('suspected decay leaves version, copies and what is restored as they were, and is told at every run', async (t) => {
  const bench = await withScan(t);
  const shown = bench.shownBy();
  decay(bench, 'scan.tif', 'bad  content');
  for (let run = 1; run <= 2; run += 1) {
    const answers = await bench.sync({ rehash: true });
    assert.equal(answers.outcome, 'incomplete');
    assert.deepEqual(answers.codes, ['suspected-decay']);
    assert.equal(bench.versions('scan.tif').length, 1);
    assert.deepEqual(bench.shownBy(), shown);
    assert.equal(bench.engine.catalog.files.countSuspects(bench.source.id), 1);
  }
  assert.equal(bench.events().filter((kind) => kind === 'suspected-decay').length, 1, 'one event for one finding');
  decay(bench, 'scan.tif', 'worse conten');
  await bench.sync({ rehash: true });
  assert.equal(bench.events().filter((kind) => kind === 'suspected-decay').length, 2, 'another content is another');
  const { tree } = await bench.restore();
  assert.deepEqual(tree.get('scan.tif'), shown.get('scan.tif'));
});

test('it is cleared when the content returns, by the person or by a restore over it', async (t) => {
  const bench = await withScan(t);
  decay(bench, 'scan.tif', 'bad  content');
  await bench.sync();
  decay(bench, 'scan.tif', 'good content');
  await bench.syncDone();
  assert.equal(bench.engine.catalog.files.countSuspects(bench.source.id), 0);
  assert.ok(bench.events().includes('decay-cleared'));
  assert.equal(bench.versions('scan.tif').length, 1);
  await bench.syncDone();
});

test('a run that accepts changes keeps the new content as a version, and the good one stays in history', async (t) => {
  const bench = await withScan(t);
  const good = bench.clock.now();
  decay(bench, 'scan.tif', 'bad  content');
  await bench.sync();
  assert.equal((await bench.syncDone({ acceptChanges: true })).summary.changed, 1);
  assert.equal(bench.engine.catalog.files.countSuspects(bench.source.id), 0);
  assert.ok(bench.events().includes('changes-accepted'));
  bench.assertStoreShowsSource();
  const { into } = await bench.restore({ at: good, path: 'scan.tif' });
  assert.equal(fs.readFileSync(`${into}/scan.tif`, 'utf8'), 'good content');
  await bench.syncDone();
});

test('a file whose time changed too was edited by somebody: a usual new version', async (t) => {
  const bench = await withScan(t);
  bench.write('scan.tif', 'bad  content', time + 1);
  assert.equal((await bench.syncDone()).summary.changed, 1);
  assert.deepEqual(
    bench.versions('scan.tif').map((version) => version.number),
    [1, 2],
  );
});
