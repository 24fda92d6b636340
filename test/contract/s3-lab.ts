import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, DeleteObjectCommand, S3Client, type CreateBucketCommandInput } from '@aws-sdk/client-s3';
import type { S3StoreOptions } from '../../electron/engine/stores/s3/connection.ts';
import { KeyScheme, parseLocator } from '../../electron/engine/stores/s3/keys.ts';
import { enableVersioning, openS3Store } from '../../electron/engine/stores/s3/s3-store.ts';
import type { S3Spec } from '../../shared/spec.ts';
import type { CopyAddress, Store } from '../../electron/engine/stores/store.ts';
import type { S3Endpoint } from '../lab/servers.ts';
import { signal } from './support.ts';

/** A bucket of its own at a server of the lab. */
export interface LabBucket {
  readonly spec: S3Spec;
  readonly options: S3StoreOptions;
  readonly client: S3Client;
  /** A store in the bucket, with other settings than the usual ones where given. */
  open(changes?: Partial<S3Spec>, options?: Partial<S3StoreOptions>): Promise<Store>;
  /** Removes a copy for good. */
  lose(copy: CopyAddress): Promise<void>;
  close(): Promise<void>;
}

export const systemClock = { now: () => Date.now() };

/** Makes a bucket with versioning. */
export async function makeBucket(
  server: S3Endpoint,
  settings: Partial<CreateBucketCommandInput> = {},
): Promise<LabBucket> {
  const credentials = { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey };
  const { endpoint, region } = server;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const bucket = `contract-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket, ...settings }));
  const spec: S3Spec = { kind: 's3', bucket, prefix: 'some folder/ä+b', endpoint, region };
  const options = { credentials, clock: systemClock };
  await enableVersioning(spec, options, signal);
  return {
    spec,
    options,
    client,
    open: (changes = {}, more = {}) => openS3Store({ ...spec, ...changes }, { ...options, ...more }),
    lose: async (copy) => {
      const { key } = new KeyScheme(spec.prefix).fileKey(copy.place);
      const { versionId } = parseLocator(copy.locator);
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    },
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}
