import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import Database from 'better-sqlite3';
import { catalogPath } from '../../electron/engine/catalog/open.ts';
import { listCheckpoints, restoreCheckpoint } from '../../electron/engine/catalog/checkpoints.ts';
import { applicationId, migrations } from '../../electron/engine/catalog/migrations.ts';
import { StrongroomError, type ErrorCode } from '../../shared/errors.ts';
import { atEnd, Bench, hour, manyFiles, openEngine, SetClock, tempFolder } from './kit.ts';

/** Invariant 9: a damaged catalog is detected at start and stops the app with a choice; never goes on with an empty one. */

function assertRefused(work: () => unknown, code: ErrorCode): StrongroomError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof StrongroomError, String(error));
    assert.equal(error.code, code, error.message);
    assert.ok((error.advice ?? '') !== '', 'it says what to do');
    return error;
  }
  assert.fail(`opened instead of ${code}`);
}

async function closedBench(t: TestContext): Promise<Bench> {
  const bench = await Bench.create(t, { files: manyFiles('a', 120) });
  await bench.syncDone();
  await bench.engine.close();
  return bench;
}

test('a catalog that was damaged in any way is refused, for writing and for reading', async (t) => {
  const damages: Readonly<Record<string, (file: string) => void>> = {
    'bytes flipped in the middle': (file) => {
      const bytes = fs.readFileSync(file);
      for (let page = 2; page < bytes.length / 4096 - 1; page += 3) bytes.fill(0xa5, page * 4096, page * 4096 + 64);
      fs.writeFileSync(file, bytes);
    },
    'the header flipped': (file) => {
      const bytes = fs.readFileSync(file);
      bytes.fill(0xff, 0, 32);
      fs.writeFileSync(file, bytes);
    },
    'cut short': (file) => fs.truncateSync(file, fs.statSync(file).size >> 1),
    emptied: (file) => fs.truncateSync(file, 0),
    'replaced by text': (file) => fs.writeFileSync(file, 'this was a catalog once\n'.repeat(1_000)),
    'replaced by zeros': (file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size)),
    'replaced by another database': (file) => {
      fs.rmSync(file);
      const other = new Database(file);
      other.exec('PRAGMA user_version = 1; CREATE TABLE a (b); INSERT INTO a VALUES (1)');
      other.close();
    },
  };
  for (const [what, damage] of Object.entries(damages)) {
    await t.test(what, async (part) => {
      const bench = await closedBench(part);
      const file = catalogPath(bench.home);
      damage(file);
      const bytes = fs.readFileSync(file);
      for (const mode of ['write', 'read', 'read-or-write'] as const)
        assertRefused(() => openEngine(bench.home, bench.clock, mode), 'catalog-damaged');
      assert.ok(bytes.equals(fs.readFileSync(file)), 'the evidence is left as it was');
      const { aside } = restoreCheckpoint(bench.home, bench.clock);
      assert.ok(
        aside !== undefined && bytes.equals(fs.readFileSync(aside)),
        'and kept when a checkpoint takes its place',
      );
      bench.engine = openEngine(bench.home, bench.clock);
      assert.equal(bench.engine.catalog.sources.tally(bench.source.id).files, 120);
    });
  }
});

test('a catalog that is gone while its checkpoints are there is not replaced by an empty one', async (t) => {
  const bench = await closedBench(t);
  fs.rmSync(catalogPath(bench.home));
  for (const mode of ['write', 'read'] as const)
    assertRefused(() => openEngine(bench.home, bench.clock, mode), 'catalog-missing');
  assert.equal(fs.existsSync(catalogPath(bench.home)), false);
  const empty = path.join(tempFolder(t), 'new');
  assertRefused(() => openEngine(empty, bench.clock, 'read'), 'catalog-missing');
  await openEngine(empty, bench.clock).close();
  bench.engine = restoredEngine(bench);
  assert.equal(bench.paths().length, 120);
});

function restoredEngine(bench: Bench): Bench['engine'] {
  restoreCheckpoint(bench.home, bench.clock);
  return openEngine(bench.home, bench.clock);
}

test('going back to a checkpoint takes the newest whole one, and the next run catches up without doubling anything', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a1', 'b.txt': 'b1' } });
  await bench.syncDone();
  bench.clock.advance(7 * hour);
  bench.write('a.txt', 'a2');
  await bench.syncDone();
  assert.equal(listCheckpoints(bench.home).length, 2);
  bench.write('a.txt', 'a3');
  bench.remove('b.txt');
  bench.write('c.txt', 'c1');
  await bench.syncDone();
  const known = ['a.txt', 'b.txt', 'c.txt'].map((name) => bench.versions(name).map(plain));
  const tally = bench.engine.catalog.sources.tally(bench.source.id);
  await bench.engine.close();

  const newest = listCheckpoints(bench.home)[0]?.file ?? '';
  const bytes = fs.readFileSync(newest);
  for (let page = 2; page < bytes.length / 4096 - 1; page += 2) bytes.fill(0x5a, page * 4096, page * 4096 + 64);
  fs.writeFileSync(newest, bytes);
  fs.truncateSync(catalogPath(bench.home), 1_000);
  bench.engine = restoredEngine(bench);
  assert.equal(bench.versions('a.txt').length, 1, 'the older checkpoint');

  bench.engine.catalog.sources.lookFirstEverywhere();
  bench.write('d.txt', 'd1');
  await bench.syncDone();
  bench.assertStoreShowsSource();
  assert.deepEqual(
    ['a.txt', 'b.txt', 'c.txt'].map((name) => bench.versions(name).map(plain)),
    known,
  );
  const now = bench.engine.catalog.sources.tally(bench.source.id);
  assert.deepEqual([now.files, now.versions], [tally.files + 1, tally.versions + 1]);
  await bench.syncDone();
});

function plain(version: ReturnType<Bench['versions']>[number]): string {
  const { number, sha256, firstSeen, supersededAt, copies } = version;
  return [number, sha256, firstSeen, supersededAt, copies.map((copy) => copy.state)].join(' ');
}

test('where every checkpoint is damaged, going back is refused and nothing is moved', async (t) => {
  const bench = await closedBench(t);
  for (const { file } of listCheckpoints(bench.home)) fs.truncateSync(file, 3_000);
  assertRefused(() => restoreCheckpoint(bench.home, bench.clock), 'catalog-missing');
  for (const { file } of listCheckpoints(bench.home)) fs.truncateSync(file, 0);
  assertRefused(() => restoreCheckpoint(bench.home, bench.clock), 'catalog-missing');
  bench.engine = openEngine(bench.home, bench.clock);
  assert.equal(bench.paths().length, 120);
});

test('a second process is refused for writing, can read, and takes over when the first was killed', async (t) => {
  const bench = await closedBench(t);
  const kit = path.join(import.meta.dirname, 'kit.ts');
  const script = `import { openEngine } from ${JSON.stringify(kit)};
    openEngine(${JSON.stringify(bench.home)}, { now: () => 1_700_000_000_000 });
    console.log('open'); setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const refusal = assertRefused(() => openEngine(bench.home, bench.clock), 'catalog-busy');
  assert.match(refusal.message, new RegExp(`process ${child.pid}`));
  assertRefused(() => restoreCheckpoint(bench.home, bench.clock), 'catalog-busy');
  for (const mode of ['read', 'read-or-write'] as const) {
    const reader = openEngine(bench.home, bench.clock, mode);
    assert.equal(reader.writing, false);
    assert.equal(reader.catalog.sources.tally(1).files, 120);
    assert.throws(() => reader.catalog.sources.setMounted(1, true));
    await reader.close();
  }
  child.kill('SIGKILL');
  await once(child, 'close');
  bench.engine = openEngine(bench.home, bench.clock);
  await bench.syncDone();
});

test('migrations run each in one transaction; one that fails leaves the catalog as it was; a newer one is refused', async (t) => {
  const bench = await closedBench(t);
  const file = catalogPath(bench.home);
  const database = (): Database.Database => new Database(file);
  const newer = database();
  newer.exec(`PRAGMA user_version = ${migrations.length + 1}`);
  newer.close();
  for (const mode of ['write', 'read'] as const)
    assertRefused(() => openEngine(bench.home, bench.clock, mode), 'catalog-too-new');
  const back = database();
  back.exec(`PRAGMA user_version = ${migrations.length}`);
  back.close();

  const list = migrations as { number: number; why: string; sql: string }[];
  const number = list.length + 1;
  list.push({ number, why: 'fails half-way', sql: 'CREATE TABLE half (a) STRICT; INSERT INTO nowhere VALUES (1)' });
  try {
    assert.throws(() => openEngine(bench.home, bench.clock));
  } finally {
    list.pop();
  }
  const after = database();
  assert.equal(after.pragma('user_version', { simple: true }), migrations.length);
  assert.equal(after.prepare(`SELECT count(*) AS n FROM sqlite_master WHERE name = 'half'`).pluck().get(), 0);
  after.close();

  list.push({ number, why: 'a step of the future', sql: 'CREATE TABLE whole (a INTEGER) STRICT' });
  try {
    bench.engine = openEngine(bench.home, bench.clock);
    assert.equal(bench.paths().length, 120, 'nothing is lost by a step');
    await bench.engine.close();
  } finally {
    list.pop();
  }
  assertRefused(() => openEngine(bench.home, bench.clock), 'catalog-too-new');
});

test('what is recorded once stays: events can be neither changed nor removed, not even by another program', async (t) => {
  const bench = await closedBench(t);
  const database = new Database(catalogPath(bench.home));
  assert.throws(() => database.exec(`UPDATE events SET detail = '{}'`), /append-only/);
  assert.throws(() => database.exec('DELETE FROM events'), /append-only/);
  database.close();
});

test('a catalog that a first start was killed over is begun again; a home that is no folder is refused', async (t) => {
  const home = path.join(tempFolder(t), 'home');
  fs.mkdirSync(home);
  fs.writeFileSync(catalogPath(home), '');
  assertRefused(() => openEngine(home, new SetClock(), 'read'), 'catalog-missing');
  await openEngine(home, new SetClock()).close();
  await openEngine(home, new SetClock(), 'read').close();
  fs.truncateSync(catalogPath(home), 0);
  assertRefused(() => openEngine(home, new SetClock()), 'catalog-damaged');
  const file = path.join(tempFolder(t), 'a file');
  fs.writeFileSync(file, '');
  assertRefused(() => openEngine(file, new SetClock()), 'disk-read-only');
});

test('a removed store’s number is never another’s, and events tell names as they were', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a' } });
  const { catalog } = bench.engine;
  const folder = (name: string): string => path.join(tempFolder(t), name);
  const add = (name: string): Promise<{ id: number; name: string }> =>
    bench.engine.addStore({ kind: 'folder', path: folder(name) }, { name, signal: AbortSignal.timeout(60_000) });
  const former = await add('Special Collections');
  await bench.engine.removeStore(catalog.stores.get(former.name));
  const latter = await add('Copies');
  assert.ok(latter.id > former.id);
  const told = catalog.events.latest(3).map(({ kind, store, detail }) => [kind, store ?? detail['name']]);
  assert.deepEqual(told, [
    ['store-added', 'Copies'],
    ['store-removed', 'Special Collections'],
    ['store-added', 'Special Collections'],
  ]);
  // Nor after a new start with the highest number free.
  await bench.engine.removeStore(catalog.stores.get(latter.name));
  await bench.reopen();
  assert.ok((await add('Third')).id > latter.id);
});

test('a catalog in which a number was given twice is told apart when it is brought up to date', (t) => {
  const file = catalogPath(tempFolder(t));
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const old = new Database(file);
  for (const { sql } of migrations.filter(({ number }) => number <= 4)) old.exec(sql);
  old.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = 4;`);
  const event = old.prepare('INSERT INTO events (at, kind, store_id, detail) VALUES (?, ?, ?, ?)');
  event.run(10, 'store-added', 1, JSON.stringify({ spec: 'folder:/disks/special' }));
  event.run(20, 'fixity-failed', 1, '{}');
  event.run(30, 'store-removed', null, JSON.stringify({ name: 'Special Collections', spec: 'folder:/disks/special' }));
  event.run(40, 'store-added', 1, JSON.stringify({ spec: 'folder:/disks/copies' }));
  event.run(50, 'fixity-failed', 1, '{}');
  old
    .prepare('INSERT INTO stores (id, name, spec, created_at) VALUES (1, ?, ?, 40)')
    .run('Copies', JSON.stringify({ kind: 'folder', path: '/disks/copies' }));
  old.exec(`
    INSERT INTO sources (id, uuid, name, root, rules, created_at) VALUES (1, 'u', 'Scans', '/scans', '{"exclude":[],"include":[],"defaults":true}', 1);
    INSERT INTO folders (id, source_id, path, name) VALUES (1, 1, '', '');
    INSERT INTO files (id, folder_id, name) VALUES (1, 1, 'gone.txt');
    INSERT INTO versions (file_id, number, sha256, size, mtime_ns, mode, first_seen) VALUES
      (1, 1, x'00', 1, 0, 0, 1), (1, 2, NULL, 0, 0, 0, 2);
    INSERT INTO source_tallies VALUES (1, 0, 0, 2);
  `);
  old.close();
  const engine = openEngine(path.dirname(file), new SetClock());
  atEnd(t, () => engine.close());
  const stores = engine.catalog.events.latest(10).map(({ at, store }) => [at, store]);
  assert.deepEqual(stores, [
    [50, 'Copies'],
    [40, 'Copies'],
    [30, null],
    [20, 'Special Collections'],
    [10, 'Special Collections'],
  ]);
  assert.equal(engine.catalog.sources.tally(1).versions, 1, 'a deletion is no version');
  const raw = new Database(file);
  t.after(() => raw.close());
  assert.throws(() => raw.exec('UPDATE events SET store_name = NULL'), /append-only/);
});
