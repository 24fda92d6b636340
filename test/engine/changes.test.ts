import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { plainRules } from '../../electron/engine/catalog/sources.ts';
import { Bench, manyFiles, minute } from './kit.ts';

/** What a run notices, and what it makes of it. */

test('added, changed, deleted, and changes of the mode or the time alone are each a version of their own', async (t) => {
  const bench = await Bench.create(t, { stores: ['one', 'two'] });
  bench.write('file.txt', 'one', 1_700_000_000);
  const first = await bench.syncDone();
  assert.deepEqual([first.summary.added, first.summary.seen], [2, 2]);

  bench.write('file.txt', 'two', 1_700_000_001);
  assert.equal((await bench.syncDone()).summary.changed, 1);
  fs.chmodSync(bench.at('file.txt'), 0o755);
  const mode = await bench.syncDone();
  fs.utimesSync(bench.at('file.txt'), 1_600_000_000.123456, 1_600_000_000.123456);
  const time = await bench.syncDone();
  assert.deepEqual([mode.summary.changed, time.summary.changed], [1, 1]);
  bench.assertStoreShowsSource('one');
  bench.assertStoreShowsSource('two');
  bench.remove('file.txt');
  const gone = await bench.syncDone();
  assert.equal(gone.summary.deleted, 1);
  bench.assertStoreShowsSource('one');
  bench.write('file.txt', 'two', 1_700_000_001);
  assert.equal((await bench.syncDone()).summary.added, 1, 'what comes back is new');
  const versions = bench.versions('file.txt');
  assert.deepEqual(
    versions.map(({ number, sha256, mode: bits, size }) => [number, sha256 === null ? null : size, bits & 0o777]),
    [
      [1, 3, 0o644],
      [2, 3, 0o644],
      [3, 3, 0o755],
      [4, 3, 0o755],
      [5, null, 0],
      [6, 3, 0o644],
    ],
  );
  for (const version of versions)
    assert.deepEqual(new Set(version.copies.map((copy) => copy.state)), new Set(['stored']));
  for (const { number, mtimeNs, mode: bits, sha256 } of versions.filter((version) => version.sha256 !== null)) {
    for (const from of ['one', 'two']) {
      const { tree } = await bench.restore({ path: 'file.txt', number, from });
      const given = tree.get('file.txt');
      assert.deepEqual([given?.sha256, given?.mtimeUs, given?.mode], [sha256, mtimeNs / 1000n, bits & 0o777], from);
    }
  }
});

test('nothing that changed by itself is reported as unchanged, and nothing unchanged is read', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('a', 20) });
  await bench.syncDone();
  let hashed = 0;
  const again = await bench.syncDone({ onProgress: (progress) => (hashed = progress.scan.hashedBytes) });
  assert.deepEqual([again.summary.unchanged, hashed], [20, 0]);
});

test('moving a folder of some hundred files sends no bytes and keeps the history of both names', async (t) => {
  const bench = await Bench.create(t, { files: manyFiles('old/deep', 400), stores: ['one', 'two'] });
  await bench.syncDone();
  const before = bench.clock.now();
  bench.move('old', 'new place');
  const run = await bench.syncDone();
  assert.deepEqual([run.summary.moved, run.summary.added, run.summary.deleted], [400, 400, 0]);
  for (const store of run.summary.stores)
    assert.deepEqual([store.copiedWithin, store.copied, store.deleted], [400, 400, 400]);
  for (const name of ['one', 'two']) bench.assertStoreShowsSource(name);
  assert.equal(bench.versions('new place/deep/0007.txt')[0]?.movedFrom, 'old/deep/0007.txt');
  assert.equal(bench.versions('old/deep/0007.txt').at(-1)?.sha256, null);
  const then = await bench.restore({ at: before });
  assert.equal([...then.tree.keys()].filter((name) => name.startsWith('old/deep/')).length, 400);
  assert.ok(!then.tree.has('new place'));
});

test('a file becomes a folder and a folder becomes a file at the same path, in one run each', async (t) => {
  const bench = await Bench.create(t, { files: { thing: 'a file', 'other/x': 'x', 'other/y/z': 'z', keep: 'k' } });
  await bench.syncDone();
  const before = bench.clock.now();
  bench.remove('thing');
  bench.write('thing/inside', 'in a folder');
  bench.remove('other');
  bench.write('other', 'now a file');
  await bench.syncDone();
  bench.assertStoreShowsSource();
  assert.deepEqual(bench.paths(), ['keep', 'other', 'thing/inside']);
  assert.deepEqual(bench.paths(before), ['keep', 'other/x', 'other/y/z', 'thing']);
  const then = await bench.restore({ at: before });
  assert.equal(then.tree.get('thing')?.kind, 'file');
  assert.equal(then.tree.get('other/y/z')?.kind, 'file');
  bench.remove('thing');
  bench.write('thing', 'a file again');
  bench.remove('other');
  bench.write('other/x', 'x');
  await bench.syncDone();
  bench.assertStoreShowsSource();
});

test('files that swap their names keep their contents apart', async (t) => {
  const bench = await Bench.create(t, { files: { a: 'content of a', b: 'content of b' } });
  await bench.syncDone();
  bench.move('a', 'c');
  bench.move('b', 'a');
  bench.move('c', 'b');
  await bench.syncDone();
  bench.assertStoreShowsSource();
  assert.deepEqual(bench.paths(), ['a', 'b']);
});

test('links, pipes and sockets are recorded as skipped with a reason, and never followed', async (t) => {
  const bench = await Bench.create(t);
  const outside = path.join(bench.folder, 'outside');
  fs.mkdirSync(outside);
  fs.writeFileSync(path.join(outside, 'secret.txt'), 'not of the source');
  fs.symlinkSync(outside, bench.at('to outside'));
  fs.symlinkSync(path.join(outside, 'secret.txt'), bench.at('to a file'));
  fs.symlinkSync('nowhere', bench.at('dangling'));
  fs.symlinkSync('.', bench.at('to itself'));
  const { execFileSync } = await import('node:child_process');
  execFileSync('mkfifo', [path.join(bench.root, 'pipe')]);
  const { createServer } = await import('node:net');
  const server = createServer().listen(path.join(bench.root, 'socket'));
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const run = await bench.syncDone();
  assert.deepEqual([run.summary.skipped, run.summary.added], [6, 1]);
  assert.deepEqual(bench.engine.catalog.files.skipped(bench.source.id), [
    { path: 'dangling', reason: 'symbolic link to nowhere' },
    { path: 'pipe', reason: 'named pipe' },
    { path: 'socket', reason: 'socket' },
    { path: 'to a file', reason: `symbolic link to ${path.join(outside, 'secret.txt')}` },
    { path: 'to itself', reason: 'symbolic link to .' },
    { path: 'to outside', reason: `symbolic link to ${outside}` },
  ]);
  bench.assertStoreShowsSource();

  // A file that becomes a link is gone as a file; a link that becomes a file is a file.
  bench.remove('first.txt');
  fs.symlinkSync(path.join(outside, 'secret.txt'), bench.at('first.txt'));
  fs.unlinkSync(bench.at('dangling'));
  bench.write('dangling', 'a file now');
  const swapped = await bench.syncDone();
  assert.deepEqual([swapped.summary.deleted, swapped.summary.added], [1, 1]);
  assert.deepEqual(bench.paths(), ['dangling']);
});

test('the usual litter and what a person excludes are left out; a rule that comes later deletes nothing', async (t) => {
  const bench = await Bench.create(t, {
    files: {
      'scan.tif': 's',
      'Thumbs.db': 't',
      'sub/.DS_Store': 'd',
      '~$report.docx': 'o',
      'x.tmp': 'x',
      '$RECYCLE.BIN/a.txt': 'r',
      'cache/a.txt': 'c',
      'deep/cache/b.txt': 'c',
      'raw/1.raw': 'r',
      'raw/keep.raw': 'r',
      'sub/x.bak': 'b',
    },
    rules: { exclude: ['/cache/', '*.raw', 'sub/*.bak'], include: ['raw/keep.raw'], defaults: true },
  });
  await bench.syncDone();
  assert.deepEqual(bench.paths(), ['deep/cache/b.txt', 'raw/keep.raw', 'scan.tif']);

  bench.engine.catalog.sources.setRules(bench.source.id, { ...plainRules, exclude: ['*.tif', 'deep/'] });
  bench.write('other.tif', 'new, and left out');
  bench.write('deep/cache/new.txt', 'new, in a known folder');
  bench.write('scan.tif', 'known, and changed');
  await bench.syncDone();
  assert.ok(bench.paths().includes('scan.tif'));
  assert.ok(bench.paths().includes('deep/cache/b.txt'));
  assert.ok(!bench.paths().includes('other.tif'));
  assert.equal(bench.versions('scan.tif').length, 2, 'what is protected stays protected');
  bench.remove('scan.tif');
  assert.equal((await bench.syncDone()).summary.deleted, 1);
});

test('a file that keeps changing while it is read is reported, not recorded half, and taken in when it rests', async (t) => {
  const bench = await Bench.create(t);
  bench.write('growing.log', 'x'.repeat(200_000));
  await bench.syncDone();
  const size = 48 * 1024 * 1024;
  fs.truncateSync(bench.at('growing.log'), size);
  // Every look at the file finds it changed since the last, for as long as the run goes on.
  const { Worker } = await import('node:worker_threads');
  const writer = new Worker(
    `const fs = require('node:fs'); const { workerData } = require('node:worker_threads');
     const file = fs.openSync(workerData, 'r+');
     for (let n = 0; ; n += 1) fs.writeSync(file, String(n), 0);`,
    { eval: true, workerData: path.join(bench.root, 'growing.log') },
  );
  await new Promise((resolve) => writer.once('online', resolve));
  const run = await bench.sync();
  await writer.terminate();
  assert.deepEqual([run.outcome, run.codes], ['incomplete', ['file-changing']]);
  assert.equal(bench.versions('growing.log').length, 1);
  await bench.syncDone();
  assert.equal(bench.versions('growing.log').length, 2);
  bench.assertStoreShowsSource();
});

test('empty files, hard links and empty folders come back as they were', async (t) => {
  const bench = await Bench.create(t, { files: { empty: '', 'a/empty too': '', linked: 'same inode' } });
  fs.linkSync(bench.at('linked'), bench.at('linked twice'));
  fs.mkdirSync(bench.at('hollow/inner'), { recursive: true });
  await bench.syncDone();
  const before = bench.clock.now();
  const { tree } = await bench.restore();
  assert.deepEqual([...tree.keys()].sort(), [
    'a',
    'a/empty too',
    'empty',
    'hollow',
    'hollow/inner',
    'linked',
    'linked twice',
  ]);
  assert.equal(tree.get('empty')?.size, 0);

  fs.rmdirSync(bench.at('hollow/inner'));
  fs.mkdirSync(bench.at('later'));
  await bench.syncDone();
  bench.clock.advance(minute);
  const now = await bench.restore();
  assert.ok(!now.tree.has('hollow/inner') && now.tree.has('hollow') && now.tree.has('later'));
  assert.ok((await bench.restore({ at: before })).tree.has('hollow/inner'));
  fs.mkdirSync(bench.at('hollow/inner'));
  await bench.syncDone();
  assert.ok((await bench.restore()).tree.has('hollow/inner'), 'a folder that came back');
});
