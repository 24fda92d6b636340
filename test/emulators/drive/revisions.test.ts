import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DriveClient, type ClientAnswer } from './client.ts';
import { startDriveEmulator, type DriveEmulator } from './emulator.ts';

describe('revisions', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;

  before(async () => {
    emulator = await startDriveEmulator();
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  });
  after(() => emulator.stop());

  async function list(id: string, query: Record<string, string | number> = {}): Promise<Record<string, unknown>[]> {
    const answer = await client.request('GET', `files/${id}/revisions`, { query });
    return answer.json['revisions'] as Record<string, unknown>[];
  }

  async function pin(id: string, revisionId: string, keepForever: boolean): Promise<ClientAnswer> {
    return client.request('PATCH', `files/${id}/revisions/${revisionId}`, {
      body: { keepForever },
      query: { fields: 'keepForever' },
    });
  }

  function fileOf(...contents: string[]): { id: string; revisions: string[] } {
    const [first = '', ...more] = contents;
    const id = emulator.state.createFile('f', first);
    for (const content of more) emulator.state.editContent(id, content);
    return { id, revisions: emulator.state.revisions(id).map((revision) => revision.id) };
  }

  it('lists them oldest first, page by page, with the default fields', async () => {
    const { id, revisions } = fileOf('1', '2', '3');
    assert.deepEqual(Object.keys((await list(id))[0] ?? {}).sort(), ['id', 'kind', 'mimeType', 'modifiedTime']);
    const first = await client.request('GET', `files/${id}/revisions`, {
      query: { pageSize: 2, fields: 'nextPageToken,revisions(id,md5Checksum,size,keepForever)' },
    });
    const second = await list(id, { pageSize: 2, pageToken: String(first.json['nextPageToken']) });
    const all = [...(first.json['revisions'] as Record<string, unknown>[]), ...second];
    assert.deepEqual(
      all.map((revision) => revision['id']),
      revisions,
    );
  });

  it('gives the bytes of the head and of pinned revisions, and of no other', async () => {
    const { id, revisions } = fileOf('one', 'two', 'three');
    const [one = '', two = '', three = ''] = revisions;
    const get = (revision: string): Promise<ClientAnswer> =>
      client.request('GET', `files/${id}/revisions/${revision}`, { query: { alt: 'media' } });
    assert.deepEqual((await pin(id, one, true)).json, { keepForever: true });
    assert.equal((await get(one)).bytes.toString(), 'one');
    assert.equal((await get(three)).bytes.toString(), 'three');
    const refused = await get(two);
    assert.deepEqual([refused.status, refused.reason], [403, 'download_restricted_for_revision']);
    assert.equal((await get('missing')).status, 404);
  });

  it('does not let go of a pin', async () => {
    const { id, revisions } = fileOf('1', '2');
    await pin(id, revisions[0] ?? '', true);
    const answer = await pin(id, revisions[0] ?? '', false);
    assert.deepEqual([answer.status, answer.reason], [400, 'illegalKeepForeverModification']);
    const native = await client.request('PATCH', `files/${id}/revisions/${revisions[0] ?? ''}`, {
      body: { md5Checksum: 'x' },
    });
    assert.equal(native.reason, 'fieldNotWritable');
  });

  it('pins 200 and no more, and then refuses a pinned upload whole', async () => {
    const { id } = fileOf('0');
    for (let index = 1; index <= 200; index += 1) {
      await client.upload({}, String(index), { fileId: id, query: { keepRevisionForever: true } });
    }
    const over = await client.upload({ name: 'changed' }, '201', { fileId: id, query: { keepRevisionForever: true } });
    assert.equal(over.status, 400);
    assert.equal(emulator.state.content(id).toString(), '200');
    assert.equal(emulator.state.item(id).name, 'f', 'nothing of a refused update is done');
    const oldest = emulator.state.revisions(id)[0]?.id ?? '';
    assert.equal((await pin(id, oldest, true)).status, 400);
    const pinned = emulator.state.revisions(id).find((revision) => revision.keepForever)?.id ?? '';
    await client.request('DELETE', `files/${id}/revisions/${pinned}`);
    assert.equal((await pin(id, oldest, true)).status, 200);
  });

  it('forgets unpinned revisions after 30 days and beyond 100, never the head or a pinned one', async () => {
    const { id, revisions } = fileOf('pinned', 'unpinned', 'head');
    await pin(id, revisions[0] ?? '', true);
    emulator.clock.advance({ days: 29 });
    assert.equal(emulator.state.revisions(id).length, 3);
    emulator.clock.advance({ days: 2 });
    client = new DriveClient(emulator, emulator.signIn().accessToken);
    assert.deepEqual(
      (await list(id)).map((one) => one['id']),
      [revisions[0], revisions[2]],
    );
    for (let index = 0; index < 120; index += 1) emulator.state.editContent(id, String(index));
    const left = emulator.state.revisions(id);
    assert.equal(left.filter((revision) => !revision.keepForever).length, 100);
    assert.equal(left[0]?.id, revisions[0]);
    assert.equal(left.at(-1)?.content.bytes().toString(), '119');
  });

  it('deletes any but the only one; without the head the one before it is current again', async () => {
    const { id, revisions } = fileOf('1', '2');
    assert.equal((await client.request('DELETE', `files/${id}/revisions/${revisions[1] ?? ''}`)).status, 204);
    const file = await client.request('GET', `files/${id}`, { query: { fields: 'headRevisionId,size' } });
    assert.equal(file.json['headRevisionId'], revisions[0]);
    const only = await client.request('DELETE', `files/${id}/revisions/${revisions[0] ?? ''}`);
    assert.deepEqual([only.status, only.reason], [403, 'cannotDeleteOnlyRevision']);
  });

  it('has none for folders, and one without bytes for native documents', async () => {
    const folder = await client.request('GET', `files/${emulator.state.createFolder('x')}/revisions`);
    assert.deepEqual([folder.status, folder.reason], [403, 'revisionsNotSupported']);
    const document = emulator.state.createNativeDocument('d', 'text');
    const [revision] = await list(document, { fields: 'revisions' });
    assert.equal(revision?.['md5Checksum'], undefined);
    const media = await client.request('GET', `files/${document}/revisions/${String(revision?.['id'])}`, {
      query: { alt: 'media' },
    });
    assert.equal(media.reason, 'fileNotDownloadable');
  });

  it('counts the head and pinned revisions against the quota, and nothing else', async () => {
    const usage = async (): Promise<number> => {
      const about = await client.request('GET', 'about', { query: { fields: 'storageQuota/usage' } });
      return Number((about.json['storageQuota'] as { usage: string }).usage);
    };
    const before = await usage();
    const { id, revisions } = fileOf('12345', '1234567');
    assert.equal((await usage()) - before, 7);
    await pin(id, revisions[0] ?? '', true);
    assert.equal((await usage()) - before, 12);
    emulator.state.deleteForEver(id);
    assert.equal(await usage(), before);
  });
});
