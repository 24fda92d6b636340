import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { DEFAULT_CLIENT, DEFAULT_EMAIL, startDriveEmulator, type DriveEmulator } from '../emulators/drive/emulator.ts';
import { atEnd } from '../engine/kit.ts';
import { House, problemOf } from './kit.ts';

const email = 'copies@library.iam.gserviceaccount.com';

interface Library {
  readonly house: House;
  readonly google: DriveEmulator;
  /** What lies in the shared drive, by path. */
  readonly shown: () => string[];
}

/** A house whose one store is a shared drive, where a service account is what signs in. */
async function libraryWithServiceAccount(t: TestContext): Promise<Library> {
  const google = await startDriveEmulator();
  atEnd(t, () => google.stop());
  const house = await House.create(t, { clock: { now: () => google.clock.now() } });
  const text = JSON.stringify(google.addServiceAccount(email));
  const drive = google.state.createDrive('Digital collections');
  google.state.setMember(drive, email, 'fileOrganizer');
  await house.client.stores.add({
    ...{ kind: 'drive', name: 'Drive', folder: drive, path: 'Strongroom', endpoint: google.rootUrl.replace(/\/$/, '') },
    credential: { kind: 'key-file', text },
  });
  house.write('page.txt', 'one');
  await house.add();
  await house.quiet();
  return { house, google, shown: () => google.state.tree(drive).map((file) => file.path) };
}

test('the key of a service account is replaced at the console; a person is asked, gives the new one, and all is caught up', async (t) => {
  const { house, google, shown } = await libraryWithServiceAccount(t);
  assert.ok(shown().includes('Strongroom/files/Scans/page.txt'));
  // A new key takes the place of the old one, and the tokens that were given out end.
  const renewed = JSON.stringify(google.addServiceAccount(email));
  google.oauth.expireAccessTokens();
  house.write('later.txt', 'later');
  await house.sync();
  const refused = await house.attention(/^store:/);
  assert.equal(refused.title, 'The key of “Drive” is not accepted');
  assert.deepEqual(refused.action, { do: 'sign-in', store: 'Drive' });
  assert.ok(!shown().includes('Strongroom/files/Scans/later.txt'));

  const wrong = await problemOf(house.client.stores.setKeyFile({ name: 'Drive', text: '{"installed":{}}' }), 'usage');
  assert.match(wrong.message, /not the key file of a service account/);
  assert.match(JSON.stringify(house.state.attention), /not accepted/, 'what was kept before is kept');
  await house.client.stores.setKeyFile({ name: 'Drive', text: renewed });
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.ok(shown().includes('Strongroom/files/Scans/later.txt'));
  await house.reopen();
  house.write('after.txt', 'after');
  await house.sync();
  assert.ok(shown().includes('Strongroom/files/Scans/after.txt'), 'the new key is kept');
});

test('a person takes the place of a service account, and the other way round', async (t) => {
  const { house, google, shown } = await libraryWithServiceAccount(t);
  const { clientId, clientSecret } = DEFAULT_CLIENT;
  const client = JSON.stringify({ installed: { client_id: clientId, client_secret: clientSecret } });
  for await (const event of await house.client.stores.signIn({ store: 'Drive', client })) {
    if (event.type === 'open') await fetch(event.url);
  }
  // The key that was kept before is good for nothing any more.
  google.addServiceAccount(email);
  google.oauth.expireAccessTokens();
  house.write('by a person.txt', 'person');
  await house.sync();
  assert.ok(shown().includes('Strongroom/files/Scans/by a person.txt'));
  const text = JSON.stringify(google.addServiceAccount(email));
  await house.client.stores.setKeyFile({ name: 'Drive', text });
  google.oauth.revokeAccess(DEFAULT_EMAIL);
  house.write('by the account.txt', 'account');
  await house.sync();
  assert.ok(shown().includes('Strongroom/files/Scans/by the account.txt'));
});

test('a key file is refused where it could open nothing', async (t) => {
  const google = await startDriveEmulator();
  atEnd(t, () => google.stop());
  const house = await House.create(t, { clock: { now: () => google.clock.now() } });
  const text = JSON.stringify(google.addServiceAccount(email));
  await house.addStore('disk');
  const { message } = await problemOf(house.client.stores.setKeyFile({ name: 'disk', text }), 'usage');
  assert.equal(message, '“disk” is not in Google Drive, so it needs no service account.');
  await problemOf(house.client.stores.setKeyFile({ name: 'nowhere', text }), 'unknown-name');

  const { clientId, clientSecret } = DEFAULT_CLIENT;
  const client = JSON.stringify({ installed: { client_id: clientId, client_secret: clientSecret } });
  const endpoint = google.rootUrl.replace(/\/$/, '');
  for await (const event of await house.client.stores.signIn({ client, endpoint })) {
    if (event.type === 'open') await fetch(event.url);
    else {
      const credential = { kind: 'signed-in' as const, ticket: event.ticket };
      await house.client.stores.add({
        kind: 'drive',
        name: 'Mine',
        folder: 'root',
        path: 'Copies',
        endpoint,
        credential,
      });
    }
  }
  const mine = await problemOf(house.client.stores.setKeyFile({ name: 'Mine', text }), 'usage');
  assert.match(mine.message, /My Drive of a person, which a service account cannot see/);
});
