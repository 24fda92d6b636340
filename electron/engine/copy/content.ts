import { open, type FileHandle } from 'node:fs/promises';
import type { VersionFacts } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf, StrongroomError } from '../../../shared/errors.ts';
import { errnoOf, sourceReadCode } from '../platform/failures.ts';
import type { Platform } from '../platform/platform.ts';
import type { Content, CopyAddress, Store } from '../stores/store.ts';

/** The bytes of a version as they lie in the source. It must be closed. */
export class SourceContent implements Content {
  readonly #path: string | Buffer;
  readonly #name: string;
  readonly #facts: VersionFacts;
  readonly #platform: Platform;
  #file: Promise<FileHandle> | undefined;

  constructor(path: string | Buffer, name: string, facts: VersionFacts, platform: Platform) {
    this.#path = path;
    this.#name = name;
    this.#facts = facts;
    this.#platform = platform;
  }

  async bytes(start: number, end: number): Promise<Uint8Array> {
    try {
      this.#file ??= this.#open();
      const file = await this.#file;
      const bytes = Buffer.allocUnsafe(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        if (bytesRead === 0) throw this.#changed();
        filled += bytesRead;
      }
      return bytes;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === undefined) throw error;
      throw new StrongroomError(
        sourceReadCode(errno, this.#platform),
        `"${this.#name}" could not be read to be copied (${errno}).`,
        {
          cause: error,
          subject: this.#name,
          advice: 'The next run tries again.',
        },
      );
    }
  }

  async close(): Promise<void> {
    const file = await this.#file?.catch(() => undefined);
    await file?.close();
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, 'r');
    const stat = await file.stat({ bigint: true });
    if (stat.isFile() && stat.size === BigInt(this.#facts.size)) return file;
    await file.close();
    throw this.#changed();
  }

  #changed(): StrongroomError {
    return new StrongroomError(
      'file-changing',
      `"${this.#name}" changed after it was recorded and before it was copied.`,
      {
        subject: this.#name,
        advice: 'The next run records the new state and copies that.',
      },
    );
  }
}

/** Bytes that are in memory already. */
export class KeptContent implements Content {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  bytes(start: number, end: number): Promise<Uint8Array> {
    return Promise.resolve(start === 0 && end === this.#bytes.length ? this.#bytes : this.#bytes.subarray(start, end));
  }
}

/** A copy to read from, in a store that is opened when it is needed. */
export interface HeldCopy {
  readonly address: CopyAddress;
  readonly store: () => Promise<Store>;
}

/**
 * The bytes of a version from the first of its copies that can be read. That none can be read now is the matter of this
 * one version (`copy-missing`), and says nothing of the store that they are read for.
 */
export class CopiesContent implements Content {
  readonly #held: readonly HeldCopy[];
  readonly #signal: AbortSignal;
  #at = 0;
  #reason: unknown;

  constructor(held: readonly HeldCopy[], signal: AbortSignal) {
    this.#held = held;
    this.#signal = signal;
  }

  async bytes(start: number, end: number): Promise<Uint8Array> {
    for (let copy = this.#held[this.#at]; copy !== undefined; copy = this.#held[this.#at]) {
      try {
        const content = new CopyContent(await copy.store(), copy.address, this.#signal);
        return await content.bytes(start, end);
      } catch (error) {
        if (codeOf(error) === 'cancelled') throw error;
        this.#reason = error;
        // Pieces are read ahead, so several may meet the same failure.
        if (this.#held[this.#at] === copy) this.#at += 1;
      }
    }
    const path = this.#held[0]?.address.place.path ?? '';
    const why = asStrongroomError(this.#reason);
    throw new StrongroomError('copy-missing', `An older version of "${path}" cannot be read now: ${why.message}`, {
      cause: why,
      subject: path,
      ...(why.advice === undefined ? {} : { advice: why.advice }),
    });
  }
}

/** The bytes of a copy in another store. */
class CopyContent implements Content {
  readonly #store: Store;
  readonly #copy: CopyAddress;
  readonly #signal: AbortSignal;

  constructor(store: Store, copy: CopyAddress, signal: AbortSignal) {
    this.#store = store;
    this.#copy = copy;
    this.#signal = signal;
  }

  async bytes(start: number, end: number): Promise<Uint8Array> {
    if (end === start) return new Uint8Array(0);
    const bytes = new Uint8Array(end - start);
    let filled = 0;
    for await (const chunk of await this.#store.get(this.#copy, { start, end }, this.#signal)) {
      if (filled + chunk.length > bytes.length) break;
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    if (filled === bytes.length) return bytes;
    throw new StrongroomError('copy-corrupt', `The copy of "${this.#copy.place.path}" is shorter than it was.`, {
      subject: this.#copy.place.path,
    });
  }
}

/** What a kept content takes besides its bytes, roughly: a million empty files must not fill the memory either. */
const entryBytes = 1_024;

/**
 * Contents of small files that were just read, until they are sent: a bounded amount. What comes while it is full is not
 * kept: copies are made oldest first, so what is here already is wanted sooner.
 */
export class ContentCache {
  readonly #limit: number;
  readonly #kept = new Map<number, { readonly bytes: Uint8Array; users: number }>();
  #size = 0;

  /** @param limit bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @param users how many stores will ask for it. */
  add(versionId: number, bytes: Uint8Array, users: number): void {
    const size = bytes.length + entryBytes;
    if (this.#size + size > this.#limit) return;
    this.#kept.set(versionId, { bytes, users });
    this.#size += size;
  }

  /** The content, once for each user. */
  take(versionId: number): Uint8Array | undefined {
    const entry = this.#kept.get(versionId);
    if (entry === undefined) return undefined;
    entry.users -= 1;
    if (entry.users <= 0) {
      this.#kept.delete(versionId);
      this.#size -= entry.bytes.length + entryBytes;
    }
    return entry.bytes;
  }

  /** Forgets all, because somebody will ask no more: what waited for that one would stay to the end. */
  clear(): void {
    this.#kept.clear();
    this.#size = 0;
  }
}
