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
    client.browse.changes({ source: 'source', path, timeZone: 'UTC', ...(by === undefined ? {} : { by }) });
  const quarters = await changes('', 'quarter');
  assert.equal(quarters.length, 2);
  for (const { day } of quarters) assert.equal(day % quarter, 0);
  assert.deepEqual({ ...quarters[1], day: 0 }, { day: 0, added: 1, changed: 0, deleted: 2, moved: 1 });
  assert.equal((await changes('a', 'quarter')).at(-1)?.moved, 1);
  assert.equal((await changes('b', 'quarter')).at(-1)?.moved, undefined);
});

/** Changes at these times, written as `Date` reads them, and the days on which the window finds them, in a time zone. */
const days = [
  {
    timeZone: 'Europe/Berlin',
    // Half past eleven in the evening in summer is before midnight in winter, too.
    at: ['2025-07-15T23:30+02:00', '2025-07-16T00:30+02:00', '2025-10-26T02:30+01:00', '2026-01-15T23:30+01:00'],
    days: ['2025-07-15T00:00+02:00', '2025-07-16T00:00+02:00', '2025-10-26T00:00+02:00', '2026-01-15T00:00+01:00'],
  },
  {
    timeZone: 'America/New_York',
    at: ['2026-03-07T23:45-05:00', '2026-03-08T23:45-04:00', '2026-03-09T00:15-04:00'],
    days: ['2026-03-07T00:00-05:00', '2026-03-08T00:00-05:00', '2026-03-09T00:00-04:00'],
  },
  {
    // By half an hour.
    timeZone: 'Australia/Lord_Howe',
    at: ['2026-04-04T23:45+11:00', '2026-04-05T23:45+10:30', '2026-04-06T00:15+10:30'],
    days: ['2026-04-04T00:00+11:00', '2026-04-05T00:00+11:00', '2026-04-06T00:00+10:30'],
  },
  {
    // The 30th of December 2011 never was.
    timeZone: 'Pacific/Apia',
    at: ['2011-12-29T23:45-10:00', '2011-12-31T00:15+14:00', '2012-07-01T12:00+13:00'],
    days: ['2011-12-29T00:00-10:00', '2011-12-31T00:00+14:00', '2012-07-01T00:00+13:00'],
  },
  {
    timeZone: 'Asia/Kathmandu',
    at: ['2026-01-05T23:50+05:45', '2026-01-06T00:10+05:45'],
    days: ['2026-01-05T00:00+05:45', '2026-01-06T00:00+05:45'],
  },
] as const;

for (const { timeZone, at, days: expected } of days) {
  test(`in ${timeZone}, changes are told on the days on which they happened`, async (t) => {
    const desk = await Desk.create(t, { files: { 'box/always.txt': 'at first' } });
    const { bench, client } = desk;
    for (const [index, time] of at.entries()) {
      bench.clock.advance(Date.parse(time) - bench.clock.now());
      bench.write('box/always.txt', `state ${index}`);
      await bench.syncDone();
    }
    for (const path of ['', 'box', 'box/always.txt']) {
      const told = await client.browse.changes({ source: 'source', path, timeZone });
      assert.deepEqual(
        told.map(({ day, added, changed }) => [new Date(day).toISOString(), added + changed]),
        expected.map((day) => [new Date(day).toISOString(), 1]),
        path,
      );
    }
  });
}

test('a time zone that there is none of is refused as what it is', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a' } });
  await assert.rejects(desk.client.browse.changes({ source: 'source', path: '', timeZone: 'Atlantis/Main' }));
});
