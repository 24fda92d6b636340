import type { Instant, Place, VersionFacts } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';

/**
 * The store contract: all that Strongroom asks of a place that holds copies.
 *
 * Rules for every method:
 * - Errors are `StrongroomError`s with a code of the closed set, translated in the adapter from status and code.
 *   `store-unreachable` and `store-busy` promise that the same call may be made again; any other code is final.
 * - `signal` aborts promptly with code `cancelled`. An aborted or failed call leaves nothing under a final name.
 * - Calls for different places may run at once. Calls for one place are made one after the other, by the caller.
 * - Nothing is ever overwritten or deleted for good: what is superseded stays readable under the locator that was
 *   given out for it, by the store's own history.
 *
 * Differences between stores are data ({@link StoreCapabilities}); nobody above asks for a store's kind.
 * `test/contract/` holds every implementation to this text.
 */
export interface Store {
  readonly capabilities: StoreCapabilities;

  /**
   * Proves, with as few requests as possible, that the store can be written now: reachable, signed in, there, and
   * keeping history. Called once before the first write of a run.
   */
  ready(signal: AbortSignal): Promise<void>;

  /**
   * Stores one version at a place, making it the place's current content, and keeps what lay there.
   *
   * The bytes are hashed as they are sent; where they are not the version's SHA-256 and size, nothing is stored and
   * the error is `file-changing`. Resolves only once the store has confirmed a checksum of these bytes (or they were
   * read back) and they are durable. Modification time and mode are kept with the copy.
   *
   * Idempotent when `request.mayExist` is set: if the place's current content is already this version, written by an
   * earlier attempt whose answer was lost, its locator is returned and nothing is sent. Of a small file the content is not
   * asked for either: nobody may have the bytes any more.
   */
  put(request: PutRequest, content: Content, context: PutContext): Promise<Placed>;

  /**
   * As {@link put}, but from a copy that the store already holds, without sending the bytes. Resolves to `undefined`
   * where the store cannot (the caller then calls `put`). `from` is left as it is.
   */
  copyWithin(from: CopyAddress, request: PutRequest, context: PutContext): Promise<Placed | undefined>;

  /**
   * Records that there is no file at this place any more, the store's native way (delete marker, history folder).
   * Everything that lay there stays readable under its locator. Idempotent: a place that is already empty is fine.
   *
   * @param replaces the locator of the copy that lies there, if the catalog knows one.
   */
  retire(place: Place, replaces: string | undefined, signal: AbortSignal): Promise<Placed>;

  /**
   * The bytes of a copy, from `range.start` (inclusive, default 0) to `range.end` (exclusive, default the end).
   * Errors: `copy-missing` where it is not there, `copy-archived` where it must be thawed first. The bytes are
   * not verified here: the reader hashes them.
   */
  get(copy: CopyAddress, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;

  /** Every copy of a source that the store holds, current, superseded and deleted, by path; memory stays bounded. */
  list(source: string, signal: AbortSignal): AsyncIterable<ListedCopy>;

  /**
   * What a listed copy is, from what the store keeps with it, or by reading it where it keeps nothing.
   * Used to rebuild a catalog without journals.
   */
  describe(listed: ListedCopy, source: string, signal: AbortSignal): Promise<DescribedCopy>;

  /** The names of the sources that the store holds files of. */
  sources(signal: AbortSignal): Promise<readonly string[]>;

  /** A small control file (journal, checkpoint, lease) below the store's `strongroom/` folder; `undefined` where there is none. */
  readControl(name: string, signal: AbortSignal): Promise<ControlFile | undefined>;

  /**
   * Writes a control file whole or not at all. With a condition that does not hold, nothing is written and the error
   * is `copy-conflict`.
   *
   * @returns the new tag.
   */
  writeControl(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string>;

  /** Removes a control file; one that is not there is fine. */
  removeControl(name: string, signal: AbortSignal): Promise<void>;

  /** The names of control files that begin with `prefix`, sorted by their bytes. */
  listControl(prefix: string, signal: AbortSignal): Promise<readonly string[]>;

  /**
   * Removes what killed uploads left behind (unfinished uploads, temporary files) and nobody goes on with.
   *
   * @param keep resume tokens of uploads that will go on.
   * @param before only what was begun before this instant.
   * @returns how many were removed.
   */
  cleanUp(keep: ReadonlySet<string>, before: Instant, signal: AbortSignal): Promise<number>;

  /**
   * Removes for good all that the store holds of a source that a check made (its name says so: {@link trialPrefix}), its history included; every
   * other name is refused. It is the one call that takes anything away for good. What the store does not let its user
   * remove for good stays as a former version, which no listing of the present shows.
   */
  discardTrial(source: string, signal: AbortSignal): Promise<void>;

  /**
   * What people changed in the store by hand since an earlier call; of what Strongroom wrote itself, from whatever
   * workstation, nothing. Only stores that keep such a feed have it; it costs about one request a thousand changes.
   *
   * What people put into the trash, and Strongroom had put there, is taken out again before it is told. Everything else
   * is left as it is: the caller decides. Aborted or failed, the same token may be used again.
   *
   * @param token of the call before; without one, nothing is told but the token to begin with.
   */
  changesByHand?(token: string | undefined, signal: AbortSignal): Promise<ChangesByHand>;

  /** Ends connections. Further calls are errors. */
  close(): Promise<void>;
}

export interface StoreCapabilities {
  /** How many files to send at once when they are small. */
  readonly concurrency: number;
  /** Whether `copyWithin` can serve any content that the store holds (not only moves). */
  readonly copiesWithin: boolean;
  /** Whether conditions of `writeControl` are decided by the store itself, so that two workstations cannot both win. */
  readonly conditionalWrites: boolean;
  /** Whether `list` tells a checksum-backed identity, so that an audit need not read the bytes. */
  readonly listsIdentity: boolean;
  /** Bytes of content that it gives out in any 24 hours, after which reading waits; absent where there is no bound. */
  readonly dailyBytes?: number;
}

/** One copy in a store. The locator is opaque above the adapter. */
export interface CopyAddress {
  readonly place: Place;
  readonly locator: string;
}

export interface ByteRange {
  readonly start?: number;
  readonly end?: number;
  /**
   * Memory for what lies between the two. A store may put the bytes there, from its beginning, and yield views of it;
   * it may as well leave it alone. While the reading goes on it is the store's.
   */
  readonly into?: Uint8Array;
}

export interface PutRequest {
  readonly place: Place;
  readonly version: VersionFacts;
  /** The version's number, from 1, for stores that name their history. */
  readonly number: number;
  /** The locator of the copy that lies at the place now, if the catalog knows one. */
  readonly replaces: string | undefined;
  /** Set where an earlier attempt may have been carried out although its answer was lost. */
  readonly mayExist: boolean;
  /** Set where `copyWithin` serves a move: `from` is about to be retired. */
  readonly move: boolean;
}

/** The bytes of one version, readable in any order and more than once. */
export interface Content {
  /** Bytes `start` (inclusive) to `end` (exclusive). Errors: `file-changing`, `file-vanished`, `file-unreadable`, `file-locked`. */
  bytes(start: number, end: number): Promise<Uint8Array>;
}

export interface PutContext {
  readonly signal: AbortSignal;
  /** Told of bytes of the file as they leave (or are found to be there already). */
  readonly onBytes: (count: number) => void;
  /** Where an upload that takes long keeps what it needs to go on after a kill. */
  readonly resume: ResumeSlot;
}

export interface ResumeSlot {
  /** What an earlier attempt for this very version saved last. */
  readonly token: string | undefined;
  /** Durable when it returns. `undefined` forgets. */
  save(token: string | undefined): void;
}

export interface Placed {
  readonly locator: string;
}

export interface ListedCopy {
  readonly path: string;
  /** `undefined` where the store cannot tell which version it is without reading it. */
  readonly locator: string | undefined;
  /** Bytes; for a deletion 0. */
  readonly size: number;
  /** Whether it is what a person sees at this path today. */
  readonly current: boolean;
  /** Whether it is the mark of a deletion. */
  readonly deletion: boolean;
  /** When the store took it in. */
  readonly storedAt: Instant;
  /** Modification time of the plain file, where the listing tells it. */
  readonly mtimeNs: bigint | undefined;
  /** Set where `describe` would have to read all of it, and the store tells so beforehand. */
  readonly isToBeRead?: boolean;
}

/** A listed copy with its locator, which the listing alone may not tell. */
export interface DescribedCopy extends VersionFacts {
  readonly locator: string;
}

export interface ControlFile {
  readonly bytes: Uint8Array;
  /** Changes whenever the file is written; for `writeControl`'s condition. */
  readonly tag: string;
}

export type WriteCondition =
  { readonly kind: 'any' } | { readonly kind: 'absent' } | { readonly kind: 'tag'; readonly tag: string };

/** What somebody did to something in the store by hand. */
export interface ChangeByHand {
  /** The thing in the store; tells it from all others. */
  readonly id: string;
  /**
   * `added`: people's own, which nobody touches; `edited`: other content put over a copy; `moved`: renamed or put
   * elsewhere; `trashed`: it was in the trash, and is back where it was; `removed`: gone for good, or no longer shared
   * with this account (the store may not know where it was: whether it held copies, the catalog's locators tell).
   */
  readonly kind: 'added' | 'edited' | 'moved' | 'trashed' | 'removed';
  /** `link` is a shortcut; `document` is one that only its vendor's programs open, and has no bytes of its own. */
  readonly thing: 'file' | 'folder' | 'link' | 'document';
  /** Source and path as the store shows them now; `undefined` for what is not there or not below the store any more. */
  readonly source: string | undefined;
  readonly path: string | undefined;
  /** What the locators of all copies in it begin with, at least 16 characters; `undefined` for what holds none itself. */
  readonly locatorStart: string | undefined;
  /** The folder with which it was changed, told before it. */
  readonly within: string | undefined;
}

export interface ChangesByHand {
  readonly items: readonly ChangeByHand[];
  /** To be given at the next call: from here on. */
  readonly token: string;
  /** Whether the store could not tell all: what was changed before now, only an audit finds. */
  readonly missed: boolean;
}

/** What the names of sources begin with that only a check makes, with twelve digits or small letters after it. */
export const trialPrefix = 'strongroom-check-';

/** Whether a source's name is one that only a check gives. */
function isTrial(source: string): boolean {
  return source.startsWith(trialPrefix) && /^[0-9a-z]{12}$/.test(source.slice(trialPrefix.length));
}

/** Error: `unsafe-path`, for every name that no check gives. */
export function requireTrial(source: string): void {
  if (isTrial(source)) return;
  throw new StrongroomError('unsafe-path', `“${source}” was not made by a check, so it is not removed.`, {
    subject: source,
  });
}

/** For callers that never go on with an upload. */
export const noResume: ResumeSlot = { token: undefined, save: () => undefined };
