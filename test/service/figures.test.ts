import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Figures } from '../../electron/service/figures.ts';
import { bytesText, counted, minuteText } from '../../renderer/parts/figures-text.ts';
import { House, hour, problemOf } from './kit.ts';

/** Figures that are kept nowhere. */
function figuresIn(locale: string, timeZone = 'UTC'): Figures {
  const figures = new Figures({ get: () => undefined, set: () => undefined }, { now: () => noon });
  figures.writeAs({ locale, timeZone });
  return figures;
}

const spaces = /[\u00a0\u202f]/g;
const noon = Date.UTC(2026, 10, 24, 12);
const inTheAfternoon = Date.UTC(2026, 10, 24, 14, 5);

test('times, numbers and sizes are written as the person writes them', () => {
  const written = (locale: string): string[] => {
    const figures = figuresIn(locale);
    return [
      figures.at(inTheAfternoon, noon),
      figures.at(inTheAfternoon, noon - 24 * hour),
      figures.count(1_234_567, 'file'),
      figures.bytes(1_234_567_890),
    ].map((text) => text.replace(spaces, ' '));
  };
  assert.deepEqual(written('en-US'), ['at 2:05 PM', 'on Nov 24, 2:05 PM', '1,234,567 files', '1.23 GB']);
  assert.deepEqual(written('en-GB'), ['at 14:05', 'on 24 Nov, 14:05', '1,234,567 files', '1.23 GB']);
  assert.deepEqual(written('de'), ['at 14:05', 'on 24. Nov., 14:05', '1.234.567 files', '1,23 GB']);
});

test('the time zone of the person decides what time it is, and what is today', () => {
  const lateInTheEvening = Date.UTC(2026, 10, 24, 22, 30);
  assert.equal(figuresIn('en-GB').at(lateInTheEvening, noon), 'at 22:30');
  assert.equal(figuresIn('en-GB', 'Asia/Tokyo').at(lateInTheEvening, noon), 'on 25 Nov, 07:30');
});

test('sentences have the forms of the figures that the window writes beside them', () => {
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const figures = figuresIn(locale, timeZone);
  for (const value of [0, 1, 999, 1_000, 999_499, 999_500, 12_345_678, 4_999_999_999, 5e15])
    assert.equal(figures.bytes(value), bytesText(value));
  assert.equal(figures.count(12_345, 'copy', 'copies'), counted(12_345, 'copy', 'copies'));
  for (const now of [0, noon - 48 * hour])
    assert.equal(figures.when(inTheAfternoon, now), minuteText(inTheAfternoon, now), 'with the year and without');
});

test('the instants in what the engine says are rewritten, and names are left as they are', () => {
  const figures = figuresIn('en-GB', 'Europe/Berlin');
  assert.equal(
    figures.rewrite('The workstation "desk" is writing until 2026-11-24T14:05:00.000Z at the latest.'),
    'The workstation "desk" is writing until 24 Nov, 15:05 at the latest.',
  );
  assert.equal(
    figures.rewrite('It takes no more files today, until 2026-11-24 14:05 UTC at the latest.'),
    'It takes no more files today, until 24 Nov, 15:05 at the latest.',
  );
  const named =
    'The workstation "at 2026-11-24T14:05:00Z today" and “on 2026-11-24T14:05:00Z too” and /x/2026-11-24T14:05Z.';
  assert.equal(figures.rewrite(named), named);
  assert.equal(figures.rewrite('It was so at 2026-99-99T99:99:99Z.'), 'It was so at 2026-99-99T99:99:99Z.');
});

test('what a window tells holds for the tray, the overview and the events, and after a new start', async (t) => {
  const house = await House.create(t);
  await house.protect();
  const until = house.time.now() + hour;
  const timeIn = (locale: string): string =>
    new Intl.DateTimeFormat(locale, { timeZone: 'America/Chicago', timeStyle: 'short' }).format(until);
  await house.client.app.pause({ until });
  await house.client.app.writeAs({ locale: 'en-US', timeZone: 'America/Chicago' });
  assert.match(timeIn('en-US'), /^\d{1,2}:\d\d\s[AP]M$/);
  assert.ok(house.state.sentence.includes(timeIn('en-US')), house.state.sentence);
  assert.ok((await house.client.app.overview()).headline.includes(timeIn('en-US')));
  await house.reopen();
  assert.ok(house.state.sentence.includes(timeIn('en-US')), house.state.sentence);
  for (const locale of ['de', 'en-GB']) {
    await house.client.app.writeAs({ locale, timeZone: 'America/Chicago' });
    assert.match(timeIn(locale), /^\d\d:\d\d$/);
    assert.ok(house.state.sentence.includes(timeIn(locale)), house.state.sentence);
  }
  await problemOf(house.client.app.writeAs({ locale: 'no such_thing', timeZone: 'UTC' }), 'usage');
  await problemOf(house.client.app.writeAs({ locale: 'de', timeZone: 'Middle/Earth' }), 'usage');
  assert.ok(house.state.sentence.includes(timeIn('en-GB')), 'what cannot be used changes nothing');
});
