import { writeFileSync } from 'node:fs';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Endpoint } from '../lab/servers.ts';

/** A bucket with versioning, and how both programs are told of it. */
export interface Bucket {
  /** For Strongroom and rclone alike. */
  readonly environment: Readonly<Record<string, string>>;
  /** The store spec of a prefix, for Strongroom. */
  spec(prefix: string): string;
  /** The address of a prefix, for rclone. */
  remote(prefix: string): string;
}

/** @param configuration where rclone's configuration may be written; it holds nothing, all is in the environment. */
export async function makeBucket(server: S3Endpoint, configuration: string): Promise<Bucket> {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: 'bench' }));
  await client.send(
    new PutBucketVersioningCommand({ Bucket: 'bench', VersioningConfiguration: { Status: 'Enabled' } }),
  );
  client.destroy();
  writeFileSync(configuration, '');
  return {
    environment: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      RCLONE_CONFIG: configuration,
      RCLONE_CONFIG_LAB_TYPE: 's3',
      RCLONE_CONFIG_LAB_PROVIDER: 'Ceph',
      RCLONE_CONFIG_LAB_ENDPOINT: endpoint,
      RCLONE_CONFIG_LAB_REGION: region,
      RCLONE_CONFIG_LAB_ACCESS_KEY_ID: accessKeyId,
      RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY: secretAccessKey,
    },
    spec: (prefix) =>
      `s3://bench/${prefix}?endpoint=${encodeURIComponent(endpoint)}&region=${encodeURIComponent(region)}`,
    remote: (prefix) => `lab:bench/${prefix}`,
  };
}
