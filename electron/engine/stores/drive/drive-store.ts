import type { Instant, Place } from '../../../../shared/domain.ts';
import type { DriveSpec } from '../../../../shared/spec.ts';
import { sleep as realSleep } from '../decorators/sleep.ts';
import type {
  ByteRange,
  ChangesByHand,
  Content,
  ControlFile,
  CopyAddress,
  DescribedCopy,
  ListedCopy,
  Placed,
  PutContext,
  PutRequest,
  Store,
  StoreCapabilities,
  WriteCondition,
} from '../store.ts';
import { Connection, type DriveStoreOptions } from './connection.ts';
import { ControlFiles } from './control.ts';
import { throwIfAborted } from './errors.ts';
import { Folders } from './folders.ts';
import { HandChanges } from './hand-changes.ts';
import { Listing } from './listing.ts';
import { copyWithin } from './moving.ts';
import { Places } from './places.ts';
import { put } from './putting.ts';
import { describeCopy, getCopy, type KnownFacts } from './reading.ts';
import { retire, type Parts } from './retiring.ts';
import { discardTrial } from './trial.ts';

const capabilities = {
  // As many as there are connections; the pace is found by the adapter itself.
  concurrency: 24,
  copiesWithin: false,
  conditionalWrites: true,
  listsIdentity: true,
} satisfies StoreCapabilities;

/** Copies in a folder of Google Drive, as plain files in plain folders. No request is made before the first call. */
export function openDriveStore(spec: DriveSpec, options: DriveStoreOptions): Promise<DriveStore> {
  return Promise.resolve(new DriveStore(spec, options));
}

/**
 * The files lie below `files/<source>/`, what was deleted below `history/<source>/`, control files in `strongroom/`.
 * Which file is which version is kept with the file itself: see `record.ts`. How files are found: `places.ts`.
 */
export class DriveStore implements Store {
  readonly capabilities: StoreCapabilities;
  readonly #connection: Connection;
  readonly #parts: Parts;
  readonly #control: ControlFiles;
  /** What a listing knew of the copies that it told, for as long as somebody holds them. */
  readonly #facts = new WeakMap<ListedCopy, KnownFacts>();

  constructor(spec: DriveSpec, options: DriveStoreOptions) {
    this.#connection = new Connection(spec, options);
    const { dailyBytes } = this.#connection.egress;
    this.capabilities = dailyBytes === Infinity ? capabilities : { ...capabilities, dailyBytes };
    const folders = new Folders(this.#connection);
    this.#parts = { connection: this.#connection, folders, places: new Places(this.#connection) };
    this.#control = new ControlFiles(this.#connection, folders, options.sleep ?? realSleep);
  }

  async ready(signal: AbortSignal): Promise<void> {
    this.#begin(signal);
    // People and other workstations may have worked with the store since.
    this.#parts.folders.forget();
    this.#parts.places.forget();
    await this.#connection.requireWritable(signal);
  }

  async put(request: PutRequest, content: Content, context: PutContext): Promise<Placed> {
    this.#begin(context.signal);
    return await put(this.#parts, request, content, context);
  }

  async copyWithin(from: CopyAddress, request: PutRequest, context: PutContext): Promise<Placed | undefined> {
    this.#begin(context.signal);
    return await copyWithin(this.#parts, from, request, context);
  }

  async retire(place: Place, replaces: string | undefined, signal: AbortSignal): Promise<Placed> {
    this.#begin(signal);
    return await retire(this.#parts, place, replaces, signal);
  }

  async get(copy: CopyAddress, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    this.#begin(signal);
    return await getCopy(this.#connection, copy, range, signal);
  }

  async *list(source: string, signal: AbortSignal): AsyncIterable<ListedCopy> {
    this.#begin(signal);
    const listing = new Listing(this.#connection, this.#parts.folders, source, signal);
    for await (const { copy, facts } of listing.copies()) {
      if (facts !== undefined) this.#facts.set(copy, facts);
      yield copy;
    }
  }

  async describe(listed: ListedCopy, source: string, signal: AbortSignal): Promise<DescribedCopy> {
    this.#begin(signal);
    return await describeCopy(this.#connection, listed, source, this.#facts.get(listed), signal);
  }

  async sources(signal: AbortSignal): Promise<readonly string[]> {
    this.#begin(signal);
    const { folders } = this.#parts;
    const names = [...(await folders.sources('files', signal)), ...(await folders.sources('history', signal))];
    return [...new Set(names)].sort();
  }

  async readControl(name: string, signal: AbortSignal): Promise<ControlFile | undefined> {
    this.#begin(signal);
    return await this.#control.read(name, signal);
  }

  async writeControl(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    this.#begin(signal);
    return await this.#control.write(name, bytes, condition, signal);
  }

  async removeControl(name: string, signal: AbortSignal): Promise<void> {
    this.#begin(signal);
    await this.#control.remove(name, signal);
  }

  async listControl(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    this.#begin(signal);
    return await this.#control.list(prefix, signal);
  }

  /** Nothing is left behind: an unfinished upload shows nowhere, and ends by itself after a week. */
  cleanUp(_keep: ReadonlySet<string>, _before: Instant, signal: AbortSignal): Promise<number> {
    this.#begin(signal);
    return Promise.resolve(0);
  }

  async discardTrial(source: string, signal: AbortSignal): Promise<void> {
    this.#begin(signal);
    await discardTrial(this.#parts, source, signal);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** See {@link HandChanges}. */
  async changesByHand(token: string | undefined, signal: AbortSignal): Promise<ChangesByHand> {
    this.#begin(signal);
    const changes = await new HandChanges(this.#connection, this.#parts.folders, signal).since(token);
    if (changes.items.length > 0) {
      this.#parts.folders.forget();
      this.#parts.places.forget();
    }
    return changes;
  }

  /** What the pace is now, for the status of a run. */
  get pace(): { readonly atOnce: number; readonly perSecond: number } {
    return this.#connection.wire.pacer.found;
  }

  #begin(signal: AbortSignal): void {
    this.#connection.requireOpen();
    throwIfAborted(signal);
  }
}
