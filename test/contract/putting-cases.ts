import assert from 'node:assert/strict';
import { it } from 'node:test';
import { StrongroomError } from '../../shared/errors.ts';
import {
  assertCode,
  assertSameBytes,
  contentOf,
  contextWith,
  factsOf,
  getBytes,
  largeBytes,
  listAll,
  mebibyte,
  putBytes,
  randomBytes,
  requestFor,
  signal,
  type Suite,
} from './support.ts';

/** `put`, `get` and `copyWithin`. */
export function puttingCases(suite: Suite): void {
  for (const [words, size] of [
    ['no byte', 0],
    ['one byte', 1],
    ['1 KiB', 1024],
    ['20 MiB and one byte', 20 * mebibyte + 1],
  ] as const) {
    it(`gives back what was put: ${words}`, async () => {
      const { store } = suite.subject();
      const bytes = size > mebibyte ? largeBytes(size, 7) : randomBytes(size, suite.random);
      let told = 0;
      const context = { onBytes: (count: number) => (told += count) };
      const copy = await putBytes(store, { source: suite.newSource(), path: 'file' }, bytes, { context });
      assertSameBytes(await getBytes(store, copy), bytes, words);
      assert.equal(told, size, 'bytes told of while sending');
    });
  }

  it('gives parts of a copy', async () => {
    const { store } = suite.subject();
    const bytes = randomBytes(1000, suite.random);
    const copy = await putBytes(store, { source: suite.newSource(), path: 'file' }, bytes);
    for (const [start, end] of [
      [0, undefined],
      [0, 1000],
      [0, 1],
      [999, 1000],
      [10, 20],
      [990, undefined],
      [5, 5],
      [1000, undefined],
      [0, 5000],
    ] as const) {
      assertSameBytes(
        await getBytes(store, copy, start, end),
        bytes.subarray(start, end),
        `${start} to ${end ?? 'end'}`,
      );
    }
    const empty = await putBytes(store, { source: copy.place.source, path: 'empty' }, new Uint8Array());
    assert.equal((await getBytes(store, empty, 0, 10)).length, 0);
  });

  it('lets a reader stop in the middle', async () => {
    const { store } = suite.subject();
    const bytes = largeBytes(4 * mebibyte, 3);
    const copy = await putBytes(store, { source: suite.newSource(), path: 'file' }, bytes);
    for await (const piece of await store.get(copy, {}, signal)) {
      assert.ok(piece.length > 0);
      break;
    }
    assertSameBytes(await getBytes(store, copy), bytes, 'after stopping');
  });

  for (const [words, size] of [
    ['a small file', 1000],
    ['a large file', 17 * mebibyte],
  ] as const) {
    it(`refuses bytes that are not the version's, and stores nothing: ${words}`, async () => {
      const { store } = suite.subject();
      const source = suite.newSource();
      const right = largeBytes(size, 11);
      const flipped = Buffer.from(right);
      flipped[size >> 1] = (flipped[size >> 1] ?? 0) ^ 1;
      for (const wrong of [flipped, right.subarray(0, size - 1)]) {
        const request = requestFor({ source, path: 'file' }, factsOf(right));
        await assertCode(store.put(request, contentOf(wrong), contextWith()), 'file-changing');
        assert.deepEqual(await listAll(store, source), []);
      }

      const before = await putBytes(store, { source, path: 'file' }, Buffer.from('what lay there'));
      const request = requestFor({ source, path: 'file' }, factsOf(right), { number: 2, replaces: before.locator });
      await assertCode(store.put(request, contentOf(flipped), contextWith()), 'file-changing');
      const listed = await listAll(store, source);
      assert.equal(listed.length, 1);
      assert.equal(listed[0]?.current, true);
      assert.equal((await getBytes(store, before)).toString(), 'what lay there');
    });
  }

  it('passes on the failure of the content, and stores nothing', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    for (const size of [10, 17 * mebibyte]) {
      const content = { bytes: () => Promise.reject(new StrongroomError('file-vanished', 'gone')) };
      const request = requestFor({ source, path: 'file' }, { ...factsOf(Buffer.from('x')), size });
      await assertCode(store.put(request, content, contextWith()), 'file-vanished');
    }
    assert.deepEqual(await listAll(store, source), []);
  });

  for (const [words, size] of [
    ['a small file', 100],
    ['a large file', 17 * mebibyte],
  ] as const) {
    it(`finds what an earlier attempt has put, and sends nothing: ${words}`, async () => {
      const { store } = suite.subject();
      const place = { source: suite.newSource(), path: 'file' };
      const bytes = largeBytes(size, 13);
      const first = await putBytes(store, place, bytes);
      const second = await putBytes(store, place, bytes, { mayExist: true });
      assert.equal(second.locator, first.locator);
      if (size > mebibyte) return;
      // The source may have another version by now, so that nobody else has these bytes.
      const content = { bytes: () => Promise.reject(new StrongroomError('file-vanished', 'gone')) };
      const third = await store.put(requestFor(place, factsOf(bytes), { mayExist: true }), content, contextWith());
      assert.equal(third.locator, first.locator);
      assert.equal((await listAll(store, place.source)).length, 1);
    });
  }

  it('puts where an earlier attempt may have, but has not', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const nothing = await putBytes(store, place, Buffer.from('one'), { mayExist: true });
    const other = await putBytes(store, place, Buffer.from('two'), {
      number: 2,
      replaces: nothing.locator,
      mayExist: true,
    });
    assert.notEqual(other.locator, nothing.locator);
    assert.equal((await getBytes(store, other)).toString(), 'two');
    assert.equal((await getBytes(store, nothing)).toString(), 'one');
  });

  it('puts many files at once', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const files = Array.from({ length: 40 }, (_, index) => ({
      place: { source, path: `folder ${index % 3}/file ${index}` },
      bytes: randomBytes(Math.floor(suite.random() * 5000), suite.random),
    }));
    const copies = await Promise.all(files.map(({ place, bytes }) => putBytes(store, place, bytes)));
    for (const [index, copy] of copies.entries()) {
      assertSameBytes(await getBytes(store, copy), files[index]?.bytes ?? Buffer.alloc(0), copy.place.path);
    }
  });

  it('copies within itself what it holds, or says that it cannot', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    for (const [name, bytes] of [
      ['small', randomBytes(500, suite.random)],
      ['empty', new Uint8Array()],
      ['large', largeBytes(20 * mebibyte, 17)],
    ] as const) {
      const from = await putBytes(store, { source, path: `${name} original` }, bytes);
      const place = { source, path: `${name} copy` };
      const version = { ...factsOf(bytes), mtimeNs: 1_600_000_000_000_000_000n, mode: 0o600 };
      const placed = await store.copyWithin(from, requestFor(place, version), contextWith());
      assert.equal(placed !== undefined, store.capabilities.copiesWithin, name);
      assertSameBytes(await getBytes(store, from), bytes, 'the original');
      if (placed === undefined) continue;
      assertSameBytes(await getBytes(store, { place, locator: placed.locator }), bytes, 'the copy');
      await assertDescribed(suite, place.source, place.path, version);
    }
  });

  it('serves a move, and leaves the original as it is', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const bytes = randomBytes(3000, suite.random);
    const from = await putBytes(store, { source, path: 'old/name' }, bytes);
    const place = { source, path: 'new/name' };
    const request = requestFor(place, factsOf(bytes), { move: true });
    const placed =
      (await store.copyWithin(from, request, contextWith())) ??
      (await store.put(request, contentOf(bytes), contextWith()));
    assertSameBytes(await getBytes(store, { place, locator: placed.locator }), bytes, 'the new place');
    assertSameBytes(await getBytes(store, from), bytes, 'the old place');
    await store.retire(from.place, from.locator, signal);
    assertSameBytes(await getBytes(store, { place, locator: placed.locator }), bytes, 'after the old was retired');
  });

  it('changes times and mode alone by a copy within, and keeps what lay there', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const bytes = randomBytes(300, suite.random);
    const before = await putBytes(store, place, bytes);
    const version = { ...factsOf(bytes), mtimeNs: 1_500_000_000_000_000_001n, mode: 0o604 };
    const request = requestFor(place, version, { number: 2, replaces: before.locator });
    const placed =
      (await store.copyWithin(before, request, contextWith())) ??
      (await store.put(request, contentOf(bytes), contextWith()));
    assert.notEqual(placed.locator, before.locator);
    assertSameBytes(await getBytes(store, before), bytes, 'what lay there');
    await assertDescribed(suite, place.source, place.path, version);
  });

  it('copies nothing within itself from a copy that is gone', async () => {
    const underTest = suite.subject();
    const { store } = underTest;
    const source = suite.newSource();
    const bytes = randomBytes(300, suite.random);
    const from = await putBytes(store, { source, path: 'file' }, bytes);
    await underTest.lose(from);
    const request = requestFor({ source, path: 'copy' }, factsOf(bytes), { move: true });
    assert.equal(await store.copyWithin(from, request, contextWith()), undefined);
    assert.deepEqual(await listAll(store, source), []);
  });

  it('says that a copy is missing', async () => {
    const underTest = suite.subject();
    const { store } = underTest;
    const place = { source: suite.newSource(), path: 'file' };
    const copy = await putBytes(store, place, Buffer.from('here'));
    await underTest.lose(copy);
    await assertCode(getBytes(store, copy), 'copy-missing');
    await assertCode(getBytes(store, copy, 1, 2), 'copy-missing');
    await assertCode(getBytes(store, { ...copy, place: { ...place, path: 'never' } }), 'copy-missing');
  });
}

/** The current copy at a path is described as this version, as exactly as the store promises. */
export async function assertDescribed(
  suite: Suite,
  source: string,
  path: string,
  version: ReturnType<typeof factsOf>,
): Promise<void> {
  const { store } = suite.subject();
  const { mtimeStepNs = 1n, modeBits = 0o7777 } = suite.differences;
  const listed = (await listAll(store, source)).find((copy) => copy.path === path && copy.current);
  assert.ok(listed !== undefined, `${path} is not listed`);
  const described = await store.describe(listed, source, signal);
  assert.equal(described.sha256, version.sha256);
  assert.equal(described.size, version.size);
  assert.equal(listed.size, version.size);
  assert.equal(described.mode & modeBits, version.mode & modeBits, 'the mode');
  const apart = described.mtimeNs - version.mtimeNs;
  assert.ok((apart < 0n ? -apart : apart) < mtimeStepNs, `the time is ${apart} ns apart`);
}
