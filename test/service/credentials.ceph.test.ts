import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { labServer } from '../lab/servers.ts';
import { House, problemOf } from './kit.ts';

test('the access key of a bucket is replaced: a person is asked, and after the right key all is caught up', async (t) => {
  const { endpoint, region, accessKeyId, secretAccessKey } = labServer('ceph');
  const key = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials: key, forcePathStyle: true });
  t.after(() => client.destroy());
  const bucket = `service-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const shown = async (): Promise<(string | undefined)[]> => {
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'copies/files/' }));
    return Contents.map(({ Key }) => Key);
  };
  const house = await House.create(t, { clock: { now: () => Date.now() } });
  const place = { kind: 's3' as const, name: 'Ceph', bucket, prefix: 'copies', endpoint, region };
  await house.client.stores.add({ ...place, key, enableVersioning: true });
  house.write('page.txt', 'one');
  await house.add();
  await house.quiet();
  assert.deepEqual(await shown(), ['copies/files/Scans/page.txt']);

  await house.client.stores.setKey({ name: 'Ceph', accessKeyId, secretAccessKey: 'no longer the right one' });
  house.write('later.txt', 'later');
  await house.sync();
  const refused = await house.attention(/^store:/);
  assert.equal(refused.title, 'The key of “Ceph” is not accepted');
  assert.deepEqual(refused.action, { do: 'give-key', store: 'Ceph' });
  await problemOf(house.client.stores.setKeyFile({ name: 'Ceph', text: '{}' }), 'usage');
  await house.client.stores.setKey({ name: 'Ceph', accessKeyId, secretAccessKey });
  await house.until('the end of it', () => house.state.attention.length === 0);
  await house.quiet();
  assert.deepEqual(await shown(), ['copies/files/Scans/later.txt', 'copies/files/Scans/page.txt']);
});
