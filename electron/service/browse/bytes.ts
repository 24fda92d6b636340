import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { asStrongroomError, codeOf, StrongroomError } from '../../../shared/errors.ts';
import { baseName } from '../../../shared/names.ts';
import type { RestorableVersion } from '../../engine/catalog/browse.ts';
import type { StoredCopy } from '../../engine/catalog/copies.ts';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import type { StoreRecord } from '../../engine/catalog/stores.ts';
import { safeRestorePath } from '../../engine/platform/restore-path.ts';
import { Reader, type Receiver } from '../../engine/restore/reading.ts';
import { Target } from '../../engine/restore/target.ts';
import { isStill, openIfStill } from './at-hand.ts';
import type { BrowseContext } from './context.ts';
import type { Span } from './range.ts';
import type { Scratch } from './scratch.ts';

/** Up to this, a version is read whole and checked before a byte of it is shown. */
export const smallBytes = 8 * 1024 * 1024;
const heldBytes = 32 * 1024 * 1024;
const chunkBytes = 256 * 1024;

/** One version of one file of one source. */
export interface Wanted {
  readonly source: SourceRecord;
  readonly version: RestorableVersion;
}

interface Fetching {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  users: number;
}

/**
 * The bytes of versions, from whatever is at hand: the source's own file where it still is that version, else a store on
 * a disk, else S3, else Drive.
 *
 * Small ones are checked against their SHA-256 before anything is given out, and so is everything that has to come from
 * afar. Of large ones, ranges come from the source's file (size and modification time are looked at before and after)
 * or from a disk's copy as they are.
 */
export class VersionBytes {
  readonly #context: BrowseContext;
  readonly #scratch: Scratch;
  readonly #scratchBytes: number;
  /** Small contents that were checked, by digest, those used longest ago first. */
  readonly #held = new Map<string, Uint8Array>();
  readonly #fetching = new Map<string, Fetching>();

  /** @param scratchBytes the largest version that is fetched whole from afar; of larger ones, ranges are. */
  constructor(context: BrowseContext, scratch: Scratch, scratchBytes: number) {
    this.#context = context;
    this.#scratch = scratch;
    this.#scratchBytes = scratchBytes;
  }

  /**
   * Where the bytes would come from now: `source`, or a store's name.
   * Errors: `copy-missing` where nothing holds them, `copy-archived`.
   */
  async from(wanted: Wanted): Promise<string> {
    const file = await openIfStill(wanted.source, wanted.version, this.#context.engine.platform);
    if (file !== undefined) {
      await file.close();
      return 'source';
    }
    const [nearest] = this.#holders(wanted);
    if (nearest !== undefined) return nearest.record.name;
    throw this.#nowhere(wanted);
  }

  /** Bytes of a version, in order. Errors: those of `Reader.read`, and `cancelled`. */
  async read(wanted: Wanted, span: Span, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const { size } = wanted.version.facts;
    if (span.end === span.start) return nothing();
    if (size <= smallBytes) {
      const bytes = await this.#small(wanted, signal);
      return pieces(bytes.subarray(span.start, span.end));
    }
    return (
      (await this.#fromSource(wanted, span)) ??
      (await this.#fromKept(wanted, span)) ??
      (await this.#fromNear(wanted, span, signal)) ??
      (await this.#fromAfar(wanted, span, signal))
    );
  }

  /**
   * Puts a version as a checked file into a new scratch folder, under its own name or what any system can hold of it.
   *
   * @returns the file.
   */
  async fileFor(wanted: Wanted, signal: AbortSignal): Promise<string> {
    const { engine } = this.#context;
    const { facts } = wanted.version;
    const folder = await this.#scratch.folder();
    const target = new Target(folder, engine.platform);
    // Windows' rules are the strictest: what they leave of a name is text, and harmless to hand to a program.
    const safe = safeRestorePath(baseName(wanted.version.path), 'win32');
    const name = safe.kind === 'safe' ? safe.path : 'file';
    const incoming = await target.begin(name, facts);
    try {
      if (!(await this.#copyFromSource(wanted, incoming, signal))) await this.#copyFromStores(wanted, incoming, signal);
      await incoming.finish(false);
      return path.join(folder, name);
    } catch (error) {
      await incoming.abandon();
      await this.#scratch.remove(folder);
      throw error;
    } finally {
      await target.close();
    }
  }

  async #small(wanted: Wanted, signal: AbortSignal): Promise<Uint8Array> {
    const { sha256, size } = wanted.version.facts;
    const held = this.#held.get(sha256);
    if (held !== undefined) {
      this.#held.delete(sha256);
      this.#held.set(sha256, held);
      return held;
    }
    const whole = new Whole(size, sha256);
    if (!(await this.#copyFromSource(wanted, whole, signal))) await this.#copyFromStores(wanted, whole, signal);
    const { bytes } = whole;
    this.#held.set(sha256, bytes);
    let sum = [...this.#held.values()].reduce((total, one) => total + one.length, 0);
    for (const [oldest, dropped] of this.#held) {
      if (sum <= heldBytes) break;
      this.#held.delete(oldest);
      sum -= dropped.length;
    }
    return bytes;
  }

  /** Whether the source's file had the version's very bytes. */
  async #copyFromSource({ source, version }: Wanted, receiver: Receiver, signal: AbortSignal): Promise<boolean> {
    const file = await openIfStill(source, version, this.#context.engine.platform);
    if (file === undefined) return false;
    try {
      for await (const chunk of file.createReadStream({ autoClose: false, highWaterMark: chunkBytes, signal })) {
        if (receiver.offset >= version.facts.size) break;
        await receiver.write(chunk as Uint8Array);
      }
      if (receiver.isRight()) return true;
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof StrongroomError) throw error;
      // The share is not to be read any more: the stores are.
    } finally {
      await file.close().catch(() => undefined);
    }
    await receiver.restart();
    return false;
  }

  async #copyFromStores(wanted: Wanted, receiver: Receiver, signal: AbortSignal): Promise<void> {
    const { engine, clock } = this.#context;
    const reader = (only: StoreRecord | undefined): Reader =>
      new Reader({
        catalog: engine.catalog,
        source: wanted.source,
        open: engine.store,
        clock,
        signal,
        only,
        recording: engine.writing,
      });
    for (const { record } of this.#holders(wanted).slice(0, -1)) {
      try {
        await reader(record).read(wanted.version, receiver);
        return;
      } catch (error) {
        const code = codeOf(error);
        if (code !== 'copy-missing' && code !== 'copy-archived') throw error;
      }
    }
    // Whatever else there may be, equal content of other files included; its failure names every store.
    await reader(undefined).read(wanted.version, receiver);
  }

  async #fromSource({ source, version }: Wanted, span: Span): Promise<AsyncIterable<Uint8Array> | undefined> {
    const file = await openIfStill(source, version, this.#context.engine.platform);
    if (file === undefined) return undefined;
    return (async function* (): AsyncIterable<Uint8Array> {
      try {
        for (let at = span.start; at < span.end;) {
          const length = Math.min(chunkBytes, span.end - at);
          const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
          // Looked at after each read: what was written meanwhile is never given out as the version.
          if (bytesRead === 0 || !(await isStill(file, version))) throw changed(version.path);
          yield buffer.subarray(0, bytesRead);
          at += bytesRead;
        }
      } finally {
        await file.close();
      }
    })();
  }

  async #fromKept({ version }: Wanted, span: Span): Promise<AsyncIterable<Uint8Array> | undefined> {
    const kept = this.#scratch.use(version.facts.sha256);
    if (kept === undefined) return undefined;
    const file = await open(kept.file).catch(() => undefined);
    if (file === undefined) {
      kept.release();
      return undefined;
    }
    return (async function* (): AsyncIterable<Uint8Array> {
      try {
        const stream = file.createReadStream({
          autoClose: false,
          start: span.start,
          end: span.end - 1,
          highWaterMark: chunkBytes,
        });
        for await (const chunk of stream) yield chunk as Uint8Array;
      } finally {
        await file.close();
        kept.release();
      }
    })();
  }

  /** From a copy on a disk, as it is. */
  async #fromNear(wanted: Wanted, span: Span, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    for (const holder of this.#holders(wanted)) {
      if (holder.record.spec.kind !== 'folder') continue;
      const bytes = await this.#ranged(wanted, holder, span, signal);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  async #fromAfar(wanted: Wanted, span: Span, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    if (wanted.version.facts.size > this.#scratchBytes) {
      for (const holder of this.#holders(wanted)) {
        const bytes = await this.#ranged(wanted, holder, span, signal);
        if (bytes !== undefined) return bytes;
      }
      throw this.#nowhere(wanted);
    }
    await this.#fetch(wanted, signal);
    const bytes = await this.#fromKept(wanted, span);
    if (bytes === undefined) throw this.#nowhere(wanted);
    return bytes;
  }

  /** Ranges of one copy, once its first bytes came; `undefined` where they do not. */
  async #ranged(
    { source, version }: Wanted,
    { record, copy }: Holder,
    span: Span,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    try {
      const store = await this.#context.engine.store(record);
      const address = { place: { source: source.name, path: copy.path }, locator: copy.locator };
      const bytes = (await store.get(address, span, signal))[Symbol.asyncIterator]();
      const first = await bytes.next();
      if (first.done === true) return undefined;
      return exactly(version.path, span.end - span.start, first.value, bytes);
    } catch (error) {
      throwIfCancelled(signal);
      if (codeOf(error) === 'internal') throw error;
      return undefined;
    }
  }

  /** Fetches a version into the scratch folder, once however many ask; ends when nobody asks any more. */
  async #fetch(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const key = wanted.version.facts.sha256;
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      const stop = new AbortController();
      const together = AbortSignal.any([stop.signal, this.#context.signal]);
      const done = this.fileFor(wanted, together)
        .then((file) => this.#scratch.keep(key, file))
        .finally(() => this.#fetching.delete(key));
      fetching = { stop, done, users: 0 };
      this.#fetching.set(key, fetching);
    }
    fetching.users += 1;
    const { done, stop } = fetching;
    let giveUp = (): void => undefined;
    const given = new Promise<never>((_, reject) => {
      giveUp = () => reject(cancelled());
    });
    signal.addEventListener('abort', giveUp, { once: true });
    if (signal.aborted) giveUp();
    try {
      await Promise.race([done, given]);
    } finally {
      signal.removeEventListener('abort', giveUp);
      fetching.users -= 1;
      if (fetching.users === 0) stop.abort();
      // One that nobody waits for any more fails without anybody being told.
      done.catch(() => undefined);
      given.catch(() => undefined);
    }
  }

  /** The copies that can be read at once, the nearest first. */
  #holders({ version }: Wanted): Holder[] {
    const { catalog } = this.#context.engine;
    const records = new Map(catalog.stores.all().map((record) => [record.id, record]));
    return catalog.copies
      .ofVersion(version.versionId)
      .filter(({ state }) => state !== 'archived' && state !== 'thawing')
      .flatMap((copy) => {
        const record = records.get(copy.storeId);
        return record === undefined ? [] : [{ record, copy }];
      })
      .sort((left, right) => distance[left.record.spec.kind] - distance[right.record.spec.kind]);
  }

  #nowhere({ version }: Wanted): StrongroomError {
    const name = baseName(version.path);
    const archived = this.#context.engine.catalog.copies
      .ofVersion(version.versionId)
      .some(({ state }) => state === 'archived' || state === 'thawing');
    return archived
      ? new StrongroomError('copy-archived', `Version ${version.number} of "${name}" lies in an archive.`, {
          subject: version.path,
          advice: 'It must be thawed first, which takes hours: restore it, and it is fetched when it is ready.',
        })
      : new StrongroomError('copy-missing', `No copy of version ${version.number} of "${name}" can be read now.`, {
          subject: version.path,
          advice: 'Connect the disks and servers that hold its copies, then try again.',
        });
  }
}

interface Holder {
  readonly record: StoreRecord;
  readonly copy: StoredCopy;
}

const distance = { folder: 0, s3: 1, drive: 2 } as const;

/** A version in memory. */
class Whole implements Receiver {
  readonly #bytes: Uint8Array;
  readonly #sha256: string;
  offset = 0;

  constructor(size: number, sha256: string) {
    this.#bytes = new Uint8Array(size);
    this.#sha256 = sha256;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  write(chunk: Uint8Array): void {
    const rest = this.#bytes.length - this.offset;
    this.#bytes.set(chunk.length > rest ? chunk.subarray(0, rest) : chunk, this.offset);
    // Counted beyond the end too: what is too long is not right.
    this.offset += chunk.length;
  }

  isRight(): boolean {
    return (
      this.offset === this.#bytes.length && createHash('sha256').update(this.#bytes).digest('hex') === this.#sha256
    );
  }

  restart(): Promise<void> {
    this.offset = 0;
    return Promise.resolve();
  }
}

async function* exactly(
  name: string,
  length: number,
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let left = length;
  try {
    for (let chunk: Uint8Array | undefined = first; chunk !== undefined && left > 0;) {
      yield chunk.length > left ? chunk.subarray(0, left) : chunk;
      left -= Math.min(left, chunk.length);
      const next: IteratorResult<Uint8Array> = await rest.next();
      chunk = next.done === true ? undefined : next.value;
    }
  } finally {
    await rest.return?.();
  }
  if (left > 0)
    throw new StrongroomError('copy-corrupt', `The copy of "${baseName(name)}" is shorter than it was.`, {
      subject: name,
    });
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes)
    yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
}

async function* nothing(): AsyncIterable<Uint8Array> {
  // Nothing to give.
}

function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

function cancelled(): StrongroomError {
  return new StrongroomError('cancelled', 'Nobody waits for it any more.');
}

function changed(name: string): StrongroomError {
  return new StrongroomError('file-changing', `"${baseName(name)}" was changed while it was shown.`, {
    subject: name,
    advice: 'Open it again.',
  });
}

/** What went wrong, in a sentence. */
export function sentence(error: unknown): string {
  const { message, advice } = asStrongroomError(error);
  return advice === undefined ? message : `${message} ${advice}`;
}
