import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cephBucket } from './buckets.ts';
import { House, problemOf } from './kit.ts';
import { catalogOf, damage, Starting } from './starting.ts';

/** Ceph wants to be asked by a clock like its own. */
const clock = { now: () => Date.now() };

/** A house whose one store is a bucket, its key in the vault; closed, and its catalog spoilt. */
async function spoiltHouse(t: TestContext) {
  const { place, key } = await cephBucket(t);
  const house = await House.create(t, { clock });
  await house.client.stores.add({ ...place, key, enableVersioning: true });
  house.write('page.txt', 'one');
  await house.add();
  await house.quiet();
  house.write('page.txt', 'another');
  await house.sync();
  await house.quiet();
  await house.close();
  return { house, place, key };
}

test('a new catalog is made from a bucket whose key lies in the vault, once its passphrase is right', async (t) => {
  const { house } = await spoiltHouse(t);
  damage(catalogOf(house));
  const starting = await Starting.in(t, house, { clock, passphrase: '' });
  await starting.examined();
  const rebuilt = (passphrase?: string) =>
    starting.client.start.rebuild({
      from: { is: 'known', name: 'Ceph' },
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  const before = fs.readFileSync(catalogOf(house));
  await problemOf(rebuilt(), 'secret-locked');
  await problemOf(rebuilt('a wrong one'), 'secret-locked');
  assert.deepEqual(fs.readFileSync(catalogOf(house)), before, 'what was there is there again');
  const { sources } = await rebuilt('correct horse battery');
  assert.deepEqual(sources, [{ name: 'Scans', files: 1, versions: 2 }]);
  await starting.until('the service to have started', (state) => state.stopped === undefined);
  assert.equal((await starting.client.app.overview()).files, 1);
});

test('a new catalog is made from a bucket that a person describes, and its key is kept for the runs that follow', async (t) => {
  const { house, place, key } = await spoiltHouse(t);
  // Neither the catalog nor a checkpoint names a store any more.
  fs.rmSync(`${house.home}/checkpoints`, { recursive: true });
  fs.writeFileSync(catalogOf(house), Buffer.alloc(100_000, 0x5a));
  const starting = await Starting.in(t, house, { clock });
  const described = (secretAccessKey: string) =>
    starting.client.start.rebuild({
      from: { is: 'new', store: { ...place, key: { ...key, secretAccessKey }, enableVersioning: false } },
    });
  await problemOf(described('not the right one'), 'store-wrong-key');
  const { sources } = await described(key.secretAccessKey);
  assert.deepEqual(sources, [{ name: 'Scans', files: 1, versions: 2 }]);
  await starting.until('the service to have started', (state) => state.stopped === undefined);
  const found: boolean[] = [];
  for await (const { step } of await starting.client.stores.check({ name: 'Ceph' })) {
    if (step !== null) found.push(step.passed);
  }
  assert.ok(found.length > 0 && !found.includes(false), String(found));
});
