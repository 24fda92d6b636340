import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { DEFAULT_CLIENT, DEFAULT_EMAIL, startDriveEmulator, type DriveEmulator } from '../emulators/drive/emulator.ts';
import { atEnd } from '../engine/kit.ts';
import { House, problemOf } from './kit.ts';

const client = JSON.stringify({
  installed: { client_id: DEFAULT_CLIENT.clientId, client_secret: DEFAULT_CLIENT.clientSecret },
});

async function houseWithGoogle(t: TestContext): Promise<{ house: House; google: DriveEmulator }> {
  const google = await startDriveEmulator();
  atEnd(t, () => google.stop());
  // Google's time and the app's are one: tokens end by it.
  return { house: await House.create(t, { clock: { now: () => google.clock.now() } }), google };
}

/** Signs in as a person does, on the page that the system's browser is sent to. @returns the ticket. */
async function signIn(house: House, wishes: Parameters<House['client']['stores']['signIn']>[0]): Promise<string> {
  for await (const event of await house.client.stores.signIn(wishes)) {
    if (event.type === 'signed-in') return event.ticket;
    assert.equal(house.desktop.opened.at(-1), event.url);
    assert.match(await (await fetch(event.url)).text(), /Signed in/);
  }
  return assert.fail('the sign-in ended without a ticket');
}

test('Drive is added by signing in; when the sign-in ends a person is asked, and after a new one all is caught up', async (t) => {
  const { house, google } = await houseWithGoogle(t);
  const endpoint = google.rootUrl.replace(/\/$/, '');
  assert.equal(await house.client.stores.hasClient(), false);
  await problemOf(signIn(house, { endpoint }), 'usage');
  const ticket = await signIn(house, { client, endpoint });
  assert.equal(await house.client.stores.hasClient(), true);
  const credential = { kind: 'signed-in' as const, ticket };
  const place = { kind: 'drive' as const, name: 'Drive', folder: 'root', path: 'Strongroom', endpoint };
  const added = await house.client.stores.add({ ...place, credential });
  assert.equal(added.place, 'Google Drive, folder Strongroom');
  await problemOf(house.client.stores.add({ ...place, name: 'again', credential }), 'usage');
  house.write('page.txt', 'one');
  await house.add();
  await house.quiet();
  const shown = (): string[] => google.state.tree(google.state.rootId).map((file) => file.path);
  assert.ok(shown().includes('Strongroom/files/Scans/page.txt'));

  google.oauth.revokeAccess(DEFAULT_EMAIL);
  house.write('later.txt', 'later');
  await house.sync();
  const ended = await house.attention(/^store:/);
  assert.equal(ended.title, 'The sign-in to “Drive” has ended');
  assert.deepEqual(ended.action, { do: 'sign-in', store: 'Drive' });
  assert.equal((await house.source()).copies[0]?.state, 'stopped');
  await signIn(house, { store: 'Drive' });
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.ok(shown().includes('Strongroom/files/Scans/later.txt'));
  await house.close();
  const catalog = fs.readFileSync(path.join(house.home, 'catalog.db'));
  assert.ok(!catalog.includes(DEFAULT_CLIENT.clientSecret), 'the client is kept among the secrets');
  await house.open();
});
