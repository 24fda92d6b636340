import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetBucketVersioningCommand } from '@aws-sdk/client-s3';
import { labServer } from '../lab/servers.ts';
import { Desk, makeBucket } from './kit.ts';

test('a real server: wrong key, no such bucket, versioning off and turned on', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/a.txt', 'a');
  const { spec, bucket, client } = await makeBucket(desk, labServer('ceph'));

  const wrongId = { env: { AWS_ACCESS_KEY_ID: 'nobody' } };
  await desk.fails(['store', 'add', spec], 'store-wrong-key', 1, wrongId);
  const wrongSecret = { env: { AWS_SECRET_ACCESS_KEY: 'not-it' } };
  assert.match(
    (await desk.fails(['store', 'add', spec], 'store-wrong-key', 1, wrongSecret)).advice ?? '',
    /secret key/,
  );
  await desk.fails(['store', 'add', spec.replace(bucket, `${bucket}-not`)], 'store-not-found', 1);

  const off = await desk.fails(['protect', 'scans', '--to', spec], 'store-versioning-off', 1);
  assert.match(`${off.message} ${off.advice ?? ''}`, /versioning/);
  assert.equal((await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status, undefined);
  await desk.json('protect', ['scans', '--to', spec, '--enable-versioning']);
  assert.equal((await client.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status, 'Enabled');
  assert.equal((await desk.json('status')).safe, true);
  assert.equal((await desk.json('store check', [bucket])).passed, true);
});

test('a key that stops working later: that store says so at the next run, the other carries on', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/a.txt', 'a');
  const { spec, bucket } = await makeBucket(desk, labServer('ceph'));
  await desk.json('protect', ['scans', '--to', spec, '--to', desk.disk('second'), '--enable-versioning']);
  desk.write('scans/b.txt', 'b');
  const run = await desk.sync([], 1, { env: { AWS_SECRET_ACCESS_KEY: 'not-it-any-more' } });
  assert.deepEqual(
    run.problems.map(({ code, subject }) => [code, subject]),
    [['store-wrong-key', bucket]],
  );
  assert.equal(desk.read('disks/second/files/scans/b.txt'), 'b');
  const check = await desk.json('store check', [bucket], 1, { env: { AWS_SECRET_ACCESS_KEY: 'not-it' } });
  assert.deepEqual([check.passed, check.steps[0]?.code], [false, 'store-wrong-key']);
  const restored = await desk.json('restore', ['scans', '--into', 'out'], 0, {
    env: { AWS_SECRET_ACCESS_KEY: 'not-it' },
  });
  assert.equal(restored.restored, 2, 'the disk has what the bucket does not give');
  const again = await desk.sync();
  assert.equal(again.outcome, 'done');
  assert.equal(again.stores.find(({ store }) => store === bucket)?.copied, 1, 'what waited was sent');
});
