import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import { SmallDisk } from '../lab/small-disk.ts';
import { Desk } from './kit.ts';

function deskWithFiles(context: TestContext): Desk {
  const desk = Desk.make(context);
  for (let number = 0; number < 30; number += 1) desk.write(`scans/${number}.bin`, Buffer.alloc(100_000, number + 1));
  return desk;
}

test('a folder store on a full disk: says so, leaves nothing half, the other store carries on, and the next run resumes', async (context) => {
  const desk = deskWithFiles(context);
  const disk = await SmallDisk.make(context, desk.folder, desk.at('disks/small'), '8m');
  const { under } = disk;
  disk.fill(1000);
  const spec = `folder://${disk.folder}/copies`;
  const result = await desk.json('protect', ['scans', '--to', spec, '--to', desk.disk('second')], 1, { under });
  const [run] = result.runs;
  assert.deepEqual([...new Set(run?.problems.map(({ code }) => code))], ['store-full']);
  assert.equal(run?.problems.length, 1, 'said once, not for every file');
  assert.match(run.problems[0]?.message ?? '', /The store "copies".*full/);
  assert.ok((run.problems[0]?.advice ?? '').length > 10);
  assert.equal(run.stores.find(({ store }) => store === 'second')?.copied, 30);
  const sizes = disk.sh(`find '${disk.folder}/copies/files' -type f -printf '%s\\n' | sort -u`).trim();
  assert.ok(sizes === '100000' || sizes === '', `nothing half under a final name: ${sizes}`);
  disk.free();
  const next = await desk.sync([], 0, { under });
  assert.equal(next.outcome, 'done');
  assert.equal(disk.sh(`find '${disk.folder}/copies/files' -type f | wc -l`).trim(), '30');
});

test('a restore onto a full disk stops, leaves nothing half under a final name, and goes on when there is room', async (context) => {
  const desk = deskWithFiles(context);
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  const disk = await SmallDisk.make(context, desk.folder, desk.at('small'), '8m');
  const { under } = disk;
  disk.fill(1000);
  const told = await desk.fails(['restore', 'scans', '--into', `${disk.folder}/out`], 'disk-full', 1, { under });
  assert.match(told.advice ?? '', /Make room there, then run the same command again/);
  const found = disk.sh(`find '${disk.folder}/out' -name '*.bin' -printf '%s\\n' | sort -u`).trim();
  assert.ok(found === '100000' || found === '', `nothing half under a final name: ${found}`);
  disk.free();
  const result = await desk.json('restore', ['scans', '--into', `${disk.folder}/out`], 0, { under });
  assert.equal(result.restored + result.same, 30);
  assert.equal(disk.sh(`ls -A '${disk.folder}/out' | wc -l`).trim(), '30', 'no partial file is left');
});

test('a full disk under the catalog: says so, and nothing that was recorded is lost', async (context) => {
  const desk = deskWithFiles(context);
  const disk = await SmallDisk.make(context, desk.folder, desk.at('small'), '4m');
  const options = { under: disk.under, env: { STRONGROOM_HOME: `${disk.folder}/home` } };
  await desk.json('protect', ['scans', '--to', desk.disk('second')], 0, options);
  for (let number = 0; number < 4000; number += 1)
    fs.writeFileSync(desk.at(`scans/${'long name '.repeat(12)}${number}.txt`), `${number}`);
  disk.fill(100);
  const ended = await desk.run(['sync'], options);
  assert.notEqual(ended.code, 0);
  assert.match(ended.err + ended.out, /disk.* full|could not be written|no (room|space)/i);
  assert.doesNotMatch(ended.err, /^\s+at .*\.ts:/m, 'told as a sentence, not as a stack');
  disk.free();
  disk.sh(`mount -o remount,size=64m '${disk.folder}'`);
  const next = await desk.sync([], 0, options);
  assert.deepEqual([next.outcome, next.seen], ['done', 4030]);
  assert.equal((await desk.json('catalog check', [], 0, options)).whole, true);
  assert.equal(fs.readdirSync(desk.at('disks/second/files/scans')).length, 4030);
});

test('disks that became read-only: a store, a home and a restore target', async (context) => {
  const desk = deskWithFiles(context);
  const disk = await SmallDisk.make(context, desk.folder, desk.at('disks/small'), '8m');
  const { under } = disk;
  await desk.json('protect', ['scans', '--to', `folder://${disk.folder}/copies`, '--to', desk.disk('second')], 0, {
    under,
  });
  disk.sh(`mount -o remount,ro '${disk.folder}'`);
  desk.write('scans/new.txt', 'new');
  const run = await desk.sync([], 1, { under });
  assert.deepEqual(
    run.problems.map(({ code, subject }) => [code, subject]),
    [['store-read-only', 'copies']],
  );
  assert.equal(desk.read('disks/second/files/scans/new.txt'), 'new');
  assert.equal(
    (await desk.json('restore', ['scans:0.bin', '--from', 'copies', '--into', 'out'], 0, { under })).restored,
    1,
  );
  await desk.fails(['restore', 'scans', '--into', `${disk.folder}/out`], 'disk-read-only', 1, { under });
  await desk.fails(['sync'], 'disk-read-only', 1, { under, env: { STRONGROOM_HOME: `${disk.folder}/home` } });
  disk.sh(`mount -o remount,rw '${disk.folder}'`);
  assert.equal((await desk.sync([], 0, { under })).outcome, 'done');
});
