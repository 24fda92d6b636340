import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunProgress } from '../../electron/engine/copy/run.ts';
import { Figures } from '../../electron/service/figures.ts';
import { Progress } from '../../electron/service/keeping/progress.ts';

function runWith(pendingCopies: number): RunProgress {
  const counts = { copied: 0, deleted: 0, copiedWithin: 0, failed: 0, bytesSent: 0 };
  const store = { name: 'disk', ...counts, pendingCopies, pendingBytes: 0, inFlight: [], stopped: undefined };
  return { runId: 1, phase: 'scanning', scan: { seen: 0, hashedBytes: 0 }, stores: [store] };
}

test('that a run has something to copy is told at once, and then again only now and then', () => {
  const told: string[] = [];
  const kept = { get: () => undefined, set: () => undefined };
  const progress = new Progress({
    figures: new Figures(kept, { now: () => 0 }),
    tell: () => undefined,
    files: (source) => told.push(source),
  });
  progress.begin(1, 'maps', 0);
  progress.take(1, runWith(0));
  const before = told.length;
  progress.take(1, runWith(3));
  assert.deepEqual(told.slice(before), ['maps']);
  progress.take(1, runWith(0));
  progress.take(1, runWith(4));
  assert.equal(told.length, before + 1);
  progress.close();
});
