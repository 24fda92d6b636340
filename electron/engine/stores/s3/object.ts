import { createHash } from 'node:crypto';
import type { VersionFacts } from '../../../../shared/domain.ts';
import { isTransient, StrongroomError } from '../../../../shared/errors.ts';
import type { Content } from '../store.ts';
import type { Connection } from './connection.ts';
import { bareTag } from './keys.ts';
import type { WireAnswer } from './wire.ts';

/** What the server says of an object that was just written or is there already. */
export interface ObjectClaim {
  readonly versionId: string;
  readonly etag: string;
  /** Base64; of a multipart object the digest of its parts' digests, with the number of parts behind a hyphen. */
  readonly sha256: string | undefined;
  /** Whether the ETag is an MD5 digest of the bytes (or of the parts' MD5 digests). */
  readonly etagIsMd5: boolean;
}

/** An object's HEAD. */
export interface ObjectHead extends ObjectClaim {
  readonly size: number;
  readonly metadata: (name: string) => string | undefined;
  readonly modified: number;
  readonly archived: boolean;
}

/** The claim in the headers of an answer. Errors: `store-versioning-off` where there is no version id. */
export function claimOf(answer: Pick<WireAnswer, 'header'>, connection: Connection): ObjectClaim {
  const etag = answer.header('etag');
  if (etag === undefined) throw connection.odd('told no ETag');
  return {
    versionId: requireVersion(answer.header('x-amz-version-id'), connection),
    etag: bareTag(etag),
    sha256: answer.header('x-amz-checksum-sha256'),
    etagIsMd5: etagIsMd5(answer.header('x-amz-server-side-encryption')),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html, "ETag" */
export function etagIsMd5(encryption: string | undefined): boolean {
  return encryption === undefined || encryption === 'AES256';
}

export function requireVersion(versionId: string | undefined, connection: Connection): string {
  if (versionId !== undefined && versionId !== '') return versionId;
  throw versioningOff(connection);
}

export function versioningOff(connection: Connection): StrongroomError {
  return new StrongroomError(
    'store-versioning-off',
    `The ${connection.place} does not keep versions: what is replaced or deleted would be gone.`,
    { advice: 'Run the same command with --enable-versioning, or turn it on in the S3 console, Properties.' },
  );
}

/** HEAD of an object's version, or of its current one. Errors: `copy-missing`; its `deletion` tells a delete marker. */
export async function headObject(
  connection: Connection,
  key: string,
  versionId: string | undefined,
  subject: string,
  signal: AbortSignal,
): Promise<ObjectHead> {
  const wire = await connection.wire();
  const answer = await wire.sendWhole({
    method: 'HEAD',
    key,
    query: versionId === undefined ? [] : [['versionId', versionId]],
    headers: { 'x-amz-checksum-mode': 'ENABLED' },
    signal,
    action: versionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
    subject,
  });
  const storageClass = answer.header('x-amz-storage-class');
  return {
    ...claimOf(answer, connection),
    size: Number(answer.header('content-length') ?? 0),
    metadata: (name) => answer.header(`x-amz-meta-${name}`),
    modified: Date.parse(answer.header('last-modified') ?? ''),
    archived:
      (storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE') &&
      !/ongoing-request="false"/.test(answer.header('x-amz-restore') ?? ''),
  };
}

export function base64FromHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}

/** What S3 says of a multipart object: the digest of the parts' digests, and their number. */
export function composite(
  algorithm: 'sha256' | 'md5',
  encoding: 'base64' | 'hex',
  digests: readonly Uint8Array[],
): string {
  return `${createHash(algorithm).update(Buffer.concat(digests)).digest(encoding)}-${digests.length}`;
}

/** Whether the object was written in parts, of which its ETag tells. */
function partsOf(claim: ObjectClaim): number {
  return Number(/-(\d+)$/.exec(claim.etag)?.[1] ?? 0);
}

/** Whether a multipart object's SHA-256 is that of these parts. Some servers leave out their number. */
export function confirmsParts(told: string | undefined, digests: readonly Uint8Array[]): boolean {
  const expected = composite('sha256', 'base64', digests);
  return told === expected || told === expected.replace(/-\d+$/, '');
}

export interface Comparison {
  readonly key: string;
  readonly version: VersionFacts;
  /** The local bytes. */
  readonly content: Content | undefined;
  /** With which a multipart object would have been written. */
  readonly partSize: number;
  readonly subject: string;
  readonly signal: AbortSignal;
}

/**
 * Whether an object that is there is really a version, by the strongest means that the server offers: its SHA-256, that
 * of its parts, its ETag, or else by reading it.
 */
export async function isVersion(connection: Connection, claim: ObjectClaim, wanted: Comparison): Promise<boolean> {
  const { version, content, partSize } = wanted;
  const parts = partsOf(claim);
  if (claim.sha256 === base64FromHex(version.sha256)) return true;
  if (parts === 0 && claim.sha256 !== undefined) return false;
  if (content !== undefined && parts === 0 && claim.etagIsMd5) {
    return (await digestOf(content, 0, version.size, 'md5')).toString('hex') === claim.etag;
  }
  if (content !== undefined && parts === Math.ceil(version.size / partSize) && claim.sha256 !== undefined) {
    const digests: Buffer[] = [];
    for (let start = 0; start < version.size; start += partSize) {
      digests.push(await digestOf(content, start, Math.min(version.size, start + partSize), 'sha256'));
    }
    if (confirmsParts(claim.sha256, digests)) return true;
  }
  const digest = await digestInStore(connection, wanted.key, claim.versionId, wanted.subject, wanted.signal);
  return digest === version.sha256;
}

const slice = 4 * 1024 * 1024;

async function digestOf(content: Content, start: number, end: number, algorithm: 'sha256' | 'md5'): Promise<Buffer> {
  const hash = createHash(algorithm);
  for (let at = start; at < end; at += slice) hash.update(await content.bytes(at, Math.min(end, at + slice)));
  return hash.digest();
}

/** The SHA-256 of an object's bytes as they come back. */
export async function digestInStore(
  connection: Connection,
  key: string,
  versionId: string,
  subject: string,
  signal: AbortSignal,
): Promise<string> {
  const wire = await connection.wire();
  const request = {
    method: 'GET' as const,
    key,
    query: [['versionId', versionId]] as const,
    signal,
    action: 's3:GetObjectVersion',
    subject,
  };
  const { content } = await wire.get(request);
  const hash = createHash('sha256');
  for await (const piece of content) hash.update(piece);
  return hash.digest('hex');
}

/**
 * Takes back a version that this very call wrote with bytes that are not the right ones. Where that is not allowed, the
 * next attempt supersedes it.
 */
export async function discard(connection: Connection, key: string, versionId: string, subject: string): Promise<void> {
  await takeBack(connection, key, versionId, subject, AbortSignal.timeout(10_000)).catch(() => undefined);
}

/** As {@link discard}, but fails where another attempt may succeed. */
export async function takeBack(
  connection: Connection,
  key: string,
  versionId: string,
  subject: string,
  signal: AbortSignal,
): Promise<void> {
  const wire = await connection.wire();
  const query = [['versionId', versionId]] as const;
  try {
    await wire.sendWhole({ method: 'DELETE', key, query, signal, action: 's3:DeleteObjectVersion', subject });
  } catch (error) {
    if (isTransient(error) || signal.aborted) throw error;
  }
}

/** The error after {@link discard}. */
export function wroteWrongBytes(connection: Connection, subject: string): StrongroomError {
  return new StrongroomError('store-busy', `The ${connection.place} confirmed other bytes than those of ${subject}.`, {
    advice: 'Strongroom tries again by itself.',
    subject,
  });
}
