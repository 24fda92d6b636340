import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright';
import { until } from '../cli/kit.ts';
import { Visitor } from './kit.ts';

const dayMs = 86_400_000;

/** Noon of a day, as a field for date and time takes it. */
function noon(daysAgo: number): string {
  return `${new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10)}T12:00`;
}

/** Whether something was drawn: a canvas with more than one colour. */
async function isDrawn(canvas: Locator): Promise<boolean> {
  return canvas.evaluate((element) => {
    if (!(element instanceof HTMLCanvasElement)) return false;
    const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
    return new Set(new Uint32Array(new Uint8Array(pixels).buffer)).size > 1;
  });
}

/** The pixels of a preview, to tell one version's picture from another's. */
async function drawnIn(canvas: Locator): Promise<string> {
  await until('something is drawn', () => isDrawn(canvas));
  return canvas.evaluate((element) => (element as HTMLCanvasElement).toDataURL());
}

test('somebody new tries the sample materials, and explores every screen', async (t) => {
  const visitor = await Visitor.arrive(t);
  const { page, desk, panel } = visitor;
  await visitor.on('Welcome');
  await visitor.heading('Three copies of everything you keep').waitFor();
  await visitor.assertAccessible('Welcome');
  await visitor.picture('welcome');
  await visitor.takeSample();
  const materials = path.join(desk.home, 'sample/materials');

  await page.getByRole('heading', { name: 'Sample materials', level: 3 }).waitFor();
  for (const dot of ['Your folder there', 'Sample disk complete', 'Sample second disk complete']) {
    await page
      .getByRole('list', { name: 'Copies' })
      .getByRole('listitem')
      .filter({ hasText: words(dot) })
      .waitFor();
  }
  await page.getByRole('img', { name: /^From .* what is protected went from/ }).waitFor();
  await visitor.assertAccessible('Overview');
  await visitor.picture('overview');

  await visitor.chapter(t, 'a picture, and how it was before', async () => {
    await visitor.go('Browse');
    await visitor.row(/^Letters of Anna Weiß/).click();
    await visitor.row(/^1891/).click();
    await visitor.row(/^page 2\.tif/).click();
    const preview = (version: number): Locator =>
      panel.getByRole('img', { name: `Preview of version ${version} of page 2.tif, page 1 of 1` });
    const bright = await drawnIn(preview(2));
    await visitor.assertAccessible('Browse, with a file');
    await visitor.picture('browse');
    await panel.getByRole('button', { name: /^Version 1 / }).click();
    assert.notEqual(await drawnIn(preview(1)), bright, 'the first scan was darker');
    await panel.getByText('Shown from the copy in Sample').waitFor();
    await panel.getByRole('button', { name: 'Compare…' }).click();
    const comparing = visitor.dialog('Compare versions of page 2.tif');
    await comparing.waitFor();
    await visitor.assertAccessible('Compare');
    await visitor.picture('compare');
    await page.keyboard.press('Escape');
    await comparing.waitFor({ state: 'detached' });
  });

  await visitor.chapter(t, 'what else can be looked at', async () => {
    await visitor.find('Müller 2019', /Müller 2019\.pdf/);
    await until('a page of the PDF is drawn', () =>
      isDrawn(panel.getByRole('img', { name: 'Preview of version 2 of Müller 2019.pdf, page 1' })),
    );
    await panel.getByText('Page 1 of 3').waitFor();
    await visitor.find('1923', /地図 1923\.jpg/);
    const map = panel.getByRole('img', { name: 'Preview of version 1 of 地図 1923.jpg' });
    await until('the map is shown', () => map.evaluate((image) => (image as HTMLImageElement).naturalWidth > 0));
    await visitor.find('README', /README\.txt/);
    await panel
      .getByRole('region', { name: /^Text of/ })
      .getByText('Things to try:')
      .waitFor();
    await visitor.find('holdings', /holdings\.csv/);
    const table = panel.getByRole('table', { name: 'Table of version 3 of holdings.csv' });
    await table.getByRole('row').nth(5).waitFor();
    await visitor.assertAccessible('Browse, with a table');
  });

  await visitor.chapter(t, 'an older version goes back beside the newer one', async () => {
    const before = fs.readdirSync(path.join(materials, 'Catalogue'));
    const newest = fs.readFileSync(path.join(materials, 'Catalogue/holdings.csv'), 'utf8');
    await panel.getByRole('button', { name: /^Version 1 / }).click();
    await panel.getByRole('table', { name: 'Table of version 1 of holdings.csv' }).waitFor();
    await panel.getByRole('button', { name: 'Restore…' }).click();
    const restoring = visitor.dialog(/^Restore .* as of /);
    assert.ok(await restoring.getByRole('radio', { name: 'Keep both' }).isChecked(), 'nothing is replaced unasked');
    await restoring.getByText('will be restored into:').waitFor();
    await visitor.assertAccessible('Restore');
    await visitor.picture('restore');
    await restoring.getByRole('button', { name: 'Restore', exact: true }).click();
    await restoring.getByText('1 file restored.').waitFor();
    await restoring.getByRole('button', { name: 'Close', exact: true }).last().click();
    const [restored = '', ...more] = fs
      .readdirSync(path.join(materials, 'Catalogue'))
      .filter((name) => !before.includes(name));
    assert.deepEqual(more, []);
    assert.match(restored, /^holdings .*\.csv$/);
    const old = fs.readFileSync(path.join(materials, 'Catalogue', restored), 'utf8');
    assert.ok(old.split('\n').length < newest.split('\n').length, 'the list was shorter then');
    assert.equal(fs.readFileSync(path.join(materials, 'Catalogue/holdings.csv'), 'utf8'), newest);
    // It is a file of the source like any other, seen without anybody asking.
    await visitor.row(/^holdings \(restored .*\.csv.*all made/).waitFor();
  });

  await visitor.chapter(t, 'the folder as of another day', async () => {
    await page.getByRole('treeitem', { name: 'Theses' }).click();
    await visitor.row(/^Müller 2019\.pdf/).waitFor();
    assert.equal(await visitor.row(/^Old drafts/).count(), 0);
    await page.getByRole('button', { name: 'Previous moment with changes' }).click();
    await page.getByText(/^The files as they were on/).waitFor();
    const moment = page.getByRole('textbox', { name: 'Date and time to look at' });
    await moment.fill(noon(5));
    await moment.press('Enter');
    await visitor.row(/^Old drafts/).waitFor();
    await visitor.assertAccessible('Browse, a past day');
    await visitor.picture('browse-past');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await visitor.row(/^Old drafts/).waitFor({ state: 'detached' });
    await page.getByRole('switch', { name: 'Show deleted files' }).click();
    await visitor.row(/^Old drafts.*Deleted/).waitFor();
  });

  await visitor.chapter(t, 'every other screen', async () => {
    await visitor.go('Activity');
    await page.getByRole('link', { name: /16 new files/ }).click();
    await visitor.dialog(/./).getByText('16 new files').first().waitFor();
    await visitor.assertAccessible('Activity, a run');
    await page.keyboard.press('Escape');
    await visitor.dialog(/./).waitFor({ state: 'detached' });
    await visitor.picture('activity');
    await page.getByRole('tab', { name: 'History of events' }).click();
    await page.getByText(/^“.*” of “Sample materials” was restored to /).waitFor();
    await visitor.assertAccessible('Activity');

    await visitor.go('Stores');
    await visitor.button('Settings of Sample disk').click();
    const store = visitor.dialog('Sample disk');
    await store.getByRole('button', { name: 'Check this store' }).click();
    await store.getByText('Everything works.').waitFor();
    await visitor.assertAccessible('Stores, a store');
    await page.keyboard.press('Escape');
    await store.waitFor({ state: 'detached' });

    for (const screen of ['Stores', 'Sources', 'Settings', 'Integrity', 'Recovery']) {
      await visitor.go(screen);
      await visitor.heading(screen).waitFor();
      await visitor.assertAccessible(screen);
      await visitor.picture(screen.toLowerCase());
    }
  });
  assert.deepEqual(visitor.complaints, []);
});

test('all of it can be used in a window of half the width', async (t) => {
  const visitor = await Visitor.arrive(t, { width: 640 });
  const { page, panel } = visitor;
  await visitor.on('Welcome');
  await visitor.assertFits('Welcome');
  await visitor.takeSample();
  await visitor.assertFits('Overview');
  await visitor.assertAccessible('Overview');
  await visitor.picture('overview-narrow');
  await visitor.go('Browse');
  await page.getByRole('button', { name: 'Folders' }).click();
  await visitor.dialog('Folders').getByRole('treeitem', { name: 'Catalogue' }).click();
  await visitor.row(/^holdings\.csv/).click();
  await panel.getByRole('table', { name: 'Table of version 3 of holdings.csv' }).waitFor();
  await visitor.assertFits('Browse');
  await visitor.assertAccessible('Browse, with a file');
  await visitor.picture('browse-narrow');
  await page.keyboard.press('Escape');
  await panel.waitFor({ state: 'detached' });
  for (const screen of ['Activity', 'Sources', 'Stores', 'Settings', 'Integrity', 'Recovery']) {
    await visitor.go(screen);
    await visitor.assertFits(screen);
  }
  await visitor.go('Sources');
  await visitor.button('Add a source').click();
  await page.getByRole('textbox', { name: 'Folder to protect' }).waitFor();
  await visitor.assertAccessible('Sources, adding one');
  assert.deepEqual(visitor.complaints, []);
});

/** Words that stand in boxes of their own, one after the other. */
function words(text: string): RegExp {
  return new RegExp(`^${text.split(' ').join('\\s*')}$`);
}
