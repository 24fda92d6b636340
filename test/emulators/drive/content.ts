import { createHash, hash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The three digests that Drive keeps of binary content, in lower-case hex. */
interface Digests {
  readonly md5: string;
  readonly sha1: string;
  readonly sha256: string;
}

/** Contents above this many bytes lie in a temporary file and not in memory. */
const MEMORY_LIMIT = 1024 * 1024;

/** Where big contents lie. The directory is made when first needed and goes with {@link remove}. */
export class ContentDirectory {
  #path: string | undefined;
  #next = 0;

  /** A path for a new file. */
  newPath(): string {
    this.#path ??= mkdtempSync(join(tmpdir(), 'drive-emulator-'));
    this.#next += 1;
    return join(this.#path, String(this.#next));
  }

  /** Deletes everything in it. */
  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true });
    this.#path = undefined;
  }
}

/** The bytes of one revision. Shared between a file and its copies; counted, so that a temporary file goes with its last user. */
export class Content {
  readonly size: number;
  readonly digests: Digests;
  readonly #memory: Buffer | undefined;
  readonly #path: string | undefined;
  #users = 1;

  private constructor(size: number, digests: Digests, memory: Buffer | undefined, path: string | undefined) {
    this.size = size;
    this.digests = digests;
    this.#memory = memory;
    this.#path = path;
  }

  /** Content held in memory. The caller must not change the buffer afterwards. */
  static of(bytes: Buffer): Content {
    const digests = { md5: hash('md5', bytes), sha1: hash('sha1', bytes), sha256: hash('sha256', bytes) };
    return new Content(bytes.length, digests, bytes, undefined);
  }

  /** Content that was already written to a file. */
  static at(path: string, size: number, digests: Digests): Content {
    return new Content(size, digests, undefined, path);
  }

  /** One more user of these bytes. */
  share(): this {
    this.#users += 1;
    return this;
  }

  /** One user fewer; the bytes go with the last. */
  release(): void {
    this.#users -= 1;
    if (this.#users === 0 && this.#path !== undefined) rmSync(this.#path, { force: true });
  }

  /** The bytes of `[start, end)`, a piece at a time. */
  async *read(start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    if (end <= start) return;
    if (this.#memory !== undefined) {
      yield this.#memory.subarray(start, end);
    } else if (this.#path !== undefined) {
      const stream = createReadStream(this.#path, { start, end: end - 1, highWaterMark: 256 * 1024 });
      for await (const piece of stream) yield piece as Buffer;
    }
  }

  /** All the bytes at once, for tests. */
  bytes(): Buffer {
    if (this.#memory !== undefined) return Buffer.from(this.#memory);
    return this.#path === undefined ? Buffer.alloc(0) : readFileSync(this.#path);
  }

  /** Changes one stored byte and leaves the recorded digests as they were: decay that only reading the bytes shows. */
  decay(offset: number): void {
    if (offset < 0 || offset >= this.size) throw new RangeError(`no byte ${offset} in ${this.size}`);
    if (this.#memory !== undefined) {
      this.#memory[offset] = (this.#memory[offset] ?? 0) ^ 0xff;
    } else if (this.#path !== undefined) {
      const file = openSync(this.#path, 'r+');
      const byte = Buffer.alloc(1);
      readSync(file, byte, 0, 1, offset);
      byte[0] = (byte[0] ?? 0) ^ 0xff;
      writeSync(file, byte, 0, 1, offset);
      closeSync(file);
    }
  }
}

/** Takes bytes as they come, in bounded memory, and digests them on the way. */
export class ContentWriter {
  readonly #directory: ContentDirectory;
  readonly #hashes: readonly [Hash, Hash, Hash] = [createHash('md5'), createHash('sha1'), createHash('sha256')];
  #parts: Buffer[] = [];
  #file: FileHandle | undefined;
  #path: string | undefined;
  #size = 0;

  constructor(directory: ContentDirectory) {
    this.#directory = directory;
  }

  /** How many bytes were taken. */
  get size(): number {
    return this.#size;
  }

  /** Takes a block; resolves when it may take the next. The caller must not change the buffer afterwards. */
  async write(block: Buffer): Promise<void> {
    if (this.#file === undefined && this.#size + block.length > MEMORY_LIMIT) {
      this.#path = this.#directory.newPath();
      this.#file = await open(this.#path, 'wx');
      if (this.#parts.length > 0) await this.#file.write(Buffer.concat(this.#parts));
      this.#parts = [];
    }
    // The disk writes while the processor digests.
    const written = this.#file?.write(block, 0, block.length, this.#size);
    if (written === undefined) this.#parts.push(block);
    for (const digest of this.#hashes) digest.update(block);
    this.#size += block.length;
    await written;
  }

  /** The finished content. The writer takes nothing afterwards. */
  async finish(): Promise<Content> {
    if (this.#file === undefined || this.#path === undefined) return Content.of(Buffer.concat(this.#parts));
    await this.#file.close();
    const [md5, sha1, sha256] = this.#hashes;
    const digests = { md5: md5.digest('hex'), sha1: sha1.digest('hex'), sha256: sha256.digest('hex') };
    return Content.at(this.#path, this.#size, digests);
  }

  /** Gives up what was taken. */
  async discard(): Promise<void> {
    await this.#file?.close();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
    this.#parts = [];
  }
}
