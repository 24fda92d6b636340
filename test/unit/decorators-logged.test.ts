import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { logged, type LogEntry } from '../../electron/engine/stores/decorators/logged.ts';
import type { Store } from '../../electron/engine/stores/store.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { assertCode, collect, contentOf, contextWith, factsOf, requestFor, signal } from '../contract/support.ts';

const secret = 'SECRET';
const place = { source: 's', path: 'p', token: secret };

function setUp(methods: Partial<Store>): { store: Store; entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  let now = 0;
  const clock = { now: () => (now += 5) };
  return { store: logged(methods as Store, (entry) => entries.push(entry), clock), entries };
}

async function* pieces(error?: Error): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc');
  yield Buffer.from('de');
  await Promise.resolve();
  if (error !== undefined) throw error;
}

describe('a logged store', () => {
  it('tells a put by place, bytes, time and outcome, and nothing secret', async () => {
    const bytes = Buffer.from(secret);
    const { store, entries } = setUp({ put: () => Promise.resolve({ locator: secret }) });
    await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes), contextWith());
    assert.deepEqual(entries, [{ method: 'put', source: 's', path: 'p', bytes: 6, milliseconds: 5, outcome: 'done' }]);
  });

  it('tells a failure by its code alone', async () => {
    const { store, entries } = setUp({
      retire: () => Promise.reject(new StrongroomError('store-full', secret)),
      sources: () => Promise.reject(new TypeError(secret)),
    });
    await assertCode(store.retire(place, secret, signal), 'store-full');
    await assert.rejects(store.sources(signal), TypeError);
    assert.deepEqual(entries, [
      { method: 'retire', source: 's', path: 'p', milliseconds: 5, outcome: 'store-full' },
      { method: 'sources', milliseconds: 5, outcome: 'internal' },
    ]);
  });

  it('tells a stream when it has ended: whole, broken, or left', async () => {
    const broken = new StrongroomError('store-unreachable', 'gone');
    let error: Error | undefined = undefined;
    const { store, entries } = setUp({ get: () => Promise.resolve(pieces(error)) });
    await collect(await store.get({ place, locator: secret }, {}, signal));
    error = broken;
    await assertCode(collect(await store.get({ place, locator: secret }, {}, signal)), 'store-unreachable');
    for await (const piece of await store.get({ place, locator: secret }, {}, signal)) {
      assert.equal(piece.length, 3);
      break;
    }
    assert.deepEqual(
      entries.map(({ method, path, bytes, outcome }) => [method, path, bytes, outcome]),
      [
        ['get', 'p', 5, 'done'],
        ['get', 'p', 5, 'store-unreachable'],
        ['get', 'p', 3, 'stopped'],
      ],
    );
  });

  it('counts what was listed', async () => {
    const { store, entries } = setUp({
      listControl: () => Promise.resolve(['a', 'b']),
      close: () => Promise.resolve(),
    });
    await store.listControl('journals/', signal);
    await store.close();
    assert.deepEqual(entries, [
      { method: 'listControl', control: 'journals/', count: 2, milliseconds: 5, outcome: 'done' },
      { method: 'close', milliseconds: 5, outcome: 'done' },
    ]);
  });
});
