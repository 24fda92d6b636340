import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { Desk, endOf, treeOf, until, withoutPrivileges } from './kit.ts';

/** A source with a file in three versions and one deleted, on one disk, and the instants between. */
async function deskWithHistory(
  context: Parameters<typeof Desk.make>[0],
): Promise<{ desk: Desk; instants: string[]; firstMtimeUs: bigint | undefined }> {
  const desk = Desk.make(context);
  const instants: string[] = [];
  // Odd microseconds, a time before 1970, a mode of its own.
  desk.write('scans/box/page.txt', 'first', 1_700_000_000.123457);
  desk.write('scans/box/deep/old.txt', 'old', -86_400.5);
  desk.write('scans/gone.txt', 'gone later');
  desk.write('scans/run.sh', 'echo', 1_600_000_000.000001);
  fs.mkdirSync(desk.at('scans/empty'));
  fs.chmodSync(desk.at('scans/run.sh'), 0o750);
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  const firstMtimeUs = treeOf(desk.at('scans')).get('box/page.txt')?.mtimeUs;
  const mark = async () => {
    await wait(2);
    instants.push(new Date().toISOString());
    await wait(2);
  };
  await mark();
  desk.write('scans/box/page.txt', 'second', 1_700_000_100.5);
  fs.rmSync(desk.at('scans/gone.txt'));
  await desk.sync();
  await mark();
  desk.write('scans/box/page.txt', 'third', 1_700_000_200);
  await desk.sync();
  return { desk, instants, firstMtimeUs };
}

test('one file, a folder and a source, into another folder, with times and mode', async (context) => {
  const { desk } = await deskWithHistory(context);
  assert.match(await desk.text(['restore', 'scans', '--into', 'all']), /Restored 3 files \(12 B\) to .*\/all\./);
  assert.deepEqual(treeOf(desk.at('all')), treeOf(desk.at('scans')));
  assert.ok(fs.existsSync(desk.at('all/empty')), 'empty folders come back');
  assert.match(await desk.text(['restore', 'scans', '--into', 'all']), /Restored 0 files[^]*3 files there already/);

  await desk.json('restore', ['scans:box', '--into', 'folder']);
  assert.deepEqual([...treeOf(desk.at('folder')).keys()], ['box/deep/old.txt', 'box/page.txt']);
  await desk.json('restore', ['scans:box/deep', '--into', 'deeper']);
  assert.deepEqual([...treeOf(desk.at('deeper')).keys()], ['deep/old.txt']);
  const one = await desk.json('restore', ['scans:box/page.txt', '--into', 'one']);
  assert.deepEqual([one.restored, one.bytes, one.target], [1, 5, desk.at('one')]);
  assert.equal(desk.read('one/page.txt'), 'third');
});

test('as of a time, and by version', async (context) => {
  const { desk, instants, firstMtimeUs } = await deskWithHistory(context);
  const [first = '', second = ''] = instants;
  await desk.json('restore', ['scans', '--at', first, '--into', 'first']);
  assert.deepEqual([desk.read('first/box/page.txt'), desk.read('first/gone.txt')], ['first', 'gone later']);
  assert.equal(treeOf(desk.at('first')).get('box/page.txt')?.mtimeUs, firstMtimeUs, 'to the microsecond');
  assert.equal(fs.statSync(desk.at('first/box/deep/old.txt')).mtimeMs, -86_400_500);
  await desk.json('restore', ['scans', '--at', second, '--into', 'second']);
  assert.equal(desk.read('second/box/page.txt'), 'second');
  assert.ok(!fs.existsSync(desk.at('second/gone.txt')));
  const listing = await desk.json('ls', ['scans', '--at', first]);
  assert.ok(listing.files.some(({ name }) => name === 'gone.txt'));

  for (const [version, content] of [
    ['1', 'first'],
    ['2', 'second'],
    ['3', 'third'],
  ] as const) {
    await desk.json('restore', ['scans:box/page.txt', '--version', version, '--into', `v${version}`]);
    assert.equal(desk.read(`v${version}/page.txt`), content);
  }
  await desk.json('restore', ['scans:gone.txt', '--version', '1', '--into', 'v1']);
  assert.equal(desk.read('v1/gone.txt'), 'gone later');
  for (const args of [['--version', '2'], ['--version', '9'], []])
    await desk.fails(['restore', 'scans:gone.txt', ...args], 'unknown-name', 2);
  for (const at of ['yesterday', '2 hours ago', '2001-01-01'])
    await desk.fails(['restore', 'scans:gone.txt', '--at', at], 'unknown-name', 2);
  await desk.fails(['restore', 'scans', '--at', 'sometime'], 'usage', 2);
  for (const wrong of [
    ['--version', '0'],
    ['--version', 'x'],
    ['--version', '1', '--at', 'now'],
    ['--conflict', 'maybe'],
  ])
    await desk.fails(['restore', 'scans:box/page.txt', ...wrong], 'usage', 2);
  await desk.fails(['restore', 'scans', '--from', 'nowhere'], 'unknown-name', 2);
});

test('into its own place, where another file lies: skip, keep both, overwrite', async (context) => {
  const { desk } = await deskWithHistory(context);
  desk.write('scans/box/page.txt', 'being worked on');
  fs.rmSync(desk.at('scans/run.sh'));
  const skipped = await desk.json('restore', ['scans'], 1);
  assert.deepEqual([skipped.restored, skipped.same, skipped.kept], [1, 1, ['box/page.txt']]);
  assert.equal(fs.statSync(desk.at('scans/run.sh')).mode & 0o777, 0o750);
  assert.equal(desk.read('scans/box/page.txt'), 'being worked on');
  assert.match(await desk.text(['restore', 'scans:box'], 1), /1 file NOT restored[^]*keep-both[^]*box\/page\.txt/);

  const both = await desk.json('restore', ['scans:box/page.txt', '--conflict', 'keep-both']);
  assert.match(both.renamed[0]?.as ?? '', /^box\/page \(restored .*\)\.txt$/);
  assert.equal(desk.read(`scans/${both.renamed[0]?.as ?? ''}`), 'third');
  assert.equal(desk.read('scans/box/page.txt'), 'being worked on');

  await desk.json('restore', ['scans:box/page.txt', '--conflict', 'overwrite']);
  assert.equal(desk.read('scans/box/page.txt'), 'third');
});

test('a link in the place is never followed', async (context) => {
  const { desk } = await deskWithHistory(context);
  desk.write('precious/page.txt', 'precious');
  fs.mkdirSync(desk.at('out'));
  fs.symlinkSync(desk.at('precious'), desk.at('out/box'));
  const result = await desk.json('restore', ['scans', '--into', 'out', '--conflict', 'overwrite'], 1);
  assert.ok(result.failed.length > 0 && result.failed.every(({ code }) => code === 'unsafe-path'));
  assert.equal(desk.read('precious/page.txt'), 'precious');
  assert.equal(desk.read('out/run.sh'), 'echo', 'the rest is restored');
  fs.rmSync(desk.at('out/run.sh'));
  fs.symlinkSync(desk.at('precious/page.txt'), desk.at('out/run.sh'));
  await desk.json('restore', ['scans:run.sh', '--into', 'out', '--conflict', 'overwrite']);
  assert.equal(desk.read('precious/page.txt'), 'precious');
  assert.ok(fs.lstatSync(desk.at('out/run.sh')).isFile());
});

test('from a given store, and from another when one fails', async (context) => {
  const { desk } = await deskWithHistory(context);
  await desk.json('protect', ['scans', '--to', desk.disk('third')]);
  fs.renameSync(desk.at('disks/second'), desk.at('disks/away'));
  const fallen = await desk.json('restore', ['scans', '--into', 'any']);
  assert.equal(fallen.restored, 3);
  const refused = await desk.json('restore', ['scans', '--from', 'second', '--into', 'given'], 1);
  assert.equal(refused.restored, 0);
  assert.match(refused.failed[0]?.message ?? '', /second: There is no Strongroom store/);
  assert.equal((await desk.json('restore', ['scans', '--from', 'third', '--into', 'given'])).restored, 3);
});

test('a target that may not be written to is named, and nothing is left in it', async (context) => {
  const { desk } = await deskWithHistory(context);
  fs.mkdirSync(desk.at('closed'), { mode: 0o500 });
  const told = await desk.fails(['restore', 'scans', '--into', 'closed'], 'disk-read-only', 1, {
    under: withoutPrivileges,
  });
  assert.match(told.advice ?? '', /--into/);
  assert.deepEqual(fs.readdirSync(desk.at('closed')), []);
});

test('killed in the middle of a big file: goes on where it was, and leaves no half file', async (context) => {
  const desk = Desk.make(context);
  const big = Buffer.alloc(64 * 1024 * 1024, 'big file of the test ');
  desk.write('scans/big.bin', big);
  desk.write('scans/small.txt', 'small');
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  await desk.json('store limit', ['second', '--download', '20M']);

  const killed = desk.start(['restore', 'scans', '--into', 'out']);
  const ended = endOf(killed);
  const partial = () =>
    fs.readdirSync(desk.folder).includes('out')
      ? fs
          .readdirSync(desk.at('out'))
          .find((name) => name.endsWith('.partial') && fs.statSync(desk.at('out', name)).size >= 8_000_000)
      : undefined;
  await until('a part of the file is there', () => partial() !== undefined);
  killed.kill('SIGKILL');
  await ended;
  assert.ok(!fs.existsSync(desk.at('out/big.bin')), 'nothing half under the final name');
  const begun = fs.statSync(desk.at('out', partial() ?? '')).size;

  await desk.json('store limit', ['second', '--download', 'none']);
  await desk.json('restore', ['scans', '--into', 'out', '--log', desk.at('log')]);
  const requests = fs.readFileSync(desk.at('log'), 'utf8').trim().split('\n');
  const told = z.looseObject({ path: z.string().optional(), bytes: z.number().optional() });
  const ofBig = requests.map((line) => told.parse(JSON.parse(line))).filter((request) => request.path === 'big.bin');
  const bytes = ofBig.reduce((sum, request) => sum + (request.bytes ?? 0), 0);
  assert.equal(bytes, big.length - begun, 'only what was missing is read');
  assert.ok(fs.readFileSync(desk.at('out/big.bin')).equals(big));
  assert.deepEqual(fs.readdirSync(desk.at('out')).sort(), ['big.bin', 'small.txt']);
  const again = await desk.json('restore', ['scans', '--into', 'out']);
  assert.deepEqual([again.restored, again.same], [0, 2]);
});
