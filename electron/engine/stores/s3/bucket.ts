import { randomUUID, createHash } from 'node:crypto';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import { discard, versioningOff } from './object.ts';
import { base64FromHex } from './object.ts';

/**
 * Errors: `store-versioning-off` where the bucket does not keep versions now.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html
 */
export async function requireVersioning(connection: Connection, signal: AbortSignal): Promise<void> {
  const sdk = await connection.sdk();
  const answer = await sdk.call({ action: 's3:GetBucketVersioning', signal }, (client, module, options) =>
    client.send(new module.GetBucketVersioningCommand({ Bucket: connection.spec.bucket }), options),
  );
  if (answer.Status !== 'Enabled') throw versioningOff(connection);
}

/** Errors: `store-unsupported` where the spec asks for Object Lock and the bucket has none. */
export async function requireObjectLock(connection: Connection, signal: AbortSignal): Promise<void> {
  if (connection.spec.lock === undefined) return;
  const sdk = await connection.sdk();
  const action = 's3:GetBucketObjectLockConfiguration';
  try {
    const answer = await sdk.call({ action, signal }, (client, module, options) =>
      client.send(new module.GetObjectLockConfigurationCommand({ Bucket: connection.spec.bucket }), options),
    );
    if (answer.ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled') return;
  } catch (error) {
    if (!(error instanceof S3Error) || error.status !== 404 || error.s3Code === 'NoSuchBucket') throw error;
  }
  throw new StrongroomError(
    'store-unsupported',
    `The ${connection.place} has no Object Lock, which the address of the store asks for.`,
    { advice: 'Turn on Object Lock for the bucket in the S3 console, or leave out lock= in the address of the store.' },
  );
}

/**
 * Proves that control files can be written, and finds out whether the server decides conditions, in one request that
 * writes nothing where it does: it asks to replace a file that is not there.
 *
 * S3 checks the permission before the condition. A server that does not know conditions writes the file, which is taken
 * away again.
 */
export async function probeWriting(connection: Connection, signal: AbortSignal): Promise<boolean> {
  const name = `probe/${randomUUID()}`;
  const subject = `the control file ${name}`;
  const key = connection.keys.controlKey(name);
  const bytes = Buffer.from('probe');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const wire = await connection.wire();
  try {
    const answer = await wire.sendWhole({
      method: 'PUT',
      key,
      headers: {
        'if-match': '"00000000000000000000000000000000"',
        'x-amz-checksum-sha256': base64FromHex(sha256),
        'x-amz-sdk-checksum-algorithm': 'SHA256',
      },
      body: { bytes, length: bytes.length, sha256 },
      signal,
      action: 's3:PutObject',
      subject,
    });
    await discard(connection, key, answer.header('x-amz-version-id') ?? 'null', subject);
    return false;
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    // 404 is AWS's answer for a file that is not there, 501 that of a server which says that it knows no conditions.
    if (error.status === 412 || error.code === 'copy-missing') return true;
    if (error.status === 501) return false;
    throw error;
  }
}

/** Turns on versioning for a store's bucket. It cannot be turned off again, only suspended. */
export async function turnOnVersioning(connection: Connection, signal: AbortSignal): Promise<void> {
  const sdk = await connection.sdk();
  await sdk.call({ action: 's3:PutBucketVersioning', signal }, (client, module, options) =>
    client.send(
      new module.PutBucketVersioningCommand({
        Bucket: connection.spec.bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
      options,
    ),
  );
}
