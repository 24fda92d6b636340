import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { RestoreBegun, type ConflictAnswer, type RestoreProgress } from '../../electron/engine/restore/restore.ts';
import type { ByteRange, CopyAddress, Store } from '../../electron/engine/stores/store.ts';
import { assertCode, chooseSeed, largeBytes } from '../contract/support.ts';
import { Bench, atEnd, sha256Of, signal } from './kit.ts';

/*
 * Restoring files that come in several segments at once and are hashed on a thread of their own: whatever breaks in the
 * middle, a file gets its name only with the right bytes.
 */
const mebibyte = 1024 * 1024;
const size = 41 * mebibyte + 12_345;

/** One large file in the stores named. */
async function benchWithFile(t: TestContext, stores = ['disk']): Promise<{ bench: Bench; bytes: Buffer }> {
  const seed = chooseSeed();
  t.diagnostic(`STRONGROOM_TEST_SEED=${seed}`);
  const bytes = largeBytes(size, seed);
  const bench = await Bench.create(t, { stores });
  bench.write('master.tif', bytes);
  await bench.syncDone();
  return { bench, bytes };
}

/** A store whose `get` is another's. */
function getting(
  store: Store,
  get: (copy: CopyAddress, range: ByteRange, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>,
): Store {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'get') return get;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function restoreTo(
  bench: Bench,
  into: string,
  options: {
    readonly cancel?: AbortSignal;
    readonly what?: string;
    readonly conflict?: ConflictAnswer;
    readonly onProgress?: (progress: RestoreProgress) => void;
  } = {},
): ReturnType<Bench['engine']['restore']> {
  return bench.engine.restore(bench.source, {
    path: options.what ?? 'master.tif',
    at: bench.clock.now(),
    number: undefined,
    into,
    from: undefined,
    conflict: options.conflict ?? 'skip',
    signal: options.cancel ?? signal,
    onProgress: options.onProgress ?? (() => undefined),
  });
}

function assertRestored(into: string, bytes: Buffer): void {
  assert.deepEqual(fs.readdirSync(into), ['master.tif'], 'nothing is left beside it');
  assert.equal(sha256Of(fs.readFileSync(path.join(into, 'master.tif'))), sha256Of(bytes));
}

/** Calls `work` for every thread that is started until the end of the test. */
function onThread(t: TestContext, work: (worker: Worker) => void): void {
  process.on('worker', work);
  atEnd(t, () => void process.off('worker', work));
}

test('a store may put the bytes where they are wanted, or bring its own', async (t) => {
  const { bench, bytes } = await benchWithFile(t);
  let views = 0;
  bench.wrap('disk', (store) =>
    getting(store, async (copy, range, cancel) => {
      const pieces = await store.get(copy, range, cancel);
      const { into } = range;
      // Every other segment by the memory that was offered, in pieces.
      if (into === undefined || ((range.start ?? 0) / (8 * mebibyte)) % 2 === 0) return pieces;
      return (async function* () {
        let at = 0;
        for await (const piece of pieces) {
          into.set(piece, at);
          views += 1;
          yield into.subarray(at, at + piece.length);
          at += piece.length;
        }
      })();
    }),
  );
  const into = path.join(bench.folder, 'restored');
  assert.equal((await restoreTo(bench, into)).restored, 1);
  assert.ok(views > 0);
  assertRestored(into, bytes);
});

test('where the thread that hashes dies, the file is read back and restored all the same', async (t) => {
  const { bench, bytes } = await benchWithFile(t);
  let deaths = 0;
  let gone: Promise<unknown> | undefined;
  let thread: Worker | undefined;
  onThread(t, (worker) => (thread = worker));
  bench.wrap('disk', (store) =>
    getting(store, async (copy, range, cancel) => {
      if ((range.start ?? 0) >= 32 * mebibyte && thread !== undefined) {
        deaths += 1;
        gone ??= thread.terminate();
        await gone;
      }
      return store.get(copy, range, cancel);
    }),
  );
  const into = path.join(bench.folder, 'restored');
  const { restored, failed } = await restoreTo(bench, into);
  assert.deepEqual([restored, failed], [1, []]);
  assert.ok(deaths > 0);
  assertRestored(into, bytes);
  assert.ok(!bench.events().includes('fixity-failed'), 'the copy is not to blame');
});

test('one byte that is wrong in one segment: the copy is marked, and the other store gives the file', async (t) => {
  const { bench, bytes } = await benchWithFile(t, ['first', 'second']);
  bench.wrap('first', (store) =>
    getting(store, async (copy, range, cancel) => {
      const pieces = await store.get(copy, range, cancel);
      return (async function* () {
        let flip = range.start === 16 * mebibyte;
        for await (const piece of pieces) {
          const mine = Uint8Array.from(piece);
          if (flip) mine[7] = (mine[7] ?? 0) ^ 1;
          flip = false;
          yield mine;
        }
      })();
    }),
  );
  const into = path.join(bench.folder, 'restored');
  assert.equal((await restoreTo(bench, into)).restored, 1);
  assertRestored(into, bytes);
  assert.ok(bench.events().includes('fixity-failed') && bench.events().includes('restore-fell-back'));
});

test('a segment that is too short is no file, and with no other copy nothing gets its name', async (t) => {
  const { bench } = await benchWithFile(t);
  bench.wrap('disk', (store) =>
    getting(store, (copy, range, cancel) =>
      store.get(copy, range.start === 24 * mebibyte ? { ...range, end: 25 * mebibyte } : range, cancel),
    ),
  );
  const into = path.join(bench.folder, 'restored');
  const { restored, failed } = await restoreTo(bench, into);
  assert.deepEqual([restored, failed.map(({ code }) => code)], [0, ['copy-missing']]);
  assert.ok(!fs.existsSync(path.join(into, 'master.tif')));
});

/** From now on, what is asked of the store is noted, and a restore is cancelled after most of the file. */
function cancelledLate(bench: Bench): { readonly stop: AbortController; readonly asked: number[] } {
  const stop = new AbortController();
  const asked: number[] = [];
  bench.wrap('disk', (store) =>
    getting(store, (copy, range, cancel) => {
      asked.push(range.start ?? 0);
      if ((range.start ?? 0) >= 40 * mebibyte) stop.abort();
      return store.get(copy, range, cancel);
    }),
  );
  return { stop, asked };
}

test('cancelled in the middle, it goes on from there, with what came before hashed again', async (t) => {
  const { bench, bytes } = await benchWithFile(t);
  const { stop, asked } = cancelledLate(bench);
  const into = path.join(bench.folder, 'restored');
  const cancelled = await assertCode(restoreTo(bench, into, { cancel: stop.signal }), 'cancelled');
  const [left = ''] = fs.readdirSync(into);
  assert.match(left, /^\.strongroom-.*\.partial$/);
  assert.ok(cancelled instanceof RestoreBegun);
  assert.equal(cancelled.message, 'The restore was cancelled; run it again to go on.');
  assert.equal(
    cancelled.remains,
    `What had come of "master.tif" is kept in its folder, in the hidden file ${left}: restoring it there again goes on with it. Delete that file if you do not want to.`,
  );
  assert.ok(cancelled.advice?.endsWith(cancelled.remains));
  const kept = fs.statSync(path.join(into, left)).size;
  assert.ok(kept > 0 && kept < size);

  asked.length = 0;
  assert.equal((await restoreTo(bench, into)).restored, 1);
  assert.deepEqual(Math.min(...asked), kept);
  assertRestored(into, bytes);
});

test('what stays of several files that were under way is told, and the next restore goes on with it', async (t) => {
  const bench = await Bench.create(t);
  const names = ['a.tif', 'b.tif'];
  for (const [index, name] of names.entries()) bench.write(`masters/${name}`, largeBytes(33 * mebibyte, index + 1));
  await bench.syncDone();
  const stop = new AbortController();
  let asked = 0;
  bench.wrap('disk', (store) =>
    getting(store, async (copy, range, cancel) => {
      asked += 1;
      // Neither comes to its end before both are well under way.
      if (!stop.signal.aborted && (range.start ?? 0) >= 32 * mebibyte) await once(cancel, 'abort');
      return store.get(copy, range, cancel);
    }),
  );
  const into = path.join(bench.folder, 'restored');
  const onProgress = ({ bytes }: { readonly bytes: number }): void => {
    if (bytes >= 60 * mebibyte) stop.abort();
  };
  const ended = await assertCode(
    restoreTo(bench, into, { what: 'masters', cancel: stop.signal, onProgress }),
    'cancelled',
  );
  assert.match(
    ended.advice ?? '',
    /What had come of "masters\/[ab]\.tif" and another large file is kept in their folders, in hidden files/,
  );
  const folder = path.join(into, 'masters');
  assert.equal(fs.readdirSync(folder).filter((name) => name.endsWith('.partial')).length, 2);
  asked = 0;
  assert.equal((await restoreTo(bench, into, { what: 'masters' })).restored, 2);
  assert.equal(asked, 2, 'the last segment of each');
  assert.deepEqual(fs.readdirSync(folder).sort(), names);
});

test('put beside another file, it goes on with what an earlier attempt left, although its name tells the time', async (t) => {
  const { bench, bytes } = await benchWithFile(t);
  const into = path.join(bench.folder, 'restored');
  fs.mkdirSync(into);
  fs.writeFileSync(path.join(into, 'master.tif'), 'somebody else’s');
  const { stop, asked } = cancelledLate(bench);
  await assertCode(restoreTo(bench, into, { cancel: stop.signal, conflict: 'keep-both' }), 'cancelled');
  asked.length = 0;
  bench.clock.advance(60_000);
  const { restored, renamed } = await restoreTo(bench, into, { conflict: 'keep-both' });
  assert.equal(restored, 1);
  assert.ok(Math.min(...asked) > 0, 'what had come is not read again');
  const beside = renamed[0]?.as ?? '';
  assert.deepEqual(fs.readdirSync(into).sort(), [beside, 'master.tif'].sort());
  assert.equal(sha256Of(fs.readFileSync(path.join(into, beside))), sha256Of(bytes));
});

/** Has the disk refuse what is appended to a file after so many times, with a system's code; lets go with the test. */
async function refuseAfter(t: TestContext, times: number, code: string): Promise<() => void> {
  const handle = await open(import.meta.filename);
  const kind = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the handle as `this` below
  const append = kind.appendFile;
  let left = times;
  const mocked = t.mock.method(kind, 'appendFile', function (this: FileHandle, ...given: [string | Uint8Array]) {
    left -= 1;
    if (left < 0) return Promise.reject(Object.assign(new Error('refused'), { code }));
    return append.apply(this, given);
  });
  return () => mocked.mock.restore();
}

for (const [errno, code, does] of [
  ['ENOSPC', 'disk-full', 'stops everything'],
  ['EROFS', 'disk-read-only', 'stops everything'],
  ['EIO', 'disk-error', 'is listed'],
] as const) {
  test(`a disk that refuses more of a large file (${errno}) ${does}, and where its part is kept is told`, async (t) => {
    const { bench, bytes } = await benchWithFile(t);
    const into = path.join(bench.folder, 'restored');
    const letGo = await refuseAfter(t, 2, errno);
    const restoring = restoreTo(bench, into);
    const told = does === 'is listed' ? (await restoring).failed[0] : await assertCode(restoring, code);
    letGo();
    assert.ok(told instanceof RestoreBegun);
    assert.equal(told.code, code);
    const [left = ''] = fs.readdirSync(into);
    assert.match(left, /^\.strongroom-.*\.partial$/, 'nothing half under its own name');
    assert.ok(told.remains.includes(`in the hidden file ${left}:`), told.remains);
    assert.equal((await restoreTo(bench, into)).restored, 1);
    assertRestored(into, bytes);
  });
}

test('many large files at once share the memory for what is received', async (t) => {
  const bench = await Bench.create(t);
  const names = Array.from({ length: 5 }, (_, index) => `masters/${index}.tif`);
  names.forEach((name, index) => bench.write(name, largeBytes(33 * mebibyte + index, index + 1)));
  await bench.syncDone();
  const memories = new Set<ArrayBufferLike>();
  bench.wrap('disk', (store) =>
    getting(store, (copy, range, cancel) => {
      if (range.into !== undefined) memories.add(range.into.buffer);
      return store.get(copy, range, cancel);
    }),
  );
  const into = path.join(bench.folder, 'restored');
  assert.equal((await restoreTo(bench, into, { what: 'masters' })).restored, names.length);
  for (const name of names) {
    const [restored, own] = [into, bench.root].map((folder) => fs.readFileSync(path.join(folder, name)));
    assert.ok(restored !== undefined && own !== undefined && restored.equals(own), name);
  }
  // Six at a time; the last of a file may be too short to be given back, and is made anew.
  assert.ok(memories.size <= 6 + names.length, `${memories.size} segments`);
});
