import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { isDefinedError } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Contract } from '../../shared/contract/contract.ts';
import type { Problem, RestoreEvent, RestoreRequest } from '../../shared/contract/shapes.ts';
import { Desk, withoutPrivileges } from '../cli/kit.ts';
import { SmallDisk } from '../lab/small-disk.ts';
import { windowAt } from './kit.ts';

/*
 * Restoring from the window onto disks and folders that really refuse: the service under the same system calls as ever,
 * in a process that has the disk, or for which permissions hold.
 */
type Window = ContractRouterClient<Contract>;
type Done = Extract<RestoreEvent, { type: 'done' }>;

async function deskWithCopies(context: TestContext): Promise<Desk> {
  const desk = Desk.make(context);
  for (let number = 0; number < 30; number += 1) desk.write(`scans/${number}.bin`, Buffer.alloc(100_000, number + 1));
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  return desk;
}

async function serve(context: TestContext, desk: Desk, under: readonly string[]): Promise<Window> {
  const serving = desk.start(['serve', '--json'], { under });
  context.after(() => serving.kill('SIGKILL'));
  const { stdout } = serving;
  assert.ok(stdout !== null);
  const [line] = (await once(stdout, 'data')) as [Buffer];
  return windowAt(context, (JSON.parse(line.toString()) as { readonly address: string }).address);
}

function everything(into: string): RestoreRequest {
  return { source: 'scans', items: [{ path: '', version: null }], at: null, into, conflict: 'keep-both' };
}

async function restore(window: Window, request: RestoreRequest): Promise<Done> {
  let last: RestoreEvent | undefined;
  for await (const event of await window.restore.start(request)) last = event;
  assert.ok(last?.type === 'done');
  return last;
}

/** Expects that a restore is refused before anything is done, as its plan said. */
async function refused(window: Window, request: RestoreRequest): Promise<Problem> {
  const { hindrance } = await window.restore.plan(request);
  const error: unknown = await restore(window, request).then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error && isDefinedError(error), String(error));
  const { data } = error as unknown as { readonly data: Problem };
  assert.deepEqual([hindrance?.code, hindrance?.subject], [data.code, data.subject]);
  return data;
}

test('a full disk and a read-only one: what was restored is whole and told, and the rest comes when it can', async (context) => {
  const desk = await deskWithCopies(context);
  const disk = await SmallDisk.make(context, desk.folder, desk.at('small'), '8m');
  const window = await serve(context, desk, disk.under);
  const request = everything(`${disk.folder}/out`);
  disk.fill(1_000);
  const full = await restore(window, request);
  assert.equal(full.stopped?.code, 'disk-full');
  assert.match(full.stopped.message, /^The disk is full: “\d+\.bin” could not be written\.$/);
  assert.match(
    full.stopped.advice ?? '',
    /^Make room there, or choose a folder on another disk; then restore again\.$/,
  );
  assert.ok(full.restored > 0 && full.restored < 30, String(full.restored));
  assert.deepEqual([full.restored + full.left, full.failedFiles], [30, 0]);
  const whole = (): string[] => disk.sh(`find '${disk.folder}/out' -type f -printf '%s %f\\n'`).trim().split('\n');
  assert.equal(whole().length, full.restored, 'nothing half, nothing hidden, and as many as were told');
  assert.ok(
    whole().every((line) => /^100000 \d+\.bin$/.test(line)),
    whole().join(),
  );

  disk.free();
  disk.sh(`mount -o remount,ro '${disk.folder}'`);
  // One that is yet to be made is told by the folder that it would be made in.
  for (const [into, told] of [
    ['/out', '/out'],
    ['/new/folder', ''],
  ] as const) {
    const { code, message, advice } = await refused(window, everything(`${disk.folder}${into}`));
    assert.deepEqual([code, message], ['disk-read-only', `Nothing can be written to ${disk.folder}${told}.`]);
    assert.match(advice ?? '', /^Choose another folder, or ask whoever looks after it/);
  }
  assert.equal(whole().length, full.restored);
  disk.sh(`mount -o remount,rw '${disk.folder}'`);
  const rest = await restore(window, request);
  assert.deepEqual([rest.restored, rest.same, rest.stopped], [30 - full.restored, full.restored, undefined]);
});

test('a folder that may not be written to is refused; one that is met on the way ends it, with what came before', async (context) => {
  const desk = await deskWithCopies(context);
  desk.write('scans/closed/z.bin', 'behind a closed door');
  await desk.sync();
  const window = await serve(context, desk, withoutPrivileges);
  fs.mkdirSync(desk.at('closed'), { mode: 0o500 });
  assert.equal((await refused(window, everything(desk.at('closed')))).code, 'disk-read-only');
  assert.deepEqual(fs.readdirSync(desk.at('closed')), []);

  const into = desk.at('open');
  fs.mkdirSync(path.join(into, 'closed'), { recursive: true });
  fs.chmodSync(path.join(into, 'closed'), 0o500);
  const done = await restore(window, everything(into));
  assert.equal(done.stopped?.code, 'disk-read-only');
  assert.equal(done.stopped.message, '“closed/z.bin” could not be written: Strongroom may not write into its folder.');
  assert.equal(done.restored + done.left, 31);
  assert.deepEqual(fs.readdirSync(path.join(into, 'closed')), []);
  const there = fs.readdirSync(into).filter((name) => name !== 'closed');
  assert.equal(there.length, done.restored);
  for (const name of there) assert.equal(fs.statSync(path.join(into, name)).size, 100_000, name);
});
