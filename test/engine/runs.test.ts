import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Pause } from '../../electron/engine/copy/pause.ts';
import { Bench, manyFiles } from './kit.ts';
import { Counting, Failing, watched } from './wrappers.ts';

test('a run that changed nothing asks the store nothing at all', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 10) });
  await bench.syncDone();
  await bench.reopen();
  const counting = new Counting();
  bench.wrap('disk', counting.wrap);
  await bench.syncDone();
  assert.deepEqual(counting.made, []);
  // What only the catalog remembers (a new inode under the same content) is nothing to tell a store either.
  const copy = fs.readFileSync(bench.at('a/0000.txt'));
  const { mtimeMs } = fs.statSync(bench.at('a/0000.txt'));
  fs.writeFileSync(bench.at('other'), copy);
  fs.renameSync(bench.at('other'), bench.at('a/0000.txt'));
  fs.utimesSync(bench.at('a/0000.txt'), mtimeMs / 1000, mtimeMs / 1000);
  await bench.sync();
  await bench.sync();
  bench.write('a/0001.txt', 'changed');
  await bench.syncDone();
  assert.ok(counting.count('put') >= 1);
});

test('each file is put once, and each run that changed something writes one journal', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 300) });
  const counting = new Counting();
  bench.wrap('disk', counting.wrap);
  await bench.syncDone();
  assert.equal(counting.count('put'), 300);
  assert.deepEqual(
    counting.made.filter((entry) => entry.subject.includes('/journal/')).map((entry) => entry.call),
    ['writeControl'],
  );
});

test('a paused run sends nothing more, and goes on where it was', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 60) });
  const pause = new Pause();
  let reached = (): void => undefined;
  const paused = new Promise<void>((resolve) => (reached = resolve));
  let puts = 0;
  bench.wrap('disk', (store) =>
    watched(store, (call) => {
      if (call !== 'put') return;
      puts += 1;
      if (puts === 10) {
        pause.pause();
        reached();
      }
    }),
  );
  const running = bench.sync({ gate: pause.gate });
  await paused;
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const whilePaused = puts;
  assert.ok(whilePaused < 60, 'what was under way is finished, and no more');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(puts, whilePaused);
  pause.resume();
  assert.equal((await running).outcome, 'done');
  assert.equal(puts, 60);
});

test('a cancelled run keeps what is done, tells the journal, and the next one does only the rest', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 100) });
  const controller = new AbortController();
  const counting = new Counting();
  bench.wrap('disk', (store) =>
    watched(counting.wrap(store), (call) => {
      if (call === 'put' && counting.count('put') === 30) controller.abort();
    }),
  );
  const cancelled = await bench.sync({ signal: controller.signal });
  assert.equal(cancelled.outcome, 'cancelled');
  const stored = cancelled.summary.stores[0]?.copied ?? 0;
  assert.ok(stored >= 20 && stored < 100, String(stored));
  assert.equal(bench.engine.catalog.journaling.untold(bench.source.id, bench.store().id, 1).length, 0);
  await bench.reopen();
  const rest = await bench.syncDone();
  assert.equal(rest.summary.stores[0]?.copied, 100 - stored);
  bench.assertStoreShowsSource();

  const before = new AbortController();
  before.abort();
  bench.write('more.txt', 'more');
  assert.equal((await bench.sync({ signal: before.signal })).outcome, 'cancelled');
  await bench.syncDone();
});

test('one store that cannot be worked with holds up no other, and catches up when it is back', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 40), stores: ['good', 'bad'] });
  const failing = new Failing();
  bench.wrap('bad', failing.wrap);
  failing.code = 'store-unreachable';
  const half = await bench.sync();
  assert.deepEqual([half.outcome, half.codes], ['incomplete', ['store-unreachable']]);
  assert.equal(half.problems[0]?.subject, 'bad');
  bench.assertStoreShowsSource('good');
  assert.deepEqual(
    half.summary.stores.map((store) => [store.store, store.pending]),
    [['good', 0]],
  );

  failing.code = undefined;
  let puts = 0;
  failing.only = (call) => call === 'put' && ++puts > 10;
  failing.code = 'store-full';
  const full = await bench.sync();
  assert.deepEqual([full.outcome, full.codes], ['incomplete', ['store-full']], 'said once, however many copies failed');
  failing.code = undefined;
  await bench.syncDone();
  bench.assertStoreShowsSource('bad');
});

test('a copy that fails is listed and stays pending, and the rest goes on', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 10) });
  const failing = new Failing();
  bench.wrap('disk', failing.wrap);
  failing.code = 'store-answer';
  failing.only = (call, subject) => call === 'put' && subject === 'a/0004.txt';
  const run = await bench.sync();
  assert.deepEqual([run.outcome, run.codes, run.summary.stores[0]?.pending], ['incomplete', ['store-answer'], 1]);
  assert.equal(bench.shownBy().has('a/0005.txt'), true);
  failing.code = undefined;
  await bench.syncDone();
  bench.assertStoreShowsSource();
});

test('a version that a store missed while it was down is fetched from another one, in order', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'one', 'b.txt': 'b' }, stores: ['good', 'bad'] });
  await bench.syncDone();
  const failing = new Failing();
  bench.wrap('bad', failing.wrap);
  failing.code = 'store-unreachable';
  for (const text of ['two', 'three']) {
    bench.write('a.txt', text);
    assert.equal((await bench.sync()).outcome, 'incomplete');
  }
  bench.remove('b.txt');
  await bench.sync();
  failing.code = undefined;
  const counting = new Counting();
  bench.wrap('bad', counting.wrap);
  await bench.syncDone();
  assert.deepEqual(
    counting.made
      .filter(({ call }) => call === 'put' || call === 'retire')
      .map(({ subject }) => subject)
      .sort(),
    ['a.txt', 'a.txt', 'b.txt'],
  );
  bench.assertStoreShowsSource('bad');
  for (const [number, text] of [
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ] as const) {
    const { into } = await bench.restore({ path: 'a.txt', number, from: 'bad' });
    assert.equal(fs.readFileSync(`${into}/a.txt`, 'utf8'), text);
  }
});

test('where the other store is down, what can be had is stored, and an old version never covers a newer one', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'one', 'b.txt': 'b' }, stores: ['first', 'second'] });
  await bench.syncDone();
  const first = new Failing();
  const second = new Failing();
  bench.wrap('first', first.wrap);
  bench.wrap('second', second.wrap);
  second.code = 'store-unreachable';
  bench.write('a.txt', 'two');
  bench.write('b.txt', 'b, changed');
  await bench.sync();
  // Now the second works, but what it missed lies only in the first, which does not.
  second.code = undefined;
  first.code = 'store-unreachable';
  bench.write('a.txt', 'three');
  bench.write('c.txt', 'c');
  bench.remove('b.txt');
  const run = await bench.sync();
  assert.equal(run.outcome, 'incomplete');
  bench.assertStoreShowsSource('second');
  first.code = undefined;
  for (let next = 1; next <= 2 && (await bench.sync()).outcome !== 'done'; next += 1);
  bench.assertStoreShowsSource('first');
  bench.assertStoreShowsSource('second');
  for (const from of ['first', 'second']) {
    for (const [number, text] of [
      [1, 'one'],
      [2, 'two'],
      [3, 'three'],
    ] as const) {
      const { into, result } = await bench.restore({ path: 'a.txt', number, from });
      assert.deepEqual(result.failed, [], `${from} ${number}`);
      assert.equal(fs.readFileSync(`${into}/a.txt`, 'utf8'), text, `${from} ${number}`);
    }
  }
});

test('a version that was replaced before any store had it is recorded as lost, once for each store', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'one' }, stores: ['first', 'second'] });
  const failing = [new Failing(), new Failing()];
  bench.wrap('first', failing[0]?.wrap ?? assert.fail());
  bench.wrap('second', failing[1]?.wrap ?? assert.fail());
  for (const one of failing) one.code = 'store-unreachable';
  await bench.sync();
  bench.write('a.txt', 'two');
  await bench.sync();
  for (const one of failing) one.code = undefined;
  await bench.syncDone();
  await bench.syncDone();
  assert.equal(bench.events().filter((kind) => kind === 'copy-lost-before-replication').length, 2);
  assert.deepEqual(
    bench.versions('a.txt').map(({ copies }) => copies.map(({ state }) => state)),
    [
      ['missing', 'missing'],
      ['stored', 'stored'],
    ],
  );
  bench.assertStoreShowsSource('first');
});

test('a file that changes between its recording and its copying is never stored half', async (t) => {
  const bench = await Bench.create(t, { files: { 'keep.txt': 'keep' } });
  await bench.syncDone();
  bench.write('big.bin', Buffer.alloc(3_000_000, 1));
  bench.wrap('disk', (store) =>
    watched(store, (call, subject) => {
      if (call === 'put' && subject === 'big.bin') bench.write('big.bin', Buffer.alloc(3_000_000, 2));
    }),
  );
  const run = await bench.sync();
  assert.deepEqual([run.outcome, run.codes], ['incomplete', ['file-changing']]);
  assert.equal(bench.shownBy().has('big.bin'), false);
  await bench.reopen();
  await bench.syncDone();
  bench.assertStoreShowsSource();
});

test('a file that goes while the run is under way is reported, and the rest is done', async (t) => {
  const bench = await Bench.create(t, { files: { 'big.bin': 'x'.repeat(400_000), 'a.txt': 'a' } });
  bench.wrap('disk', (store) =>
    watched(store, (call, subject) => {
      if (call === 'put' && subject === 'big.bin') fs.rmSync(bench.at('big.bin'), { force: true });
    }),
  );
  const run = await bench.sync();
  assert.deepEqual([run.outcome, run.codes], ['incomplete', ['file-vanished']]);
  assert.ok(bench.shownBy().has('a.txt'));
  await bench.syncDone();
  bench.assertStoreShowsSource();
});
