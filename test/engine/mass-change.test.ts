import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { massChange } from '../../electron/engine/scan/scan.ts';
import { Bench, manyFiles } from './kit.ts';

/** Invariant 3: an unusual share of changes stops before anything is superseded, and asks. */

const names = Object.keys(manyFiles('a', 200));

function encrypt(bench: Bench, count: number): void {
  for (const name of names.slice(0, count)) bench.write(name, `encrypted ${name}`);
}

test('a mass change stops before superseding; what is new is copied; a person can let it go on', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 200) });
  await bench.syncDone();
  const before = bench.shownBy();
  encrypt(bench, 60);
  bench.write('b/new.txt', 'new');
  const stopped = await bench.sync();
  assert.equal(stopped.outcome, 'needs-approval');
  const { questioned } = stopped.summary;
  assert.deepEqual([questioned?.changed, questioned?.gone, questioned?.of], [60, 0, 200]);
  assert.equal(questioned?.examples.length, 10);
  assert.ok(bench.events().includes('mass-change-stopped'));
  const after = bench.shownBy();
  for (const [name, entry] of before) assert.deepEqual(after.get(name), entry, name);
  assert.ok(after.has('b/new.txt'), 'what is new replaces nothing and is copied');

  const again = await bench.sync();
  assert.equal(again.outcome, 'needs-approval', 'asking once more gets the same answer');

  const accepted = await bench.sync({ acceptChanges: true });
  assert.deepEqual([accepted.outcome, accepted.summary.changed], ['done', 60]);
  assert.ok(bench.events().includes('changes-accepted'));
  bench.assertStoreShowsSource();
  await bench.syncDone();
  const old = await bench.restore({ at: bench.clock.now() - 4 * 60_000 });
  assert.deepEqual(old.tree.get(names[0] ?? ''), before.get(names[0] ?? ''));
});

test('a stop that nobody answered is asked every round and told once, until it is another', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 200) });
  await bench.syncDone();
  const told = (): number => bench.events().filter((kind) => kind === 'mass-change-stopped').length;
  const asks = async (): Promise<void> => assert.equal((await bench.sync()).outcome, 'needs-approval');
  encrypt(bench, 60);
  await asks();
  await asks();
  await bench.reopen();
  await asks();
  assert.equal(told(), 1);
  // Neither a share that was away meanwhile nor a run that was ended makes it another.
  const away = `${bench.root}-away`;
  fs.renameSync(bench.root, away);
  assert.equal((await bench.sync()).outcome, 'failed');
  fs.renameSync(away, bench.root);
  assert.equal((await bench.sync({ signal: AbortSignal.abort() })).outcome, 'cancelled');
  assert.equal(bench.engine.catalog.runs.unanswered(bench.source.id)?.summary.questioned?.changed, 60);
  await asks();
  assert.equal(told(), 1);
  encrypt(bench, 61);
  await asks();
  assert.equal(told(), 2, 'one file more');
  // The same number once more, after the first was answered.
  await bench.syncDone({ acceptChanges: true });
  assert.equal(bench.engine.catalog.runs.unanswered(bench.source.id), undefined);
  for (const name of names.slice(0, 61)) bench.write(name, `encrypted again ${name}`);
  await asks();
  assert.equal(told(), 3);
});

test('a mass deletion stops, alone and together with changes', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 200) });
  await bench.syncDone();
  for (const name of names.slice(0, 30)) bench.remove(name);
  for (const name of names.slice(30, 60)) bench.write(name, `encrypted ${name}`);
  const stopped = await bench.sync();
  assert.equal(stopped.outcome, 'needs-approval');
  assert.deepEqual([stopped.summary.questioned?.changed, stopped.summary.questioned?.gone], [30, 30]);
  assert.equal(bench.paths().length, 200);
  assert.equal([...bench.shownBy().values()].filter((entry) => entry.kind === 'file').length, 200);

  // The files came back: nothing is left to be asked.
  for (const [name, text] of Object.entries(manyFiles('a', 60))) bench.write(name, text);
  await bench.syncDone();

  for (const name of names.slice(0, 60)) bench.remove(name);
  assert.equal((await bench.sync()).outcome, 'needs-approval');
  assert.deepEqual((await bench.sync({ acceptChanges: true })).summary.deleted, 60);
  bench.assertStoreShowsSource();
});

test('both thresholds must be exceeded', async (t) => {
  const few = await Bench.create(t, { files: manyFiles('a', massChange.files) });
  await few.syncDone();
  for (const name of names.slice(0, massChange.files)) few.write(name, `edited ${name}`);
  assert.equal((await few.syncDone()).summary.changed, massChange.files, 'all of few files');

  const many = await Bench.create(t, { files: manyFiles('a', 300) });
  await many.syncDone();
  encrypt(many, 60);
  assert.equal((await many.syncDone()).summary.changed, 60, 'exactly the share');
  for (const name of Object.keys(manyFiles('a', 61))) many.write(name, `edited ${name}`);
  assert.equal((await many.sync()).outcome, 'needs-approval', 'one more than the share');
});

test('times and modes alone are no mass change', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 100) });
  await bench.syncDone();
  for (const name of names.slice(0, 100)) bench.write(name, `content of ${name}`, 1_700_000_000);
  assert.equal((await bench.syncDone()).summary.changed, 100);
  bench.assertStoreShowsSource();
});

test('renaming a folder is no mass change, even where the run that saw it was cancelled or asked', async (t) => {
  const bench = await Bench.create(t, { files: { ...manyFiles('a', 200), 'keep.txt': 'keep' } });
  await bench.syncDone();
  bench.move('a', 'b');
  const moved = await bench.syncDone();
  assert.deepEqual([moved.summary.moved, moved.summary.deleted], [200, 0]);
  assert.equal(moved.summary.stores[0]?.copiedWithin, 200);

  bench.move('b', 'c');
  // Ended after the new names were recorded, and before the old ones were.
  Object.assign(bench.engine.catalog.staging(bench.source.id), { counts: dying });
  assert.equal((await bench.sync()).outcome, 'failed');
  await bench.reopen();
  const after = await bench.sync();
  assert.deepEqual([after.outcome, after.summary.questioned], ['done', undefined]);
  bench.assertStoreShowsSource();
});

test('what was moved does not count among what a stopped run asks about, then or later', async (t) => {
  const bench = await Bench.create(t, { files: { ...manyFiles('a', 200), ...manyFiles('b', 70) } });
  await bench.syncDone();
  bench.move('a', 'c');
  bench.remove('b');
  bench.write('keep.txt', 'keep');
  for (let run = 1; run <= 2; run += 1) {
    const { questioned } = (await bench.sync()).summary;
    assert.deepEqual([questioned?.gone, questioned?.examples.some((name) => name.startsWith('a/'))], [70, false]);
  }
  await bench.syncDone({ acceptChanges: true });
  bench.assertStoreShowsSource();
});

test('a file that was moved once and came back to its old path is a loss when it goes', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 60) });
  await bench.syncDone();
  bench.move('a', 'b');
  await bench.syncDone();
  for (const [name, text] of Object.entries(manyFiles('a', 60))) bench.write(name, text);
  await bench.syncDone();
  bench.remove('a');
  assert.equal((await bench.sync()).summary.questioned?.gone, 60);
});

function dying(): never {
  throw new Error('the process ends here');
}
