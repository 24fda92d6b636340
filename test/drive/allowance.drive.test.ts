import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriveBench } from './bench.ts';
import { startDriveLab } from './lab.ts';

/** What Google gives out in a day bounds a recovery, and people are told before it begins. */

const note =
  /^Up to 2\.7 kB are to be read from the store "drive", which gives out 1 kB a day: this takes at least 2 days\./;

test('a restore that needs more than a day gives out says so before anything is read, and is paced', async (t) => {
  const lab = await startDriveLab();
  t.after(() => lab.close());
  const slept: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms);
    lab.emulator.clock.advance({ milliseconds: ms });
    return Promise.resolve();
  };
  const drive = await DriveBench.create(t, lab, {
    files: Object.fromEntries(['a', 'b', 'c'].map((name) => [`${name}.bin`, name.repeat(900)])),
    drive: { egress: { dailyBytes: 1000 }, sleep },
  });
  const { bench } = drive;
  await bench.syncDone();
  const { catalog } = bench.engine;
  const wanted = { path: '', at: bench.clock.now(), number: undefined, into: `${bench.folder}/out`, from: undefined };
  const { signal } = new AbortController();
  const before = lab.emulator.requests.count();
  const plan = await bench.engine.planRestore(bench.source, { ...wanted, signal });
  assert.deepEqual([plan.files, plan.bytes, plan.target], [3, 2700, `${bench.folder}/out`]);
  assert.match(plan.notes.join(), note);
  assert.equal(lab.emulator.requests.count(), before, 'a plan asks nothing');

  const saidAfter: number[] = [];
  const { push } = bench.notices;
  bench.notices.push = (...texts) => {
    saidAfter.push(lab.emulator.requests.count() - before);
    return push.apply(bench.notices, texts);
  };
  const { result } = await bench.restore();
  assert.equal(result.restored, 3);
  assert.deepEqual(saidAfter, [0], 'said before the first request');
  assert.match(bench.notices.join(), note);
  assert.deepEqual(result.notes, [...bench.notices]);
  assert.ok(slept.reduce((sum, ms) => sum + ms, 0) >= 40 * 3_600_000, 'two days were waited out');

  // A version that another store gives, and a single one, need no word.
  assert.deepEqual((await bench.restore({ path: 'a.bin' })).result.notes, []);
  await bench.addStore('disk');
  await bench.syncDone();
  assert.equal(catalog.stores.all().length, 2);
  assert.deepEqual((await bench.restore({ from: 'disk' })).result.notes, []);
});

test('a rebuild from the listing alone says how long reading older revisions takes', async (t) => {
  const lab = await startDriveLab();
  t.after(() => lab.close());
  const sleep = (ms: number): Promise<void> => {
    lab.emulator.clock.advance({ milliseconds: ms });
    return Promise.resolve();
  };
  const drive = await DriveBench.create(t, lab, {
    files: { 'a.bin': 'a'.repeat(900) },
    drive: { egress: { dailyBytes: 1000 }, sleep },
  });
  const { bench } = drive;
  await bench.syncDone();
  for (const text of ['b', 'c', 'd']) {
    bench.write('a.bin', text.repeat(900));
    await bench.syncDone();
  }
  const rebuilt = await drive.rebuilt(t, bench.clock, true);
  assert.equal(rebuilt.catalog.sources.tally(rebuilt.catalog.sources.get('source').id).versions, 4);
  assert.match(drive.notices.join(), note);
});
