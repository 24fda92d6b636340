import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  barsOf,
  dayMs,
  endOfDay,
  fromField,
  instantAt,
  momentAfter,
  momentAt,
  momentBefore,
  positionOf,
  spanOf,
  toField,
} from '../../renderer/screens/browse/histogram.ts';

/** Midnight of a day of March 2026 in the time zone of this computer. */
const march = (day: number, hour = 0) => new Date(2026, 2, day, hour).getTime();
const change = (day: number, added: number, changed = 0, deleted = 0) => ({ day: march(day), added, changed, deleted });
const days = [change(3, 10_000), change(5, 0, 4), change(12, 1, 1, 1)];
const now = march(20, 15);
const ends = [march(4) - 1, march(6) - 1, march(13) - 1];

describe('the histogram of changes', () => {
  test('reaches from the first day to now, and over a week at least', () => {
    assert.deepEqual(spanOf(days, now), { from: march(3), to: now });
    assert.deepEqual(spanOf([change(20, 1)], now), { from: now - 7 * dayMs, to: now });
    assert.deepEqual(spanOf([], now), { from: now - 7 * dayMs, to: now });
  });

  test('places instants and gives them back', () => {
    const span = spanOf(days, now);
    assert.equal(positionOf(span.from, span, 800), 0);
    assert.equal(positionOf(span.to, span, 800), 800);
    assert.equal(positionOf(span.to + dayMs, span, 800), 800);
    for (const x of [0, 123, 800])
      assert.ok(Math.abs(positionOf(instantAt(x, span, 800), span, 800) - x) < 0.001, `x ${x}`);
  });

  test('shows few changes beside very many, in their parts', () => {
    const bars = barsOf(days, spanOf(days, now), 900);
    assert.equal(bars.length, 3);
    const [many, few, mixed] = bars;
    assert.equal(many!.added, 1);
    assert.ok(few!.changed > 0.1, 'four changes can be seen beside ten thousand');
    assert.equal(few!.added, 0);
    assert.ok(mixed!.added > 0 && Math.abs(mixed!.added - mixed!.deleted) < 1e-9);
    assert.ok(bars.every((bar) => bar.x >= 0 && bar.x + bar.width <= 900));
  });

  test('puts days together where there is less than a bar of room for each, and loses none', () => {
    const years = Array.from({ length: 3_650 }, (_, index) => ({
      day: march(1) - (3_650 - index) * dayMs,
      added: 1,
      changed: 0,
      deleted: 0,
    }));
    const span = spanOf(years, now);
    const bars = barsOf(years, span, 600);
    assert.ok(bars.length <= 200, `${bars.length} bars`);
    assert.ok(bars.length >= 100, `${bars.length} bars`);
    assert.ok(bars.every((bar) => bar.added > 0 && bar.added <= 1));
  });

  test('draws nothing for days without changes', () => {
    assert.deepEqual(barsOf([change(4, 0)], spanOf(days, now), 900), []);
    assert.deepEqual(barsOf([], spanOf([], now), 900), []);
  });
});

describe('moments', () => {
  test('before and after are the ends of days on which something happened', () => {
    assert.equal(momentBefore(null, days, now), ends[2]);
    assert.equal(momentBefore(ends[2]!, days, now), ends[1]);
    assert.equal(momentBefore(march(5, 12), days, now), ends[0]);
    assert.equal(momentBefore(ends[0]!, days, now), undefined);
    assert.equal(momentAfter(ends[0]!, days, now), ends[1]);
    assert.equal(momentAfter(march(5, 12), days, now), ends[1]);
    assert.equal(momentAfter(ends[2]!, days, now), null);
  });

  test('never lie in the future: the end of today is now', () => {
    const today = [...days, change(20, 2)];
    assert.equal(momentAfter(ends[2]!, today, now), null);
    assert.equal(momentBefore(null, today, now), ends[2]);
  });

  test('under the pointer mean the bar that is near, or else the day', () => {
    const span = spanOf(days, now);
    const on = (at: number) => positionOf(at, span, 900);
    assert.equal(momentAt(on(march(5, 12)) + 5, days, span, 900, 6), ends[1]);
    assert.equal(momentAt(on(march(8, 12)), days, span, 900, 6), march(9) - 1);
    assert.equal(momentAt(900, days, span, 900, 6), null);
    assert.equal(momentAt(-50, days, span, 900, 6), ends[0]);
  });

  test('end a day where the calendar does, also where a day has 23 or 25 hours', () => {
    for (const day of [march(3, 1), march(29, 12), new Date(2026, 9, 25, 5).getTime()]) {
      const end = new Date(endOfDay(day));
      assert.equal(end.getDate(), new Date(day).getDate());
      assert.equal(new Date(end.getTime() + 1).getHours(), 0);
    }
  });

  test('are written for a field and read from it; half a date is none', () => {
    assert.equal(toField(march(3, 14)), '2026-03-03 14:00');
    assert.equal(fromField('2026-03-03 14:00'), march(3, 14) + 59_999);
    assert.equal(fromField(' 2026-3-3  9:05 '), new Date(2026, 2, 3, 9, 5).getTime() + 59_999);
    assert.equal(fromField('2026-03-03'), endOfDay(march(3, 14)), 'a day is taken to its end');
    assert.equal(fromField('03/04/2026'), undefined, 'nobody knows which of them is the month');
    assert.equal(fromField('2026-04-31 10:00'), undefined);
    assert.equal(fromField('2026-04-30 24:10'), undefined);
    assert.equal(fromField('2026-13-40 14:00'), undefined);
    assert.equal(fromField(''), undefined);
  });
});
