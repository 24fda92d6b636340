import type { Clock } from '../../../shared/domain.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { HeldCopy } from '../catalog/copies.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { ChangeByHand, Store } from '../stores/store.ts';

export interface FollowOptions {
  readonly catalog: Catalog;
  readonly record: StoreRecord;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface FollowResult {
  /** Copies that people changed, moved or removed; what of them the source still has, the next copying puts right. */
  readonly spoilt: number;
  /** Things that people put there and that were not told before. */
  readonly added: number;
  /** Whether the store could not tell all: only an audit finds what was changed before now. */
  readonly missed: boolean;
}

/** So many additions of people are told one by one at each look; more are counted. */
const listed = 10_000;

/**
 * Asks a store what people changed in it by hand since the last time, and acts on it as an audit would: a copy that is
 * gone is recorded as missing, one that was replaced or moved is to be put right, each with an event. What people put
 * there themselves is told once and left alone. All of it and where to go on from is recorded together or not at all.
 *
 * Errors: those of the store; then the next call begins where this one did. A store that tells no changes has none.
 */
export async function followChanges(options: FollowOptions): Promise<FollowResult> {
  const { catalog, record, store, signal } = options;
  if (store.changesByHand === undefined) return { spoilt: 0, added: 0, missed: false };
  const last = catalog.stores.changesToken(record.id);
  const { items, token, missed: untold } = await store.changesByHand(last, signal);
  // A catalog that was rebuilt, or is older than the reading of feeds, knows copies that nobody has watched over.
  const missed = untold || (last === undefined && catalog.copies.isAnyIn(record.id));
  return catalog.transaction(() => {
    const following = new Following(options);
    // A folder is told of once it is known that something in it is ours: there may be other stores in the same place.
    for (const item of items.toReversed()) following.take(item);
    if (missed) catalog.events.add({ kind: 'changes-missed', storeId: record.id });
    catalog.stores.setChangesToken(record.id, token);
    return { spoilt: following.spoilt, added: following.added, missed };
  });
}

class Following {
  readonly #options: FollowOptions;
  /** Folders in which there are copies that the catalog knows. */
  readonly #ours = new Set<string>();
  spoilt = 0;
  added = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  take(item: ChangeByHand): void {
    const { catalog, record } = this.#options;
    const copies = item.locatorStart === undefined ? [] : catalog.copies.startingWith(record.id, item.locatorStart);
    switch (item.kind) {
      case 'added':
        if (!catalog.stores.tellOnce(record.id, item.id)) return;
        this.added += 1;
        if (this.added <= listed) this.#tell(item, undefined);
        return;
      case 'removed':
        for (const copy of copies) this.#isMissing(copy);
        return;
      case 'trashed':
      case 'edited':
      case 'moved': {
        if (copies.length > 0 && item.within !== undefined) this.#ours.add(item.within);
        if (copies.length === 0 && item.source === undefined && !this.#ours.has(item.id)) return;
        const current = copies.find((copy) => copy.current);
        // What was in the trash is back already.
        if (current !== undefined && item.kind !== 'trashed')
          catalog.copies.requeue(current.versionId, record.id, 'misplaced');
        if (item.thing === 'file') this.spoilt += 1;
        // Of what went with its folder, the folder tells.
        if (item.within === undefined) this.#tell(item, current ?? copies.at(-1));
      }
    }
  }

  #isMissing(copy: HeldCopy): void {
    const { catalog, record, clock } = this.#options;
    if (copy.state === 'missing' || copy.state === 'pending') return;
    const { versionId, sourceId } = copy;
    this.spoilt += 1;
    catalog.copies.checked(versionId, record.id, 'missing', 'changes', clock.now());
    const detail = { found: 'missing', how: 'changes' };
    catalog.events.add({ kind: 'fixity-failed', sourceId, storeId: record.id, versionId, detail });
  }

  #tell(item: ChangeByHand, copy: HeldCopy | undefined): void {
    const { catalog, record } = this.#options;
    const { kind: change, thing, source, path } = item;
    const sourceId = copy?.sourceId ?? (source === undefined ? undefined : catalog.sources.find(source)?.id);
    catalog.events.add({
      kind: 'copy-foreign',
      storeId: record.id,
      ...(sourceId === undefined ? {} : { sourceId }),
      ...(copy === undefined ? {} : { versionId: copy.versionId }),
      detail: { path: copy?.path ?? path ?? null, change, thing },
    });
  }
}
