import { StrongroomError } from '../../../../shared/errors.ts';
import type { PutRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { metadataOf } from './metadata.ts';

/** What every new version is written with, as the headers of PutObject; the SDK's names follow in {@link newObjectFields}. */
export function newObjectHeaders(connection: Connection, request: PutRequest): Record<string, string> {
  const { spec } = connection;
  const headers: Record<string, string> = { 'content-type': 'application/octet-stream' };
  for (const [name, value] of Object.entries(metadataOf(request))) headers[`x-amz-meta-${name}`] = value;
  if (spec.class !== undefined) headers['x-amz-storage-class'] = spec.class;
  const encryption = encryptionOf(spec.encryption);
  if (encryption !== undefined) {
    headers['x-amz-server-side-encryption'] = encryption.algorithm;
    if (encryption.keyId !== undefined) headers['x-amz-server-side-encryption-aws-kms-key-id'] = encryption.keyId;
  }
  const until = retainUntil(connection);
  if (spec.lock !== undefined && until !== undefined) {
    headers['x-amz-object-lock-mode'] = spec.lock.mode;
    headers['x-amz-object-lock-retain-until-date'] = until.toISOString();
  }
  return headers;
}

/** The same for CopyObject and CreateMultipartUpload of the SDK. */
export function newObjectFields(connection: Connection, request: PutRequest) {
  const { spec } = connection;
  const encryption = encryptionOf(spec.encryption);
  const until = retainUntil(connection);
  return {
    ContentType: 'application/octet-stream',
    Metadata: metadataOf(request),
    ChecksumAlgorithm: 'SHA256' as const,
    ...(spec.class === undefined ? {} : { StorageClass: spec.class as 'STANDARD' }),
    ...(encryption === undefined ? {} : { ServerSideEncryption: encryption.algorithm }),
    ...(encryption?.keyId === undefined ? {} : { SSEKMSKeyId: encryption.keyId }),
    ...(spec.lock === undefined || until === undefined
      ? {}
      : { ObjectLockMode: spec.lock.mode, ObjectLockRetainUntilDate: until }),
  };
}

function encryptionOf(
  encryption: string | undefined,
): { readonly algorithm: 'AES256' | 'aws:kms'; readonly keyId: string | undefined } | undefined {
  if (encryption === undefined) return undefined;
  if (encryption === 's3') return { algorithm: 'AES256', keyId: undefined };
  return { algorithm: 'aws:kms', keyId: encryption === 'kms' ? undefined : encryption };
}

function retainUntil(connection: Connection): Date | undefined {
  const { lock } = connection.spec;
  return lock === undefined ? undefined : new Date(connection.clock.now() + lock.days * 86_400_000);
}

/** The error where the bytes of a file are not those of the version that was to be stored. */
export function fileChanging(subject: string): StrongroomError {
  return new StrongroomError('file-changing', `${subject} changed while it was being sent.`, {
    advice: 'Strongroom looks at it again in the next run.',
    subject,
  });
}
