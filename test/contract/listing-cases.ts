import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertCode, collect, listAll, putBytes, signal, type Suite } from './support.ts';

/** `list` and `sources`, over more than one page. */
export function listingCases(suite: Suite): void {
  it('lists nothing of a source that it does not hold', async () => {
    const { store } = suite.subject();
    assert.deepEqual(await listAll(store, suite.newSource()), []);
  });

  it('lists each of more than 1,000 copies once, those of a path together', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const expected = new Map<string, number>();
    const deletionMarks = suite.differences.marksDeletions ? 1 : 0;
    const work: (() => Promise<void>)[] = [];
    for (let index = 0; index < 1100; index += 1) {
      const place = { source, path: `folder ${index % 7}/file+${index}%` };
      const versions = index % 100 === 0 ? 4 : 1;
      expected.set(place.path, versions + (index % 250 === 0 ? deletionMarks : 0));
      work.push(async () => {
        let replaces: string | undefined;
        for (let number = 1; number <= versions; number += 1) {
          replaces = (await putBytes(store, place, Buffer.from(`${index} ${number}`), { number, replaces })).locator;
        }
        if (index % 250 === 0) await store.retire(place, replaces, signal);
      });
    }
    const workers = Array.from({ length: 16 }, async () => {
      for (let next = work.pop(); next !== undefined; next = work.pop()) await next();
    });
    await Promise.all(workers);

    const listed = await listAll(store, source);
    const counts = new Map<string, number>();
    const finished = new Set<string>();
    let previous: string | undefined;
    for (const { path } of listed) {
      if (path !== previous && previous !== undefined) finished.add(previous);
      assert.ok(!finished.has(path), `${path} is listed in two places`);
      counts.set(path, (counts.get(path) ?? 0) + 1);
      previous = path;
    }
    assert.deepEqual(
      [...counts].sort(([one], [other]) => (one < other ? -1 : 1)),
      [...expected].sort(([one], [other]) => (one < other ? -1 : 1)),
    );
    const located = listed.map((copy) => copy.locator).filter((locator) => locator !== undefined);
    assert.equal(new Set(located).size, located.length);
    assert.equal(listed.filter((copy) => copy.deletion).length, 5 * deletionMarks);
    assert.equal(listed.filter((copy) => copy.current).length, 1095);
  });

  it('says when it took a copy in', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    // Servers round to the second.
    const before = Date.now() - 2000;
    await putBytes(store, { source, path: 'file' }, Buffer.from('x'));
    const [listed] = await listAll(store, source);
    assert.ok(listed !== undefined && listed.storedAt >= before && listed.storedAt <= Date.now() + 2000);
  });

  it('stops listing when it is told to', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    await putBytes(store, { source, path: 'file' }, Buffer.from('x'));
    await assertCode(collect(store.list(source, AbortSignal.abort())), 'cancelled');
  });

  it('lists what its locators name', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const copy = await putBytes(store, { source, path: 'file' }, Buffer.from('x'));
    const deletion = await store.retire(copy.place, copy.locator, signal);
    const listed = await listAll(store, source);
    const located = listed.filter((one) => one.locator !== undefined);
    for (const one of located) assert.equal(one.locator, one.deletion ? deletion.locator : copy.locator);
  });
}
