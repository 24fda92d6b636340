import type { NewStore, StoppedStart } from '../../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { makeRoom, restoreCheckpoint } from '../../engine/catalog/checkpoints.ts';
import type { StoreRecord } from '../../engine/catalog/stores.ts';
import { clearUnfinished } from '../../engine/catalog/unfinished.ts';
import { Engine } from '../../engine/engine.ts';
import type { RebuiltSource } from '../../engine/recovery/rebuild.ts';
import { placeOf } from '../describe.ts';
import type { Lock } from '../lock.ts';
import { adding, secretOf, specOf } from '../stores.ts';
import { knownStores, type KnownStore } from './remains.ts';

/** Where a catalog is to be mended. */
export interface Workshop {
  readonly home: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly lock: Lock;
}

/** Which store a new catalog is made from: one that what is left of the old one names, or one that a person described. */
export type From = { readonly is: 'known'; readonly name: string } | { readonly is: 'new'; readonly store: NewStore };

/**
 * Makes the catalog what it was at a checkpoint. Errors: `catalog-busy`, `catalog-missing` where that checkpoint is not
 * whole, `disk-*`.
 *
 * @returns where the former catalog lies now, if there was one.
 */
export async function goBack(workshop: Workshop, checkpoint: Instant): Promise<string | undefined> {
  const { aside } = restoreCheckpoint(workshop.home, workshop.clock, checkpoint);
  const engine = openEngine(workshop);
  // What was published since is read from the stores before the next scan.
  engine.catalog.sources.lookFirstEverywhere();
  await engine.close();
  return aside;
}

/**
 * Makes a new catalog of all that one store holds. What is left of the former one and its checkpoints are moved aside;
 * where the store cannot be read to its end, they are put back.
 *
 * Errors: `usage` for a store that is not described well, `unknown-name`, `secret-*`, every `store-*` code,
 * `catalog-busy`, `cancelled`, `disk-*`.
 */
export async function rebuildFrom(
  workshop: Workshop,
  from: From,
  signal: AbortSignal,
  onProgress: (source: string, entries: number) => void,
): Promise<{ readonly aside: string | undefined; readonly sources: readonly RebuiltSource[] }> {
  const known = knownStores(workshop.home);
  const chosen = from.is === 'known' ? known.find(({ name }) => name === from.name) : undefined;
  if (from.is === 'known' && chosen === undefined) {
    throw new StrongroomError('unknown-name', `What is left of the catalog names no store “${from.name}”.`, {
      subject: from.name,
      advice: 'Say where the store is instead.',
    });
  }
  const described = from.is === 'new' ? describedStore(from.store) : undefined;
  // The catalog that was begun knows little: where it does not get further, the damaged one is a better warning.
  const room = makeRoom(workshop.home, workshop.clock);
  try {
    const engine = openEngine(workshop, true);
    try {
      for (const { name, spec, keyKept } of known) engine.catalog.stores.add(name, spec, keyKept);
      const record =
        described === undefined
          ? engine.catalog.stores.get(chosen?.name ?? '')
          : await describedRecord(engine, described, signal);
      const sources = await engine.rebuild(record, { withoutJournals: false, signal, onProgress });
      clearUnfinished(workshop.home);
      return { aside: room.aside, sources };
    } finally {
      await engine.close();
    }
  } catch (error) {
    room.undo();
    throw error;
  }
}

/** A known store as the window shows it. */
export function describeKnown({ name, spec }: KnownStore): StoppedStart['stores'][number] {
  return { name, kind: spec.kind, place: placeOf(spec) };
}

interface Described extends Pick<NewStore, 'name'> {
  readonly spec: ReturnType<typeof specOf>;
  readonly secret: ReturnType<typeof secretOf>;
  readonly enableVersioning: boolean;
}

function describedStore(store: NewStore): Described {
  const secret = secretOf(store, {
    take: () => {
      throw new StrongroomError('usage', 'Signing in to Google is possible only once Strongroom has started.', {
        advice: 'Choose another store, or give the key file of a service account.',
      });
    },
  });
  const enableVersioning = store.kind === 's3' && store.enableVersioning;
  return { name: store.name, spec: specOf(store), secret, enableVersioning };
}

/** The store, with the key that a person gave; a known one at the same place gets that key. */
async function describedRecord(
  engine: Engine,
  { name, spec, secret, enableVersioning }: Described,
  signal: AbortSignal,
): Promise<StoreRecord> {
  const wanted = JSON.stringify(spec);
  const same = engine.catalog.stores.all().find((record) => JSON.stringify(record.spec) === wanted);
  if (same !== undefined) {
    if (secret !== undefined) await engine.setStoreKey(same, secret);
    return engine.catalog.stores.get(same.name);
  }
  const common = { signal, ...(name === undefined ? {} : { name }), ...(secret === undefined ? {} : { secret }) };
  return adding(() => engine.addStore(spec, common), {
    enable: enableVersioning ? () => engine.enableVersioning(spec, secret, signal) : undefined,
  });
}

function openEngine({ home, clock, environment, lock }: Workshop, makingAnew = false): Engine {
  return Engine.open({ home, clock, environment, mode: 'write', makingAnew, ask: lock.ask });
}
