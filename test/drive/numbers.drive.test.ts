import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { DriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import { contextWith, contentOf, factsOf, listAll, putBytes, requestFor, signal } from '../contract/support.ts';
import { startDriveLab, type DriveLab } from './lab.ts';

/** Requests to Drive while something is done. */
async function counted(lab: DriveLab, work: () => Promise<unknown>): Promise<number> {
  const before = lab.emulator.requests.count();
  await work();
  return lab.emulator.requests.count() - before;
}

async function warm(store: DriveStore, source: string): Promise<void> {
  await store.ready(signal);
  // Ids are fetched in hundreds; a file costs a hundredth of a request for them.
  for (let index = 0; index < 15; index += 1)
    await putBytes(store, { source, path: `folder/${index}` }, Buffer.from('x'));
}

it('stores a small file in one request in a folder it made, and in two in one that was there', async () => {
  const lab = await startDriveLab();
  const first = await lab.open();
  await warm(first, 'count');
  assert.equal(await counted(lab, () => putBytes(first, { source: 'count', path: 'folder/new' }, Buffer.from('x'))), 1);
  await first.close();

  const second = await lab.open();
  await warm(second, 'elsewhere');
  const put = (path: string) => () => putBytes(second, { source: 'count', path }, Buffer.from('x'));
  await putBytes(second, { source: 'count', path: 'folder/any' }, Buffer.from('x'));
  assert.equal(await counted(lab, put('folder/another')), 2);
  // Where many come to one folder, it is listed once and no more questions are asked.
  for (let index = 0; index < 10; index += 1) await put(`folder/more ${index}`)();
  assert.equal(await counted(lab, put('folder/and another')), 1);

  const place = { source: 'count', path: 'folder/changed' };
  const copy = await putBytes(second, place, Buffer.from('one'));
  let next = copy;
  const change = async () =>
    (next = await putBytes(second, place, Buffer.from('two'), { number: 2, replaces: copy.locator }));
  assert.equal(await counted(lab, change), 2, 'a new revision');
  const request = requestFor({ source: 'count', path: 'folder/moved' }, factsOf(Buffer.from('two')), { move: true });
  assert.equal(await counted(lab, () => second.copyWithin(next, request, contextWith())), 2, 'a move');
  assert.equal(await counted(lab, () => second.retire(place, next.locator, signal)), 1, 'the end of the old place');
  await second.retire({ source: 'count', path: 'folder/any' }, undefined, signal);
  const gone = await putBytes(second, { source: 'count', path: 'folder/gone' }, Buffer.from('x'));
  assert.equal(await counted(lab, () => second.retire(gone.place, gone.locator, signal)), 2, 'a deletion');
  assert.equal(await counted(lab, () => second.ready(signal)), 1, 'ready');
  await second.close();
  await lab.close();
});

it('makes a folder once, however many ask for it at once', async () => {
  const lab = await startDriveLab();
  const store = await lab.open();
  const bytes = Buffer.from('x');
  const paths = Array.from({ length: 50 }, (_, index) => `a/b/${index % 5}/${index}`);
  await Promise.all(
    paths.map((path) => store.put(requestFor({ source: 's', path }, factsOf(bytes)), contentOf(bytes), contextWith())),
  );
  const folders = lab.emulator.state
    .tree(lab.emulator.state.rootId)
    .filter(({ item }) => item.mimeType.endsWith('folder'))
    .map(({ path }) => path);
  assert.equal(new Set(folders).size, folders.length);
  assert.equal(folders.length, 2 + 2 + 2 + 5);
  assert.equal((await listAll(store, 's')).length, 50);
  await store.close();
  await lab.close();
});

it('lists 20,000 files in 200 folders with few requests, and of older revisions only those there are', async () => {
  const lab = await startDriveLab();
  const store = await lab.open();
  await putBytes(store, { source: 'many', path: 'folder 0/file' }, Buffer.from('x'));
  const { state } = lab.emulator;
  const top = state.tree(state.rootId).find(({ path }) => path.endsWith('/files/many'))?.item.id ?? '';
  for (let folder = 0; folder < 200; folder += 1) {
    const parent = state.createFolder(`by hand ${folder}`, { parent: top });
    for (let file = 0; file < 100; file += 1) state.createFile(`${file}.tif`, 'x', { parent });
  }
  let listed = 0;
  const requests = await counted(lab, async () => {
    for await (const copy of store.list('many', signal)) listed += copy.current ? 1 : 0;
  });
  assert.equal(listed, 20_001);
  console.log(`20,001 files in 202 folders: ${requests} requests`);
  assert.ok(requests <= 20_000 / 1000 + 15, `${requests} requests`);
  await store.close();
  await lab.close();
});
