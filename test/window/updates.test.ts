import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { AxeBuilder } from '@axe-core/playwright';
import { chromium, type Page } from 'playwright';
import { buildRenderer } from '../../build/renderer/build.ts';
import { built } from '../../electron/hosts/web/built.ts';
import { WebHost } from '../../electron/hosts/web/server.ts';
import { startService } from '../../electron/service/start/start.ts';
import type { Desktop } from '../../electron/service/door.ts';
import type { UpdateAnswer } from '../../shared/contract/shapes.ts';
import { chromiumProgram } from '../lab/browsers.ts';

/** The window of a Strongroom that stands on such a desktop, at its settings. */
async function settingsOn(t: TestContext, desktop: Desktop): Promise<Page> {
  await buildRenderer();
  const home = fs.mkdtempSync(path.join(tmpdir(), 'strongroom-updates-'));
  const clock = { now: () => Date.now() };
  const service = await startService({ home, clock, environment: { STRONGROOM_SECRETS: 'vault' }, desktop });
  const host = await WebHost.start({ service, files: await built('renderer'), port: 0, clock });
  const executablePath = chromiumProgram();
  const browser = await chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  t.after(async () => {
    await browser.close();
    await host.close();
    await service.close();
    fs.rmSync(home, { recursive: true });
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  await page.goto(host.newAddress().address);
  await page.waitForURL(`${host.origin}/**`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.goto(`${host.origin}/#/settings`);
  await page.getByRole('heading', { level: 2, name: 'Updates' }).waitFor();
  return page;
}

async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    assert.deepEqual(
      violations.map(({ id }) => id),
      [],
      colorScheme,
    );
  }
}

test('on a desktop, updates are set and looked for, and what was found is said in words', async (t) => {
  const asked: (string | null)[] = [];
  let answer: UpdateAnswer = { found: 'no-address' };
  const page = await settingsOn(t, {
    door: 'desktop',
    openUrl: () => Promise.resolve(),
    openPath: () => Promise.resolve(),
    lookForUpdates: (url) => {
      asked.push(url);
      return Promise.resolve(answer);
    },
  });
  const updates = page.getByRole('region', { name: 'Updates' });
  await updates.getByText(/^This is Strongroom \d+\.\d+\.\d+\.$/).waitFor();
  const look = updates.getByRole('button', { name: 'Check now' });
  await look.click();
  await updates.getByText(/^No address for updates came with this Strongroom/).waitFor();

  const address = updates.getByRole('textbox', { name: 'Your institution’s address for updates' });
  for (const wrong of ['http://updates.library.example/', 'https://me:secret@updates.library.example/', 'a server']) {
    await address.fill(wrong);
    await updates.getByRole('button', { name: 'Save the address' }).click();
    await updates.getByText(/it begins with https:\/\//).waitFor();
  }
  await address.fill('https://updates.library.example/strongroom');
  await updates.getByRole('button', { name: 'Save the address' }).click();
  await page.getByText('Newer versions are looked for at this address from now on.').waitFor();
  answer = { found: 'newer', version: '9.1.0', fetching: true };
  await look.click();
  await updates.getByText(/^Version 9\.1\.0 is there and is being fetched\./).waitFor();
  assert.deepEqual(asked, [null, 'https://updates.library.example/strongroom']);
  await assertAccessible(page);

  answer = { found: 'newer', version: '9.1.0', fetching: false };
  await look.click();
  await updates.getByText(/Strongroom asks whether to fetch it\.$/).waitFor();
  await updates.getByRole('radio', { name: 'Do not look for updates' }).click();
  await updates.getByText(/It is not fetched, because updates are off/).waitFor();
  answer = { found: 'nothing-newer' };
  await look.click();
  await updates.getByText('This is the newest version.').waitFor();
  answer = { found: 'no-answer' };
  await look.click();
  await updates.getByText(/did not answer as it should/).waitFor();
  answer = { found: 'not-here', runs: 'from-sources' };
  await look.click();
  await updates.getByText(/runs from its program code/).waitFor();
  const folder = process.env['STRONGROOM_PICTURES'];
  if (folder !== undefined) await updates.screenshot({ path: path.join(folder, 'updates.png') });
});

test('in a browser, nothing is offered that could not be done', async (t) => {
  const page = await settingsOn(t, {
    door: 'web',
    openUrl: () => Promise.resolve(),
    openPath: () => Promise.resolve(),
  });
  const updates = page.getByRole('region', { name: 'Updates' });
  await updates.getByText(/In a browser, Strongroom does not update itself\./).waitFor();
  assert.equal(await updates.getByRole('button').count(), 0);
  assert.equal(await page.getByText('The desktop app can start with the computer').count(), 1);
});
