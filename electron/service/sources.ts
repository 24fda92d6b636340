import type { ServiceContext } from './context.ts';
import { describeSource, instantOf } from './describe.ts';
import { procedures } from './procedures.ts';
import type { SourceShape } from '../../shared/contract/shapes.ts';

export function sourcesProcedures(context: ServiceContext) {
  const { engine, keeper, changed } = context;
  const { catalog } = engine;
  const describe = (name: string): SourceShape => describeSource(context, catalog.sources.get(name));
  return {
    list: procedures.sources.list.handler(() => catalog.sources.all().map(({ name }) => describe(name))),

    add: procedures.sources.add.handler(({ input: { root, name, rules, cadence, stores } }) => {
      const chosen = stores.map((store) => catalog.stores.get(store));
      const source = catalog.transaction(() => {
        const added = engine.addSource(root, { rules, ...(name === undefined ? {} : { name }) });
        for (const store of chosen) catalog.sources.attach(added, store);
        catalog.sources.setCadence(added.id, cadence);
        return added;
      });
      keeper.tend(source.name);
      changed('sources', 'stores');
      return describe(source.name);
    }),

    edit: procedures.sources.edit.handler(async ({ input: { name, root, rules, cadence, addStores } }) => {
      const { id } = catalog.sources.get(name);
      const chosen = (addStores ?? []).map((store) => catalog.stores.get(store));
      const change = (): void => {
        const source = catalog.sources.get(name);
        catalog.transaction(() => {
          if (root !== undefined) engine.moveSource(source, root);
          if (rules !== undefined) catalog.sources.setRules(id, rules);
          if (cadence !== undefined) catalog.sources.setCadence(id, cadence);
          for (const store of chosen) catalog.sources.attach(source, store);
        });
        if (root !== undefined) keeper.rootMoved(id);
      };
      // Only a cadence can change under a run.
      if (root === undefined && rules === undefined && chosen.length === 0) change();
      else {
        await keeper.whileQuiet([id], change);
        keeper.renew(id);
      }
      keeper.tend(name);
      changed('sources', 'stores');
      return describe(name);
    }),

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
