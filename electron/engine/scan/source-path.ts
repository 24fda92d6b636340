import path from 'node:path';
import { bytesFromName, hasRawBytes } from '../../../shared/names.ts';

/** The path to hand to the operating system for a file of a source; bytes where the name is not text. */
export function sourcePath(root: string, relative: string): string | Buffer {
  if (relative === '') return root;
  const joined = root.endsWith(path.sep) ? root + relative : `${root}/${relative}`;
  return hasRawBytes(relative)
    ? Buffer.concat([Buffer.from(joined.slice(0, joined.length - relative.length)), bytesFromName(relative)])
    : joined;
}

/** ext2-4, XFS, Btrfs, tmpfs, ZFS, F2FS: `f_type` of statfs(2), https://man7.org/linux/man-pages/man2/statfs.2.html */
const steadyTypes: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x2fc12fc1, 0xf2f52010]);

/**
 * Whether inode numbers and change times of this kind of file system mean something. On network shares both may
 * differ from one mount to the next; there, and where the type is unknown, size and modification time alone decide.
 */
export function trustsInodes(type: number, platform: string): boolean {
  return platform === 'linux' && steadyTypes.has(type);
}
