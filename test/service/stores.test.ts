import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { limitsAt, untilNextHours } from '../../electron/service/hours.ts';
import { monthlyCost } from '../../shared/prices.ts';
import { House, minute, problemOf, shownIn } from './kit.ts';

const night = { weekdays: [1, 2, 3, 4, 5], from: 22 * 60, to: 6 * 60, upload: null, download: null };
const lunch = { weekdays: [0, 1, 2, 3, 4, 5, 6], from: 12 * 60, to: 13 * 60, upload: 5_000, download: 6_000 };

test('a store is shown with what it holds, what it was asked, and what is kept of its limits', async (t) => {
  const house = await House.create(t);
  await house.protect({ 'a.txt': 'abc', 'b.txt': 'defg' });
  house.write('a.txt', 'abcdef');
  await house.sync();
  const [disk] = await house.client.stores.list();
  assert.deepEqual([disk?.name, disk?.kind, disk?.place], ['disk', 'folder', house.storeFolder('disk')]);
  assert.deepEqual([disk?.copies, disk?.bytes, disk?.sources], [3, 13, ['Scans']]);
  assert.deepEqual([disk?.webUrl, disk?.monthlyCost, disk?.problem], [null, null, null]);
  assert.ok((disk?.requestsThisMonth ?? 0) > 6, 'puts, journals and the lease were counted');
  const limits = { name: 'disk', upload: 1_000_000, download: null, hours: [night, lunch] };
  const limited = await house.client.stores.setLimits(limits);
  assert.deepEqual([limited.upload, limited.download, limited.hours], [1_000_000, null, [night, lunch]]);
  await house.reopen();
  const [again] = await house.client.stores.list();
  assert.deepEqual([again?.upload, again?.hours], [1_000_000, [night, lunch]]);
  assert.ok((again?.requestsThisMonth ?? 0) >= (disk?.requestsThisMonth ?? 0));
});

test('the limits of the hour hold, also over midnight and into the next day', () => {
  const own = { upload: 1_000 };
  const at = (weekday: number, hour: number, minutes = 0): Date => new Date(2026, 0, 4 + weekday, hour, minutes);
  const hours = [lunch, night];
  assert.deepEqual(limitsAt(hours, own, at(1, 10)), own);
  assert.deepEqual(limitsAt(hours, own, at(1, 12, 59)), { upload: 5_000, download: 6_000 });
  assert.deepEqual(limitsAt(hours, own, at(1, 13)), own);
  assert.deepEqual(limitsAt(hours, own, at(1, 22)), {});
  assert.deepEqual(limitsAt(hours, own, at(2, 5, 59)), {});
  assert.deepEqual(limitsAt(hours, own, at(2, 6)), own);
  // Friday's night reaches into Saturday; Saturday has none of its own, and Sunday's would reach into Monday.
  assert.deepEqual(limitsAt(hours, own, at(6, 5)), {});
  assert.deepEqual(limitsAt(hours, own, at(6, 23)), own);
  assert.deepEqual(limitsAt(hours, own, at(1, 5)), own);
  assert.equal(untilNextHours(hours, at(1, 10)), 120 * minute);
  assert.equal(untilNextHours(hours, at(1, 23, 30)), 390 * minute);
  assert.equal(untilNextHours([], at(1, 10)), undefined);
  const wholeDay = { ...lunch, from: 0, to: 1_440 };
  assert.deepEqual(limitsAt([wholeDay], own, at(3, 23, 59)), { upload: 5_000, download: 6_000 });
});

test('limits by the hour are put in force when the hour comes', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  const now = new Date(house.time.now());
  const from = (now.getHours() * 60 + now.getMinutes() + 60) % 1_440;
  const slow = { weekdays: [0, 1, 2, 3, 4, 5, 6], from, to: (from + 30) % 1_440, upload: 4_096, download: null };
  await house.client.stores.setLimits({ name: 'disk', upload: null, download: null, hours: [slow] });
  house.write('small.txt', 'small');
  await house.add({ everyMinutes: 10_080 });
  await house.quiet();
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))), ['small.txt']);
  house.time.advance(60 * minute);
  // With the clock standing still, a file larger than the first slice never gets through while the limit holds.
  house.write('large.tif', 'x'.repeat(2_000_000));
  await house.client.sources.sync({ name: 'Scans' });
  await house.until('the file on its way', () =>
    house.events.some(
      (event) =>
        event.type === 'progress' && event.runs.some((run) => run.stores.some(({ inFlight }) => inFlight.length > 0)),
    ),
  );
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))), ['small.txt']);
  house.time.advance(30 * minute);
  await house.quiet();
  assert.deepEqual(Object.keys(shownIn(house.storeFolder('disk'))).sort(), ['large.tif', 'small.txt']);
});

test('a store that cannot be used is not kept, and what is wrong with it is said', async (t) => {
  const house = await House.create(t);
  house.write('a.txt', 'a');
  await problemOf(house.client.stores.add({ kind: 'folder', path: 'relative/folder' }), 'usage');
  fs.writeFileSync(path.join(house.folder, 'file'), 'a file');
  const call = house.client.stores.add({ kind: 'folder', path: path.join(house.folder, 'file') });
  const error: unknown = await call.catch((reason: unknown) => reason);
  assert.ok(error instanceof Error);
  const s3 = { kind: 's3' as const, bucket: 'No Bucket', prefix: '', enableVersioning: false };
  await problemOf(house.client.stores.add(s3), 'usage');
  await problemOf(
    house.client.stores.check({ name: 'nowhere' }).then(async (steps) => steps.next()),
    'unknown-name',
  );
  const ticket = { kind: 'signed-in' as const, ticket: 'invented' };
  await problemOf(house.client.stores.add({ kind: 'drive', folder: 'root', path: '', credential: ticket }), 'usage');
  assert.deepEqual(await house.client.stores.list(), []);
});

test('a store that is taken away while a run is under way is not written to any more', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  await house.client.stores.setLimits({ name: 'disk', upload: 4_096, download: null, hours: [] });
  house.write('scan.tif', 'x'.repeat(2_000_000));
  await house.add();
  await house.until('the file on its way', () =>
    house.events.some(
      (event) =>
        event.type === 'progress' && event.runs.some((run) => run.stores.some(({ inFlight }) => inFlight.length > 0)),
    ),
  );
  const removing = house.client.stores.remove({ name: 'disk' });
  await house.client.stores.setLimits({ name: 'disk', upload: null, download: null, hours: [] });
  await removing;
  await house.quiet();
  assert.deepEqual(shownIn(house.storeFolder('disk')), {});
  assert.deepEqual((await house.source()).copies, []);
});

test('the monthly cost is told only where it is known, with how it was reckoned', () => {
  const requests = { writes: 10_000, reads: 0 };
  const aws = { kind: 's3' as const, bucket: 'copies', prefix: '' };
  const standard = monthlyCost(aws, 1e12, requests);
  assert.deepEqual([standard?.currency, standard?.amount], ['USD', 23.05]);
  assert.match(standard?.basis ?? '', /STANDARD in us-east-1/);
  assert.equal(monthlyCost({ ...aws, class: 'DEEP_ARCHIVE' }, 1e12, requests)?.amount, 1.49);
  assert.equal(monthlyCost({ ...aws, endpoint: 'https://s3.library.example' }, 1e12, requests), null);
  assert.equal(monthlyCost({ kind: 'folder', path: '/mnt' }, 1e12, requests), null);
});
