import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { describeSource, tellContinued } from '../describe.ts';
import { rulesFrom, type RuleOptions } from '../rules.ts';
import { plain, table } from '../terminal.ts';

interface AddOptions extends RuleOptions {
  readonly name?: string;
  readonly to?: string[];
}

export async function addSource(folder: string, options: AddOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', (engine) => {
    const stores = (options.to ?? []).map((name) => engine.catalog.stores.get(name));
    const former = engine.formerSource(folder);
    const source = engine.addSource(folder, {
      ...(options.name === undefined ? {} : { name: options.name }),
      rules: rulesFrom(options),
    });
    for (const store of stores) engine.catalog.sources.attach(source, store);
    if (former?.source.id === source.id) context.say(tellContinued(engine, former));
    context.print(
      'source add',
      { source: describeSource(engine, source) },
      () => `Added "${plain(source.name)}" (${plain(source.root)}). "strongroom sync" copies it.`,
    );
    return Promise.resolve();
  });
}

export async function listSources(_options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const sources = engine.catalog.sources.all().map((source) => describeSource(engine, source));
    context.print('source list', { sources }, () =>
      sources.length === 0
        ? 'No source yet. Protect a folder: strongroom protect <folder> --to <store>.'
        : table(
            ['source', 'folder', 'copied to'],
            sources.map((source) => [source.name, source.root, source.stores.join(', ')]),
          ),
    );
    return Promise.resolve();
  });
}

interface EditOptions extends RuleOptions {
  readonly root?: string;
  readonly to?: string[];
  readonly notTo?: string[];
}

export async function editSource(name: string, options: EditOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', (engine) => {
    const { sources, stores } = engine.catalog;
    const source = sources.get(name);
    const added = (options.to ?? []).map((store) => stores.get(store));
    const left = (options.notTo ?? []).map((store) => stores.get(store));
    if (options.root !== undefined) engine.moveSource(source, options.root);
    if (options.exclude !== undefined || options.include !== undefined || options.defaultExcludes === false) {
      sources.setRules(
        source.id,
        rulesFrom({ exclude: source.rules.exclude, include: source.rules.include, ...options }),
      );
    }
    for (const store of added) sources.attach(source, store);
    for (const store of left) engine.detachStore(source, store);
    context.print(
      'source edit',
      { source: describeSource(engine, sources.get(name)) },
      () => `Changed "${plain(name)}".`,
    );
    return Promise.resolve();
  });
}

export async function removeSource(name: string, _options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', (engine) => {
    const source = engine.catalog.sources.get(name);
    engine.catalog.sources.remove(source.id);
    engine.catalog.events.add({ kind: 'source-removed', sourceId: source.id });
    context.print(
      'source remove',
      { removed: name },
      () =>
        `"${plain(name)}" is not protected any more. Its copies stay in the stores. Protect the folder again, and it is continued.`,
    );
    return Promise.resolve();
  });
}
