import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { allCopied, Visitor } from './kit.ts';

test('a folder is never its own store; removed and protected again, it goes on where it was', async (t) => {
  const visitor = await Visitor.arrive(t);
  const { page, desk, panel } = visitor;
  desk.write('Collections/letter.txt', 'the first draft');
  desk.write('Collections/Thumbs.db', 'litter');
  fs.symlinkSync('letter.txt', desk.at('Collections/link to letter'));
  desk.write('photos/one.jpg', 'somebody else’s');
  fs.mkdirSync(desk.at('disk'));
  const sheet = visitor.dialog('Add a source');
  const place = sheet.getByRole('textbox', { name: 'Folder for the copies' });
  const tryIt = sheet.getByRole('button', { name: 'Try it and add it' });

  await visitor.chapter(t, 'the folder, with what is left out and why', async () => {
    await visitor.on('Welcome');
    await page.getByRole('link', { name: 'Protect a folder' }).click();
    const field = sheet.getByRole('textbox', { name: 'Folder to protect' });
    await field.waitFor();
    assert.ok(
      await field.evaluate((element) => element === element.ownerDocument.activeElement),
      'one can type at once',
    );
    await page.keyboard.type(desk.at('Collections'));
    await sheet.getByText('Left out: links and other things that are no files').waitFor();
    await sheet.getByText('Left out: the usual litter').waitFor();
    await visitor.assertAccessible('What is left out');
    await visitor.picture('again-folder');
    await sheet.getByRole('button', { name: 'Next' }).click();
  });

  await visitor.chapter(t, 'a store in the folder itself is refused, and nothing is written', async () => {
    await sheet.getByRole('button', { name: 'Add a store' }).click();
    await visitor.picture('again-kinds');
    await sheet.getByRole('button', { name: /^A folder on another disk/ }).click();
    for (const inside of ['Collections', 'Collections/copies']) {
      await place.fill(desk.at(inside));
      await tryIt.click();
      await sheet.getByText(/the folder that is to be protected.*Nothing was written/).waitFor();
    }
    await visitor.picture('again-refused');
    await visitor.assertAccessible('A store that is refused');
    await place.fill(desk.at('photos'));
    await tryIt.click();
    await sheet.getByText(/photos is not empty .* Choose an empty folder, or a new one within it/).waitFor();
    assert.deepEqual(fs.readdirSync(desk.at('photos')), ['one.jpg']);
    assert.deepEqual(fs.readdirSync(desk.at('Collections')).sort(), ['Thumbs.db', 'letter.txt', 'link to letter']);
  });

  await visitor.chapter(t, 'a new folder is made, and checked without a trace', async () => {
    await place.fill(desk.at('disk/copies'));
    await sheet.getByText('This folder does not exist yet. It will be made.').waitFor();
    await sheet.getByText(/^It is on the same disk as the folder to protect/).waitFor();
    await visitor.picture('again-will-be-made');
    await tryIt.click();
    await sheet.getByText('Everything works.').waitFor();
    await visitor.picture('again-checked');
    for (const tree of ['files', 'history']) assert.deepEqual(fs.readdirSync(desk.at('disk/copies', tree)), []);
    await sheet.getByRole('button', { name: 'Continue' }).click();
    await sheet.getByText('The copy would be on the same disk as the folder').waitFor();
  });

  await visitor.chapter(t, 'leaving on the way asks first, and names what stays', async () => {
    await page.keyboard.press('Escape');
    const leaving = visitor.dialog('Leave without adding?');
    await leaving.getByText('The store “copies” that you added on the way stays').waitFor();
    await visitor.assertAccessible('The question before leaving');
    await visitor.picture('again-leave');
    await page.keyboard.press('Escape');
    await leaving.waitFor({ state: 'detached' });
    await sheet.getByRole('button', { name: 'Next' }).click();
    await visitor.picture('again-how-often');
    await sheet.getByRole('button', { name: 'Protect this folder' }).click();
    await sheet.getByRole('heading', { name: '“Collections” is protected' }).waitFor();
    await sheet.getByText(/^The first run is over\. 1 new file/).waitFor();
    await visitor.picture('again-protected');
    await sheet.getByRole('button', { name: 'Done' }).click();
  });

  await visitor.chapter(t, 'a second version, and then nobody looks after the folder any more', async () => {
    desk.write('Collections/letter.txt', 'the second draft', Date.now() / 1000 - 60);
    await visitor.go('Sources');
    await visitor.picture('again-sources');
    await visitor.button('Sync now: Collections').click();
    await page.getByText(/2 versions/).waitFor();
    await visitor.button('More for Collections').click();
    await page.getByRole('menuitem', { name: 'Remove…' }).click();
    await visitor.dialog('Remove the source “Collections”?').getByRole('button', { name: 'Remove the source' }).click();
    await page.getByText('Collections is not protected any more. Its copies stay where they are.').waitFor();
    await visitor.go('Stores');
    await page.getByText('(2 copies, no longer watched)').waitFor();
    await visitor.assertAccessible('A store of a source that was removed');
    await visitor.picture('again-stores');
  });

  await visitor.chapter(t, 'protected again, it is continued with its versions', async () => {
    await visitor.go('Sources');
    await visitor.button('Add a source').click();
    await sheet.getByRole('textbox', { name: 'Folder to protect' }).fill(desk.at('Collections'));
    await sheet.getByText(/^This folder was protected before, until/).waitFor();
    assert.ok(await sheet.getByRole('radio', { name: 'Continue “Collections”' }).isChecked());
    await visitor.assertAccessible('A folder that was protected before');
    await visitor.picture('again-former');
    await sheet.getByRole('button', { name: 'Next' }).click();
    assert.ok(await sheet.getByRole('checkbox', { name: 'copies' }).isChecked(), 'its store is chosen');
    await sheet.getByRole('button', { name: 'Next' }).click();
    await sheet.getByText('It goes on under its name').waitFor();
    await visitor.picture('again-continue');
    await sheet.getByRole('button', { name: 'Continue protecting it' }).click();
    await sheet.getByText('The first run is over. Nothing changed.').waitFor();
    await sheet.getByRole('button', { name: 'Done' }).click();
    assert.deepEqual(fs.readdirSync(desk.at('disk/copies/files')), ['Collections']);
    await visitor.find('letter', /letter\.txt/);
    await panel.getByRole('button', { name: /^Version 1 / }).click();
    await panel.getByText('the first draft').waitFor();
  });

  await visitor.chapter(t, 'a store is left for another; what it holds stays', async () => {
    await visitor.go('Sources');
    await visitor.button('More for Collections').click();
    await page.getByRole('menuitem', { name: 'Change…' }).click();
    const change = visitor.dialog('Change “Collections”');
    await change.getByText('The copy is on the same disk as the folder').waitFor();
    await change.getByRole('checkbox', { name: 'copies' }).uncheck();
    await change.getByText('Nothing more will be copied there.').waitFor();
    assert.ok(await change.getByRole('button', { name: 'Save' }).isDisabled(), 'without a store there are no copies');
    await change.getByRole('button', { name: 'Add another store' }).click();
    await change.getByRole('button', { name: /^A folder on another disk/ }).click();
    await change.getByRole('textbox', { name: 'Folder for the copies' }).fill(desk.at('shelf'));
    await change.getByRole('button', { name: 'Try it and add it' }).click();
    await change.getByText('Everything works.').waitFor();
    await change.getByRole('button', { name: 'Continue' }).click();
    await visitor.picture('again-change');
    await change.getByRole('button', { name: 'Save' }).click();
    await change.waitFor({ state: 'detached' });
    await visitor.go('Overview');
    await visitor.heading(allCopied).waitFor();
    await visitor.go('Stores');
    await page.getByText('(2 copies, no new ones)').waitFor();
    await visitor.assertAccessible('Stores');
    await visitor.picture('again-stores-left');
    assert.equal(desk.read('shelf/files/Collections/letter.txt'), 'the second draft');
  });
  assert.deepEqual(visitor.complaints, []);
});
