import { createHash } from 'node:crypto';
import fs, { createReadStream } from 'node:fs';
import { chmod, lstat, mkdir, open, rename, rm, utimes, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { VersionFacts } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { errnoOf, localWriteCode } from '../platform/failures.ts';
import type { Platform } from '../platform/platform.ts';
import { safeRestorePath, type PathChange } from '../platform/restore-path.ts';
import { fileTime } from '../platform/times.ts';
import { sourcePath, trustsInodes } from '../scan/source-path.ts';
import { DigestThread, type Digest } from './digest.ts';
import { segmentedFrom, type Receiver } from './reading.ts';

/** Above this, a partial file is gone on with after an interruption; below, starting again costs less than looking. */
const worthResuming = 8 * 1024 * 1024;
const flushAt = 1024 * 1024;
/** Up to this, a file is held in memory until it is known to be right, and written in one go. */
const small = 256 * 1024;

/** The folder that files are given back into. Nothing is ever written outside it, and no link in it is followed. */
export class Target {
  readonly root: string;
  readonly #platform: Platform;
  #isLocal: boolean | undefined;
  readonly #made = new Map<string, Promise<void>>();
  readonly #digests = new DigestThread();

  constructor(root: string, platform: Platform) {
    this.root = root;
    this.#platform = platform;
  }

  /** A path of a source as it can be here. Error: `unsafe-path`. */
  safe(relative: string): { path: string; changed: readonly PathChange[] } {
    const safe = safeRestorePath(relative, this.#platform);
    if (safe.kind === 'refused') {
      throw new StrongroomError(
        'unsafe-path',
        `"${relative}" is no path inside a folder (${safe.reason}); it was not restored.`,
        {
          subject: relative,
          advice: 'The catalog or the store it was rebuilt from was tampered with. Tell the administrator.',
        },
      );
    }
    return { path: safe.path, changed: safe.changed };
  }

  /** Makes a folder and its parents, refusing to pass through a link. */
  folder(relative: string): Promise<void> {
    let made = this.#made.get(relative);
    if (made === undefined) {
      made = this.#makeFolder(relative);
      if (this.#made.size > 20_000) this.#made.clear();
      this.#made.set(relative, made);
    }
    return made;
  }

  async #makeFolder(relative: string): Promise<void> {
    if (relative === '') {
      await local(this.root, async () => {
        await mkdir(this.root, { recursive: true }).catch(async (error: unknown) => {
          // On a read-only disk this says that the folder is missing; asked for one folder, the system says why.
          if (errnoOf(error) !== 'ENOENT') throw error;
          await mkdir(this.root);
        });
      });
      return;
    }
    await this.folder(relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : '');
    const full = sourcePath(this.root, relative);
    await local(relative, async () => {
      await mkdir(full).catch(async (error: unknown) => {
        if (errnoOf(error) !== 'EEXIST') throw error;
        if ((await lstat(full)).isDirectory()) return;
        throw new StrongroomError('unsafe-path', `"${relative}" is in the way: it is no folder.`, {
          subject: relative,
          advice: 'Restore into another folder with --into.',
        });
      });
    });
  }

  /** What lies at a path: nothing, this very content, or something else. */
  async look(relative: string, facts: VersionFacts): Promise<'nothing' | 'same' | 'other'> {
    const full = sourcePath(this.root, relative);
    return local(relative, async () => {
      const stat = this.isLocal ? fs.lstatSync(full, { throwIfNoEntry: false }) : await lstatIfThere(full);
      if (stat === undefined) return 'nothing';
      if (!stat.isFile() || stat.size !== facts.size) return 'other';
      const digest = createHash('sha256');
      for await (const chunk of createReadStream(full)) digest.update(chunk as Buffer);
      return digest.digest('hex') === facts.sha256 ? 'same' : 'other';
    });
  }

  /**
   * Whether the folder is on a disk of this computer. There, small files are written by synchronous calls, which take a
   * fraction of the time; on a share they would hold up everything for as long as the network takes.
   */
  get isLocal(): boolean {
    this.#isLocal ??= trustsInodes(fs.statfsSync(this.root).type, this.#platform);
    return this.#isLocal;
  }

  /**
   * Begins a file: its bytes go to a file beside it until they are complete and right.
   *
   * @param wanted where it would be if nothing lay there: a name that tells the time is another one at the next attempt,
   * which is to find what this one leaves.
   */
  async begin(relative: string, facts: VersionFacts, wanted = relative): Promise<Incoming> {
    const folder = relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : '';
    await this.folder(folder);
    // The name follows from path and content, so that an interrupted restore finds its own beginnings, and no other's.
    const tag = createHash('sha256').update(`${wanted}\n${facts.sha256}`).digest('hex').slice(0, 24);
    const name = `.strongroom-${tag}.partial`;
    const partial = sourcePath(this.root, `${folder === '' ? '' : `${folder}/`}${name}`);
    const final = sourcePath(this.root, relative);
    return facts.size <= small
      ? new SmallIncoming(relative, final, partial, facts, this.isLocal)
      : LargeIncoming.open(relative, final, { path: partial, name }, facts, this.#digests);
  }

  /** Ends what was started for large files. Every file that was begun is to be finished or abandoned before. */
  async close(): Promise<void> {
    await this.#digests.close();
  }
}

/** A file on its way in. */
export interface Incoming extends Receiver {
  /**
   * Gives the file its times, mode and final name.
   *
   * @param overwrites whether something is replaced: then the new content is on the disk before the old name goes.
   */
  finish(overwrites: boolean): Promise<void>;
  /**
   * Ends without a file. What is worth going on with later stays.
   *
   * @returns the name of the hidden file in the same folder that holds what stays, if any: a person is to be told.
   */
  abandon(): Promise<string | undefined>;
}

class SmallIncoming implements Incoming {
  readonly #name: string;
  readonly #final: string | Buffer;
  readonly #partial: string | Buffer;
  readonly #facts: VersionFacts;
  readonly #isLocal: boolean;
  #chunks: Uint8Array[] = [];

  constructor(name: string, final: string | Buffer, partial: string | Buffer, facts: VersionFacts, isLocal: boolean) {
    this.#name = name;
    this.#final = final;
    this.#partial = partial;
    this.#facts = facts;
    this.#isLocal = isLocal;
  }

  get offset(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  write(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  isRight(): boolean {
    if (this.offset !== this.#facts.size) return false;
    const digest = createHash('sha256');
    for (const chunk of this.#chunks) digest.update(chunk);
    return digest.digest('hex') === this.#facts.sha256;
  }

  restart(): Promise<void> {
    this.#chunks = [];
    return Promise.resolve();
  }

  async finish(overwrites: boolean): Promise<void> {
    const bytes =
      this.#chunks.length === 1 && this.#chunks[0] !== undefined ? this.#chunks[0] : Buffer.concat(this.#chunks);
    const time = fileTime(this.#facts.mtimeNs);
    const mode = this.#facts.mode & 0o777;
    await local(this.#name, async () => {
      if (this.#isLocal) {
        const file = fs.openSync(this.#partial, 'w');
        try {
          fs.writeFileSync(file, bytes);
          fs.fchmodSync(file, mode);
          fs.futimesSync(file, time, time);
          if (overwrites) fs.fsyncSync(file);
        } finally {
          fs.closeSync(file);
        }
        fs.renameSync(this.#partial, this.#final);
        return;
      }
      const file = await open(this.#partial, 'w');
      try {
        await file.writeFile(bytes);
        await file.chmod(mode);
        await file.utimes(time, time);
        if (overwrites) await file.sync();
      } finally {
        await file.close();
      }
      await rename(this.#partial, this.#final);
    });
  }

  async abandon(): Promise<undefined> {
    await rm(this.#partial, { force: true }).catch(() => undefined);
  }
}

interface Partial {
  readonly path: string | Buffer;
  readonly name: string;
}

class LargeIncoming implements Incoming {
  readonly #name: string;
  readonly #final: string | Buffer;
  readonly #partial: Partial;
  readonly #facts: VersionFacts;
  readonly #file: FileHandle;
  readonly #begin: () => Digest;
  /** `undefined` where what it had is lost: then the file is read back. */
  #digest: Digest | undefined;
  /** The digest of everything, once it is complete. */
  #sha256: string | undefined;
  #received: number;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  private constructor(
    name: string,
    final: string | Buffer,
    partial: Partial,
    facts: VersionFacts,
    file: FileHandle,
    begin: () => Digest,
  ) {
    this.#name = name;
    this.#final = final;
    this.#partial = partial;
    this.#facts = facts;
    this.#file = file;
    this.#begin = begin;
    this.#digest = begin();
    this.#received = 0;
  }

  static async open(
    name: string,
    final: string | Buffer,
    partial: Partial,
    facts: VersionFacts,
    digests: DigestThread,
  ): Promise<Incoming> {
    return local(name, async () => {
      const resumable = facts.size >= worthResuming;
      const file = await open(partial.path, resumable ? 'a+' : 'w');
      // A thread of its own pays where the bytes come in large chunks.
      const begin = facts.size > segmentedFrom ? () => digests.begin() : ownDigest;
      const incoming = new LargeIncoming(name, final, partial, facts, file, begin);
      if (resumable) await incoming.#goOn();
      return incoming;
    });
  }

  get offset(): number {
    return this.#received;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#received += chunk.length;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    // The system writes on a thread of its own while another one hashes.
    const flushing = this.#waitingBytes >= flushAt ? this.#flush() : undefined;
    const [written] = await Promise.allSettled([flushing, this.#hash(chunk)]);
    if (written.status === 'rejected') throw written.reason;
    if (this.#received === this.#facts.size) this.#sha256 = await this.#whole();
  }

  isRight(): boolean {
    return this.#received === this.#facts.size && this.#sha256 === this.#facts.sha256;
  }

  async restart(): Promise<void> {
    this.#digest = this.#begin();
    this.#sha256 = undefined;
    this.#received = 0;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await local(this.#name, () => this.#file.truncate(0));
  }

  async finish(overwrites: boolean): Promise<void> {
    await this.#flush();
    await local(this.#name, async () => {
      if (overwrites) await this.#file.sync();
      await this.#file.close();
      const time = fileTime(this.#facts.mtimeNs);
      await chmod(this.#partial.path, this.#facts.mode & 0o777);
      await utimes(this.#partial.path, time, time);
      await rename(this.#partial.path, this.#final);
    });
  }

  async abandon(): Promise<string | undefined> {
    const keep = this.#facts.size >= worthResuming && this.#received > 0;
    if (keep) await this.#flush().catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    if (keep) return this.#partial.name;
    await rm(this.#partial.path, { force: true }).catch(() => undefined);
    return undefined;
  }

  /** Takes over what an interrupted restore left. */
  async #goOn(): Promise<void> {
    const { size } = await this.#file.stat();
    if (size > this.#facts.size) await this.#file.truncate(0);
    else if (size > 0) {
      for await (const chunk of this.#stream()) await this.#hash(chunk);
      this.#received = size;
      if (size === this.#facts.size) this.#sha256 = await this.#whole();
    }
  }

  async #hash(bytes: Uint8Array): Promise<void> {
    await this.#digest?.update(bytes).catch(() => {
      this.#digest = undefined;
    });
  }

  /** The digest of everything that was received. */
  async #whole(): Promise<string> {
    const known = await this.#digest?.end().catch(() => undefined);
    if (known !== undefined) return known;
    await this.#flush();
    const digest = createHash('sha256');
    await local(this.#name, async () => {
      for await (const chunk of this.#stream()) digest.update(chunk);
    });
    return digest.digest('hex');
  }

  #stream(): AsyncIterable<Uint8Array> {
    return this.#file.createReadStream({
      start: 0,
      autoClose: false,
      highWaterMark: flushAt,
    }) as AsyncIterable<Uint8Array>;
  }

  async #flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (waiting.length > 0)
      await local(this.#name, () =>
        this.#file.appendFile(waiting.length === 1 && waiting[0] !== undefined ? waiting[0] : Buffer.concat(waiting)),
      );
  }
}

/** A digest that is made where the bytes are. */
function ownDigest(): Digest {
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
      return Promise.resolve();
    },
    end: () => Promise.resolve(hash.digest('hex')),
  };
}

async function lstatIfThere(path: string | Buffer): Promise<fs.Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Runs something on the target's disk. Errors: `disk-full`, `disk-read-only`, `disk-error`. */
async function local<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const code = localWriteCode(errno);
    const advice = {
      'disk-full': 'Make room there, then run the same command again: it goes on where it stopped.',
      'disk-read-only': 'Choose a folder that you may write to with --into.',
    };
    throw new StrongroomError(code, `"${name}" could not be written (${errno}).`, {
      cause: error,
      subject: name,
      advice:
        code === 'disk-full' || code === 'disk-read-only'
          ? advice[code]
          : 'Check the disk, then run the same command again.',
    });
  }
}

/** `report.pdf` as `report (restored 2026-11-23 04.06.23).pdf`. */
export function besideName(relative: string, at: Date): string {
  const { dir, name, ext } = path.posix.parse(relative);
  const stamp = at.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  return path.posix.join(dir, `${name} (restored ${stamp})${ext}`);
}
