import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FolderSums, type SumsOf } from '../../renderer/screens/browse/listing-sums.ts';
import type { FolderSum } from '../../shared/contract/shapes.ts';

interface Asked {
  readonly of: SumsOf;
  readonly paths: readonly string[];
  readonly signal: AbortSignal;
  readonly answer: (sums: readonly FolderSum[]) => Promise<void>;
  readonly fail: () => Promise<void>;
}

const now: SumsOf = { source: 'scans', path: '', at: null, reading: 1 };
const sum = (path: string, files: number): FolderSum => ({ path, files, bytes: files * 10 });

/** Sums whose questions wait for the test to answer them. */
function made(): { sums: FolderSums; asked: Asked[] } {
  const asked: Asked[] = [];
  const sums = new FolderSums((of, paths, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly FolderSum[]>();
    const settle = async (act: () => void) => {
      act();
      // What follows an answer runs in microtasks; a macrotask comes after all of them.
      await new Promise(setImmediate);
    };
    asked.push({
      ...{ of, paths, signal },
      answer: (answer) => settle(() => resolve(answer)),
      fail: () => settle(() => reject(new Error('gone'))),
    });
    return promise;
  });
  return { sums, asked };
}

describe('what lies in the folders of a listing', () => {
  test('is asked for once, one question at a time, for what is in sight when it is asked', async () => {
    const { sums, asked } = made();
    sums.want(now, ['a', 'b']);
    sums.want(now, ['b', 'c', 'd']);
    sums.want(now, ['d', 'e']);
    assert.equal(asked.length, 1);
    assert.equal(sums.sum('a'), undefined);
    await asked[0]?.answer([sum('a', 1), sum('b', 2)]);
    assert.deepEqual(sums.sum('b'), sum('b', 2));
    assert.deepEqual(
      asked.map(({ paths }) => paths),
      [
        ['a', 'b'],
        ['d', 'e'],
      ],
    );
    await asked[1]?.answer([sum('d', 4), sum('e', 5)]);
    sums.want(now, ['a', 'b', 'd']);
    assert.equal(asked.length, 2);
  });

  test('is forgotten with the moment: an answer for another one is given up and never shown', async () => {
    const { sums, asked } = made();
    sums.want(now, ['a']);
    await asked[0]?.answer([sum('a', 1)]);
    sums.want(now, ['a', 'b']);
    const before = sums.revision();
    sums.want({ ...now, at: 1_000, reading: 2 }, ['a', 'b']);
    assert.equal(asked[1]?.signal.aborted, true);
    assert.equal(sums.sum('a'), undefined);
    assert.notEqual(sums.revision(), before);
    await asked[1].answer([sum('b', 99)]);
    assert.equal(sums.sum('b'), undefined);
    await asked[2]?.answer([sum('a', 0), sum('b', 3)]);
    assert.deepEqual([sums.sum('a'), sums.sum('b')], [sum('a', 0), sum('b', 3)]);
  });

  test('stays while the same rows are read anew, until it comes anew', async () => {
    const { sums, asked } = made();
    sums.want(now, ['a']);
    await asked[0]?.answer([sum('a', 1)]);
    sums.want({ ...now, reading: 2 }, ['a']);
    assert.equal(sums.sum('a')?.files, 1);
    await asked[1]?.answer([sum('a', 2)]);
    assert.equal(sums.sum('a')?.files, 2);
  });

  test('is said to be unknown where it cannot be had, and is asked for with the next reading', async () => {
    const { sums, asked } = made();
    sums.want(now, ['a', 'b']);
    await asked[0]?.answer([sum('b', 1)]);
    assert.equal(sums.sum('a'), null);
    sums.want({ ...now, reading: 2 }, ['a', 'b']);
    await asked[1]?.fail();
    assert.deepEqual([sums.sum('a'), sums.sum('b')], [null, null]);
    assert.equal(asked.length, 2);
    sums.want({ ...now, reading: 3 }, ['a']);
    await asked[2]?.answer([sum('a', 7)]);
    assert.equal(sums.sum('a')?.files, 7);
  });

  test('is given up when nobody looks any more', () => {
    const { sums, asked } = made();
    sums.want(now, ['a']);
    sums.close();
    assert.equal(asked[0]?.signal.aborted, true);
  });
});
