import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Engine } from '../../electron/engine/engine.ts';
import { manyFiles, signal, writeAt } from '../engine/kit.ts';
import { House, minute, shownIn } from './kit.ts';
import { mailServer, settingsFor } from './mail.ts';

/** A source of a hundred files, all of which are then overwritten as malicious software would. */
async function attacked(house: House): Promise<Record<string, string>> {
  const files = manyFiles('letters', 100);
  await house.protect(files);
  for (const name of Object.keys(files)) house.write(name, `scrambled ${name}`);
  await house.sync();
  return files;
}

test('an unusual share of changes asks a person once, and nothing of it is copied', async (t) => {
  const house = await House.create(t);
  const files = await attacked(house);
  const asked = await house.attention(/^mass-change:/);
  assert.match(asked.title, /Unusually much has changed in “Scans”/);
  assert.match(asked.detail, /100 files have changed, of 100 in all/);
  assert.equal(house.state.state, 'needs-you');
  assert.deepEqual(shownIn(house.storeFolder('disk')), files);
  const [run] = (await house.client.runs.list({ limit: 1 })).runs;
  assert.equal(run?.outcome, 'needs-approval');
  assert.equal(run.questioned?.examples.length, 10);
  assert.deepEqual(asked.action, { do: 'accept-changes', source: 'Scans', run: run.id });
  // The same thing an hour and a new start later is the same thing.
  house.time.advance(60 * minute);
  await house.quiet();
  await house.reopen();
  await house.quiet();
  const { runs } = await house.client.runs.list({ limit: 10 });
  assert.deepEqual(
    runs.map(({ outcome }) => outcome),
    ['needs-approval', 'needs-approval', 'needs-approval', 'needs-approval', 'done'],
  );
  const last = { do: 'accept-changes' as const, source: 'Scans', run: runs[0]?.id };
  await house.until('the last run to ask', () =>
    house.state.attention.some(({ action }) => isDeepStrictEqual(action, last)),
  );
  assert.deepEqual(await house.attention(/^mass-change:/), { ...asked, action: last });
  const { events } = await house.client.app.events({ limit: 10 });
  assert.equal(events.filter(({ kind }) => kind === 'mass-change-stopped').length, 1);
});

test('a share that goes away is no answer to what was asked about it, and what it asks is the same as before', async (t) => {
  const house = await House.create(t);
  await attacked(house);
  const asked = await house.attention(/^mass-change:/);
  const away = `${house.root}-away`;
  fs.renameSync(house.root, away);
  await house.sync();
  await house.attention(/^root:/);
  assert.deepEqual(await house.attention(/^mass-change:/), asked);
  fs.renameSync(away, house.root);
  await house.sync();
  await house.until('the share to be back', () => house.state.attention.length === 1);
  assert.equal(house.state.attention[0]?.since, asked.since);
});

test('a mass change that was refused by putting the files back is over with the next run', async (t) => {
  const house = await House.create(t);
  const files = await attacked(house);
  await house.attention(/^mass-change:/);
  for (const [name, text] of Object.entries(files)) house.write(name, text);
  await house.sync();
  await house.until('the end of it', () => house.state.attention.length === 0);
  assert.equal(house.state.state, 'safe');
  assert.deepEqual(shownIn(house.storeFolder('disk')), files);
});

test('a mass change that a person accepts is copied, and told among the events', async (t) => {
  const house = await House.create(t);
  await attacked(house);
  await house.attention(/^mass-change:/);
  await house.sync(true);
  await house.until('the end of it', () => house.state.state === 'safe');
  assert.equal(shownIn(house.storeFolder('shelf'))['letters/0007.txt'], 'scrambled letters/0007.txt');
  const { events } = await house.client.app.events({ source: 'Scans', limit: 10 });
  assert.match(events[0]?.sentence ?? '', /A person accepted the changes in “Scans”: 100 files changed/);
});

test('a share that goes away is said, looked for, and gone on with when it is back', async (t) => {
  const house = await House.create(t);
  await house.protect();
  const away = `${house.root}-away`;
  fs.renameSync(house.root, away);
  await house.sync();
  const lost = await house.attention(/^root:/);
  assert.equal(lost.title, 'The folder of “Scans” cannot be reached');
  assert.deepEqual(lost.action, { do: 'sync', source: 'Scans' });
  assert.equal((await house.source()).reachable, false);
  assert.equal((await house.source()).files, 1);
  // It comes back with something new, and nobody presses anything.
  fs.renameSync(away, house.root);
  house.write('meanwhile.txt', 'meanwhile');
  house.time.advance(minute);
  await house.until('work to go on', async () => (await house.source()).files === 2);
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.equal((await house.source()).reachable, true);
  assert.equal(house.state.state, 'safe');
});

test('a share that is suddenly empty deletes nothing and says so', async (t) => {
  const house = await House.create(t);
  await house.protect();
  fs.rmSync(path.join(house.root, 'first.txt'));
  await house.sync();
  const emptied = await house.attention(/^root:/);
  assert.equal(emptied.title, 'The folder of “Scans” is suddenly empty');
  assert.doesNotMatch(emptied.detail, /strongroom source|--/);
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))), ['first.txt']);
});

test('a store that is gone stops only its own copies, is named, and is caught up with when it is back', async (t) => {
  const house = await House.create(t);
  await house.protect();
  fs.renameSync(house.storeFolder('disk'), `${house.storeFolder('disk')}-away`);
  house.write('later.txt', 'later');
  await house.sync();
  const gone = await house.attention(/^store:/);
  assert.match(gone.title, /“disk”/);
  assert.deepEqual(gone.action, { do: 'check-store', store: 'disk' });
  const { copies } = await house.source();
  assert.deepEqual(
    copies.map(({ store, state, pending }) => [store, state, pending]),
    [
      ['disk', 'stopped', 1],
      ['shelf', 'complete', 0],
    ],
  );
  const store = (await house.client.stores.list()).find(({ name }) => name === 'disk');
  assert.equal(store?.problem?.code, copies[0]?.problem?.code);
  fs.renameSync(`${house.storeFolder('disk')}-away`, house.storeFolder('disk'));
  // Checking it tries again what waited for it.
  const steps = [];
  for await (const { step } of await house.client.stores.check({ name: 'disk' })) if (step !== null) steps.push(step);
  assert.ok(steps.length > 5 && steps.every(({ passed, problem }) => passed && problem === null));
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))).sort(), ['first.txt', 'later.txt']);
});

test('what one source found about a store holds for every source that uses it, until one works with it again', async (t) => {
  const house = await House.create(t);
  await house.protect();
  const maps = path.join(house.folder, 'Maps');
  writeAt(maps, 'map.txt', 'map');
  const common = { rules: { include: [], exclude: [], defaults: true }, cadence: { everyMinutes: 30, watch: false } };
  await house.client.sources.add({ root: maps, stores: ['disk', 'shelf'], ...common });
  await house.quiet();
  const states = async (): Promise<Record<string, string[]>> =>
    Object.fromEntries(
      (await house.client.sources.list()).map(({ name, copies }) => [
        name,
        copies.map(({ store, state, problem }) => `${store} ${state} ${problem?.code ?? 'well'}`),
      ]),
    );
  const syncMaps = async (): Promise<void> => {
    await house.client.sources.sync({ name: 'Maps', acceptChanges: false });
    await house.quiet();
  };
  const disk = house.storeFolder('disk');
  fs.renameSync(disk, `${disk}-away`);
  house.write('later.txt', 'later');
  await house.sync();
  const gone = ['disk stopped store-not-found', 'shelf complete well'];
  assert.deepEqual(await states(), { Scans: gone, Maps: gone });
  // Nothing changed in the other one, so its own run asks the store nothing.
  house.time.advance(minute);
  await syncMaps();
  assert.deepEqual(await states(), { Scans: gone, Maps: gone });
  // The finder keeps what it found until it has tried again itself: its copies are still not made.
  fs.renameSync(`${disk}-away`, disk);
  house.time.advance(minute);
  writeAt(maps, 'map.txt', 'another map');
  await syncMaps();
  const well = ['disk complete well', 'shelf complete well'];
  assert.deepEqual(await states(), { Scans: gone, Maps: well });
  house.time.advance(minute);
  await house.sync();
  assert.deepEqual(await states(), { Scans: well, Maps: well });
});

test('folders of one place that cannot be reached are one thing in the tray and in e-mails, each by itself in the window', async (t) => {
  const house = await House.create(t);
  const server = await mailServer(t, 'secret');
  await house.client.settings.set({ email: { ...settingsFor(server.port), user: '' } });
  await house.addStore('disk');
  const share = path.join(house.folder, 'share');
  const names = ['Letters', 'Maps', 'Photographs', 'Theses'];
  const common = { rules: { include: [], exclude: [], defaults: true }, cadence: { everyMinutes: 30, watch: false } };
  for (const name of names) {
    writeAt(path.join(share, name), 'a.txt', name);
    await house.client.sources.add({ root: path.join(share, name), stores: ['disk'], ...common });
  }
  await house.quiet();
  fs.renameSync(share, `${share}-away`);
  for (const name of names) await house.client.sources.sync({ name, acceptChanges: false });
  await house.quiet();
  await house.until('all of them to be told', () => house.state.attention.length === 4);
  assert.equal(house.state.sentence, `4 folders in ${share} cannot be reached.`);
  assert.equal((await house.client.app.overview()).headline, '4 things need you.');
  house.time.advance(minute);
  await server.delivered(1);
  // Long lines and signs that are not ASCII are written otherwise in a message (RFC 2045, 6.7).
  const text = (server.mails[0] ?? '').replaceAll('=\n', '').replaceAll(/(=[0-9A-F]{2})+/g, '"');
  assert.ok(text.includes(`\n* 4 folders in ${share} cannot be reached\n`), text);
  assert.match(text, /They are the folders of "Letters", "Maps", "Photographs" and 1 other\./);
  assert.equal(text.split('\n* ').length, 2, 'and nothing else');
});

test('content that changed behind its time is said with the file', async (t) => {
  const house = await House.create(t);
  const file = path.join(house.root, 'a.txt');
  const overwrite = (text: string): void => {
    house.write('a.txt', text);
    fs.utimesSync(file, 1_700_000_000, 1_700_000_000);
  };
  overwrite('good');
  await house.protect({ 'b.txt': 'other' });
  overwrite('evil');
  await house.sync();
  const decay = await house.attention(/^decay:/);
  assert.deepEqual(decay.action, { do: 'see-file', source: 'Scans', path: 'a.txt' });
  assert.equal(shownIn(house.storeFolder('disk'))['a.txt'], 'good');
  const [problem] = (await house.client.runs.problems({ run: 2, offset: 0, limit: 10 })).problems;
  assert.equal(problem?.code, 'suspected-decay');
  assert.doesNotMatch(problem.advice ?? '', /strongroom restore|--/);
  overwrite('good');
  await house.sync();
  await house.until('the end of it', () => house.state.attention.length === 0);
});

test('a copy that an audit found missing, and that the source no longer has, is said with the file', async (t) => {
  const house = await House.create(t);
  await house.protect();
  house.write('first.txt', 'second state');
  await house.sync();
  await house.close();
  fs.rmSync(path.join(house.storeFolder('disk'), 'history'), { recursive: true });
  const engine = Engine.open({ home: house.home, clock: house.time, mode: 'write', environment: {} });
  const [source, disk] = [engine.catalog.sources.get('Scans'), engine.catalog.stores.get('disk')];
  await engine.verify(source, disk, { deep: false, signal, onProgress: () => undefined });
  await engine.close();
  await house.open();
  await house.quiet();
  const bad = await house.attention(/^bad-copies:/);
  assert.equal(bad.title, '1 copy in “disk” is damaged or missing');
  assert.deepEqual(bad.action, { do: 'see-file', source: 'Scans', path: 'first.txt' });
  assert.deepEqual(
    (await house.source()).copies.map(({ store, state, bad }) => [store, state, bad]),
    [
      ['disk', 'damaged', 1],
      ['shelf', 'complete', 0],
    ],
  );
});

test('a source whose last store was removed is copied nowhere, and that is said', async (t) => {
  const house = await House.create(t);
  await house.protect();
  for (const name of ['disk', 'shelf']) await house.client.stores.remove({ name });
  const alone = await house.attention(/^no-store:/);
  assert.deepEqual(alone.action, { do: 'add-store' });
  await house.addStore('new');
  await house.client.sources.edit({ name: 'Scans', addStores: ['new'] });
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('new'))), ['first.txt']);
});
