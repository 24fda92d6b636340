import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DriveClient, filesOf, idOf, type ClientAnswer } from './client.ts';
import { startDriveEmulator, type DriveEmulator } from './emulator.ts';

describe('files.list and changes.list', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;
  let folder: string;

  before(async () => {
    emulator = await startDriveEmulator({ startTime: new Date('2026-01-05T09:00:00Z'), isClockRunning: false });
    client = new DriveClient(emulator, emulator.signIn().accessToken);
    folder = emulator.state.createFolder('Maps');
    for (const name of ["Valentine's Day.tif", 'HelloWorld.txt', 'page 10.tif', 'page 2.tif']) {
      emulator.clock.advance({ seconds: 1 });
      const mimeType = name.endsWith('.tif') ? 'image/tiff' : 'text/plain';
      await client.upload({ name, parents: [folder], appProperties: { n: name.slice(0, 4) } }, name, { mimeType });
    }
    emulator.state.trash(emulator.state.createFile('gone.tif', 'x', { parent: folder, mimeType: 'image/tiff' }));
  });
  after(() => emulator.stop());

  function list(q: string, more: Record<string, string | number> = {}): Promise<ClientAnswer> {
    return client.request('GET', 'files', { query: { q, ...more } });
  }

  async function names(q: string, more: Record<string, string | number> = {}): Promise<unknown[]> {
    return filesOf(await list(q, more)).map((file) => file['name']);
  }

  it('understands each term and operator', async () => {
    const inFolder = `'${folder}' in parents`;
    assert.deepEqual(await names(`name = 'Valentine\\'s Day.tif'`), ["Valentine's Day.tif"]);
    assert.deepEqual(await names(`name = 'helloworld.TXT'`), ['HelloWorld.txt']);
    assert.deepEqual(await names(`name contains 'hello'`), ['HelloWorld.txt']);
    assert.deepEqual(await names(`name contains 'World'`), []);
    assert.equal((await names(`mimeType = 'image/tiff' and trashed = false`)).length, 3);
    assert.deepEqual(await names(`${inFolder} and mimeType != 'image/tiff'`), ['HelloWorld.txt']);
    assert.deepEqual(await names(`${inFolder} and trashed = true`), ['gone.tif']);
    assert.equal((await names(inFolder)).length, 5, 'trashed files are listed unless they are left out');
    assert.deepEqual(await names(`appProperties has { key='n' and value='Hell' }`), ['HelloWorld.txt']);
    assert.deepEqual(await names(`not ${inFolder}`), ['Maps']);
    assert.deepEqual(await names(`modifiedTime <= '2026-01-05T09:00:01Z' and name != 'Maps'`), ["Valentine's Day.tif"]);
    assert.deepEqual(await names(`modifiedTime < '2026-01-05T10:00:01+01:00' and ${inFolder}`), []);
    const both = `${inFolder} and (name = 'page 2.tif' or name = 'page 10.tif')`;
    assert.equal((await names(both)).length, 2);
    assert.deepEqual(await names(`'root' in parents`), ['Maps']);
  });

  it('reads and and or from the left', async () => {
    const q = `name = 'page 2.tif' or name = 'page 10.tif' and mimeType = 'text/plain'`;
    assert.deepEqual(await names(q), []);
  });

  it('refuses what is no query', async () => {
    for (const q of [
      'name',
      "title = 'x'",
      "name = 'x",
      "name ~ 'x'",
      "name = 'x' and",
      "modifiedTime > 'soon'",
      ')',
    ]) {
      const answer = await list(q);
      assert.deepEqual([answer.status, answer.reason], [400, 'invalid'], q);
      const error = (answer.json['error'] as { errors: { location: string }[] }).errors[0];
      assert.equal(error?.location, 'q');
    }
    const missing = await list(`'nothing' in parents`);
    assert.deepEqual([missing.status, missing.reason], [404, 'notFound']);
  });

  it('sorts', async () => {
    const q = `'${folder}' in parents and trashed = false`;
    assert.deepEqual((await names(q, { orderBy: 'name' })).slice(2), ['page 2.tif', "Valentine's Day.tif"]);
    assert.deepEqual((await names(q, { orderBy: 'name_natural' })).slice(1, 3), ['page 2.tif', 'page 10.tif']);
    assert.equal((await names(q, { orderBy: 'modifiedTime desc' }))[0], 'page 2.tif');
    assert.equal((await list(q, { orderBy: 'colour' })).reason, 'invalid');
  });

  it('gives a list page by page, each file once, and refuses a token of another query', async () => {
    const many = emulator.state.createFolder('many');
    for (let index = 0; index < 2500; index += 1) emulator.state.createFolder(`n${index}`, { parent: many });
    const q = `'${many}' in parents`;
    const seen = new Set<unknown>();
    let pageToken = '';
    let pages = 0;
    do {
      const answer = await list(q, {
        pageSize: 5000,
        fields: 'nextPageToken,files/id',
        ...(pageToken && { pageToken }),
      });
      for (const file of filesOf(answer)) seen.add(file['id']);
      assert.ok(filesOf(answer).length <= 1000);
      pageToken = (answer.json['nextPageToken'] as string | undefined) ?? '';
      pages += 1;
      if (pages === 1) assert.equal((await list(`'root' in parents`, { pageToken })).reason, 'invalid');
    } while (pageToken !== '');
    assert.deepEqual([seen.size, pages], [2500, 3]);
    emulator.limits.pageItems = 7;
    assert.equal((await names(q, { pageSize: 1000 })).length, 7, 'the service may return fewer');
    emulator.limits.pageItems = Infinity;
    emulator.state.deleteForEver(many);
  });

  it('lists changes once each, at their last state, and tells what was removed', async () => {
    const start = (await client.request('GET', 'changes/startPageToken')).json['startPageToken'];
    const read = async (more: Record<string, string | boolean> = {}): Promise<Record<string, unknown>> =>
      (await client.request('GET', 'changes', { query: { pageToken: String(start), ...more } })).json;
    assert.deepEqual((await read())['changes'], []);
    const id = idOf(await client.upload({ name: 'c1' }, '1'));
    emulator.state.rename(id, 'c2');
    const gone = emulator.state.createFile('g', '1');
    emulator.state.deleteForEver(gone);
    const page = await read();
    const changes = page['changes'] as Record<string, unknown>[];
    assert.deepEqual(
      changes.map((change) => [
        change['fileId'],
        change['removed'],
        (change['file'] as { name?: string } | undefined)?.name,
      ]),
      [
        [id, false, 'c2'],
        [gone, true, undefined],
      ],
    );
    assert.equal(page['nextPageToken'], undefined);
    assert.equal(((await read({ includeRemoved: false }))['changes'] as unknown[]).length, 1);
    const next = await client.request('GET', 'changes', { query: { pageToken: String(page['newStartPageToken']) } });
    assert.deepEqual(next.json['changes'], []);
    const small = await read({ pageSize: '1' });
    assert.equal((small['changes'] as unknown[]).length, 1);
    assert.equal(typeof small['nextPageToken'], 'string');
    assert.equal((await client.request('GET', 'changes', { query: { pageToken: 'x' } })).status, 400);
  });
});
