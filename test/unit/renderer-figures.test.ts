import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RunProgressShape, RunShape } from '../../shared/contract/shapes.ts';
import {
  bytesText,
  counted,
  durationText,
  exactText,
  minuteText,
  relativeText,
} from '../../renderer/parts/figures-text.ts';
import { leftOf, massWords, runSentence } from '../../renderer/parts/run-words.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('sizes', () => {
  test('a size never has four digits before its unit', () => {
    for (const bytes of [999, 999.4, 999_499, 999_500, 999_999, 999_999_999, 1e12 - 1])
      assert.match(bytesText(bytes).replaceAll(/[.,\s]/g, ''), /^\d{1,3}\D/, String(bytes));
  });

  test('one is not many', () => {
    assert.equal(counted(1, 'copy', 'copies'), '1 copy');
    assert.equal(counted(0, 'file'), '0 files');
  });
});

describe('times', () => {
  const now = new Date(2026, 2, 12, 14, 0).getTime();

  test('what ended between two ticks of the clock is not still to come', () => {
    assert.equal(relativeText(now + 9_000, now), 'just now');
    assert.equal(relativeText(now - 59_000, now), 'just now');
    assert.equal(relativeText(now + 30_000, now), 'in a moment');
  });

  test('days are those of the calendar', () => {
    assert.equal(relativeText(now - 23 * hour, now), '23 hours ago');
    assert.equal(relativeText(new Date(2026, 2, 11, 1, 0).getTime(), now), 'yesterday');
    assert.equal(relativeText(new Date(2026, 2, 10, 23, 59).getTime(), now), '2 days ago');
    assert.doesNotMatch(relativeText(now - 8 * 24 * hour, now), /2026|ago/, 'of this year, which goes without saying');
    assert.match(relativeText(now - 100 * 24 * hour, now), /2025/);
  });

  test('a time that no calendar has is written all the same', () => {
    for (const at of [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])
      for (const text of [exactText(at), minuteText(at, now), relativeText(at, now)]) assert.match(text, /\d/);
  });

  test('lengths of time never round up to 60 of a unit', () => {
    assert.equal(durationText(300), 'less than a second');
    assert.equal(durationText(59_700), '1 min');
    assert.equal(durationText(119_700), '2 min');
    assert.equal(durationText(hour - 10_000), '1 h');
    assert.equal(durationText(2 * hour + 5 * minute), '2 h 5 min');
    assert.equal(durationText(72 * hour), '3 days');
  });
});

describe('a run in a sentence', () => {
  const run: RunShape = {
    id: 1,
    source: 'scans',
    startedAt: 0,
    endedAt: 1,
    outcome: 'done',
    numbers: { seen: 9, added: 0, changed: 0, deleted: 0, moved: 0, unchanged: 9, skipped: 0, failed: 0 },
    stores: [{ store: 's', copied: 0, deleted: 0, bytesSent: 0, copiedWithin: 0, failed: 0, pending: 0 }],
    questioned: null,
  };

  test('what was found leads', () => {
    const numbers = { ...run.numbers, changed: 3, deleted: 1 };
    assert.equal(runSentence({ ...run, numbers }), '3 changed files, 1 deleted.');
    assert.equal(runSentence(run), 'Nothing changed.');
  });

  test('what is not done is never left out', () => {
    const [store] = run.stores;
    assert.ok(store !== undefined);
    const sentence = runSentence({
      ...run,
      outcome: 'incomplete',
      numbers: { ...run.numbers, failed: 2 },
      stores: [{ ...store, pending: 5 }],
    });
    assert.match(sentence, /2 things did not work/);
    assert.match(sentence, /5 copies still to be made/);
  });

  test('a run without an outcome is under way only as long as it has no end', () => {
    assert.equal(runSentence({ ...run, outcome: null, endedAt: null }), 'Under way.');
    assert.match(runSentence({ ...run, outcome: null }), /^Ended before it was done/);
  });

  test('a mass change is told by what was seen', () => {
    assert.equal(massWords({ changed: 0, gone: 60, of: 100, examples: [] }), '60 files gone, of 100');
    assert.equal(massWords({ changed: 50, gone: 1, of: 100, examples: [] }), '50 files changed and 1 gone, of 100');
  });

  test('the time left is that of the slowest store, and unknown where one is', () => {
    const store = { store: 'a', copied: 0, bytesSent: 0, rate: 1, inFlight: [], problem: null };
    const progress = (...left: (number | null)[]): RunProgressShape => ({
      run: 1,
      source: 'scans',
      startedAt: 0,
      phase: 'copying',
      filesSeen: 1,
      bytesHashed: 1,
      stores: left.map((remainingMs) => ({ ...store, pendingCopies: 1, pendingBytes: 10, remainingMs })),
    });
    assert.deepEqual(leftOf(progress(5, 9)), { copies: 2, bytes: 20, ms: 9 });
    assert.equal(leftOf(progress(5, null)).ms, null);
    assert.equal(leftOf(progress()).ms, null);
  });
});
