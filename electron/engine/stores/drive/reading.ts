import { createHash } from 'node:crypto';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { ByteRange, CopyAddress, DescribedCopy, ListedCopy } from '../store.ts';
import type { Connection } from './connection.ts';
import { DriveError } from './errors.ts';
import { requireLocator } from './locator.ts';

/** See `Store.get`. The bytes come from the revision, which stays whatever becomes of the file. */
export async function getCopy(
  connection: Connection,
  copy: CopyAddress,
  range: ByteRange,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { fileId, revisionId } = requireLocator(copy.locator);
  return await readRevision(connection, fileId, revisionId, range, copy.place.path, signal);
}

/** https://developers.google.com/workspace/drive/api/guides/manage-downloads */
export async function readRevision(
  connection: Connection,
  fileId: string,
  revisionId: string,
  range: ByteRange,
  subject: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const start = range.start ?? 0;
  const { end } = range;
  const isEmpty = end !== undefined && end <= start;
  // Nothing is asked for: whether the copy is there still matters.
  const wanted = isEmpty ? { start: 0, end: 1 } : { start, end };
  const ranged = wanted.start > 0 || wanted.end !== undefined;
  const path = `files/${encodeURIComponent(fileId)}/revisions/${encodeURIComponent(revisionId)}`;
  const request = (acknowledged: boolean) => ({
    ...connection.api.get(path, { alt: 'media', ...(acknowledged ? { acknowledgeAbuse: 'true' } : {}) }),
    headers: ranged ? { range: `bytes=${wanted.start}-${wanted.end === undefined ? '' : wanted.end - 1}` } : {},
    action: 'read a file',
    subject,
    signal,
    accepts: [416],
  });
  let answer;
  try {
    answer = await connection.wire.send(request(false));
  } catch (error) {
    // Google takes the file for malware. It is the institution's own, and wanted back as it was.
    if (!(error instanceof DriveError) || error.reason !== 'cannotDownloadAbusiveFile') throw error;
    answer = await connection.wire.send(request(true));
  }
  if (isEmpty || answer.status === 416) {
    answer.body.on('error', () => undefined).destroy();
    return nothing();
  }
  if (ranged && answer.status !== 206 && wanted.start > 0) {
    answer.body.on('error', () => undefined).destroy();
    throw connection.odd('does not give parts of a file');
  }
  return metered(connection, connection.wire.stream(answer, request(false)), signal);
}

async function* metered(
  connection: Connection,
  pieces: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await connection.egress.take(piece.length, signal);
    yield piece;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty copy.
}

/** What a listing knows of a copy besides what it tells. */
export interface KnownFacts {
  /** `undefined` where Drive and the record keep none: the bytes then tell. */
  readonly sha256: string | undefined;
  readonly mtimeNs: bigint;
  readonly mode: number;
}

/** See `Store.describe`. @param facts what the listing knew of this very copy, if it is still there. */
export async function describeCopy(
  connection: Connection,
  listed: ListedCopy,
  source: string,
  facts: KnownFacts | undefined,
  signal: AbortSignal,
): Promise<DescribedCopy> {
  const { locator, path, size } = listed;
  if (locator === undefined || listed.deletion) {
    throw new StrongroomError('copy-missing', `${path} is marked as deleted: there is no copy to describe.`);
  }
  const mtimeNs = facts?.mtimeNs ?? BigInt(listed.storedAt) * 1_000_000n;
  const mode = facts?.mode ?? 0o644;
  if (facts?.sha256 !== undefined) return { sha256: facts.sha256, size, mtimeNs, mode, locator };
  const hash = createHash('sha256');
  let read = 0;
  for await (const piece of await getCopy(connection, { place: { source, path }, locator }, {}, signal)) {
    hash.update(piece);
    read += piece.length;
  }
  return { sha256: hash.digest('hex'), size: read, mtimeNs, mode, locator };
}
