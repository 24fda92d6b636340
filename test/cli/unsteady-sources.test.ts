import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Desk, withoutPrivileges } from './kit.ts';

/** A source of three files in two folders, protected on a second disk. */
async function protectedDesk(context: Parameters<typeof Desk.make>[0]): Promise<Desk> {
  const desk = Desk.make(context);
  for (const name of ['a.txt', 'box/b.txt', 'box/c.txt']) desk.write(`scans/${name}`, name);
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  return desk;
}

/** Expects a run that says what is wrong, and that nothing of it was taken for a deletion. */
async function expectProblem(
  desk: Desk,
  code: string,
  outcome: string,
  says: RegExp,
  under: readonly string[] = [],
): Promise<void> {
  const run = await desk.sync([], 1, { under });
  assert.equal(run.outcome, outcome);
  assert.equal(run.problems[0]?.code, code);
  assert.match(run.problems[0].message, says);
  assert.ok((run.problems[0].advice ?? '').length > 20, 'a next step is offered');
  assert.equal(run.deleted, 0);
  assert.match(await desk.text(['sync'], 1, { under }), says);
  assert.equal((await desk.json('status', [], 1)).safe, false);
  const versions = (await desk.json('versions', ['scans:box/b.txt'])).versions;
  assert.deepEqual(
    versions.map(({ deleted }) => deleted),
    [false],
    'no deletion is recorded',
  );
  assert.equal(desk.read('disks/second/files/scans/box/b.txt'), 'box/b.txt');
}

test('unreachable: says so, records no deletion, and goes on when it is back', async (context) => {
  const desk = await protectedDesk(context);
  fs.renameSync(desk.at('scans'), desk.at('away'));
  await expectProblem(desk, 'source-unreachable', 'failed', /scans is not there/);
  fs.writeFileSync(desk.at('scans'), 'a file in its place');
  await expectProblem(desk, 'source-not-a-folder', 'failed', /scans is not a folder/);
  fs.rmSync(desk.at('scans'));
  fs.renameSync(desk.at('away'), desk.at('scans'));
  assert.equal((await desk.sync()).unchanged, 3);
  assert.equal((await desk.json('status')).safe, true);
});

test('suddenly empty: says so, and records no deletion', async (context) => {
  const desk = await protectedDesk(context);
  fs.rmSync(desk.at('scans'), { recursive: true });
  fs.mkdirSync(desk.at('scans'));
  await expectProblem(desk, 'source-emptied', 'failed', /scans is empty, but 3 files are known in it/);
});

test('not readable any more: says so, and records no deletion', async (context) => {
  const desk = await protectedDesk(context);
  fs.chmodSync(desk.at('scans'), 0);
  await expectProblem(desk, 'source-unreadable', 'failed', /scans may not be read/, withoutPrivileges);
});

test('half readable: what can be read is protected, what cannot is listed and kept', async (context) => {
  const desk = await protectedDesk(context);
  fs.chmodSync(desk.at('scans/box'), 0);
  fs.rmSync(desk.at('scans/a.txt'));
  desk.write('scans/new.txt', 'new');
  const run = await desk.sync([], 1, { under: withoutPrivileges });
  assert.equal(run.outcome, 'incomplete');
  assert.deepEqual(
    run.problems.map(({ code, subject }) => [code, subject]),
    [['file-unreadable', 'box']],
  );
  assert.deepEqual([run.added, run.deleted], [1, 1], 'what was really seen is recorded');
  assert.deepEqual((await desk.json('ls', ['scans'])).folders, [{ name: 'box' }]);
  const text = await desk.text(['sync'], 1, { under: withoutPrivileges });
  assert.match(text, /NOT wholly protected[^]*1 problem:\n {2}- The folder "box" may not be read \(EACCES\)/);
  assert.match(await desk.text(['runs', 'scans', '--problems']), /The folder "box" may not be read/);
  fs.chmodSync(desk.at('scans/box'), 0o700);
  assert.equal((await desk.sync()).outcome, 'done');
});

test('half gone: a mass change stops, says what it saw, and goes on when a person accepts it', async (context) => {
  const desk = Desk.make(context);
  for (let number = 0; number < 200; number += 1) desk.write(`scans/box/page-${number}.txt`, `page ${number}`);
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  for (let number = 0; number < 60; number += 1) desk.write(`scans/box/page-${number}.txt`, 'encrypted!');
  for (let number = 60; number < 120; number += 1) fs.rmSync(desk.at(`scans/box/page-${number}.txt`));

  const run = await desk.sync([], 3);
  assert.equal(run.outcome, 'needs-approval');
  assert.deepEqual([run.questioned?.changed, run.questioned?.gone, run.questioned?.of], [60, 60, 200]);
  assert.equal(desk.read('disks/second/files/scans/box/page-1.txt'), 'page 1', 'the good copy is as it was');
  const text = await desk.text(['sync'], 3);
  assert.match(text, /60 changed and 60 gone of 200 files[^]*box\/page-[^]*strongroom sync scans --accept-changes/);
  assert.equal((await desk.json('status', [], 1)).safe, false);
  assert.ok((await desk.json('events')).events.some(({ kind }) => kind === 'mass-change-stopped'));

  const accepted = await desk.sync(['scans', '--accept-changes']);
  assert.deepEqual([accepted.outcome, accepted.changed, accepted.deleted], ['done', 60, 60]);
  assert.equal((await desk.json('versions', ['scans:box/page-1.txt'])).versions.length, 2);
});

test('content that changed under the same time is found by --rehash and does not supersede the good copy', async (context) => {
  const desk = await protectedDesk(context);
  const file = desk.at('scans/a.txt');
  const { mtime, atime } = fs.statSync(file);
  fs.writeFileSync(file, 'A.TXT');
  fs.utimesSync(file, atime, mtime);
  const run = await desk.sync(['--rehash'], 1);
  assert.deepEqual(
    run.problems.map(({ code, subject }) => [code, subject]),
    [['suspected-decay', 'a.txt']],
  );
  assert.equal(desk.read('disks/second/files/scans/a.txt'), 'a.txt');
  const status = await desk.json('status', [], 1);
  assert.equal(status.sources[0]?.suspects, 1);
  assert.match(await desk.text(['status'], 1), /1 file changed although size and time did not/);

  // The way out that is offered: the good copy back in its place.
  await desk.json('restore', ['scans:a.txt', '--conflict', 'overwrite']);
  assert.equal(desk.read('scans/a.txt'), 'a.txt');
  assert.equal((await desk.sync(['--rehash'])).outcome, 'done');
  assert.equal((await desk.json('status')).safe, true);
});
