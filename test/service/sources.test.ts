import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { House, problemOf, shownIn } from './kit.ts';

const rules = { include: [], exclude: ['*.bak'], defaults: true };

async function preview(house: House) {
  let last;
  for await (const counted of await house.client.sources.preview({ root: house.root, rules })) last = counted;
  assert.ok(last !== undefined);
  return last;
}

test('a folder that was protected before says so in the preview, and is continued with the stores that are chosen', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'one' });
  house.write('a.txt', 'two!');
  await house.sync();
  assert.equal((await preview(house)).former, undefined, 'a source in force is no former one');
  await house.client.sources.remove({ name: 'Scans' });
  const [disk] = await house.client.stores.list();
  assert.deepEqual([disk?.sources, disk?.formerSources], [[], [{ name: 'Scans', removed: true, copies: 2 }]]);
  const { former } = await preview(house);
  assert.deepEqual([former?.name, former?.versions, former?.stores], ['Scans', 2, ['disk', 'shelf']]);
  assert.equal(former?.removedAt, house.time.now());

  const cadence = { everyMinutes: 60, watch: false };
  const again = await house.client.sources.add({ root: house.root, rules, cadence, stores: ['disk'] });
  await house.quiet();
  assert.deepEqual([again.name, again.versions, again.cadence.everyMinutes], ['Scans', 2, 60]);
  const source = await house.source();
  assert.deepEqual(
    source.copies.map(({ store, state, pending }) => [store, state, pending]),
    [['disk', 'complete', 0]],
  );
  assert.deepEqual(source.lastRun?.numbers.added, 0);
  const [, shelf] = await house.client.stores.list();
  assert.deepEqual(shelf?.formerSources, [{ name: 'Scans', removed: false, copies: 2 }]);
  const { versions } = await house.client.browse.file({ source: 'Scans', path: 'a.txt' });
  assert.equal(versions.length, 2);
});

test('a former source is left alone where a person wants to begin anew', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'one' });
  await house.client.sources.remove({ name: 'Scans' });
  const cadence = { everyMinutes: 60, watch: false };
  const anew = { root: house.root, rules, cadence, stores: ['disk'], anew: true, name: 'Scans again' };
  assert.deepEqual((await house.client.sources.add(anew)).name, 'Scans again');
  await house.quiet();
  assert.equal((await house.source()).versions, 1);
});

test('a store can be left, but not the last; what it holds stays', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'one' });
  const left = await house.client.sources.edit({ name: 'Scans', removeStores: ['shelf'] });
  assert.deepEqual(
    left.copies.map(({ store }) => store),
    ['disk'],
  );
  await house.quiet();
  house.write('b.txt', 'two');
  await house.sync();
  assert.deepEqual(shownIn(house.storeFolder('shelf')), { 'a.txt': 'one' });
  assert.deepEqual(shownIn(house.storeFolder('disk')), { 'a.txt': 'one', 'b.txt': 'two' });
  const problem = await problemOf(house.client.sources.edit({ name: 'Scans', removeStores: ['disk'] }), 'usage');
  assert.match(problem.message, /only store/);
  assert.deepEqual((await house.source()).copies.length, 1);
});

test('stores of the sample materials are told as such, and hold nothing real', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'one' });
  for await (const { done } of await house.client.sources.addSample()) if (done) break;
  const stores = await house.client.stores.list();
  const sample = stores.filter((store) => store.sample === true).map(({ name }) => name);
  assert.equal(sample.length, 2);
  assert.deepEqual(
    stores.filter((store) => store.sample !== true).map(({ name }) => name),
    ['disk', 'shelf'],
  );
  await problemOf(house.client.sources.edit({ name: 'Scans', addStores: sample }), 'usage');
  assert.equal((await house.client.sources.list()).find(({ name }) => name === 'Scans')?.copies.length, 2);
});

test('what is left out is told by why it is', async (t) => {
  const house = await House.create(t);
  house.write('kept.txt', 'kept');
  house.write('old.bak', 'a rule of the person');
  house.write('Thumbs.db', 'litter');
  fs.symlinkSync('kept.txt', path.join(house.root, 'link'));
  const counted = await preview(house);
  assert.equal(counted.files, 1);
  assert.deepEqual(
    counted.leftOutBy?.toSorted((one, other) => one.why.localeCompare(other.why)),
    [
      { why: 'link', amount: 1, examples: ['link'] },
      { why: 'litter', amount: 1, examples: ['Thumbs.db'] },
      { why: 'rule', amount: 1, examples: ['old.bak'] },
    ],
  );
});

test('a store for a folder that is about to be protected is refused in it, and nothing is made', async (t) => {
  const house = await House.create(t);
  house.write('a.txt', 'a');
  for (const place of [house.root, path.join(house.root, 'copies'), house.folder]) {
    const adding = house.client.stores.add({ kind: 'folder', path: place, protecting: house.root });
    await problemOf(adding, 'source-overlaps');
  }
  assert.deepEqual(fs.readdirSync(house.root), ['a.txt']);
  assert.deepEqual(await house.client.stores.list(), []);
  const taken = await problemOf(house.client.stores.add({ kind: 'folder', path: house.root }), 'usage');
  assert.match(taken.advice ?? '', /Scans\/Strongroom/);
});

test('a store tells when it was last checked, how that went, and how much is free', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  const check = async (): Promise<void> => {
    for await (const { done } of await house.client.stores.check({ name: 'disk' })) if (done) break;
  };
  await check();
  const now = house.time.now();
  const store = await house.until('the free space', async () => {
    const [disk] = await house.client.stores.list();
    return disk?.freeBytes === undefined ? undefined : disk;
  });
  assert.deepEqual(store.lastCheck, { at: now, passed: true });
  assert.ok((store.freeBytes ?? 0) > 0);
  assert.deepEqual(fs.readdirSync(path.join(house.storeFolder('disk'), 'files')), []);
  assert.deepEqual(fs.readdirSync(path.join(house.storeFolder('disk'), 'history')), []);
  fs.renameSync(house.storeFolder('disk'), `${house.storeFolder('disk')}-away`);
  await check();
  assert.equal((await house.client.stores.list())[0]?.lastCheck?.passed, false);
  await house.reopen();
  assert.equal((await house.client.stores.list())[0]?.lastCheck?.passed, false, 'it is kept');
});

test('copies on the disk of their folder are told with the store', async (t) => {
  const house = await House.create(t, { diskOf: () => Promise.resolve('one disk') });
  await house.protect({ 'a.txt': 'a' });
  const caution = await house.until('the caution', async () => (await house.client.stores.list())[0]?.caution);
  assert.match(caution, /same disk as the folder of “Scans”/);
});
