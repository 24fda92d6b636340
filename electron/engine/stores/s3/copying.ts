import type { CopyAddress, Placed, PutContext, PutRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import { bareTag, locatorOf, parseLocator } from './keys.ts';
import { abortUpload } from './multipart.ts';
import { base64FromHex, digestInStore, discard, headObject, type ObjectClaim, type ObjectHead } from './object.ts';
import { newObjectFields, newObjectHeaders } from './sending.ts';
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
  const copySource = `/${connection.spec.bucket}/${encodePath(source.key)}?versionId=${encodeURIComponent(source.versionId)}`;
  try {
    if (request.version.size <= singleCopyBytes) {
      const placed = await copyAtOnce(connection, copySource, key, request, context.signal);
      if (typeof placed === 'object') return placed;
      return await confirmCopy(connection, source, placed, key, from, request, context);
    }
    const head = await goodSource(connection, source, from, request, context.signal);
    if (head === undefined) return undefined;
    const versionId = await copyInParts(connection, copySource, key, request, context);
    return await confirmCopy(connection, source, versionId, key, from, request, context);
  } catch (error) {
    if (error instanceof S3Error && (error.code === 'copy-missing' || error.code === 'copy-archived')) return undefined;
    throw error;
  }
}

/**
 * One request, over the wire, because moving a folder makes many: where the answer has the version's own SHA-256,
 * nothing more needs to be asked. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 *
 * @returns the copy, or what is known of the id of a version that is still to be confirmed: Ceph answers before it has one.
 */
async function copyAtOnce(
  connection: Connection,
  copySource: string,
  key: string,
  request: PutRequest,
  signal: AbortSignal,
): Promise<Placed | string | undefined> {
  const wire = await connection.wire();
  const attempt = { action: 's3:PutObject', subject: request.place.path, signal, method: 'PUT' as const, key };
  const headers = {
    ...newObjectHeaders(connection, request),
    'x-amz-copy-source': copySource,
    'x-amz-metadata-directive': 'REPLACE',
    'x-amz-checksum-algorithm': 'SHA256',
  };
  const answer = await wire.send({ ...attempt, headers });
  const text = (await wire.read(answer, { ...attempt, headers })).toString('utf8');
  const versionId = answer.header('x-amz-version-id') || undefined;
  const element = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  // A copy that fails on the way answers 200 with an error in its body.
  if (element('Code') !== undefined) throw connection.odd(`ended a copy with ${element('Code') ?? ''}`);
  const etag = element('ETag')?.replace(/&quot;|&#34;/g, '"');
  const isRight = element('ChecksumSHA256') === base64FromHex(request.version.sha256);
  return isRight && etag !== undefined && versionId !== undefined
    ? { locator: locatorOf(versionId, bareTag(etag)) }
    : versionId;
}

/** Asks what the copy became; one that is not what it should be is taken back. */
async function confirmCopy(
  connection: Connection,
  source: { readonly key: string; readonly versionId: string; readonly etag: string },
  versionId: string | undefined,
  key: string,
  from: CopyAddress,
  request: PutRequest,
  context: PutContext,
): Promise<Placed | undefined> {
  const head = await goodSource(connection, source, from, request, context.signal);
  const copied = await headObject(connection, key, versionId, request.place.path, context.signal);
  if (head !== undefined && (await isCopy(connection, key, head, copied, request, context.signal))) {
    return { locator: locatorOf(copied.versionId, copied.etag) };
  }
  await discard(connection, key, copied.versionId, request.place.path);
  return undefined;
}

/** The source's head, if it is there, can be read, and is what the catalog says. */
async function goodSource(
  connection: Connection,
  source: { readonly key: string; readonly versionId: string; readonly etag: string },
  from: CopyAddress,
  request: PutRequest,
  signal: AbortSignal,
): Promise<ObjectHead | undefined> {
  const head = await sourceHead(connection, source.key, source.versionId, from.place.path, signal);
  if (head === undefined || head.archived || head.size !== request.version.size) return undefined;
  return head.etag !== source.etag || head.metadata('sha256') !== request.version.sha256 ? undefined : head;
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
