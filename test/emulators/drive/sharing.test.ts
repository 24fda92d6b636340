import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DriveClient, filesOf, idOf, type ClientAnswer } from './client.ts';
import { DEFAULT_CLIENT, DRIVE_FILE_SCOPE, startDriveEmulator, type DriveEmulator } from './emulator.ts';

const FOLDER = 'application/vnd.google-apps.folder';

describe('shared drives, roles and scopes', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;
  let driveId: string;
  const all = { supportsAllDrives: true };

  before(async () => {
    emulator = await startDriveEmulator();
    client = new DriveClient(emulator, emulator.signIn().accessToken);
    driveId = emulator.state.createDrive('Repository');
  });
  after(() => emulator.stop());

  it('lists and makes shared drives, once for each request', async () => {
    const listed = await client.request('GET', 'drives');
    assert.deepEqual(
      (listed.json['drives'] as { name: string }[]).map((drive) => drive.name),
      ['Repository'],
    );
    const made = await client.request('POST', 'drives', { body: { name: 'Second' }, query: { requestId: 'r1' } });
    assert.equal(made.status, 200);
    const again = await client.request('POST', 'drives', { body: { name: 'Second' }, query: { requestId: 'r1' } });
    assert.equal(again.status, 409);
    assert.equal((await client.request('GET', `drives/${idOf(made)}`)).json['name'], 'Second');
    assert.equal((await client.request('GET', 'drives/unknown')).status, 404);
  });

  it('answers 404 for what lies in a shared drive unless supportsAllDrives is true', async () => {
    const hidden = await client.upload({ name: 'a', parents: [driveId] }, '1');
    assert.deepEqual([hidden.status, hidden.reason], [404, 'notFound']);
    const id = idOf(await client.upload({ name: 'a', parents: [driveId] }, '1', { query: all }));
    assert.equal((await client.request('GET', `files/${id}`)).status, 404);
    const seen = await client.request('GET', `files/${id}`, {
      query: { ...all, fields: 'driveId,owners,ownedByMe,parents' },
    });
    assert.deepEqual(seen.json, { driveId, parents: [driveId] });
    assert.equal((await client.request('PATCH', `files/${id}`, { body: { name: 'b' } })).status, 404);
    assert.equal((await client.request('DELETE', `files/${id}`)).status, 404);
    assert.equal(
      (await client.request('GET', `files/${id}/revisions`)).status,
      200,
      'revisions have no such parameter',
    );
  });

  it('lists a shared drive only with all four parameters', async () => {
    const list = (query: Record<string, string | boolean>): Promise<ClientAnswer> =>
      client.request('GET', 'files', { query });
    const everything = { corpora: 'drive', driveId, includeItemsFromAllDrives: true, supportsAllDrives: true };
    assert.equal(filesOf(await list(everything)).length, 1);
    assert.equal(filesOf(await list({})).length, 0);
    assert.equal((await list({ driveId, includeItemsFromAllDrives: true, supportsAllDrives: true })).status, 400);
    assert.equal(
      (await list({ corpora: 'drive', includeItemsFromAllDrives: true, supportsAllDrives: true })).status,
      400,
    );
    assert.equal((await list({ corpora: 'drive', driveId, supportsAllDrives: true })).status, 403);
    assert.equal((await list({ corpora: 'drive', driveId, includeItemsFromAllDrives: true })).status, 400);
    assert.equal((await list({ ...everything, driveId: 'unknown' })).status, 404);
  });

  it('keeps each item under one parent, and folders out that come from My Drive', async () => {
    const inner = idOf(
      await client.request('POST', 'files', { body: { name: 'f', mimeType: FOLDER, parents: [driveId] }, query: all }),
    );
    const id = idOf(await client.upload({ name: 'p', parents: [driveId] }, '1', { query: all }));
    const second = await client.request('PATCH', `files/${id}`, { body: {}, query: { ...all, addParents: inner } });
    assert.deepEqual([second.status, second.reason], [403, 'teamDrivesParentLimit']);
    const mine = emulator.state.createFolder('mine');
    const folder = await client.request('PATCH', `files/${mine}`, {
      body: {},
      query: { ...all, addParents: driveId, removeParents: 'root' },
    });
    assert.equal(folder.reason, 'teamDrivesFolderMoveInNotSupported');
    const file = emulator.state.createFile('file', '1');
    const moved = await client.request('PATCH', `files/${file}`, {
      body: {},
      query: { ...all, addParents: inner, removeParents: 'root', fields: 'driveId' },
    });
    assert.equal(moved.json['driveId'], driveId);
  });

  it('lets each role do what it may', async () => {
    const email = 'ben@library.example';
    emulator.addPerson(email);
    const ben = new DriveClient(emulator, emulator.signIn({ email }).accessToken);
    const id = idOf(await client.upload({ name: 'r', parents: [driveId] }, '1', { query: all }));
    const act = {
      read: () => ben.request('GET', `files/${id}`, { query: all }),
      write: () => ben.request('PATCH', `files/${id}`, { body: { name: 'r' }, query: all }),
      add: () => ben.upload({ name: 'n', parents: [driveId] }, '1', { query: all }),
      trash: () => ben.request('PATCH', `files/${id}`, { body: { trashed: true }, query: all }),
      untrash: () => ben.request('PATCH', `files/${id}`, { body: { trashed: false }, query: all }),
      revisions: () => ben.request('GET', `files/${id}/revisions`),
      remove: () => ben.request('DELETE', `files/${id}`, { query: all }),
    };
    const outcome = async (): Promise<string> => {
      const allowed: string[] = [];
      for (const [name, request] of Object.entries(act)) {
        const answer = await request();
        if (answer.status < 300) allowed.push(name);
        else
          assert.match(answer.reason ?? '', /^(notFound|insufficientFilePermissions|insufficientParentPermissions)$/);
      }
      return allowed.join(' ');
    };
    assert.equal(await outcome(), '');
    emulator.state.setMember(driveId, email, 'reader');
    assert.equal(await outcome(), 'read');
    emulator.state.setMember(driveId, email, 'writer');
    assert.equal(
      await outcome(),
      'read write add untrash revisions',
      'untrashing what is not trashed asks for nothing',
    );
    emulator.state.setMember(driveId, email, 'fileOrganizer');
    assert.equal(await outcome(), 'read write add trash untrash revisions');
    emulator.state.setMember(driveId, email, 'organizer');
    assert.equal(await outcome(), 'read write add trash untrash revisions remove');
  });

  it('answers 404 once a file was shared away, and lists its removal among the changes', async () => {
    const email = 'eve@library.example';
    const eve = emulator.addPerson(email);
    const folder = eve.createFolder('hers');
    eve.share(folder, 'ada@library.example', 'writer');
    const id = idOf(await client.upload({ name: 'a', parents: [folder] }, '1'));
    const start = String((await client.request('GET', 'changes/startPageToken')).json['startPageToken']);
    eve.shareAway(folder, 'ada@library.example');
    for (const gone of [folder, id]) assert.equal((await client.request('GET', `files/${gone}`)).status, 404);
    const changes = (await client.request('GET', 'changes', { query: { pageToken: start } })).json['changes'];
    assert.deepEqual(
      (changes as Record<string, unknown>[]).map((change) => [change['fileId'], change['removed']]),
      [[folder, true]],
    );
  });

  it('shows an app with drive.file only what it made or was given', async () => {
    const narrow = new DriveClient(emulator, emulator.signIn({ scopes: [DRIVE_FILE_SCOPE] }).accessToken);
    const own = idOf(await narrow.upload({ name: 'own' }, '1'));
    const stranger = emulator.state.createFile('stranger', '1');
    assert.equal((await narrow.request('GET', `files/${stranger}`)).status, 404);
    const names = filesOf(await narrow.request('GET', 'files', { query: { q: `'root' in parents` } })).map(
      (file) => file['id'],
    );
    assert.ok(names.includes(own) && !names.includes(stranger));
    emulator.state.giveToApp(stranger, DEFAULT_CLIENT.clientId);
    assert.equal((await narrow.request('GET', `files/${stranger}`)).status, 200);
    const drives = await narrow.request('GET', 'drives');
    assert.deepEqual([drives.status, drives.reason], [403, 'insufficientPermissions']);
  });

  it('gives and takes access by permissions', async () => {
    const id = idOf(await client.upload({ name: 'p' }, '1'));
    const email = 'kim@library.example';
    emulator.addPerson(email);
    const kim = new DriveClient(emulator, emulator.signIn({ email }).accessToken);
    assert.equal((await kim.request('GET', `files/${id}`)).status, 404);
    const granted = await client.request('POST', `files/${id}/permissions`, {
      body: { type: 'user', role: 'reader', emailAddress: email },
    });
    assert.equal((await kim.request('GET', `files/${id}`)).status, 200);
    const refused = await kim.request('PATCH', `files/${id}`, { body: { name: 'mine' } });
    assert.deepEqual([refused.status, refused.reason], [403, 'insufficientFilePermissions']);
    const listed = (await client.request('GET', `files/${id}/permissions`)).json['permissions'] as { role: string }[];
    assert.deepEqual(
      listed.map((one) => one.role),
      ['owner', 'reader'],
    );
    await client.request('DELETE', `files/${id}/permissions/${idOf(granted)}`);
    assert.equal((await kim.request('GET', `files/${id}`)).status, 404);
  });

  it('gives service accounts no storage of their own', async () => {
    const email = 'robot@project.iam.gserviceaccount.com';
    emulator.addServiceAccount(email);
    const robot = new DriveClient(emulator, emulator.signIn({ email }).accessToken);
    const refused = await robot.upload({ name: 'a' }, '1');
    assert.deepEqual([refused.status, refused.reason], [403, 'storageQuotaExceeded']);
    emulator.state.setMember(driveId, email, 'writer');
    assert.equal((await robot.upload({ name: 'a', parents: [driveId] }, '1', { query: all })).status, 200);
    const about = await robot.request('GET', 'about', { query: { fields: 'storageQuota/limit' } });
    assert.deepEqual(about.json, { storageQuota: { limit: '0' } });
  });
});
