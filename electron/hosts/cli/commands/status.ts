import type { Command } from 'commander';
import type { SourceRecord } from '../../../engine/catalog/sources.ts';
import { HomeLock } from '../../../engine/catalog/lock.ts';
import type { Engine } from '../../../engine/engine.ts';
import { contextOf } from '../context.ts';
import { describeRun } from '../describe.ts';
import { exitCodes } from '../exit.ts';
import type { Output } from '../output.ts';
import { count, formatBytes, formatTime, plain } from '../terminal.ts';

type SourceStatus = Output<'status'>['sources'][number];

/** `status [source]`: is everything safe? Asks nobody but the catalog. */
export async function status(name: string | undefined, _options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const chosen = name === undefined ? engine.catalog.sources.all() : [engine.catalog.sources.get(name)];
    const sources = chosen.map((source) => statusOf(engine, source));
    const safe = sources.every((source) => source.safe);
    context.print('status', { safe, sources }, () => {
      const lines = sources.map(tellStatus);
      if (name !== undefined) {
        for (const source of chosen) {
          const skipped = engine.catalog.files.skipped(source.id);
          if (skipped.length > 0)
            lines.push('Left out:', ...skipped.map(({ path, reason }) => `  ${plain(path)} (${plain(reason)})`));
        }
      }
      return [headline(sources, safe), ...lines].join('\n');
    });
    process.exitCode = safe ? exitCodes.done : exitCodes.incomplete;
    return Promise.resolve();
  });
}

function statusOf(engine: Engine, source: SourceRecord): SourceStatus {
  const { catalog } = engine;
  const { files, bytes, versions } = catalog.sources.tally(source.id);
  const names = new Map(catalog.stores.all().map((store) => [store.id, store.name]));
  const stores = catalog.sources.storeIds(source.id).map((id) => {
    const tallies = catalog.copies.tallies(source.id, id);
    const copies = (state: Parameters<typeof tallies.get>[0]): number => tallies.get(state)?.copies ?? 0;
    const pending = tallies.get('pending');
    return {
      store: names.get(id) ?? '',
      pending: (pending?.copies ?? 0) + (pending?.deletions ?? 0),
      pendingBytes: pending?.bytes ?? 0,
      stored: copies('stored'),
      verified: copies('verified'),
      missing: copies('missing'),
      corrupt: copies('corrupt'),
      archived: copies('archived') + copies('thawing'),
    };
  });
  const suspects = catalog.files.countSuspects(source.id);
  const last = catalog.runs.latest(1, source.id)[0];
  const lastWasGood = last?.outcome === 'done' || (last?.outcome === null && HomeLock.isTaken(catalog.home));
  return {
    name: source.name,
    root: source.root,
    files,
    bytes,
    versions,
    suspects,
    skipped: catalog.files.skipped(source.id).length,
    safe:
      lastWasGood &&
      suspects === 0 &&
      stores.length > 0 &&
      stores.every((store) => store.pending + store.missing + store.corrupt === 0),
    lastRun: last === undefined ? null : describeRun(last, []),
    stores,
  };
}

function headline(sources: readonly SourceStatus[], safe: boolean): string {
  if (sources.length === 0)
    return 'Nothing is protected yet. Protect a folder: strongroom protect <folder> --to <store>.';
  const files = sources.reduce((sum, source) => sum + source.files, 0);
  const bytes = sources.reduce((sum, source) => sum + source.bytes, 0);
  return `${safe ? 'Everything is safe' : 'NOT everything is safe'}: ${count(files, 'file')}, ${formatBytes(bytes)} in ${count(sources.length, 'source')}.`;
}

function tellStatus(source: SourceStatus): string {
  const when =
    source.lastRun === null
      ? 'never run'
      : `last run ${formatTime(new Date(source.lastRun.startedAt).getTime())}, ${source.lastRun.outcome ?? 'not finished'}`;
  const lines = [
    `${source.safe ? ' ' : '!'} ${plain(source.name)}  ${count(source.files, 'file')}, ${formatBytes(source.bytes)}, ${count(source.versions, 'version')}; ${when}`,
  ];
  for (const store of source.stores) {
    const parts = [
      store.pending > 0
        ? `${store.pending.toLocaleString('en')} to do (${formatBytes(store.pendingBytes)})`
        : 'up to date',
      store.missing > 0 ? `${store.missing.toLocaleString('en')} MISSING` : '',
      store.corrupt > 0 ? `${store.corrupt.toLocaleString('en')} DAMAGED` : '',
    ].filter((part) => part !== '');
    lines.push(`    ${plain(store.store)}: ${parts.join(', ')}`);
  }
  if (source.stores.length === 0) lines.push('    copied to no store yet');
  if (source.suspects > 0)
    lines.push(`    ${count(source.suspects, 'file')} changed although size and time did not: the disk may be failing`);
  return lines.join('\n');
}
