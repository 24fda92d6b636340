import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { test } from 'node:test';
import type { Desk } from '../cli/kit.ts';
import { allCopied, Visitor } from './kit.ts';

function damage(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes.fill(0x5a, Math.floor(bytes.length / 3), Math.floor(bytes.length / 3) + 20_000);
  fs.writeFileSync(file, bytes);
}

/** A copied source whose catalog was damaged; a letter came after the one checkpoint. */
async function damagedHome(desk: Desk): Promise<void> {
  for (let number = 1; number <= 20; number += 1) desk.write(`share/letter ${number}.txt`, `letter ${number}\n`);
  await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('one'), '--to', desk.disk('two')]);
  desk.write('share/later.txt', 'after the checkpoint\n');
  await desk.json('sync');
  damage(desk.at('home/catalog.db'));
}

const asideOf = (desk: Desk): string[] => fs.readdirSync(desk.home).filter((name) => /set-aside-\d+$/.test(name));

test('the catalog is damaged: the window says so, and an earlier state brings everything back', async (t) => {
  const visitor = await Visitor.arrive(t, { before: damagedHome });
  const { page, desk } = visitor;
  await visitor.chapter(t, 'what happened and what is safe is said before anything else', async () => {
    await visitor.on('The catalog is damaged');
    await page.getByText('Your files were not touched.').waitFor();
    await page.getByText(/^Whole\. It knows “Scans” with 20 files/).waitFor();
    assert.equal(await page.getByText(/strongroom catalog restore|catalog\.db/).isVisible(), false);
    await page.getByText('What exactly happened').click();
    await page.getByText(/catalog\.db/).waitFor();
    await visitor.assertAccessible('The catalog is damaged');
    await visitor.assertFits('The catalog is damaged');
    await visitor.picture('damaged');
    await page.setViewportSize({ width: 640, height: 800 });
    await visitor.assertFits('The catalog is damaged, in a narrow window');
    await visitor.picture('damaged-narrow');
    await page.setViewportSize({ width: 1280, height: 800 });
  });
  await visitor.chapter(t, 'by the keyboard alone it is set back, and the same window goes on', async () => {
    const goBack = visitor.button('Go back to this state');
    await goBack.focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^The catalog is as it was on /).waitFor();
    await visitor.on('Overview');
    await visitor.heading(allCopied).waitFor();
    assert.equal(asideOf(desk).length, 1);
  });
  await visitor.chapter(t, 'what was copied since is known again, from the stores', async () => {
    await visitor.go('Browse');
    await visitor.row(/^later\.txt /).waitFor();
    await visitor.row(/^letter 1\.txt /).waitFor();
  });
  assert.deepEqual(visitor.complaints, []);
});

test('no earlier state is whole: a new catalog is made from a store', async (t) => {
  const visitor = await Visitor.arrive(t, {
    width: 640,
    before: async (desk) => {
      await damagedHome(desk);
      for (const name of fs.readdirSync(desk.at('home/checkpoints'))) damage(desk.at('home/checkpoints', name));
    },
  });
  const { page, desk } = visitor;
  await visitor.on('The catalog is damaged');
  await page.getByText('None of these states is whole, so none can be gone back to.').waitFor();
  assert.equal(await visitor.button('Go back to this state').count(), 0);
  await visitor.chapter(t, 'a folder that holds nothing is refused, and nothing is changed', async () => {
    fs.mkdirSync(desk.at('nothing'));
    await page.getByRole('radio', { name: /folder on a disk or share$/ }).check();
    const folder = page.getByRole('textbox', { name: 'Folder with the copies' });
    await folder.fill(desk.at('nothing'));
    await visitor.button('Make a new catalog').click();
    await page.getByText(/holds no source of Strongroom/).waitFor();
    assert.deepEqual(asideOf(desk), []);
    await visitor.assertAccessible('The catalog is damaged, a store that holds nothing');
    await visitor.picture('damaged-refused');
    await visitor.button('Choose…').click();
    await visitor.dialog('Choose the folder with the copies').waitFor();
    await page.keyboard.press('Escape');
    await folder.fill(desk.at('disks/two'));
  });
  await visitor.chapter(t, 'the right one brings the files back, and what was left is kept', async () => {
    await visitor.button('Make a new catalog').click();
    await page.getByText(/^The new catalog knows 1 source with 21 files\./).waitFor();
    await visitor.go('Browse');
    await visitor.row(/^later\.txt /).waitFor();
    assert.ok(asideOf(desk).length > 0);
  });
});

test('another Strongroom has the catalog: the window says so, and goes on by itself', async (t) => {
  let end = (): unknown => undefined;
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      desk.write('share/letter.txt', 'a letter\n');
      await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('one')]);
      const other = desk.start(['watch']);
      t.after(() => other.kill('SIGKILL'));
      assert.ok(other.stderr !== null && other.stdout !== null);
      await Promise.race([once(other.stdout, 'data'), once(other.stderr, 'data')]);
      end = () => other.kill('SIGINT');
    },
  });
  const { page } = visitor;
  await visitor.on('Another Strongroom is at work');
  await page.getByText(/calls it process \d+; it began just now/).waitFor();
  await visitor.button('Try again').click();
  await page.getByText('The other one is still at work.').waitFor();
  await visitor.assertAccessible('Another Strongroom is at work');
  await visitor.picture('in-use');
  end();
  await visitor.heading(allCopied).waitFor();
});

test('it can be left as it is', async (t) => {
  const visitor = await Visitor.arrive(t, { before: damagedHome });
  await visitor.on('The catalog is damaged');
  const before = fs.readFileSync(visitor.desk.at('home/catalog.db'));
  await visitor.button('Close Strongroom').click();
  await visitor.on('Strongroom is closed');
  await visitor.assertAccessible('Strongroom is closed');
  await visitor.quit();
  assert.deepEqual(fs.readFileSync(visitor.desk.at('home/catalog.db')), before);
  assert.deepEqual(asideOf(visitor.desk), []);
});
