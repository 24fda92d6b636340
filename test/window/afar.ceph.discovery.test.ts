import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { makeBucket } from '../cli/kit.ts';
import { startDriveEmulator } from '../emulators/drive/emulator.ts';
import { labServer } from '../lab/servers.ts';
import { Visitor } from './kit.ts';
import { pdfOf, tiffOf, toneOf } from './materials.ts';
import { seek } from './playing.ts';

const serviceAccount = 'copies@library.iam.gserviceaccount.com';
const kinds = { tape: 'Tapes', book: 'Books' } as const;

test('files of which only copies in S3 and in Drive are left are shown, and a service account gets a new key', async (t) => {
  const google = await startDriveEmulator();
  t.after(() => google.stop());
  const key = google.addServiceAccount(serviceAccount);
  const drive = google.state.createDrive('Digital collections');
  google.state.setMember(drive, serviceAccount, 'fileOrganizer');
  const visitor = await Visitor.arrive(t, {
    before: async (desk) => {
      desk.env['STRONGROOM_VAULT_PASSPHRASE'] = 'three copies, two places';
      const { spec, client } = await makeBucket(desk, labServer('ceph'));
      t.after(() => client.destroy());
      for (const folder of Object.values(kinds)) {
        // Large enough to be fetched in parts, and small enough for a test.
        desk.write(`${folder}/tape.wav`, toneOf(150));
        desk.write(`${folder}/book.pdf`, pdfOf(2_000));
        desk.write(`${folder}/plate.tif`, tiffOf([{ width: 2_000, height: 1_600, colour: [40, 80, 120] }]));
        desk.write(`${folder}/note.txt`, `a note of ${folder}`);
      }
      await desk.text(['protect', desk.at(kinds.tape), '--to', spec, '--enable-versioning']);
      const keyFile = desk.write('service-account.json', JSON.stringify(key));
      const inDrive = `drive://${drive}/Strongroom?endpoint=${google.rootUrl.replace(/\/$/, '')}`;
      await desk.text(['protect', desk.at(kinds.book), '--to', inDrive, '--key-file', keyFile]);
      for (const folder of Object.values(kinds)) fs.renameSync(desk.at(folder), desk.at(`${folder} away`));
    },
  });
  const { page, desk, panel } = visitor;

  const names = new Map<string, string>();
  await visitor.chapter(t, 'the names of the two stores', async () => {
    await visitor.go('Stores');
    const sheets = page.getByRole('list', { name: 'Stores', exact: true }).getByRole('heading', { level: 2 });
    await sheets.nth(1).waitFor();
    const both = await sheets.allInnerTexts();
    for (const store of both) names.set(/drive|strongroom|digital/i.test(store) ? kinds.book : kinds.tape, store);
    assert.equal(names.size, 2, both.join(', '));
  });
  for (const source of Object.values(kinds)) {
    await visitor.chapter(t, `shown from the copy of ${source}`, async () => {
      await visitor.go('Browse');
      await page.getByRole('combobox', { name: 'Source' }).click();
      await page.getByRole('option', { name: source }).click();
      const shown = async (name: string, words: string) => {
        await visitor.row(new RegExp(`^${name.replace('.', '\\.')}`)).click();
        await panel.getByRole('heading', { level: 2, name, exact: true }).waitFor();
        await panel.getByText(words).first().waitFor();
        await panel.getByText(`Shown from the copy in ${names.get(source) ?? ''}`).waitFor();
      };
      await shown('book.pdf', 'Page 1 of 2,000');
      await shown('note.txt', `a note of ${source}`);
      await shown('plate.tif', '2,000 × 1,600 pixels');
      await visitor.row(/^tape\.wav/).click();
      assert.equal(await seek(panel, 'audio', 140), 140);
    });
  }
  await visitor.chapter(t, 'the key of the service account is replaced', async () => {
    fs.renameSync(desk.at(`${kinds.book} away`), desk.at(kinds.book));
    const renewed = google.addServiceAccount(serviceAccount);
    google.oauth.expireAccessTokens();
    desk.write(`${kinds.book}/later.txt`, 'later');
    const store = names.get(kinds.book) ?? '';
    await visitor.go('Sources');
    await visitor.button(`Sync now: ${kinds.book}`).click();
    await visitor.go('Overview');
    const refused = visitor.attention(`The key of “${store}” is not accepted`);
    await refused.getByRole('button').click();
    const sheet = visitor.dialog(store);
    await sheet.getByRole('button', { name: 'Choose the key file…' }).waitFor();
    await visitor.assertAccessible('A store whose key is not accepted');
    await visitor.picture('new-key-file');
    const choose = async (text: string): Promise<void> => {
      const choosing = page.waitForEvent('filechooser');
      await sheet.getByRole('button', { name: /^Choose (the|another) key file…$/ }).click();
      const file = { name: 'key.json', mimeType: 'application/json', buffer: Buffer.from(text) };
      await (await choosing).setFiles(file);
      await sheet.getByRole('button', { name: 'Use this key file' }).click();
    };
    await choose('{"installed":{}}');
    await sheet.getByText('This is not the key file of a service account.').waitFor();
    await choose(JSON.stringify(renewed));
    await refused.waitFor({ state: 'detached' });
    await sheet.getByText('The key is kept, and the old one is forgotten.').waitFor();
    await page.keyboard.press('Escape');
    await visitor.find('later', /^later\.txt/);
    await panel.getByText(/stored, confirmed by checksum/).waitFor();
  });
  assert.deepEqual(visitor.complaints, []);
});
