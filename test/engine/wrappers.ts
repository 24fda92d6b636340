import { StrongroomError, type ErrorCode } from '../../shared/errors.ts';
import type { Store } from '../../electron/engine/stores/store.ts';

/** The methods of a store that reach the store itself. */
export const calls = [
  'ready',
  'put',
  'copyWithin',
  'retire',
  'get',
  'list',
  'describe',
  'sources',
  'readControl',
  'writeControl',
  'removeControl',
  'listControl',
  'cleanUp',
  'discardTrial',
] as const;
export type Call = (typeof calls)[number];

/** What happens before a call goes to the store; what it throws is what the engine gets instead. */
export type Before = (call: Call, subject: string) => void | Promise<void>;

/** A store that tells of each call before it is made. `list` is told when it begins. */
export function watched(store: Store, before: Before): Store {
  return {
    capabilities: store.capabilities,
    ready: async (signal) => {
      await before('ready', '');
      return store.ready(signal);
    },
    put: async (request, content, context) => {
      await before('put', request.place.path);
      return store.put(request, content, context);
    },
    copyWithin: async (from, request, context) => {
      await before('copyWithin', request.place.path);
      return store.copyWithin(from, request, context);
    },
    retire: async (place, replaces, signal) => {
      await before('retire', place.path);
      return store.retire(place, replaces, signal);
    },
    get: async (copy, range, signal) => {
      await before('get', copy.place.path);
      return store.get(copy, range, signal);
    },
    async *list(source, signal) {
      await before('list', source);
      yield* store.list(source, signal);
    },
    describe: async (listed, source, signal) => {
      await before('describe', listed.path);
      return store.describe(listed, source, signal);
    },
    sources: async (signal) => {
      await before('sources', '');
      return store.sources(signal);
    },
    readControl: async (name, signal) => {
      await before('readControl', name);
      return store.readControl(name, signal);
    },
    writeControl: async (name, bytes, condition, signal) => {
      await before('writeControl', name);
      return store.writeControl(name, bytes, condition, signal);
    },
    removeControl: async (name, signal) => {
      await before('removeControl', name);
      return store.removeControl(name, signal);
    },
    listControl: async (prefix, signal) => {
      await before('listControl', prefix);
      return store.listControl(prefix, signal);
    },
    cleanUp: async (keep, instant, signal) => {
      await before('cleanUp', '');
      return store.cleanUp(keep, instant, signal);
    },
    discardTrial: async (source, signal) => {
      await before('discardTrial', source);
      return store.discardTrial(source, signal);
    },
    close: () => store.close(),
  };
}

/** A store that can be made to fail. */
export class Failing {
  /** The code that calls fail with now; none while it works. */
  code: ErrorCode | undefined;
  /** Which calls; all when left out. */
  only: (call: Call, subject: string) => boolean = () => true;

  readonly wrap = (store: Store): Store =>
    watched(store, (call, subject) => {
      if (this.code !== undefined && this.only(call, subject))
        throw new StrongroomError(this.code, `made to fail: ${call} ${subject}`);
    });
}

/** Counts what is asked of a store. */
export class Counting {
  readonly made: { readonly call: Call; readonly subject: string }[] = [];

  readonly wrap = (store: Store): Store =>
    watched(store, (call, subject) => {
      this.made.push({ call, subject });
    });

  count(call: Call): number {
    return this.made.filter((entry) => entry.call === call).length;
  }
}
