import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { cephBucket } from './buckets.ts';
import { House, problemOf } from './kit.ts';

test('the access key of a bucket is replaced: a person is asked, and after the right key all is caught up', async (t) => {
  const { client, place, key } = await cephBucket(t);
  const shown = async (): Promise<(string | undefined)[]> => {
    const { Contents = [] } = await client.send(
      new ListObjectsV2Command({ Bucket: place.bucket, Prefix: 'copies/files/' }),
    );
    return Contents.map(({ Key }) => Key);
  };
  const house = await House.create(t, { clock: { now: () => Date.now() } });
  await house.client.stores.add({ ...place, key, enableVersioning: true });
  house.write('page.txt', 'one');
  await house.add();
  await house.quiet();
  assert.deepEqual(await shown(), ['copies/files/Scans/page.txt']);

  await house.client.stores.setKey({ name: 'Ceph', ...key, secretAccessKey: 'no longer the right one' });
  house.write('later.txt', 'later');
  await house.sync();
  const refused = await house.attention(/^store:/);
  assert.equal(refused.title, 'The key of “Ceph” is not accepted');
  assert.deepEqual(refused.action, { do: 'give-key', store: 'Ceph' });
  await problemOf(house.client.stores.setKeyFile({ name: 'Ceph', text: '{}' }), 'usage');
  await house.client.stores.setKey({ name: 'Ceph', ...key });
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.deepEqual(await shown(), ['copies/files/Scans/later.txt', 'copies/files/Scans/page.txt']);
});
