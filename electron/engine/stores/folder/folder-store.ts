import { randomBytes } from 'node:crypto';
import { open, rm, rmdir, statfs, type FileHandle } from 'node:fs/promises';
import type { Clock, Instant, Place, VersionFacts } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { longNameKey } from '../../../../shared/escape.ts';
import { bytesFromName } from '../../../../shared/names.ts';
import { errnoOf } from '../../platform/failures.ts';
import { platformOf, type Platform } from '../../platform/platform.ts';
import { sameTime } from '../../platform/times.ts';
import type { FolderSpec } from '../../../../shared/spec.ts';
import {
  requireTrial,
  type ByteRange,
  type Content,
  type ControlFile,
  type CopyAddress,
  type ListedCopy,
  type Placed,
  type PutContext,
  type PutRequest,
  type Store,
  type StoreCapabilities,
  type WriteCondition,
} from '../store.ts';
import { ControlFiles } from './control.ts';
import { byBytes, Disk, isAbsent, throwIfAborted } from './disk.ts';
import { storeFailure } from './failure.ts';
import { hostNames, trueName } from './host-names.ts';
import { diskFacts, isStore, notFound } from './marker.ts';
import { Placing } from './placing.ts';
import { newTemp, removeTemp, resumableSize, storedMode, tempFolder, writeTemp } from './temp.ts';
import { Tree, type Located } from './tree.ts';
import { deletionName, versionName } from './version-names.ts';
import { walkSource } from './walk.ts';

const capabilities: StoreCapabilities = {
  concurrency: 8,
  copiesWithin: false,
  conditionalWrites: true,
  listsIdentity: false,
};

/** What a copy is, and the locator to know it by from now on where the listing told none. */
export interface DescribedCopy extends VersionFacts {
  readonly locator: string;
}

/**
 * Opens a store in a folder of another disk or share. Nothing is touched before the first call, so that a disk that is
 * not connected yet can be opened too; `initialiseFolderStore` has made the store once.
 *
 * `store-unreachable` is what a server or disk that went away gives. A read error of one file on a disk that works
 * otherwise is `copy-corrupt`.
 */
export function openFolderStore(
  spec: FolderSpec,
  options: { readonly clock: Clock; readonly platform?: Platform },
): Promise<FolderStore> {
  return Promise.resolve(
    new FolderStore(new Disk(spec.path, options.platform ?? platformOf(process.platform)), options.clock),
  );
}

export class FolderStore implements Store {
  readonly capabilities = capabilities;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #control: ControlFiles;
  #tree: Promise<Tree> | undefined;
  #closed = false;

  constructor(disk: Disk, clock: Clock) {
    this.#disk = disk;
    this.#clock = clock;
    this.#control = new ControlFiles(disk);
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#call(signal, async () => {
      (await this.#open()).forget();
      if (!(await isStore(this.#disk))) throw notFound(this.#disk);
      await this.#tryWriting();
      const { bavail, blocks } = await statfs(this.#disk.root, { bigint: true });
      // Some network file systems tell no size at all; writing has just been tried.
      if (bavail === 0n && blocks > 0n) {
        throw new StrongroomError('store-full', `The disk of ${this.#disk.root} is full.`, {
          subject: this.#disk.root,
        });
      }
    });
  }

  put(request: PutRequest, content: Content, context: PutContext): Promise<Placed> {
    return this.#call(context.signal, async () => {
      const { tree, placing } = await this.#writer();
      if (request.mayExist && (await placing.holds(request, context.signal))) {
        context.onBytes(request.version.size);
        return { locator: await placing.locatorFor(request, context.signal) };
      }
      const temp = await writeTemp(this.#disk, request.version, content, context);
      const placed = await this.#place(tree, placing, temp, request, context.signal);
      if (request.version.size >= resumableSize) context.resume.save(undefined);
      return placed;
    });
  }

  /**
   * Only for moves, and only where the file keeps its time and mode: the new name is a second link to the same file,
   * and the caller then retires the old one.
   */
  copyWithin(from: CopyAddress, request: PutRequest, context: PutContext): Promise<Placed | undefined> {
    return this.#call(context.signal, async () => {
      if (!request.move) return undefined;
      const { tree, placing } = await this.#writer();
      const { version } = request;
      if (request.mayExist && (await placing.holds(request, context.signal))) {
        context.onBytes(version.size);
        return { locator: await placing.locatorFor(request, context.signal) };
      }
      const held = await tree.locate(from, context.signal);
      if (held?.stat.size !== BigInt(version.size) || !sameTime(held.stat.mtimeNs, version.mtimeNs)) return undefined;
      if ((Number(held.stat.mode) & 0o777) !== storedMode(version.mode)) return undefined;
      const temp = newTemp(version.sha256);
      if (!(await this.#disk.link(held.relative, temp))) return undefined;
      try {
        const placed = await this.#place(tree, placing, temp, request, context.signal);
        context.onBytes(version.size);
        return placed;
      } finally {
        // Still there where placing failed, or where the place already was this very file.
        await removeTemp(this.#disk, temp);
      }
    });
  }

  retire(place: Place, replaces: string | undefined, signal: AbortSignal): Promise<Placed> {
    return this.#call(signal, async () => {
      const { placing } = await this.#writer();
      await placing.retire(place, replaces, signal);
      // Where the disk went away, its empty mount point looks as if there were nothing to retire.
      await this.#requireStore();
      return { locator: deletionName(this.#clock.now()) };
    });
  }

  get(copy: CopyAddress, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return this.#call(signal, async () => {
      const tree = await this.#open();
      const located = await this.#located(tree, copy, signal);
      return this.#stream(tree, copy, located, range, signal);
    });
  }

  async *list(source: string, signal: AbortSignal): AsyncGenerator<ListedCopy> {
    this.#requireOpen();
    try {
      const tree = await this.#open();
      tree.forget();
      await this.#requireStore();
      const folder = hostNames({ source, path: 'any' }, tree.facts.names).segments[0] ?? '';
      const longNames = async (digest: string): Promise<Uint8Array | undefined> =>
        (await this.#control.read(longNameKey(digest)))?.bytes;
      yield* walkSource(this.#disk, folder, longNames, signal);
      // A disk that goes away on the way looks like folders that hold nothing.
      await this.#requireStore();
    } catch (error) {
      throw await this.#translated(error);
    }
  }

  describe(listed: ListedCopy, source: string, signal: AbortSignal): Promise<DescribedCopy> {
    return this.#call(signal, async () => {
      const tree = await this.#open();
      const place = { source, path: listed.path };
      const { relative, stat } = await this.#located(tree, { place, locator: listed.locator }, signal);
      const sha256 = await this.#sha256(relative, signal);
      const facts = { sha256, size: Number(stat.size), mtimeNs: stat.mtimeNs, mode: Number(stat.mode) & 0o7777 };
      return { ...facts, locator: listed.locator ?? versionName(0, facts, listed.path) };
    });
  }

  sources(signal: AbortSignal): Promise<readonly string[]> {
    return this.#call(signal, async () => {
      const entries = [...(await this.#disk.entries('files')), ...(await this.#disk.entries('history'))];
      await this.#requireStore();
      const names = entries.filter((entry) => entry.kind === 'folder').map((entry) => trueName(entry.name));
      return [...new Set(names)].sort(byBytes);
    });
  }

  readControl(name: string, signal: AbortSignal): Promise<ControlFile | undefined> {
    return this.#call(signal, async () => {
      const file = await this.#control.read(name);
      if (file === undefined) await this.#requireStore();
      return file;
    });
  }

  writeControl(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    return this.#call(signal, () => this.#control.write(name, bytes, condition, signal));
  }

  removeControl(name: string, signal: AbortSignal): Promise<void> {
    return this.#call(signal, async () => {
      await this.#control.remove(name);
      await this.#requireStore();
    });
  }

  listControl(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#call(signal, async () => {
      const names = await this.#control.list(prefix, signal);
      await this.#requireStore();
      return names;
    });
  }

  cleanUp(keep: ReadonlySet<string>, before: Instant, signal: AbortSignal): Promise<number> {
    return this.#call(signal, async () => {
      await this.#requireStore();
      let removed = 0;
      for (const entry of await this.#disk.entries(tempFolder)) {
        throwIfAborted(signal);
        const relative = `${tempFolder}/${entry.name}`;
        const stat = await this.#disk.stat(relative);
        // By when it was last written or named, which is the disk's own time; the copied time says nothing.
        if (entry.kind !== 'file' || keep.has(entry.name) || stat === undefined || Number(stat.ctimeMs) >= before)
          continue;
        await rm(this.#disk.at(relative), { force: true });
        removed += 1;
      }
      return removed;
    });
  }

  discardTrial(source: string, signal: AbortSignal): Promise<void> {
    return this.#call(signal, async () => {
      requireTrial(source);
      await this.#requireStore();
      for (const tree of ['files', 'history']) {
        await rm(this.#disk.at(`${tree}/${source}`), { recursive: true, force: true });
        await this.#disk.syncFolder(tree);
      }
      // The folder of the check's notes; where another check is at work, it is not empty.
      await rmdir(this.#disk.at('strongroom/check')).catch(() => undefined);
      this.#tree = undefined;
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** Gives a finished temporary file its place. Where that fails, a large one stays to be gone on with. */
  async #place(tree: Tree, placing: Placing, temp: string, request: PutRequest, signal: AbortSignal): Promise<Placed> {
    try {
      await this.#nameLongPath(tree, request.place, signal);
      const locator = await placing.locatorFor(request, signal);
      await placing.put(temp, request, locator, signal);
      return { locator };
    } catch (error) {
      if (request.version.size < resumableSize) await removeTemp(this.#disk, temp);
      throw error;
    }
  }

  async #nameLongPath(tree: Tree, place: Place, signal: AbortSignal): Promise<void> {
    const { longDigest } = hostNames(place, tree.facts.names);
    if (longDigest === undefined) return;
    const key = longNameKey(longDigest);
    if ((await this.#control.read(key)) !== undefined) return;
    await this.#control.write(key, bytesFromName(place.path), { kind: 'any' }, signal);
  }

  /** Where a copy lies; without a locator, the current file. Errors: `copy-missing`. */
  async #located(
    tree: Tree,
    copy: { readonly place: Place; readonly locator: string | undefined },
    signal: AbortSignal,
  ): Promise<Located> {
    const { place, locator } = copy;
    let located: Located | undefined;
    if (locator === undefined) {
      const relative = await tree.file(place, false);
      const stat = await this.#disk.stat(relative);
      if (stat?.isFile() === true) located = { relative, stat };
    } else {
      located = await tree.locate({ place, locator }, signal);
    }
    if (located !== undefined) return located;
    await this.#requireStore();
    throw new StrongroomError('copy-missing', 'The copy is not in the store.', {
      subject: `${place.source}/${place.path}`,
    });
  }

  async *#stream(
    tree: Tree,
    copy: CopyAddress,
    first: Located,
    range: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    try {
      const [located, handle] = await this.#openCopy(tree, copy, first, signal);
      const size = Number(located.stat.size);
      yield* this.#disk.read(handle, range.start ?? 0, Math.min(range.end ?? size, size), signal);
    } catch (error) {
      throw await this.#readFailure(error);
    }
  }

  /** Between finding and opening, a new version may take the file's name and move it to history: looked at again. */
  async #openCopy(
    tree: Tree,
    copy: CopyAddress,
    first: Located,
    signal: AbortSignal,
  ): Promise<[located: Located, handle: FileHandle]> {
    for (let located = first, attempt = 1; ; attempt += 1) {
      try {
        const handle = await open(this.#disk.at(located.relative), 'r');
        const { size, mtimeNs } = await handle.stat({ bigint: true });
        if ((size === located.stat.size && mtimeNs === located.stat.mtimeNs) || attempt === 8) return [located, handle];
        await handle.close();
      } catch (error) {
        if (!isAbsent(error) || attempt === 8) throw error;
      }
      located = await this.#located(tree, copy, signal);
    }
  }

  async #sha256(relative: string, signal: AbortSignal): Promise<string> {
    try {
      return await this.#disk.sha256(relative, signal);
    } catch (error) {
      throw await this.#readFailure(error);
    }
  }

  /** Tells a file that its disk cannot read any more from a disk that is gone: a disk on which writing works is not. */
  async #readFailure(error: unknown): Promise<unknown> {
    if (errnoOf(error) !== 'EIO') return this.#translated(error);
    try {
      await this.#tryWriting();
    } catch {
      return this.#translated(error);
    }
    return new StrongroomError('copy-corrupt', 'The disk cannot read this file any more (EIO).', {
      subject: this.#disk.root,
      advice: 'The disk may be failing. The file is repaired from another store; think of replacing the disk.',
      cause: error,
    });
  }

  async #tryWriting(): Promise<void> {
    const relative = `${tempFolder}/${randomBytes(12).toString('hex')}.probe`;
    const handle = await open(this.#disk.at(relative), 'wx');
    try {
      await handle.writeFile('ready?');
      await handle.sync();
    } finally {
      await handle.close();
      await removeTemp(this.#disk, relative);
    }
  }

  async #writer(): Promise<{ tree: Tree; placing: Placing }> {
    const tree = await this.#open();
    return { tree, placing: new Placing(tree, this.#clock) };
  }

  #open(): Promise<Tree> {
    if (this.#tree === undefined) {
      const opening = diskFacts(this.#disk).then((facts) => new Tree(this.#disk, facts));
      this.#tree = opening;
      // A disk that is not there now may be there at the next call.
      opening.catch(() => (this.#tree = undefined));
    }
    return this.#tree;
  }

  #requireOpen(): void {
    if (this.#closed) throw new StrongroomError('internal', 'The folder store is closed.');
  }

  async #requireStore(): Promise<void> {
    if (!(await isStore(this.#disk))) throw notFound(this.#disk);
  }

  async #call<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    throwIfAborted(signal);
    try {
      return await work();
    } catch (error) {
      throw await this.#translated(error);
    }
  }

  async #translated(error: unknown): Promise<unknown> {
    if (isAbsent(error) && !(await isStore(this.#disk).catch(() => true))) return notFound(this.#disk);
    return storeFailure(error, this.#disk);
  }
}
