import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_EMAIL, startDriveEmulator } from '../emulators/drive/emulator.ts';
import { clientFile } from './google.ts';
import { allCopied, Visitor } from './kit.ts';

test('the sign-in to Drive ends; it is said with its one action, and after a new sign-in all is caught up', async (t) => {
  const google = await startDriveEmulator();
  t.after(() => google.stop());
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      desk.write('scans/page 1.txt', 'one');
      await desk.text(['protect', desk.at('scans'), '--name', 'Scans', '--to', desk.disk('one')]);
    },
  });
  const { page, desk } = visitor;
  const inDrive = (): string[] =>
    google.state
      .tree(google.state.rootId)
      .map(({ path }) => path)
      .filter((path) => path.startsWith('Strongroom/files/Scans/'));
  const ended = visitor.attention('The sign-in to “Google Drive” has ended');

  await visitor.chapter(t, 'Drive is added to a source that is there', async () => {
    await visitor.heading(allCopied).waitFor();
    await visitor.go('Sources');
    await visitor.button('More for Scans').click();
    await page.getByRole('menuitem', { name: 'Change…' }).click();
    const sheet = visitor.dialog('Change “Scans”');
    await sheet.getByRole('button', { name: 'Add another store' }).click();
    await sheet.getByRole('button', { name: /^Google Drive/ }).click();
    await sheet.getByText('My Drive', { exact: true }).click();
    await sheet.getByText('More settings for the sign-in').click();
    await sheet.getByRole('textbox', { name: 'Stand-in for Google on this computer' }).fill(google.rootUrl);
    await sheet.getByLabel('Passphrase of the vault').fill('three copies, two places');
    await sheet.getByRole('button', { name: 'Open the vault' }).click();
    const choosing = page.waitForEvent('filechooser');
    await sheet.getByRole('button', { name: 'Choose the file from your administrator…' }).click();
    await (await choosing).setFiles(clientFile);
    await visitor.signInWithGoogle();
    await sheet.getByRole('button', { name: 'Try it and add it' }).click();
    await sheet.getByText('Everything works.').waitFor();
    await sheet.getByRole('button', { name: 'Continue' }).click();
    await sheet.getByRole('button', { name: 'Save' }).click();
    await sheet.waitFor({ state: 'detached' });
    await visitor.go('Overview');
    await page
      .getByRole('listitem')
      .filter({ hasText: /^Google Drive\s*complete$/ })
      .waitFor();
    assert.deepEqual(inDrive(), ['Strongroom/files/Scans/page 1.txt']);
  });
  await visitor.chapter(t, 'the sign-in ends', async () => {
    google.oauth.revokeAccess(DEFAULT_EMAIL);
    desk.write('scans/page 2.txt', 'two');
    await ended.waitFor();
    assert.equal(await ended.getByRole('button').count(), 1, 'it has one action');
    await page
      .getByRole('listitem')
      .filter({ hasText: /^Google Drive\s*needs you$/ })
      .waitFor();
    await page
      .getByRole('listitem')
      .filter({ hasText: /^one\s*complete$/ })
      .waitFor();
    await visitor.assertAccessible('Overview, a sign-in that ended');
    await visitor.picture('sign-in-ended');
  });
  await visitor.chapter(t, 'it is renewed, and what was missing is copied', async () => {
    await ended.getByRole('button', { name: /^Sign in again/ }).click();
    const store = visitor.dialog('Google Drive');
    await store.getByRole('heading', { name: 'Sign-in' }).waitFor();
    await visitor.assertAccessible('A store whose sign-in ended');
    await visitor.picture('sign-in-again');
    await visitor.signInWithGoogle();
    await page.keyboard.press('Escape');
    await visitor.go('Overview');
    await visitor.heading('Everything is safe.').waitFor();
    await ended.waitFor({ state: 'detached' });
    assert.deepEqual(inDrive(), ['Strongroom/files/Scans/page 1.txt', 'Strongroom/files/Scans/page 2.txt']);
  });
  assert.deepEqual(visitor.complaints, []);
});
