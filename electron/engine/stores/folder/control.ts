import { createHash, randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { StrongroomError } from '../../../../shared/errors.ts';
import { escapePath, unescapePath } from '../../../../shared/escape.ts';
import { errnoOf } from '../../platform/failures.ts';
import { nameRules } from '../../platform/names.ts';
import type { ControlFile, WriteCondition } from '../store.ts';
import { byBytes, isAbsent, parentOf, throwIfAborted, type Disk } from './disk.ts';
import { removeTemp, tempFolder } from './temp.ts';

export const controlFolder = 'strongroom';
/** What says that a folder is a store; below {@link controlFolder}. */
export const markerName = 'store.json';

/** How long a lock is waited for, and after how long one of another workstation is taken to be left behind. */
const patienceMs = 10_000;
const abandonedMs = 60_000;
const pollMs = 20;

/** Small files below `strongroom/`: each whole or not at all, by temporary file, sync and rename. */
export class ControlFiles {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  async read(name: string): Promise<ControlFile | undefined> {
    try {
      const bytes = await readFile(this.#disk.at(pathOf(name)));
      return { bytes, tag: tagOf(bytes) };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  /**
   * Writes under a lock that other processes and workstations on the same folder respect, so that of two writers with
   * one tag only the first wins. A lock is a file made with O_EXCL. It is broken where its process on this computer is
   * gone, or where it is a minute old by the file server's own clock: a write takes milliseconds. A writer that was
   * stopped for longer than that sees that its lock is gone and writes nothing.
   */
  async write(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    const target = pathOf(name);
    const temp = `${tempFolder}/${randomBytes(12).toString('hex')}.control`;
    await this.#writeTemp(temp, bytes);
    try {
      await this.#disk.makeFolders(parentOf(target));
      if (condition.kind === 'absent' && (await this.#linkNew(temp, target, name))) {
        await this.#disk.syncFolder(parentOf(target));
        return tagOf(bytes);
      }
      const lock = await this.#lock(target, signal);
      try {
        const current = await this.read(name);
        const holds =
          condition.kind === 'any' || (condition.kind === 'tag' ? current?.tag === condition.tag : !current);
        if (!holds) throw lost(name);
        if (!(await this.#holds(lock)))
          throw new StrongroomError('store-busy', 'The lock was lost.', { subject: name });
        await rename(this.#disk.at(temp), this.#disk.at(target));
      } finally {
        if (await this.#holds(lock)) await rm(this.#disk.at(lock.path), { force: true });
      }
      await this.#disk.syncFolder(parentOf(target));
      return tagOf(bytes);
    } finally {
      await removeTemp(this.#disk, temp);
    }
  }

  async remove(name: string): Promise<void> {
    const target = pathOf(name);
    try {
      await rm(this.#disk.at(target));
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    await this.#disk.syncFolder(parentOf(target));
  }

  async list(prefix: string, signal: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    const slash = prefix.lastIndexOf('/');
    const visit = async (folder: string): Promise<void> => {
      throwIfAborted(signal);
      const relative = folder === '' ? controlFolder : pathOf(folder);
      for (const entry of await this.#disk.entries(relative)) {
        const name = folder === '' ? unescapePath(entry.name) : `${folder}/${unescapePath(entry.name)}`;
        if (reserved(name)) continue;
        if (entry.kind === 'file' && name.startsWith(prefix)) names.push(name);
        if (entry.kind === 'folder' && (`${name}/`.startsWith(prefix) || prefix.startsWith(`${name}/`)))
          await visit(name);
      }
    };
    await visit(slash < 0 ? '' : prefix.slice(0, slash));
    return names.sort(byBytes);
  }

  async #writeTemp(temp: string, bytes: Uint8Array): Promise<void> {
    const handle = await open(this.#disk.at(temp), 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** Gives the temporary file its name if nothing has it. @returns false where the file system has no links. */
  async #linkNew(temp: string, target: string, name: string): Promise<boolean> {
    try {
      return await this.#disk.link(temp, target);
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') throw lost(name);
      throw error;
    }
  }

  async #lock(target: string, signal: AbortSignal): Promise<Lock> {
    const path = `${tempFolder}/${createHash('sha256').update(target).digest('hex').slice(0, 32)}.lock`;
    const token = `${hostname()}\n${process.pid}\n${randomBytes(12).toString('hex')}`;
    for (let waited = 0; waited <= patienceMs; waited += pollMs) {
      throwIfAborted(signal);
      if (await this.#createLock(path, token)) return { path, token };
      await this.#breakAbandoned(path);
      await sleep(pollMs);
    }
    throw new StrongroomError('store-busy', 'Another program is writing in the store.', { subject: this.#disk.root });
  }

  async #createLock(path: string, token: string): Promise<boolean> {
    try {
      const handle = await open(this.#disk.at(path), 'wx');
      try {
        await handle.writeFile(token);
      } finally {
        await handle.close();
      }
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    }
  }

  async #holds(lock: Lock): Promise<boolean> {
    return (await this.#lockToken(lock.path)) === lock.token;
  }

  async #lockToken(path: string): Promise<string | undefined> {
    try {
      return await readFile(this.#disk.at(path), 'utf8');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  async #breakAbandoned(path: string): Promise<void> {
    const token = await this.#lockToken(path);
    if (token === undefined || !(await this.#abandoned(path, token))) return;
    // Taken away by rename, so that of two who break it only one does; what was taken by mistake is put back.
    const broken = `${tempFolder}/${randomBytes(12).toString('hex')}.broken`;
    try {
      await rename(this.#disk.at(path), this.#disk.at(broken));
      if ((await this.#lockToken(broken)) !== token) await this.#disk.link(broken, path);
    } catch (error) {
      if (!isAbsent(error) && errnoOf(error) !== 'EEXIST') throw error;
    } finally {
      await removeTemp(this.#disk, broken);
    }
  }

  async #abandoned(path: string, token: string): Promise<boolean> {
    const [host, pid] = token.split('\n');
    if (host === hostname() && pid !== undefined && gone(Number(pid))) return true;
    const probe = `${tempFolder}/${randomBytes(12).toString('hex')}.control`;
    await this.#writeTemp(probe, new Uint8Array());
    const [now, then] = [await this.#disk.stat(probe), await this.#disk.stat(path)];
    await removeTemp(this.#disk, probe);
    return now !== undefined && then !== undefined && now.mtimeMs - then.mtimeMs > BigInt(abandonedMs);
  }
}

interface Lock {
  readonly path: string;
  readonly token: string;
}

/** Whether no process of this computer has this number. */
function gone(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return errnoOf(error) === 'ESRCH';
  }
}

export function tagOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Where a control file lies: names are written so that every disk holds them. Errors: `unsafe-path`, `path-too-long`. */
function pathOf(name: string): string {
  if (reserved(name) || name.split('/').some((segment) => ['', '.', '..'].includes(segment))) {
    throw new StrongroomError('unsafe-path', `"${name}" is no name for a control file.`);
  }
  const escaped = escapePath(name, nameRules('windows'));
  if (escaped === undefined) throw new StrongroomError('path-too-long', `The name "${name}" is too long.`);
  return `${controlFolder}/${escaped}`;
}

function reserved(name: string): boolean {
  return name === markerName || name === 'tmp' || name.startsWith('tmp/');
}

function lost(name: string): StrongroomError {
  return new StrongroomError('copy-conflict', 'The control file was written by another in the meantime.', {
    subject: name,
  });
}
