import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { House, problemOf } from './kit.ts';

const mailbox = {
  host: 'mail.library.example',
  port: 465,
  secure: true,
  user: 'mailuser',
  hasPassword: false,
  from: 'strongroom@library.example',
  to: ['staff@library.example', 'it@library.example'],
};

test('settings survive a new start, and the password is in the vault alone', async (t) => {
  const house = await House.create(t);
  const before = await house.client.settings.get();
  assert.deepEqual(
    [before.startAtLogin, before.notifications, before.email, before.pingUrl],
    [false, true, null, null],
  );
  const email = { ...mailbox, hasPassword: true };
  // What the window says of a password counts for nothing until there is one.
  const without = await house.client.settings.set({ email });
  assert.equal(without.email?.hasPassword, false);
  await house.client.settings.set({ emailPassword: 'quite secret words', startAtLogin: true, appearance: 'dark' });
  assert.equal(house.desktop.atLogin, true);
  await house.reopen();
  const kept = await house.client.settings.get();
  assert.deepEqual(kept, { ...before, startAtLogin: true, appearance: 'dark', email });
  await house.close();
  for (const name of fs.readdirSync(house.home)) {
    const file = path.join(house.home, name);
    if (fs.statSync(file).isFile()) assert.ok(!fs.readFileSync(file).includes('quite secret words'), name);
  }
  await house.open();
  const gone = await house.client.settings.set({ email: null });
  assert.equal(gone.email, null);
  assert.equal((await house.client.settings.set({ email })).email?.hasPassword, false);
});

test('where the app cannot start at login, it says so and keeps the setting', async (t) => {
  const desktop = { door: 'web' as const, openUrl: () => Promise.resolve(), openPath: () => Promise.resolve() };
  const house = await House.create(t, { desktop });
  await problemOf(house.client.settings.set({ startAtLogin: true }), 'usage');
  assert.equal((await house.client.settings.get()).startAtLogin, false);
  const about = await house.client.app.about();
  assert.deepEqual([about.door, about.home], ['web', house.home]);
  assert.ok(about.catalogBytes > 0);
  assert.match(about.version, /^\d+\.\d+\.\d+$/);
});

test('a vault is made and opened with a passphrase from the window, and what waited for it goes on', async (t) => {
  const house = await House.create(t, { environment: { STRONGROOM_SECRETS: 'vault' } });
  assert.equal((await house.client.app.about()).secretsKeptIn, 'no-vault');
  const change = { email: mailbox, emailPassword: 'words' };
  const locked = await problemOf(house.client.settings.set(change), 'secret-locked');
  assert.doesNotMatch(locked.advice ?? '', /STRONGROOM_|terminal/);
  await problemOf(house.client.app.unlock({ passphrase: 'short' }), 'secret-locked');
  await house.client.app.unlock({ passphrase: 'long enough for a vault' });
  assert.equal((await house.client.app.about()).secretsKeptIn, 'vault');
  assert.equal((await house.client.settings.set(change)).email?.hasPassword, true);
  await house.reopen();
  assert.equal((await house.client.app.about()).secretsKeptIn, 'locked-vault');
  assert.equal(await house.client.stores.hasClient(), false);
  await problemOf(house.client.app.unlock({ passphrase: 'another one entirely' }), 'secret-locked');
  assert.equal((await house.client.app.about()).secretsKeptIn, 'locked-vault');
  await house.client.app.unlock({ passphrase: 'long enough for a vault' });
  assert.equal((await house.client.app.about()).secretsKeptIn, 'vault');
});

test('where the environment gives the passphrase, nobody is asked for another', async (t) => {
  const environment = { STRONGROOM_SECRETS: 'vault', STRONGROOM_VAULT_PASSPHRASE: 'given by the system' };
  const house = await House.create(t, { environment });
  assert.equal((await house.client.app.about()).secretsKeptIn, 'vault');
  await house.client.settings.set({ email: mailbox, emailPassword: 'words' });
  await house.reopen();
  assert.equal((await house.client.app.about()).secretsKeptIn, 'vault');
});

test('whatever fails leaves as a problem in words, and what was not foreseen tells nothing of itself', async (t) => {
  const house = await House.create(t);
  await house.protect();
  const unknown = await problemOf(house.client.sources.pause({ name: 'nowhere', until: 'forever' }), 'unknown-name');
  assert.match(unknown.message, /no source “nowhere”/);
  await problemOf(house.client.runs.problems({ run: 999, offset: 0, limit: 1 }), 'unknown-name');
  const malformed = { name: 'Scans', until: 'tomorrow' } as unknown as { name: string; until: 'forever' };
  await problemOf(house.client.sources.pause(malformed), 'usage');
  const taken = await problemOf(house.addStore('disk'), 'name-taken');
  assert.doesNotMatch(taken.advice ?? '', /--name/);
  Object.assign(house.desktop, {
    setStartAtLogin: () => Promise.reject(new Error('AKIAIOSFODNN7EXAMPLE at /home/somebody')),
  });
  const internal = await problemOf(house.client.settings.set({ startAtLogin: true }), 'internal');
  assert.doesNotMatch(JSON.stringify(internal), /AKIA|somebody/);
});

test('the diagnostics hold no secret and no name of anything', async (t) => {
  const house = await House.create(t);
  await house.client.settings.set({
    email: mailbox,
    emailPassword: 'quite secret words',
    pingUrl: 'https://ping.example/uuid-of-the-check',
  });
  await house.protect({ 'Nachlass Müller/letter.txt': 'a', 'plain.tif': 'b' });
  fs.renameSync(house.storeFolder('disk'), `${house.storeFolder('disk')}-away`);
  house.write('later.txt', 'later');
  await house.sync();
  const ticket = await house.client.app.diagnostics();
  assert.equal(ticket.type, 'application/zip');
  const answer = await house.service.content(
    ticket.url.replace('content/', ''),
    undefined,
    new AbortController().signal,
  );
  assert.equal(answer.status, 200);
  const bytes = Buffer.concat((await answer.body?.toArray()) as Buffer[]);
  assert.equal(bytes.length, ticket.size);
  const files = unzip(bytes);
  assert.deepEqual([...files.keys()], ['about.json', 'sources.json', 'stores.json', 'runs.json', 'events.json']);
  const text = [...files.values()].join('\n');
  const names = ['Scans', 'disk', 'shelf', 'Müller', 'letter', 'plain', 'later', house.folder];
  const secrets = ['quite secret', 'mailuser', 'library.example', 'ping.example', 'uuid-of', 'correct horse'];
  for (const secret of [...names, ...secrets]) assert.ok(!text.includes(secret), secret);
  const runs = JSON.parse(files.get('runs.json') ?? '') as {
    outcome: string;
    source: string;
    problems: { code: string }[];
  }[];
  assert.deepEqual([runs[0]?.outcome, runs[0]?.source], ['incomplete', 'source-1']);
  assert.match(runs[0]?.problems[0]?.code ?? '', /^store-/);
  assert.equal((await house.service.content('invented', undefined, new AbortController().signal)).status, 404);
});

/** The files of an archive, found by its directory at the end. */
function unzip(archive: Buffer): Map<string, string> {
  const end = archive.length - 22;
  assert.equal(archive.readUInt32LE(end), 0x06054b50);
  const files = new Map<string, string>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    assert.equal(archive.readUInt32LE(at), 0x02014b50);
    const [packed, nameLength, local] = [
      archive.readUInt32LE(at + 20),
      archive.readUInt16LE(at + 28),
      archive.readUInt32LE(at + 42),
    ];
    const name = archive.toString('ascii', at + 46, at + 46 + nameLength);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    files.set(name, inflateRawSync(archive.subarray(start, start + packed)).toString());
    at += 46 + nameLength;
  }
  return files;
}
