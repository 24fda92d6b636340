import { StrongroomError } from '../../shared/errors.ts';
import type { ServiceContext } from './context.ts';
import { describeSource, instantOf } from './describe.ts';
import { procedures } from './procedures.ts';
import { isSamplePlace, isSampleStore } from './sample-stores.ts';
import type { SourceShape } from '../../shared/contract/shapes.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';

export function sourcesProcedures(context: ServiceContext) {
  const { engine, keeper, changed } = context;
  const { catalog } = engine;
  const describe = (name: string): SourceShape => describeSource(context, catalog.sources.get(name));
  /** Stores that a source is to be copied to. Error: `usage` for those of the sample materials, which are thrown away. */
  const chosenStores = (names: readonly string[], root: string): StoreRecord[] =>
    names.map((name) => {
      const record = catalog.stores.get(name);
      if (!isSampleStore(record, context.home) || isSamplePlace(root, context.home)) return record;
      throw new StrongroomError('usage', `“${name}” belongs to the sample materials, and goes when they are removed.`, {
        subject: name,
        advice: 'Choose a store of your own, or add one.',
      });
    });
  return {
    list: procedures.sources.list.handler(() => catalog.sources.all().map(({ name }) => describe(name))),

    add: procedures.sources.add.handler(({ input: { root, name, rules, cadence, stores, anew } }) => {
      const chosen = chosenStores(stores, root);
      const source = catalog.transaction(() => {
        const added = engine.addSource(root, {
          rules,
          ...(name === undefined ? {} : { name }),
          ...(anew === undefined ? {} : { anew }),
        });
        for (const store of chosen) catalog.sources.attach(added, store);
        // Of a source that is continued, a person chooses the stores anew.
        for (const record of catalog.stores.all())
          if (!chosen.some(({ id }) => id === record.id)) engine.detachStore(added, record);
        catalog.sources.setCadence(added.id, cadence);
        return added;
      });
      keeper.tend(source.name);
      changed('sources', 'stores', 'files');
      return describe(source.name);
    }),

    edit: procedures.sources.edit.handler(
      async ({ input: { name, root, rules, cadence, addStores, removeStores } }) => {
        const { id } = catalog.sources.get(name);
        const chosen = chosenStores(addStores ?? [], catalog.sources.get(name).root);
        const left = (removeStores ?? []).map((store) => catalog.stores.get(store));
        const change = (): void => {
          const source = catalog.sources.get(name);
          catalog.transaction(() => {
            if (root !== undefined) engine.moveSource(source, root);
            if (rules !== undefined) catalog.sources.setRules(id, rules);
            if (cadence !== undefined) catalog.sources.setCadence(id, cadence);
            for (const store of chosen) catalog.sources.attach(source, store);
            for (const store of left) engine.detachStore(source, store);
          });
          if (root !== undefined) keeper.rootMoved(id);
        };
        // Only a cadence can change under a run.
        if (root === undefined && rules === undefined && chosen.length + left.length === 0) change();
        else {
          await keeper.whileQuiet([id], change);
          keeper.renew(id);
        }
        keeper.tend(name);
        changed('sources', 'stores');
        return describe(name);
      },
    ),

    pause: procedures.sources.pause.handler(({ input: { name, until } }) => {
      keeper.pause(name, instantOf(until));
      return {};
    }),

    resume: procedures.sources.resume.handler(({ input: { name } }) => {
      keeper.resume(name);
      return {};
    }),

    remove: procedures.sources.remove.handler(async ({ input: { name } }) => {
      const { id } = catalog.sources.get(name);
      await keeper.whileQuiet([id], () => {
        catalog.transaction(() => {
          catalog.sources.remove(id);
          catalog.events.add({ kind: 'source-removed', sourceId: id });
        });
        keeper.forget(id);
      });
      changed('sources', 'stores', 'files');
      return {};
    }),

    sync: procedures.sources.sync.handler(({ input: { name, acceptChanges = false } }) => {
      if (name === undefined) keeper.requestAll();
      else keeper.request(name, { acceptChanges });
      return {};
    }),
  };
}
