import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { DriveClient, idOf } from './client.ts';
import { startDriveEmulator, type DriveEmulator } from './emulator.ts';
import { CHUNK_UNIT } from './sessions.ts';

describe('uploads', () => {
  let emulator: DriveEmulator;
  let client: DriveClient;
  const bytes = randomBytes(3 * CHUNK_UNIT + 1234);
  const total = bytes.length;

  before(async () => {
    emulator = await startDriveEmulator();
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  });
  after(() => emulator.stop());

  it('takes bytes alone', async () => {
    const answer = await client.request('POST', 'upload/drive/v3/files', {
      query: { uploadType: 'media', fields: 'id,name,mimeType,size' },
      bytes,
      headers: { 'Content-Type': 'image/tiff' },
    });
    assert.deepEqual(
      [answer.json['name'], answer.json['mimeType'], answer.json['size']],
      ['Untitled', 'image/tiff', String(total)],
    );
    assert.ok(emulator.state.content(idOf(answer)).equals(bytes));
  });

  it('takes metadata and bytes in one body, whatever the bytes look like', async () => {
    const odd = Buffer.from('x--==strongroom==--\r\n\r\n\0 --==strongroom==\r\n');
    const answer = await client.upload({ name: 'odd' }, odd);
    assert.ok(emulator.state.content(idOf(answer)).equals(odd));
    const random = await client.upload({ name: 'random' }, bytes);
    assert.ok(emulator.state.content(idOf(random)).equals(bytes));
    const bad = await client.request('POST', 'upload/drive/v3/files', {
      query: { uploadType: 'multipart' },
      bytes: Buffer.from('nothing'),
      headers: { 'Content-Type': 'multipart/related; boundary=x' },
    });
    assert.equal(bad.status, 400);
  });

  it('takes chunks, says what it has, and goes on after a pause', async () => {
    const session = await client.startSession({ name: 'c' }, { total, query: { fields: 'id,sha256Checksum,size' } });
    const none = await client.put(session, `bytes */${total}`);
    assert.deepEqual([none.status, none.headers.get('range')], [308, null]);
    const first = await client.put(session, `bytes 0-${CHUNK_UNIT - 1}/${total}`, bytes.subarray(0, CHUNK_UNIT));
    assert.deepEqual([first.status, first.headers.get('range')], [308, `bytes=0-${CHUNK_UNIT - 1}`]);
    const asked = await client.put(session, `bytes */${total}`);
    assert.deepEqual([asked.status, asked.headers.get('range')], [308, `bytes=0-${CHUNK_UNIT - 1}`]);
    const last = await client.put(session, `bytes ${CHUNK_UNIT}-${total - 1}/${total}`, bytes.subarray(CHUNK_UNIT));
    assert.equal(last.status, 200);
    assert.equal(last.json['sha256Checksum'], createHash('sha256').update(bytes).digest('hex'));
    const repeated = await client.put(session, `bytes */${total}`);
    assert.deepEqual([repeated.status, repeated.json], [200, last.json]);
  });

  it('takes everything in one PUT, and a file of no bytes', async () => {
    const whole = await client.startSession({ name: 'w' }, { total });
    assert.ok(emulator.state.content(idOf(await client.put(whole, undefined, bytes))).equals(bytes));
    const empty = await client.startSession({ name: 'e' }, { total: 0 });
    assert.equal(emulator.state.content(idOf(await client.put(empty, 'bytes */0'))).length, 0);
    const malformed = await client.startSession({ name: 'm' }, { total: 0 });
    assert.equal((await client.put(malformed, 'bytes 0--1/0')).status, 400);
  });

  it('takes an upload whose length is only known at its end', async () => {
    const session = await client.startSession({ name: 'u' });
    const first = await client.put(session, `bytes 0-${CHUNK_UNIT - 1}/*`, bytes.subarray(0, CHUNK_UNIT));
    assert.equal(first.status, 308);
    assert.equal((await client.put(session, 'bytes */*')).headers.get('range'), `bytes=0-${CHUNK_UNIT - 1}`);
    const last = await client.put(session, `bytes ${CHUNK_UNIT}-${total - 1}/${total}`, bytes.subarray(CHUNK_UNIT));
    assert.ok(emulator.state.content(idOf(last)).equals(bytes));
  });

  it('refuses chunks that are no multiple of 256 KiB, a gap, and a total that changes', async () => {
    const session = await client.startSession({ name: 'c' }, { total });
    for (const length of [1000, CHUNK_UNIT + 1]) {
      const answer = await client.put(session, `bytes 0-${length - 1}/${total}`, bytes.subarray(0, length));
      assert.equal(answer.status, 400);
      assert.match(answer.bytes.toString(), /262144/);
    }
    const gap = await client.put(
      session,
      `bytes ${CHUNK_UNIT}-${2 * CHUNK_UNIT - 1}/${total}`,
      bytes.subarray(CHUNK_UNIT, 2 * CHUNK_UNIT),
    );
    assert.equal(gap.status, 503);
    assert.match(gap.bytes.toString(), /exceeds already uploaded size of 0/);
    assert.equal((await client.put(session, `bytes */${total + 1}`)).status, 400);
    // A chunk that goes back over what is kept is passed over up to there.
    await client.put(session, `bytes 0-${CHUNK_UNIT - 1}/${total}`, bytes.subarray(0, CHUNK_UNIT));
    const whole = await client.put(session, `bytes 0-${total - 1}/${total}`, bytes);
    assert.ok(emulator.state.content(idOf(whole)).equals(bytes));
  });

  it('keeps whole units of a crooked chunk where it is told to act as the service is seen to', async () => {
    const lenient = await startDriveEmulator({ chunkRule: 'observed' });
    const other = new DriveClient(lenient, lenient.signIn().accessToken);
    const session = await other.startSession({ name: 'c' }, { total });
    const crooked = await other.put(session, `bytes 0-${CHUNK_UNIT + 9}/${total}`, bytes.subarray(0, CHUNK_UNIT + 10));
    assert.deepEqual([crooked.status, crooked.headers.get('range')], [308, `bytes=0-${CHUNK_UNIT - 1}`]);
    await lenient.stop();
  });

  it('keeps whole units of what came before the line broke', async () => {
    const session = await client.startSession({ name: 'cut' }, { total });
    const cut = emulator.faults.add({
      id: 'upload.put',
      fault: { kind: 'cutRequest', afterBytes: 2 * CHUNK_UNIT + 5000 },
    });
    await assert.rejects(client.put(session, `bytes 0-${total - 1}/${total}`, bytes));
    assert.equal(cut.fired, 1);
    const asked = await client.put(session, `bytes */${total}`);
    assert.equal(asked.headers.get('range'), `bytes=0-${2 * CHUNK_UNIT - 1}`);
    const rest = await client.put(
      session,
      `bytes ${2 * CHUNK_UNIT}-${total - 1}/${total}`,
      bytes.subarray(2 * CHUNK_UNIT),
    );
    assert.ok(emulator.state.content(idOf(rest)).equals(bytes));
  });

  it('says what became of an upload whose last answer was lost', async () => {
    const session = await client.startSession({ name: 'lost' }, { total });
    emulator.faults.add({ id: 'upload.put', fault: { kind: 'loseResponse' } });
    await assert.rejects(client.put(session, `bytes 0-${total - 1}/${total}`, bytes));
    const asked = await client.put(session, `bytes */${total}`);
    assert.equal(asked.status, 200);
    assert.ok(emulator.state.content(idOf(asked)).equals(bytes));
  });

  it('lets a session end after a week, and be used for its own upload only', async () => {
    const signedOut = new DriveClient(emulator, undefined);
    const id = emulator.state.createFile('target', 'old');
    const session = await client.startSession({}, { total, fileId: id });
    const elsewhere = session.replace(`/files/${id}`, '/files');
    assert.equal((await signedOut.put(elsewhere, `bytes */${total}`)).status, 404);
    assert.equal((await signedOut.put(session, `bytes */${total}`)).status, 308, 'the URI is the credential');
    emulator.clock.advance({ days: 6, hours: 23 });
    assert.equal((await signedOut.put(session, `bytes */${total}`)).status, 308);
    emulator.clock.advance({ hours: 2 });
    const late = await signedOut.put(session, `bytes 0-${total - 1}/${total}`, bytes);
    assert.equal(late.status, 404);
    assert.equal(emulator.state.content(id).toString(), 'old');
    client = new DriveClient(emulator, emulator.signIn().accessToken);
  });

  it('refuses a token that expired in the middle, and goes on with a new one', async () => {
    const session = await client.startSession({ name: 't' }, { total });
    emulator.faults.add({ id: 'upload.put', fault: { kind: 'expireToken' } });
    const refused = await client.put(session, `bytes 0-${total - 1}/${total}`, bytes);
    assert.deepEqual([refused.status, refused.reason], [401, 'authError']);
    client = new DriveClient(emulator, emulator.signIn().accessToken);
    assert.equal((await client.put(session, `bytes 0-${total - 1}/${total}`, bytes)).status, 200);
  });

  it('makes new bytes a new revision, pinned when asked', async () => {
    const id = emulator.state.createFile('r', 'old');
    const session = await client.startSession({}, { total, fileId: id, query: { keepRevisionForever: true } });
    await client.put(session, undefined, bytes);
    assert.deepEqual(
      emulator.state.revisions(id).map((revision) => revision.keepForever),
      [false, true],
    );
    assert.ok(emulator.state.content(id).equals(bytes));
  });

  it('takes and gives back 48 MiB through a file on disk', async () => {
    const unit = randomBytes(1024 * 1024);
    const size = 48 * unit.length;
    const digest = createHash('sha256');
    const session = await client.startSession({ name: 'big' }, { total: size, query: { fields: 'id,sha256Checksum' } });
    let answer;
    for (let at = 0; at < size; at += 8 * unit.length) {
      const chunk = Buffer.concat(Array.from({ length: 8 }, () => unit));
      digest.update(chunk);
      answer = await client.put(session, `bytes ${at}-${at + chunk.length - 1}/${size}`, chunk);
    }
    assert.equal(answer?.json['sha256Checksum'], digest.digest('hex'));
    const part = await client.request('GET', `files/${idOf(answer)}`, {
      query: { alt: 'media' },
      headers: { Range: `bytes=${unit.length - 10}-${unit.length + 9}` },
    });
    assert.ok(part.bytes.equals(Buffer.concat([unit.subarray(-10), unit.subarray(0, 10)])));
  });
});
