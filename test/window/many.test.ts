import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import type { Desk } from '../cli/kit.ts';
import { Visitor } from './kit.ts';

/** As long as a name may be, and nowhere to break it. */
const longest = 'w'.repeat(240);
const away = ['maps', 'theses', 'negatives', 'sheet music', 'أرشيف المخطوطات', '<img src=x onerror=alert(1)>'];
const there = [longest, 'two\nlines\u0007', 'oral history'];

/** Nine sources, and the server of six of them is off. */
async function manySources(desk: Desk): Promise<void> {
  for (const [index, name] of [...there, ...away].entries()) {
    desk.write(`share ${index}/letter.txt`, `of ${index}\n`);
    await desk.text(['protect', desk.at(`share ${index}`), '--name', name, '--to', desk.disk('one')]);
    if (index >= there.length) fs.renameSync(desk.at(`share ${index}`), desk.at(`off ${index}`));
  }
}

test('many sources with odd names, most of them away', async (t) => {
  const visitor = await Visitor.arrive(t, { before: manySources });
  const { page } = visitor;
  const sheet = (name: string) =>
    page
      .getByRole('list', { name: 'Sources' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { level: 2, name }) });
  await visitor.chapter(t, 'what needs a person does not bury the rest', async () => {
    await visitor.heading('6 things need you.').waitFor();
    const list = page.getByRole('region', { name: 'What needs you' });
    assert.equal(await list.getByRole('heading', { level: 3 }).count(), 4);
    await list.getByRole('button', { name: 'Show 2 more' }).focus();
    await page.keyboard.press('Enter');
    const fewer = list.getByRole('button', { name: 'Show only the first 4' });
    await fewer.waitFor();
    assert.equal(await list.getByRole('heading', { level: 3 }).count(), 6);
    assert.ok(await fewer.evaluate((button) => button.ownerDocument.activeElement === button), 'the focus stays');
    await visitor.assertAccessible('Overview of many sources');
    await visitor.picture('many');
  });
  await visitor.chapter(t, 'a long list is made shorter by typing', async () => {
    await visitor.go('Sources');
    const field = page.getByRole('searchbox', { name: /^Show only each source/ });
    await field.fill('MAPS');
    await sheet('theses').waitFor({ state: 'detached' });
    await sheet('maps').waitFor();
    await field.fill('nowhere');
    await page.getByText('No source is called that.').waitFor();
    await visitor.assertAccessible('Sources, none of that name');
    await field.fill('');
    await sheet('theses').waitFor();
  });
  await visitor.chapter(t, 'the longest name leaves a drawer and a question their buttons', async () => {
    await visitor.button(`More for ${longest}`).click();
    await page.getByRole('menuitem', { name: 'Change…' }).click();
    await assertHolds(visitor, `Change “${longest}”`);
    await page.keyboard.press('Escape');
    await visitor.dialog(`Change “${longest}”`).waitFor({ state: 'detached' });
    await visitor.button(`More for ${longest}`).click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await assertHolds(visitor, `Remove the source “${longest}”?`);
    await visitor.button('Cancel').click();
  });
  await visitor.chapter(t, 'no screen is wider than half a window', async () => {
    await page.setViewportSize({ width: 640, height: 400 });
    const hostile = '<img src=x onerror=alert(1)>';
    const contents = {
      Overview: hostile,
      Sources: hostile,
      Stores: 'and 5 more',
      Integrity: hostile,
      Recovery: hostile,
    };
    for (const [screen, content] of Object.entries(contents)) {
      await visitor.go(screen);
      await page.getByText(content).first().waitFor();
      await visitor.assertFits(`${screen}, of many sources`);
    }
    await visitor.go('Integrity');
    await visitor.assertAccessible('Integrity of many sources, in a small window');
  });
  await visitor.chapter(t, 'the navigation of a low window is scrolled, not squashed', async () => {
    await visitor.button('Screens and state').click();
    const find = page.getByRole('dialog').getByRole('button', { name: /^Find/ });
    await find.waitFor();
    const box = await find.boundingBox();
    assert.ok(box !== null && box.height >= 24, `the button is ${box?.height ?? 0} px high`);
    await page.keyboard.press('Escape');
  });
  await visitor.chapter(t, 'pressing the screen that one is on leaves the navigation, too', async () => {
    await visitor.go('Integrity');
    const drawer = page.getByRole('dialog').filter({ has: page.getByRole('navigation', { name: 'Screens' }) });
    await drawer.waitFor({ state: 'detached' });
    await visitor.go('Integrity');
    await drawer.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 1280, height: 800 });
  });
  await visitor.chapter(t, 'where the system gives the colours, what is chosen is still to be seen', async () => {
    await page.emulateMedia({ forcedColors: 'active' });
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Find/ }).press('ArrowDown');
    const chosen = page.getByRole('option', { selected: true });
    await chosen.waitFor();
    assert.equal(await outlineOf(chosen), 'solid');
    assert.equal(await outlineOf(page.getByRole('option', { selected: false }).first()), 'none');
    await page.keyboard.press('Escape');
    await visitor.go('Activity');
    const lineOf = (selected: boolean) =>
      page
        .getByRole('tab', { selected })
        .evaluate((tab) => tab.ownerDocument.defaultView?.getComputedStyle(tab).borderBottomWidth);
    assert.notEqual(await lineOf(true), await lineOf(false), 'the tab that is open');
    await page.emulateMedia({ forcedColors: 'none' });
  });
  assert.deepEqual(visitor.complaints, []);
});

/** Asserts that a dialog and its button for closing lie within the window, and nothing of it is cut off at the side. */
async function assertHolds({ page }: Visitor, name: string): Promise<void> {
  const shown = page.getByRole('dialog', { name, exact: true });
  await shown.waitFor();
  const width = page.viewportSize()?.width ?? 0;
  const close = shown.getByRole('button').first();
  const box = await close.boundingBox();
  assert.ok(box !== null && box.x + box.width <= width, `the way out of “${name.slice(0, 20)}” is in the window`);
  const over = await shown.evaluate((element) => element.scrollWidth - element.clientWidth);
  assert.ok(over <= 0, `${over} px of it are cut off`);
}

function outlineOf(place: ReturnType<Visitor['row']>): Promise<string> {
  return place.evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).outlineStyle ?? '');
}
