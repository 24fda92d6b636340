import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { minute, readTree } from '../engine/kit.ts';
import { all, Desk, problemOf } from './browse/kit.ts';

const day = 86_400_000;

async function withSample(desk: Desk): Promise<string> {
  const told = await all(await desk.client.sources.addSample());
  assert.ok(told.length > 5);
  assert.ok(told.slice(0, -1).every(({ done, source }) => !done && source === null));
  const last = told.at(-1);
  assert.equal(last?.done, true);
  return last.source ?? '';
}

test('the sample materials can be explored: moments, histogram, versions, copies, search, every viewer', async (t) => {
  const desk = await Desk.create(t);
  await desk.bench.syncDone();
  desk.bench.clock.advance(30 * day);
  const now = desk.bench.clock.now();
  const source = await withSample(desk);
  assert.equal(source, 'Sample materials');
  assert.deepEqual(desk.tended, [source]);
  assert.ok(desk.changed.includes('sources') && desk.changed.includes('stores'));
  const { client } = desk;
  const changes = await client.browse.changes({ source, path: '', timeZone: 'UTC' });
  assert.equal(changes.length, 5);
  assert.ok(changes.every(({ day: one }) => one < now && one > now - 10 * day));
  assert.ok(changes.some(({ deleted }) => deleted > 0) && changes.some(({ changed }) => changed > 0));
  const view = {
    source,
    path: '',
    at: null,
    deleted: false,
    sort: 'name',
    descending: false,
    offset: 0,
    limit: 100,
  } as const;
  const pages = await client.browse.list({ ...view, path: 'Letters of Anna Weiß/1891' });
  assert.deepEqual(
    pages.rows.map(({ name }) => name),
    ['page 1.tif', 'page 2.tif', 'page 3.tif', 'page 4.tif', 'page 5.tif', 'page 9.tif', 'page 10.tif'],
  );
  const early = await client.browse.list({ ...view, path: 'Letters of Anna Weiß/1891', at: now - 8 * day });
  assert.equal(early.total, 5);
  assert.ok(pages.rows.every((row) => row.kind === 'file' && row.copied));
  assert.equal((await client.browse.list({ ...view, at: now - 20 * day })).total, 0);
  const gone = await client.browse.list({ ...view, path: 'Theses', deleted: true });
  assert.ok(gone.rows.some(({ name, deleted }) => name === 'Old drafts' && deleted));
  const [found] = (await client.browse.search({ text: 'okafor', limit: 5 })).found;
  assert.equal(found?.path, 'Oral history/Interview with Mrs Okafor.wav');
  const moved = await client.browse.file({ source, path: found.path });
  assert.equal(moved.versions[0]?.movedFrom, 'Oral history/tape 4 side A.wav');
  const page = await client.browse.file({ source, path: 'Letters of Anna Weiß/1891/page 2.tif' });
  assert.deepEqual(
    page.versions.map(({ copies }) => copies.map(({ store, state }) => `${store} ${state}`)),
    [
      ['Sample disk stored', 'Sample second disk stored'],
      ['Sample disk stored', 'Sample second disk stored'],
    ],
  );
  for (const { firstSeen, copies } of page.versions)
    for (const { storedAt } of copies)
      assert.ok(storedAt !== null && storedAt >= firstSeen && storedAt < firstSeen + day);
  const viewers = new Set<string>();
  const beginnings: Record<string, RegExp> = {
    image: /^\xff\xd8\xff/,
    tiff: /^II\*\0/,
    pdf: /^%PDF-/,
    audio: /^RIFF....WAVE/s,
    table: /^"Shelf mark"/,
    text: /./,
  };
  const { catalog } = desk.bench.engine;
  const { id } = catalog.sources.get(source);
  const root = catalog.browse.folderId(id, '') ?? 0;
  for (const { path: file, number } of catalog.browse.filesBelow(root, '', now)) {
    const ticket = await client.browse.content({ source, path: file, version: number });
    viewers.add(ticket.viewer);
    const { status, bytes } = await desk.fetch(ticket.url);
    assert.equal(status, 200);
    assert.match(bytes.toString('latin1'), beginnings[ticket.viewer] ?? /nothing/, file);
  }
  assert.deepEqual([...viewers].sort(), ['audio', 'image', 'pdf', 'table', 'text', 'tiff']);
  // Whoever looks at it for the first time meets names of a library, and no attack.
  const notes = (await client.browse.list({ ...view, path: 'Notes' })).rows.map(({ name }) => name);
  assert.deepEqual(
    notes.filter((name) => /[<>&;]/.test(name)),
    [],
  );
  assert.ok(notes.some((name) => name.includes('[old]')));
});

test('times of the sample are in order: runs, events, growth and versions tell the same days', async (t) => {
  const desk = await Desk.create(t);
  desk.bench.clock.advance(30 * day);
  const source = await withSample(desk);
  const { catalog } = desk.bench.engine;
  const { id, createdAt } = catalog.sources.get(source);
  const runs = catalog.runs.latest(20, id).reverse();
  assert.equal(runs.length, 5);
  assert.ok(runs.every(({ outcome }) => outcome === 'done'));
  let last = createdAt;
  for (const { startedAt, endedAt } of runs) {
    assert.ok(startedAt >= last && endedAt !== null && endedAt >= startedAt);
    last = endedAt;
  }
  assert.ok(last < desk.bench.clock.now());
  assert.deepEqual(catalog.growth.all().length, 5);
  assert.ok(catalog.stores.all().every((store) => !store.name.startsWith('Sample') || store.createdAt <= createdAt));
  // The next run, with the clock of today, finds everything as it is.
  const next = await desk.bench.engine.sync(catalog.sources.get(source), {
    rehash: false,
    acceptChanges: false,
    signal: new AbortController().signal,
    gate: () => Promise.resolve(),
    onProgress: () => undefined,
  });
  assert.equal(next.outcome, 'done');
  const { added, changed, deleted, unchanged } = next.summary;
  assert.deepEqual([added, changed, deleted], [0, 0, 0]);
  assert.ok(unchanged > 10);
  for (const store of catalog.stores.all().filter(({ name }) => name.startsWith('Sample'))) {
    const options = { deep: true, signal: new AbortController().signal, onProgress: () => undefined };
    const verified = await desk.bench.engine.verify(catalog.sources.get(source), store, options);
    assert.deepEqual([verified.bad, verified.foreign], [[], []]);
    assert.ok(verified.verified > 20);
  }
});

test('removing the sample takes all of it and touches nothing else; making it again gives the same files', async (t) => {
  const desk = await Desk.create(t);
  await desk.bench.syncDone();
  const mine = readTree(desk.bench.root);
  const source = await withSample(desk);
  const materials = path.join(desk.bench.home, 'sample/materials');
  const first = [...readTree(materials)].map(([name, { sha256 }]) => [name, sha256]);
  await desk.client.sources.removeSample();
  assert.ok(!fs.existsSync(path.join(desk.bench.home, 'sample')));
  const { catalog } = desk.bench.engine;
  assert.deepEqual(
    [catalog.sources.all().map(({ name }) => name), catalog.stores.all().map(({ name }) => name)],
    [['source'], ['disk']],
  );
  assert.deepEqual((await desk.client.browse.search({ text: 'okafor', limit: 5 })).found, []);
  assert.equal(
    (await problemOf(desk.client.browse.folders({ source, path: '', at: null, deleted: false }))).code,
    'unknown-name',
  );
  assert.deepEqual(readTree(desk.bench.root), mine);
  desk.bench.assertStoreShowsSource();
  await desk.client.sources.removeSample();
  const again = await withSample(desk);
  assert.equal(again, 'Sample materials 2');
  assert.deepEqual(
    [...readTree(materials)].map(([name, { sha256 }]) => [name, sha256]),
    first,
  );
});

test('ended before its time, the sample leaves nothing; a store that something else uses is not taken away', async (t) => {
  const desk = await Desk.create(t);
  await desk.bench.syncDone();
  for await (const { sentence } of await desk.client.sources.addSample()) if (/tape/.test(sentence)) break;
  await desk.browsing.close();
  const { catalog } = desk.bench.engine;
  assert.deepEqual([catalog.sources.all().length, catalog.stores.all().length], [1, 1]);
  assert.ok(!fs.existsSync(path.join(desk.bench.home, 'sample')));
  const other = await Desk.create(t);
  other.bench.clock.advance(minute);
  await withSample(other);
  const { sources, stores } = other.bench.engine.catalog;
  const disk = stores.get('Sample disk');
  const assertRefused = async (): Promise<void> => {
    const refused = await problemOf(other.client.sources.removeSample());
    assert.equal(refused.code, 'usage');
    assert.match(refused.message, /also holds copies of “source”/);
    assert.equal(sources.all().length, 2);
  };
  sources.attach(other.bench.source, disk);
  await assertRefused();
  await other.bench.syncDone();
  sources.detach(other.bench.source.id, disk.id);
  await assertRefused();
});
