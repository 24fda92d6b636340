import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Bench, fingerprint, signal } from './kit.ts';

/** Invariant 1: a source is never written, renamed in or deleted from, except by a restore that a person asked for. */
test('protecting, syncing, verifying and restoring elsewhere leave every byte, time and inode of a source alone', async (t) => {
  const bench = await Bench.create(t, { stores: ['one', 'two'] });
  bench.write('folder/with space/ä.txt', 'umlaut');
  bench.write('empty.bin', '');
  bench.write('read-only.txt', 'do not touch');
  fs.chmodSync(bench.at('read-only.txt'), 0o400);
  fs.linkSync(bench.at('empty.bin'), bench.at('second name.bin'));
  fs.symlinkSync('folder', bench.at('link'));
  fs.mkdirSync(bench.at('empty folder'));
  // Access times may change: reading is what a scan does.
  const before = fingerprint(bench.root);

  await bench.syncDone();
  await bench.syncDone({ rehash: true });
  for (const name of ['one', 'two']) {
    const record = bench.store(name);
    await bench.engine.verify(bench.source, record, { deep: true, signal, onProgress: () => undefined });
  }
  await bench.restore();
  await bench.reopen();
  await bench.syncDone();
  assert.deepEqual(fingerprint(bench.root), before);

  // The same through a change: what the person wrote is there, and nothing else changed.
  bench.write('folder/new.txt', 'new');
  bench.remove('empty.bin');
  const changed = fingerprint(bench.root);
  await bench.syncDone();
  await bench.restore({ at: bench.clock.now() - 1 });
  assert.deepEqual(fingerprint(bench.root), changed);
});

test('a restore into its own place touches only what was asked for, and with skip nothing that is there', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a', 'b.txt': 'b', 'sub/c.txt': 'c' } });
  await bench.syncDone();
  bench.write('b.txt', 'written since');
  bench.remove('sub/c.txt');
  const before = fingerprint(bench.root);
  const result = await bench.engine.restore(bench.source, {
    path: '',
    at: bench.clock.now(),
    number: undefined,
    into: undefined,
    conflict: 'skip',
    from: undefined,
    signal,
    onProgress: () => undefined,
  });
  assert.deepEqual([result.restored, result.same, result.kept], [1, 1, ['b.txt']]);
  const after = fingerprint(bench.root);
  assert.equal(after.get('a.txt'), before.get('a.txt'));
  assert.equal(after.get('b.txt'), before.get('b.txt'));
  assert.equal(fs.readFileSync(path.join(bench.root, 'sub/c.txt'), 'utf8'), 'c');
  assert.deepEqual(
    fs.readdirSync(bench.root, { recursive: true }).sort(),
    ['a.txt', 'b.txt', 'sub', 'sub/c.txt'],
    'nothing temporary is left',
  );
});
