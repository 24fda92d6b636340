import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { RestoreEvent, RestoreRequest } from '../../shared/contract/shapes.ts';
import type { Store } from '../../electron/engine/stores/store.ts';
import { fingerprint, manyFiles, readTree } from '../engine/kit.ts';
import { all, Desk, problemOf } from './browse/kit.ts';

const base = { source: 'source', at: null, into: null, conflict: 'keep-both' } as const;

function whole(...paths: readonly string[]): RestoreRequest['items'] {
  return paths.map((one) => ({ path: one, version: null }));
}

function doneOf(events: readonly RestoreEvent[]): Extract<RestoreEvent, { type: 'done' }> {
  const last = events.at(-1);
  assert.ok(last?.type === 'done');
  return last;
}

test('a folder, two files and an old version are restored together into a folder, as of their times', async (t) => {
  const desk = await Desk.create(t, {
    files: { 'box/a.txt': 'a', 'box/deep/b.txt': 'bb', 'x/one.txt': 'one', 'two.txt': 'two', 'list.csv': 'old' },
  });
  await desk.bench.syncDone();
  desk.bench.write('list.csv', 'newer');
  desk.bench.remove('box');
  await desk.bench.syncDone();
  const at = desk.bench.clock.now() - 60_000;
  const into = path.join(desk.bench.folder, 'restored');
  const request: RestoreRequest = {
    ...base,
    at,
    into,
    // What lies in the folder is asked for twice, and given back once.
    items: [...whole('box', 'box/a.txt', 'x/one.txt', 'x/one.txt'), { path: 'list.csv', version: 2 }],
  };
  assert.deepEqual(await desk.client.restore.plan(request), { files: 4, bytes: 11, target: into, notes: [] });
  assert.ok(!fs.existsSync(into));
  const events = await all(await desk.client.restore.start(request));
  const { restored, bytes, same, failed, target } = doneOf(events);
  assert.deepEqual(
    { restored, bytes, same, failed, target },
    { restored: 4, bytes: 11, same: 0, failed: [], target: into },
  );
  assert.deepEqual([...readTree(into).keys()].sort(), [
    'box',
    'box/a.txt',
    'box/deep',
    'box/deep/b.txt',
    'list.csv',
    'one.txt',
  ]);
  assert.equal(fs.readFileSync(path.join(into, 'list.csv'), 'utf8'), 'newer');
  const progress = events.filter((event) => event.type === 'progress');
  assert.deepEqual(progress[0], { type: 'progress', files: 0, bytes: 0, allFiles: 4, allBytes: 11 });
  assert.deepEqual(progress.at(-1), { type: 'progress', files: 4, bytes: 11, allFiles: 4, allBytes: 11 });
  for (const [index, { files }] of progress.entries()) assert.ok(files >= (progress[index - 1]?.files ?? 0));
  const again = doneOf(await all(await desk.client.restore.start(request)));
  assert.deepEqual([again.restored, again.same], [0, 4]);
});

test('in its own place, another file is kept, left or replaced as the person said', async (t) => {
  const desk = await Desk.create(t, { files: { 'list.csv': 'old' } });
  await desk.bench.syncDone();
  desk.bench.write('list.csv', 'newer');
  await desk.bench.syncDone();
  const items = [{ path: 'list.csv', version: 1 }];
  const start = async (conflict: RestoreRequest['conflict']) =>
    doneOf(await all(await desk.client.restore.start({ ...base, conflict, items })));
  const skipped = await start('skip');
  assert.deepEqual([skipped.restored, skipped.kept], [0, ['list.csv']]);
  const both = await start('keep-both');
  assert.equal(both.renamed[0]?.why, 'another file lies in its place');
  assert.equal(fs.readFileSync(desk.bench.at(both.renamed[0].as), 'utf8'), 'old');
  assert.equal(fs.readFileSync(desk.bench.at('list.csv'), 'utf8'), 'newer');
  assert.equal((await start('overwrite')).restored, 1);
  assert.equal(fs.readFileSync(desk.bench.at('list.csv'), 'utf8'), 'old');
});

test('a single file’s plan and result name its folder and its name there; only folders restored into are shown', async (t) => {
  const desk = await Desk.create(t, { files: { 'box/list.csv': 'old', 'box/other.txt': 'o' } });
  await desk.bench.syncDone();
  desk.bench.write('box/list.csv', 'newer');
  await desk.bench.syncDone();
  const folder = path.join(desk.bench.root, 'box');
  const items = [{ path: 'box/list.csv', version: 1 }];
  const plan = await desk.client.restore.plan({ ...base, items });
  assert.deepEqual([plan.single?.folder, plan.single?.name, plan.single?.there], [folder, 'list.csv', 'something']);
  assert.match(plan.single?.beside ?? '', /^list \(restored .*\)\.csv$/);
  const newest = await desk.client.restore.plan({ ...base, items: whole('box/list.csv') });
  assert.equal(newest.single?.there, 'same');
  const into = path.join(desk.bench.folder, 'restored');
  const elsewhere = await desk.client.restore.plan({ ...base, into, items });
  assert.deepEqual([elsewhere.single?.folder, elsewhere.single?.there], [into, 'nothing']);
  assert.equal((await desk.client.restore.plan({ ...base, items: whole('box') })).single, undefined);
  assert.equal((await problemOf(desk.client.restore.show({ folder }))).code, 'unsafe-path');
  const done = doneOf(await all(await desk.client.restore.start({ ...base, items })));
  assert.equal(done.single?.folder, folder);
  assert.equal(fs.readFileSync(path.join(folder, done.single.name), 'utf8'), 'old');
  await desk.client.restore.show({ folder });
  assert.deepEqual(desk.opened, [folder]);
  assert.equal((await problemOf(desk.client.restore.show({ folder: desk.bench.storeFolder() }))).code, 'unsafe-path');
});

test('what was not there at that moment is named and left out; the rest is given back', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a' } });
  await desk.bench.syncDone();
  desk.bench.clock.advance(3_600_000);
  const at = desk.bench.clock.now();
  desk.bench.clock.advance(3_600_000);
  desk.bench.write('b.txt', 'b');
  await desk.bench.syncDone();
  const into = path.join(desk.bench.folder, 'restored');
  const request = { ...base, at, into, items: whole('a.txt', 'b.txt') };
  const plan = await desk.client.restore.plan(request);
  assert.deepEqual([plan.files, plan.notes], [1, ['There was no "b.txt" at that time. It is left out.']]);
  assert.equal(doneOf(await all(await desk.client.restore.start(request))).restored, 1);
  const nothing = await desk.client.restore.plan({ ...base, at, into, items: whole('b.txt') });
  assert.deepEqual([nothing.files, nothing.notes], [0, ['There was no "b.txt" at that time.']]);
});

test('the plan says beforehand what cannot be given back, and the restore lists it', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a', 'b.txt': 'bb', 'c.txt': 'ccc' } });
  await desk.bench.syncDone();
  const { catalog } = desk.bench.engine;
  const set = (name: string, state: 'missing' | 'archived'): void => {
    catalog.copies.checked(desk.bench.versions(name)[0]?.versionId ?? 0, desk.bench.store().id, state, 'audit', 0);
  };
  set('a.txt', 'missing');
  set('b.txt', 'archived');
  fs.rmSync(path.join(desk.bench.storeFolder(), 'files/source/a.txt'));
  const into = path.join(desk.bench.folder, 'restored');
  const plan = await desk.client.restore.plan({ ...base, into, items: whole('') });
  assert.deepEqual([plan.files, plan.bytes], [3, 6]);
  assert.match(plan.notes[0] ?? '', /Of one file, no copy can be read now/);
  assert.match(plan.notes[1] ?? '', /archive and must be thawed first/);
  const events = await all(await desk.client.restore.start({ ...base, into, items: whole('') }));
  assert.equal(events.filter((event) => event.type === 'notice').length, 2);
  const { failed } = doneOf(events);
  assert.deepEqual(
    failed.map(({ code, subject }) => [code, subject]),
    [['copy-missing', 'a.txt']],
  );
});

test('a place that cannot be written, lies in a store or is not connected is refused before anything is done', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a' } });
  await desk.bench.syncDone();
  const file = path.join(desk.bench.folder, 'file');
  fs.writeFileSync(file, '');
  fs.symlinkSync(desk.bench.storeFolder(), path.join(desk.bench.folder, 'link'));
  const before = fingerprint(desk.bench.storeFolder());
  const places = {
    [desk.bench.storeFolder()]: 'unsafe-path',
    [path.join(desk.bench.storeFolder(), 'files/new')]: 'unsafe-path',
    [path.join(desk.bench.folder, 'link/below')]: 'unsafe-path',
    [file]: 'unsafe-path',
    'relative/folder': 'usage',
  };
  for (const [into, code] of Object.entries(places)) {
    const request = { ...base, into, items: whole('a.txt') };
    const plan = await desk.client.restore.plan(request);
    assert.equal(plan.hindrance?.code, code, into);
    assert.equal((await problemOf(desk.client.restore.start(request).then(all))).code, code, into);
  }
  assert.deepEqual(fingerprint(desk.bench.storeFolder()), before);
  desk.bench.engine.catalog.sources.setMounted(desk.bench.source.id, true);
  const away = await problemOf(desk.client.restore.start({ ...base, items: whole('a.txt') }).then(all));
  assert.equal(away.code, 'source-unreachable');
  const unknown = await problemOf(desk.client.restore.plan({ ...base, items: whole('never.txt') }));
  assert.equal(unknown.code, 'unknown-name');
  const empty = await problemOf(desk.client.restore.plan({ ...base, items: [] }));
  assert.equal(empty.code, 'usage');
});

/** Has the store called `disk` wait with each content after the first `served`, until it is let go on or cancelled. */
function holdAfter(desk: Desk, served: number): () => void {
  let release = (): void => undefined;
  const goOn = new Promise<void>((resolve) => {
    release = resolve;
  });
  let asked = 0;
  desk.bench.wrap('disk', (store): Store => {
    const get: Store['get'] = async (copy, range, signal) => {
      asked += 1;
      if (asked > served)
        await Promise.race([goOn, new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
      return store.get(copy, range, signal);
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'get') return get;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  });
  return release;
}

test('cancelled, it says what was restored by then, leaves nothing half-written, and brings the rest when it is asked again', async (t) => {
  const desk = await Desk.create(t, { files: manyFiles('many', 200) });
  await desk.bench.syncDone();
  const release = holdAfter(desk, 40);
  const into = path.join(desk.bench.folder, 'restored');
  const request = { ...base, into, items: whole('many') };
  const events: RestoreEvent[] = [];
  let restore = 0;
  for await (const event of await desk.client.restore.start(request)) {
    events.push(event);
    if (event.type === 'started') restore = event.restore;
    if (event.type === 'progress' && event.files >= 20) await desk.client.restore.cancel({ restore });
  }
  release();
  const done = doneOf(events);
  const files = () => [...readTree(into).keys()].filter((name) => name !== 'many');
  assert.equal(done.stopped?.code, 'cancelled');
  assert.ok(done.restored >= 20 && done.restored < 200, String(done.restored));
  assert.deepEqual([done.restored + done.left, files().length], [200, done.restored]);
  for (const name of files()) assert.equal(fs.readFileSync(path.join(into, name), 'utf8'), `content of ${name}`);
  const [told] = desk.bench.engine.catalog.events.latest(1);
  assert.deepEqual([told?.kind, told?.detail['files']], ['restored', done.restored]);
  // What has ended cannot be cancelled, and nothing else is.
  await desk.client.restore.cancel({ restore });
  const again = doneOf(await all(await desk.client.restore.start(request)));
  assert.deepEqual(
    [again.restored, again.same, again.left, again.stopped],
    [200 - done.restored, done.restored, 0, undefined],
  );
  assert.equal(files().length, 200);
});

test('of one large file, it is told how far it is', async (t) => {
  const desk = await Desk.create(t, { files: { 'film.mkv': 'x'.repeat(5_000_000) } });
  await desk.bench.syncDone();
  const into = path.join(desk.bench.folder, 'restored');
  const told: number[] = [];
  await desk.bench.engine.restore(desk.bench.source, {
    path: 'film.mkv',
    at: desk.bench.clock.now(),
    number: undefined,
    into,
    conflict: 'skip',
    from: undefined,
    signal: desk.ending.signal,
    onProgress: ({ files, bytes }) => {
      if (files === 0) told.push(bytes);
    },
  });
  assert.ok(told.length >= 4, `${told.length} times`);
  for (const [index, bytes] of told.entries()) assert.ok(bytes > (told[index - 1] ?? 0) && bytes <= 5_000_000);
});

for (const [errno, code, message, advice] of [
  [
    'ENOSPC',
    'disk-full',
    /^The disk is full: “many\/.*” could not be written\.$/,
    /^Make room there.*then restore again\.$/,
  ],
  ['EROFS', 'disk-read-only', /^“many\/.*” could not be written: /, /^Choose another folder.*then restore again\.$/],
  ['EACCES', 'disk-read-only', /^“many\/.*” could not be written: /, /^Choose another folder.*then restore again\.$/],
] as const) {
  test(`a disk that takes no more in the middle (${errno}) ends it, with what is there and what is not`, async (t) => {
    const desk = await Desk.create(t, { files: manyFiles('many', 60) });
    await desk.bench.syncDone();
    const into = path.join(desk.bench.folder, 'restored');
    const write = fs.writeFileSync.bind(fs);
    let room = 10;
    const full = t.mock.method(fs, 'writeFileSync', (...given: Parameters<typeof fs.writeFileSync>) => {
      room -= 1;
      if (room < 0) throw Object.assign(new Error('no room'), { code: errno });
      write(...given);
    });
    const done = doneOf(await all(await desk.client.restore.start({ ...base, into, items: whole('many') })));
    full.mock.restore();
    assert.equal(done.stopped?.code, code);
    assert.match(done.stopped.message, message);
    assert.match(done.stopped.advice ?? '', advice);
    assert.deepEqual([done.restored, done.left, done.failedFiles], [10, 50, 0]);
    assert.equal([...readTree(into).keys()].filter((name) => name !== 'many').length, 10);
  });
}

test('a folder that is taken away in the middle fails what comes after, in words for it', async (t) => {
  const desk = await Desk.create(t, { files: manyFiles('many', 100) });
  await desk.bench.syncDone();
  const release = holdAfter(desk, 40);
  const into = path.join(desk.bench.folder, 'restored');
  const events: RestoreEvent[] = [];
  for await (const event of await desk.client.restore.start({ ...base, into, items: whole('many') })) {
    events.push(event);
    if (event.type !== 'progress' || event.files < 20 || !fs.existsSync(into)) continue;
    fs.renameSync(into, `${into} elsewhere`);
    release();
  }
  const done = doneOf(events);
  assert.equal(done.stopped, undefined);
  assert.equal(done.restored + done.failedFiles, 100);
  assert.ok(done.failedFiles >= 50, String(done.failedFiles));
  assert.match(done.failed[0]?.message ?? '', /^“many\/.*” could not be written: its folder is not there any more\.$/);
  assert.ok(!fs.existsSync(into));
});

test('ending the stream cancels the restore: nothing is written any more, and what was restored stays', async (t) => {
  const desk = await Desk.create(t, { files: manyFiles('many', 200) });
  await desk.bench.syncDone();
  const release = holdAfter(desk, 40);
  const into = path.join(desk.bench.folder, 'restored');
  const events = await desk.client.restore.start({ ...base, into, items: whole('many') });
  for await (const event of events) {
    if (event.type === 'progress' && event.files >= 20) break;
  }
  await desk.browsing.close();
  release();
  const names = [...readTree(into).keys()].filter((name) => name.endsWith('.txt'));
  assert.ok(names.length >= 20 && names.length < 200, String(names.length));
  for (const name of names) assert.equal(fs.readFileSync(path.join(into, name), 'utf8'), `content of ${name}`);
  assert.deepEqual(
    [...readTree(into).keys()].filter((name) => name.includes('.partial')),
    [],
  );
});
