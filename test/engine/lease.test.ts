import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { Bench, hour, minute, openEngine, signal, atEnd, syncSource, type SyncAnswers } from './kit.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { watched } from './wrappers.ts';

/** A second workstation that sees the same share and the same store, with a catalog rebuilt from the store. */
async function second(t: TestContext, bench: Bench): Promise<{ engine: Engine; sync: () => Promise<SyncAnswers> }> {
  const engine = openEngine(path.join(bench.folder, 'second home'), bench.clock);
  atEnd(t, () => engine.close());
  const record = await engine.addStore({ kind: 'folder', path: bench.storeFolder() }, { name: 'disk', signal });
  await engine.rebuild(record, { withoutJournals: false, signal, onProgress: () => undefined });
  const source = engine.catalog.sources.get('source');
  engine.moveSource(source, bench.root);
  return {
    engine,
    sync: () => {
      bench.clock.advance(minute);
      return syncSource(engine, engine.catalog.sources.get('source'));
    },
  };
}

/** Ends the first workstation's run in the middle, its lease taken and not given back. */
async function dieWhileWriting(bench: Bench, name: string): Promise<void> {
  bench.wrap('disk', (store) =>
    watched(store, (call, subject) => {
      if (call === 'writeControl' && subject.endsWith('lease.json') && dead) throw new Error('dead');
      if (call === 'put' && subject === name) {
        dead = true;
        throw new Error('dies here');
      }
      if (dead && call === 'writeControl') throw new Error('dead');
    }),
  );
  let dead = false;
  await bench.sync();
  await bench.reopen();
}

test('two workstations write one source by turns, and each learns what the other did', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a1', 'b.txt': 'b1' } });
  await bench.syncDone();
  const other = await second(t, bench);
  const nothing = await other.sync();
  assert.deepEqual([nothing.outcome, nothing.summary.unchanged], ['done', 2], 'a rebuilt catalog knows every file');

  bench.write('a.txt', 'a2');
  const theirs = await other.sync();
  assert.deepEqual([theirs.outcome, theirs.summary.changed], ['done', 1]);
  bench.write('c.txt', 'c1');
  const mine = await bench.sync();
  assert.equal(mine.outcome, 'done');
  assert.deepEqual(
    bench.versions('a.txt').map((version) => version.number),
    [1, 2],
    'what both saw is one version',
  );
  bench.remove('b.txt');
  await other.sync();
  await bench.sync();
  for (const engine of [bench.engine, other.engine]) {
    const { browse, sources } = engine.catalog;
    const { id } = sources.get('source');
    const count = (name: string): number => browse.versions(browse.fileId(id, name) ?? -1).length;
    assert.deepEqual([count('a.txt'), count('b.txt'), count('c.txt')], [2, 2, 1]);
  }
  bench.assertStoreShowsSource();
  const numbers = fs.readdirSync(path.join(bench.storeFolder(), 'strongroom/sources/source/journal'));
  assert.equal(new Set(numbers).size, numbers.length);
});

test('while one has the lease the other is refused; when it has run out the other takes over and reads first', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a1' } });
  await bench.syncDone();
  const other = await second(t, bench);
  bench.write('b.txt', 'b1');
  await dieWhileWriting(bench, 'b.txt');

  const refused = await other.sync();
  assert.deepEqual([refused.outcome, refused.codes], ['incomplete', ['store-leased']]);
  assert.equal(bench.shownBy().has('b.txt'), false);
  assert.equal(refused.summary.stores[0]?.pending, 1);

  bench.clock.advance(hour);
  const taken = await other.sync();
  assert.equal(taken.outcome, 'done');
  bench.assertStoreShowsSource();

  // The first comes back: its version and the other's are one.
  const back = await bench.sync();
  assert.equal(back.outcome, 'done');
  assert.equal(bench.versions('b.txt').length, 1);
  assert.equal(bench.versions('b.txt')[0]?.copies[0]?.state, 'stored');
});

test('the same workstation takes its own lease again after a kill, at once', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a1' } });
  await bench.syncDone();
  bench.write('b.txt', 'b1');
  await dieWhileWriting(bench, 'b.txt');
  await bench.syncDone();
  bench.assertStoreShowsSource();
});

test('another folder under the name of a source that the store holds already is refused', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a1' } });
  await bench.syncDone();
  const engine = openEngine(path.join(bench.folder, 'third home'), bench.clock);
  atEnd(t, () => engine.close());
  const elsewhere = path.join(bench.folder, 'elsewhere/source');
  fs.mkdirSync(elsewhere, { recursive: true });
  fs.writeFileSync(path.join(elsewhere, 'a.txt'), 'quite another file');
  const record = await engine.addStore({ kind: 'folder', path: bench.storeFolder() }, { name: 'disk', signal });
  engine.catalog.sources.attach(engine.addSource(elsewhere, {}), record);
  const before = bench.shownBy();
  const run = await syncSource(engine, engine.catalog.sources.get('source'));
  assert.deepEqual([run.outcome, run.codes], ['incomplete', ['name-taken']]);
  assert.deepEqual(bench.shownBy(), before);
});
