import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { KeyScheme, parseLocator } from '../../electron/engine/stores/s3/keys.ts';
import { enableVersioning, openS3Store } from '../../electron/engine/stores/s3/s3-store.ts';
import type { CopyAddress } from '../../electron/engine/stores/store.ts';
import { labServer } from '../lab/servers.ts';
import { makeBucket, systemClock, type LabBucket } from './s3-lab.ts';
import {
  assertCode,
  contextWith,
  factsOf,
  largeBytes,
  listAll,
  mebibyte,
  putBytes,
  requestFor,
  sha256Of,
  signal,
} from './support.ts';

describe('settings of an S3 store, at Ceph', { concurrency: 1 }, () => {
  let bucket: LabBucket;

  before(async () => {
    bucket = await makeBucket(labServer('ceph'), { ObjectLockEnabledForBucket: true });
  });
  after(() => bucket.close());

  const nameOf = (copy: CopyAddress) => ({
    Bucket: bucket.spec.bucket,
    Key: new KeyScheme(bucket.spec.prefix).fileKey(copy.place).key,
    VersionId: parseLocator(copy.locator).versionId,
  });

  it('refuses a bucket that does not keep versions, until versioning is turned on', async () => {
    const name = `${bucket.spec.bucket}-plain`;
    await bucket.client.send(new CreateBucketCommand({ Bucket: name }));
    const spec = { ...bucket.spec, bucket: name };
    const store = await openS3Store(spec, bucket.options);
    await assertCode(store.ready(signal), 'store-versioning-off');
    await enableVersioning(spec, bucket.options, signal);
    await store.ready(signal);
    await assertCode(
      (await bucket.open({ bucket: name, lock: { mode: 'GOVERNANCE', days: 1 } })).ready(signal),
      'store-unsupported',
    );
    assert.deepEqual(await store.listControl('', signal), [], 'left behind');
    await store.close();
  });

  it('locks every new version for as long as asked, by the clock', async () => {
    const now = Date.now();
    const store = await bucket.open({ lock: { mode: 'GOVERNANCE', days: 2 } }, { clock: { now: () => now } });
    await store.ready(signal);
    const source = 'locked';
    const small = await putBytes(store, { source, path: 'small' }, Buffer.from('x'));
    const large = await putBytes(store, { source, path: 'large' }, largeBytes(17 * mebibyte, 3));
    const request = requestFor({ source, path: 'copy' }, factsOf(Buffer.from('x')));
    const placed = await store.copyWithin(small, request, contextWith());
    assert.ok(placed !== undefined);
    for (const copy of [small, large, { place: request.place, locator: placed.locator }]) {
      const { Retention } = await bucket.client.send(new GetObjectRetentionCommand(nameOf(copy)));
      assert.equal(Retention?.Mode, 'GOVERNANCE');
      const until = Retention.RetainUntilDate?.getTime() ?? 0;
      assert.ok(Math.abs(until - now - 2 * 86_400_000) < 1000, `${until}`);
      await assert.rejects(bucket.client.send(new DeleteObjectCommand(nameOf(copy))), { name: 'AccessDenied' });
    }
    await store.retire(small.place, small.locator, signal);
    await store.close();
  });

  it('stores in the class that was asked for', async () => {
    const store = await bucket.open({ class: 'STANDARD_IA' });
    const copies = [
      await putBytes(store, { source: 'cold', path: 'small' }, Buffer.from('x')),
      await putBytes(store, { source: 'cold', path: 'large' }, largeBytes(17 * mebibyte, 3)),
    ];
    for (const copy of copies) {
      assert.equal((await bucket.client.send(new HeadObjectCommand(nameOf(copy)))).StorageClass, 'STANDARD_IA');
    }
    await store.close();
  });

  it('describes what others have put into the bucket by reading it', async () => {
    const store = await bucket.open();
    const body = Buffer.from('put by rclone');
    const Key = `${bucket.spec.prefix}/files/foreign/folder/file`;
    const Metadata = { mtime: '1600000000.5' };
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.spec.bucket, Key, Body: body, Metadata }));
    await bucket.client.send(
      new PutObjectCommand({ Bucket: bucket.spec.bucket, Key: Key.replace('file', ''), Body: Buffer.alloc(0) }),
    );
    const [listed, ...others] = await listAll(store, 'foreign');
    assert.deepEqual(others, []);
    assert.ok(listed !== undefined);
    const described = await store.describe(listed, 'foreign', signal);
    assert.equal(described.sha256, sha256Of(body));
    assert.equal(described.mtimeNs, 1_600_000_000_500_000_000n);
    assert.equal(described.locator, listed.locator);
    await store.close();
  });

  it('finds an object that was changed behind its back to be no copy of the version', async () => {
    const store = await bucket.open({}, { clock: systemClock });
    const place = { source: 'replaced', path: 'file' };
    const version = factsOf(Buffer.from('right'));
    const Key = new KeyScheme(bucket.spec.prefix).fileKey(place).key;
    const Metadata = { sha256: version.sha256, mtime: '1700000000.123456789', mode: '0640' };
    await bucket.client.send(new PutObjectCommand({ Bucket: bucket.spec.bucket, Key, Body: 'wrong', Metadata }));
    const copy = await putBytes(store, place, Buffer.from('right'), { mayExist: true });
    assert.equal((await listAll(store, 'replaced')).length, 2);
    assert.equal((await listAll(store, 'replaced'))[0]?.locator, copy.locator);
    await store.close();
  });
});
