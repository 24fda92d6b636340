import { createHash } from 'node:crypto';
import type { Place } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { ByteRange, CopyAddress, DescribedCopy, ListedCopy } from '../store.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import { parseLocator } from './keys.ts';
import { factsOf, parseMtime } from './metadata.ts';
import { headObject } from './object.ts';

/** See `Store.get`. */
export async function getCopy(
  connection: Connection,
  copy: CopyAddress,
  range: ByteRange,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const { key } = connection.keys.fileKey(copy.place);
  const { versionId } = parseLocator(copy.locator);
  const start = range.start ?? 0;
  const { end } = range;
  if (end !== undefined && end <= start) {
    await headObject(connection, key, versionId, copy.place.path, signal);
    return nothing();
  }
  const ranged = start > 0 || end !== undefined;
  const wire = await connection.wire();
  const request = {
    method: 'GET' as const,
    key,
    query: [['versionId', versionId]] as const,
    headers: ranged ? { range: `bytes=${start}-${end === undefined ? '' : end - 1}` } : {},
    signal,
    action: 's3:GetObjectVersion',
    subject: copy.place.path,
  };
  let answer;
  try {
    answer = await wire.get(request, range.into);
  } catch (error) {
    // There is nothing from there on: the object ends before.
    if (error instanceof S3Error && error.status === 416) return nothing();
    throw error;
  }
  if (ranged && answer.status !== 206) {
    answer.drop();
    throw connection.odd('does not give parts of an object');
  }
  return answer.content;
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An empty copy.
}

/** See `Store.describe`. */
export async function describeCopy(
  connection: Connection,
  listed: ListedCopy,
  source: string,
  signal: AbortSignal,
): Promise<DescribedCopy> {
  if (listed.locator === undefined || listed.deletion) {
    throw new StrongroomError('copy-missing', `${listed.path} is marked as deleted: there is no copy to describe.`);
  }
  const place: Place = { source, path: listed.path };
  const { versionId } = parseLocator(listed.locator);
  const head = await headObject(connection, connection.keys.fileKey(place).key, versionId, listed.path, signal);
  const facts = factsOf(head.metadata);
  // The listing knows the size of an archived object, of which some servers' HEAD says 0.
  if (facts !== undefined) return { ...facts, size: listed.size, locator: listed.locator };

  // Somebody else wrote it, as with rclone or in the console: it is described by what it holds.
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of await getCopy(connection, { place, locator: listed.locator }, {}, signal)) {
    hash.update(piece);
    size += piece.length;
  }
  const mtimeNs = parseMtime(head.metadata('mtime')) ?? BigInt(head.modified) * 1_000_000n;
  return { sha256: hash.digest('hex'), size, mtimeNs, mode: 0o644, locator: listed.locator };
}
