import type { Instant, Place } from '../../../../shared/domain.ts';
import { asStrongroomError, codeOf, isTransient, StrongroomError } from '../../../../shared/errors.ts';
import type {
  ByteRange,
  Content,
  ControlFile,
  CopyAddress,
  ListedCopy,
  Placed,
  PutContext,
  PutRequest,
  ResumeSlot,
  Store,
  WriteCondition,
} from '../store.ts';
import type { Sleep } from './sleep.ts';

export interface RetryOptions {
  readonly sleep: Sleep;
  /** From 0 (inclusive) to 1, as `Math.random`. */
  readonly random: () => number;
  /** How often a call is made at most; default 6. */
  readonly attempts?: number;
  /** Upper bound of the first pause in milliseconds, doubled each time; default 1,000. */
  readonly firstDelayMs?: number;
  /** Upper bound of every pause that the other side does not ask for; default 64,000. */
  readonly longestDelayMs?: number;
}

/**
 * The store, with calls made again after the errors that promise that this may help (`isTransient`), with exponential
 * pauses and full jitter, or the pause that the other side asked for.
 *
 * - `put` and `copyWithin` are repeated with `mayExist`, with what the failed attempt saved for going on, and without
 *   telling the same bytes twice.
 * - A stream of `get` that breaks is taken up at the byte reached; attempts are counted anew after every progress.
 * - A `list` that breaks is begun again and passed over up to the copy reached. If another copy is met there, the
 *   store changed in the meantime, and the list fails with `copy-conflict`: the caller begins again.
 * - A conditional write whose answer was lost is recognised by its bytes.
 */
export function retrying(store: Store, options: RetryOptions): Store {
  return new RetryingStore(store, options);
}

class RetryingStore implements Store {
  readonly capabilities;
  /** Not repeated: the next run asks with the same token, and no run is to wait for a feed while there is no network. */
  readonly changesByHand?: NonNullable<Store['changesByHand']>;
  readonly #store: Store;
  readonly #pauses: Pauses;

  constructor(store: Store, options: RetryOptions) {
    this.#store = store;
    this.capabilities = store.capabilities;
    if (store.changesByHand !== undefined) this.changesByHand = store.changesByHand.bind(store);
    this.#pauses = new Pauses(options);
  }

  ready(signal: AbortSignal): Promise<void> {
    return this.#repeat(signal, () => this.#store.ready(signal));
  }

  put(request: PutRequest, content: Content, context: PutContext): Promise<Placed> {
    const again = repeatable(context);
    return this.#repeat(context.signal, (attempt) =>
      this.#store.put(attempt === 1 ? request : { ...request, mayExist: true }, content, again()),
    );
  }

  copyWithin(from: CopyAddress, request: PutRequest, context: PutContext): Promise<Placed | undefined> {
    const again = repeatable(context);
    return this.#repeat(context.signal, (attempt) =>
      this.#store.copyWithin(from, attempt === 1 ? request : { ...request, mayExist: true }, again()),
    );
  }

  retire(place: Place, replaces: string | undefined, signal: AbortSignal): Promise<Placed> {
    return this.#repeat(signal, () => this.#store.retire(place, replaces, signal));
  }

  async get(copy: CopyAddress, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const first = await this.#repeat(signal, () => this.#store.get(copy, range, signal));
    return this.#stream(first, copy, range, signal);
  }

  async *#stream(
    first: AsyncIterable<Uint8Array>,
    copy: CopyAddress,
    range: ByteRange,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let at = range.start ?? 0;
    let attempt = 1;
    for (let source = first; ;) {
      try {
        for await (const piece of source) {
          at += piece.length;
          if (piece.length > 0) attempt = 1;
          yield piece;
        }
        return;
      } catch (error) {
        await this.#pauses.before((attempt += 1), error, signal);
        if (range.end !== undefined && at >= range.end) return;
      }
      source = reopened(() => this.#store.get(copy, rest(range, at), signal));
    }
  }

  async *list(source: string, signal: AbortSignal): AsyncGenerator<ListedCopy> {
    let told = 0;
    let last: ListedCopy | undefined;
    for (let attempt = 1; ;) {
      let broken: unknown;
      try {
        let position = 0;
        for await (const copy of this.#store.list(source, signal)) {
          position += 1;
          if (position <= told) {
            if (position === told && !sameCopy(copy, last)) throw changed();
            continue;
          }
          yield copy;
          [told, last, attempt] = [position, copy, 1];
        }
        if (position < told) throw changed();
        return;
      } catch (error) {
        broken = error;
      }
      await this.#pauses.before((attempt += 1), broken, signal);
    }
  }

  describe(listed: ListedCopy, source: string, signal: AbortSignal): ReturnType<Store['describe']> {
    return this.#repeat(signal, () => this.#store.describe(listed, source, signal));
  }

  sources(signal: AbortSignal): Promise<readonly string[]> {
    return this.#repeat(signal, () => this.#store.sources(signal));
  }

  readControl(name: string, signal: AbortSignal): Promise<ControlFile | undefined> {
    return this.#repeat(signal, () => this.#store.readControl(name, signal));
  }

  writeControl(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    return this.#repeat(signal, async (attempt) => {
      try {
        return await this.#store.writeControl(name, bytes, condition, signal);
      } catch (error) {
        if (attempt === 1 || codeOf(error) !== 'copy-conflict') throw error;
        const there = await this.#store.readControl(name, signal);
        if (there === undefined || Buffer.compare(there.bytes, bytes) !== 0) throw error;
        return there.tag;
      }
    });
  }

  removeControl(name: string, signal: AbortSignal): Promise<void> {
    return this.#repeat(signal, () => this.#store.removeControl(name, signal));
  }

  listControl(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return this.#repeat(signal, () => this.#store.listControl(prefix, signal));
  }

  cleanUp(keep: ReadonlySet<string>, before: Instant, signal: AbortSignal): Promise<number> {
    return this.#repeat(signal, () => this.#store.cleanUp(keep, before, signal));
  }

  discardTrial(source: string, signal: AbortSignal): Promise<void> {
    return this.#repeat(signal, () => this.#store.discardTrial(source, signal));
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #repeat<T>(signal: AbortSignal, call: (attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 1; ;) {
      try {
        return await call(attempt);
      } catch (error) {
        await this.#pauses.before((attempt += 1), error, signal);
      }
    }
  }
}

class Pauses {
  readonly #sleep: Sleep;
  readonly #random: () => number;
  readonly #attempts: number;
  readonly #first: number;
  readonly #longest: number;

  constructor(options: RetryOptions) {
    this.#sleep = options.sleep;
    this.#random = options.random;
    this.#attempts = options.attempts ?? 6;
    this.#first = options.firstDelayMs ?? 1000;
    this.#longest = options.longestDelayMs ?? 64_000;
  }

  /** Waits before attempt `attempt` (2 or more), or throws what ended the one before if there is to be none. */
  async before(attempt: number, error: unknown, signal: AbortSignal): Promise<void> {
    if (!isTransient(error) || attempt > this.#attempts) throw error;
    if (signal.aborted) throw new StrongroomError('cancelled', 'It was cancelled.', { cause: error });
    const asked = asStrongroomError(error).retryAfterMs;
    const bound = Math.min(this.#longest, this.#first * 2 ** (attempt - 2));
    // What was asked for is the least; the jitter on top keeps all who were told the same apart.
    const pause = asked === undefined ? this.#random() * bound : asked + this.#random() * this.#first;
    await this.#sleep(pause, signal);
  }
}

/** A context for each attempt: bytes are told when an attempt gets beyond the ones before, and saved tokens are seen. */
function repeatable(context: PutContext): () => PutContext {
  let told = 0;
  let token = context.resume.token;
  const resume: ResumeSlot = {
    get token() {
      return token;
    },
    save(next) {
      context.resume.save(next);
      token = next;
    },
  };
  return () => {
    let sent = 0;
    const onBytes = (count: number): void => {
      sent += count;
      if (sent <= told) return;
      context.onBytes(sent - told);
      told = sent;
    };
    return { signal: context.signal, onBytes, resume };
  };
}

/** What is left of a range from a byte on; of the memory for it too. */
function rest(range: ByteRange, at: number): ByteRange {
  const { into } = range;
  return { ...range, start: at, ...(into === undefined ? {} : { into: into.subarray(at - (range.start ?? 0)) }) };
}

/** A stream whose opening fails as its reading would. */
async function* reopened(open: () => Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await open();
}

function sameCopy(left: ListedCopy, right: ListedCopy | undefined): boolean {
  return left.path === right?.path && left.locator === right.locator && left.current === right.current;
}

function changed(): StrongroomError {
  return new StrongroomError(
    'copy-conflict',
    'The store changed while it was listed, and the listing was broken off.',
    {
      advice: 'Begin the listing again.',
    },
  );
}
