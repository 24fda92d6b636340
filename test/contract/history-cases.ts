import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertDescribed } from './putting-cases.ts';
import {
  assertSameBytes,
  factsOf,
  getBytes,
  largeBytes,
  listAll,
  mebibyte,
  putBytes,
  signal,
  type Suite,
} from './support.ts';

/** Superseding, `retire`, and what `list` and `describe` say of it all. */
export function historyCases(suite: Suite): void {
  it('keeps everything that was superseded readable under the locator that was given out', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'folder/file' };
    const kept: { locator: string; bytes: Buffer }[] = [];
    for (let number = 1; number <= 5; number += 1) {
      const bytes = number === 3 ? largeBytes(17 * mebibyte, 23) : Buffer.from(`state ${number}`);
      const mtimeNs = 1_700_000_000_000_000_000n + BigInt(number);
      const replaces = kept.at(-1)?.locator;
      kept.push({ locator: (await putBytes(store, place, bytes, { number, replaces, mtimeNs })).locator, bytes });
    }
    assert.equal(new Set(kept.map((copy) => copy.locator)).size, 5);
    for (const { locator, bytes } of kept) assertSameBytes(await getBytes(store, { place, locator }), bytes, locator);
    const listed = await listAll(store, place.source);
    assert.equal(listed.length, 5);
    assert.equal(listed.filter((copy) => copy.current).length, 1);
    assert.ok(listed.every((copy) => copy.path === place.path && !copy.deletion));
  });

  it('goes back to an earlier content as a new copy', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const first = await putBytes(store, place, Buffer.from('A'));
    const second = await putBytes(store, place, Buffer.from('B'), { number: 2, replaces: first.locator });
    const third = await putBytes(store, place, Buffer.from('A'), { number: 3, replaces: second.locator });
    assert.equal(new Set([first.locator, second.locator, third.locator]).size, 3);
    const contents = [first, second, third].map(async (copy) => (await getBytes(store, copy)).toString());
    assert.deepEqual(await Promise.all(contents), ['A', 'B', 'A']);
  });

  it('records a deletion, keeps what lay there, and takes the place again', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const first = await putBytes(store, place, Buffer.from('before'));
    const deletion = await store.retire(place, first.locator, signal);
    assert.notEqual(deletion.locator, first.locator);
    assert.equal((await getBytes(store, first)).toString(), 'before');
    const listed = await listAll(store, place.source);
    assert.equal(listed.filter((copy) => copy.current).length, 0);
    assert.deepEqual(
      listed.filter((copy) => copy.deletion).map(({ path, size }) => ({ path, size })),
      suite.differences.marksDeletions ? [{ path: 'file', size: 0 }] : [],
    );
    assert.equal(listed.filter((copy) => !copy.deletion).length, 1);

    const again = await putBytes(store, place, Buffer.from('after'), { number: 3, replaces: deletion.locator });
    assert.equal((await getBytes(store, again)).toString(), 'after');
    assert.equal((await getBytes(store, first)).toString(), 'before');
    await assertDescribed(suite, place.source, place.path, factsOf(Buffer.from('after')));
    assert.equal((await listAll(store, place.source)).length, suite.differences.marksDeletions ? 3 : 2);
  });

  it('retires a place that is empty already without a trace', async () => {
    const { store } = suite.subject();
    const place = { source: suite.newSource(), path: 'file' };
    const copy = await putBytes(store, place, Buffer.from('x'));
    const once = await store.retire(place, copy.locator, signal);
    const twice = await store.retire(place, copy.locator, signal);
    await store.retire(place, undefined, signal);
    await store.retire(place, once.locator, signal);
    assert.equal(typeof twice.locator, 'string');
    const listed = await listAll(store, place.source);
    assert.equal(listed.filter((one) => one.deletion).length, suite.differences.marksDeletions ? 1 : 0);
    assert.equal(listed.filter((one) => !one.deletion).length, 1);
    await store.retire({ ...place, path: 'never there' }, undefined, signal);
  });

  it('does not confuse a place with one whose name begins alike', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const paths = ['a.txt', 'a/b.txt', 'ab'];
    const copies = await Promise.all(paths.map((path) => putBytes(store, { source, path }, Buffer.from(path))));
    await store.retire({ source, path: 'a' }, undefined, signal);
    await store.retire({ source, path: 'ab' }, copies.at(-1)?.locator, signal);
    assert.deepEqual(
      (await listAll(store, source))
        .filter((copy) => copy.current)
        .map((copy) => copy.path)
        .sort(),
      ['a.txt', 'a/b.txt'],
    );
  });

  it('describes exactly: times to the nanosecond, before 1970 too, and modes', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const cases = [
      [0n, 0o000],
      [1n, 0o777],
      [-1n, 0o644],
      [-1_500_000_000_000_000_000n, 0o600],
      [1_700_000_000_000_000_000n, 0o4755],
      [1_700_000_000_100_000_000n, 0o1777],
      [4_102_444_800_123_456_789n, 0o644],
    ] as const;
    for (const [index, [mtimeNs, mode]] of cases.entries()) {
      const bytes = Buffer.from(`file ${index}`);
      await putBytes(store, { source, path: `file ${index}` }, bytes, { mtimeNs, mode });
      await assertDescribed(suite, source, `file ${index}`, factsOf(bytes, mtimeNs, mode));
    }
  });
}
