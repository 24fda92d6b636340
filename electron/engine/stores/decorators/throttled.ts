import type { Clock } from '../../../../shared/domain.ts';
import type { ByteRange, Content, CopyAddress, PutContext, PutRequest, Store, WriteCondition } from '../store.ts';
import type { Sleep } from './sleep.ts';

/** Bytes a second now; `undefined` for as fast as it goes, 0 for a pause. Asked again and again, so it may change. */
export type Rate = () => number | undefined;

export interface ThrottleOptions {
  readonly upload: Rate;
  readonly download: Rate;
  readonly clock: Clock;
  readonly sleep: Sleep;
}

/** The time, in milliseconds, that one slice takes at most, and that an idle line may catch up on. */
const sliceMs = 250;
const pausePollMs = 1000;
const smallestSlice = 4 * 1024;
const largestSlice = 1024 * 1024;

/**
 * The store at a limited pace. All transfers of the store in one direction share one rate, first come, first served.
 *
 * What goes up is held back where the store reads it, a quarter of a second's worth at a time, so that a change of the
 * rate takes effect at once and a store that asks for many megabytes together gets them evenly. Bytes that a store
 * reads again to send them again count again.
 */
export function throttled(store: Store, options: ThrottleOptions): Store {
  const up = new Pace(options.upload, options.clock, options.sleep);
  const down = new Pace(options.download, options.clock, options.sleep);
  const slowed = (content: Content, signal: AbortSignal): Content => ({
    bytes: (start, end) => readSlowly(content, start, end, up, signal),
  });
  return {
    capabilities: store.capabilities,
    ready: (signal) => store.ready(signal),
    put: (request: PutRequest, content: Content, context: PutContext) =>
      store.put(request, slowed(content, context.signal), context),
    copyWithin: (from, request, context) => store.copyWithin(from, request, context),
    retire: (place, replaces, signal) => store.retire(place, replaces, signal),
    get: async (copy: CopyAddress, range: ByteRange, signal: AbortSignal) =>
      deliverSlowly(await store.get(copy, range, signal), down, signal),
    list: (source, signal) => store.list(source, signal),
    describe: (listed, source, signal) => store.describe(listed, source, signal),
    sources: (signal) => store.sources(signal),
    readControl: async (name, signal) => {
      const file = await store.readControl(name, signal);
      if (file !== undefined) await down.take(file.bytes.length, signal);
      return file;
    },
    writeControl: async (name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal) => {
      await up.take(bytes.length, signal);
      return store.writeControl(name, bytes, condition, signal);
    },
    removeControl: (name, signal) => store.removeControl(name, signal),
    listControl: (prefix, signal) => store.listControl(prefix, signal),
    cleanUp: (keep, before, signal) => store.cleanUp(keep, before, signal),
    discardTrial: (source, signal) => store.discardTrial(source, signal),
    ...(store.changesByHand === undefined ? {} : { changesByHand: store.changesByHand.bind(store) }),
    close: () => store.close(),
  };
}

async function readSlowly(
  content: Content,
  start: number,
  end: number,
  pace: Pace,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (pace.slice() >= end - start) {
    await pace.take(end - start, signal);
    return content.bytes(start, end);
  }
  const whole = new Uint8Array(end - start);
  for (let at = start; at < end;) {
    const to = Math.min(end, at + pace.slice());
    await pace.take(to - at, signal);
    const bytes = await content.bytes(at, to);
    whole.set(bytes, at - start);
    // A file that became shorter: the store sees by the length that it changed.
    if (bytes.length < to - at) return whole.subarray(0, at - start + bytes.length);
    at = to;
  }
  return whole;
}

async function* deliverSlowly(
  pieces: AsyncIterable<Uint8Array>,
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + pace.slice());
      await pace.take(part.length, signal);
      yield part;
      at += part.length;
    }
  }
}

/** A token bucket kept as the instant up to which the line is taken. */
class Pace {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  #takenUntil = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(rate: Rate, clock: Clock, sleep: Sleep) {
    this.#rate = rate;
    this.#clock = clock;
    this.#sleep = sleep;
  }

  /** How many bytes to move at once. */
  slice(): number {
    const rate = this.#rate();
    if (rate === undefined) return Infinity;
    return Math.min(largestSlice, Math.max(smallestSlice, Math.floor((rate * sliceMs) / 1000)));
  }

  /** Waits until so many bytes may pass, behind all who asked before. Errors: `cancelled`. */
  take(count: number, signal: AbortSignal): Promise<void> {
    const turn = this.#turn.then(() => this.#wait(count, signal));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #wait(count: number, signal: AbortSignal): Promise<void> {
    let left = count;
    while (left > 0) {
      const rate = this.#rate();
      if (rate === undefined) return;
      if (rate <= 0) {
        await this.#sleep(pausePollMs, signal);
        continue;
      }
      const now = this.#clock.now();
      // Never further ahead than one slice, whatever the rate was before and whatever becomes of the computer's clock.
      const ahead = (this.slice() * 1000) / rate;
      const from = Math.min(Math.max(this.#takenUntil, now - sliceMs), now + ahead);
      if (from > now) {
        await this.#sleep(Math.min(from - now, sliceMs), signal);
        if (from - now > sliceMs) continue;
      }
      const some = Math.min(left, this.slice());
      this.#takenUntil = from + (some * 1000) / rate;
      left -= some;
    }
  }
}
