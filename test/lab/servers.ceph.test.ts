import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startFaultProxy, type FaultProxy } from '../faults/proxy.ts';
import { labServer } from './servers.ts';

describe('the Ceph of the runner', () => {
  const server = labServer('ceph');
  const bucket = `lab-${randomUUID()}`;
  const body = Buffer.from('scan of page 1');
  let proxy: FaultProxy;
  let client: S3Client;

  before(async () => {
    // Through the proxy: its requests must still carry a valid signature when they arrive.
    proxy = await startFaultProxy(server.endpoint, { seed: 1 });
    const { region, accessKeyId, secretAccessKey } = server;
    const credentials = { accessKeyId, secretAccessKey };
    client = new S3Client({ endpoint: proxy.endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    const versioning = { Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } } as const;
    await client.send(new PutBucketVersioningCommand(versioning));
  });
  after(async () => {
    client.destroy();
    await proxy.stop();
  });

  const put = (key: string, bytes: Buffer, digestOf = bytes) => {
    const ChecksumSHA256 = createHash('sha256').update(digestOf).digest('base64');
    const target = { Bucket: bucket, Key: key, Body: bytes, ContentLength: bytes.length };
    return client.send(new PutObjectCommand({ ...target, ChecksumAlgorithm: 'SHA256', ChecksumSHA256 }));
  };

  test('keeps every version', async () => {
    const first = await put('page.tif', body);
    const second = await put('page.tif', Buffer.from('another scan'));
    assert.notEqual(first.VersionId, second.VersionId);
    const answer = await client.send(
      new GetObjectCommand({ Bucket: bucket, Key: 'page.tif', VersionId: first.VersionId }),
    );
    assert.deepEqual(Buffer.from((await answer.Body?.transformToByteArray()) ?? []), body);
  });

  test('refuses bytes that do not have the checksum announced', async () => {
    await assert.rejects(put('wrong', body, Buffer.from('other bytes')), { name: 'BadDigest' });
  });

  test('refuses bytes that changed on the way', async () => {
    proxy.inject({ fault: { kind: 'flip-byte', where: 'request', offset: 3 } });
    await assert.rejects(put('flipped', body));
    assert.equal(proxy.log.at(-1)?.fault, 'flip-byte');
    assert.equal(proxy.log.at(-1)?.status, 400);
  });

  test('commits what it answered when the answer is lost', async () => {
    proxy.inject({ fault: { kind: 'lose-response' } });
    await assert.rejects(put('lost', body));
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: 'lost' }));
    assert.deepEqual(Buffer.from((await answer.Body?.transformToByteArray()) ?? []), body);
  });
});
