import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { FakeS3 } from './fake-s3.ts';
import { Desk } from './kit.ts';

const keys = { AWS_ACCESS_KEY_ID: 'AKIDOFTHETEST', AWS_SECRET_ACCESS_KEY: 'secret-of-the-test' };

/** What S3 says, what a person is told, and what of the next step must be in the advice. */
const refusals = [
  [403, 'InvalidAccessKeyId', 'store-wrong-key', /does not accept the access key/, /Check the access key/],
  [403, 'SignatureDoesNotMatch', 'store-wrong-key', /does not accept the access key/, /secret key/],
  [400, 'ExpiredToken', 'store-sign-in-ended', /sign-in .* has ended/, /Sign in again/],
  [404, 'NoSuchBucket', 'store-not-found', /There is no bucket "bucket"/, /create it/],
  [403, 'AccessDenied', 'store-no-permission', /does not allow s3:/, /strongroom store policy/],
  [403, 'RequestTimeTooSkewed', 'store-clock-skew', /clock of this computer/, /Set the clock/],
] as const;

for (const [status, s3Code, code, says, advises] of refusals) {
  test(`${s3Code}: says which it is and the next step; the other store carries on`, async (context) => {
    const desk = Desk.make(context);
    Object.assign(desk.env, keys);
    const fake = await FakeS3.start(context);
    fake.refusal = { status, code: s3Code };
    desk.write('scans/a.txt', 'a');

    const refused = await desk.fails(['store', 'add', fake.spec], code, 1);
    assert.match(refused.message, says);
    assert.match(refused.advice ?? '', advises);

    const result = await desk.json('protect', ['scans', '--to', fake.spec, '--to', desk.disk('second')], 1);
    assert.deepEqual(
      result.problems.map((problem) => problem.code),
      [code],
    );
    assert.deepEqual(result.source.stores, ['second'], 'a store that cannot be worked with is not recorded');
    assert.equal(desk.read('disks/second/files/scans/a.txt'), 'a', 'the other store carries on');

    assert.match(await desk.text(['protect', 'scans', '--to', fake.spec], 1), says);
  });
}

test('an address at which nobody answers, and a name that nobody knows', async (context) => {
  const desk = Desk.make(context);
  Object.assign(desk.env, keys);
  desk.write('scans/a.txt', 'a');
  const fake = await FakeS3.start(context);
  const { spec } = fake;
  await fake.stop();
  for (const to of [spec, 's3://bucket/x?endpoint=http%3A%2F%2Fnobody.invalid&region=us-east-1']) {
    const told = await desk.fails(['protect', 'scans', '--to', to], 'store-unreachable', 1);
    assert.match(told.message, /cannot be reached/);
    assert.match(told.advice ?? '', /Check the network and the address/);
  }
  assert.deepEqual(await desk.json('source list'), { sources: [] }, 'with no store to copy to, nothing is recorded');
});

test('no keys at all: says where they can come from', async (context) => {
  const desk = Desk.make(context);
  const fake = await FakeS3.start(context);
  const told = await desk.fails(['store', 'add', fake.spec], 'secret-missing', 1);
  assert.match(told.message, /no AWS keys/);
  assert.match(told.advice ?? '', /--ask-key.*AWS_ACCESS_KEY_ID/);
});

test('a server that is no S3 at all', async (context) => {
  const desk = Desk.make(context);
  Object.assign(desk.env, keys);
  const server = createServer((_request, response) => response.end('<html>\u001b[31mHello</html>'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ended = await desk.run([
    'store',
    'add',
    `s3://bucket/x?endpoint=http%3A%2F%2F127.0.0.1:${port}&region=us-east-1`,
  ]);
  assert.equal(ended.code, 1, ended.err);
  assert.doesNotMatch(ended.err, /at .*\.ts:\d+/, 'told as a sentence, not as a stack');
  assert.match(ended.err, /strongroom|address|S3/i);
});

test('a disk that is not connected: its store fails, the other carries on, and the next run catches up', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/a.txt', 'a');
  await desk.json('protect', ['scans', '--to', desk.disk('second'), '--to', desk.disk('third')]);
  fs.renameSync(desk.at('disks/third'), desk.at('disks/unplugged'));
  fs.mkdirSync(desk.at('disks/third'));
  desk.write('scans/b.txt', 'b');
  const run = await desk.sync([], 1);
  assert.equal(run.outcome, 'incomplete');
  assert.deepEqual(
    run.problems.map(({ code, subject }) => [code, subject]),
    [['store-not-found', 'third']],
  );
  assert.match(run.problems[0]?.message ?? '', /The store "third": There is no Strongroom store at/);
  assert.equal(desk.read('disks/second/files/scans/b.txt'), 'b');
  assert.deepEqual(fs.readdirSync(desk.at('disks/third')), [], 'nothing is written where the disk should be');
  const status = await desk.json('status', [], 1);
  assert.deepEqual(
    status.sources[0]?.stores.map(({ store, pending }) => [store, pending]),
    [
      ['second', 0],
      ['third', 1],
    ],
  );
  assert.match(await desk.text(['status'], 1), /third: 1 to do/);
  fs.rmdirSync(desk.at('disks/third'));
  fs.renameSync(desk.at('disks/unplugged'), desk.at('disks/third'));
  assert.equal((await desk.sync()).outcome, 'done');
  assert.equal(desk.read('disks/third/files/scans/b.txt'), 'b');
});
