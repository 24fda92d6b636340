import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { DriveClient, idOf, type ClientAnswer } from './client.ts';
import { startDriveEmulator, type DriveEmulator, type DriveEmulatorOptions } from './emulator.ts';
import { GOOGLE_UNITS_PER_MINUTE } from './limits.ts';

const FOLDER = 'application/vnd.google-apps.folder';

describe('limits and quotas', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;

  async function start(options: DriveEmulatorOptions): Promise<void> {
    emulator = await startDriveEmulator({ isClockRunning: false, ...options });
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  }

  async function refusal(answer: Promise<ClientAnswer>): Promise<string> {
    const { status, reason } = await answer;
    return `${status} ${reason ?? ''}`;
  }

  beforeEach(() => start({}));
  afterEach(() => emulator.stop());

  it('refuses what the owner has no room for, before bytes are sent where their number is known', async () => {
    emulator.setQuota(100);
    assert.equal(await refusal(client.upload({ name: 'a' }, Buffer.alloc(101))), '403 storageQuotaExceeded');
    await assert.rejects(client.startSession({ name: 'a' }, { total: 101 }), /storageQuotaExceeded/);
    const id = idOf(await client.upload({ name: 'a' }, Buffer.alloc(60)));
    const update = client.upload({}, Buffer.alloc(60), { fileId: id });
    assert.equal(await refusal(update), '403 storageQuotaExceeded');
    emulator.setQuota(undefined);
    assert.equal((await client.upload({}, Buffer.alloc(60), { fileId: id })).status, 200);
  });

  it('fills folders and shared drives up to their limits, and goes no deeper than it may', async () => {
    Object.assign(emulator.limits, { children: 2, sharedDriveItems: 2, depth: 3 });
    const make = (parent: string, mimeType = FOLDER): Promise<ClientAnswer> =>
      client.request('POST', 'files', {
        body: { name: 'x', mimeType, parents: [parent] },
        query: { supportsAllDrives: true },
      });
    const driveId = emulator.state.createDrive('Small');
    const inDrive = idOf(await make(driveId));
    await make(inDrive);
    assert.equal(await refusal(make(inDrive)), '403 teamDriveFileLimitExceeded');
    emulator.limits.sharedDriveItems = 100;
    let deepest = inDrive;
    for (let level = 2; level <= 3; level += 1) deepest = idOf(await make(deepest));
    assert.equal(await refusal(make(deepest)), '403 teamDriveHierarchyTooDeep');
    assert.equal((await make(deepest, 'text/plain')).status, 200, 'a file is no level');
    const first = idOf(await make('root'));
    let mine = first;
    for (let level = 2; level <= 3; level += 1) mine = idOf(await make(mine));
    assert.equal(await refusal(make(mine)), '403 myDriveHierarchyDepthLimitExceeded');
    await make(first);
    assert.equal(await refusal(make(first)), '403 numChildrenInNonRootLimitExceeded');
  });

  it('counts the trash in a shared drive', async () => {
    emulator.limits.sharedDriveItems = 1;
    const driveId = emulator.state.createDrive('Small');
    const id = emulator.state.createFile('a', '1', { parent: driveId });
    emulator.state.trash(id);
    const create = (): Promise<ClientAnswer> =>
      client.upload({ name: 'b', parents: [driveId] }, '1', { query: { supportsAllDrives: true } });
    assert.equal(await refusal(create()), '403 teamDriveFileLimitExceeded');
    emulator.state.deleteForEver(id);
    assert.equal((await create()).status, 200);
  });

  it('stops uploads at the day\u2019s bytes, and lets them go on a day later', async () => {
    emulator.limits.dailyUploadBytes = 100;
    assert.equal((await client.upload({ name: 'a' }, Buffer.alloc(80))).status, 200);
    const over = await client.upload({ name: 'b' }, Buffer.alloc(30));
    assert.deepEqual([over.status, over.reason], [403, 'userRateLimitExceeded']);
    assert.match(over.bytes.toString(), /User rate limit exceeded\./);
    assert.equal((await client.upload({ name: 'c' }, Buffer.alloc(10))).status, 200);
    emulator.clock.advance({ hours: 25 });
    client = new DriveClient(emulator, emulator.signIn().accessToken);
    assert.equal((await client.upload({ name: 'd' }, Buffer.alloc(80))).status, 200);
  });

  it('lets requests through at the rate that is set, by the emulator\u2019s clock', async () => {
    Object.assign(emulator.limits, { requestsPerSecond: 2, burst: 3 });
    const get = (): Promise<string> => refusal(client.request('GET', 'files'));
    assert.deepEqual(
      [await get(), await get(), await get(), await get()],
      ['200 ', '200 ', '200 ', '403 userRateLimitExceeded'],
    );
    emulator.clock.advance({ milliseconds: 500 });
    assert.deepEqual([await get(), await get()], ['200 ', '403 userRateLimitExceeded']);
  });

  it('counts quota units by method, a minute at a time', async () => {
    await client.request('GET', 'files');
    const id = idOf(await client.upload({ name: 'a' }, '1'));
    await client.request('GET', `files/${id}`);
    await client.request('GET', `files/${id}`, { query: { alt: 'media' } });
    assert.equal(emulator.requests.units, 100 + 50 + 5 + 200);
    assert.equal(emulator.requests.count('drive.files.get'), 2);
    assert.equal(emulator.requests.count(), 4);
    await emulator.stop();
    await start({ limits: { unitsPerMinuteOfUser: 120 } });
    assert.equal(await refusal(client.request('GET', 'files')), '200 ');
    assert.equal(await refusal(client.request('GET', 'files')), '403 userRateLimitExceeded');
    emulator.clock.advance({ minutes: 1 });
    assert.equal(await refusal(client.request('GET', 'files')), '200 ');
    Object.assign(emulator.limits, GOOGLE_UNITS_PER_MINUTE, { unitsPerMinuteOfProject: 50 });
    assert.equal(await refusal(client.request('GET', 'files')), '403 rateLimitExceeded');
  });

  it('keeps secrets out of its log', async () => {
    const session = await client.startSession({ name: 'a' }, { total: 1 });
    await client.put(session, undefined, Buffer.from('1'));
    const logged = JSON.stringify(emulator.requests.entries);
    assert.ok(!logged.includes(new URL(session).searchParams.get('upload_id') ?? '-'));
    assert.ok(!logged.includes(client.token ?? '-'));
    assert.deepEqual(
      emulator.requests.entries.map((entry) => [entry.id, entry.status]),
      [
        ['drive.files.create', 200],
        ['upload.put', 200],
      ],
    );
  });
});
