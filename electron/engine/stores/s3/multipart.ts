import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import { codeOf } from '../../../../shared/errors.ts';
import { noResume, type Content, type Placed, type PutContext, type PutRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import { locatorOf } from './keys.ts';
import { composite, confirmsParts, digestInStore, discard, etagIsMd5, headObject, wroteWrongBytes } from './object.ts';
import { fileChanging, newObjectFields } from './sending.ts';
import { listParts, PartSender, type SentPart } from './parts.ts';

const mebibyte = 1024 * 1024;
const smallestPart = 8 * mebibyte;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const mostParts = 10_000;

/** The part size for a file: 8 MiB while that makes no more than 10,000 parts, then as large as needed, in whole MiB. */
export function partSizeFor(size: number): number {
  return Math.max(smallestPart, Math.ceil(size / mostParts / mebibyte) * mebibyte);
}

const resumeToken = z.object({ upload: z.string().min(1), part: z.int().positive() });
export type ResumeToken = z.infer<typeof resumeToken>;

/** What a resume token says; `undefined` for what this adapter did not write. */
export function parseResumeToken(text: string | undefined): ResumeToken | undefined {
  if (text === undefined) return undefined;
  try {
    return resumeToken.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Sends a file in parts, several at once, and puts them together once the digest of the whole is known to be right.
 * What a killed attempt left in the store is gone on with: a part counts as sent if the store's checksum of it is that
 * of the local bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function putInParts(
  connection: Connection,
  key: string,
  request: PutRequest,
  content: Content,
  context: PutContext,
): Promise<Placed> {
  const subject = request.place.path;
  const upload = await continueOrBegin(connection, key, request, context);
  try {
    const whole = createHash('sha256');
    const sent = await sendParts(connection, key, request, content, context, upload, whole);
    if (whole.digest('hex') !== request.version.sha256) throw fileChanging(subject);
    const placed = await complete(connection, key, request, upload.id, sent, context.signal);
    context.resume.save(undefined);
    return placed;
  } catch (error) {
    const code = error instanceof S3Error ? error.s3Code : undefined;
    const vanished = code === 'NoSuchUpload';
    // What a later attempt could go on with stays; cleanUp removes it if none does.
    const goesOn = context.resume !== noResume && !vanished && !isFinal(error);
    if (!goesOn) {
      context.resume.save(undefined);
      if (!vanished) await abort(connection, key, upload.id, subject);
    }
    throw error;
  }
}

interface Upload {
  readonly id: string;
  readonly partSize: number;
  readonly existing: ReadonlyMap<number, SentPart>;
}

async function continueOrBegin(
  connection: Connection,
  key: string,
  request: PutRequest,
  context: PutContext,
): Promise<Upload> {
  const token = parseResumeToken(context.resume.token);
  if (token !== undefined && Math.ceil(request.version.size / token.part) <= mostParts) {
    const existing = await listParts(connection, key, token.upload, request.place.path, context.signal);
    if (existing !== undefined) return { id: token.upload, partSize: token.part, existing };
  }
  const sdk = await connection.sdk();
  const attempt = { action: 's3:PutObject', subject: request.place.path, signal: context.signal };
  const begun = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.CreateMultipartUploadCommand({
        Bucket: connection.spec.bucket,
        Key: key,
        ...newObjectFields(connection, request),
      }),
      options,
    ),
  );
  if (begun.UploadId === undefined) throw connection.odd('began an upload without an id');
  const partSize = partSizeFor(request.version.size);
  context.resume.save(JSON.stringify({ upload: begun.UploadId, part: partSize } satisfies ResumeToken));
  return { id: begun.UploadId, partSize, existing: new Map() };
}

async function sendParts(
  connection: Connection,
  key: string,
  request: PutRequest,
  content: Content,
  context: PutContext,
  upload: Upload,
  whole: Hash,
): Promise<readonly SentPart[]> {
  const sender = new PartSender(connection, key, request, content, context, upload.id, upload.partSize);
  const { size } = request.version;
  try {
    for (let number = 1; (number - 1) * upload.partSize < size; number += 1) {
      await sender.add(number, upload.existing.get(number), whole);
    }
  } catch (error) {
    await sender.stop();
    throw error;
  }
  return await sender.finish();
}

/**
 * CompleteMultipartUpload can answer 200 and then tell of a failure in the body; the SDK turns that into an error.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
async function complete(
  connection: Connection,
  key: string,
  request: PutRequest,
  uploadId: string,
  parts: readonly SentPart[],
  signal: AbortSignal,
): Promise<Placed> {
  const subject = request.place.path;
  const sdk = await connection.sdk();
  const attempt = { action: 's3:PutObject', subject, signal, long: true };
  const answer = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.CompleteMultipartUploadCommand({
        Bucket: connection.spec.bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map((part) => ({
            PartNumber: part.number,
            ETag: `"${part.etag}"`,
            ...(part.listsChecksum ? { ChecksumSHA256: part.sha256.toString('base64') } : {}),
          })),
        },
      }),
      options,
    ),
  );
  const head = await headObject(connection, key, answer.VersionId, subject, signal);
  const told = answer.ChecksumSHA256 ?? head.sha256;
  const digests = parts.map((part) => part.sha256);
  const tags = parts.map((part) => Buffer.from(part.etag, 'hex'));
  const confirmed =
    confirmsParts(told, digests) ||
    // Every part was confirmed by its own checksum, so the digest of the ETags stands for the whole.
    (told === undefined && etagIsMd5(answer.ServerSideEncryption) && head.etag === composite('md5', 'hex', tags)) ||
    (await digestInStore(connection, key, head.versionId, subject, signal)) === request.version.sha256;
  if (head.size === request.version.size && confirmed) return { locator: locatorOf(head.versionId, head.etag) };
  await discard(connection, key, head.versionId, subject);
  throw wroteWrongBytes(connection, subject);
}

/** After these the parts that are there are of no use to a later attempt. */
function isFinal(error: unknown): boolean {
  if (error instanceof S3Error) return error.s3Code === 'InvalidPart' || error.s3Code === 'InvalidPartOrder';
  return codeOf(error) === 'file-changing' || codeOf(error) === 'file-vanished';
}

async function abort(connection: Connection, key: string, uploadId: string, subject: string): Promise<void> {
  await abortUpload(connection, key, uploadId, subject, AbortSignal.timeout(30_000)).catch(() => undefined);
}

/** Ends an upload and removes its parts; one that is not there is fine. */
export async function abortUpload(
  connection: Connection,
  key: string,
  uploadId: string,
  subject: string,
  signal: AbortSignal,
): Promise<void> {
  const sdk = await connection.sdk();
  const attempt = { action: 's3:AbortMultipartUpload', subject, signal };
  try {
    await sdk.call(attempt, (client, module, options) =>
      client.send(
        new module.AbortMultipartUploadCommand({ Bucket: connection.spec.bucket, Key: key, UploadId: uploadId }),
        options,
      ),
    );
  } catch (error) {
    if (!(error instanceof S3Error && error.status === 404)) throw error;
  }
}
