import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import type { Place, VersionFacts } from '../../shared/domain.ts';
import { StrongroomError, type ErrorCode } from '../../shared/errors.ts';
import type {
  Content,
  CopyAddress,
  ListedCopy,
  Placed,
  PutContext,
  PutRequest,
  ResumeSlot,
  Store,
} from '../../electron/engine/stores/store.ts';
import { noResume } from '../../electron/engine/stores/store.ts';
import { seededRandom } from '../faults/random.ts';

/** A store to be held to the contract, and what a test may do to it behind its back. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Removes a copy for good, as an administrator or a broken disk would. */
  lose(copy: CopyAddress): Promise<void>;
  dispose(): Promise<void>;
}

/** What the contract leaves to the store, or a server is known to do otherwise. */
export interface Differences {
  /** Below the time that `describe` gives back may differ, in nanoseconds; exact when left out. */
  readonly mtimeStepNs?: bigint;
  /** Mode bits that `describe` gives back; all when left out. */
  readonly modeBits?: number;
  /** Whether a deletion leaves a mark of its own that `list` tells. */
  readonly marksDeletions: boolean;
  /** Whether it can be foretold how many unfinished uploads `cleanUp` finds. */
  readonly countsUnfinished: boolean;
}

/** What the cases of one suite share. */
export interface Suite {
  readonly name: string;
  readonly differences: Differences;
  subject(): StoreUnderTest;
  /** The name of a source that no other case uses. */
  newSource(): string;
  random: () => number;
}

export const signal = new AbortController().signal;

export const mebibyte = 1024 * 1024;

/** The seed of the run's random bytes: STRONGROOM_TEST_SEED, or a new one; printed by the suite. */
export function chooseSeed(): number {
  const given = process.env['STRONGROOM_TEST_SEED'];
  return given === undefined ? randomInt(2 ** 31) : Number(given);
}

export function randomBytes(length: number, random: () => number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = random() * 256;
  return bytes;
}

/** Large content quickly: the pseudo-random keystream of a digest chain. */
export function largeBytes(length: number, seed: number): Buffer {
  const block = randomBytes(64 * 1024, seededRandom(seed));
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += block.length) {
    block.copy(bytes, at);
    bytes.writeUInt32LE(at >>> 16, Math.min(at, Math.max(0, length - 4)));
  }
  return bytes;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function factsOf(bytes: Uint8Array, mtimeNs = 1_700_000_000_123_456_789n, mode = 0o640): VersionFacts {
  return { sha256: sha256Of(bytes), size: bytes.length, mtimeNs, mode };
}

export function contentOf(bytes: Uint8Array): Content {
  return { bytes: (start, end) => Promise.resolve(bytes.subarray(start, end)) };
}

export function contextWith(changes: Partial<PutContext> = {}): PutContext {
  return { signal, onBytes: () => undefined, resume: noResume, ...changes };
}

/** A resume slot that keeps what was saved last, as the catalog does. */
export class MemorySlot implements ResumeSlot {
  token: string | undefined;
  readonly saved: (string | undefined)[] = [];

  save(token: string | undefined): void {
    this.token = token;
    this.saved.push(token);
  }
}

export interface PutOptions {
  readonly mtimeNs?: bigint;
  readonly mode?: number;
  readonly number?: number;
  readonly replaces?: string | undefined;
  readonly mayExist?: boolean;
  readonly move?: boolean;
  readonly context?: Partial<PutContext>;
}

export function requestFor(place: Place, version: VersionFacts, options: PutOptions = {}): PutRequest {
  return {
    place,
    version,
    number: options.number ?? 1,
    replaces: options.replaces,
    mayExist: options.mayExist ?? false,
    move: options.move ?? false,
  };
}

export async function putBytes(
  store: Store,
  place: Place,
  bytes: Uint8Array,
  options: PutOptions = {},
): Promise<CopyAddress> {
  const request = requestFor(place, factsOf(bytes, options.mtimeNs, options.mode), options);
  const placed: Placed = await store.put(request, contentOf(bytes), contextWith(options.context));
  return { place, locator: placed.locator };
}

export async function getBytes(store: Store, copy: CopyAddress, start?: number, end?: number): Promise<Buffer> {
  const range = { ...(start === undefined ? {} : { start }), ...(end === undefined ? {} : { end }) };
  const pieces: Uint8Array[] = [];
  for await (const piece of await store.get(copy, range, signal)) pieces.push(piece);
  return Buffer.concat(pieces);
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function listAll(store: Store, source: string): Promise<ListedCopy[]> {
  return await collect(store.list(source, signal));
}

/** Equality of content without printing megabytes where it fails. */
export function assertSameBytes(actual: Uint8Array, expected: Uint8Array, what: string): void {
  assert.equal(actual.length, expected.length, `${what}: the number of bytes`);
  assert.equal(sha256Of(actual), sha256Of(expected), `${what}: the bytes`);
}

export async function assertCode(promise: Promise<unknown>, code: ErrorCode): Promise<StrongroomError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof StrongroomError, `not a StrongroomError: ${String(error)}`);
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`resolved instead of failing with ${code}`);
}
