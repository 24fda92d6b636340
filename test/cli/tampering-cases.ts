import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Desk, treeOf } from './kit.ts';

/** A store that somebody else writes to, by its own tools. */
export interface TamperedStore {
  readonly spec: string;
  readonly name: string;
  /** Whether only reading every byte tells changed content of the same size. */
  readonly deep: boolean;
  /** Other content of the same size and under the same path. */
  readonly damage: (path: string) => Promise<void>;
  readonly swap: (left: string, right: string) => Promise<void>;
  /** Removes a file, its history too. */
  readonly remove: (path: string) => Promise<void>;
}

/** What must happen when somebody damages, swaps or deletes what a store holds. */
export function tamperingCases(kind: string, makeStore: (desk: Desk) => Promise<TamperedStore>): void {
  test(`${kind}: what was damaged, swapped or deleted by others is found, named, restored from elsewhere and healed`, async (context) => {
    const desk = Desk.make(context);
    const store = await makeStore(desk);
    for (const name of ['damaged.txt', 'left.txt', 'right.txt', 'deleted.txt', 'good.txt'])
      desk.write(`scans/box/${name}`, name.slice(0, 8).padEnd(8, '-'));
    await desk.json('protect', ['scans', '--to', store.spec, '--to', desk.disk('second'), '--enable-versioning']);
    await store.damage('box/damaged.txt');
    await store.swap('box/left.txt', 'box/right.txt');
    await store.remove('box/deleted.txt');
    const wrong = ['box/damaged.txt', 'box/deleted.txt', 'box/left.txt', 'box/right.txt'];

    const from = await desk.json('restore', ['scans:box', '--from', store.name, '--into', 'given'], 1);
    assert.deepEqual(
      from.failed.map(({ subject }) => subject).sort(),
      wrong,
      'from this store alone they cannot be had',
    );
    assert.deepEqual([...treeOf(desk.at('given')).keys()], ['box/good.txt'], 'and nothing wrong is written');
    const whole = await desk.json('restore', ['scans', '--into', 'out']);
    assert.equal(whole.restored, 5);
    assert.deepEqual(treeOf(desk.at('out')), treeOf(desk.at('scans')), 'the other store has them');

    const args = ['--store', store.name, ...(store.deep ? ['--deep'] : [])];
    const audit = (await desk.json('verify', args, 1)).audits[0];
    assert.deepEqual(audit?.bad.map(({ path }) => path).sort(), wrong);
    assert.equal(audit.bad.find(({ path }) => path === 'box/deleted.txt')?.found, 'missing');
    const text = await desk.text(['verify', ...args], 1);
    assert.match(text, /BAD:[^]*box\/damaged\.txt version 1[^]*"strongroom sync" copies again/);
    assert.match(await desk.text(['status'], 1), /MISSING|DAMAGED/);
    const { events } = await desk.json('events', ['--limit', '100']);
    for (const path of wrong)
      assert.ok(
        events.some((event) => event.kind === 'fixity-failed' && event.path === path),
        `${path} has an event`,
      );

    const healed = await desk.sync();
    assert.equal(healed.stores.find(({ store: name }) => name === store.name)?.copied, 4);
    assert.equal((await desk.json('verify', [...args, '--deep'])).audits[0]?.bad.length, 0);
    assert.equal((await desk.json('status')).safe, true);
    await desk.json('restore', ['scans', '--from', store.name, '--into', 'healed']);
    assert.deepEqual(treeOf(desk.at('healed')), treeOf(desk.at('scans')));
  });
}
