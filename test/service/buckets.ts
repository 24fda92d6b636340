import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { labServer } from '../lab/servers.ts';

/** A new bucket in the lab's Ceph: its client, the store that a person would add there, and its key. */
export async function cephBucket(t: TestContext) {
  const { endpoint, region, accessKeyId, secretAccessKey } = labServer('ceph');
  const key = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials: key, forcePathStyle: true });
  t.after(() => client.destroy());
  const bucket = `service-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  return { client, key, place: { kind: 's3' as const, name: 'Ceph', bucket, prefix: 'copies', endpoint, region } };
}
