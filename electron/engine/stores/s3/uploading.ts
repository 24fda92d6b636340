import { createHash } from 'node:crypto';
import { bytesFromName } from '../../../../shared/names.ts';
import type { Content, Placed, PutContext, PutRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import type { ControlFiles } from './control.ts';
import { S3Error } from './errors.ts';
import { locatorOf, type FileKey } from './keys.ts';
import { sameVersion } from './metadata.ts';
import { partSizeFor, parseResumeToken, putInParts } from './multipart.ts';
import { base64FromHex, claimOf, discard, headObject, isVersion, wroteWrongBytes } from './object.ts';
import { fileChanging, newObjectHeaders } from './sending.ts';

/** Files up to this many bytes go up in one request. */
const singlePutBytes = 16 * 1024 * 1024;

/** See `Store.put`. */
export async function put(
  connection: Connection,
  control: ControlFiles,
  request: PutRequest,
  content: Content,
  context: PutContext,
): Promise<Placed> {
  const { key } = await reserveKey(connection, control, request, context.signal);
  const begun = parseResumeToken(context.resume.token);
  if (request.mayExist || begun !== undefined) {
    const there = await adopt(connection, key, request, content, begun?.part, context.signal);
    if (there !== undefined) {
      context.onBytes(request.version.size);
      context.resume.save(undefined);
      return there;
    }
  }
  if (request.version.size > singlePutBytes) return await putInParts(connection, key, request, content, context);
  return await putWhole(connection, key, request, content, context);
}

/** The key of a request's place. For a path that no key can hold, its name is kept first, so that it is never lost. */
export async function reserveKey(
  connection: Connection,
  control: ControlFiles,
  request: PutRequest,
  signal: AbortSignal,
): Promise<FileKey> {
  const fileKey = connection.keys.fileKey(request.place);
  if (fileKey.longName !== undefined && (await control.read(fileKey.longName, signal)) === undefined) {
    await control.write(fileKey.longName, bytesFromName(request.place.path), { kind: 'any' }, signal);
  }
  return fileKey;
}

/** The version that lies at a key already, where an earlier attempt at this very request wrote it. */
export async function adopt(
  connection: Connection,
  key: string,
  request: PutRequest,
  content: Content | undefined,
  partSize: number | undefined,
  signal: AbortSignal,
): Promise<Placed | undefined> {
  const { version, replaces } = request;
  const subject = request.place.path;
  let head;
  try {
    head = await headObject(connection, key, undefined, subject, signal);
  } catch (error) {
    if (error instanceof S3Error && error.code === 'copy-missing') return undefined;
    throw error;
  }
  const locator = locatorOf(head.versionId, head.etag);
  if (locator === replaces || !sameVersion(version, head.size, head.metadata)) return undefined;
  const wanted = { key, version, content, partSize: partSize ?? partSizeFor(version.size), subject, signal };
  const same = await isVersion(connection, head, wanted);
  return same ? { locator } : undefined;
}

async function putWhole(
  connection: Connection,
  key: string,
  request: PutRequest,
  content: Content,
  context: PutContext,
): Promise<Placed> {
  const { version } = request;
  const subject = request.place.path;
  const bytes = version.size === 0 ? new Uint8Array() : await content.bytes(0, version.size);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== version.size || digest !== version.sha256) throw fileChanging(subject);
  const checksum = base64FromHex(digest);
  const wire = await connection.wire();
  const answer = await wire.sendWhole({
    method: 'PUT',
    key,
    headers: {
      ...newObjectHeaders(connection, request),
      'x-amz-checksum-sha256': checksum,
      'x-amz-sdk-checksum-algorithm': 'SHA256',
    },
    body: { bytes, length: bytes.length, sha256: digest, onBytes: context.onBytes },
    signal: context.signal,
    action: 's3:PutObject',
    subject,
  });
  const claim = claimOf(answer, connection);
  const confirmed =
    claim.sha256 === checksum ||
    (claim.sha256 === undefined && claim.etagIsMd5 && claim.etag === createHash('md5').update(bytes).digest('hex')) ||
    (await isVersion(connection, await headObject(connection, key, claim.versionId, subject, context.signal), {
      key,
      version,
      content,
      partSize: singlePutBytes,
      subject,
      signal: context.signal,
    }));
  if (confirmed) return { locator: locatorOf(claim.versionId, claim.etag) };
  await discard(connection, key, claim.versionId, subject);
  throw wroteWrongBytes(connection, subject);
}
