import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  axisOf,
  barsOf,
  dayMs,
  endOfDay,
  fromField,
  isShort,
  momentAfter,
  momentBefore,
  namedSlices,
  positionOf,
  sliceAt,
  sliceEnd,
  sliceOf,
  sliceStart,
  sumsOf,
  toField,
} from '../../renderer/screens/browse/histogram.ts';

/** A time of a day of March 2026 in the time zone of this computer. */
const march = (day: number, hour = 0, minute = 0) => new Date(2026, 2, day, hour, minute).getTime();
const change = (at: number, added: number, changed = 0, deleted = 0) => ({ day: at, added, changed, deleted });
const days = [change(march(3), 10_000), change(march(5), 0, 4), change(march(12), 1, 1, 1)];
const now = march(20, 15);
const width = 900;

describe('the axis', () => {
  test('has a slice for each calendar day, from the first with a change to today', () => {
    const axis = axisOf(days, now);
    assert.deepEqual([axis.unit, axis.from, axis.count], ['day', march(3), 18]);
    for (const day of [3, 12, 20]) {
      assert.equal(sliceStart(axis, day - 3), march(day));
      assert.equal(sliceOf(axis, march(day)), day - 3);
      assert.equal(sliceOf(axis, march(day + 1) - 1), day - 3);
    }
    assert.equal(sliceEnd(axis, 0), march(4) - 1);
    assert.equal(sliceEnd(axis, 17), null, 'today has not ended');
  });

  test('keeps to the calendar where a day has 23 or 25 hours', () => {
    const axis = axisOf([change(new Date(2026, 0, 1).getTime(), 1)], new Date(2026, 11, 1, 12).getTime());
    for (let slice = 0; slice < axis.count; slice += 1) {
      const begin = sliceStart(axis, slice);
      assert.equal(new Date(begin).getHours(), 0);
      assert.equal(sliceOf(axis, begin), slice);
      assert.equal(sliceOf(axis, sliceStart(axis, slice + 1) - 1), slice);
    }
  });

  test('goes by hours where there are few days, by quarters where there are few hours, and never back before anything was', () => {
    const yesterday = axisOf([change(march(19, 10, 15), 1)], now);
    assert.deepEqual([yesterday.unit, yesterday.from, yesterday.count], ['hour', march(19, 10), 30]);
    const today = axisOf([change(march(20, 10, 45), 1)], march(20, 11, 7));
    assert.deepEqual([today.unit, today.from, today.count], ['quarter', march(20, 10, 45), 2]);
    assert.deepEqual(axisOf([], now).count, 1);
    assert.ok(isShort([change(march(18), 1)], now));
    assert.ok(!isShort(days, now));
  });

  test('places instants in their slices, and now at the end', () => {
    const axis = axisOf(days, now);
    assert.equal(positionOf(march(3), axis, width), 0);
    assert.equal(positionOf(march(12), axis, width), 450);
    assert.ok(Math.abs(positionOf(march(12, 12), axis, width) - 475) < 0.01);
    assert.equal(positionOf(null, axis, width), width);
    assert.equal(positionOf(march(1), axis, width), 0);
  });
});

/** Does something as on a computer in another time zone. */
function inZone(zone: string, happens: () => void): void {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  try {
    happens();
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
}

describe('clocks that are put forward or back', () => {
  test('leave every day in its slice, also where one was left out', () => {
    const spans = {
      'Europe/Berlin': ['2025-06-01T12:00Z', '2026-06-01T12:00Z'],
      'America/New_York': ['2025-06-01T12:00Z', '2026-06-01T12:00Z'],
      'Australia/Lord_Howe': ['2025-06-01T12:00Z', '2026-06-01T12:00Z'],
      'America/Sao_Paulo': ['2017-06-01T12:00Z', '2018-12-01T12:00Z'],
      'Pacific/Apia': ['2011-12-20T12:00Z', '2012-01-20T12:00Z'],
    } as const;
    for (const [zone, [first, last]] of Object.entries(spans)) {
      inZone(zone, () => {
        const begin = new Date(Date.parse(first)).setHours(0, 0, 0, 0);
        const axis = axisOf([change(begin, 1)], Date.parse(last));
        assert.equal(axis.unit, 'day');
        for (let slice = 0; slice < axis.count; slice += 1) {
          const [from, until] = [sliceStart(axis, slice), sliceStart(axis, slice + 1)];
          assert.ok(until > from, `${zone}, slice ${slice}`);
          assert.deepEqual([sliceOf(axis, from), sliceOf(axis, until - 1)], [slice, slice], `${zone}, slice ${slice}`);
          assert.equal(new Date(from).getDate(), new Date(until - 1).getDate(), `${zone}, slice ${slice} is one day`);
        }
        assert.equal(sliceOf(axis, axis.now), axis.count - 1);
      });
    }
  });

  test('move no hour and no quarter of a short history', () => {
    for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe']) {
      inZone(zone, () => {
        // Berlin's on 25 October 2026 at 01:00 UTC, Lord Howe's on 5 April at 15:00 of the day before.
        const turn = Date.parse(zone === 'Europe/Berlin' ? '2026-10-25T01:00Z' : '2026-04-04T15:00Z');
        for (const length of [3, 20]) {
          const axis = axisOf([change(turn - length * 1_800_000, 1)], turn + length * 1_800_000);
          assert.equal(axis.unit, length === 3 ? 'quarter' : 'hour');
          for (let at = axis.from; at <= axis.now; at += 300_000) {
            const slice = sliceOf(axis, at);
            assert.ok(sliceStart(axis, slice) <= at && at < sliceStart(axis, slice + 1), new Date(at).toISOString());
          }
        }
      });
    }
  });
});

describe('the bars', () => {
  test('stand in the middle of the days they are of, as their names do, and a press on one means its day', () => {
    const axis = axisOf(days, now);
    const bars = barsOf(sumsOf(days, axis), axis, width);
    assert.deepEqual(
      bars.map(({ middle }) => middle),
      [25, 125, 475],
    );
    for (const [index, day] of [3, 5, 12].entries()) {
      const middle = bars[index]!.middle;
      for (const x of [middle - 12, middle, middle + 12])
        assert.equal(sliceEnd(axis, sliceAt(x, bars, axis, width, 4)), march(day + 1) - 1);
    }
    assert.equal(sliceEnd(axis, sliceAt(275, bars, axis, width, 4)), march(9) - 1, 'between bars, the day there');
    assert.equal(sliceEnd(axis, sliceAt(width, bars, axis, width, 4)), null);
    for (const slice of namedSlices(axis, width, 92)) {
      const middle = ((slice + 0.5) / axis.count) * width;
      assert.ok(middle >= 46 && middle <= width - 46, `the name of slice ${slice} has its place`);
    }
  });

  test('of the only slice, pressed, is now, which has all of it', () => {
    const quarters = [change(march(20, 10, 45), 3)];
    const axis = axisOf(quarters, march(20, 10, 53));
    const bars = barsOf(sumsOf(quarters, axis), axis, width);
    assert.equal(bars[0]!.middle, width / 2);
    assert.equal(sliceEnd(axis, sliceAt(width / 2, bars, axis, width, 4)), null);
    assert.deepEqual(namedSlices(axis, width, 92), [0]);
  });

  test('show few changes beside very many, in their parts', () => {
    const axis = axisOf(days, now);
    const [many, few, mixed] = barsOf(sumsOf(days, axis), axis, width);
    assert.ok(Math.abs(many!.added - 1) < 1e-9);
    assert.ok(few!.changed > 0.1, 'four changes can be seen beside ten thousand');
    assert.equal(few!.added, 0);
    assert.ok(mixed!.added > 0 && Math.abs(mixed!.added - mixed!.deleted) < 1e-9);
  });

  test('tell what was renamed from what came and went', () => {
    const axis = axisOf(days, now);
    const renamed = { ...change(march(12), 3, 0, 2), moved: 2 };
    assert.deepEqual([...sumsOf([...days.slice(0, 2), renamed], axis).values()].at(-1), {
      added: 1,
      changed: 0,
      deleted: 0,
      moved: 2,
    });
  });

  test('put days together where there is less than a bar of room for each, lose none, and lead to the last of them', () => {
    const years = Array.from({ length: 3_650 }, (_, index) => change(new Date(2016, 2, 20 + index).getTime(), 1));
    const axis = axisOf(years, now);
    const bars = barsOf(sumsOf(years, axis), axis, 600);
    assert.ok(bars.length <= 200 && bars.length >= 100, `${bars.length} bars`);
    for (const bar of bars) {
      assert.ok(bar.added > 0 && bar.added <= 1);
      const pressed = sliceAt(bar.middle, bars, axis, 600, 4);
      assert.ok(Math.abs(pressed - (bar.middle / 600) * axis.count) <= axis.count / bars.length + 1);
    }
  });

  test('draw nothing for days without changes', () => {
    const axis = axisOf(days, now);
    assert.deepEqual(barsOf(sumsOf([change(march(4), 0)], axis), axis, width), []);
  });
});

describe('moments', () => {
  const moments = [march(19, 10), march(20, 10, 52), march(20, 10, 53)];

  test('are gone through one by one; now is what the last one left', () => {
    assert.equal(momentBefore(null, moments, now), moments[1]);
    assert.equal(momentBefore(moments[1]!, moments, now), moments[0]);
    assert.equal(momentBefore(moments[0]!, moments, now), undefined);
    assert.equal(momentBefore(march(20, 11), moments, now), moments[2]);
    assert.equal(momentAfter(moments[0]!, moments, now), moments[1]);
    assert.equal(momentAfter(moments[1]!, moments, now), null);
    assert.equal(momentBefore(null, moments.slice(0, 1), now), undefined, 'a single run has left one state');
  });

  test('never lie ahead', () => {
    const ahead = [...moments, now + dayMs];
    assert.equal(momentBefore(null, ahead, now), moments[1]);
    assert.equal(momentAfter(moments[1]!, ahead, now), null);
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
