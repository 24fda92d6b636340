import assert from 'node:assert/strict';
import process from 'node:process';
import { test, type TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { CatalogReader } from '../../electron/service/browse/reader.ts';
import { Bench } from '../engine/kit.ts';

async function visited(
  t: TestContext,
): Promise<{ reader: CatalogReader; found: () => Promise<number>; threads: () => number }> {
  const bench = await Bench.create(t, { files: { 'page 1.tif': 'one', 'page 2.tif': 'two' } });
  await bench.syncDone();
  let alive = 0;
  const count = (worker: Worker): void => {
    alive += 1;
    worker.once('exit', () => {
      alive -= 1;
    });
  };
  process.on('worker', count);
  t.after(() => process.off('worker', count));
  const reader = new CatalogReader(bench.home);
  t.after(() => reader.close());
  const found = async (): Promise<number> => (await reader.ask('search', 'page', 10, undefined)).found.length;
  return { reader, found, threads: () => alive };
}

test('the reading thread begins with a question, ends at rest, and begins again', async (t) => {
  const { reader, found, threads } = await visited(t);
  assert.equal(threads(), 0);
  assert.equal(await found(), 2);
  assert.equal(threads(), 1);
  await reader.rest();
  assert.equal(threads(), 0);
  assert.equal(await found(), 2);
});

test('a rest takes no answer away: neither one under way, nor one that is asked for meanwhile', async (t) => {
  const { reader, found, threads } = await visited(t);
  const early = found();
  const first = reader.rest();
  assert.equal(await early, 2);
  await first;
  assert.equal(threads(), 1);
  const second = reader.rest();
  assert.equal(await found(), 2);
  await second;
  assert.equal(threads(), 1);
});

test('what is asked while the reader closes is refused in words', async (t) => {
  const { reader, found } = await visited(t);
  await found();
  const closing = reader.close();
  await assert.rejects(found(), { code: 'cancelled' });
  await closing;
});
