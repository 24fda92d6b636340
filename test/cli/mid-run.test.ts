import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Desk, treeOf, withoutPrivileges } from './kit.ts';

const preload = path.join(import.meta.dirname, 'mid-run.preload.ts');

test('files deleted, made unreadable, or growing in the middle of a run are listed; the run goes on', async (context) => {
  const desk = Desk.make(context);
  for (const name of ['vanishes.txt', 'closes.txt', 'grows.txt', 'steady.txt']) desk.write(`scans/box/${name}`, name);
  const result = await desk.json('protect', ['scans', '--to', desk.disk('second')], 1, {
    preload,
    under: withoutPrivileges,
  });
  const [run] = result.runs;
  assert.equal(run?.outcome, 'incomplete');
  assert.deepEqual(run.problems.map(({ code, subject }) => [subject, code]).sort(), [
    ['box/closes.txt', 'file-unreadable'],
    ['box/grows.txt', 'file-changing'],
    ['box/vanishes.txt', 'file-vanished'],
  ]);
  assert.ok(run.problems.every(({ advice }) => (advice ?? '').length > 10));
  assert.deepEqual(
    [...treeOf(desk.at('disks/second/files/scans')).keys()],
    ['box/steady.txt'],
    'nothing half is stored',
  );
  assert.match(await desk.text(['runs', '--problems']), /"box\/grows\.txt" kept changing while it was read/);
  assert.equal((await desk.json('status', [], 1)).safe, false);

  fs.chmodSync(desk.at('scans/box/closes.txt'), 0o600);
  const next = await desk.sync([], 0, { under: withoutPrivileges });
  assert.deepEqual([next.outcome, next.added], ['done', 2]);
  assert.deepEqual(
    treeOf(desk.at('disks/second/files/scans')).get('box/grows.txt')?.sha256,
    treeOf(desk.at('scans')).get('box/grows.txt')?.sha256,
  );
});

test('a big file that is replaced between reading and copying: never stored as what it is not', async (context) => {
  const desk = Desk.make(context);
  const old = Buffer.alloc(2_000_000, 'old');
  desk.write('scans/replaced.bin', old);
  desk.write('scans/steady.txt', 'steady');
  const result = await desk.json('protect', ['scans', '--to', desk.disk('second')], 1, { preload });
  assert.notEqual(result.runs[0]?.outcome, 'done');
  assert.ok(result.runs[0]?.problems.some(({ subject }) => subject === 'replaced.bin'));
  assert.equal(desk.read('disks/second/files/scans/steady.txt'), 'steady');
  const { versions } = await desk.json('versions', ['scans:replaced.bin']);
  assert.ok(versions.every(({ copies }) => copies.every(({ state }) => state === 'pending')));

  const last = async () => (await desk.run(['sync', '--json'])).code;
  await last();
  assert.equal(desk.read('disks/second/files/scans/replaced.bin'), 'the new content, which is another');
  assert.equal((await desk.json('verify', ['--deep'], 0)).audits[0]?.bad.length, 0);
});
