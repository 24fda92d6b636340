import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, beforeEach, describe, it } from 'node:test';

import { DriveClient, filesOf, idOf } from './client.ts';
import { startDriveEmulator, type DriveEmulator } from './emulator.ts';

const FOLDER = 'application/vnd.google-apps.folder';
const SHORTCUT = 'application/vnd.google-apps.shortcut';

describe('files', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;
  const started: DriveEmulator[] = [];

  beforeEach(async () => {
    emulator = await startDriveEmulator();
    started.push(emulator);
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  });
  after(async () => {
    await Promise.all(started.map((one) => one.stop()));
  });

  it('answers a create with the default fields and nothing else', async () => {
    const answer = await client.upload({ name: 'scan.tif' }, 'bytes', { mimeType: 'image/tiff' });
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.json).sort(), ['id', 'kind', 'mimeType', 'name']);
    assert.equal(answer.json['mimeType'], 'image/tiff');
  });

  it('gives size and checksums of the bytes, and the fields that were asked for', async () => {
    const bytes = Buffer.from('the bytes of a scan');
    const fields = 'id,size,md5Checksum,sha1Checksum,sha256Checksum,headRevisionId,parents,capabilities/canTrash';
    const answer = await client.upload({ name: 'a' }, bytes, { query: { fields } });
    for (const name of ['md5', 'sha1', 'sha256']) {
      assert.equal(answer.json[`${name}Checksum`], createHash(name).update(bytes).digest('hex'));
    }
    assert.equal(answer.json['size'], String(bytes.length));
    assert.deepEqual(answer.json['parents'], [emulator.state.rootId]);
    assert.deepEqual(answer.json['capabilities'], { canTrash: true });
    assert.equal(typeof answer.json['headRevisionId'], 'string');
  });

  it('refuses a malformed fields expression', async () => {
    const answer = await client.request('GET', 'files', { query: { fields: 'files(id' } });
    assert.equal(answer.status, 400);
    assert.equal(answer.reason, 'invalidParameter');
  });

  it('keeps duplicate names and names with a slash apart by their ids', async () => {
    const first = idOf(await client.upload({ name: 'a/b' }, '1'));
    const second = idOf(await client.upload({ name: 'a/b' }, '2'));
    assert.notEqual(first, second);
    assert.equal(emulator.state.content(first).toString(), '1');
    assert.equal(emulator.state.content(second).toString(), '2');
  });

  it('makes an empty file, a folder and a shortcut from metadata alone', async () => {
    const empty = await client.request('POST', 'files', { body: { name: 'e' }, query: { fields: 'id,size,mimeType' } });
    assert.deepEqual([empty.json['size'], empty.json['mimeType']], ['0', 'application/octet-stream']);
    const folder = await client.request('POST', 'files', {
      body: { name: 'f', mimeType: FOLDER },
      query: { fields: 'id,size,md5Checksum,headRevisionId' },
    });
    assert.deepEqual(Object.keys(folder.json), ['id']);
    const shortcut = await client.request('POST', 'files', {
      body: { name: 's', mimeType: SHORTCUT, shortcutDetails: { targetId: idOf(empty) } },
      query: { fields: 'id,size,sha256Checksum,shortcutDetails' },
    });
    assert.deepEqual(shortcut.json['shortcutDetails'], {
      targetId: idOf(empty),
      targetMimeType: 'application/octet-stream',
    });
    assert.equal(shortcut.json['size'], undefined);
  });

  it('creates once with a generated id: a retry answers 409, an id of its own 400', async () => {
    const ids = (await client.request('GET', 'files/generateIds', { query: { count: 2 } })).json['ids'] as string[];
    const [id] = ids;
    assert.equal(ids.length, 2);
    assert.equal(idOf(await client.upload({ id, name: 'once' }, 'x')), id);
    const again = await client.upload({ id, name: 'once' }, 'x');
    assert.deepEqual([again.status, again.reason], [409, 'fileIdInUse']);
    const own = await client.upload({ id: 'made-up', name: 'own' }, 'x');
    assert.equal(own.status, 400);
    assert.equal(emulator.state.children(emulator.state.rootId).length, 1);
    const document = { id: ids[1], name: 'd', mimeType: 'application/vnd.google-apps.document' };
    assert.equal((await client.request('POST', 'files', { body: document })).status, 403);
  });

  it('downloads whole, in a range, from the end, and not beyond', async () => {
    const id = idOf(await client.upload({ name: 'a' }, '0123456789'));
    const get = (range?: string): Promise<{ status: number; bytes: Buffer; headers: Headers }> =>
      client.request('GET', `files/${id}`, {
        query: { alt: 'media' },
        headers: range === undefined ? {} : { Range: range },
      });
    assert.equal((await get()).bytes.toString(), '0123456789');
    const part = await get('bytes=2-4');
    assert.equal(part.status, 206);
    assert.equal(part.bytes.toString(), '234');
    assert.equal(part.headers.get('content-range'), 'bytes 2-4/10');
    assert.equal((await get('bytes=7-')).bytes.toString(), '789');
    assert.equal((await get('bytes=-2')).bytes.toString(), '89');
    assert.equal((await get('bytes=10-')).status, 416);
  });

  it('refuses to download folders and native documents, and exports the latter', async () => {
    const folder = emulator.state.createFolder('f');
    const document = emulator.state.createNativeDocument('d', 'what it says');
    for (const id of [folder, document]) {
      const answer = await client.request('GET', `files/${id}`, { query: { alt: 'media' } });
      assert.deepEqual([answer.status, answer.reason], [403, 'fileNotDownloadable']);
    }
    const exported = await client.request('GET', `files/${document}/export`, { query: { mimeType: 'text/plain' } });
    assert.equal(exported.bytes.toString(), 'what it says');
    const metadata = await client.request('GET', `files/${document}`, { query: { fields: 'md5Checksum,mimeType' } });
    assert.deepEqual(metadata.json, { mimeType: 'application/vnd.google-apps.document' });
  });

  it('updates name, times and bytes, and counts versions up', async () => {
    const modifiedTime = '2001-02-03T04:05:06.000Z';
    const created = await client.upload({ name: 'a', modifiedTime }, '1', {
      query: { fields: 'id,modifiedTime,createdTime,version,headRevisionId' },
    });
    assert.equal(created.json['modifiedTime'], modifiedTime);
    const updated = await client.upload({ name: 'b' }, '22', {
      fileId: idOf(created),
      query: { fields: 'name,size,version,headRevisionId,modifiedTime' },
    });
    assert.deepEqual([updated.json['name'], updated.json['size']], ['b', '2']);
    assert.ok(Number(updated.json['version']) > Number(created.json['version']));
    assert.notEqual(updated.json['headRevisionId'], created.json['headRevisionId']);
    assert.notEqual(updated.json['modifiedTime'], modifiedTime);
  });

  it('refuses what only Google sets, and parents in the body of an update', async () => {
    const id = idOf(await client.upload({ name: 'a' }, '1'));
    for (const body of [{ size: '5' }, { md5Checksum: 'x' }, { parents: ['root'] }, { id }]) {
      const answer = await client.request('PATCH', `files/${id}`, { body });
      assert.deepEqual([answer.status, answer.reason], [403, 'fieldNotWritable'], JSON.stringify(body));
    }
  });

  it('moves with addParents and removeParents, and never to two parents', async () => {
    const folder = emulator.state.createFolder('f');
    const inner = emulator.state.createFolder('g', { parent: folder });
    const id = idOf(await client.upload({ name: 'a' }, '1'));
    const two = await client.request('PATCH', `files/${id}`, { body: {}, query: { addParents: folder } });
    assert.deepEqual([two.status, two.reason], [403, 'cannotAddParent']);
    const moved = await client.request('PATCH', `files/${id}`, {
      body: {},
      query: { addParents: folder, removeParents: 'root', fields: 'parents' },
    });
    assert.deepEqual(moved.json['parents'], [folder]);
    const cycle = await client.request('PATCH', `files/${folder}`, {
      body: {},
      query: { addParents: inner, removeParents: 'root' },
    });
    assert.equal(cycle.status, 400);
    const nowhere = await client.upload({ name: 'b', parents: ['missing'] }, '1');
    assert.deepEqual([nowhere.status, nowhere.reason], [404, 'notFound']);
  });

  it('copies the head under a new id, in the same folder', async () => {
    const folder = emulator.state.createFolder('f');
    const source = idOf(await client.upload({ name: 'a', parents: [folder], appProperties: { k: 'v' } }, 'bytes'));
    const copy = await client.request('POST', `files/${source}/copy`, {
      body: { name: 'c' },
      query: { fields: 'id,name,parents,appProperties,md5Checksum' },
    });
    assert.deepEqual(copy.json['parents'], [folder]);
    assert.deepEqual(copy.json['appProperties'], { k: 'v' });
    emulator.state.deleteForEver(source);
    assert.equal(emulator.state.content(idOf(copy)).toString(), 'bytes');
    const ofFolder = await client.request('POST', `files/${folder}/copy`, { body: {} });
    assert.deepEqual([ofFolder.status, ofFolder.reason], [403, 'cannotCopyFile']);
  });

  it('hides what lies under a trashed folder, without calling it explicitly trashed', async () => {
    const folder = emulator.state.createFolder('f');
    const id = idOf(await client.upload({ name: 'a', parents: [folder] }, '1'));
    await client.request('PATCH', `files/${folder}`, { body: { trashed: true } });
    const fields = 'trashed,explicitlyTrashed';
    const below = await client.request('GET', `files/${id}`, { query: { fields } });
    assert.deepEqual(below.json, { trashed: true, explicitlyTrashed: false });
    const above = await client.request('GET', `files/${folder}`, { query: { fields } });
    assert.deepEqual(above.json, { trashed: true, explicitlyTrashed: true });
    await client.request('PATCH', `files/${folder}`, { body: { trashed: false } });
    assert.equal((await client.request('GET', `files/${id}`, { query: { fields } })).json['trashed'], false);
    assert.equal(filesOf(await client.request('GET', 'files')).length, 2);
  });

  it('empties the trash on request and after 30 days, and deletes folders with what is below', async () => {
    const folder = emulator.state.createFolder('f');
    const inFolder = idOf(await client.upload({ name: 'a', parents: [folder] }, '1'));
    const late = idOf(await client.upload({ name: 'b' }, '1'));
    emulator.state.trash(late);
    emulator.clock.advance({ days: 29 });
    assert.ok(emulator.state.has(late));
    emulator.clock.advance({ days: 2 });
    assert.ok(!emulator.state.has(late));
    client = new DriveClient(emulator, emulator.signIn().accessToken);
    emulator.state.trash(folder);
    assert.equal((await client.request('DELETE', 'files/trash')).status, 204);
    assert.ok(!emulator.state.has(inFolder));
    const gone = idOf(await client.upload({ name: 'c' }, '1'));
    assert.equal((await client.request('DELETE', `files/${gone}`)).status, 204);
    assert.equal((await client.request('GET', `files/${gone}`)).status, 404);
  });

  it('keeps appProperties to the app that set them, and to Google\u2019s limits', async () => {
    const created = await client.upload({ name: 'a', appProperties: { sha: 'abc', old: 'x' } }, '1');
    const id = idOf(created);
    const update = await client.request('PATCH', `files/${id}`, {
      body: { appProperties: { old: null, more: 'y' } },
      query: { fields: 'appProperties' },
    });
    assert.deepEqual(update.json['appProperties'], { sha: 'abc', more: 'y' });
    const other = new DriveClient(emulator, emulator.signIn({ clientId: 'other' }).accessToken);
    assert.deepEqual((await other.request('GET', `files/${id}`, { query: { fields: 'appProperties' } })).json, {});
    const patch = (appProperties: Record<string, string>): Promise<{ status: number }> =>
      client.request('PATCH', `files/${id}`, { body: { appProperties } });
    // 124 bytes of UTF-8, key and value together: an umlaut takes two.
    assert.equal((await patch({ k: 'ü'.repeat(61) + 'x' })).status, 200);
    assert.equal((await patch({ k: 'ü'.repeat(62) })).status, 400);
    const many = Object.fromEntries(Array.from({ length: 31 }, (_, index) => [`k${index}`, 'v']));
    assert.equal((await patch(many)).status, 400);
  });

  it('tells who is signed in and how full the account is, when asked with fields', async () => {
    emulator.setQuota(1000);
    await client.upload({ name: 'a' }, Buffer.alloc(100));
    const bare = await client.request('GET', 'about');
    assert.deepEqual([bare.status, bare.reason], [400, 'required']);
    const about = await client.request('GET', 'about', { query: { fields: 'user/emailAddress,storageQuota' } });
    assert.deepEqual(about.json, {
      user: { emailAddress: 'ada@library.example' },
      storageQuota: { limit: '1000', usage: '100', usageInDrive: '100', usageInDriveTrash: '0' },
    });
  });
});
