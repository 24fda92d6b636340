import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import type { JSHandle, Locator, Page } from 'playwright';
import { until, type Desk } from '../cli/kit.ts';
import { allCopied, Visitor } from './kit.ts';

/** More stops than any screen here has: whoever comes this far goes round in circles. */
const mostStops = 80;

/** What has the focus, in a few words; `undefined` where nothing of the page has it. */
async function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body) return undefined;
    const words = element.getAttribute('aria-label') ?? element.textContent;
    return `${element.tagName.toLowerCase()} ${words.trim().slice(0, 60)}`;
  });
}

async function hasFocus(locator: Locator): Promise<boolean> {
  return locator.evaluate((element) => element === document.activeElement);
}

/** Goes on with Tab to a place. The focus is nowhere lost on the way. */
async function tabTo(page: Page, place: Locator): Promise<void> {
  await place.waitFor();
  for (let stops = 0; !(await hasFocus(place)); stops += 1) {
    assert.ok(stops < mostStops, `Tab never came to ${String(place)}`);
    await page.keyboard.press('Tab');
  }
}

/**
 * Whether what has the focus looks other than without it (WCAG 2.4.7), where it stands in the window: two pictures of the
 * place, one of them without the focus.
 */
async function isFocusSeen(page: Page): Promise<boolean> {
  const clip = await page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) return undefined;
    // A field that is drawn by its label is a dot of its own.
    const small = element.getBoundingClientRect().width < 4 || getComputedStyle(element).opacity === '0';
    const drawn = small ? (element.closest('label') ?? element.parentElement ?? element) : element;
    const box = drawn.getBoundingClientRect();
    const [left, top] = [Math.max(0, box.left - 6), Math.max(0, box.top - 6)];
    const [right, bottom] = [Math.min(innerWidth, box.right + 6), Math.min(innerHeight, box.bottom + 6)];
    return right > left && bottom > top ? { x: left, y: top, width: right - left, height: bottom - top } : undefined;
  });
  if (clip === undefined) return false;
  const withFocus = await page.screenshot({ clip, animations: 'disabled' });
  const element = await page.evaluateHandle(() => document.activeElement);
  await element.evaluate((one) => {
    (one as HTMLElement).blur();
  });
  const without = await page.screenshot({ clip, animations: 'disabled' });
  await element.evaluate((one) => {
    (one as HTMLElement).focus();
  });
  return !withFocus.equals(without);
}

/** Goes through everything on the screen with Tab, and asserts that one sees where one is. */
async function assertFocusSeen(page: Page, screen: string): Promise<void> {
  const unseen: string[] = [];
  let stops = 0;
  await page.keyboard.press('Tab');
  let before: JSHandle | undefined;
  for (let here = await focused(page); here !== undefined; here = await focused(page)) {
    stops += 1;
    assert.ok(stops < mostStops, `Tab goes round in circles on ${screen}, at ${here}`);
    // A field for a date has a stop for each of its parts.
    const isPart = await page.evaluate((last) => last === document.activeElement, before);
    if (!isPart && !(await isFocusSeen(page))) unseen.push(here);
    before = await page.evaluateHandle(() => document.activeElement);
    await page.keyboard.press('Tab');
  }
  assert.deepEqual(unseen, [], screen);
  assert.ok(stops > 2, `${screen} has ${stops} stops from there on`);
}

const hostile = {
  markup: '<img src=x onerror=alert(1)>.txt',
  lines: 'two\nlines.txt',
  turned: 'invoice \u202efdp.txt',
  long: `${'n'.repeat(251)}.txt`,
};

async function share(desk: Desk): Promise<void> {
  desk.write('share/letters/1891/page 1.txt', 'Dear Anna\n');
  desk.write('share/maps/plan of the town.txt', 'a plan\n');
  desk.write('share/maps/river.txt', 'a river\n');
  for (const name of Object.values(hostile)) desk.write(`share/${name}`, `This is called ${JSON.stringify(name)}.\n`);
  desk.write('share/<b onmouseover=alert(2)>bold/inside.txt', 'inside\n');
  desk.write('share/page.html', '<script>alert(3)</script><p>a page</p>\n');
  desk.write(
    'share/drawing.svg',
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(4)"><script>alert(5)</script></svg>\n',
  );
  await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('one'), '--to', desk.disk('two')]);
}

test('everything on the main path can be done with the keyboard alone', async (t) => {
  const visitor = await Visitor.arrive(t, { before: share });
  const { page, panel } = visitor;
  const { keyboard } = page;
  await visitor.heading(allCopied).waitFor();

  await visitor.chapter(t, 'past the navigation with one key', async () => {
    await keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the screen' });
    assert.ok(await hasFocus(skip), `Tab came to ${await focused(page)}`);
    assert.ok(await isFocusSeen(page));
    await keyboard.press('Enter');
    assert.ok(await hasFocus(page.getByRole('main')));
    await keyboard.press('Tab');
    assert.ok(await page.getByRole('main').evaluate((main) => main.contains(document.activeElement)));
  });

  await visitor.chapter(t, 'to every screen by its letter, with its heading read out', async () => {
    const letters = { b: 'Browse', a: 'Activity', s: 'Sources', t: 'Stores', i: 'Integrity', r: 'Recovery' };
    for (const [key, screen] of Object.entries({ ...letters, e: 'Settings', o: 'Overview' })) {
      await keyboard.press('g');
      await keyboard.press(key);
      await visitor.on(screen);
      await until(`the heading of ${screen} has the focus`, () => hasFocus(page.getByRole('heading', { level: 1 })));
    }
  });

  await visitor.chapter(t, 'the list of shortcuts, which keeps the focus and gives it back', async () => {
    const button = visitor.button('Shortcuts');
    await button.focus();
    await keyboard.press('?');
    const help = visitor.dialog('Keyboard shortcuts');
    await help.waitFor();
    await visitor.assertAccessible('Keyboard shortcuts');
    for (let stop = 0; stop < 5; stop += 1) {
      await keyboard.press('Tab');
      assert.ok(await help.evaluate((dialog) => dialog.contains(document.activeElement)), 'the focus stays inside');
    }
    await keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await until('the focus is back', () => hasFocus(button));
  });

  await visitor.chapter(t, 'a file, by a part of its name', async () => {
    await keyboard.press('Control+k');
    const field = page.getByRole('combobox', { name: /^Find/ });
    await field.waitFor();
    await until('one can type at once', () => hasFocus(field));
    await keyboard.type('plan of');
    await page.getByRole('option', { name: /plan of the town/ }).waitFor();
    await visitor.assertAccessible('Find');
    await visitor.picture('find');
    await keyboard.press('Enter');
    await panel.getByRole('heading', { name: 'plan of the town.txt' }).waitFor();
    await until('the focus is in the screen', async () => (await focused(page)) !== undefined);
  });

  await visitor.chapter(t, 'what is typed before the finder is there is not lost', async () => {
    await page.reload();
    await visitor.button('Shortcuts').waitFor();
    // All at once, as fast as the browser takes it.
    await keyboard.press('Control+k');
    await keyboard.type('keeper');
    const field = page.getByRole('combobox', { name: /^Find/ });
    await until('every letter is in the field', async () => (await field.inputValue()) === 'keeper');
    await keyboard.press('Escape');
    await field.waitFor({ state: 'detached' });
  });

  await visitor.chapter(t, 'Escape closes what lies on top, and no more', async () => {
    await visitor.go('Stores');
    await visitor.button('Add a store').click();
    const adding = visitor.dialog('Add a store');
    await adding
      .getByRole('button', { name: /folder/i })
      .first()
      .click();
    await adding.getByRole('button', { name: 'Choose…' }).click();
    const choosing = visitor.dialog('Choose the folder for the copies');
    await choosing.waitFor();
    await keyboard.press('Escape');
    await choosing.waitFor({ state: 'detached' });
    assert.ok(await adding.isVisible(), 'what was entered below is still there');
    await adding.getByRole('button', { name: 'Choose…' }).click();
    await choosing.getByRole('textbox', { name: 'Folder', exact: true }).fill(visitor.desk.at('new disk'));
    await keyboard.press('Enter');
    await choosing.getByRole('button', { name: 'Make this folder' }).click();
    await choosing.getByRole('button', { name: 'Choose new disk' }).waitFor();
    await choosing.getByRole('button', { name: 'New folder' }).click();
    await keyboard.type('Copies');
    await keyboard.press('Enter');
    await choosing.getByRole('button', { name: 'Choose Copies' }).click();
    await choosing.waitFor({ state: 'detached' });
    assert.equal(
      await adding.getByRole('textbox', { name: 'Folder for the copies' }).inputValue(),
      visitor.desk.at('new disk', 'Copies'),
    );
    assert.deepEqual(fs.readdirSync(visitor.desk.at('new disk')), ['Copies']);
    await visitor.assertAccessible('Add a store, a folder');
    const leaving = visitor.dialog('Leave without adding?');
    await keyboard.press('Escape');
    await leaving.waitFor();
    await keyboard.press('Escape');
    await leaving.waitFor({ state: 'detached' });
    assert.ok(await adding.isVisible(), 'nobody leaves unasked');
    await keyboard.press('Escape');
    await leaving.getByRole('button', { name: 'Leave' }).click();
    await adding.waitFor({ state: 'detached' });
  });

  await visitor.chapter(t, 'through folders, to a file and back to the list', async () => {
    await keyboard.press('g');
    await keyboard.press('o');
    await visitor.on('Overview');
    await keyboard.press('g');
    await keyboard.press('b');
    await visitor.on('Browse');
    const tree = page.getByRole('tree', { name: 'Folders' });
    await tabTo(page, tree);
    await page.getByRole('treeitem', { name: 'letters' }).waitFor();
    await keyboard.type('let');
    await keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: '1891' }).waitFor();
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await visitor.row(/^page 1\.txt/).waitFor();
    await tabTo(page, page.getByRole('grid', { name: 'Files in 1891' }));
    await keyboard.press('Backspace');
    const grid = page.getByRole('grid', { name: 'Files in letters' });
    await grid.waitFor();
    assert.ok(await hasFocus(grid), 'the list keeps the focus as its folder changes');
    await keyboard.press('Enter');
    await visitor.row(/^page 1\.txt/).waitFor();
    await keyboard.press('Enter');
    const title = panel.getByRole('heading', { name: 'page 1.txt' });
    await until('the file’s name has the focus', () => hasFocus(title));
    await tabTo(page, panel.getByRole('button', { name: 'Restore…' }));
    await keyboard.press('Enter');
    const restoring = visitor.dialog(/^Restore .* as of /);
    await restoring.waitFor();
    await keyboard.press('Escape');
    await restoring.waitFor({ state: 'detached' });
    await until('the focus is back', () => hasFocus(panel.getByRole('button', { name: 'Restore…' })));
    await keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await until('the list has the focus', () => hasFocus(page.getByRole('grid', { name: 'Files in 1891' })));
    await keyboard.press(' ');
    await visitor.button('Restore…').waitFor();
    assert.equal(await page.getByRole('row', { selected: true }).count(), 1);
    await keyboard.press('Escape');
    assert.equal(await page.getByRole('row', { selected: true }).count(), 0);
  });

  await visitor.chapter(t, 'one always sees where one is', async () => {
    for (const [key, screen] of Object.entries({ t: 'Stores', b: 'Browse', e: 'Settings', o: 'Overview' })) {
      await keyboard.press('g');
      await keyboard.press(key);
      await visitor.on(screen);
      await until('the heading has the focus', () => hasFocus(page.getByRole('heading', { level: 1 })));
      await assertFocusSeen(page, screen);
    }
  });
  assert.deepEqual(visitor.complaints, []);
});

test('hostile names and files are shown, and do nothing', async (t) => {
  const visitor = await Visitor.arrive(t, { before: share });
  const { page, panel } = visitor;
  await visitor.heading(allCopied).waitFor();
  await visitor.go('Browse');
  const shown: readonly (readonly [shown: string, name: string])[] = [
    [hostile.markup, hostile.markup],
    ['two⏎lines.txt', hostile.lines],
    ['invoice ⟨RLO⟩fdp.txt', hostile.turned],
    [hostile.long, hostile.long],
  ];
  for (const [words, name] of shown) {
    await visitor.chapter(t, words.slice(0, 40), async () => {
      const row = visitor.row(words);
      await row.click();
      await panel.getByRole('heading', { level: 2, name: words }).waitFor();
      await panel.getByText(`This is called ${JSON.stringify(name)}.`).waitFor();
      assert.ok(await row.evaluate((element) => element.scrollWidth <= element.clientWidth + 1), 'it fits its row');
      await panel.getByRole('button', { name: 'Restore…' }).click();
      await visitor
        .dialog(/^Restore .* as of /)
        .getByText(words.slice(0, 12))
        .first()
        .waitFor();
      await page.keyboard.press('Escape');
      await visitor.dialog(/^Restore .* as of /).waitFor({ state: 'detached' });
    });
  }
  await visitor.chapter(t, 'all of them together', async () => {
    await visitor.assertFits('Browse');
    await visitor.assertAccessible('Browse, hostile names');
    await visitor.picture('hostile-names');
    await visitor.row(/^<b onmouseover/).click();
    await visitor.row(/^inside\.txt/).hover();
    await visitor.find('img src', hostile.markup);
    await panel.getByRole('heading', { level: 2, name: hostile.markup }).waitFor();
  });
  for (const [name, words] of [
    ['page.html', '<script>alert(3)</script><p>a page</p>'],
    ['drawing.svg', '<script>alert(5)</script>'],
  ] as const) {
    await visitor.chapter(t, `${name} is text`, async () => {
      await visitor.row(name).click();
      await panel
        .getByRole('region', { name: /^Text of/ })
        .getByText(words)
        .waitFor();
    });
  }
  await visitor.chapter(t, 'nothing of it became a part of the page', async () => {
    assert.equal(await page.locator('img[src="x"], b[onmouseover], main script').count(), 0);
    // What people did with them is told with their names as well.
    const [name] = fs.readdirSync(visitor.desk.at('disks/one/files/Scans')).filter((one) => one === hostile.markup);
    assert.equal(name, hostile.markup);
  });
  assert.deepEqual(visitor.complaints, []);
});
