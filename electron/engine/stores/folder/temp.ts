import { createHash, randomBytes, type Hash } from 'node:crypto';
import { open, rm, statfs, type FileHandle } from 'node:fs/promises';
import type { VersionFacts } from '../../../../shared/domain.ts';
import { codeOf, StrongroomError } from '../../../../shared/errors.ts';
import { errnoOf } from '../../platform/failures.ts';
import { fileTime } from '../../platform/times.ts';
import type { Content, PutContext } from '../store.ts';
import { pieceSize, throwIfAborted, type Disk } from './disk.ts';

export const tempFolder = 'strongroom/tmp';

/** From this size on, in bytes, a copy that was broken off is gone on with. */
export const resumableSize = 32 * 1024 * 1024;

/** How much of a large file may be unwritten on the disk, in bytes, when the power fails. */
const syncEvery = 256 * 1024 * 1024;

const tempName = /^[0-9a-f]{16}-[0-9a-f]{16}\.part$/;

/** A fresh name below the store's folder for temporary files. */
export function newTemp(sha256: string): string {
  return `${tempFolder}/${sha256.slice(0, 16)}-${randomBytes(8).toString('hex')}.part`;
}

/**
 * Writes a version to a temporary file, with its time and mode, durably.
 *
 * The bytes are hashed on their way; nothing is read back, since a read straight after would come from the system's
 * memory and not from the disk. What the disk then makes of them is for audits to find, which read everything again.
 *
 * A large file that is broken off stays, and the resume slot holds its name: the next attempt reads and hashes what is
 * there and goes on behind it. If the whole then has the wrong digest, what was there is not believed and the file is
 * written once more from its beginning.
 *
 * @returns the relative path of the file. Errors: `file-changing`, those of `content`, and the system's own.
 */
export async function writeTemp(
  disk: Disk,
  version: VersionFacts,
  content: Content,
  context: PutContext,
): Promise<string> {
  const resumable = version.size >= resumableSize;
  const earlier = resumable ? earlierTemp(version, context.resume.token) : undefined;
  const relative = earlier ?? newTemp(version.sha256);
  if (resumable && earlier === undefined) {
    await requireSpace(disk, version.size);
    context.resume.save(relative.slice(tempFolder.length + 1));
  }
  try {
    await fill(disk, relative, version, content, context, earlier !== undefined);
    return relative;
  } catch (error) {
    if (!resumable || spoiled(error)) {
      await removeTemp(disk, relative);
      if (resumable) context.resume.save(undefined);
    }
    throw error;
  }
}

/** Removes a temporary file; one that is gone, or that cannot be removed now, is left to `cleanUp`. */
export async function removeTemp(disk: Disk, relative: string): Promise<void> {
  await rm(disk.at(relative), { force: true }).catch(() => undefined);
}

async function fill(
  disk: Disk,
  relative: string,
  version: VersionFacts,
  content: Content,
  context: PutContext,
  resuming: boolean,
): Promise<void> {
  const handle = await openTemp(disk, relative, resuming);
  try {
    let reported = 0;
    const report = (position: number): void => {
      if (position <= reported) return;
      context.onBytes(position - reported);
      reported = position;
    };
    const hash = createHash('sha256');
    const start = resuming ? await hashPrefix(handle, version, hash, context.signal, report) : 0;
    await append(handle, version, content, context.signal, hash, start, report);
    if (hash.digest('hex') !== version.sha256) {
      const again = createHash('sha256');
      if (start > 0) {
        await handle.truncate(0);
        await append(handle, version, content, context.signal, again, 0, report);
      }
      if (start === 0 || again.digest('hex') !== version.sha256) throw changing();
    }
    await applyFacts(handle, version);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Sets the permission bits (never setuid, setgid or sticky; always readable and writable by the owner) and the time. */
export async function applyFacts(handle: FileHandle, version: VersionFacts): Promise<void> {
  try {
    await handle.chmod(storedMode(version.mode));
  } catch (error) {
    // FAT and some network shares have no permission bits to set.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errnoOf(error) ?? '')) throw error;
  }
  const time = fileTime(version.mtimeNs);
  await handle.utimes(time, time);
}

/** The permission bits that a stored file has; the version's own are in the catalog and the journals. */
export function storedMode(mode: number): number {
  return (mode & 0o777) | 0o600;
}

async function append(
  handle: FileHandle,
  version: VersionFacts,
  content: Content,
  signal: AbortSignal,
  hash: Hash,
  start: number,
  report: (position: number) => void,
): Promise<void> {
  let at = start;
  let unsynced = 0;
  let ahead = at < version.size ? piece(content, at, version.size) : undefined;
  while (ahead !== undefined) {
    throwIfAborted(signal);
    const bytes = await ahead;
    const end = at + bytes.length;
    if (bytes.length !== Math.min(pieceSize, version.size - at)) throw changing();
    // The next piece is read while this one is written.
    ahead = end < version.size ? piece(content, end, version.size) : undefined;
    hash.update(bytes);
    await writeAll(handle, bytes, at);
    at = end;
    unsynced += bytes.length;
    if (unsynced >= syncEvery && at < version.size) {
      await handle.datasync();
      unsynced = 0;
    }
    report(at);
  }
  throwIfAborted(signal);
}

function piece(content: Content, start: number, size: number): Promise<Uint8Array> {
  const bytes = content.bytes(start, Math.min(start + pieceSize, size));
  // A failure is met when the piece's turn comes, if it comes.
  bytes.catch(() => undefined);
  return bytes;
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Hashes what an earlier attempt left. @returns its length; 0 where it cannot be the beginning of the version. */
async function hashPrefix(
  handle: FileHandle,
  version: VersionFacts,
  hash: Hash,
  signal: AbortSignal,
  report: (position: number) => void,
): Promise<number> {
  const { size } = await handle.stat();
  if (size > version.size) {
    await handle.truncate(0);
    return 0;
  }
  const buffer = Buffer.allocUnsafe(pieceSize);
  let at = 0;
  while (at < size) {
    throwIfAborted(signal);
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
    report(at);
  }
  return at;
}

async function openTemp(disk: Disk, relative: string, resuming: boolean): Promise<FileHandle> {
  if (!resuming) return open(disk.at(relative), 'wx+', 0o600);
  try {
    return await open(disk.at(relative), 'r+');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
    return open(disk.at(relative), 'wx+', 0o600);
  }
}

/** The token comes from the catalog; only a name that this module makes for this version is believed. */
function earlierTemp(version: VersionFacts, token: string | undefined): string | undefined {
  if (token === undefined || !tempName.test(token) || !token.startsWith(version.sha256.slice(0, 16))) return undefined;
  return `${tempFolder}/${token}`;
}

async function requireSpace(disk: Disk, size: number): Promise<void> {
  const { bavail, bsize } = await statfs(disk.root, { bigint: true });
  if (bavail * bsize >= BigInt(size)) return;
  throw new StrongroomError('store-full', `There is not enough room for ${size} more bytes at ${disk.root}.`, {
    advice: 'Free space on the disk or move the store to a larger one.',
  });
}

/** Whether what was written is of no use to a later attempt, or in the way of others. */
function spoiled(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'file-changing' || code === 'file-vanished' || ['ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '');
}

function changing(): StrongroomError {
  return new StrongroomError('file-changing', 'The file changed while it was copied.');
}
