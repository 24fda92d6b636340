import type { Clock } from '../../shared/domain.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';
import type { Engine } from '../engine/engine.ts';
import type { LogEntry } from '../engine/stores/decorators/logged.ts';

/** From this size on a file is sent in parts, each a request; the stores' own parts are about as large. In bytes. */
const partBytes = 16 * 1024 * 1024;
const listedARequest = 1_000;
/** Requests that are not in the catalog yet at most: what a kill may leave uncounted. */
const mostKept = 500;

/**
 * Counts the requests that each store gets in a calendar month, for a person to see what they cost. One call of a store
 * counts as the requests that it takes when nothing goes wrong, so the figure is an estimate.
 */
export class RequestCount {
  readonly #clock: Clock;
  readonly #kept = new Map<number, { writes: number; reads: number }>();
  #keptInAll = 0;
  #engine: Engine | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Where to put the counts from now on. */
  keepIn(engine: Engine): void {
    this.#engine = engine;
  }

  readonly add = (entry: LogEntry, store: StoreRecord): void => {
    const { writes, reads } = requestsOf(entry);
    const kept = this.#kept.get(store.id) ?? { writes: 0, reads: 0 };
    this.#kept.set(store.id, { writes: kept.writes + writes, reads: kept.reads + reads });
    this.#keptInAll += writes + reads;
    if (this.#keptInAll >= mostKept) this.flush();
  };

  /** Records what was counted. */
  flush(): void {
    if (this.#engine === undefined || this.#kept.size === 0) return;
    const month = monthOf(this.#clock.now());
    for (const [id, { writes, reads }] of this.#kept) this.#engine.catalog.stores.addRequests(id, month, writes, reads);
    this.#kept.clear();
    this.#keptInAll = 0;
  }
}

/** The calendar month as bills have it (UTC): `2026-01`. */
export function monthOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 7);
}

function requestsOf({ method, bytes = 0, count = 0 }: LogEntry): { writes: number; reads: number } {
  switch (method) {
    case 'put':
      return { writes: bytes <= partBytes ? 1 : Math.ceil(bytes / partBytes) + 2, reads: 0 };
    case 'copyWithin':
    case 'retire':
    case 'writeControl':
    case 'removeControl':
    case 'discardTrial':
      return { writes: 1, reads: 0 };
    case 'list':
    case 'listControl':
    case 'cleanUp':
      // A listing is charged like a write by S3.
      return { writes: Math.max(1, Math.ceil(count / listedARequest)), reads: 0 };
    case 'ready':
    case 'get':
    case 'describe':
    case 'sources':
    case 'readControl':
    case 'changesByHand':
      return { writes: 0, reads: 1 };
    case 'close':
      return { writes: 0, reads: 0 };
  }
}
