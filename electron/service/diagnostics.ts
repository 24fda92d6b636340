import os from 'node:os';
import process from 'node:process';
import type { StoreSpec } from '../../shared/spec.ts';
import type { RunRecord } from '../engine/catalog/runs.ts';
import type { Engine } from '../engine/engine.ts';
import type { Alerts } from './alerts.ts';
import type { Keeper } from './keeper.ts';
import type { AppSettings } from './settings.ts';
import { appVersion } from './version.ts';
import { zipOf, type ZipEntry } from './zip.ts';

const shownRuns = 200;
const shownEvents = 500;

/**
 * What helps to find out what is wrong, and nothing else: numbers, times, codes and kinds. Names of files, sources,
 * stores, accounts, computers and servers, and all messages (which quote them), are left out by never being asked for;
 * sources and stores are numbered instead.
 */
export function diagnosticsOf(parts: {
  readonly engine: Engine;
  readonly keeper: Keeper;
  readonly settings: AppSettings;
  readonly alerts: Alerts;
  readonly now: number;
}): Buffer {
  const { engine, keeper, settings, alerts, now } = parts;
  const { sources, stores, runs, events, copies } = engine.catalog;
  const storeRecords = stores.all();
  const sourceRecords = sources.all();
  const storeNumber = new Map(storeRecords.map((store, index) => [store.name, `store-${index + 1}`]));
  const sourceNumber = new Map(sourceRecords.map((source, index) => [source.name, `source-${index + 1}`]));
  const { email, pingUrl, ...plainSettings } = settings.get();
  const files: Record<string, unknown> = {
    'about.json': {
      madeAt: new Date(now).toISOString(),
      version: appVersion(),
      node: process.version,
      platform: process.platform,
      release: os.release(),
      architecture: process.arch,
      processors: os.availableParallelism(),
      memory: { ...process.memoryUsage(), ofComputer: os.totalmem() },
      upForSeconds: Math.round(process.uptime()),
      settings: { ...plainSettings, email: email !== null, ping: pingUrl !== null },
      online: keeper.online,
      paused: keeper.pausedUntil !== null,
      lastAlertFailure: alerts.lastFailure?.code ?? null,
    },
    'sources.json': sourceRecords.map((source) => ({
      source: sourceNumber.get(source.name),
      addedAt: new Date(source.createdAt).toISOString(),
      mounted: source.mounted,
      rules: {
        exclude: source.rules.exclude.length,
        include: source.rules.include.length,
        defaults: source.rules.defaults,
      },
      schedule: sources.schedule(source.id),
      ...sources.tally(source.id),
      suspects: engine.catalog.files.countSuspects(source.id),
      stores: sources.storeIds(source.id).flatMap((id) => {
        const store = storeRecords.find((record) => record.id === id);
        return store === undefined
          ? []
          : [{ store: storeNumber.get(store.name), copies: Object.fromEntries(copies.tallies(source.id, id)) }];
      }),
      ...factsOf(keeper, source),
    })),
    'stores.json': storeRecords.map((store) => ({
      store: storeNumber.get(store.name),
      ...shapeOf(store.spec),
      addedAt: new Date(store.createdAt).toISOString(),
      limits: store.limits,
      keyKept: store.keyKept,
      ...stores.held(store.id),
    })),
    'runs.json': runs.latest(shownRuns).map((run) => ({
      ...runOf(run, storeNumber),
      source: sourceNumber.get(run.source) ?? 'removed',
      problems: runs.problemCodes(run.id),
    })),
    'events.json': events.latest(shownEvents).map((event) => ({
      at: new Date(event.at).toISOString(),
      kind: event.kind,
      source: event.source === null ? null : (sourceNumber.get(event.source) ?? 'removed'),
      store: event.store === null ? null : (storeNumber.get(event.store) ?? 'removed'),
    })),
  };
  return zipOf(
    Object.entries(files).map(([name, content]): ZipEntry => ({
      name,
      text: `${JSON.stringify(content, undefined, 2)}\n`,
    })),
  );
}

function factsOf(keeper: Keeper, source: Parameters<Keeper['facts']>[0]): Record<string, unknown> {
  const { failure, ...facts } = keeper.facts(source);
  return { ...facts, failure: failure?.code ?? null };
}

/** The kind of store, and which of its settings are used. */
function shapeOf(spec: StoreSpec): Record<string, unknown> {
  switch (spec.kind) {
    case 'folder':
      return { kind: spec.kind };
    case 's3':
      return {
        kind: spec.kind,
        ownServer: spec.endpoint !== undefined,
        prefix: spec.prefix !== '',
        class: spec.class ?? null,
        encryption: spec.encryption !== undefined,
        lock: spec.lock?.mode ?? null,
      };
    case 'drive':
      return { kind: spec.kind, root: spec.folder === 'root', account: spec.account !== undefined };
  }
}

function runOf(run: RunRecord, storeNumber: ReadonlyMap<string, string>): Record<string, unknown> {
  const { stores = [], questioned, ...numbers } = run.summary;
  return {
    run: run.id,
    startedAt: new Date(run.startedAt).toISOString(),
    endedAt: run.endedAt === null ? null : new Date(run.endedAt).toISOString(),
    outcome: run.outcome,
    ...numbers,
    questioned:
      questioned === undefined ? null : { changed: questioned.changed, gone: questioned.gone, of: questioned.of },
    stores: stores.map(({ store, ...rest }) => ({ ...rest, store: storeNumber.get(store) ?? 'removed' })),
  };
}
