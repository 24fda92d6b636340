import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Desk, treeOf } from './kit.ts';

async function protectedDesk(context: Parameters<typeof Desk.make>[0]): Promise<Desk> {
  const desk = Desk.make(context);
  for (let number = 0; number < 50; number += 1) desk.write(`scans/box/page-${number}.txt`, `page ${number}`);
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  return desk;
}

/** Overwrites the middle of a file. */
function damage(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 3) + 20_000);
  fs.writeFileSync(file, bytes);
}

test('a damaged catalog stops every command, names itself, and the checkpoint that is offered works', async (context) => {
  const desk = await protectedDesk(context);
  desk.write('scans/later.txt', 'after the checkpoint');
  await desk.json('sync');
  damage(desk.at('home/catalog.db'));
  for (const args of [['status'], ['sync'], ['ls', 'scans'], ['restore', 'scans', '--into', 'out'], ['verify']]) {
    const told = await desk.fails(args, 'catalog-damaged', 5);
    assert.match(`${told.message} ${told.advice ?? ''}`, /catalog\.db.*strongroom catalog restore.*strongroom rebuild/);
  }
  assert.ok(!fs.existsSync(desk.at('out')));
  const check = await desk.json('catalog check', [], 5);
  assert.equal(check.whole, false);
  assert.ok(check.checkpoints.length > 0);

  const restored = await desk.json('catalog restore');
  assert.ok(fs.existsSync(restored.aside ?? ''), 'the damaged one is kept');
  const run = await desk.sync();
  assert.deepEqual(
    [run.outcome, run.unchanged, run.stores[0]?.copied],
    ['done', 51, 0],
    'what came later is read from the store',
  );
  assert.equal((await desk.json('versions', ['scans:later.txt'])).versions.length, 1);
  assert.equal((await desk.json('status')).safe, true);
});

test('a damaged catalog and damaged checkpoints: the rebuild that is offered works', async (context) => {
  const desk = await protectedDesk(context);
  damage(desk.at('home/catalog.db'));
  for (const name of fs.readdirSync(desk.at('home/checkpoints'))) damage(desk.at('home/checkpoints', name));
  const told = await desk.fails(['catalog', 'restore'], 'catalog-missing', 5);
  assert.match(told.advice ?? '', /strongroom rebuild --from/);
  await desk.fails(['rebuild', '--from', 'folder:///no/such/disk/copies'], 'store-not-found', 1);
  await desk.fails(['status'], 'catalog-damaged', 5);
  assert.ok(fs.existsSync(desk.at('home/checkpoints')), 'a rebuild that fails leaves everything as it was');
  await desk.json('rebuild', ['--from', desk.disk('second')]);
  assert.deepEqual([(await desk.sync()).unchanged, (await desk.json('status')).safe], [50, true]);
  assert.ok(
    fs.readdirSync(desk.home).some((name) => name.includes('set-aside')),
    'the damaged one is kept',
  );
});

test('a new catalog whose making was killed is refused, whichever door began it, until it was made once more', async (context) => {
  const desk = await protectedDesk(context);
  // As a kill leaves it: whole as a file, aware of its store, and of no source yet.
  const begun = Desk.make(context);
  await begun.json('store add', [desk.disk('second'), '--name', 'second']);
  fs.renameSync(desk.at('home/checkpoints'), desk.at('home/checkpoints.set-aside-1'));
  for (const name of ['catalog.db', 'catalog.stamp']) fs.copyFileSync(begun.at('home', name), desk.at('home', name));
  fs.writeFileSync(desk.at('home/catalog.unfinished'), '');
  for (const args of [['status'], ['sync'], ['ls', 'scans']]) {
    const told = await desk.fails(args, 'catalog-damaged', 5);
    assert.match(`${told.message} ${told.advice ?? ''}`, /broken off.*strongroom rebuild/);
  }
  assert.equal((await desk.json('catalog check', [], 5)).whole, false);
  await desk.fails(['rebuild', '--from', 'folder:///no/such/disk/copies'], 'store-not-found', 1);
  await desk.fails(['status'], 'catalog-damaged', 5);
  await desk.json('rebuild', ['--from', desk.disk('second')]);
  assert.ok(!fs.existsSync(desk.at('home/catalog.unfinished')));
  assert.deepEqual([(await desk.sync()).unchanged, (await desk.json('status')).safe], [50, true]);
});

test('a rebuild that fails leaves no mark on a catalog that is whole', async (context) => {
  const desk = await protectedDesk(context);
  await desk.fails(['rebuild', '--from', desk.disk('second')], 'name-taken', 2);
  assert.equal((await desk.json('status')).safe, true);
});

test('a catalog that is gone, or is something else, is never taken for an empty one', async (context) => {
  const desk = await protectedDesk(context);
  const file = desk.at('home/catalog.db');
  const bytes = fs.readFileSync(file);
  fs.rmSync(file);
  for (const args of [['status'], ['sync']]) {
    const told = await desk.fails(args, 'catalog-missing', 5);
    assert.match(`${told.message} ${told.advice ?? ''}`, /checkpoints are there.*strongroom catalog restore/);
  }
  assert.ok(!fs.existsSync(file));
  for (const content of [Buffer.from('not a database at all'), bytes.subarray(0, bytes.length - 5000)]) {
    fs.writeFileSync(file, content);
    await desk.fails(['sync'], 'catalog-damaged', 5);
    await desk.fails(['status'], 'catalog-damaged', 5);
    assert.deepEqual(fs.readFileSync(file), content, 'left as it is');
  }
  fs.rmSync(file);
  await desk.json('catalog restore');
  assert.equal((await desk.sync()).unchanged, 50);
});

test('a damaged journal in the store is named; rebuild falls back to the listing and says so', async (context) => {
  const desk = await protectedDesk(context);
  desk.write('scans/second-run.txt', 'second');
  await desk.json('sync');
  const journals = desk.at('disks/second/strongroom/sources/scans/journal');
  const [first = ''] = fs.readdirSync(journals).sort();
  const bytes = fs.readFileSync(path.join(journals, first));
  bytes[20] = (bytes[20] ?? 0) ^ 0xff;
  fs.writeFileSync(path.join(journals, first), bytes);
  fs.rmSync(desk.home, { recursive: true });
  const { sources } = await desk.json('rebuild', ['--from', desk.disk('second')], 1);
  assert.deepEqual([sources[0]?.files, sources[0]?.from], [51, 'journals and listing']);
  assert.match(sources[0]?.damagedJournals[0] ?? '', /journal\/0000000001/);
  await desk.json('restore', ['scans', '--into', 'out']);
  assert.deepEqual(treeOf(desk.at('out')), treeOf(desk.at('scans')));
  const run = await desk.sync();
  assert.deepEqual([run.outcome, run.stores[0]?.bytesSent], ['done', 0]);
});
