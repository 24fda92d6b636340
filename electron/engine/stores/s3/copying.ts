import type { CopyAddress, Placed, PutContext, PutRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import { bareTag, locatorOf, parseLocator } from './keys.ts';
import { abortUpload } from './multipart.ts';
import { base64FromHex, digestInStore, discard, headObject, type ObjectClaim, type ObjectHead } from './object.ts';
import { newObjectFields } from './sending.ts';
import { encodePath } from './signing.ts';

/** CopyObject's limit. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const singleCopyBytes = 5 * 1024 ** 3;
/** UploadPartCopy's parts may have 5 GiB; smaller ones run at once. 48.8 TiB still make no more than 10,000 parts. */
const copyPartBytes = singleCopyBytes - 1024 ** 2;
const copiesAtOnce = 4;

/**
 * Writes what one version of one object holds as a new version at `key`. `undefined` where the source is gone, archived
 * or not what the catalog says, or where the result turned out to be something else.
 */
export async function copyObject(
  connection: Connection,
  from: CopyAddress,
  key: string,
  request: PutRequest,
  context: PutContext,
): Promise<Placed | undefined> {
  const source = { key: connection.keys.fileKey(from.place).key, ...parseLocator(from.locator) };
  const head = await sourceHead(connection, source.key, source.versionId, from.place.path, context.signal);
  if (head === undefined || head.archived || head.size !== request.version.size) return undefined;
  if (head.etag !== source.etag || head.metadata('sha256') !== request.version.sha256) return undefined;
  const copySource = `${connection.spec.bucket}/${encodePath(source.key)}?versionId=${encodeURIComponent(source.versionId)}`;
  let versionId: string | undefined;
  try {
    versionId =
      head.size > singleCopyBytes
        ? await copyInParts(connection, copySource, key, request, context)
        : await copyWhole(connection, copySource, key, request, context);
  } catch (error) {
    if (error instanceof S3Error && (error.code === 'copy-missing' || error.code === 'copy-archived')) return undefined;
    throw error;
  }
  const copied = await headObject(connection, key, versionId, request.place.path, context.signal);
  if (await isCopy(connection, key, head, copied, request, context.signal)) {
    context.onBytes(request.version.size);
    return { locator: locatorOf(copied.versionId, copied.etag) };
  }
  await discard(connection, key, copied.versionId, request.place.path);
  return undefined;
}

async function sourceHead(
  connection: Connection,
  key: string,
  versionId: string,
  subject: string,
  signal: AbortSignal,
): Promise<ObjectHead | undefined> {
  try {
    return await headObject(connection, key, versionId, subject, signal);
  } catch (error) {
    if (error instanceof S3Error && error.code === 'copy-missing') return undefined;
    throw error;
  }
}

async function isCopy(
  connection: Connection,
  key: string,
  source: ObjectHead,
  copied: ObjectClaim & { readonly size: number },
  request: PutRequest,
  signal: AbortSignal,
): Promise<boolean> {
  if (copied.size !== request.version.size) return false;
  if (copied.sha256 === base64FromHex(request.version.sha256)) return true;
  // The source was confirmed when it was stored: the same digest of the same kind means the same bytes.
  if (copied.sha256 !== undefined && copied.sha256 === source.sha256) return true;
  if (copied.sha256 === undefined && copied.etagIsMd5 && source.etagIsMd5 && copied.etag === source.etag) return true;
  const digest = await digestInStore(connection, key, copied.versionId, request.place.path, signal);
  return digest === request.version.sha256;
}

async function copyWhole(
  connection: Connection,
  copySource: string,
  key: string,
  request: PutRequest,
  context: PutContext,
): Promise<string | undefined> {
  const sdk = await connection.sdk();
  const attempt = { action: 's3:PutObject', subject: request.place.path, signal: context.signal, long: true };
  const answer = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.CopyObjectCommand({
        Bucket: connection.spec.bucket,
        Key: key,
        CopySource: copySource,
        MetadataDirective: 'REPLACE',
        ...newObjectFields(connection, request),
      }),
      options,
    ),
  );
  return answer.VersionId;
}

/** Does not go on after a kill: the bytes never leave the store, and cleanUp removes what was begun. */
async function copyInParts(
  connection: Connection,
  copySource: string,
  key: string,
  request: PutRequest,
  context: PutContext,
): Promise<string | undefined> {
  const subject = request.place.path;
  const { bucket } = connection.spec;
  const sdk = await connection.sdk();
  const attempt = { action: 's3:PutObject', subject, signal: context.signal, long: true };
  const begun = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ...newObjectFields(connection, request) }),
      options,
    ),
  );
  if (begun.UploadId === undefined) throw connection.odd('began an upload without an id');
  const target = { Bucket: bucket, Key: key, UploadId: begun.UploadId };
  const { size } = request.version;
  const count = Math.ceil(size / copyPartBytes);
  const parts: { PartNumber: number; ETag: string; ChecksumSHA256?: string }[] = [];
  let next = 1;
  const copyNext = async (): Promise<void> => {
    while (next <= count) {
      const number = next;
      next += 1;
      const start = (number - 1) * copyPartBytes;
      const range = `bytes=${start}-${Math.min(size, start + copyPartBytes) - 1}`;
      const answer = await sdk.call(attempt, (client, module, options) =>
        client.send(
          new module.UploadPartCopyCommand({
            ...target,
            PartNumber: number,
            CopySource: copySource,
            CopySourceRange: range,
          }),
          options,
        ),
      );
      const { ETag, ChecksumSHA256 } = answer.CopyPartResult ?? {};
      if (ETag === undefined) throw connection.odd('told no ETag of a part');
      parts.push({
        PartNumber: number,
        ETag: `"${bareTag(ETag)}"`,
        ...(ChecksumSHA256 === undefined ? {} : { ChecksumSHA256 }),
      });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(copiesAtOnce, count) }, copyNext));
    parts.sort((one, other) => one.PartNumber - other.PartNumber);
    const done = await sdk.call(attempt, (client, module, options) =>
      client.send(new module.CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: parts } }), options),
    );
    return done.VersionId;
  } catch (error) {
    next = count + 1;
    await abortUpload(connection, key, begun.UploadId, subject, AbortSignal.timeout(30_000)).catch(() => undefined);
    throw error;
  }
}
