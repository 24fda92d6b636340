import { setTimeout as wait } from 'node:timers/promises';
import type { Clock, RunOutcome } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf, isTransient, StrongroomError } from '../../../shared/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { RunSummary } from '../catalog/runs.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { Platform } from '../platform/platform.ts';
import { scan, type ScanProgress, type ScanResult } from '../scan/scan.ts';
import type { Store } from '../stores/store.ts';
import { ContentCache } from './content.ts';
import { Copier, type CopierProgress, type InFlight } from './copier.ts';
import { Lease } from './lease.ts';
import { hasNews, publish } from './publish.ts';

export interface RunOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly signal: AbortSignal;
  readonly gate: () => Promise<void>;
  readonly rehash: boolean;
  readonly acceptChanges: boolean;
  /** A store by its record; opened once and shared. */
  readonly open: (record: StoreRecord) => Promise<Store>;
  /** Reads what another workstation, or an earlier catalog, published in the store. @returns whether there was anything. */
  readonly catchUp: (record: StoreRecord, store: Store) => Promise<boolean>;
  /**
   * Asks a store what people changed in it by hand, if it tells that and it is time; what they spoilt is pending then.
   *
   * @param wrote whether this run has written to the store, whose feed then tells much of what is known.
   */
  readonly lookForChanges: (record: StoreRecord, wrote: boolean) => Promise<void>;
  readonly onProgress: (progress: RunProgress) => void;
}

export interface RunProgress {
  readonly runId: number;
  readonly phase: 'scanning' | 'copying' | 'publishing';
  readonly scan: ScanProgress;
  readonly stores: readonly (CopierProgress & {
    readonly name: string;
    readonly pendingCopies: number;
    readonly pendingBytes: number;
    /** The first few files that are being sent. */
    readonly inFlight: readonly InFlight[];
    /** Why the store was given up in this run, if it was. */
    readonly stopped: StrongroomError | undefined;
  })[];
}

export interface RunResult {
  readonly runId: number;
  readonly outcome: RunOutcome;
  readonly summary: RunSummary;
}

const smallFile = 256 * 1024;
const cacheBytes = 48 * 1024 * 1024;
const progressEveryMs = 200;
const inFlightShown = 5;
const publishPatienceMs = 120_000;
const cancelledPatienceMs = 10_000;
const cleanEveryMs = 24 * 3_600_000;
const cleanOlderThanMs = 7 * 24 * 3_600_000;

/**
 * One pass over one source: scan, record, copy to every store at once, publish. Never rejects for what is wrong with
 * files or stores: the run's outcome and problems say so.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const running = new Running(options);
  return running.whole();
}

interface Target {
  readonly record: StoreRecord;
  /** Opens the store at the first call; a run without changes makes none. */
  readonly open: () => Promise<Store>;
  readonly copier: Copier;
  lease: Lease | undefined;
  /** Why the store could not be asked what people changed in it. */
  unasked: StrongroomError | undefined;
}

class Running {
  readonly #options: RunOptions;
  readonly #runId: number;
  readonly #afterKill: boolean;
  readonly #cache = new ContentCache(cacheBytes);
  readonly #targets: Target[] = [];
  #phase: RunProgress['phase'] = 'scanning';
  #scanProgress: ScanProgress = { seen: 0, hashedBytes: 0 };
  #problems = 0;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#afterKill = options.catalog.runs.lastWasKilled(options.source.id);
    this.#runId = options.catalog.runs.begin(options.source.id);
  }

  async whole(): Promise<RunResult> {
    const { signal } = this.#options;
    this.#makeTargets();
    await this.#lookFirst();
    const copying = this.#targets.map(async (target) => {
      await this.#lookForChanges(target, false);
      await target.copier.run();
    });
    const ticking = new AbortController();
    const ticker = this.#tick(ticking.signal);
    let scanned: ScanResult | undefined;
    let failure: StrongroomError | undefined;
    try {
      scanned = await this.#scan();
    } catch (error) {
      failure = asStrongroomError(error);
      if (failure.code !== 'cancelled') this.#problem(failure);
    }
    this.#phase = 'copying';
    for (const { copier } of this.#targets) copier.scanEnded();
    await Promise.all(copying);
    this.#phase = 'publishing';
    await Promise.all(this.#targets.map((target) => this.#publish(target, scanned?.foldersChanged ?? false)));
    for (const { record, copier, lease, unasked } of this.#targets)
      if (unasked !== undefined && copier.stopped === undefined && lease === undefined)
        this.#storeProblem(record.name, unasked);
    ticking.abort();
    await ticker;
    return this.#end(scanned, failure, signal.aborted);
  }

  #makeTargets(): void {
    const { catalog, source, clock, platform, signal, gate, open } = this.#options;
    const records = catalog.stores.all();
    const byId = new Map(records.map((record) => [record.id, record]));
    for (const id of catalog.sources.storeIds(source.id)) {
      const record = byId.get(id);
      if (record === undefined) continue;
      const openThis = (): Promise<Store> => open(record);
      const copier = new Copier({
        catalog,
        source,
        record,
        open: openThis,
        clock,
        platform,
        signal,
        gate,
        cache: this.#cache,
        afterKill: this.#afterKill,
        beforeFirstWrite: () => this.#beforeFirstWrite(record.id),
        whileWriting: async () => this.#target(record.id).lease?.renew(signal),
        otherStore: async (storeId) => {
          const other = byId.get(storeId);
          if (other === undefined) {
            throw new StrongroomError('unknown-name', 'A store that holds the only copy was removed.');
          }
          return open(other);
        },
        onProblem: (problem) => this.#problem(problem),
      });
      this.#targets.push({ record, open: openThis, copier, lease: undefined, unasked: undefined });
    }
  }

  async #scan(): Promise<ScanResult> {
    const { catalog, source, clock, signal, platform, rehash, acceptChanges, gate } = this.#options;
    return scan({
      catalog,
      source,
      runId: this.#runId,
      clock,
      signal,
      platform,
      rehash,
      acceptChanges,
      gate,
      keepBytes: this.#targets.length === 0 ? 0 : smallFile,
      onProgress: (progress) => {
        this.#scanProgress = progress;
      },
      onRecorded: () => {
        for (const { copier } of this.#targets) copier.wake();
      },
      onBytes: (versionId, bytes) => {
        const users = this.#targets.filter(({ copier }) => copier.stopped === undefined).length;
        if (users > 0) this.#cache.add(versionId, bytes, users);
      },
      onProblem: (problem) => this.#problem(problem),
    });
  }

  /**
   * Where a store may know more than the catalog, it is asked before anything is compared. One that cannot be asked is
   * left out of this run; what becomes pending for it waits.
   */
  async #lookFirst(): Promise<void> {
    const { catalog, source, catchUp } = this.#options;
    const asked = this.#targets.filter(
      ({ record }) => catalog.sources.journalState(source.id, record.id).lookFirst !== 'no',
    );
    for (const target of asked) {
      try {
        await catchUp(target.record, await target.open());
      } catch (error) {
        this.#storeProblem(target.record.name, error);
        this.#targets.splice(this.#targets.indexOf(target), 1);
      }
    }
  }

  /** What cannot be asked now is asked by the next run; that the store cannot be worked with is said if nothing else does. */
  async #lookForChanges(target: Target, wrote: boolean): Promise<void> {
    try {
      await this.#options.lookForChanges(target.record, wrote);
    } catch (error) {
      if (!wrote && !isTransient(error) && codeOf(error) !== 'cancelled') target.unasked = asStrongroomError(error);
    }
  }

  #storeProblem(name: string, error: unknown): void {
    const reason = asStrongroomError(error);
    this.#problem(
      new StrongroomError(reason.code, `The store "${name}": ${reason.message}`, {
        cause: reason,
        subject: name,
        ...(reason.advice === undefined ? {} : { advice: reason.advice }),
      }),
    );
  }

  #target(storeId: number): Target {
    const target = this.#targets.find(({ record }) => record.id === storeId);
    if (target === undefined) throw new StrongroomError('internal', `store ${storeId} is not part of this run`);
    return target;
  }

  async #beforeFirstWrite(storeId: number): Promise<void> {
    const { catalog, source, clock, signal, catchUp } = this.#options;
    const target = this.#target(storeId);
    if (target.lease !== undefined) return;
    const store = await target.open();
    await store.ready(signal);
    target.lease = await Lease.take(store, source.name, catalog.workstation, clock, signal);
    await catchUp(target.record, store);
  }

  /** Tells the store's journals what was done, even after a failure or a cancellation: what is stored is stored. */
  async #publish(target: Target, foldersChanged: boolean): Promise<void> {
    const { catalog, source, clock, signal } = this.#options;
    if (target.copier.stopped !== undefined && target.lease === undefined) return;
    // Whoever cancelled does not wait for a slow line: what is not told now is told by the next run.
    const patience = AbortSignal.timeout(signal.aborted ? cancelledPatienceMs : publishPatienceMs);
    try {
      if (foldersChanged || hasNews(catalog, source.id, target.record.id)) {
        if (target.lease === undefined) await this.#beforeFirstWrite(target.record.id);
        const store = await target.open();
        await publish({ catalog, source, storeId: target.record.id, store, clock, signal: patience });
      }
      if (target.lease !== undefined) {
        await this.#cleanUp(target, patience);
        await target.lease.release(patience);
        await this.#lookForChanges(target, true);
      }
    } catch (error) {
      // A store that failed has been reported; that its journal could not be written follows from it.
      if (target.copier.stopped === undefined) this.#problem(asStrongroomError(error));
    }
  }

  /** Ends what killed uploads left behind, once a day and only what is old: another workstation may be at work. */
  async #cleanUp({ record, open }: Target, signal: AbortSignal): Promise<void> {
    const { catalog, clock } = this.#options;
    if (!catalog.stores.takeCleaning(record.id, cleanEveryMs)) return;
    const store = await open();
    await store.cleanUp(catalog.copies.uploadTokens(record.id), clock.now() - cleanOlderThanMs, signal);
  }

  #end(scanned: ScanResult | undefined, failure: StrongroomError | undefined, cancelled: boolean): RunResult {
    const { catalog, source } = this.#options;
    const stores = this.#targets.map(({ copier }) => copier.summary());
    const summary: RunSummary = {
      seen: scanned?.seen ?? 0,
      added: scanned?.added ?? 0,
      changed: scanned?.changed ?? 0,
      deleted: scanned?.deleted ?? 0,
      moved: scanned?.moved ?? 0,
      unchanged: scanned?.unchanged ?? 0,
      skipped: scanned?.skipped ?? 0,
      failed: this.#problems,
      stores,
      ...(scanned?.questioned === undefined ? {} : { questioned: scanned.questioned }),
    };
    if (scanned?.questioned !== undefined) {
      // Every run asks again until somebody answers; what happened to the source happened once.
      if (!sameCounts(catalog.runs.unanswered(source.id)?.summary.questioned, scanned.questioned)) {
        const { changed, gone, of, examples } = scanned.questioned;
        const detail = { changed, gone, of, examples };
        catalog.events.add({ kind: 'mass-change-stopped', sourceId: source.id, detail });
      }
    } else if (this.#options.acceptChanges && (scanned?.changed ?? 0) + (scanned?.deleted ?? 0) > 0) {
      catalog.events.add({
        kind: 'changes-accepted',
        sourceId: source.id,
        detail: { changed: summary.changed, deleted: summary.deleted },
      });
    }
    const outcome = this.#outcome(
      scanned,
      failure,
      cancelled,
      stores.some((store) => store.pending > 0),
    );
    catalog.runs.end(this.#runId, outcome, summary);
    return { runId: this.#runId, outcome, summary };
  }

  #outcome(
    scanned: ScanResult | undefined,
    failure: StrongroomError | undefined,
    cancelled: boolean,
    unfinished: boolean,
  ): RunOutcome {
    if (cancelled) return 'cancelled';
    if (failure !== undefined) return 'failed';
    if (scanned?.questioned !== undefined) return 'needs-approval';
    return this.#problems > 0 || unfinished ? 'incomplete' : 'done';
  }

  #problem(problem: StrongroomError): void {
    this.#problems += 1;
    this.#options.catalog.runs.addProblem(this.#runId, problem);
  }

  async #tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#report();
      await wait(progressEveryMs, undefined, { signal }).catch(() => undefined);
    }
    this.#report();
  }

  #report(): void {
    const { catalog, source, onProgress } = this.#options;
    onProgress({
      runId: this.#runId,
      phase: this.#phase,
      scan: this.#scanProgress,
      stores: this.#targets.map(({ record, copier }) => {
        const pending = catalog.copies.pendingTotals(source.id, record.id);
        return {
          name: record.name,
          ...copier.progress,
          pendingCopies: pending.copies + pending.deletions,
          pendingBytes: pending.bytes,
          inFlight: copier.inFlight(inFlightShown),
          stopped: copier.stopped,
        };
      }),
    });
  }
}

type Questioned = NonNullable<RunSummary['questioned']>;

function sameCounts(before: Questioned | undefined, now: Questioned): boolean {
  return before?.changed === now.changed && before.gone === now.gone && before.of === now.of;
}
