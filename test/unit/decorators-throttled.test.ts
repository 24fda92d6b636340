import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sleep } from '../../electron/engine/stores/decorators/sleep.ts';
import { throttled, type Rate } from '../../electron/engine/stores/decorators/throttled.ts';
import type { Content, Store } from '../../electron/engine/stores/store.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { assertCode, collect, contentOf, contextWith, factsOf, requestFor, signal } from '../contract/support.ts';

const place = { source: 's', path: 'p' };
const bytes = Buffer.alloc(1_000_000, 'abc');

/** A clock that only sleeping moves; the sleepers wake in the order of their times. */
function time(): { readonly clock: { now: () => number }; readonly sleep: Sleep } {
  let now = 1_000_000;
  return {
    clock: { now: () => now },
    sleep: (ms, stop) => {
      if (stop.aborted) return Promise.reject(new StrongroomError('cancelled', 'cancelled'));
      now += ms;
      return Promise.resolve();
    },
  };
}

/** A store that reads a content in parts, and counts when. */
function reader(part: number, seen: (content: Buffer) => void): Store {
  return {
    put: async (_request: unknown, content: Content) => {
      const parts = [];
      for (let at = 0; at < bytes.length; at += part)
        parts.push(await content.bytes(at, Math.min(bytes.length, at + part)));
      seen(Buffer.concat(parts));
      return { locator: 'l' };
    },
  } as unknown as Store;
}

async function upload(store: Store, context = contextWith()): Promise<void> {
  await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes), context);
}

describe('a throttled store', () => {
  const free: Rate = () => undefined;

  it('keeps the pace for parts of any size, and changes no byte', async () => {
    for (const part of [1000, 300_000, 1_000_000]) {
      const { clock, sleep } = time();
      let sent: Buffer = Buffer.alloc(0);
      const store = throttled(
        reader(part, (all) => (sent = all)),
        { upload: () => 100_000, download: free, clock, sleep },
      );
      const begun = clock.now();
      await upload(store);
      const seconds = (clock.now() - begun) / 1000;
      assert.ok(seconds > 9.4 && seconds < 10.1, `${part}: ${seconds} s`);
      assert.equal(Buffer.compare(sent, bytes), 0);
    }
  });

  it('shares one pace between all transfers', async () => {
    const { clock, sleep } = time();
    const store = throttled(
      reader(100_000, () => undefined),
      { upload: () => 100_000, download: free, clock, sleep },
    );
    const begun = clock.now();
    await Promise.all([upload(store), upload(store), upload(store)]);
    const seconds = (clock.now() - begun) / 1000;
    assert.ok(seconds > 29 && seconds < 31, `${seconds} s`);
  });

  it('does not wait where there is no limit', async () => {
    const { clock } = time();
    const sleep: Sleep = () => Promise.reject(new Error('it slept'));
    await upload(
      throttled(
        reader(300_000, () => undefined),
        { upload: free, download: free, clock, sleep },
      ),
    );
  });

  it('follows a rate that changes within one part, and waits while it is 0', async () => {
    const { clock, sleep } = time();
    const begun = clock.now();
    const rate: Rate = () => {
      const seconds = (clock.now() - begun) / 1000;
      return seconds < 2 ? 10_000 : seconds < 60 ? 0 : 1_000_000;
    };
    await upload(
      throttled(
        reader(1_000_000, () => undefined),
        { upload: rate, download: free, clock, sleep },
      ),
    );
    const seconds = (clock.now() - begun) / 1000;
    assert.ok(seconds > 60.5 && seconds < 62.5, `${seconds} s`);
  });

  it('is not stopped by a clock that is put back', async () => {
    let offset = 0;
    const real = time();
    const clock = { now: () => real.clock.now() + offset };
    let slept = 0;
    const sleep: Sleep = (ms, stop) => {
      slept += ms;
      if (slept > 1000 && offset === 0) offset = -3_600_000;
      return real.sleep(ms, stop);
    };
    await upload(
      throttled(
        reader(100_000, () => undefined),
        { upload: () => 100_000, download: free, clock, sleep },
      ),
    );
    assert.ok(slept < 12_000, `${slept} ms`);
  });

  it('stops at once when it is cancelled', async () => {
    const { clock, sleep } = time();
    const stop = new AbortController();
    let reads = 0;
    const content: Content = {
      bytes: (start, end) => {
        reads += 1;
        if (reads === 3) stop.abort();
        return Promise.resolve(bytes.subarray(start, end));
      },
    };
    const store = throttled(
      reader(1_000_000, () => undefined),
      { upload: () => 100_000, download: free, clock, sleep },
    );
    const put = store.put(requestFor(place, factsOf(bytes)), content, contextWith({ signal: stop.signal }));
    await assertCode(put, 'cancelled');
    assert.equal(reads, 3);
  });

  it('keeps the pace of what comes down, and changes no byte', async () => {
    const { clock, sleep } = time();
    const inner = {
      get: () =>
        Promise.resolve(
          (async function* () {
            await Promise.resolve();
            yield bytes.subarray(0, 700_000);
            yield bytes.subarray(700_000);
          })(),
        ),
    } as unknown as Store;
    const store = throttled(inner, { upload: free, download: () => 200_000, clock, sleep });
    const begun = clock.now();
    const pieces = await collect(await store.get({ place, locator: 'l' }, {}, signal));
    assert.equal(Buffer.compare(Buffer.concat(pieces), bytes), 0);
    assert.ok(Math.max(...pieces.map((piece) => piece.length)) <= 50_000);
    const seconds = (clock.now() - begun) / 1000;
    assert.ok(seconds > 4.4 && seconds < 5.1, `${seconds} s`);
  });

  it('hands on a file that became shorter as it is', async () => {
    const { clock, sleep } = time();
    let length = 0;
    const inner = {
      put: async (_request: unknown, content: Content) => {
        length = (await content.bytes(0, 1_000_000)).length;
        return { locator: 'l' };
      },
    } as unknown as Store;
    const store = throttled(inner, { upload: () => 100_000, download: free, clock, sleep });
    await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes.subarray(0, 123_456)), contextWith());
    assert.equal(length, 123_456);
  });
});
