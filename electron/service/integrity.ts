import type { IntegrityOf } from '../../shared/contract/shapes.ts';
import type { CopyState } from '../../shared/domain.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';

const mostPaths = 10;

/** What the catalog knows of the copies of every source in every store. */
export function integrityOf({ sources, stores, copies, events }: Catalog): IntegrityOf[] {
  const byId = new Map(stores.all().map((store) => [store.id, store]));
  return sources.all().flatMap((source) =>
    sources.storeIds(source.id).flatMap((id) => {
      const store = byId.get(id);
      if (store === undefined) return [];
      const tallies = copies.tallies(source.id, id);
      const held = (...states: readonly CopyState[]): number =>
        states.reduce((sum, state) => sum + (tallies.get(state)?.copies ?? 0), 0);
      const bad = held('missing', 'corrupt') === 0 ? 0 : copies.countBad(source.id, id);
      return [
        {
          source: source.name,
          store: store.name,
          good: held('stored', 'verified', 'archived', 'thawing'),
          checked: held('verified'),
          bad,
          badPaths: bad === 0 ? [] : copies.bad(source.id, id, mostPaths).map(({ path }) => path),
          confirmedAt: events.last('fixity-confirmed', source.id, id) ?? null,
        },
      ];
    }),
  );
}
