import type { Clock, Place } from '../../../../shared/domain.ts';
import { codeOf, type ErrorCode } from '../../../../shared/errors.ts';
import type { Store } from '../store.ts';

/** One call of a store. It holds no content, no locator, no token and no message of an error: nothing secret. */
export interface LogEntry {
  readonly method: Exclude<keyof Store, 'capabilities'>;
  readonly source?: string;
  readonly path?: string;
  /** Name or prefix of a control file. */
  readonly control?: string;
  /** Bytes of the version stored, the control file, or what was read of a stream. */
  readonly bytes?: number;
  /** How many were listed, found or removed. */
  readonly count?: number;
  /** From the call to its end; of a stream or a list, to where its reader ended it. */
  readonly milliseconds: number;
  readonly outcome: 'done' | 'stopped' | ErrorCode;
}

type About = Pick<LogEntry, 'source' | 'path' | 'control' | 'bytes' | 'count'>;

/** The store, with one log entry for each call when it has ended. `stopped` is a stream that its reader left early. */
export function logged(store: Store, log: (entry: LogEntry) => void, clock: Clock): Store {
  async function call<T>(
    method: LogEntry['method'],
    about: About,
    work: () => Promise<T>,
    result?: (value: T) => About,
  ): Promise<T> {
    const begun = clock.now();
    const milliseconds = (): number => clock.now() - begun;
    try {
      const value = await work();
      log({ method, ...about, ...result?.(value), milliseconds: milliseconds(), outcome: 'done' });
      return value;
    } catch (error) {
      log({ method, ...about, milliseconds: milliseconds(), outcome: codeOf(error) });
      throw error;
    }
  }

  async function* stream<T>(
    method: LogEntry['method'],
    about: About,
    items: AsyncIterable<T>,
    begun: number,
    measure: (item: T) => About,
  ): AsyncGenerator<T> {
    let outcome: LogEntry['outcome'] = 'stopped';
    let [bytes, count] = [0, 0];
    try {
      for await (const item of items) {
        const more = measure(item);
        bytes += more.bytes ?? 0;
        count += more.count ?? 0;
        yield item;
      }
      outcome = 'done';
    } catch (error) {
      outcome = codeOf(error);
      throw error;
    } finally {
      const total = method === 'list' ? { count } : { bytes };
      log({ method, ...about, ...total, milliseconds: clock.now() - begun, outcome });
    }
  }

  const follow = store.changesByHand?.bind(store);
  return {
    capabilities: store.capabilities,
    ready: (signal) => call('ready', {}, () => store.ready(signal)),
    put: (request, content, context) =>
      call(
        'put',
        at(request.place),
        () => store.put(request, content, context),
        () => ({ bytes: request.version.size }),
      ),
    copyWithin: (from, request, context) =>
      call(
        'copyWithin',
        at(request.place),
        () => store.copyWithin(from, request, context),
        (placed) => ({ count: placed === undefined ? 0 : 1 }),
      ),
    retire: (place, replaces, signal) => call('retire', at(place), () => store.retire(place, replaces, signal)),
    get: async (copy, range, signal) => {
      const begun = clock.now();
      let pieces;
      try {
        pieces = await store.get(copy, range, signal);
      } catch (error) {
        log({ method: 'get', ...at(copy.place), milliseconds: clock.now() - begun, outcome: codeOf(error) });
        throw error;
      }
      return stream('get', at(copy.place), pieces, begun, (piece) => ({ bytes: piece.length }));
    },
    list: (source, signal) => stream('list', { source }, store.list(source, signal), clock.now(), () => ({ count: 1 })),
    describe: (listed, source, signal) =>
      call('describe', { source, path: listed.path }, () => store.describe(listed, source, signal)),
    sources: (signal) =>
      call(
        'sources',
        {},
        () => store.sources(signal),
        (names) => ({ count: names.length }),
      ),
    readControl: (control, signal) =>
      call(
        'readControl',
        { control },
        () => store.readControl(control, signal),
        (file) => ({ bytes: file?.bytes.length ?? 0 }),
      ),
    writeControl: (control, bytes, condition, signal) =>
      call('writeControl', { control, bytes: bytes.length }, () =>
        store.writeControl(control, bytes, condition, signal),
      ),
    removeControl: (control, signal) => call('removeControl', { control }, () => store.removeControl(control, signal)),
    listControl: (control, signal) =>
      call(
        'listControl',
        { control },
        () => store.listControl(control, signal),
        (names) => ({ count: names.length }),
      ),
    cleanUp: (keep, before, signal) =>
      call(
        'cleanUp',
        {},
        () => store.cleanUp(keep, before, signal),
        (count) => ({ count }),
      ),
    discardTrial: (source, signal) => call('discardTrial', { source }, () => store.discardTrial(source, signal)),
    ...(follow === undefined
      ? {}
      : {
          changesByHand: (token, signal) =>
            call(
              'changesByHand',
              {},
              () => follow(token, signal),
              ({ items }) => ({ count: items.length }),
            ),
        }),
    close: () => call('close', {}, () => store.close()),
  };
}

/** Only these two: a caller's place may be more than one. */
function at(place: Place): About {
  return { source: place.source, path: place.path };
}
