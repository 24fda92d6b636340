import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { openCatalog } from '../../electron/engine/catalog/open.ts';
import { House, inTime, problemOf } from './kit.ts';
import { catalogOf, damage, Starting } from './starting.ts';

/** A house with a copied source, closed; a file was added after its one checkpoint. */
async function closedHouse(t: TestContext): Promise<House> {
  const house = await House.create(t);
  await house.protect({ 'first.txt': 'first', 'second.txt': 'second' });
  house.write('later.txt', 'after the checkpoint');
  await house.sync();
  await house.close();
  return house;
}

const checkpointsOf = (house: House): string[] =>
  fs.readdirSync(path.join(house.home, 'checkpoints')).map((name) => path.join(house.home, 'checkpoints', name));

test('a damaged catalog is told with what can be chosen, and nothing else is answered', async (t) => {
  const house = await closedHouse(t);
  damage(catalogOf(house));
  const before = fs.readFileSync(catalogOf(house));
  const starting = await Starting.in(t, house);
  const stopped = await starting.examined();
  assert.equal(stopped.problem.code, 'catalog-damaged');
  assert.doesNotMatch(`${stopped.problem.message} ${stopped.problem.advice ?? ''}`, /strongroom [a-z]+|--/);
  assert.deepEqual(
    stopped.checkpoints.map(({ whole, sources, files }) => ({ whole, sources, files })),
    [{ whole: true, sources: ['Scans'], files: 2 }],
  );
  assert.deepEqual(
    stopped.stores.map(({ name, kind }) => [name, kind]),
    [
      ['disk', 'folder'],
      ['shelf', 'folder'],
    ],
  );
  const [state] = starting.states;
  assert.deepEqual([state?.state, state?.attention.length], ['needs-you', 1]);
  for (const call of [starting.client.app.overview(), starting.client.sources.list(), starting.client.settings.get()])
    await problemOf(call, 'catalog-damaged');
  assert.equal((await starting.service.content('x', undefined, AbortSignal.timeout(1_000))).status, 404);
  await starting.close();
  assert.deepEqual(fs.readFileSync(catalogOf(house)), before, 'looking changes nothing');
});

test('going back keeps the damaged file, goes on over the same connection and loses no copy', async (t) => {
  const house = await closedHouse(t);
  damage(catalogOf(house));
  const damagedBytes = fs.readFileSync(catalogOf(house));
  const starting = await Starting.in(t, house);
  const { checkpoints } = await starting.examined();
  const { aside } = await starting.client.start.goBack({ checkpoint: checkpoints[0]?.at ?? 0 });
  assert.ok(aside !== null);
  assert.deepEqual(fs.readFileSync(aside), damagedBytes);
  await starting.until('the service to have started', (state) => state.stopped === undefined);
  const everything = ['sources', 'stores', 'runs', 'files', 'settings'];
  await starting.until('everything to be asked for again', () =>
    everything.every((what) => starting.changed.includes(what)),
  );
  await starting.client.sources.sync({ name: 'Scans' });
  await inTime<undefined>('the run to end', (resolve) => {
    starting.service.listen(() => {
      void starting.client.sources.list().then(([source]) => {
        if (source?.running === false && source.lastRun?.outcome === 'done') resolve(undefined);
      });
    });
  });
  const { lastRun } = (await starting.client.sources.list())[0] ?? {};
  assert.equal(lastRun?.numbers.unchanged, 3, 'what came later was read from the stores');
  assert.deepEqual(
    lastRun.stores.map(({ copied }) => copied),
    [0, 0],
  );
  await problemOf(starting.client.start.goBack({ checkpoint: checkpoints[0]?.at ?? 0 }), 'usage');
  assert.deepEqual(await starting.client.start.retry(), {});
});

test('a checkpoint that is not whole is not gone back to, and what there was stays', async (t) => {
  const house = await closedHouse(t);
  for (const file of [catalogOf(house), ...checkpointsOf(house)]) damage(file);
  const before = fs.readFileSync(catalogOf(house));
  const starting = await Starting.in(t, house);
  const { checkpoints } = await starting.examined();
  assert.deepEqual(
    checkpoints.map(({ whole }) => whole),
    [false],
  );
  await problemOf(starting.client.start.goBack({ checkpoint: checkpoints[0]?.at ?? 0 }), 'catalog-missing');
  await problemOf(starting.client.start.goBack({ checkpoint: 1 }), 'catalog-missing');
  assert.equal(starting.states.at(-1)?.stopped?.problem.code, 'catalog-damaged');
  assert.deepEqual(fs.readFileSync(catalogOf(house)), before);
});

test('a new catalog is made from a store that the damaged one names; where it is away, all stays as it was', async (t) => {
  const house = await closedHouse(t);
  damage(catalogOf(house));
  const starting = await Starting.in(t, house);
  await starting.examined();
  const known = (name: string) => starting.client.start.rebuild({ from: { is: 'known', name } });
  fs.renameSync(house.storeFolder('disk'), `${house.storeFolder('disk')} away`);
  await problemOf(known('disk'), 'store-not-found');
  assert.deepEqual(
    fs.readdirSync(house.home).filter((name) => /set-aside|unfinished/.test(name)),
    [],
  );
  await problemOf(known('attic'), 'unknown-name');
  const { aside, sources } = await known('shelf');
  assert.ok(aside !== null && fs.existsSync(aside));
  assert.deepEqual(
    sources.map(({ name, files }) => [name, files]),
    [['Scans', 3]],
  );
  await starting.until('the service to have started', (state) => state.stopped === undefined);
  assert.deepEqual(
    (await starting.client.stores.list()).map(({ name }) => name),
    ['disk', 'shelf'],
  );
  assert.equal((await starting.client.app.overview()).files, 3);
});

test('a new catalog whose making was killed is not taken for a whole one', async (t) => {
  const house = await closedHouse(t);
  damage(catalogOf(house));
  // As a kill leaves it: the former catalog is aside, the new one knows its stores and no source yet.
  const killed = fs.mkdtempSync(path.join(house.folder, 'killed-'));
  const begun = openCatalog({ home: killed, clock: house.time, mode: 'write' });
  begun.stores.add('shelf', { kind: 'folder', path: house.storeFolder('shelf') }, false);
  begun.close();
  fs.renameSync(path.join(house.home, 'checkpoints'), path.join(house.home, 'checkpoints.set-aside-1'));
  for (const name of ['catalog.db', 'catalog.stamp'])
    fs.copyFileSync(path.join(killed, name), path.join(house.home, name));
  fs.writeFileSync(path.join(house.home, 'catalog.unfinished'), '');
  const starting = await Starting.in(t, house);
  const { problem } = await starting.examined();
  assert.match(problem.message, /was broken off/);
  await problemOf(starting.client.start.retry(), 'catalog-damaged');
  await starting.client.start.rebuild({ from: { is: 'known', name: 'shelf' } });
  assert.equal((await starting.client.app.overview()).files, 3);
  await starting.close();
  const again = await Starting.in(t, house);
  assert.equal(again.states[0]?.stopped, undefined);
});

test('a new catalog is made from a store that a person describes', async (t) => {
  const house = await closedHouse(t);
  for (const file of checkpointsOf(house)) fs.rmSync(file);
  // Nothing in it can be read.
  fs.writeFileSync(catalogOf(house), Buffer.alloc(100_000, 0x5a));
  const starting = await Starting.in(t, house);
  assert.deepEqual(starting.states[0]?.stopped?.stores, []);
  const from = (where: string) =>
    starting.client.start.rebuild({ from: { is: 'new', store: { kind: 'folder', path: where } } });
  await problemOf(from('shelf'), 'usage');
  await problemOf(
    starting.client.start.rebuild({
      from: {
        is: 'new',
        store: { kind: 'drive', folder: 'root', path: '', credential: { kind: 'signed-in', ticket: 'x' } },
      },
    }),
    'usage',
  );
  assert.deepEqual(
    (await from(house.storeFolder('shelf'))).sources.map(({ name }) => name),
    ['Scans'],
  );
});

test('where a catalog is gone and its checkpoints are there, they are offered', async (t) => {
  const house = await closedHouse(t);
  fs.rmSync(catalogOf(house));
  const starting = await Starting.in(t, house);
  const stopped = await starting.examined();
  assert.equal(stopped.problem.code, 'catalog-missing');
  assert.deepEqual(await starting.client.start.goBack({ checkpoint: stopped.checkpoints[0]?.at ?? 0 }), {
    aside: null,
  });
});

test('another process has the catalog: that is told, and it goes on by itself once it is free', async (t) => {
  const house = await closedHouse(t);
  const other = openCatalog({ home: house.home, clock: house.time, mode: 'write' });
  const starting = await Starting.in(t, house);
  assert.equal(starting.states[0]?.stopped?.problem.code, 'catalog-busy');
  assert.match(starting.states[0].sentence, new RegExp(`process ${process.pid}`));
  assert.equal(starting.states[0].stopped.owner?.process, process.pid);
  await problemOf(starting.client.start.retry(), 'catalog-busy');
  starting.service.setOnline(false);
  house.time.advance(5_000);
  assert.notEqual(starting.states.at(-1)?.stopped, undefined);
  other.close();
  house.time.advance(10_000);
  await starting.until('the service to have started', (state) => state.stopped === undefined);
  assert.equal((await starting.client.app.overview()).files, 3);
});

test('a whole catalog starts at once, and leaving is the door’s to do', async (t) => {
  const house = await closedHouse(t);
  let quits = 0;
  const starting = await Starting.in(t, house, { quit: () => (quits += 1) });
  assert.equal(starting.states[0]?.stopped, undefined);
  assert.deepEqual(await starting.client.start.leave(), {});
  assert.equal(quits, 1);
  await starting.close();
  damage(catalogOf(house));
  const stopped = await Starting.in(t, house, { quit: () => (quits += 1) });
  await stopped.client.start.leave();
  assert.equal(quits, 2);
});
