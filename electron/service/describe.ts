import type { Problem, RunShape, SourceCopy, SourceShape, StoreShape } from '../../shared/contract/shapes.ts';
import type { Clock, CopyState } from '../../shared/domain.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { monthlyCost } from '../../shared/prices.ts';
import { formatSpec, type StoreSpec } from '../../shared/spec.ts';
import type { RunRecord, Runs } from '../engine/catalog/runs.ts';
import { forever, type SourceRecord } from '../engine/catalog/sources.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';
import type { Engine } from '../engine/engine.ts';
import { problemFor } from './failures.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Figures } from './figures.ts';
import type { Keeper } from './keeper.ts';
import type { Paces } from './paces.ts';
import { monthOf } from './requests.ts';

/** The end of a pause as the window has it. */
export function untilOf(instant: number): number | 'forever';
export function untilOf(instant: number | null): number | 'forever' | null;
export function untilOf(instant: number | null): number | 'forever' | null {
  return instant === forever ? 'forever' : instant;
}

/** And back. */
export function instantOf(until: number | 'forever'): number {
  return until === 'forever' ? forever : until;
}

/** What was the matter with the folder of a source, by the code of the run that failed because of it. */
const rootTroubles = {
  'source-unreachable': 'gone',
  'source-missing': 'gone',
  'source-emptied': 'emptied',
  'source-unreadable': 'unreadable',
  'source-not-a-folder': 'no-folder',
} as const satisfies Partial<Record<ErrorCode, RunShape['rootTrouble']>>;

function rootTroubleOf(runs: Runs, { id, outcome }: RunRecord): RunShape['rootTrouble'] {
  if (outcome !== 'failed') return undefined;
  const codes = Object.keys(rootTroubles) as (keyof typeof rootTroubles)[];
  const [problem] = runs.problemsWith(id, codes, 1);
  return codes.flatMap((code) => (code === problem?.code ? [rootTroubles[code]] : []))[0];
}

export function describeRun(runs: Runs, record: RunRecord): RunShape {
  const { summary } = record;
  const rootTrouble = rootTroubleOf(runs, record);
  const { questioned } = summary;
  return {
    id: record.id,
    source: record.source,
    startedAt: record.startedAt,
    endedAt: record.endedAt,
    outcome: record.outcome,
    numbers: {
      seen: summary.seen ?? 0,
      added: summary.added ?? 0,
      changed: summary.changed ?? 0,
      deleted: summary.deleted ?? 0,
      moved: summary.moved ?? 0,
      unchanged: summary.unchanged ?? 0,
      skipped: summary.skipped ?? 0,
      failed: summary.failed ?? 0,
    },
    stores: (summary.stores ?? []).map((store) => ({ ...store })),
    ...(rootTrouble === undefined ? {} : { rootTrouble }),
    questioned:
      questioned === undefined
        ? null
        : {
            ...questioned,
            examples: [...questioned.examples],
            folders: (questioned.folders ?? []).map((folder) => ({ ...folder })),
          },
  };
}

/** What all descriptions are made from. */
export interface Describing {
  readonly engine: Engine;
  readonly keeper: Keeper;
  readonly elsewhere: Elsewhere;
  readonly paces: Paces;
  readonly figures: Figures;
  readonly clock: Clock;
}

export function describeSource(by: Describing, source: SourceRecord): SourceShape {
  const { engine, keeper, clock } = by;
  const { sources, runs } = engine.catalog;
  const { everyMinutes, watch, pausedUntil } = sources.schedule(source.id);
  const { reachable, running, nextRunAt } = keeper.facts(source);
  const [last] = runs.latest(1, source.id);
  return {
    name: source.name,
    root: source.root,
    rules: { exclude: [...source.rules.exclude], include: [...source.rules.include], defaults: source.rules.defaults },
    cadence: { everyMinutes, watch },
    addedAt: source.createdAt,
    pausedUntil: pausedUntil !== null && pausedUntil <= clock.now() ? null : untilOf(pausedUntil),
    reachable: reachable && source.root !== '',
    caution: by.elsewhere.caution(source),
    ...sources.tally(source.id),
    copies: describeCopies(by, source),
    lastRun: last === undefined ? null : describeRun(runs, last),
    nextRunAt,
    running,
  };
}

/** The codes after which a store's copying goes on by itself. */
const passing: ReadonlySet<ErrorCode> = new Set(['store-unreachable', 'store-busy', 'store-leased']);

function describeCopies(by: Describing, source: SourceRecord): SourceCopy[] {
  const { sources, stores, copies, runs } = by.engine.catalog;
  const last = runs.lastTelling(source.id);
  const byId = new Map(stores.all().map((store) => [store.id, store]));
  return sources.storeIds(source.id).flatMap((id) => {
    const store = byId.get(id);
    if (store === undefined) return [];
    const tallies = copies.tallies(source.id, id);
    const held = (...states: readonly CopyState[]): number =>
      states.reduce((sum, state) => sum + (tallies.get(state)?.copies ?? 0), 0);
    const pending = tallies.get('pending');
    const bad = held('missing', 'corrupt') === 0 ? 0 : copies.countBad(source.id, id);
    const problem = storeProblem(by, store, last) ?? storeProblemOfAny(by, store);
    const behind = (pending?.copies ?? 0) + (pending?.deletions ?? 0);
    return [
      {
        store: store.name,
        kind: store.spec.kind,
        state: stateOf(bad, behind, problem),
        pending: behind,
        pendingBytes: pending?.bytes ?? 0,
        stored: held('stored', 'verified', 'archived', 'thawing'),
        verified: held('verified'),
        bad,
        problem,
      },
    ];
  });
}

function stateOf(bad: number, behind: number, problem: Problem | null): SourceCopy['state'] {
  if (bad > 0) return 'damaged';
  if (problem !== null && !passing.has(problem.code)) return 'stopped';
  return behind > 0 || problem !== null ? 'behind' : 'complete';
}

/** What a run said of a store as a whole. */
function storeProblem({ engine, figures }: Describing, store: StoreRecord, run: RunRecord | undefined): Problem | null {
  if (run === undefined) return null;
  const found = engine.catalog.runs.storeProblem(run.id, store.name);
  return found === undefined ? null : problemFor(figures)(found);
}

/**
 * What another source's run found of a store as a whole. It holds for every source that uses the store until one of them
 * works with it again: a source in which nothing changed asks the store nothing, and would call itself complete.
 */
function storeProblemOfAny({ engine, figures }: Describing, store: StoreRecord): Problem | null {
  const found = engine.catalog.runs.storeProblemOfAny(store.id, store.name);
  return found === undefined ? null : problemFor(figures)(found);
}

export function describeStore(by: Describing, record: StoreRecord): StoreShape {
  const { engine, paces, clock } = by;
  const { stores, sources, runs } = engine.catalog;
  const protecting = sources.all().filter((source) => sources.storeIds(source.id).includes(record.id));
  const { copies, bytes } = stores.held(record.id);
  const requests = stores.requests(record.id, monthOf(clock.now()));
  const problems = protecting.flatMap((source) => storeProblem(by, record, runs.lastTelling(source.id)) ?? []);
  return {
    name: record.name,
    kind: record.spec.kind,
    spec: formatSpec(record.spec),
    place: placeOf(record.spec),
    addedAt: record.createdAt,
    webUrl: webUrlOf(record.spec),
    upload: record.limits.upload ?? null,
    download: record.limits.download ?? null,
    hours: paces.hours(record),
    sources: protecting.map((source) => source.name),
    copies,
    bytes,
    requestsThisMonth: requests.writes + requests.reads,
    monthlyCost: monthlyCost(record.spec, bytes, requests),
    problem: problems[0] ?? null,
  };
}

/** Where a store is, for a person. */
export function placeOf(spec: StoreSpec): string {
  switch (spec.kind) {
    case 'folder':
      return spec.path;
    case 's3': {
      const where = spec.endpoint === undefined ? 'Amazon S3' : `S3 at ${new URL(spec.endpoint).host}`;
      return `${where}, bucket ${spec.bucket}${spec.prefix === '' ? '' : `, folder ${spec.prefix}`}`;
    }
    case 'drive':
      return `Google Drive${spec.path === '' ? '' : `, folder ${spec.path}`}${spec.account === undefined ? '' : ` of ${spec.account}`}`;
  }
}

/** The store's page, where it is one of the vendor's own: a stand-in has none. */
function webUrlOf(spec: StoreSpec): string | null {
  switch (spec.kind) {
    case 'folder':
      return null;
    case 's3':
      return spec.endpoint === undefined
        ? `https://s3.console.aws.amazon.com/s3/buckets/${encodeURIComponent(spec.bucket)}?prefix=${encodeURIComponent(spec.prefix === '' ? '' : `${spec.prefix}/`)}`
        : null;
    case 'drive':
      if (spec.endpoint !== undefined) return null;
      return spec.folder === 'root'
        ? 'https://drive.google.com/drive/my-drive'
        : `https://drive.google.com/drive/folders/${spec.folder}`;
  }
}
