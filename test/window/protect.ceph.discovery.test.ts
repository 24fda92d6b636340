import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { GetBucketVersioningCommand, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { makeBucket, until } from '../cli/kit.ts';
import { startDriveEmulator } from '../emulators/drive/emulator.ts';
import { labServer } from '../lab/servers.ts';
import { clientFile } from './google.ts';
import { Visitor } from './kit.ts';

test('a folder is protected in S3 and in Drive from the window alone, and a file is brought back', async (t) => {
  const google = await startDriveEmulator();
  t.after(() => google.stop());
  const visitor = await Visitor.arrive(t);
  const { page, desk, panel } = visitor;
  const ceph = labServer('ceph');
  const { bucket, client } = await makeBucket(desk, ceph);
  t.after(() => client.destroy());
  const letter = 'server/scans/letters/to Anna.txt';
  desk.write(letter, 'Dear Anna, the first draft.\n');
  desk.write('server/scans/list.csv', 'number,title\n1,Letters\n');
  desk.write('server/scans/Thumbs.db', 'litter');
  const sheet = visitor.dialog('Add a source');

  await visitor.chapter(t, 'which folder', async () => {
    await visitor.on('Welcome');
    await page.getByRole('link', { name: 'Protect a folder' }).click();
    await sheet.getByRole('textbox', { name: 'Folder to protect' }).fill(desk.at('server/scans'));
    await sheet.getByText('Counted: 2 files, 51 bytes, 1 thing left out.').waitFor();
    await visitor.assertAccessible('The folder to protect');
    await visitor.picture('protect-folder');
    await sheet.getByRole('button', { name: 'Next' }).click();
  });

  await visitor.chapter(t, 'a store in S3, whose bucket keeps no versions yet', async () => {
    await sheet.getByText('There is no store yet.').waitFor();
    await sheet.getByRole('button', { name: 'Add a store' }).click();
    await visitor.assertAccessible('The kinds of store');
    await sheet.getByRole('button', { name: /^Amazon S3/ }).click();
    await sheet.getByText('Another S3 server').click();
    await sheet.getByRole('textbox', { name: 'Address of the server' }).fill(ceph.endpoint);
    await sheet.getByRole('textbox', { name: 'Bucket', exact: true }).fill(bucket);
    await sheet.getByRole('textbox', { name: 'Folder in the bucket' }).fill('copies');
    await sheet.getByRole('textbox', { name: 'Access key ID' }).fill(ceph.accessKeyId);
    await sheet.getByLabel('Secret access key').fill(ceph.secretAccessKey);
    assert.ok(await sheet.getByRole('switch', { name: /^Turn on versioning/ }).isChecked());
    await sheet.getByRole('textbox', { name: 'Name of the store' }).fill('Ceph');
    await visitor.assertAccessible('A store in S3');
    await visitor.picture('protect-s3');
    await sheet.getByRole('button', { name: 'Try it and add it' }).click();
    await sheet.getByLabel('Passphrase of the vault').fill('three copies, two places');
    await sheet.getByRole('button', { name: 'Open the vault' }).click();
    await sheet.getByRole('heading', { name: '“Ceph” is added' }).waitFor();
    await sheet.getByText('Everything works.').waitFor();
    await visitor.assertAccessible('The check of a store');
    await visitor.picture('protect-check');
    await sheet.getByRole('button', { name: 'Continue' }).click();
    const { Status } = await client.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    assert.equal(Status, 'Enabled');
  });

  await visitor.chapter(t, 'a store in Drive, with a sign-in', async () => {
    await sheet.getByRole('button', { name: 'Add another store' }).click();
    await sheet.getByRole('button', { name: /^Google Drive/ }).click();
    await sheet.getByText('My Drive', { exact: true }).click();
    await sheet.getByText('More settings for the sign-in').click();
    await sheet.getByRole('textbox', { name: 'Stand-in for Google on this computer' }).fill(google.rootUrl);
    const choosing = page.waitForEvent('filechooser');
    await sheet.getByRole('button', { name: 'Choose the file from your administrator…' }).click();
    await (await choosing).setFiles(clientFile);
    await sheet.getByText('Chosen: client_secret_library.json').waitFor();
    await visitor.assertAccessible('A store in Drive');
    await visitor.picture('protect-drive');
    await visitor.signInWithGoogle();
    await sheet.getByRole('button', { name: 'Try it and add it' }).click();
    await sheet.getByRole('heading', { name: '“Google Drive” is added' }).waitFor();
    await sheet.getByText('Everything works.').waitFor();
    await sheet.getByRole('button', { name: 'Continue' }).click();
  });

  await visitor.chapter(t, 'how often, and go', async () => {
    for (const store of ['Ceph', 'Google Drive']) {
      assert.ok(await sheet.getByRole('checkbox', { name: store }).isChecked(), `${store} is chosen`);
    }
    await sheet.getByText('Three copies in 2 other places').waitFor();
    await sheet.getByRole('button', { name: 'Next' }).click();
    assert.ok(await sheet.getByRole('radio', { name: 'Every half hour' }).isChecked());
    await sheet.getByText('2 files (51 bytes) will be copied to 2 stores').waitFor();
    await visitor.assertAccessible('How often');
    await visitor.picture('protect-how-often');
    await sheet.getByRole('button', { name: 'Protect this folder' }).click();
    await sheet.getByText(/^The first run is over\. 2 new files/).waitFor();
    await sheet.getByRole('button', { name: 'Done' }).click();
    await visitor.go('Overview');
    await visitor.heading('Everything is safe.').waitFor();
    await visitor.picture('protect-overview');
  });

  const inCeph = async (file: string): Promise<string | undefined> => {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `copies/files/scans/${file}` }));
    return answer.Body?.transformToString();
  };
  const inDrive = (file: string): string | undefined => {
    const found = google.state
      .tree(google.state.rootId)
      .find((entry) => entry.path === `Strongroom/files/scans/${file}`);
    return found === undefined ? undefined : google.state.content(found.item.id).toString();
  };

  await visitor.chapter(t, 'the copies are plain files in both places', async () => {
    assert.equal(await inCeph('letters/to Anna.txt'), desk.read(letter));
    assert.equal(inDrive('letters/to Anna.txt'), desk.read(letter));
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'copies/files/' }));
    assert.equal(Contents.length, 2, 'the litter was left out');
  });

  await visitor.chapter(t, 'the key of S3 is replaced, and the store works with the new one', async () => {
    await visitor.go('Stores');
    await visitor.button('Settings of Ceph').click();
    const store = visitor.dialog('Ceph');
    const key = store.getByRole('region', { name: 'Access key' });
    await key.getByRole('textbox', { name: 'Access key ID' }).fill('not-the-right-one');
    await key.getByLabel('Secret access key').fill('nor its secret');
    await key.scrollIntoViewIfNeeded();
    await visitor.picture('protect-new-key');
    await visitor.assertAccessible('A new key');
    await key.getByRole('button', { name: 'Use this key' }).click();
    await key.getByText('The key is kept.').waitFor();
    await store.getByRole('button', { name: 'Check this store' }).click();
    await store.getByText(/1 step of 1 did not work/).waitFor();
    await store.getByText(/^The check found a fault/).waitFor();
    await visitor.picture('protect-wrong-key');
    await key.getByRole('textbox', { name: 'Access key ID' }).fill(ceph.accessKeyId);
    await key.getByLabel('Secret access key').fill(ceph.secretAccessKey);
    await key.getByRole('button', { name: 'Use this key' }).click();
    await key.getByText('The key is kept.').waitFor();
    await store.getByRole('button', { name: 'Check again' }).click();
    await store.getByText('Everything works.').waitFor();
    await page.keyboard.press('Escape');
    await store.waitFor({ state: 'detached' });
  });

  await visitor.chapter(t, 'a change on the server is seen and copied without anybody asking', async () => {
    await visitor.find('to Anna', /to Anna\.txt/);
    await panel.getByText('One version').waitFor();
    desk.write(letter, 'Dear Anna, this is what I meant to say.\n', Date.now() / 1000 - 60);
    const newest = panel
      .getByRole('listitem')
      .filter({ has: page.getByRole('button', { name: /^Version 2 \(newest\)/ }) });
    await newest.waitFor();
    for (const store of ['Ceph', 'Google Drive']) {
      await newest
        .getByRole('listitem')
        .filter({ hasText: store })
        .getByText(/stored, confirmed by checksum/)
        .waitFor();
    }
    await panel.getByText('Dear Anna, this is what I meant to say.').waitFor();
    assert.equal(await inCeph('letters/to Anna.txt'), desk.read(letter));
    assert.equal(inDrive('letters/to Anna.txt'), desk.read(letter));
  });

  await visitor.chapter(t, 'the version before is looked at, and put beside the new one', async () => {
    await panel.getByRole('button', { name: /^Version 1 / }).click();
    await panel.getByText('Dear Anna, the first draft.').waitFor();
    await panel.getByText(/^Shown from the copy in (Ceph|Google Drive)$/).waitFor();
    await panel.getByRole('button', { name: 'Restore…' }).click();
    const restoring = visitor.dialog(/^Restore to Anna\.txt as of /);
    await restoring.getByRole('button', { name: 'Restore', exact: true }).click();
    await restoring.getByText('1 file restored.').waitFor();
    await restoring.getByRole('button', { name: 'Close', exact: true }).last().click();
    const folder = desk.at('server/scans/letters');
    const restored = fs.readdirSync(folder).find((name) => /^to Anna \(restored .*\)\.txt$/.test(name));
    assert.ok(restored !== undefined);
    assert.equal(fs.readFileSync(path.join(folder, restored), 'utf8'), 'Dear Anna, the first draft.\n');
    assert.equal(desk.read(letter), 'Dear Anna, this is what I meant to say.\n');
    await visitor.row(/^to Anna \(restored .*all made/).waitFor();
    await until('the restored file is a copy of its own', () => inDrive(`letters/${restored}`) !== undefined);
  });
  assert.deepEqual(visitor.complaints, []);
});
