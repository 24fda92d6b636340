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
    assert.ok(plan.notes.length > 0, into);
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

test('ending the stream cancels the restore: nothing is written any more, and what was restored stays', async (t) => {
  const desk = await Desk.create(t, { files: manyFiles('many', 200) });
  await desk.bench.syncDone();
  let release = (): void => undefined;
  let served = 0;
  desk.bench.wrap('disk', (store): Store => {
    const get: Store['get'] = async (copy, range, signal) => {
      served += 1;
      if (served > 40) {
        await new Promise<void>((resolve) => {
          release = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
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
