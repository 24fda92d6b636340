import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '../../electron/engine/catalog/database.ts';
import { ZoneDays } from '../../electron/engine/catalog/zone-days.ts';

const quarterMs = 900_000;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

const quarterOf = (at: number) => Math.floor(at / quarterMs);

/** The day that a quarter ends on, as `Intl` knows it. */
function calendarOf(timeZone: string): (quarter: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (quarter) => Date.parse(`${format.format((quarter + 1) * quarterMs - 1)}T00:00:00Z`) / dayMs;
}

/** What SQLite makes of each quarter. */
function daysOf(days: ZoneDays, first: number, last: number): { quarter: number; day: number }[] {
  const connection = new Connection(':memory:', { readonly: false });
  try {
    return connection.all(
      `WITH RECURSIVE quarters(quarter) AS (SELECT ${first} UNION ALL SELECT quarter + 1 FROM quarters WHERE quarter < ${last})
       SELECT quarter, ${days.sql('quarter')} AS day FROM quarters`,
    );
  } finally {
    connection.close();
  }
}

const spans = {
  // Where clocks change by an hour, by half of one, at midnight, a minute after it, never; and where a day was left out.
  'Europe/Berlin': [2024, 2026],
  'America/New_York': [2024, 2026],
  'Australia/Lord_Howe': [2024, 2026],
  'Asia/Kathmandu': [2025, 2026],
  'Pacific/Apia': [2011, 2013],
  'America/Sao_Paulo': [2017, 2019],
  'America/Havana': [2024, 2026],
  'America/St_Johns': [2009, 2011],
  'Africa/Casablanca': [2024, 2026],
} as const;

for (const [timeZone, [from, until]] of Object.entries(spans)) {
  test(`in ${timeZone}, every quarter of an hour lies in its day, and the day begins with it`, () => {
    const [first, last] = [quarterOf(Date.UTC(from)), quarterOf(Date.UTC(until))];
    const days = ZoneDays.of(timeZone, first, last);
    const calendar = calendarOf(timeZone);
    let before: number | undefined;
    for (const { quarter, day } of daysOf(days, first, last)) {
      const at = new Date(quarter * quarterMs).toISOString();
      assert.equal(day, calendar(quarter), at);
      if (before !== undefined && day !== before) {
        assert.ok(day > before, `${at} is no step back`);
        assert.equal(days.beginning(day), quarter * quarterMs, at);
      }
      before = day;
    }
  });
}

test('days begin at midnight, or where the calendar leaves midnight out, at what comes after it', () => {
  const beginning = (timeZone: string, year: number, month: number, day: number) => {
    const at = Date.UTC(year, month - 1, day);
    const days = ZoneDays.of(timeZone, quarterOf(at - 400 * dayMs), quarterOf(at + dayMs));
    return (days.beginning(at / dayMs) - at) / hourMs;
  };
  assert.equal(beginning('Europe/Berlin', 2026, 1, 15), -1);
  assert.equal(beginning('Europe/Berlin', 2026, 7, 15), -2);
  assert.equal(beginning('Europe/Berlin', 2026, 3, 30), -2);
  assert.equal(beginning('America/New_York', 2026, 3, 8), 5);
  assert.equal(beginning('America/New_York', 2026, 3, 9), 4);
  assert.equal(beginning('Australia/Lord_Howe', 2026, 4, 5), -11);
  assert.equal(beginning('Australia/Lord_Howe', 2026, 4, 6), -10.5);
  assert.equal(beginning('Asia/Kathmandu', 2026, 7, 15), -5.75);
  assert.equal(beginning('America/Sao_Paulo', 2018, 11, 4), 3, 'it began at one o’clock');
  assert.equal(beginning('Pacific/Apia', 2011, 12, 29), 10);
  assert.equal(beginning('Pacific/Apia', 2011, 12, 31), -14);
  assert.throws(() => beginning('Pacific/Apia', 2011, 12, 30), RangeError);
});

test('what was looked up is kept until something lies outside of it', () => {
  const [first, last] = [quarterOf(Date.UTC(2020)), quarterOf(Date.UTC(2026))];
  const days = ZoneDays.of('Europe/Berlin', first, last);
  assert.equal(ZoneDays.of('Europe/Berlin', first, last + 96, days), days);
  const earlier = ZoneDays.of('Europe/Berlin', quarterOf(Date.UTC(2010)), last, days);
  assert.notEqual(earlier, days);
  assert.equal(ZoneDays.of('Europe/Berlin', first, last, earlier), earlier);
  assert.notEqual(ZoneDays.of('Europe/London', first, last, earlier), earlier);
});

test('a clock that was once far out hides no change of the clock since', () => {
  const days = ZoneDays.of('Europe/Berlin', 0, quarterOf(Date.UTC(2_400)));
  assert.equal(days.beginning(Date.UTC(2026, 0, 15) / dayMs), Date.UTC(2026, 0, 14, 23));
  assert.equal(days.beginning(Date.UTC(2026, 6, 15) / dayMs), Date.UTC(2026, 6, 14, 22));
});
