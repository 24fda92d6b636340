import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PageCache, type Answer, type Beat, type PageLimits } from '../../renderer/screens/browse/pages.ts';

const limits: PageLimits = { pageSize: 10, maxPages: 5, ahead: 2, atOnce: 2 };

interface Asked {
  readonly key: string;
  readonly offset: number;
  readonly signal: AbortSignal;
  readonly answer: (total: number, provisional?: true) => Promise<void>;
  readonly fail: (error: unknown) => Promise<void>;
}

/** A cache whose questions wait for the test to answer them. Rows are `key offset`. */
function made(beat?: Beat): { cache: PageCache<string, string>; asked: Asked[]; waiting: () => Asked[] } {
  const asked: Asked[] = [];
  const answered = new Set<Asked>();
  const cache = new PageCache<string, string>(
    (key, offset, limit, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer<string>>();
      const settle = async (act: () => void) => {
        answered.add(question);
        act();
        // What follows an answer runs in microtasks; a macrotask comes after all of them.
        await new Promise(setImmediate);
      };
      const question: Asked = {
        key,
        offset,
        signal,
        answer: (total, provisional) =>
          settle(() => {
            const rows = Array.from(
              { length: Math.max(0, Math.min(limit, total - offset)) },
              (_, index) => `${key} ${offset + index}`,
            );
            resolve({ rows, total, files: total, bytes: total, provisional });
          }),
        fail: (error) => settle(() => reject(error)),
      };
      asked.push(question);
      return promise;
    },
    limits,
    beat,
  );
  return { cache, asked, waiting: () => asked.filter((one) => !answered.has(one) && !one.signal.aborted) };
}

describe('the pages of a long listing', () => {
  test('come as they are wanted, and ahead in the direction of scrolling', async () => {
    const { cache, waiting } = made();
    cache.open('a');
    assert.deepEqual(
      waiting().map(({ offset }) => offset),
      [0],
    );
    await waiting()[0]!.answer(1_000);
    assert.equal(cache.row(3), 'a 3');
    assert.equal(cache.summary?.total, 1_000);
    assert.deepEqual(
      waiting().map(({ offset }) => offset),
      [10, 20],
    );
    cache.want(505, 512);
    assert.deepEqual(
      waiting().map(({ offset }) => offset),
      [500, 510],
    );
    await waiting()[0]!.answer(1_000);
    await waiting()[0]!.answer(1_000);
    assert.equal(cache.row(505), 'a 505');
    assert.equal(cache.row(512), 'a 512');
    assert.equal(cache.row(700), undefined);
  });

  test('never ask for what lies behind the end', async () => {
    const { cache, asked, waiting } = made();
    cache.open('a');
    await waiting()[0]!.answer(15);
    await waiting()[0]!.answer(15);
    assert.deepEqual(
      asked.map(({ offset }) => offset),
      [0, 10],
    );
  });

  test('give up requests for what was scrolled past', async () => {
    const { cache, asked, waiting } = made();
    cache.open('a');
    await waiting()[0]!.answer(10_000);
    cache.want(2_000, 2_010);
    const past = waiting();
    cache.want(9_000, 9_010);
    assert.ok(past.every(({ signal }) => signal.aborted));
    assert.ok(asked.at(-1)!.offset >= 9_000);
  });

  test('hold no more than they may, and keep what is near', async () => {
    const { cache, waiting } = made();
    cache.open('a');
    await waiting()[0]!.answer(10_000);
    for (let first = 0; first < 2_000; first += 10) {
      cache.want(first, first + 9);
      for (let [next] = waiting(); next !== undefined; [next] = waiting()) await next.answer(10_000);
      assert.ok(cache.pagesHeld <= limits.maxPages);
      assert.equal(cache.row(first), `a ${first}`);
    }
    assert.equal(cache.row(0), undefined);
  });

  test('show nothing of one folder in another, even where an answer comes late', async () => {
    const { cache, asked, waiting } = made();
    cache.open('a');
    const late = asked[0]!;
    cache.open('b');
    await late.answer(7);
    const total = (): number | undefined => cache.summary?.total;
    assert.equal(total(), undefined);
    await waiting()[0]!.answer(3);
    assert.equal(cache.row(0), 'b 0');
    assert.equal(total(), 3);
  });

  test('of another moment take the place of the old ones when they are here, and the newest wish waits its turn', async () => {
    const { cache, asked, waiting } = made();
    cache.open('now');
    await waiting()[0]!.answer(8);
    cache.follow('monday');
    cache.follow('tuesday');
    cache.follow('wednesday');
    assert.equal(cache.row(0), 'now 0');
    assert.ok(cache.isFollowing);
    assert.deepEqual(
      asked.map(({ key }) => key),
      ['now', 'monday'],
    );
    await waiting()[0]!.answer(9);
    assert.equal(cache.row(0), 'monday 0');
    await waiting()[0]!.answer(5);
    assert.equal(cache.row(0), 'wednesday 0');
    assert.equal(cache.summary?.total, 5);
    assert.equal(cache.isFollowing, false);
    assert.deepEqual(
      asked.map(({ key }) => key),
      ['now', 'monday', 'wednesday'],
    );
  });

  test('of another moment are those in sight', async () => {
    const { cache, asked, waiting } = made();
    cache.open('now');
    await waiting()[0]!.answer(1_000);
    cache.want(505, 512);
    for (let [next] = waiting(); next !== undefined; [next] = waiting()) await next.answer(1_000);
    const before = asked.length;
    cache.follow('then');
    assert.deepEqual(
      asked.slice(before).map(({ offset }) => offset),
      [500, 510],
    );
    await waiting()[0]!.answer(1_000);
    assert.equal(cache.row(505), 'now 505');
    await waiting()[0]!.answer(1_000);
    assert.equal(cache.row(505), 'then 505');
    assert.equal(cache.row(512), 'then 512');
  });

  test('are provisional until all of them were read in their order, which is another reading', async () => {
    const { cache, waiting } = made();
    cache.open('a');
    await waiting()[0]!.answer(15, true);
    await waiting()[0]!.answer(15);
    assert.equal(cache.summary?.provisional, true);
    const before = cache.reading;
    cache.follow('a');
    assert.equal(cache.reading, before);
    await waiting()[0]!.answer(15);
    assert.equal(cache.summary.provisional, false);
    assert.notEqual(cache.reading, before);
  });

  test('say why they did not come, ask no more by themselves, and again when told to', async () => {
    const { cache, asked, waiting } = made();
    const reason = new Error('offline');
    cache.open('a');
    await waiting()[0]!.fail(reason);
    assert.equal(cache.problem, reason);
    cache.want(0, 5);
    assert.equal(asked.length, 1);
    cache.retry();
    assert.equal(cache.problem, undefined);
    await waiting()[0]!.answer(4);
    assert.equal(cache.row(0), 'a 0');
  });

  test('of a moment that cannot be had leave no rows of another one', async () => {
    const { cache, waiting } = made();
    cache.open('now');
    await waiting()[0]!.answer(8);
    cache.follow('then');
    await waiting()[0]!.fail(new Error('offline'));
    assert.equal(cache.row(0), undefined);
    assert.ok(cache.problem instanceof Error);
    cache.retry();
    await waiting()[0]!.answer(2);
    assert.equal(cache.row(0), 'then 0');
  });

  test('tell of themselves exactly when something can be seen', async () => {
    const { cache, waiting } = made();
    let told = 0;
    const end = cache.subscribe(() => (told += 1));
    cache.open('a');
    assert.equal(told, 1);
    await waiting()[0]!.answer(30);
    assert.equal(told, 2);
    cache.want(0, 5);
    assert.equal(told, 2);
    end();
    await waiting()[0]!.answer(30);
    assert.equal(told, 2);
  });

  test('are asked for with the press already, and once', async () => {
    const { cache, asked, waiting } = made();
    cache.open('a');
    await waiting()[0]!.answer(5);
    cache.expect('b');
    cache.expect('b');
    assert.equal(cache.row(0), 'a 0', 'what is shown stays until the other is opened');
    assert.equal(asked.length, 2);
    await waiting()[0]!.answer(7);
    const told = cache.revision();
    cache.open('b');
    assert.equal(cache.row(6), 'b 6', 'there at once');
    assert.equal(cache.revision(), told + 1);
    cache.expect('c');
    cache.open('c');
    assert.equal(cache.row(0), undefined);
    await waiting()[0]!.answer(3);
    assert.equal(cache.row(2), 'c 2');
    assert.equal(asked.length, 3);
  });

  test('that were expected are asked for anew where that failed, and given up where another folder is opened', async () => {
    const { cache, asked, waiting } = made();
    cache.expect('a');
    await waiting()[0]!.fail(new Error('busy'));
    cache.open('a');
    await waiting()[0]!.answer(5);
    assert.equal(cache.row(4), 'a 4');
    assert.equal(cache.problem, undefined);
    cache.expect('b');
    cache.open('c');
    const { key, signal } = asked.at(-2)!;
    assert.equal(key, 'b');
    assert.ok(signal.aborted);
    await waiting()[0]!.answer(2);
    assert.equal(cache.row(0), 'c 0');
  });

  test('that were expected before something changed are not shown', async () => {
    const { cache, waiting } = made();
    cache.open('a');
    await waiting()[0]!.answer(5);
    cache.expect('b');
    await waiting()[0]!.answer(7);
    cache.follow('a');
    await waiting()[0]!.answer(6);
    cache.open('b');
    await waiting()[0]!.answer(8);
    assert.equal(cache.summary?.total, 8);
  });

  test('have some row to stand in for those on their way, be it of the folder before', async () => {
    const { cache, waiting } = made();
    assert.equal(cache.anyRow, undefined);
    cache.open('a');
    await waiting()[0]!.answer(5);
    assert.equal(cache.anyRow, 'a 0');
    cache.open('b');
    assert.equal(cache.anyRow, 'a 0');
    await waiting()[0]!.answer(0);
    assert.equal(cache.anyRow, 'a 0', 'an empty folder has none');
    cache.open('c');
    await waiting()[0]!.answer(5);
    assert.equal(cache.anyRow, 'c 0');
  });

  test('are no longer asked for when nobody looks', () => {
    const { cache, asked } = made();
    cache.open('a');
    cache.close();
    assert.ok(asked[0]!.signal.aborted);
  });

  test('that come between two drawings are told together', async () => {
    const beat = new SetBeat();
    const { cache, waiting } = made(beat);
    cache.open('a');
    await waiting()[0]!.answer(1_000);
    assert.equal(cache.revision(), 2, 'where nothing stands yet, they are told at once');
    const told = cache.revision();
    for (const question of waiting()) await question.answer(1_000);
    assert.equal(cache.revision(), told, 'the window is not drawn yet');
    assert.equal(cache.row(12), 'a 12');
    beat.draw();
    assert.equal(cache.revision(), told + 1);
  });

  test('that fly past are asked for in part while answers take long, and what is in sight at the end is asked for soon', async () => {
    const beat = new SetBeat();
    const { cache, asked, waiting } = made(beat);
    cache.open('a');
    beat.pass(30);
    await waiting()[0]!.answer(10_000);
    for (let passed = 0; passed < 33; passed += 1) {
      cache.want(passed * 10, passed * 10 + 5);
      const due = waiting();
      beat.pass(30);
      for (const question of due) await question.answer(10_000);
      beat.draw();
    }
    const flown = asked.length;
    assert.ok(flown > 5 && flown < 20, `${flown} questions in a second`);
    cache.want(6_000, 6_005);
    beat.pass(60);
    assert.ok(
      waiting().some(({ offset }) => offset === 6_000),
      'whoever stops sees what is there',
    );
  });
});

/** A window's time that is set. */
class SetBeat implements Beat {
  #now = 0;
  #drawings: (() => void)[] = [];
  #timers: { readonly at: number; readonly work: () => void }[] = [];

  readonly now = (): number => this.#now;

  readonly draw = (work?: () => void): void => {
    if (work !== undefined) {
      this.#drawings.push(work);
      return;
    }
    for (const drawing of this.#drawings.splice(0)) drawing();
  };

  readonly after = (ms: number, work: () => void): void => {
    this.#timers.push({ at: this.#now + ms, work });
  };

  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)[0];
      if (next === undefined) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
    this.#now = end;
  }
}
