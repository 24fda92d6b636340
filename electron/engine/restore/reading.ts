import type { Clock } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf, isStoreWide, StrongroomError } from '../../../shared/errors.ts';
import type { RestorableVersion } from '../catalog/browse.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { StoredCopy } from '../catalog/copies.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { CopyAddress, Store } from '../stores/store.ts';
import { segmentBytes, Segments } from './segments.ts';

/** Takes the bytes of one version from `offset` on, and says at the end whether they were the right ones. */
export interface Receiver {
  /** Bytes of the version that are there already. */
  readonly offset: number;
  /** Takes the next bytes. Of a chunk of 1 MiB or more, nothing may be kept once this is done. */
  write(chunk: Uint8Array): Promise<void> | void;
  /** Whether everything received has the version's SHA-256. */
  isRight(): boolean;
  /** Forgets everything received, `offset` included: another copy will be read from its beginning. */
  restart(): Promise<void>;
}

export interface ReaderOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  readonly open: (record: StoreRecord) => Promise<Store>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Read from this store only. */
  readonly only: StoreRecord | undefined;
  /** Whether events and states of copies may be recorded: not beside another process that writes the catalog. */
  readonly recording: boolean;
}

/**
 * Reads versions from whatever store has a good copy. A store that fails as a whole is left out from then on; a copy
 * that is missing or wrong is recorded as such, and the next copy is read.
 */
export class Reader {
  readonly #options: ReaderOptions;
  readonly #records: ReadonlyMap<number, StoreRecord>;
  readonly #down = new Map<number, StrongroomError>();
  readonly #segments = new Segments();
  /** Copies that were looked up beforehand, by version, until that is read. */
  readonly #known = new Map<number, StoredCopy[]>();

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#records = new Map(options.catalog.stores.all().map((record) => [record.id, record]));
  }

  /** Stores that could not be read from, by name, and why. */
  get unreachable(): { store: string; reason: StrongroomError }[] {
    return [...this.#down].map(([id, reason]) => ({ store: this.#records.get(id)?.name ?? String(id), reason }));
  }

  /** Looks the copies of versions up that will be read soon: one question to the catalog instead of one for each. */
  expect(versions: readonly RestorableVersion[]): void {
    const ids = versions.map(({ versionId }) => versionId);
    for (const [versionId, copies] of this.#options.catalog.copies.ofVersions(ids)) this.#known.set(versionId, copies);
  }

  /** Forgets that a version was expected, where it is not read after all. */
  unexpect(version: RestorableVersion): void {
    this.#known.delete(version.versionId);
  }

  /**
   * Hands the bytes of a version to `receiver`.
   *
   * Errors: `copy-missing` where no store has a good copy (with what each answered), `copy-archived`, `cancelled`, and
   * whatever the receiver throws.
   *
   * @returns the store's name.
   */
  async read(version: RestorableVersion, receiver: Receiver): Promise<string> {
    const failures: string[] = [];
    let archived = false;
    for (const copy of this.#candidates(version)) {
      const record = this.#records.get(copy.storeId);
      if (record === undefined) continue;
      const down = this.#down.get(copy.storeId);
      if (down !== undefined) {
        failures.push(`${record.name}: ${down.message}`);
        continue;
      }
      try {
        await this.#readFrom(record, copy, version, receiver);
        if (failures.length > 0)
          this.#tell('restore-fell-back', version, copy.storeId, { from: record.name, because: failures });
        return record.name;
      } catch (error) {
        const code = codeOf(error);
        if (code === 'cancelled' || error instanceof ReceiverError)
          throw error instanceof ReceiverError ? error.reason : error;
        failures.push(`${record.name}: ${asStrongroomError(error).message}`);
        archived ||= code === 'copy-archived';
        if (isStoreWide(error)) this.#down.set(copy.storeId, asStrongroomError(error));
        else if (code === 'copy-missing' || code === 'copy-corrupt')
          this.#mark(version, copy, code === 'copy-missing' ? 'missing' : 'corrupt');
        await receiver.restart();
      }
    }
    throw new StrongroomError(
      archived ? 'copy-archived' : 'copy-missing',
      failures.length === 0
        ? `There is no copy of "${version.path}", version ${version.number}.`
        : `No good copy of "${version.path}", version ${version.number}, could be read (${failures.join('; ')}).`,
      {
        subject: version.path,
        advice: archived
          ? 'It lies in an archive and must be thawed first.'
          : 'Connect the other stores and try again; "strongroom versions" lists the copies of every version.',
      },
    );
  }

  /** This version's copies, then (looked up only if those fail) copies of the same content elsewhere in the source. */
  *#candidates(version: RestorableVersion): IterableIterator<StoredCopy> {
    const { catalog, source, only } = this.#options;
    const isWanted = (copy: StoredCopy): boolean => only === undefined || copy.storeId === only.id;
    const known = this.#known.get(version.versionId);
    this.#known.delete(version.versionId);
    yield* (known ?? catalog.copies.ofVersion(version.versionId)).filter(isWanted);
    const equal = catalog.copies.ofContent(source.id, version.facts.sha256);
    yield* equal.filter((copy) => copy.versionId !== version.versionId && isWanted(copy));
  }

  async #readFrom(
    record: StoreRecord,
    copy: StoredCopy,
    version: RestorableVersion,
    receiver: Receiver,
  ): Promise<void> {
    const { source, signal, open } = this.#options;
    const store = await open(record);
    const { size } = version.facts;
    if (receiver.offset < size || size === 0) {
      const address = { place: { source: source.name, path: copy.path }, locator: copy.locator };
      for await (const chunk of readAhead(store, address, receiver.offset, size, this.#segments, signal)) {
        try {
          await receiver.write(chunk);
        } catch (error) {
          throw new ReceiverError(error);
        }
      }
    }
    if (!receiver.isRight()) {
      throw new StrongroomError('copy-corrupt', `the copy of "${copy.path}" has other content than was stored`, {
        subject: copy.path,
      });
    }
  }

  #mark(version: RestorableVersion, copy: StoredCopy, state: 'missing' | 'corrupt'): void {
    if (!this.#options.recording) return;
    this.#options.catalog.copies.checked(copy.versionId, copy.storeId, state, 'restore', this.#options.clock.now());
    this.#tell('fixity-failed', version, copy.storeId, { found: state, while: 'restoring' });
  }

  #tell(
    kind: 'restore-fell-back' | 'fixity-failed',
    version: RestorableVersion,
    storeId: number,
    detail: Record<string, unknown>,
  ): void {
    if (!this.#options.recording) return;
    this.#options.catalog.events.add({
      kind,
      sourceId: this.#options.source.id,
      storeId,
      versionId: version.versionId,
      detail,
    });
  }
}

const segmentsAhead = 4;
/** Above this, a file is received in several segments at once, and the chunks of it that a receiver is given are large. */
export const segmentedFrom = segmentBytes * segmentsAhead;
/** A chunk of fewer bytes is the receiver's for good. */
const keptBelow = 1024 * 1024;

/**
 * The bytes of a copy from `start` on, in order. Of a large one, several segments are on their way at once: one stream
 * seldom fills a line. At most 40 MiB are held.
 *
 * A chunk of 1 MiB or more is the taker's only until it asks for the next one; a smaller one for good.
 */
async function* readAhead(
  store: Store,
  copy: CopyAddress,
  start: number,
  size: number,
  segments: Segments,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  if (size - start <= segmentedFrom) {
    yield* await store.get(copy, start === 0 ? {} : { start }, signal);
    return;
  }
  const stopping = new AbortController();
  const together = AbortSignal.any([signal, stopping.signal]);
  const fetch = async (from: number, segment: Uint8Array): Promise<Uint8Array> => {
    const end = Math.min(size, from + segmentBytes);
    const into = segment.subarray(0, end - from);
    let length = 0;
    for await (const chunk of await store.get(copy, { start: from, end, into }, together)) {
      if (length + chunk.length > into.length) throw otherSize(copy, 'more');
      // A store that uses the memory that it is offered has put the bytes there.
      if (chunk.buffer !== into.buffer) into.set(chunk, length);
      length += chunk.length;
    }
    if (length < into.length) throw otherSize(copy, 'fewer');
    return into;
  };
  const ahead: { readonly segment: Uint8Array; readonly arrived: Promise<Uint8Array> }[] = [];
  try {
    for (let next = start, read = start; read < size; read += segmentBytes) {
      for (; ahead.length < segmentsAhead && next < size; next += segmentBytes) {
        // Other files of the restore may have the rest of the memory.
        const segment = ahead.length === 0 ? await segments.take(signal) : segments.takeNow();
        if (segment === undefined) break;
        const arrived = fetch(next, segment);
        // One that fails before its turn is met when its turn comes.
        arrived.catch(() => undefined);
        ahead.push({ segment, arrived });
      }
      const first = ahead[0];
      if (first === undefined) return;
      const bytes = await first.arrived;
      yield bytes;
      void ahead.shift();
      segments.give(bytes.length < keptBelow ? undefined : first.segment);
    }
  } finally {
    stopping.abort();
    // What was asked for ahead and is not wanted any more ends by itself; its failure is nobody's concern.
    await Promise.allSettled(ahead.map(({ arrived }) => arrived));
    for (const { segment } of ahead) segments.give(segment);
  }
}

function otherSize(copy: CopyAddress, what: 'more' | 'fewer'): StrongroomError {
  const { path } = copy.place;
  return new StrongroomError('copy-corrupt', `the copy of "${path}" gave ${what} bytes than were stored`, {
    subject: path,
  });
}

/** What went wrong on this side while bytes came in: no fault of the copy. */
class ReceiverError extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('the bytes could not be taken');
    this.reason = reason;
  }
}
