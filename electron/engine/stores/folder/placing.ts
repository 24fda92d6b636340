import { open, rename, rm, rmdir } from 'node:fs/promises';
import type { Clock, Place } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { errnoOf } from '../../platform/failures.ts';
import { sameTime } from '../../platform/times.ts';
import type { PutRequest } from '../store.ts';
import { parentOf, type Disk } from './disk.ts';
import { applyFacts, storedMode } from './temp.ts';
import type { Located, Tree } from './tree.ts';
import { foundName, parseCopyName, versionName } from './version-names.ts';

/** How often a step is tried again when another copy's folders appeared or went between two system calls. */
const races = 8;

/**
 * Puts files in place and takes them away, so that at every instant what was there is in `files/` or in `history/`
 * and nothing that is not also in history is ever written over.
 */
export class Placing {
  readonly #tree: Tree;
  readonly #disk: Disk;
  readonly #clock: Clock;

  constructor(tree: Tree, clock: Clock) {
    this.#tree = tree;
    this.#disk = tree.disk;
    this.#clock = clock;
  }

  /** The locator for a version that is about to be put: its name, unless other content has that name in history. */
  async locatorFor(request: PutRequest, signal: AbortSignal): Promise<string> {
    const { place, version, number } = request;
    const history = await this.#tree.history(place, false);
    for (let again = 1; ; again += 1) {
      const name = versionName(number, version, place.path, again);
      const taken = await this.#disk.stat(`${history}/${name}`);
      if (taken === undefined) return name;
      if (taken.isFile() && (await this.#disk.sha256(`${history}/${name}`, signal)) === version.sha256) return name;
    }
  }

  /** Whether the place already holds this version with its time and mode; a lone copy is given them. */
  async holds(request: PutRequest, signal: AbortSignal): Promise<boolean> {
    const { place, version, replaces } = request;
    // What is replaced goes to history first. Where it is not there, what lies here is still that, however alike.
    const history = await this.#tree.history(place, false);
    if (replaces !== undefined && (await this.#disk.stat(`${history}/${replaces}`)) === undefined) return false;
    const relative = await this.#tree.file(place, false);
    const stat = await this.#disk.stat(relative);
    if (stat?.isFile() !== true || stat.size !== BigInt(version.size)) return false;
    const same = sameTime(stat.mtimeNs, version.mtimeNs) && sameMode(stat.mode, version.mode, this.#disk);
    // A file with several names is part of some other version's history, whose time is not to be changed.
    if (!same && stat.nlink !== 1n) return false;
    if ((await this.#disk.sha256(relative, signal)) !== version.sha256) return false;
    const handle = await open(this.#disk.at(relative), 'r+');
    try {
      if (!same) await applyFacts(handle, version);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await this.#disk.syncFolder(parentOf(relative));
    return true;
  }

  /** Makes a finished temporary file the place's current one and keeps what lay there, durably. */
  async put(temp: string, request: PutRequest, locator: string, signal: AbortSignal): Promise<void> {
    const { place, replaces } = request;
    const file = await this.#tree.file(place, true);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#keep(place, file, replaces, { locator, sha256: request.version.sha256 }, signal);
        await rename(this.#disk.at(temp), this.#disk.at(file));
        break;
      } catch (error) {
        const errno = errnoOf(error);
        if (attempt === races || (errno !== 'ENOENT' && errno !== 'ENOTDIR')) throw error;
        // Without the temporary file there is nothing to try again with.
        if ((await this.#disk.stat(temp)) === undefined) throw error;
        await this.#makeWay(place, signal);
      }
    }
    await this.#disk.syncFolder(parentOf(file));
  }

  /** Moves a place's current file to history, durably, and removes the folders that it leaves empty. */
  async retire(place: Place, replaces: string | undefined, signal: AbortSignal): Promise<void> {
    const file = await this.#tree.file(place, false);
    for (let attempt = 1; ; attempt += 1) {
      const stat = await this.#disk.stat(file);
      if (stat === undefined || stat.isDirectory()) return;
      try {
        await this.#keep(place, file, replaces, undefined, signal);
        break;
      } catch (error) {
        // A file that is to lie below this place may make way for itself at the same time.
        if (attempt === races || errnoOf(error) !== 'ENOENT') throw error;
      }
    }
    await rm(this.#disk.at(file), { force: true });
    await this.#disk.syncFolder(parentOf(file));
    await this.#removeEmpty(parentOf(file));
  }

  /**
   * Gives what lies at a place its name in history. Afterwards the bytes are there, and the place's own name either
   * still shows them or, where the file system has no links, is free.
   */
  async #keep(
    place: Place,
    file: string,
    replaces: string | undefined,
    next: { readonly locator: string; readonly sha256: string } | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const stat = await this.#disk.stat(file);
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      await this.#removeHollow(file);
      return;
    }
    if (!stat.isFile()) throw conflict(place, 'something that is not a plain file');
    const current = { relative: file, stat };
    for (let attempt = 1; ; attempt += 1) {
      const name = await this.#historyName(place, current, replaces, next, signal);
      if (name === undefined) return;
      const history = await this.#tree.history(place, true);
      await this.#disk.makeFolders(history);
      try {
        await this.#linkOrMove(file, `${history}/${name}`);
      } catch (error) {
        if (errnoOf(error) === 'EEXIST' && attempt < races) continue;
        throw error;
      }
      // Durable before the place is written over, or a power cut could keep the new file and lose this name.
      await this.#disk.syncFolder(history);
      return;
    }
  }

  async #linkOrMove(from: string, to: string): Promise<void> {
    // Renaming takes whatever has the new name away; `#historyName` saw that nothing has it.
    if (!(await this.#disk.link(from, to))) await rename(this.#disk.at(from), this.#disk.at(to));
  }

  /** The name to keep a current file under; `undefined` where its bytes are in history already, or come again. */
  async #historyName(
    place: Place,
    current: Located,
    replaces: string | undefined,
    next: { readonly locator: string; readonly sha256: string } | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const history = await this.#tree.history(place, false);
    if (replaces !== undefined && parseCopyName(replaces) !== undefined && replaces !== next?.locator) {
      if (await this.#tree.isCopy(current, replaces, signal)) {
        const taken = await this.#taken(`${history}/${replaces}`, current, signal);
        if (taken === 'free') return replaces;
        if (taken === 'same') return undefined;
      }
    }
    const sha256 = await this.#disk.sha256(current.relative, signal);
    if (sha256 === next?.sha256) return undefined;
    for (let again = 1; ; again += 1) {
      const name = foundName(this.#clock.now(), sha256, place.path, again);
      const taken = await this.#taken(`${history}/${name}`, current, signal);
      if (taken === 'free') return name;
      if (taken === 'same') return undefined;
    }
  }

  /** Whether a name in history is free, has the same bytes as the current file, or others. */
  async #taken(name: string, current: Located, signal: AbortSignal): Promise<'free' | 'same' | 'other'> {
    const stat = await this.#disk.stat(name);
    if (stat === undefined) return 'free';
    if (stat.ino !== 0n && stat.ino === current.stat.ino && stat.dev === current.stat.dev) return 'same';
    if (!stat.isFile() || stat.size !== current.stat.size) return 'other';
    const [left, right] = [await this.#disk.sha256(name, signal), await this.#disk.sha256(current.relative, signal)];
    return left === right ? 'same' : 'other';
  }

  /** Makes the folders that lead to a place. A file where one of them should be goes to its own history first. */
  async #makeWay(place: Place, signal: AbortSignal): Promise<void> {
    const parts = place.path.split('/');
    for (let length = 1; length < parts.length; length += 1) {
      const above = { source: place.source, path: parts.slice(0, length).join('/') };
      const stat = await this.#disk.stat(await this.#tree.file(above, false));
      if (stat === undefined) break;
      if (!stat.isDirectory()) await this.retire(above, undefined, signal);
    }
    await this.#disk.makeFolders(parentOf(await this.#tree.file(place, true)));
  }

  /** Removes a folder that holds nothing but empty folders. Errors: `copy-conflict` where it holds more. */
  async #removeHollow(folder: string): Promise<void> {
    for (const entry of await this.#disk.entries(folder)) {
      if (entry.kind === 'folder') await this.#removeHollow(`${folder}/${entry.name}`);
    }
    try {
      await rmdir(this.#disk.at(folder));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'ENOENT') return;
      if (errno !== 'ENOTEMPTY' && errno !== 'EEXIST') throw error;
      throw new StrongroomError('copy-conflict', 'A folder with files in it lies where a file is to be stored.', {
        subject: folder,
        cause: error,
      });
    }
  }

  /** Removes empty folders upward, up to and without the source's own. */
  async #removeEmpty(folder: string): Promise<void> {
    for (let at = folder; at.split('/').length > 2; at = parentOf(at)) {
      try {
        await rmdir(this.#disk.at(at));
      } catch (error) {
        // Not empty, in use, or gone already: an empty folder that stays does no harm.
        if (errnoOf(error) === undefined) throw error;
        return;
      }
    }
  }
}

function sameMode(stored: bigint, mode: number, disk: Disk): boolean {
  return disk.platform === 'win32' || (Number(stored) & 0o777) === storedMode(mode);
}

function conflict(place: Place, what: string): StrongroomError {
  return new StrongroomError('copy-conflict', `In the store there is ${what} where a file is to be stored.`, {
    subject: `${place.source}/${place.path}`,
  });
}
