import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Desk } from '../cli/kit.ts';
import { Visitor } from './kit.ts';

/** 1.55 MB in one file, so that there is a fraction to write. */
async function protectedScans(desk: Desk): Promise<void> {
  desk.write('share/plan.bin', Buffer.alloc(1_550_000, 7));
  await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('one'), '--to', desk.disk('two')]);
}

const people = [
  { who: 'an American', locale: 'en-US', timezone: 'America/New_York', size: /1\.55 MB/, time: /\d{1,2}:\d\d\s[AP]M/ },
  {
    who: 'a German',
    locale: 'de-DE',
    timezone: 'Europe/Berlin',
    size: /1,55\sMB/,
    time: /\b\d{2}:\d{2}\b(?!\s?[AP]M)/,
  },
] as const;

for (const { who, locale, timezone, size, time } of people)
  test(`figures and times are in the form of ${who}, whoever writes the sentence`, async (t) => {
    const visitor = await Visitor.arrive(t, { locale, timezone, before: protectedScans });
    const { page } = visitor;
    const main = page.getByRole('main');
    await visitor.chapter(t, 'what the service says', async () => {
      await main.getByText(size).filter({ hasText: time }).first().waitFor();
    });
    await visitor.chapter(t, 'what the window writes itself: a file of the list', async () => {
      await visitor.go('Browse');
      await visitor.row(size).waitFor();
      assert.equal(await page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone), timezone);
    });
    assert.deepEqual(visitor.complaints, []);
  });
