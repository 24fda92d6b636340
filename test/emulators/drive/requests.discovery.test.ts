import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { DriveClient } from './client.ts';
import { Discovery, findDiscovery } from './discovery.ts';
import { startDriveEmulator, type DriveEmulator } from './emulator.ts';
import { ROUTES } from './routes.ts';

/** Needs Google's discovery document; the test runner leaves this file out, and says so, where there is none. */
describe('requests held against the discovery document', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;
  let discovery: Discovery;

  before(async () => {
    const path = findDiscovery();
    assert.ok(path !== undefined, 'Google\u2019s discovery document of the Drive API v3 is not here (see README.md)');
    discovery = new Discovery(path);
    emulator = await startDriveEmulator({ discovery: path });
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  });
  after(() => emulator.stop());

  it('emulates methods as Google describes them: verb, path and scopes', () => {
    for (const route of ROUTES) {
      const method = discovery.method(route.id);
      assert.ok(method !== undefined, route.id);
      assert.deepEqual([route.verb, route.path], [method.httpMethod, method.path], route.id);
      assert.deepEqual([...route.scopes].sort(), [...(method.scopes ?? [])].sort(), route.id);
    }
  });

  it('answers 501 for methods that it does not emulate, and 404 for what is none', async () => {
    assert.equal((await client.request('GET', 'files/x/comments')).status, 501);
    assert.equal(emulator.requests.count('drive.comments.list'), 1);
    assert.equal((await client.request('GET', 'folders')).status, 404);
    assert.equal((await client.request('PUT', 'files/x')).status, 404);
  });

  it('refuses query parameters that are unknown, of the wrong type, out of range, or missing', async () => {
    const cases: [string, Record<string, string>, string][] = [
      ['files', { maxResults: '5' }, 'badRequest'],
      ['files', { supportsAllDrives: 'yes' }, 'invalidParameter'],
      ['files', { pageSize: 'many' }, 'invalidParameter'],
      ['files', { pageSize: '0' }, 'invalidParameter'],
      ['files/generateIds', { count: '1001' }, 'invalidParameter'],
      ['files', { alt: 'xml' }, 'invalidParameter'],
      ['changes', {}, 'required'],
      ['files/x/export', {}, 'required'],
      ['files/x/revisions', { supportsAllDrives: 'true' }, 'badRequest'],
    ];
    for (const [path, query, reason] of cases) {
      const answer = await client.request('GET', path, { query });
      assert.deepEqual([answer.status, answer.reason], [400, reason], `${path} ${JSON.stringify(query)}`);
    }
    assert.equal((await client.request('GET', 'files', { query: { pageSize: 5000 } })).status, 200, 'coerced to 1000');
  });

  it('refuses body fields that are unknown or of the wrong type', async () => {
    for (const body of [
      { title: 'v2' },
      { name: 5 },
      { parents: 'root' },
      { appProperties: { k: 5 } },
      { modifiedTime: 'soon' },
    ]) {
      const answer = await client.request('POST', 'files', { body });
      assert.deepEqual([answer.status, answer.reason], [400, 'badRequest'], JSON.stringify(body));
    }
    const nested = { name: 'x', contentHints: { thumbnail: { nonsense: 1 } } };
    assert.equal((await client.upload(nested, '1')).status, 400);
  });

  it('refuses fields that the answer does not have, however deep', async () => {
    for (const fields of ['title', 'files(id,title)', 'files/owners/mail', 'files(capabilities(canFly))', 'items']) {
      const answer = await client.request('GET', 'files', { query: { fields } });
      assert.deepEqual([answer.status, answer.reason], [400, 'invalidParameter'], fields);
      assert.match(answer.bytes.toString(), /Invalid field selection/);
    }
    const good = [
      '*',
      'files',
      'files(*)',
      'nextPageToken,files(id,owners/emailAddress,appProperties/anything)',
      'files/id',
    ];
    for (const fields of good) {
      assert.equal((await client.request('GET', 'files', { query: { fields } })).status, 200, fields);
    }
  });
});
