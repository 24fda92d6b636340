import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { retrying, type RetryOptions } from '../../electron/engine/stores/decorators/retrying.ts';
import { sleep } from '../../electron/engine/stores/decorators/sleep.ts';
import type { ListedCopy, Store } from '../../electron/engine/stores/store.ts';
import { StrongroomError, type ErrorCode } from '../../shared/errors.ts';
import {
  assertCode,
  collect,
  contentOf,
  contextWith,
  factsOf,
  MemorySlot,
  requestFor,
  signal,
} from '../contract/support.ts';

const place = { source: 's', path: 'p' };
const busy = (retryAfterMs?: number): StrongroomError =>
  new StrongroomError('store-busy', 'busy', retryAfterMs === undefined ? {} : { retryAfterMs });

/** A store of which only the named methods may be called. */
function storeWith(methods: Partial<Store>): Store {
  return methods as Store;
}

function pauses(random = 1): { readonly waited: number[]; readonly options: RetryOptions } {
  const waited: number[] = [];
  return {
    waited,
    options: {
      random: () => random,
      sleep: (ms, stop) => {
        waited.push(ms);
        return stop.aborted ? Promise.reject(new StrongroomError('cancelled', 'cancelled')) : Promise.resolve();
      },
    },
  };
}

/** Fails with each of the errors in turn, then resolves. */
function failing<T>(
  errors: readonly unknown[],
  value: T,
): { readonly call: () => Promise<T>; readonly calls: () => number } {
  let calls = 0;
  return {
    calls: () => calls,
    call: () => {
      calls += 1;
      const error = errors[calls - 1];
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the errors are the tests' own
      return error === undefined ? Promise.resolve(value) : Promise.reject(error);
    },
  };
}

function listedCopy(path: string): ListedCopy {
  return { path, locator: path, size: 1, current: true, deletion: false, storedAt: 0, mtimeNs: undefined };
}

describe('sleeping', () => {
  it('ends at once when it is cancelled', async () => {
    const stop = new AbortController();
    const asleep = sleep(1e12, stop.signal);
    stop.abort();
    await assertCode(asleep, 'cancelled');
    await assertCode(sleep(0, stop.signal), 'cancelled');
    await sleep(0, signal);
  });
});

describe('a store that retries', () => {
  it('waits longer each time, up to the longest, and then gives up', async () => {
    const { waited, options } = pauses();
    const { call, calls } = failing(Array(20).fill(busy()), undefined);
    await assertCode(retrying(storeWith({ ready: call }), { ...options, attempts: 10 }).ready(signal), 'store-busy');
    assert.equal(calls(), 10);
    assert.deepEqual(waited, [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000, 64_000]);
  });

  it('makes six attempts with full jitter when nothing else is said', async () => {
    const { waited, options } = pauses(0.5);
    const { call, calls } = failing(Array(20).fill(busy()), undefined);
    await assertCode(retrying(storeWith({ ready: call }), options).ready(signal), 'store-busy');
    assert.equal(calls(), 6);
    assert.deepEqual(waited, [500, 1000, 2000, 4000, 8000]);
  });

  it('waits at least as long as it was asked to', async () => {
    const { waited, options } = pauses(0);
    const { call } = failing([busy(90_000)], undefined);
    await retrying(storeWith({ ready: call }), options).ready(signal);
    assert.deepEqual(waited, [90_000]);
  });

  it('does not repeat what is final', async () => {
    for (const code of ['store-full', 'copy-conflict', 'file-changing', 'cancelled'] satisfies ErrorCode[]) {
      const { waited, options } = pauses();
      const { call, calls } = failing([new StrongroomError(code, code)], undefined);
      await assertCode(retrying(storeWith({ ready: call }), options).ready(signal), code);
      assert.deepEqual([calls(), waited.length], [1, 0]);
    }
    const bug = new TypeError('a bug');
    await assert.rejects(
      retrying(storeWith({ ready: failing([bug], undefined).call }), pauses().options).ready(signal),
      bug,
    );
  });

  it('stops at once when it is cancelled', async () => {
    const stop = new AbortController();
    const { call, calls } = failing(Array(3).fill(busy()), undefined);
    const store = retrying(storeWith({ ready: () => (stop.abort(), call()) }), pauses().options);
    await assertCode(store.ready(stop.signal), 'cancelled');
    assert.equal(calls(), 1);
  });

  it('repeats a put as one that may have been carried out, with the token saved last, and counts no byte twice', async () => {
    const seen: [mayExist: boolean, token: string | undefined][] = [];
    const steps = [60, 30, 100];
    const store = retrying(
      storeWith({
        put: (request, _content, context) => {
          seen.push([request.mayExist, context.resume.token]);
          context.onBytes(10);
          context.onBytes((steps[seen.length - 1] ?? 0) - 10);
          context.resume.save(`token ${seen.length}`);
          return seen.length < 3 ? Promise.reject(busy()) : Promise.resolve({ locator: 'l' });
        },
      }),
      pauses().options,
    );
    const slot = new MemorySlot();
    slot.token = 'before';
    const told: number[] = [];
    const bytes = Buffer.alloc(100);
    const context = contextWith({ onBytes: (count) => told.push(count), resume: slot });
    assert.deepEqual(await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes), context), { locator: 'l' });
    assert.deepEqual(seen, [
      [false, 'before'],
      [true, 'token 1'],
      [true, 'token 2'],
    ]);
    assert.deepEqual(told, [10, 50, 40]);
    assert.equal(slot.token, 'token 3');
  });

  it('takes a broken stream up where it broke, with new patience after each progress', async () => {
    const bytes = Buffer.from('0123456789');
    const starts: (number | undefined)[] = [];
    const store = retrying(
      storeWith({
        get: (_copy, range) => {
          starts.push(range.start);
          if (starts.length === 3) return Promise.reject(busy());
          return Promise.resolve(
            (async function* () {
              yield bytes.subarray(range.start ?? 0, (range.start ?? 0) + 2);
              await Promise.resolve();
              if ((range.start ?? 0) + 2 < (range.end ?? 10)) throw busy();
            })(),
          );
        },
      }),
      { ...pauses().options, attempts: 3 },
    );
    const pieces = await collect(await store.get({ place, locator: 'l' }, { start: 1, end: 9 }, signal));
    assert.equal(Buffer.concat(pieces).toString(), '12345678');
    assert.deepEqual(starts, [1, 3, 5, 5, 7]);
  });

  it('gives up on a stream that never gets further', async () => {
    let opened = 0;
    const store = retrying(
      storeWith({
        get: () => {
          opened += 1;
          return Promise.resolve({
            [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(busy()) }),
          });
        },
      }),
      { ...pauses().options, attempts: 4 },
    );
    await assertCode(collect(await store.get({ place, locator: 'l' }, {}, signal)), 'store-busy');
    assert.equal(opened, 4);
  });

  it('goes on with a broken list where the store is as it was', async () => {
    let begun = 0;
    const store = retrying(
      storeWith({
        async *list() {
          begun += 1;
          for (const path of ['a', 'b', 'c', 'd']) {
            if (path === 'c' && begun === 1) throw busy();
            yield listedCopy(path);
            await Promise.resolve();
          }
        },
      }),
      pauses().options,
    );
    assert.deepEqual(
      (await collect(store.list('s', signal))).map((copy) => copy.path),
      ['a', 'b', 'c', 'd'],
    );
    assert.equal(begun, 2);
  });

  it('breaks a list off cleanly where the store changed', async () => {
    for (const after of [['a', 'aa', 'b', 'c'], ['a'], ['b', 'c']]) {
      let begun = 0;
      const store = retrying(
        storeWith({
          async *list() {
            begun += 1;
            for (const path of begun === 1 ? ['a', 'b'] : after) {
              yield listedCopy(path);
              await Promise.resolve();
            }
            if (begun === 1) throw busy();
          },
        }),
        pauses().options,
      );
      await assertCode(collect(store.list('s', signal)), 'copy-conflict');
    }
  });

  it('recognises its own control file when the answer was lost, and only its own', async () => {
    const conflict = new StrongroomError('copy-conflict', 'there');
    for (const [there, won] of [
      ['mine', true],
      ['theirs', false],
    ] as const) {
      const { call } = failing([busy(), conflict], 'never');
      const store = retrying(
        storeWith({
          writeControl: call,
          readControl: () => Promise.resolve({ bytes: Buffer.from(there), tag: 'tag' }),
        }),
        pauses().options,
      );
      const written = store.writeControl('lease', Buffer.from('mine'), { kind: 'absent' }, signal);
      if (won) assert.equal(await written, 'tag');
      else await assertCode(written, 'copy-conflict');
    }
    const first = retrying(storeWith({ writeControl: failing([conflict], 'x').call }), pauses().options);
    await assertCode(first.writeControl('lease', Buffer.from('mine'), { kind: 'absent' }, signal), 'copy-conflict');
  });
});
