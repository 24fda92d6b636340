import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { StrongroomError } from '../../shared/errors.ts';
import { parseTime } from '../../electron/hosts/cli/times.ts';

/** Sets the time zone of this process for one test. */
function inZone(context: TestContext, zone: string): void {
  const before = process.env['TZ'];
  process.env['TZ'] = zone;
  context.after(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
}

const told = (text: string, now: string): string => new Date(parseTime(text, Date.parse(now))).toISOString();

test('an ISO time with an offset is that instant, whatever the time zone', (context) => {
  inZone(context, 'Pacific/Auckland');
  for (const [text, instant] of [
    ['2026-03-31T15:00:00Z', '2026-03-31T15:00:00.000Z'],
    ['2026-03-31T15:00:00+02:00', '2026-03-31T13:00:00.000Z'],
    ['2026-03-31t15:00z', '2026-03-31T15:00:00.000Z'],
    ['2026-03-31T15:00:00.250Z', '2026-03-31T15:00:00.250Z'],
  ] as const)
    assert.equal(told(text, '2026-11-23T04:00:00Z'), instant, text);
});

test('an ISO time without an offset is in the own time zone', (context) => {
  inZone(context, 'Europe/Berlin');
  assert.equal(told('2026-03-31T15:00', '2026-11-23T04:00:00Z'), '2026-03-31T13:00:00.000Z');
  assert.equal(told('2026-01-31 15:00:30', '2026-11-23T04:00:00Z'), '2026-01-31T14:00:30.000Z');
});

test('a date alone is the end of that day in the own time zone', (context) => {
  inZone(context, 'America/New_York');
  assert.equal(told('2026-03-31', '2026-11-23T04:00:00Z'), '2026-04-01T03:59:59.999Z');
  assert.equal(told('2026-01-31', '2026-11-23T04:00:00Z'), '2026-02-01T04:59:59.999Z');
});

test('yesterday and today follow the calendar of the own time zone', (context) => {
  inZone(context, 'America/New_York');
  // 04:00 UTC on the 23rd is 23:00 on the 22nd there.
  assert.equal(told('yesterday', '2026-11-23T04:00:00Z'), '2026-11-22T04:59:59.999Z');
  assert.equal(told('today', '2026-11-23T04:00:00Z'), '2026-11-23T04:59:59.999Z');
  assert.equal(told('now', '2026-11-23T04:00:00Z'), '2026-11-23T04:00:00.000Z');
});

test('the end of a day is right on the days on which the clock is changed', (context) => {
  inZone(context, 'Europe/Berlin');
  // Forward in the night to 29 March 2026, back in the night to 25 October 2026.
  assert.equal(told('2026-03-29', '2026-11-23T04:00:00Z'), '2026-03-29T21:59:59.999Z');
  assert.equal(told('2026-10-25', '2026-11-23T04:00:00Z'), '2026-10-25T22:59:59.999Z');
  assert.equal(told('yesterday', '2026-03-30T10:00:00Z'), '2026-03-29T21:59:59.999Z');
  assert.equal(told('yesterday', '2026-10-26T10:00:00Z'), '2026-10-25T22:59:59.999Z');
});

test('hours ago are hours that passed, also over a change of the clock', (context) => {
  inZone(context, 'Europe/Berlin');
  assert.equal(told('2 hours ago', '2026-03-29T02:00:00Z'), '2026-03-29T00:00:00.000Z');
  assert.equal(told('an hour ago', '2026-10-25T01:30:00Z'), '2026-10-25T00:30:00.000Z');
});

test('units from seconds to years, in words and numbers', (context) => {
  inZone(context, 'UTC');
  for (const [text, instant] of [
    ['30 seconds ago', '2026-05-31T11:59:30.000Z'],
    ['1 minute ago', '2026-05-31T11:59:00.000Z'],
    ['A Day Ago', '2026-05-30T12:00:00.000Z'],
    ['2 weeks ago', '2026-05-17T12:00:00.000Z'],
    [' 1 year ago ', '2025-05-31T12:00:00.000Z'],
  ] as const)
    assert.equal(told(text, '2026-05-31T12:00:00Z'), instant, text);
});

test('months ago never skip a month: the 31st becomes the last day of a shorter one', (context) => {
  inZone(context, 'UTC');
  assert.equal(told('3 months ago', '2026-05-31T12:00:00Z'), '2026-02-28T12:00:00.000Z');
  assert.equal(told('1 year ago', '2028-02-29T12:00:00Z'), '2027-02-28T12:00:00.000Z');
});

test('days ago keep the time of day over a change of the clock', (context) => {
  inZone(context, 'Europe/Berlin');
  // 12:00 summer time; the day before, 12:00 was winter time.
  assert.equal(told('1 day ago', '2026-03-29T10:00:00Z'), '2026-03-28T11:00:00.000Z');
});

test('what is no time, or no day of the calendar, is refused with examples', () => {
  for (const text of [
    '',
    'gestern',
    '2026',
    '2026-13-01',
    '2026-02-30',
    '2026-03-31T25:00',
    '31.3.2026',
    '-1 days ago',
    'ago',
    '999999999999 years ago',
    '99999999999999999 hours ago',
  ]) {
    assert.throws(
      () => parseTime(text, 0),
      (error) => error instanceof StrongroomError && error.code === 'usage' && /yesterday/.test(error.advice ?? ''),
      text,
    );
  }
});
