import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Desk } from './browse/kit.ts';

const quarter = 900_000;

test('the moments of a folder are the ends of the runs that changed it, two in one minute too', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a', 'sub/b.txt': 'b' } });
  const { bench, client } = desk;
  const ends: number[] = [];
  const run = async () => {
    await bench.syncDone();
    ends.push(bench.engine.catalog.runs.latest(1)[0]?.endedAt ?? 0);
  };
  const moments = (path: string, around = bench.clock.now(), each = 10) =>
    client.browse.moments({ source: 'source', path, around, each });
  await run();
  bench.clock.advance(60_000);
  bench.write('a.txt', 'another a');
  await run();
  bench.clock.advance(20 * 60_000);
  await bench.syncDone();
  bench.clock.advance(20 * 60_000);
  bench.write('sub/c.txt', 'c');
  await run();
  assert.deepEqual(await moments(''), ends);
  assert.equal((await moments('sub')).at(-1), ends[2]);
  assert.deepEqual(await moments('', ends[1], 1), [ends[1], ends[2]]);
  assert.equal((await moments('a.txt')).length, 2);
  for (const [index, at] of ends.entries()) {
    const { files } = await client.browse.list({
      source: 'source',
      path: '',
      at,
      deleted: false,
      sort: 'name',
      descending: false,
      offset: 0,
      limit: 10,
    });
    assert.equal(files, 1, `run ${index}`);
    const { versions } = await client.browse.file({ source: 'source', path: 'a.txt' });
    assert.equal(versions.filter(({ firstSeen }) => firstSeen <= at).length, index === 0 ? 1 : 2);
  }
});

test('quarters of an hour are told as days are, and a rename as what it is', async (t) => {
  const desk = await Desk.create(t, { files: { 'a/one.txt': 'one', 'b/two.txt': 'two' } });
  const { bench, client } = desk;
  await bench.syncDone();
  bench.clock.advance(2 * quarter);
  fs.renameSync(bench.at('a/one.txt'), bench.at('a/renamed.txt'));
  bench.remove('b/two.txt');
  await bench.syncDone();
  const changes = (path: string, by?: 'day' | 'quarter') =>
    client.browse.changes({ source: 'source', path, utcOffsetMinutes: 0, ...(by === undefined ? {} : { by }) });
  const quarters = await changes('', 'quarter');
  assert.equal(quarters.length, 2);
  for (const { day } of quarters) assert.equal(day % quarter, 0);
  assert.deepEqual({ ...quarters[1], day: 0 }, { day: 0, added: 1, changed: 0, deleted: 2, moved: 1 });
  assert.equal((await changes('a', 'quarter')).at(-1)?.moved, 1);
  assert.equal((await changes('b', 'quarter')).at(-1)?.moved, undefined);
});
