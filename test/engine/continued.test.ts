import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { SourceRecord } from '../../electron/engine/catalog/sources.ts';
import { Bench, manyFiles, minute, rebuildFrom, restoreSource, syncSource } from './kit.ts';

/** A source that was removed and is added again goes on as the one that it was. */

function remove(bench: Bench): SourceRecord {
  const { source } = bench;
  bench.engine.catalog.sources.remove(source.id);
  bench.clock.advance(minute);
  return source;
}

test('a folder that is protected again keeps its name, versions and copies, and nothing is sent again', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'one', 'b.txt': 'b' } });
  await bench.syncDone();
  const first = bench.clock.now();
  bench.write('a.txt', 'two!');
  await bench.syncDone();
  const before = remove(bench);
  assert.equal(bench.engine.catalog.sources.find('source'), undefined);
  bench.write('c.txt', 'meanwhile');
  const former = bench.engine.formerSource(bench.root);
  assert.deepEqual([former?.source.id, former?.removedAt], [before.id, bench.clock.now() - minute]);

  const again = bench.engine.addSource(bench.root, {});
  assert.deepEqual([again.id, again.uuid, again.name], [before.id, before.uuid, 'source']);
  assert.equal(bench.engine.formerSource(bench.root), undefined);
  const { summary } = await bench.syncDone();
  assert.deepEqual([summary.added, summary.changed, summary.deleted, summary.unchanged], [1, 0, 0, 2]);
  assert.deepEqual(
    summary.stores.map(({ copied }) => copied),
    [1],
  );
  bench.assertStoreShowsSource();
  const then = await bench.restore({ at: first });
  assert.equal(fs.readFileSync(path.join(then.into, 'a.txt'), 'utf8'), 'one');
  assert.deepEqual(fs.readdirSync(path.join(bench.storeFolder(), 'files')), ['source']);
  // Whoever has nothing but the store finds one history, journals without a gap.
  const elsewhere = await rebuildFrom(t, bench.storeFolder(), bench.clock);
  const rebuilt = elsewhere.catalog.sources.get('source');
  const old = await restoreSource(elsewhere, rebuilt, bench.folder, { at: first });
  assert.equal(fs.readFileSync(path.join(old.into, 'a.txt'), 'utf8'), 'one');
});

test('what went away while nobody looked is deleted only past the guards', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 200) });
  await bench.syncDone();
  const before = bench.shownBy();
  remove(bench);
  bench.remove('a');
  bench.write('left.txt', 'left');
  bench.engine.addSource(bench.root, {});
  const asked = await bench.sync();
  assert.equal(asked.outcome, 'needs-approval');
  assert.equal(asked.summary.questioned?.gone, 200);
  for (const [name, entry] of before) assert.deepEqual(bench.shownBy().get(name), entry, name);
});

test('an emptied folder, and the bare mount point of a share, are no continued source', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a' } });
  await bench.syncDone();
  const { source } = bench;
  bench.engine.catalog.sources.setMounted(source.id, true);
  remove(bench);
  const away = `${bench.root}-away`;
  fs.renameSync(bench.root, away);
  fs.mkdirSync(bench.root);
  assert.throws(() => bench.engine.addSource(bench.root, {}), { code: 'source-empty' });
  bench.write('stray.txt', 'written to the bare mount point');
  bench.engine.addSource(bench.root, {});
  const run = await bench.sync();
  assert.deepEqual([run.outcome, run.codes], ['failed', ['source-unreachable']]);
  assert.deepEqual(bench.paths(), ['a.txt']);
});

test('another workstation’s work meanwhile is read before the folder is looked through', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a' } });
  await bench.syncDone();
  remove(bench);
  const { engine, root, clock } = bench;
  const other = await rebuildFrom(t, bench.storeFolder(), clock);
  const there = other.catalog.sources.get('source');
  other.moveSource(there, root);
  bench.write('b.txt', 'theirs');
  assert.equal((await syncSource(other, other.catalog.sources.get('source'))).outcome, 'done');
  engine.addSource(root, {});
  const { summary } = await bench.syncDone();
  assert.deepEqual([summary.added, summary.unchanged], [0, 2]);
  assert.equal(summary.stores[0]?.copied ?? 0, 0, 'what the other sent is not sent again');
});

test('another name, or a wish for it, starts anew; the former source stays as it was', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a' } });
  await bench.syncDone();
  const before = remove(bench);
  const anew = bench.engine.addSource(bench.root, { anew: true });
  assert.deepEqual([anew.name, anew.id === before.id], ['source-2', false]);
  bench.engine.catalog.sources.remove(anew.id);
  assert.equal(bench.engine.formerSource(bench.root)?.source.id, before.id, 'one without versions is none');
  assert.equal(bench.engine.addSource(bench.root, { name: 'Scans' }).name, 'Scans');
  assert.throws(() => bench.engine.addSource(bench.root, { name: 'source' }), { code: 'source-overlaps' });
});

test('a source whose stores are all gone has nothing to go on with', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a' } });
  await bench.syncDone();
  remove(bench);
  await bench.engine.removeStore(bench.store());
  assert.equal(bench.engine.formerSource(bench.root), undefined);
  assert.equal(bench.engine.addSource(bench.root, {}).name, 'source-2');
});

test('a store that a source leaves gets nothing more, keeps what it has, and catches up when it is chosen again', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'one' }, stores: ['disk', 'shelf'] });
  await bench.syncDone();
  const first = bench.clock.now();
  bench.write('a.txt', 'two!');
  // Recorded, and not copied yet.
  const { copies } = bench.engine.catalog;
  bench.wrap('shelf', (store) => ({ ...store, ready: () => Promise.reject(new Error('off')) }));
  await bench.sync();
  assert.equal(copies.pendingTotals(bench.source.id, bench.store('shelf').id).copies, 1);
  await bench.reopen();
  const { engine } = bench;
  engine.detachStore(bench.source, bench.store('shelf'));
  const now = engine.catalog;
  assert.equal(now.copies.pendingTotals(bench.source.id, bench.store('shelf').id).copies, 0);
  assert.deepEqual(now.sources.formerlyIn(bench.store('shelf').id), [
    { name: 'source', root: bench.root, removed: false, copies: 1 },
  ]);
  await bench.syncDone();
  assert.equal(fs.readFileSync(path.join(bench.storeFolder('shelf'), 'files/source/a.txt'), 'utf8'), 'one');
  // What it holds is still a copy: here, of a version that nobody else has any more.
  fs.rmSync(path.join(bench.storeFolder('disk'), 'history'), { recursive: true });
  const old = await bench.restore({ at: first });
  assert.equal(fs.readFileSync(path.join(old.into, 'a.txt'), 'utf8'), 'one');
  assert.throws(() => engine.detachStore(bench.source, bench.store('disk')), { code: 'usage', message: /only store/ });
  now.sources.attach(bench.source, bench.store('shelf'));
  await bench.syncDone();
  bench.assertStoreShowsSource('shelf');
});

test('a removed source’s copies in a store are told apart from those of sources in force', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a' } });
  await bench.syncDone();
  const { id } = bench.store();
  assert.deepEqual(bench.engine.catalog.sources.formerlyIn(id), []);
  remove(bench);
  assert.deepEqual(bench.engine.catalog.sources.formerlyIn(id), [
    { name: 'source', root: bench.root, removed: true, copies: 1 },
  ]);
  assert.throws(() => bench.source, { code: 'unknown-name' });
});
