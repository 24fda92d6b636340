import { constants } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { RestorableVersion } from '../../engine/catalog/browse.ts';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import { errnoOf } from '../../engine/platform/failures.ts';
import type { Platform } from '../../engine/platform/platform.ts';
import { sourcePath } from '../../engine/scan/source-path.ts';

/**
 * The file of a source itself, opened for reading, where it still is the version as far as size and modification time (to
 * the nanosecond) tell; `undefined` otherwise, whatever the reason. No link is followed out of the source.
 */
export async function openIfStill(
  source: SourceRecord,
  version: RestorableVersion,
  platform: Platform,
): Promise<FileHandle | undefined> {
  if (source.root === '') return undefined;
  const full = sourcePath(source.root, version.path);
  let file: FileHandle | undefined;
  try {
    const flags = constants.O_RDONLY | (platform === 'win32' ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK);
    file = await open(full, flags);
    if ((await isStill(file, version)) && (await isInside(full, source.root))) return file;
    await file.close();
    return undefined;
  } catch (error) {
    await file?.close().catch(() => undefined);
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

/** Whether an open file has the size and modification time of a version. */
export async function isStill(file: FileHandle, { facts }: RestorableVersion): Promise<boolean> {
  const stat = await file.stat({ bigint: true });
  return stat.isFile() && stat.size === BigInt(facts.size) && stat.mtimeNs === facts.mtimeNs;
}

async function isInside(full: string | Buffer, root: string): Promise<boolean> {
  const [file, folder] = await Promise.all([realpath(full, 'buffer'), realpath(root, 'buffer')]);
  return (
    file.subarray(0, folder.length).equals(folder) &&
    (file[folder.length] === path.sep.charCodeAt(0) || root === path.sep)
  );
}
