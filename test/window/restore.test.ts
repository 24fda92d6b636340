import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright';
import { until } from '../cli/kit.ts';
import { Visitor } from './kit.ts';

test('several files and a folder are restored together; what is in the way stays, and what cannot be had is named', async (t) => {
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      for (const name of ['one', 'two', 'three']) desk.write(`share/letters/${name}.txt`, `letter ${name}\n`);
      for (const name of ['list.txt', 'lost.txt', 'other.txt']) desk.write(`share/${name}`, `${name}, as it was\n`);
      await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('disk')]);
      // A disk that decays: the one copy of a file is no longer what was put there.
      fs.writeFileSync(desk.at('disks/disk/files/Scans/lost.txt'), 'lost.txt, as it wAs\n');
      desk.write('back/list.txt', 'somebody else’s list\n');
    },
  });
  const { desk } = visitor;
  const dialog = visitor.dialog('Restore 2 files and 1 folder');

  await visitor.chapter(t, 'they are chosen, with a folder to put them into', async () => {
    await visitor.go('Browse');
    for (const name of ['letters', 'list.txt', 'lost.txt']) {
      await visitor
        .row(new RegExp(`^${name}`))
        .getByRole('gridcell')
        .first()
        .click();
    }
    await visitor.button('Restore…').click();
    await dialog.getByText('5 files, 75 bytes, will be restored into:').waitFor();
    await intoFolder(visitor, dialog, desk.at('back'));
    await visitor.assertAccessible('Restore, several');
    await visitor.picture('restore-several');
  });
  await visitor.chapter(t, 'it is said what came of each', async () => {
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.getByText('4 files restored, 1 file could not be restored.').waitFor();
    await dialog.getByText('lost.txt').first().waitFor();
    await dialog.getByText('1 file restored under another name').click();
    await dialog.getByText('another file lies in its place').waitFor();
    await visitor.assertAccessible('What a restore came to');
    await visitor.picture('restore-result');
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    const names = fs.readdirSync(desk.at('back'), { recursive: true, encoding: 'utf8' }).sort();
    assert.deepEqual(
      names.filter((name) => !name.startsWith('list (restored')),
      ['letters', 'letters/one.txt', 'letters/three.txt', 'letters/two.txt', 'list.txt'],
    );
    assert.equal(desk.read('back/list.txt'), 'somebody else’s list\n');
    const beside = names.find((name) => name.startsWith('list (restored')) ?? '';
    assert.equal(desk.read(`back/${beside}`), 'list.txt, as it was\n');
  });
  assert.deepEqual(visitor.complaints, []);
});

test('an earlier version is opened as a copy for looking; without a screen it is said what to do instead', async (t) => {
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      // The program that the system has for files: it notes what it was given.
      desk.write('bin/xdg-open', '#!/bin/sh\nprintf "%s" "$1" > "$STRONGROOM_OPENED"\n');
      fs.chmodSync(desk.at('bin/xdg-open'), 0o755);
      Object.assign(desk.env, {
        PATH: `${desk.at('bin')}${path.delimiter}${desk.env['PATH'] ?? ''}`,
        DISPLAY: ':99',
        STRONGROOM_OPENED: desk.at('opened'),
      });
      desk.write('share/letter.txt', 'the first draft');
      desk.write('share/macro.docm', 'a document that can run');
      await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('disk')]);
      desk.write('share/letter.txt', 'the second draft', Date.now() / 1000 - 60);
      await desk.text(['sync']);
    },
  });
  const { page, desk, panel } = visitor;
  await visitor.chapter(t, 'the first draft', async () => {
    await visitor.go('Browse');
    await visitor.row(/^letter\.txt/).click();
    await panel.getByRole('button', { name: /^Version 1 / }).click();
    await panel.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('A copy of version 1 is opened').waitFor();
    await visitor.assertAccessible('A version is opened');
    await visitor.picture('opened');
    await until('the system was given the copy', () => fs.existsSync(desk.at('opened')));
    const opened = desk.read('opened');
    assert.equal(path.basename(opened), 'letter.txt');
    assert.equal(fs.readFileSync(opened, 'utf8'), 'the first draft');
    assert.equal(fs.statSync(opened).mode & 0o222, 0, 'it is for looking only');
    assert.equal(desk.read('share/letter.txt'), 'the second draft');
  });
  await visitor.chapter(t, 'what could run is not opened', async () => {
    await visitor.row(/^macro\.docm/).click();
    await panel.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('is of a kind that can run as a program, so it is not opened from here').waitFor();
    assert.equal(path.basename(desk.read('opened')), 'letter.txt');
  });
  await visitor.chapter(t, 'on a computer without a screen', async () => {
    await visitor.quit();
    delete desk.env['DISPLAY'];
    await visitor.start();
    await visitor.go('Browse');
    await visitor.row(/^letter\.txt/).click();
    await visitor.panel.getByRole('button', { name: 'Open', exact: true }).click();
    await visitor.panel
      .getByText('This computer has no program for “letter.txt”, or no screen to show it on.')
      .waitFor();
    const [download] = await Promise.all([
      visitor.page.waitForEvent('download'),
      visitor.panel.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'letter.txt');
    assert.equal(fs.readFileSync(await download.path(), 'utf8'), 'the second draft');
  });
});

test('a moment is typed and read the same in every country', async (t) => {
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      desk.write('share/letter.txt', 'the first draft');
      await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('disk')]);
    },
  });
  const { page } = visitor;
  await visitor.chapter(t, 'in the list', async () => {
    await visitor.go('Browse');
    const moment = page.getByRole('textbox', { name: 'Date and time to look at' });
    assert.match(await moment.inputValue(), /^\d{4}-\d\d-\d\d \d\d:\d\d$/);
    await moment.fill('03/04/2026');
    await moment.press('Enter');
    await page.getByText('Write it like 2026-03-31 14:00').waitFor();
    await visitor.assertAccessible('A moment that is none');
    await visitor.picture('moment');
    await moment.fill('2026-04-03 9:30');
    await moment.press('Enter');
    await page.getByText('The files as they were on 3 April 2026 at 09:30').waitFor();
    await page.getByText('This folder was empty then').waitFor();
    assert.equal(await moment.inputValue(), '2026-04-03 09:30');
    await page.getByRole('button', { name: 'Back to now' }).click();
    await visitor.row(/^letter\.txt/).waitFor();
  });
  await visitor.chapter(t, 'in a restore', async () => {
    await visitor
      .row(/^letter\.txt/)
      .getByRole('gridcell')
      .first()
      .click();
    await visitor.button('Restore…').click();
    const dialog = visitor.dialog('Restore letter.txt');
    await dialog.getByRole('radio', { name: 'As it was at an earlier moment' }).click();
    await dialog.getByRole('textbox', { name: 'Restore as of this date and time' }).fill('2026-04-03');
    await dialog.getByText('If a file with the same name is there').click();
    await dialog.getByText('There was no "letter.txt" at that time.').waitFor();
    await dialog.getByText('As it was on 3 April 2026 at 23:59').waitFor();
    assert.ok(await dialog.getByRole('button', { name: 'Restore', exact: true }).isDisabled());
    await visitor.dialog('Restore letter.txt as of 3 Apr').waitFor();
  });
  assert.deepEqual(visitor.complaints, []);
});

test('every run of today can be gone back to, a bar leads to what it stands for, and nothing moves under the pointer', async (t) => {
  const names = Array.from({ length: 12 }, (_, index) => `letter ${index + 1}.txt`);
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      for (const name of names) desk.write(`share/1891/letters/${name}`, `${name}, the first draft\n`);
      await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('disk')]);
      desk.write('share/1891/letters/letter 2.txt', 'the second draft, which is longer\n', Date.now() / 1000 - 60);
      await desk.text(['sync']);
      fs.renameSync(desk.at('share/1891/letters/letter 12.txt'), desk.at('share/1891/letters/letter 13.txt'));
      await desk.text(['sync']);
    },
  });
  const { page, panel, desk } = visitor;
  const slider = page.getByRole('slider', { name: 'Point in time' });
  const grid = page.getByRole('grid', { name: 'Files in letters' });

  await visitor.chapter(t, 'run by run', async () => {
    await visitor.go('Browse');
    await visitor.row(/^1891/).click();
    await visitor.row(/^letters/).click();
    await visitor.row(/^letter 13\.txt/).waitFor();
    await page.getByRole('button', { name: 'Previous moment with changes' }).click();
    await page.getByText(/^The files as they were on/).waitFor();
    await visitor.row(/^letter 12\.txt/).waitFor();
    await visitor.row(/^letter 2\.txt.*34 bytes/).waitFor();
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    await visitor.row(/^letter 2\.txt.*30 bytes/).waitFor();
    assert.ok(await page.getByRole('button', { name: 'Previous moment with changes' }).isDisabled());
    await visitor.assertAccessible('Browse, an earlier run of today');
    await page.keyboard.press('ArrowRight');
    await visitor.row(/^letter 2\.txt.*34 bytes/).waitFor();
    await page.keyboard.press('Home');
    await visitor.row(/^letter 2\.txt.*30 bytes/).waitFor();
    await page.keyboard.press('End');
    await visitor.row(/^letter 13\.txt/).waitFor();
  });

  await visitor.chapter(t, 'the bar of what was added today shows it; a rename is no deletion', async () => {
    const box = await slider.boundingBox();
    assert.ok(box !== null);
    const label = page.getByText(/^\d\d:\d\d$/).first();
    const under = await label.boundingBox();
    assert.ok(under !== null);
    const middle = under.x + under.width / 2;
    await page.mouse.move(middle, box.y + box.height - 3);
    await page.getByText(/: 12 files added, 1 file changed, 1 file renamed or moved$/).waitFor();
    await page.mouse.click(middle, box.y + box.height - 3);
    await visitor.row(/^letter 13\.txt/).waitFor();
  });

  await visitor.chapter(
    t,
    'a second press meets the same file, and going back in time leaves the list in its place',
    async () => {
      const row = visitor.row(/^letter 4\.txt/);
      const before = await row.boundingBox();
      await row.dblclick();
      await panel.getByRole('heading', { name: 'letter 4.txt' }).waitFor();
      await panel.getByText('letter 4.txt, the first draft').waitFor();
      const after = await row.boundingBox();
      assert.equal(after?.y, before?.y);
      const top = (await grid.boundingBox())?.y;
      await page.getByRole('button', { name: 'Previous moment with changes' }).click();
      await page.getByText(/^The files as they were on/).waitFor();
      assert.equal((await grid.boundingBox())?.y, top);
      await visitor
        .row(/^letter 5\.txt/)
        .getByRole('gridcell')
        .first()
        .click();
      await page.getByText('1 file selected').waitFor();
      assert.equal((await row.boundingBox())?.y, before?.y);
      await page.getByRole('button', { name: 'Select nothing' }).click();
      await page.getByRole('button', { name: 'Back to now' }).click();
    },
  );

  await visitor.chapter(t, 'a restore says where the file goes and how it is called, before and after', async () => {
    await visitor.row(/^letter 2\.txt/).click();
    await panel.getByRole('button', { name: /^Version 1 / }).click();
    await panel.getByRole('button', { name: 'Restore…' }).click();
    const dialog = visitor.dialog(/^Restore letter 2\.txt as of /);
    const folder = desk.at('share/1891/letters');
    await dialog.getByText(/letter 2 \(restored .*\)\.txt/).waitFor();
    await dialog.getByText('Beside today’s').waitFor();
    assert.equal((await dialog.getByText(folder, { exact: true }).count()) > 0, true, 'the folder itself is named');
    await visitor.assertAccessible('Restore, one version');
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.getByText('1 file restored.').waitFor();
    const [restored = ''] = fs.readdirSync(folder).filter((name) => name.includes('(restored'));
    await dialog.getByText(restored).waitFor();
    await dialog.getByText('which was there before, is left as it was.').waitFor();
    await dialog.getByText('The next run takes it in; Browse shows it then.').waitFor();
    await visitor.assertAccessible('Restored, one version');
    await dialog.getByRole('button', { name: 'Show in folder' }).click();
    await dialog.getByText(/^This computer has no screen to show/).waitFor();
    await dialog.getByRole('button', { name: 'Show in Browse' }).click();
    await dialog.waitFor({ state: 'detached' });
    await visitor.row(/^letter 2\.txt/).waitFor();
    assert.equal(desk.read(`share/1891/letters/${restored}`), 'letter 2.txt, the first draft\n');
  });
  assert.deepEqual(visitor.complaints, []);
});

/** Bytes of a scan below: small enough that at the speed below each comes after the other, several a second. */
const scanBytes = 20_000;
const scans = Array.from({ length: 150 }, (_, index) => `scan ${String(index + 1).padStart(3, '0')}.tif`);
const scanOf = (name: string) => Buffer.alloc(scanBytes, Number(name.slice(5, 8)));

/** Sets how fast a store may be read from, in the window; empty is as fast as it goes. */
async function setReading(visitor: Visitor, megabytes: string): Promise<void> {
  await visitor.go('Stores');
  await visitor.button('Settings of disk').click();
  const panel = visitor.dialog('disk');
  await panel.getByRole('textbox', { name: 'Reading, MB a second' }).fill(megabytes);
  await panel.getByRole('button', { name: 'Save the limits' }).click();
  await panel.getByText('Saved.').waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();
  await panel.waitFor({ state: 'detached' });
}

/** Opens the question for a folder of the source, with another folder to restore into. */
async function askToRestore(visitor: Visitor, name: string, into: string): Promise<Locator> {
  await visitor.go('Browse');
  await visitor
    .row(new RegExp(`^${name}`))
    .getByRole('gridcell')
    .first()
    .click();
  await visitor.button('Restore…').click();
  const dialog = visitor.dialog(`Restore ${name}`);
  await intoFolder(visitor, dialog, into);
  return dialog;
}

/** Chooses another folder to restore into, by its path. */
async function intoFolder(visitor: Visitor, dialog: Locator, into: string): Promise<void> {
  await dialog.getByRole('radio', { name: 'Into another folder' }).click();
  await dialog.getByRole('button', { name: 'Choose the folder…' }).click();
  const picker = visitor.dialog('Choose the folder to restore into');
  // A machine selects and types in two steps, and would type beside a path that comes in between.
  await picker.getByRole('navigation', { name: 'Where you are' }).waitFor();
  const field = picker.getByRole('textbox', { name: 'Folder' });
  await field.fill(into);
  await field.press('Enter');
  await picker.getByRole('button', { name: `Choose ${path.basename(into)}` }).click();
  await picker.waitFor({ state: 'detached' });
}

test('a long restore tells how far it is; cancelled, it says what is there and what is not, and later brings the rest', async (t) => {
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      for (const name of scans) desk.write(`share/scans/${name}`, scanOf(name));
      for (const name of scans.slice(0, 40)) desk.write(`share/letters/${name}`, scanOf(name));
      await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('disk')]);
      fs.mkdirSync(desk.at('back'));
      fs.mkdirSync(desk.at('stick'));
    },
  });
  const { desk, page } = visitor;
  const restored = () => fs.readdirSync(desk.at('back/scans')).sort();
  const begin = (dialog: Locator) => dialog.getByRole('button', { name: 'Restore', exact: true }).click();
  const leave = async (dialog: Locator, button: string) => {
    await dialog.getByRole('button', { name: button, exact: true }).last().click();
    await dialog.waitFor({ state: 'detached' });
    await visitor.button('Select nothing').click();
  };
  const bar = page.getByRole('progressbar', { name: 'Restored' });
  const percent = async () => Number(await bar.getAttribute('aria-valuenow'));
  let first = 0;

  await visitor.chapter(t, 'a place where nothing can be put is refused before', async () => {
    await setReading(visitor, '0.1');
    const dialog = await askToRestore(visitor, 'scans', desk.at('disks/disk'));
    await dialog.getByText(/lies in the store “disk”/).waitFor();
    assert.ok(await dialog.getByRole('button', { name: 'Restore', exact: true }).isDisabled());
    await visitor.assertAccessible('A place that cannot be restored into');
    await visitor.picture('restore-hindered');
    await leave(dialog, 'Cancel');
  });

  await visitor.chapter(t, 'files and bytes rise, for eyes and ears', async () => {
    const dialog = await askToRestore(visitor, 'scans', desk.at('back'));
    await dialog.getByText('150 files, 3 MB, will be restored into:').waitFor();
    await begin(dialog);
    await dialog.getByText(/^[1-9]\d* of 150 files, \d+ kB of 3 MB$/).waitFor();
    await until('some of it is there', async () => (await percent()) > 0);
    const before = await percent();
    await until('more of it is there', async () => (await percent()) > before);
    await dialog
      .getByRole('status')
      .filter({ hasText: /^[1-9]0 % restored$/ })
      .waitFor();
    await visitor.picture('restore-going');
  });

  await visitor.chapter(t, 'cancelled in the middle, all that is there is whole', async () => {
    const dialog = visitor.dialog('Restore scans');
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    const words = dialog.getByText(/^Cancelled: \d+ files restored, \d+ files not restored\.$/);
    await words.waitFor();
    const [done = 0, left = 0] = ((await words.textContent()) ?? '').match(/\d+/g)?.map(Number) ?? [];
    await dialog.getByText('What was restored is whole and stays where it is.').waitFor();
    assert.equal(done + left, 150);
    assert.ok(done > 0 && left > 0);
    assert.equal(restored().length, done);
    for (const name of restored()) assert.ok(fs.readFileSync(desk.at('back/scans', name)).equals(scanOf(name)), name);
    first = done;
    await visitor.assertAccessible('A restore that was cancelled');
    await visitor.picture('restore-cancelled');
    await leave(dialog, 'Close');
  });

  await visitor.chapter(t, 'a folder that is pulled out in the middle', async () => {
    const dialog = await askToRestore(visitor, 'letters', desk.at('stick'));
    await begin(dialog);
    await dialog.getByText(/^[1-9]\d* of 40 files/).waitFor();
    fs.renameSync(desk.at('stick'), desk.at('pulled out'));
    await dialog.getByText(/^\d+ files? restored, \d+ files could not be restored\.$/).waitFor();
    await dialog
      .getByText(/could not be written: its folder is not there any more\.$/)
      .first()
      .waitFor();
    await dialog.getByText(/^\d+ more files for the same reason$/).click();
    await visitor.assertAccessible('A restore whose folder went away');
    await visitor.picture('restore-pulled-out');
    await leave(dialog, 'Close');
  });

  await visitor.chapter(t, 'what was restored, and where to, is written down', async () => {
    await visitor.go('Activity');
    await page.getByRole('tab', { name: 'History of events' }).click();
    const told = page.getByRole('listitem').filter({ hasText: desk.at('back') });
    await told
      .getByText(`${first} files of the folder “scans” in “Scans” were restored to ${desk.at('back')}.`)
      .waitFor();
    await visitor.assertAccessible('Events of restores');
    await visitor.picture('restore-events');
  });

  await visitor.chapter(t, 'restored again, the rest comes', async () => {
    await setReading(visitor, '');
    const dialog = await askToRestore(visitor, 'scans', desk.at('back'));
    await begin(dialog);
    await dialog
      .getByText(`${150 - first} files restored, ${first} files already there with the same content.`)
      .waitFor();
    assert.deepEqual(restored(), scans);
    for (const name of scans) assert.ok(fs.readFileSync(desk.at('back/scans', name)).equals(scanOf(name)), name);
  });
  assert.deepEqual(visitor.complaints, []);
});
