import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Content } from '../../electron/engine/stores/store.ts';
import {
  assertCode,
  assertSameBytes,
  contentOf,
  contextWith,
  factsOf,
  getBytes,
  largeBytes,
  listAll,
  MemorySlot,
  mebibyte,
  putBytes,
  requestFor,
  signal,
  type Suite,
} from './support.ts';

/** Content that ends the upload once it was asked for bytes beyond a point. */
function contentThatCancels(bytes: Buffer, beyond: number, cancel: AbortController): Content {
  return {
    bytes: (start, end) => {
      if (end > beyond) cancel.abort();
      return Promise.resolve(bytes.subarray(start, end));
    },
  };
}

/** Cancelling, resuming, `cleanUp` and `close`. */
export function unfinishedCases(suite: Suite): void {
  it('does nothing once it is cancelled', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const place = { source, path: 'file' };
    const gone = AbortSignal.abort();
    const copy = await putBytes(store, place, Buffer.from('x'));
    await assertCode(putBytes(store, place, Buffer.from('y'), { context: { signal: gone } }), 'cancelled');
    await assertCode(store.retire(place, copy.locator, gone), 'cancelled');
    await assertCode(store.get(copy, {}, gone), 'cancelled');
    await assertCode(store.ready(gone), 'cancelled');
    await assertCode(store.sources(gone), 'cancelled');
    await assertCode(store.readControl('contract/none', gone), 'cancelled');
    await assertCode(store.writeControl('contract/none', Buffer.from('x'), { kind: 'any' }, gone), 'cancelled');
    await assertCode(store.listControl('contract/', gone), 'cancelled');
    const listed = await listAll(store, source);
    assert.equal(listed.length, 1);
    assert.equal(listed[0]?.current, true);
  });

  for (const [words, size] of [
    ['a small file', 1000],
    ['a large file', 40 * mebibyte],
  ] as const) {
    it(`leaves nothing under a final name when it is cancelled while sending: ${words}`, async () => {
      const { store } = suite.subject();
      const source = suite.newSource();
      const bytes = largeBytes(size, 29);
      const cancel = new AbortController();
      const content = contentThatCancels(bytes, size >> 1, cancel);
      const request = requestFor({ source, path: 'file' }, factsOf(bytes));
      await assertCode(store.put(request, content, contextWith({ signal: cancel.signal })), 'cancelled');
      assert.deepEqual(await listAll(store, source), []);
    });
  }

  it('goes on with an upload that was cancelled', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const bytes = largeBytes(60 * mebibyte + 1, 31);
    const request = requestFor(place, factsOf(bytes));
    const resume = new MemorySlot();
    for (const beyond of [20 * mebibyte, 45 * mebibyte]) {
      const cancel = new AbortController();
      const content = contentThatCancels(bytes, beyond, cancel);
      await assertCode(store.put(request, content, contextWith({ signal: cancel.signal, resume })), 'cancelled');
    }
    let told = 0;
    const context = contextWith({ resume, onBytes: (count) => (told += count) });
    const { locator } = await store.put(request, contentOf(bytes), context);
    assertSameBytes(await getBytes(store, { place, locator }), bytes, 'the file');
    assert.equal(told, bytes.length, 'bytes told of');
    assert.equal(resume.token, undefined, 'the token is forgotten');
    assert.equal((await listAll(store, place.source)).length, 1);
  });

  it('starts again where what it would go on with is another state of the file', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const old = largeBytes(40 * mebibyte, 37);
    const resume = new MemorySlot();
    const cancel = new AbortController();
    const cancelling = contentThatCancels(old, 30 * mebibyte, cancel);
    const context = contextWith({ signal: cancel.signal, resume });
    await assertCode(store.put(requestFor(place, factsOf(old)), cancelling, context), 'cancelled');
    const changed = largeBytes(40 * mebibyte, 41);
    const { locator } = await store.put(
      requestFor(place, factsOf(changed)),
      contentOf(changed),
      contextWith({ resume }),
    );
    assertSameBytes(await getBytes(store, { place, locator }), changed, 'the file');
  });

  it('does not mind a resume token that says nothing', async () => {
    const { store } = suite.subject();
    const bytes = largeBytes(17 * mebibyte, 43);
    for (const token of ['nonsense', '{}', '{"upload":"gone","part":8388608}', '[]', '']) {
      const place = { source: suite.newSource(), path: 'file' };
      const resume = new MemorySlot();
      resume.token = token;
      const { locator } = await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes), contextWith({ resume }));
      assertSameBytes(await getBytes(store, { place, locator }), bytes, token);
    }
  });

  it('cleans up what nobody goes on with, and nothing else', async () => {
    const { store } = suite.subject();
    const soon = () => Date.now() + 60_000;
    await store.cleanUp(new Set(), soon(), signal);
    const none = await store.cleanUp(new Set(), soon(), signal);
    if (suite.differences.countsUnfinished) assert.equal(none, 0);

    const source = suite.newSource();
    const bytes = largeBytes(40 * mebibyte, 47);
    const slots = await Promise.all(
      ['one', 'two'].map(async (path) => {
        const resume = new MemorySlot();
        const cancel = new AbortController();
        const content = contentThatCancels(bytes, 20 * mebibyte, cancel);
        const context = contextWith({ signal: cancel.signal, resume });
        await assertCode(store.put(requestFor({ source, path }, factsOf(bytes)), content, context), 'cancelled');
        return { path, resume };
      }),
    );
    const tokens = slots.map(({ resume }) => resume.token).filter((token) => token !== undefined);
    assert.equal(await store.cleanUp(new Set(), 0, signal), 0, 'begun after the given instant');
    const removed = await store.cleanUp(new Set(tokens.slice(0, 1)), soon(), signal);
    if (suite.differences.countsUnfinished) assert.equal(removed, 1);
    for (const { path, resume } of slots) {
      const place = { source, path };
      const { locator } = await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes), contextWith({ resume }));
      assertSameBytes(await getBytes(store, { place, locator }), bytes, path);
    }
    const left = await store.cleanUp(new Set(), soon(), signal);
    if (suite.differences.countsUnfinished) assert.equal(left, 0);
    assert.equal((await listAll(store, source)).length, 2);
  });
}
