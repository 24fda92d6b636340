import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logged, type LogEntry } from '../../electron/engine/stores/decorators/logged.ts';
import { retrying } from '../../electron/engine/stores/decorators/retrying.ts';
import { throttled } from '../../electron/engine/stores/decorators/throttled.ts';
import type { ChangesByHand, Store } from '../../electron/engine/stores/store.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { assertCode, signal } from '../contract/support.ts';

const clock = { now: () => 0 };
const sleep = (): Promise<void> => Promise.resolve();
const free = (): undefined => undefined;
const found: ChangesByHand = { items: [], token: 'next', missed: false };

/** A store as the engine has it, with what it logged. */
function decorated(methods: Partial<Store>): { store: Store; entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const told = logged(methods as Store, (entry) => entries.push(entry), clock);
  const paced = throttled(told, { upload: free, download: free, clock, sleep });
  return { store: retrying(paced, { sleep, random: Math.random }), entries };
}

describe('the feed of changes of a decorated store', () => {
  it('is there where the store has one, and only there', async () => {
    assert.ok(!('changesByHand' in logged({} as Store, () => undefined, clock)));
    assert.ok(decorated({}).store.changesByHand === undefined);
    const { store, entries } = decorated({
      changesByHand: (token) => Promise.resolve({ ...found, token: `after ${String(token)}` }),
    });
    assert.deepEqual(await store.changesByHand?.('t', signal), { ...found, token: 'after t' });
    assert.deepEqual(entries, [{ method: 'changesByHand', count: 0, milliseconds: 0, outcome: 'done' }]);
  });

  it('is not asked again after passing trouble: the next run asks', async () => {
    const { store, entries } = decorated({
      changesByHand: () => Promise.reject(new StrongroomError('store-unreachable', 'gone')),
    });
    await assertCode(store.changesByHand?.('t', signal) ?? Promise.resolve(), 'store-unreachable');
    assert.equal(entries.length, 1);
  });
});
