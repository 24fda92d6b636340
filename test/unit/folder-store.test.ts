import assert from 'node:assert/strict';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { BigIntStats } from 'node:fs';
import { Disk } from '../../electron/engine/stores/folder/disk.ts';
import { storeFailure } from '../../electron/engine/stores/folder/failure.ts';
import { FolderStore } from '../../electron/engine/stores/folder/folder-store.ts';
import { initialiseFolderStore } from '../../electron/engine/stores/folder/marker.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { nameFromBytes } from '../../shared/names.ts';
import {
  assertCode,
  collect,
  contentOf,
  contextWith,
  factsOf,
  getBytes,
  largeBytes,
  listAll,
  mebibyte,
  MemorySlot,
  putBytes,
  requestFor,
  signal,
} from '../contract/support.ts';

const clock = { now: () => Date.UTC(2026, 10, 20, 10, 15) };
const second = 1_000_000_000n;
const mtime = BigInt(Date.UTC(2025, 0, 1)) * 1_000_000n;

/** A disk without hard links, as FAT and some network shares are. */
class LinklessDisk extends Disk {
  override link(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** A disk that is asked for names it would hold to be others, as one that takes upper and lower case for one. */
class CaselessDisk extends Disk {
  override stat(relative: string): Promise<BigIntStats | undefined> {
    return super.stat(relative.replace('PROBE-', 'probe-'));
  }
}

describe('a folder store', () => {
  let root: string;
  let store: FolderStore;

  beforeEach(async () => {
    root = join(mkdtempSync(join(tmpdir(), 'strongroom-folder-')), 'store');
    await initialiseFolderStore({ kind: 'folder', path: root });
    store = new FolderStore(new Disk(root, 'linux'), clock);
  });

  afterEach(() => {
    rmSync(join(root, '..'), { recursive: true });
  });

  const at = (...parts: string[]): string => join(root, ...parts);
  const place = (path: string): { source: string; path: string } => ({ source: 'scans', path });
  const text = async (path: string, locator: string): Promise<string> =>
    (await getBytes(store, { place: place(path), locator })).toString();
  const put = async (path: string, bytes: string, number = 1, replaces?: string): Promise<string> =>
    (
      await putBytes(store, place(path), Buffer.from(bytes), {
        number,
        replaces,
        mtimeNs: mtime + BigInt(number) * second,
      })
    ).locator;
  const history = (path: string): string[] => readdirSync(at('history/scans', path)).sort();

  it('keeps plain files: the latest tree, and what was before under names that say it', async () => {
    const first = await put('maps/a.tif', 'one');
    const second = await put('maps/a.tif', 'two', 2, first);
    assert.equal(readFileSync(at('files/scans/maps/a.tif'), 'utf8'), 'two');
    assert.equal(first, 'v0001 2025-01-01T000001Z 7692c3ad3540bb80.tif');
    assert.equal(readFileSync(at('history/scans/maps/a.tif', first), 'utf8'), 'one');
    assert.equal(statSync(at('history/scans/maps/a.tif', first)).mtime.toISOString(), '2025-01-01T00:00:01.000Z');
    await store.retire(place('maps/a.tif'), second, signal);
    assert.deepEqual(readdirSync(at('files/scans')), []);
    assert.deepEqual(history('maps/a.tif'), [first, second]);
    assert.deepEqual(readdirSync(at('strongroom/tmp')), []);
  });

  it('names files byte for byte', async () => {
    await put(nameFromBytes(Uint8Array.of(0x61, 0xff)), 'x');
    assert.deepEqual(readdirSync(at('files/scans'), { encoding: 'buffer' }), [Buffer.of(0x61, 0xff)]);
  });

  it('sets permission bits, but none that are dangerous or lock its own user out', async () => {
    await putBytes(store, place('a'), Buffer.from('x'), { mode: 0o6755 });
    await putBytes(store, place('b'), Buffer.from('x'), { mode: 0o044 });
    assert.equal(statSync(at('files/scans/a')).mode & 0o7777, 0o755);
    assert.equal(statSync(at('files/scans/b')).mode & 0o7777, 0o644);
  });

  it('keeps what it finds at a place and did not put there', async () => {
    mkdirSync(at('files/scans'), { recursive: true });
    writeFileSync(at('files/scans/a.txt'), 'by hand');
    await put('a.txt', 'ours');
    const [found] = history('a.txt');
    assert.match(found ?? '', /^found 2026-11-20T101500Z [0-9a-f]{16}\.txt$/);
    assert.equal(readFileSync(at('history/scans/a.txt', found ?? ''), 'utf8'), 'by hand');
  });

  it('does not pass off as a version what a person wrote over it', async () => {
    const first = await put('a.txt', 'ours');
    writeFileSync(at('files/scans/a.txt'), 'by hand');
    await assertCode(getBytes(store, { place: place('a.txt'), locator: first }), 'copy-missing');
    const second = await put('a.txt', 'newer', 2, first);
    assert.equal(await text('a.txt', second), 'newer');
    assert.deepEqual(
      history('a.txt').map((name) => name.slice(0, 5)),
      ['found'],
    );
    await assertCode(getBytes(store, { place: place('a.txt'), locator: first }), 'copy-missing');
  });

  it('still knows a version that a person only touched', async () => {
    const first = await put('a.txt', 'ours');
    utimesSync(at('files/scans/a.txt'), 5, 5);
    assert.equal(await text('a.txt', first), 'ours');
    await put('a.txt', 'newer', 2, first);
    assert.equal(await text('a.txt', first), 'ours');
    assert.deepEqual(history('a.txt'), [first]);
  });

  it('repairs a current copy in place, and keeps the damaged bytes aside', async () => {
    const first = await put('a.txt', 'good');
    const before = statSync(at('files/scans/a.txt'));
    writeFileSync(at('files/scans/a.txt'), 'goof');
    utimesSync(at('files/scans/a.txt'), before.atime, before.mtime);
    assert.equal(await put('a.txt', 'good', 1, first), first);
    assert.equal(await text('a.txt', first), 'good');
    assert.deepEqual(
      history('a.txt').map((name) => name.slice(0, 5)),
      ['found'],
    );
  });

  it('gives another locator where a name in history is taken by other content', async () => {
    const first = await put('a.txt', 'good');
    await store.retire(place('a.txt'), first, signal);
    writeFileSync(at('history/scans/a.txt', first), 'evil');
    const again = await put('a.txt', 'good', 1);
    assert.equal(again, first.replace('.txt', '-2.txt'));
    assert.equal(await text('a.txt', again), 'good');
  });

  it('moves a file out of the way of a folder', async () => {
    const first = await put('a', 'file');
    await put('a/b/c', 'below');
    assert.equal(readFileSync(at('files/scans/a/b/c'), 'utf8'), 'below');
    assert.equal(await text('a', first), 'file');
    assert.deepEqual(
      (await listAll(store, 'scans')).map((copy) => [copy.path, copy.current]),
      [
        ['a', false],
        ['a/b/c', true],
      ],
    );
    await store.retire(place('a'), first, signal);
    assert.equal(readFileSync(at('files/scans/a/b/c'), 'utf8'), 'below');
  });

  it('takes the place of a folder only where no file is in it', async () => {
    mkdirSync(at('files/scans/a/empty/too'), { recursive: true });
    await put('a', 'file');
    assert.equal(readFileSync(at('files/scans/a'), 'utf8'), 'file');
    await put('b/c', 'here');
    await assertCode(put('b', 'file'), 'copy-conflict');
    assert.equal(readFileSync(at('files/scans/b/c'), 'utf8'), 'here');
    assert.deepEqual(readdirSync(at('strongroom/tmp')), []);
  });

  it('does not follow a symbolic link that lies at a place', async () => {
    mkdirSync(at('files/scans'), { recursive: true });
    writeFileSync(join(root, '../outside'), 'outside');
    symlinkSync('../../../outside', at('files/scans/a'));
    await assertCode(put('a', 'x'), 'copy-conflict');
    await assertCode(store.retire(place('a'), undefined, signal), 'copy-conflict');
    assert.deepEqual(await listAll(store, 'scans'), []);
    assert.equal(readFileSync(join(root, '../outside'), 'utf8'), 'outside');
  });

  it('goes on after a kill between the link to history and the rename', async () => {
    const first = await put('a.txt', 'one');
    mkdirSync(at('history/scans/a.txt'), { recursive: true });
    linkSync(at('files/scans/a.txt'), at('history/scans/a.txt', first));
    assert.equal(await text('a.txt', first), 'one');
    const second = await put('a.txt', 'two', 2, first);
    assert.deepEqual([await text('a.txt', first), await text('a.txt', second)], ['one', 'two']);
    assert.deepEqual(history('a.txt'), [first]);
  });

  it('goes on after a kill between the rename and the answer', async () => {
    const first = await put('a.txt', 'one');
    const second = await put('a.txt', 'two', 2, first);
    const bytes = Buffer.from('two');
    const request = requestFor(place('a.txt'), factsOf(bytes, mtime + 2n * 1_000_000_000n), {
      number: 2,
      replaces: first,
      mayExist: true,
    });
    const refuse = { bytes: () => Promise.reject(new Error('nothing is to be read')) };
    assert.equal((await store.put(request, refuse, contextWith())).locator, second);
    assert.deepEqual(history('a.txt'), [first]);
  });

  it('serves a move by a link, and keeps the name of either when the other changes', async () => {
    const bytes = Buffer.from('moved');
    const from = await putBytes(store, place('old'), bytes);
    const placed = await store.copyWithin(
      from,
      requestFor(place('new/name'), factsOf(bytes), { move: true }),
      contextWith(),
    );
    assert.notEqual(placed, undefined);
    assert.equal(statSync(at('files/scans/new/name')).ino, statSync(at('files/scans/old')).ino);
    await store.retire(from.place, from.locator, signal);
    await put('new/name', 'newer', 2, placed?.locator);
    assert.equal((await getBytes(store, from)).toString(), 'moved');
    assert.equal(await text('new/name', placed?.locator ?? ''), 'moved');
    assert.deepEqual(readdirSync(at('strongroom/tmp')), []);
  });

  it('does not link where the time or the mode is another', async () => {
    const bytes = Buffer.from('moved');
    const from = await putBytes(store, place('old'), bytes);
    for (const version of [factsOf(bytes, 1n), factsOf(bytes, undefined, 0o600)]) {
      assert.equal(
        await store.copyWithin(from, requestFor(place('new'), version, { move: true }), contextWith()),
        undefined,
      );
    }
  });

  it('keeps everything on a disk without links, too', async () => {
    store = new FolderStore(new LinklessDisk(root, 'linux'), clock);
    const first = await put('a.txt', 'one');
    const second = await put('a.txt', 'two', 2, first);
    assert.deepEqual([await text('a.txt', first), await text('a.txt', second)], ['one', 'two']);
    await store.retire(place('a.txt'), second, signal);
    assert.deepEqual(history('a.txt'), [first, second]);
    const tag = await store.writeControl('lease', Buffer.from('x'), { kind: 'absent' }, signal);
    await assertCode(store.writeControl('lease', Buffer.from('y'), { kind: 'absent' }, signal), 'copy-conflict');
    await store.writeControl('lease', Buffer.from('y'), { kind: 'tag', tag }, signal);
  });

  it('tells names apart on a disk that does not', async () => {
    store = new FolderStore(new CaselessDisk(root, 'linux'), clock);
    const names = ['Plan/a.txt', 'plan/a.txt', 'plan/A.TXT', 'PLAN'];
    const locators = new Map<string, string>();
    await Promise.all(names.map(async (name) => locators.set(name, await put(name, name))));
    const written = readdirSync(at('files/scans')).map((name) => name.replace(/‛\([0-9a-f]{8}\)/, '').toLowerCase());
    assert.deepEqual(written, ['plan', 'plan', 'plan']);
    assert.equal(readdirSync(at('files/scans')).filter((name) => name.includes('‛(')).length, 2);
    store = new FolderStore(new CaselessDisk(root, 'linux'), clock);
    for (const name of names) assert.equal(await text(name, locators.get(name) ?? ''), name);
    assert.deepEqual((await listAll(store, 'scans')).map((copy) => copy.path).sort(), [...names].sort());
  });

  it('lists in the order of the bytes of paths, history and files together', async () => {
    const paths = ['a', 'a-b', 'a.d/x', 'a/b', 'b', 'b/z', '\u{1f600}', '\uffee', 'Z', 'l'.repeat(300), 'lz'];
    for (const path of paths) {
      const locator = await put(path, path);
      if (path === 'a' || path === 'b' || path === 'lz') await store.retire(place(path), locator, signal);
    }
    const expected = [...paths].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    assert.deepEqual(
      (await listAll(store, 'scans')).map((copy) => copy.path),
      expected,
    );
  });

  it('tells the locator that it gave, for a copy that it describes', async () => {
    const first = await put('a', 'one');
    const [listed] = await listAll(store, 'scans');
    assert.ok(listed !== undefined);
    const described = await store.describe(listed, 'scans', signal);
    assert.equal(described.locator, first.replace('v0001', 'v0000'));
    assert.equal(await text('a', described.locator), 'one');
    await put('a', 'two', 2, described.locator);
    assert.equal(await text('a', described.locator), 'one');
  });

  it('removes the folders that a deletion leaves empty while others fill them', async () => {
    const work = Array.from({ length: 40 }, async (_, index) => {
      const path = `deep/er/file${index}`;
      const locator = await put(path, path);
      await store.retire(place(path), locator, signal);
    });
    await Promise.all(work);
    assert.deepEqual(readdirSync(at('files/scans')), []);
    assert.equal((await listAll(store, 'scans')).length, 40);
  });

  it('does not believe a beginning that a power cut spoiled', async () => {
    const bytes = largeBytes(40 * mebibyte, 5);
    const slot = new MemorySlot();
    const stop = new AbortController();
    let seen = 0;
    const onBytes = (count: number): void => {
      seen += count;
      if (seen >= 20 * mebibyte) stop.abort();
    };
    const request = requestFor(place('big'), factsOf(bytes));
    await assertCode(store.put(request, contentOf(bytes), { signal: stop.signal, onBytes, resume: slot }), 'cancelled');
    const part = at('strongroom/tmp', slot.token ?? '');
    assert.ok(statSync(part).size >= 20 * mebibyte);
    writeFileSync(part, Buffer.alloc(30 * mebibyte));
    let told = 0;
    const placed = await store.put(
      request,
      contentOf(bytes),
      contextWith({ resume: slot, onBytes: (count) => (told += count) }),
    );
    assert.equal(told, bytes.length);
    assert.equal(slot.token, undefined);
    assert.equal(Buffer.compare(await getBytes(store, { place: place('big'), locator: placed.locator }), bytes), 0);
  });

  it('is not made by the way: where it is not there, nothing is written and nothing is said to be missing', async () => {
    const locator = await put('a', 'one');
    renameSync(root, `${root}-elsewhere`);
    mkdirSync(root);
    const [listed] = [{ path: 'a', locator, size: 3, current: false, deletion: false, storedAt: 0, mtimeNs: 0n }];
    for (const opened of [store, new FolderStore(new Disk(root, 'linux'), clock)]) {
      store = opened;
      const calls: (() => Promise<unknown>)[] = [
        () => store.ready(signal),
        () => put('b', 'two'),
        () =>
          store.copyWithin(
            { place: place('a'), locator },
            requestFor(place('c'), factsOf(Buffer.from('one'))),
            contextWith(),
          ),
        () =>
          store.copyWithin(
            { place: place('a'), locator },
            requestFor(place('c'), factsOf(Buffer.from('one')), { move: true }),
            contextWith(),
          ),
        () => store.retire(place('a'), locator, signal),
        () => text('a', locator),
        () => collect(store.list('scans', signal)),
        () => store.describe(listed, 'scans', signal),
        () => store.sources(signal),
        () => store.readControl('lease', signal),
        () => store.writeControl('lease', Buffer.from('x'), { kind: 'any' }, signal),
        () => store.removeControl('lease', signal),
        () => store.listControl('', signal),
        () => store.cleanUp(new Set(), Number.MAX_SAFE_INTEGER, signal),
      ];
      for (const [index, call] of calls.entries()) {
        await call().then(
          (value) => assert.ok(value === undefined && (index === 2 || index === 3), `call ${index} resolved`),
          (error: unknown) =>
            assert.equal((error as StrongroomError).code, 'store-not-found', `call ${index}: ${String(error)}`),
        );
      }
    }
    assert.deepEqual(readdirSync(root), []);
  });

  it('is found again when its disk comes back', async () => {
    renameSync(root, `${root}-elsewhere`);
    await assertCode(store.ready(signal), 'store-not-found');
    renameSync(`${root}-elsewhere`, root);
    await store.ready(signal);
    await put('a', 'one');
  });

  it('does nothing any more once it is closed', async () => {
    await store.close();
    await assertCode(store.ready(signal), 'internal');
    await assertCode(collect(store.list('scans', signal)), 'internal');
  });

  it('is made only in a folder that is there, and once', async () => {
    await assertCode(initialiseFolderStore({ kind: 'folder', path: at('none/store') }), 'store-not-found');
    const before = readFileSync(at('strongroom/store.json'), 'utf8');
    await initialiseFolderStore({ kind: 'folder', path: root });
    assert.equal(readFileSync(at('strongroom/store.json'), 'utf8'), before);
  });

  it('does not work with a description that is damaged or newer', async () => {
    for (const damaged of ['', '{}', '{"format":"strongroom folder store","version":2}']) {
      writeFileSync(at('strongroom/store.json'), damaged);
      await assertCode(new FolderStore(new Disk(root, 'linux'), clock).ready(signal), 'store-answer');
    }
  });
});

describe('control files of a folder store', () => {
  let root: string;
  let store: FolderStore;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'strongroom-control-'));
    await initialiseFolderStore({ kind: 'folder', path: root });
    store = new FolderStore(new Disk(root, 'linux'), clock);
  });

  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it('lets one of many writers with one tag win', async () => {
    const tag = await store.writeControl('lease', Buffer.from('0'), { kind: 'any' }, signal);
    const stores = [store, new FolderStore(new Disk(root, 'linux'), clock)];
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) =>
        stores[index % 2]!.writeControl('lease', Buffer.from(`writer ${index}`), { kind: 'tag', tag }, signal),
      ),
    );
    assert.equal(results.filter((result) => result.status === 'fulfilled').length, 1);
    for (const result of results) {
      if (result.status === 'rejected') assert.equal((result.reason as StrongroomError).code, 'copy-conflict');
    }
    assert.deepEqual(readdirSync(join(root, 'strongroom/tmp')), []);
  });

  it('breaks the lock of a process that is gone, or of another computer after a minute', async () => {
    await store.writeControl('lease', Buffer.from('0'), { kind: 'any' }, signal);
    const { hostname } = await import('node:os');
    const { createHash } = await import('node:crypto');
    const lock = join(
      root,
      'strongroom/tmp',
      `${createHash('sha256').update('strongroom/lease').digest('hex').slice(0, 32)}.lock`,
    );
    writeFileSync(lock, `${hostname()}\n4194305\nabc`);
    await store.writeControl('lease', Buffer.from('1'), { kind: 'any' }, signal);
    writeFileSync(lock, 'another computer\n1\nabc');
    const old = Date.now() / 1000 - 120;
    utimesSync(lock, old, old);
    await store.writeControl('lease', Buffer.from('2'), { kind: 'any' }, signal);
    assert.equal((await store.readControl('lease', signal))?.bytes.toString(), '2');
    assert.deepEqual(readdirSync(join(root, 'strongroom/tmp')), []);
  });

  it('holds names of every kind and refuses those that lead elsewhere', async () => {
    const names = ['journals/a:b', 'journals/CON/1', 'journals/Zo\u00eb/\uf7ff', 'journals/x.'];
    for (const name of names) await store.writeControl(name, Buffer.from(name), { kind: 'absent' }, signal);
    assert.deepEqual([...(await store.listControl('journals/', signal))].sort(), [...names].sort());
    for (const name of names) assert.equal((await store.readControl(name, signal))?.bytes.toString(), name);
    for (const name of ['../x', 'a/../b', '', '/x', 'tmp/x', 'store.json', 'tmp']) {
      await assertCode(store.writeControl(name, Buffer.from('x'), { kind: 'any' }, signal), 'unsafe-path');
    }
  });
});

describe('failures of a folder store', () => {
  it('are told by the code of the system', () => {
    const disk = new Disk('/store', 'linux');
    const expected = {
      ENOSPC: 'store-full',
      EDQUOT: 'store-full',
      EROFS: 'store-read-only',
      EACCES: 'store-no-permission',
      EIO: 'store-unreachable',
      ESTALE: 'store-unreachable',
      ENOTCONN: 'store-unreachable',
      EHOSTDOWN: 'store-unreachable',
      EBUSY: 'store-busy',
      EMFILE: 'store-busy',
      ENAMETOOLONG: 'path-too-long',
      EINVAL: 'store-answer',
    };
    for (const [errno, code] of Object.entries(expected)) {
      const error = storeFailure(Object.assign(new Error('x'), { code: errno }), disk);
      assert.ok(error instanceof StrongroomError && error.advice !== undefined);
      assert.equal(error.code, code, errno);
    }
    const own = new Error('not the system');
    assert.equal(storeFailure(own, disk), own);
  });
});
