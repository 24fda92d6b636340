import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { hour, House, minute, problemOf, shownIn } from './kit.ts';

test('with nothing to protect yet, it says that and no more', async (t) => {
  const house = await House.create(t);
  const { headline, state, empty } = await house.client.app.overview();
  assert.deepEqual([headline, state, empty], ['Nothing is protected yet.', 'needs-you', true]);
  assert.match(house.state.sentence, /^Nothing is protected yet\. /);
  assert.equal(house.state.state, 'needs-you');
  assert.deepEqual(house.state.attention, [], 'nobody is called for it');
  await house.protect();
  assert.equal(house.state.state, 'safe');
  await house.client.sources.remove({ name: 'Scans' });
  await house.until('the state', () => house.state.sentence.startsWith('Nothing is protected yet.'));
});

test('a source that is added is copied by itself to every store, and all is safe', async (t) => {
  const house = await House.create(t);
  assert.equal((await house.client.app.overview()).empty, true);
  await house.protect({ 'a.txt': 'a', 'sub/b.txt': 'b' });
  for (const store of ['disk', 'shelf']) {
    assert.deepEqual(shownIn(house.storeFolder(store)), { 'a.txt': 'a', 'sub/b.txt': 'b' });
  }
  const overview = await house.client.app.overview();
  assert.equal(overview.state, 'safe');
  assert.equal(overview.headline, 'Everything is safe.');
  assert.deepEqual(overview.attention, []);
  assert.deepEqual([overview.files, overview.bytes, overview.versions], [2, 2, 2]);
  assert.deepEqual(
    overview.growth.map(({ files, bytes }) => [files, bytes]),
    [[2, 2]],
  );
  const source = await house.source();
  assert.deepEqual(
    source.copies.map(({ store, state, stored }) => [store, state, stored]),
    [
      ['disk', 'complete', 2],
      ['shelf', 'complete', 2],
    ],
  );
  assert.equal(source.lastRun?.outcome, 'done');
  assert.equal(source.nextRunAt, house.time.now() + 30 * minute);
  assert.equal(house.state.state, 'safe');
});

test('a change that the system tells of is copied when it has been quiet for a moment', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'a' }, true);
  house.write('b.txt', 'new');
  await house.time.due(minute);
  house.time.advance(minute);
  await house.until('the change in the store', () => shownIn(house.storeFolder('disk'))['b.txt'] === 'new');
  await house.quiet();
  assert.equal((await house.source()).files, 2);
});

test('every source is looked through at its own pace', async (t) => {
  const house = await House.create(t);
  await house.protect();
  await house.client.sources.edit({ name: 'Scans', cadence: { everyMinutes: 120, watch: false } });
  house.write('later.txt', 'later');
  house.time.advance(119 * minute);
  assert.equal((await house.source()).running, false);
  house.time.advance(minute);
  await house.quiet();
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))).sort(), ['first.txt', 'later.txt']);
  assert.equal((await house.client.runs.list({ limit: 10 })).runs.length, 2);
});

test('a pause of everything survives a new start and ends by itself', async (t) => {
  const house = await House.create(t);
  await house.protect();
  const until = house.time.now() + hour;
  await house.client.app.pause({ until });
  assert.equal(house.state.state, 'paused');
  assert.equal(house.state.pausedUntil, until);
  house.write('later.txt', 'later');
  await house.reopen();
  assert.equal(house.state.state, 'paused');
  house.time.advance(45 * minute);
  const paused = await house.source();
  assert.equal(paused.running, false);
  assert.equal(paused.nextRunAt, null);
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))), ['first.txt']);
  house.time.advance(15 * minute);
  await house.until('the round after the pause', async () => (await house.source()).files === 2);
  await house.quiet();
  assert.equal(house.state.state, 'safe');
  assert.equal(house.state.pausedUntil, null);
});

test('a pause until a person resumes outlasts the schedule, and a person may ask for one run meanwhile', async (t) => {
  const house = await House.create(t);
  await house.protect();
  await house.client.sources.pause({ name: 'Scans', until: 'forever' });
  assert.equal((await house.source()).pausedUntil, 'forever');
  await house.reopen();
  house.write('later.txt', 'later');
  house.time.advance(100 * hour);
  const paused = await house.source();
  assert.deepEqual([paused.running, paused.files, paused.pausedUntil], [false, 1, 'forever']);
  assert.equal(house.state.sentence, 'Every source is paused.');
  await house.sync();
  assert.equal((await house.source()).files, 2);
  house.write('latest.txt', 'latest');
  await house.client.sources.resume({ name: 'Scans' });
  await house.quiet();
  const resumed = await house.source();
  assert.deepEqual([resumed.pausedUntil, resumed.files], [null, 3]);
});

test('a run in the middle of a large file shows what it does, is cancelled at once, and goes on later', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  // With the clock standing still, the bytes after the first slice never get their turn.
  await house.client.stores.setLimits({ name: 'disk', upload: 4_096, download: null, hours: [] });
  house.write('scan.tif', 'x'.repeat(2_000_000));
  await house.add();
  const progress = await house.until('bytes on their way', () =>
    house.events
      .flatMap((event) => (event.type === 'progress' ? event.runs : []))
      .find((run) => run.stores.some((store) => store.inFlight.length > 0)),
  );
  assert.equal(progress.source, 'Scans');
  assert.deepEqual(
    progress.stores.map(({ store, inFlight, pendingCopies, pendingBytes, problem }) => [
      store,
      inFlight[0]?.path,
      inFlight[0]?.size,
      pendingCopies,
      pendingBytes,
      problem,
    ]),
    [['disk', 'scan.tif', 2_000_000, 1, 2_000_000, null]],
  );
  assert.equal(house.state.state, 'working');
  await house.client.runs.cancel({ source: 'Scans' });
  await house.client.stores.setLimits({ name: 'disk', upload: null, download: null, hours: [] });
  await house.quiet();
  const [cancelled] = (await house.client.runs.list({ limit: 1 })).runs;
  assert.equal(cancelled?.outcome, 'cancelled');
  const [copy] = (await house.source()).copies;
  assert.deepEqual([copy?.state, copy?.pending], ['behind', 1]);
  assert.deepEqual(
    house.events.findLast((event) => event.type === 'progress'),
    { type: 'progress', runs: [] },
  );
  await house.client.stores.setLimits({ name: 'disk', upload: null, download: null, hours: [] });
  house.time.advance(30 * minute);
  await house.until('the copy', async () => (await house.source()).copies[0]?.state === 'complete');
});

test('a pause ends the run under way, and its end goes on with it', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  await house.client.stores.setLimits({ name: 'disk', upload: 4_096, download: null, hours: [] });
  house.write('scan.tif', 'x'.repeat(2_000_000));
  await house.add();
  await house.until('the run', () => house.events.some((event) => event.type === 'progress' && event.runs.length > 0));
  await house.client.app.pause({ until: 'forever' });
  await house.client.stores.setLimits({ name: 'disk', upload: null, download: null, hours: [] });
  await house.quiet();
  assert.equal(house.state.state, 'paused');
  await house.client.app.resume();
  await house.until('the copy', async () => (await house.source()).copies[0]?.state === 'complete');
});

test('nothing begins while the computer sleeps, and what was missed is caught up with', async (t) => {
  const house = await House.create(t);
  await house.protect();
  house.service.suspend();
  house.write('later.txt', 'later');
  house.time.advance(8 * hour);
  assert.equal((await house.source()).files, 1);
  house.service.wake();
  await house.until('the round that was missed', async () => (await house.source()).files === 2);
});

test('without a network it says so, and folder stores are served all the same', async (t) => {
  const house = await House.create(t);
  await house.protect();
  house.service.setOnline(false);
  await house.until('the state', () => house.state.state === 'offline');
  house.write('later.txt', 'later');
  await house.sync();
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('shelf'))).sort(), ['first.txt', 'later.txt']);
  house.service.setOnline(true);
  await house.until('the state', () => house.state.state === 'safe');
});

test('several sources run together without mixing up what they found', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  const names = ['one', 'two', 'three'];
  for (const name of names) {
    const root = `${house.folder}/sources/${name}`;
    fs.mkdirSync(root, { recursive: true });
    for (let index = 0; index < 60; index += 1) fs.writeFileSync(`${root}/${index}.txt`, `${name} ${index}`);
    await house.client.sources.add({
      root,
      rules: { include: [], exclude: [], defaults: true },
      cadence: { everyMinutes: 30, watch: false },
      stores: ['disk'],
    });
  }
  await house.quiet();
  for (const name of names) {
    const root = `${house.folder}/sources/${name}`;
    for (let index = 0; index < 10; index += 1) {
      fs.rmSync(`${root}/${index}.txt`);
      fs.writeFileSync(`${root}/${index + 20}.txt`, `changed ${name}`);
    }
  }
  await house.client.sources.sync({});
  await house.quiet();
  for (const source of await house.client.sources.list()) {
    const { numbers, outcome } = source.lastRun ?? {};
    assert.deepEqual([outcome, numbers?.changed, numbers?.deleted, source.files], ['done', 10, 10, 50]);
  }
});

test('a source is edited, renamed rules take nothing away, and after it was removed its copies stay', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'a', 'b.log': 'b' });
  const rules = { include: [], exclude: ['*.log'], defaults: true };
  const edited = await house.client.sources.edit({ name: 'Scans', rules });
  assert.deepEqual(edited.rules, rules);
  await house.quiet();
  assert.equal((await house.source()).files, 2);
  await problemOf(house.client.sources.edit({ name: 'Scans', root: house.storeFolder('disk') }), 'source-overlaps');
  await house.client.sources.remove({ name: 'Scans' });
  assert.deepEqual(await house.client.sources.list(), []);
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))).sort(), ['a.txt', 'b.log']);
  const { events } = await house.client.app.events({ limit: 10 });
  assert.match(events[0]?.sentence ?? '', /not protected any more. Its copies stayed/);
  const older = await house.client.app.events({ limit: 2, before: events[1]?.id ?? 0 });
  assert.deepEqual(
    older.events.map(({ id }) => id),
    events.slice(2, 4).map(({ id }) => id),
  );
});
