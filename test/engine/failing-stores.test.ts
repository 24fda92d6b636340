import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSeed } from '../contract/support.ts';
import { seededRandom } from '../faults/random.ts';
import { Bench, signal } from './kit.ts';
import { assertTalliesRight } from './tallies.ts';
import { Failing } from './wrappers.ts';

/** Histories in which stores fail at random: what is kept, counted and shown must be right all the same. */

test('stores that fail at random lose nothing, end up in step, and every count is that of a recount', async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`STRONGROOM_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const bench = await Bench.create(t, { stores: ['one', 'two', 'three'] });
  const failing = ['one', 'two', 'three'].map((name) => {
    const one = new Failing();
    bench.wrap(name, one.wrap);
    return one;
  });
  let contents = 0;
  for (let step = 0; step < 16; step += 1) {
    for (const one of failing) {
      const kind = random();
      one.code = kind < 0.25 ? 'store-unreachable' : kind < 0.5 ? 'store-answer' : undefined;
      const chance = random();
      one.only = () => random() < chance;
    }
    for (let change = 0; change < 4; change += 1) {
      const name = `${Math.floor(random() * 8)}.txt`;
      if (random() < 0.25 && bench.paths().length > 2) bench.write(name, 'about to go');
      else bench.write(name, `content ${(contents += 1)}`);
      if (random() < 0.25) bench.remove(name);
    }
    bench.write('always.txt', `content ${(contents += 1)}`);
    await bench.sync();
  }
  for (const one of failing) one.code = undefined;
  let last = await bench.sync();
  // A journal that could not be written, or a version that could not be fetched, may take one more.
  for (let again = 0; again < 3 && last.outcome !== 'done'; again += 1) last = await bench.sync();
  assert.deepEqual([last.outcome, last.problems], ['done', []]);
  for (const name of ['one', 'two', 'three']) bench.assertStoreShowsSource(name);
  for (const name of ['one', 'two', 'three']) {
    const record = bench.store(name);
    const audit = await bench.engine.verify(bench.source, record, { deep: true, signal, onProgress: () => undefined });
    assert.deepEqual(audit.bad, [], name);
    assert.deepEqual(audit.foreign, [], name);
  }
  await assertTalliesRight(bench);
});
