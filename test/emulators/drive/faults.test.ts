import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { DriveClient, idOf } from './client.ts';
import { startDriveEmulator, type DriveEmulator } from './emulator.ts';

describe('faults', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;

  beforeEach(async () => {
    emulator = await startDriveEmulator();
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  });
  afterEach(() => emulator.stop());

  it('refuses with status, reason and Retry-After, and does nothing', async () => {
    const cases = [
      [403, 'userRateLimitExceeded'],
      [429, 'rateLimitExceeded'],
      [500, 'internalError'],
      [503, 'backendError'],
    ] as const;
    for (const [status, reason] of cases) {
      emulator.faults.add({ id: 'drive.files.create', fault: { kind: 'refuse', status, retryAfter: 7 } });
      const answer = await client.upload({ name: 'a' }, '1');
      assert.deepEqual([answer.status, answer.reason, answer.headers.get('retry-after')], [status, reason, '7']);
    }
    emulator.faults.add({ fault: { kind: 'refuse', status: 403, reason: 'domainPolicy' } });
    assert.equal((await client.request('GET', 'files')).reason, 'domainPolicy');
    assert.equal(emulator.state.children(emulator.state.rootId).length, 0);
  });

  it('does it and refuses, or says nothing at all', async () => {
    emulator.faults.add({ id: 'drive.files.create', fault: { kind: 'refuseAfter', status: 503 } });
    assert.equal((await client.upload({ name: 'a' }, '1')).status, 503);
    emulator.faults.add({ id: 'drive.files.create', fault: { kind: 'loseResponse' } });
    await assert.rejects(client.upload({ name: 'b' }, '1'));
    assert.deepEqual(
      emulator.state.tree(emulator.state.rootId).map((entry) => entry.path),
      ['a', 'b'],
    );
  });

  it('cuts a request, and nothing of it is done', async () => {
    emulator.faults.add({ verb: 'POST', fault: { kind: 'cutRequest', afterBytes: 50 } });
    await assert.rejects(client.upload({ name: 'a' }, Buffer.alloc(1000)));
    assert.equal(emulator.state.children(emulator.state.rootId).length, 0);
    assert.equal(emulator.requests.entries.at(-1)?.bytesIn, 50);
  });

  it('cuts a download, and inverts a byte of one', async () => {
    const bytes = Buffer.alloc(300_000, 7);
    const id = idOf(await client.upload({ name: 'a' }, bytes));
    const download = (): Promise<{ bytes: Buffer }> =>
      client.request('GET', `files/${id}`, { query: { alt: 'media' } });
    const media = { when: ({ query }: { query: URLSearchParams }) => query.get('alt') === 'media' };
    emulator.faults.add({ ...media, fault: { kind: 'cutResponse', afterBytes: 100_000 } });
    await assert.rejects(download());
    assert.equal(emulator.requests.entries.at(-1)?.bytesOut, 100_000);
    emulator.faults.add({ ...media, fault: { kind: 'flipByte', offset: 12 } });
    const { bytes: flipped } = await download();
    assert.equal(flipped[12], 7 ^ 0xff);
    flipped[12] = 7;
    assert.ok(flipped.equals(bytes));
    assert.ok((await download()).bytes.equals(bytes), 'what is stored was not touched');
    emulator.state.decayContent(id, 5);
    assert.equal((await download()).bytes[5], 7 ^ 0xff);
  });

  it('strikes by path, after some have passed, and so many times', async () => {
    const rule = emulator.faults.add({ path: /\/files$/, skip: 1, times: 2, fault: { kind: 'refuse', status: 500 } });
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await client.request('GET', 'files')).status);
    assert.deepEqual(statuses, [200, 500, 500, 200, 200]);
    assert.equal(rule.fired, 2);
    emulator.faults.add({ fault: { kind: 'refuse', status: 500 }, times: Infinity }).remove();
    assert.equal((await client.request('GET', 'files')).status, 200);
  });

  it('strikes by chance alike for the same seed', async () => {
    const run = async (seed: number): Promise<string> => {
      const rule = emulator.faults.add({
        probability: 0.5,
        seed,
        times: Infinity,
        fault: { kind: 'refuse', status: 500 },
      });
      let statuses = '';
      for (let index = 0; index < 20; index += 1)
        statuses += (await client.request('GET', 'files')).status === 500 ? 'x' : '.';
      rule.remove();
      return statuses;
    };
    const first = await run(42);
    assert.equal(await run(42), first);
    assert.match(first, /x/);
    assert.match(first, /\./);
    assert.notEqual(await run(43), first);
  });

  it('ends a token in the middle', async () => {
    emulator.faults.add({ fault: { kind: 'expireToken' } });
    assert.equal((await client.request('GET', 'files')).status, 401);
    assert.equal((await client.request('GET', 'files')).status, 401);
  });

  it('answers later when told to', async () => {
    emulator.faults.add({ fault: { kind: 'latency', milliseconds: 60 } });
    const begun = performance.now();
    await client.request('GET', 'files');
    assert.ok(performance.now() - begun >= 59);
    assert.deepEqual(emulator.requests.entries.at(-1)?.faults, ['latency']);
  });
});
