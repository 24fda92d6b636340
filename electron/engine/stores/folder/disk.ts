import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { link, lstat, mkdir, open, readdir, type FileHandle } from 'node:fs/promises';
import { StrongroomError } from '../../../../shared/errors.ts';
import { bytesFromName, hasRawBytes, nameFromBytes } from '../../../../shared/names.ts';
import { errnoOf, saysNoLinks } from '../../platform/failures.ts';
import { longPath } from '../../platform/names.ts';
import type { Platform } from '../../platform/platform.ts';

/** Bytes read or written at once. */
export const pieceSize = 1024 * 1024;

export interface DiskEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
}

/**
 * The store's root folder. Paths are relative to it, `/`-separated, in the form of `shared/names.ts`. Failures are
 * the system's own; the store translates them once, at its surface.
 */
export class Disk {
  readonly root: string;
  readonly platform: Platform;
  readonly #running = new Map<string, Promise<void>>();
  readonly #queued = new Map<string, Promise<void>>();

  constructor(root: string, platform: Platform) {
    this.root = root;
    this.platform = platform;
  }

  /** The path to hand to the system. */
  at(relative: string): string | Buffer {
    const base = this.root.endsWith('/') ? this.root : `${this.root}/`;
    if (hasRawBytes(relative)) return Buffer.concat([Buffer.from(base), bytesFromName(relative)]);
    return longPath(relative === '' ? this.root : base + relative, this.platform);
  }

  /** What lies there, not following a symbolic link; `undefined` where nothing does. */
  async stat(relative: string): Promise<BigIntStats | undefined> {
    try {
      return await lstat(this.at(relative), { bigint: true });
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /** What a folder holds, in no order; nothing where it is none. */
  async entries(relative: string): Promise<DiskEntry[]> {
    try {
      const found = await readdir(this.at(relative), { withFileTypes: true, encoding: 'buffer' });
      return found.map((entry) => ({
        name: nameFromBytes(entry.name),
        kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other',
      }));
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  /** Makes a folder and those above it, durably. Where a file is in the way, the system's `EEXIST` or `ENOTDIR`. */
  async makeFolders(relative: string): Promise<void> {
    try {
      await mkdir(this.at(relative));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EEXIST' && (await this.stat(relative))?.isDirectory() === true) return;
      if (errno !== 'ENOENT' || !relative.includes('/')) throw error;
      await this.makeFolders(parentOf(relative));
      await this.makeFolders(relative);
      return;
    }
    await this.syncFolder(parentOf(relative));
  }

  /**
   * Makes the names in a folder durable. Calls that come while one is at work share the next one, so that many small
   * files in a folder cost few of them. Where a file system cannot do it (Windows, some network shares), nothing.
   */
  syncFolder(relative: string): Promise<void> {
    const queued = this.#queued.get(relative);
    if (queued !== undefined) return queued;
    const running = this.#running.get(relative);
    if (running === undefined) return this.#startSync(relative);
    const next = running
      .catch(() => undefined)
      .then(() => {
        this.#queued.delete(relative);
        return this.#startSync(relative);
      });
    this.#queued.set(relative, next);
    return next;
  }

  #startSync(relative: string): Promise<void> {
    const work = this.#sync(relative).finally(() => {
      this.#running.delete(relative);
    });
    this.#running.set(relative, work);
    return work;
  }

  async #sync(relative: string): Promise<void> {
    if (this.platform === 'win32') return;
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.at(relative), 'r');
      await handle.sync();
    } catch (error) {
      if (!noFolderSync.has(errnoOf(error) ?? '')) throw error;
    } finally {
      await handle?.close();
    }
  }

  /**
   * Gives a file a second name. Errors: the system's `EEXIST` where the name is taken.
   *
   * @returns false where the file system has no links, or no more for this file.
   */
  async link(from: string, to: string): Promise<boolean> {
    try {
      await link(this.at(from), this.at(to));
      return true;
    } catch (error) {
      if (saysNoLinks(errnoOf(error) ?? '', this.platform)) return false;
      throw error;
    }
  }

  /** The bytes from `start` to `end` or the file's end, read as they are asked for. Closes the handle. */
  async *read(handle: FileHandle, start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for (let at = start; at < end;) {
        throwIfAborted(signal);
        const piece = Buffer.allocUnsafe(Math.min(pieceSize, end - at));
        const { bytesRead } = await handle.read(piece, 0, piece.length, at);
        if (bytesRead === 0) return;
        at += bytesRead;
        yield bytesRead === piece.length ? piece : piece.subarray(0, bytesRead);
      }
    } finally {
      await handle.close();
    }
  }

  /** Lower-case hexadecimal SHA-256 of a file. */
  async sha256(relative: string, signal: AbortSignal): Promise<string> {
    const hash = createHash('sha256');
    const handle = await open(this.at(relative), 'r');
    for await (const piece of this.read(handle, 0, Infinity, signal)) hash.update(piece);
    return hash.digest('hex');
  }
}

/** Codes of a folder that is gone, or that this file system does not let anybody sync. */
const noFolderSync: ReadonlySet<string> = new Set([
  'ENOENT',
  'EINVAL',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EISDIR',
  'EPERM',
  'EACCES',
  'EBADF',
]);

export function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** The folder of a relative path; '' is the root. */
export function parentOf(relative: string): string {
  return relative.slice(0, Math.max(0, relative.lastIndexOf('/')));
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new StrongroomError('cancelled', 'It was cancelled.');
}

/** Orders names by their bytes. */
export function byBytes(left: string, right: string): number {
  return Buffer.compare(bytesFromName(left), bytesFromName(right));
}
