import fs from 'node:fs';
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { asStrongroomError } from '../../../shared/errors.ts';
import { joinPath, nameFromBytes } from '../../../shared/names.ts';
import { catalogPath } from '../catalog/open.ts';
import { Connection } from '../catalog/database.ts';
import { Files, type KnownFile, type KnownFolder, type SeenStat } from '../catalog/files.ts';
import { errnoOf, sourceReadCode } from '../platform/failures.ts';
import { platformOf } from '../platform/platform.ts';
import type { Finding, WalkMessage, WalkOrder } from './findings.ts';
import { Rules } from './rules.ts';
import { sourcePath, trustsInodes } from './source-path.ts';

/*
 * The walk runs on a thread of its own with a reading connection to the catalog: it compares folder by folder and
 * sends only what differs, so a tree without changes costs the main thread nothing, and a slow share blocks nobody.
 * Synchronous calls are right here: they are four times as fast as asynchronous ones, and this thread has no other work.
 */
const order = workerData as WalkOrder;
const port = parentPort;
if (port === null) throw new Error('walk.worker.ts runs as a worker');
const gauge = new Int32Array(order.gauge);
const platform = platformOf(order.platform);
const findingsABatch = 400;
const batchesAhead = 8;

let findings: Finding[] = [];
let seen = 0;
let unchanged = 0;
let sentAt = performance.now();

function send(message: WalkMessage): void {
  port?.postMessage(message);
}

function flush(): void {
  // Wait until the main thread has taken earlier batches: memory stays bounded however fast the walk is.
  for (let ahead = Atomics.load(gauge, 0); ahead >= batchesAhead; ahead = Atomics.load(gauge, 0))
    Atomics.wait(gauge, 0, ahead);
  Atomics.add(gauge, 0, 1);
  send({ kind: 'batch', findings, seen, unchanged });
  findings = [];
  seen = 0;
  unchanged = 0;
  sentAt = performance.now();
}

function found(finding: Finding): void {
  findings.push(finding);
  if (findings.length >= findingsABatch) flush();
}

class Stopped extends Error {}

class Walk {
  readonly #files: Files;
  readonly #rules = new Rules(order.rules);
  readonly #trusted: boolean;

  constructor(files: Files) {
    this.#files = files;
    this.#trusted = trustsInodes(fs.statfsSync(order.root).type, order.platform);
  }

  /** Folders still to be walked, as a stack: depth first, so that it stays as short as the tree is deep and wide. */
  walk(): void {
    const waiting: { path: string; id: number | undefined; device: number }[] = [
      { path: '', id: this.#files.rootFolder(order.sourceId), device: fs.lstatSync(order.root).dev },
    ];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      if (Atomics.load(gauge, 1) === 1) throw new Stopped();
      waiting.push(...this.#folder(folder.path, folder.id, folder.device).reverse());
      if (performance.now() - sentAt > 100) flush();
    }
  }

  #folder(
    path: string,
    id: number | undefined,
    device: number,
  ): { path: string; id: number | undefined; device: number }[] {
    let entries: Entry[];
    try {
      entries = readFolder(path);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      // What is known below stays as it is: a folder that could not be read proves nothing.
      found({ kind: 'unreadable', path, code: sourceReadCode(errno, platform), errno, folder: true });
      return [];
    }
    const files = new Map<string, KnownFile>();
    const folders = new Map<string, KnownFolder>();
    if (id !== undefined) {
      for (const file of this.#files.known(id)) files.set(file.name, file);
      for (const folder of this.#files.knownFolders(id)) folders.set(folder.name, folder);
    }
    const below: { path: string; id: number | undefined; device: number }[] = [];
    for (const { name, type } of entries) {
      const child = joinPath(path, name);
      if (type === 'other') {
        this.#special(child);
        continue;
      }
      let stat: fs.Stats;
      try {
        stat = fs.lstatSync(sourcePath(order.root, child));
      } catch (error) {
        const errno = errnoOf(error);
        if (errno === undefined) throw error;
        // Gone since the folder was read: it is then missed below, and looked for once more before that counts.
        if (errno === 'ENOENT') continue;
        found({
          kind: 'unreadable',
          path: child,
          code: sourceReadCode(errno, platform),
          errno,
          folder: type === 'folder',
        });
        files.delete(name);
        folders.delete(name);
        continue;
      }
      if (stat.isDirectory()) {
        const known = folders.get(name);
        folders.delete(name);
        const mounted = stat.dev !== device;
        if (known === undefined) {
          if (this.#rules.excludes(child, true)) continue;
          found({ kind: 'new-folder', path: child, mounted });
        } else if (known.mounted && !mounted) {
          found({ kind: 'unreadable', path: child, code: 'source-unreachable', errno: 'not mounted', folder: true });
          continue;
        } else if (mounted && !known.mounted) {
          found({ kind: 'new-folder', path: child, mounted });
        }
        // A folder whose span was closed has a row although it is not among the known: its files are compared too.
        below.push({ path: child, id: known?.id ?? this.#files.folderId(order.sourceId, child), device: stat.dev });
      } else if (stat.isFile()) {
        const known = files.get(name);
        files.delete(name);
        if (known === undefined && this.#rules.excludes(child, false)) continue;
        seen += 1;
        this.#file(child, known, stat);
      } else {
        this.#special(child);
      }
    }
    for (const file of files.values()) found({ kind: 'gone', fileId: file.id });
    for (const { id: folderId, name } of folders.values()) {
      // Some systems remove the mount point together with the mount: that is no deletion.
      if (this.#files.holdsMount(folderId)) {
        const child = joinPath(path, name);
        found({ kind: 'unreadable', path: child, code: 'source-unreachable', errno: 'not mounted', folder: true });
      } else found({ kind: 'gone-folder', folderId });
    }
    return below;
  }

  #file(path: string, known: KnownFile | undefined, stat: fs.Stats): void {
    const now: SeenStat = {
      size: stat.size,
      mtimeUs: Math.floor(stat.mtimeMs * 1000),
      ctimeUs: Math.floor(stat.ctimeMs * 1000),
      inode: stat.ino,
      mode: stat.mode & 0o7777,
    };
    if (known === undefined) found({ kind: 'new', path, stat: now });
    else if (known.size !== now.size || Math.abs(known.mtimeUs - now.mtimeUs) > 1 || known.mode !== now.mode) {
      found({ kind: 'changed', path, fileId: known.id, stat: now });
    } else if (
      order.rehash ||
      (this.#trusted && known.ctimeUs !== 0 && (known.ctimeUs !== now.ctimeUs || known.inode !== now.inode))
    ) {
      found({ kind: 'recheck', path, fileId: known.id, stat: now });
    } else {
      unchanged += 1;
    }
  }

  #special(path: string): void {
    if (this.#rules.excludes(path, false)) return;
    found({ kind: 'skipped', path, reason: reasonOf(path) });
  }
}

function reasonOf(path: string): string {
  try {
    const stat = fs.lstatSync(sourcePath(order.root, path));
    if (stat.isSymbolicLink()) return `symbolic link to ${fs.readlinkSync(sourcePath(order.root, path))}`;
    if (stat.isSocket()) return 'socket';
    if (stat.isFIFO()) return 'named pipe';
    if (stat.isBlockDevice() || stat.isCharacterDevice()) return 'device';
  } catch {
    // Gone, or not to be looked at: it is skipped all the same.
  }
  return 'not a file';
}

interface Entry {
  readonly name: string;
  readonly type: 'file' | 'folder' | 'other';
}

function readFolder(path: string): Entry[] {
  const entries = fs.readdirSync(sourcePath(order.root, path), { withFileTypes: true });
  // A name with the replacement character is (nearly always) one that is not UTF-8: read again as bytes.
  if (
    platform === 'linux' &&
    entries.some((entry) => entry.name.includes('\ufffd') || /[\uf780-\uf7ff]/.test(entry.name))
  ) {
    return fs
      .readdirSync(sourcePath(order.root, path), { withFileTypes: true, encoding: 'buffer' })
      .map((entry) => ({ name: nameFromBytes(entry.name), type: typeOf(entry) }));
  }
  return entries.map((entry) => ({ name: entry.name, type: typeOf(entry) }));
}

function typeOf(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isSocket(): boolean;
  isFIFO(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}): Entry['type'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  const special =
    entry.isSymbolicLink() || entry.isSocket() || entry.isFIFO() || entry.isBlockDevice() || entry.isCharacterDevice();
  // Some file systems do not say; the stat that follows does.
  return special ? 'other' : 'file';
}

const connection = new Connection(catalogPath(order.home), { readonly: true, cacheKilobytes: 2_048 });
try {
  new Walk(new Files(connection)).walk();
  flush();
  send({ kind: 'done' });
} catch (error) {
  if (error instanceof Stopped) send({ kind: 'done' });
  else {
    const errno = errnoOf(error);
    const { code, message } = asStrongroomError(error);
    send({ kind: 'failed', code: errno === undefined ? code : sourceReadCode(errno, platform), message });
  }
} finally {
  connection.close();
  process.exitCode = 0;
}
