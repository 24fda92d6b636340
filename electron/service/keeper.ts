import fs from 'node:fs/promises';
import path from 'node:path';
import type { RunProgressShape } from '../../shared/contract/shapes.ts';
import type { Clock, Instant, RunOutcome } from '../../shared/domain.ts';
import { asStrongroomError, StrongroomError, type ErrorCode } from '../../shared/errors.ts';
import { forever, type Schedule, type SourceRecord } from '../engine/catalog/sources.ts';
import { Pause } from '../engine/copy/pause.ts';
import type { RunProgress } from '../engine/copy/run.ts';
import type { Engine } from '../engine/engine.ts';
import { Watcher } from '../engine/schedule/watcher.ts';
import { problemOf } from './failures.ts';
import { Meter } from './meter.ts';
import type { Timers } from './timers.ts';

/** What the keeper tells of. */
export interface KeeperEvents {
  /** Something about sources or runs is other than it was; `files` where a run may have recorded some. */
  readonly changed: (files: boolean) => void;
  /** At most four times a second while something runs, and once when nothing does any more. */
  readonly progress: (runs: RunProgressShape[]) => void;
  /** A run has ended, or could not even begin. */
  readonly ended: () => void;
}

export interface KeeperOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: KeeperEvents;
}

/** What is known of a source besides the catalog. */
export interface SourceFacts {
  /** Whether its folder could be seen last time. */
  readonly reachable: boolean;
  /** Whether a run is under way or waits for its turn. */
  readonly running: boolean;
  readonly nextRunAt: Instant | null;
  /** Why the last run could not even be carried out, if so: the catalog or its disk failed. */
  readonly failure: StrongroomError | undefined;
}

/** Two together: one may wait for its share while the other copies; more would only divide disk and line. */
const mostTogether = 2;
/** People save in bursts: a run waits for so much quiet after a change, but not longer than `mostQuietMs` in all. */
const quietMs = 3_000;
const mostQuietMs = 60_000;
/** After a run, a change waits at least this many times as long as the run took. */
const restFactor = 2;
/** Soonest after a store could not be reached, and how often a folder that went is looked for. */
const retryMs = 5 * 60_000;
const lookEveryMs = 60_000;
const progressEveryMs = 250;
const filesEveryMs = 5_000;
const watchedFolders = 8_192;

const rootCodes: ReadonlySet<ErrorCode> = new Set([
  'source-unreachable',
  'source-emptied',
  'source-unreadable',
  'source-not-a-folder',
]);

const pausedSetting = 'paused-until';

interface Tended {
  readonly id: number;
  readonly name: string;
  watcher: Watcher | undefined;
  callOff: () => void;
  /** Waiting for its turn. */
  waiting: { readonly byPerson: boolean; readonly acceptChanges: boolean } | undefined;
  run: Running | undefined;
  /** How many hold it back: no run begins meanwhile. */
  held: number;
  lookingForRoot: boolean;
  reachable: boolean;
  failure: StrongroomError | undefined;
  lastStart: Instant | undefined;
  lastEnd: Instant | undefined;
  lastMs: number;
  /** A store could not be worked with for a reason that may pass. */
  retry: boolean;
  /** A run was ended or kept from beginning, or the source is another: one is due as soon as it may begin. */
  behind: boolean;
  changedFirst: Instant | undefined;
  changedLast: Instant | undefined;
}

interface Running {
  readonly controller: AbortController;
  readonly pause: Pause;
  readonly startedAt: Instant;
  readonly meters: Map<string, Meter>;
  progress: RunProgress | undefined;
  ended: Promise<void>;
}

/**
 * Runs the sources by themselves: on schedule, soon after something changes, and when a person asks. One run at a time
 * for each source, a few sources together.
 *
 * A pause ends the run under way at once rather than holding it: it may last for days, and a held run would keep its
 * lease, its threads and its memory. What was copied is kept, and large uploads go on from their last part. Only while
 * the computer falls asleep is a run held, for that is over in seconds of the run's own time.
 */
export class Keeper {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #events: KeeperEvents;
  readonly #tended = new Map<number, Tended>();
  #queue: Tended[] = [];
  #pausedUntil: Instant | null = null;
  #endPause: () => void = () => undefined;
  #online = true;
  #asleep = false;
  #closed = false;
  #telling: NodeJS.Timeout | undefined;
  #toldAt = 0;
  #toldFilesAt = 0;

  constructor(options: KeeperOptions) {
    this.#engine = options.engine;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#events = options.events;
  }

  /** Begins: every source that is not paused is looked through, whatever a process before this one left. */
  start(): void {
    const kept = this.#engine.catalog.settings.get(pausedSetting);
    if (typeof kept === 'number') this.#setPaused(kept);
    for (const source of this.#engine.catalog.sources.all()) this.tend(source.name);
  }

  /** Cares for a source from now on, or anew after its settings changed. Its first run is due at once. */
  tend(name: string): void {
    const source = this.#engine.catalog.sources.get(name);
    if (this.#tended.has(source.id)) {
      this.#reschedule(this.#of(name));
      return;
    }
    const tended: Tended = {
      id: source.id,
      name,
      watcher: undefined,
      callOff: () => undefined,
      waiting: undefined,
      run: undefined,
      held: 0,
      lookingForRoot: false,
      reachable: true,
      failure: undefined,
      lastStart: undefined,
      lastEnd: undefined,
      lastMs: 0,
      retry: false,
      behind: false,
      changedFirst: undefined,
      changedLast: undefined,
    };
    this.#tended.set(source.id, tended);
    this.#reschedule(tended);
  }

  /** What holds for a source now. */
  facts(source: SourceRecord): SourceFacts {
    const tended = this.#tended.get(source.id);
    if (tended === undefined) return { reachable: true, running: false, nextRunAt: null, failure: undefined };
    return {
      reachable: tended.reachable,
      running: tended.run !== undefined || tended.waiting !== undefined,
      nextRunAt: this.#isPaused(tended) ? null : this.#dueAt(tended),
      failure: tended.failure,
    };
  }

  /** Whether any run is under way or waits for its turn. */
  get busy(): boolean {
    return this.#queue.length > 0 || this.#running().length > 0;
  }

  get online(): boolean {
    return this.#online;
  }

  /** `null` unless everything is paused. */
  get pausedUntil(): Instant | null {
    return this.#pausedUntil;
  }

  /** Puts a source in the queue, before those whose turn has come by schedule. */
  request(name: string, options: { readonly acceptChanges: boolean }): void {
    this.#enqueue(this.#of(name), { byPerson: true, ...options });
  }

  requestAll(): void {
    for (const tended of this.#tended.values()) this.#enqueue(tended, { byPerson: true, acceptChanges: false });
  }

  /** Puts those in the queue that wait for a store, whose key was given or which can be reached again. */
  retryStore(storeId: number): void {
    for (const tended of this.#tended.values()) {
      if (this.#engine.catalog.sources.storeIds(tended.id).includes(storeId)) {
        this.#enqueue(tended, { byPerson: false, acceptChanges: false });
      }
    }
  }

  /** Ends a source's run at once, or takes it from the queue. */
  cancel(name: string): void {
    const tended = this.#of(name);
    this.#unqueue(tended);
    // What changed since is taken in the next round: whoever cancels wants quiet now.
    [tended.changedFirst, tended.changedLast] = [undefined, undefined];
    tended.run?.controller.abort();
    this.#reschedule(tended);
    this.#events.changed(false);
  }

  pauseAll(until: Instant): void {
    this.#engine.catalog.settings.set(pausedSetting, until);
    this.#setPaused(until);
    for (const tended of this.#tended.values()) this.#stopForPause(tended);
    this.#events.changed(false);
  }

  resumeAll(): void {
    this.#engine.catalog.settings.set(pausedSetting, null);
    this.#endPause();
    this.#pausedUntil = null;
    for (const tended of this.#tended.values()) this.#catchUp(tended);
    this.#events.changed(false);
  }

  pause(name: string, until: Instant): void {
    const tended = this.#of(name);
    this.#engine.catalog.sources.setPausedUntil(tended.id, until);
    this.#stopForPause(tended);
    this.#events.changed(false);
  }

  resume(name: string): void {
    const tended = this.#of(name);
    this.#engine.catalog.sources.setPausedUntil(tended.id, null);
    this.#catchUp(tended);
    this.#events.changed(false);
  }

  /**
   * Does something while no run of these sources is under way: what is under way is ended first, and goes on afterwards.
   */
  async whileQuiet<Result>(sourceIds: readonly number[], work: () => Promise<Result> | Result): Promise<Result> {
    const quiet = sourceIds.flatMap((id) => this.#tended.get(id) ?? []);
    for (const tended of quiet) {
      tended.held += 1;
      if (tended.run === undefined) continue;
      tended.behind = true;
      tended.run.controller.abort();
    }
    try {
      await Promise.all(quiet.flatMap((tended) => tended.run?.ended ?? []));
      return await work();
    } finally {
      for (const tended of quiet) {
        tended.held -= 1;
        this.#reschedule(tended);
      }
      this.#begin();
    }
  }

  /** Cares no more for a source, which was removed. */
  forget(sourceId: number): void {
    const tended = this.#tended.get(sourceId);
    if (tended === undefined) return;
    this.#unqueue(tended);
    tended.callOff();
    tended.watcher?.close();
    this.#tended.delete(sourceId);
    this.#events.changed(true);
  }

  /** A source is to be looked through as soon as it may, because what it is made of changed. */
  renew(sourceId: number): void {
    const tended = this.#tended.get(sourceId);
    if (tended !== undefined) this.#catchUp(tended);
  }

  /** A source's folder is another now: it is watched anew. */
  rootMoved(sourceId: number): void {
    const tended = this.#tended.get(sourceId);
    tended?.watcher?.close();
    if (tended !== undefined) {
      tended.watcher = undefined;
      tended.reachable = true;
    }
  }

  /** Runs go on without a network: some stores and sources need none. What failed for want of it is tried when it is back. */
  setOnline(online: boolean): void {
    if (this.#online === online) return;
    this.#online = online;
    if (online) {
      for (const tended of this.#tended.values()) {
        if (tended.retry || !tended.reachable) this.#enqueue(tended, { byPerson: false, acceptChanges: false });
      }
    }
    this.#events.changed(false);
  }

  suspend(): void {
    this.#asleep = true;
    for (const run of this.#running()) run.pause.pause();
  }

  wake(): void {
    this.#asleep = false;
    for (const run of this.#running()) run.pause.resume();
    const kept = this.#pausedUntil;
    if (kept !== null) this.#setPaused(kept);
    for (const tended of this.#tended.values()) this.#reschedule(tended);
    this.#begin();
  }

  /** Ends runs at the next safe point; nothing begins any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue = [];
    this.#endPause();
    clearTimeout(this.#telling);
    for (const tended of this.#tended.values()) {
      tended.waiting = undefined;
      tended.callOff();
      tended.watcher?.close();
      tended.run?.controller.abort();
    }
    await Promise.all(this.#running().map((run) => run.ended));
  }

  /** The runs under way, as the window shows them. */
  progress(): RunProgressShape[] {
    return [...this.#tended.values()].flatMap((tended) =>
      tended.run?.progress === undefined ? [] : [shapeOf(tended.name, tended.run, tended.run.progress)],
    );
  }

  /** Error: `unknown-name`. */
  #of(name: string): Tended {
    const source = this.#engine.catalog.sources.get(name);
    const tended = this.#tended.get(source.id);
    if (tended === undefined) throw new StrongroomError('internal', `the source ${source.id} is not cared for`);
    return tended;
  }

  #running(): Running[] {
    return [...this.#tended.values()].flatMap((tended) => tended.run ?? []);
  }

  #isPaused(tended: Tended): boolean {
    return this.#pausedUntil !== null || this.#scheduleOf(tended).pausedUntil !== null;
  }

  /** A pause that is over is none. */
  #scheduleOf(tended: Tended): Schedule {
    const schedule = this.#engine.catalog.sources.schedule(tended.id);
    const { pausedUntil } = schedule;
    return pausedUntil !== null && pausedUntil <= this.#clock.now() ? { ...schedule, pausedUntil: null } : schedule;
  }

  #setPaused(until: Instant): void {
    this.#endPause();
    this.#pausedUntil = until;
    if (until <= this.#clock.now()) {
      this.resumeAll();
      return;
    }
    if (until !== forever) {
      this.#endPause = this.#timers.at(until, () => {
        this.resumeAll();
      });
    }
  }

  #stopForPause(tended: Tended): void {
    this.#unqueue(tended);
    if (tended.run !== undefined) {
      tended.behind = true;
      tended.run.controller.abort();
    }
    this.#reschedule(tended);
  }

  #catchUp(tended: Tended): void {
    tended.behind = true;
    this.#reschedule(tended);
  }

  /** When the next run of a source is due by itself. */
  #dueAt(tended: Tended): Instant | null {
    const now = this.#clock.now();
    const { root } = this.#record(tended) ?? { root: '' };
    if (root === '') return null;
    if (tended.lastStart === undefined || tended.behind) return now;
    const { everyMinutes } = this.#scheduleOf(tended);
    const times = [tended.lastStart + everyMinutes * 60_000];
    const lastEnd = tended.lastEnd ?? tended.lastStart;
    if (tended.retry) times.push(lastEnd + retryMs);
    if (tended.changedFirst !== undefined && tended.changedLast !== undefined) {
      const settled = Math.min(tended.changedLast + quietMs, tended.changedFirst + mostQuietMs);
      times.push(Math.max(settled, lastEnd + tended.lastMs * restFactor));
    }
    return Math.min(...times);
  }

  #record(tended: Tended): SourceRecord | undefined {
    return this.#engine.catalog.sources.find(tended.name);
  }

  /** Sets the timer for whatever comes next for a source: its next run, or the end of its pause. */
  #reschedule(tended: Tended): void {
    tended.callOff();
    if (this.#closed || this.#tended.get(tended.id) !== tended || this.#pausedUntil !== null) return;
    if (tended.run !== undefined || tended.waiting !== undefined) return;
    const { pausedUntil } = this.#scheduleOf(tended);
    if (pausedUntil === forever) return;
    if (pausedUntil !== null) {
      tended.callOff = this.#timers.at(pausedUntil, () => {
        this.resume(tended.name);
      });
      return;
    }
    const due = this.#dueAt(tended);
    if (due === null) return;
    if (due <= this.#clock.now()) {
      this.#enqueue(tended, { byPerson: false, acceptChanges: false });
      return;
    }
    // Looked at anew when the time has come: further changes may have put it off.
    const at = tended.reachable ? due : Math.min(due, this.#clock.now() + lookEveryMs);
    tended.callOff = this.#timers.at(at, () => {
      if (!tended.reachable) this.#lookForRoot(tended);
      this.#reschedule(tended);
    });
  }

  /** A folder that went is looked for now and then, so that work goes on soon after it is back. */
  #lookForRoot(tended: Tended): void {
    const source = this.#record(tended);
    // A share that hangs answers late or never: it is asked once, and not again meanwhile.
    if (source === undefined || tended.lookingForRoot) return;
    tended.lookingForRoot = true;
    void rootIsBack(source).then((back) => {
      tended.lookingForRoot = false;
      if (back && !tended.reachable) this.#enqueue(tended, { byPerson: false, acceptChanges: false });
    });
  }

  #enqueue(tended: Tended, wish: { readonly byPerson: boolean; readonly acceptChanges: boolean }): void {
    if (this.#closed || this.#tended.get(tended.id) !== tended) return;
    const { waiting } = tended;
    tended.waiting = {
      byPerson: wish.byPerson || waiting?.byPerson === true,
      acceptChanges: wish.acceptChanges || waiting?.acceptChanges === true,
    };
    this.#queue = this.#queue.filter((other) => other !== tended);
    if (wish.byPerson) this.#queue.unshift(tended);
    else this.#queue.push(tended);
    tended.callOff();
    this.#events.changed(false);
    this.#begin();
  }

  #unqueue(tended: Tended): void {
    tended.waiting = undefined;
    this.#queue = this.#queue.filter((other) => other !== tended);
  }

  /** Begins what may begin. */
  #begin(): void {
    if (this.#closed || this.#asleep) return;
    for (const tended of [...this.#queue]) {
      if (this.#running().length >= mostTogether) return;
      const { waiting } = tended;
      if (waiting === undefined || tended.run !== undefined || tended.held > 0) continue;
      this.#unqueue(tended);
      const source = this.#record(tended);
      // A person who asks for a run during a pause gets it; what the schedule asked for waits until the pause is over.
      if (source === undefined || source.root === '' || (this.#isPaused(tended) && !waiting.byPerson)) continue;
      const running: Running = {
        controller: new AbortController(),
        pause: new Pause(),
        startedAt: this.#clock.now(),
        meters: new Map(),
        progress: undefined,
        ended: Promise.resolve(),
      };
      tended.run = running;
      running.ended = this.#run(tended, running, source, waiting.acceptChanges);
    }
  }

  async #run(tended: Tended, running: Running, source: SourceRecord, acceptChanges: boolean): Promise<void> {
    const begun = performance.now();
    tended.lastStart = running.startedAt;
    [tended.retry, tended.behind] = [false, false];
    [tended.changedFirst, tended.changedLast] = [undefined, undefined];
    const { signal } = running.controller;
    // A held run could not end.
    signal.addEventListener('abort', () => {
      running.pause.resume();
    });
    this.#events.changed(false);
    let outcome: RunOutcome | undefined;
    try {
      // Before the run, so that nothing can change unseen between its walk and the watch.
      await this.#watch(tended, source);
      const result = await this.#engine.sync(source, {
        rehash: false,
        acceptChanges,
        signal,
        gate: running.pause.gate,
        onProgress: (progress) => {
          this.#take(running, progress);
        },
      });
      tended.failure = undefined;
      outcome = result.outcome;
      this.#learn(tended, result.runId, outcome);
      await this.#watch(tended, source);
    } catch (error) {
      tended.failure = asStrongroomError(error);
      tended.retry = true;
    } finally {
      tended.run = undefined;
      tended.lastEnd = this.#clock.now();
      tended.lastMs = performance.now() - begun;
      this.#afterRun(tended);
    }
  }

  #afterRun(tended: Tended): void {
    if (this.#closed) return;
    this.#tellProgress();
    this.#events.changed(true);
    if (this.#pausedUntil === null && tended.held === 0) this.#reschedule(tended);
    this.#begin();
    this.#events.ended();
  }

  /** What a run showed of its source and stores. */
  #learn(tended: Tended, runId: number, outcome: RunOutcome): void {
    if (outcome === 'cancelled') return;
    const { runs } = this.#engine.catalog;
    const lost = outcome === 'failed' && runs.problemsWith(runId, [...rootCodes], 1).length > 0;
    if (lost) {
      // Whatever comes back in its place is watched anew.
      tended.watcher?.close();
      tended.watcher = undefined;
    }
    tended.reachable = !lost;
    tended.retry = runs.problemsWith(runId, ['store-unreachable', 'store-busy', 'store-leased'], 1).length > 0;
  }

  async #watch(tended: Tended, source: SourceRecord): Promise<void> {
    const wanted = !this.#closed && this.#tended.get(tended.id) === tended;
    if (!wanted || !this.#scheduleOf(tended).watch || !tended.reachable) {
      tended.watcher?.close();
      tended.watcher = undefined;
      return;
    }
    tended.watcher ??= new Watcher(source, () => {
      tended.changedLast = this.#clock.now();
      if (tended.changedFirst !== undefined) return;
      tended.changedFirst = tended.changedLast;
      this.#reschedule(tended);
    });
    await tended.watcher.follow(this.#engine.catalog.files.folderPaths(source.id, watchedFolders));
  }

  #take(running: Running, progress: RunProgress): void {
    running.progress = progress;
    const at = performance.now();
    for (const store of progress.stores) {
      let meter = running.meters.get(store.name);
      if (meter === undefined) {
        meter = new Meter();
        running.meters.set(store.name, meter);
      }
      meter.add(at, store.bytesSent, store.copied + store.deleted);
    }
    if (at - this.#toldFilesAt >= filesEveryMs) {
      this.#toldFilesAt = at;
      this.#events.changed(true);
    }
    this.#telling ??= setTimeout(
      () => {
        this.#tellProgress();
      },
      Math.max(0, this.#toldAt + progressEveryMs - at),
    );
  }

  #tellProgress(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    this.#toldAt = performance.now();
    this.#events.progress(this.progress());
  }
}

function shapeOf(source: string, running: Running, progress: RunProgress): RunProgressShape {
  return {
    run: progress.runId,
    source,
    startedAt: running.startedAt,
    phase: progress.phase,
    filesSeen: progress.scan.seen,
    bytesHashed: progress.scan.hashedBytes,
    stores: progress.stores.map((store) => {
      const meter = running.meters.get(store.name);
      const sent = store.inFlight.reduce((sum, file) => sum + file.sent, 0);
      const remaining = meter?.remaining(Math.max(0, store.pendingBytes - sent), store.pendingCopies) ?? null;
      return {
        store: store.name,
        copied: store.copied,
        bytesSent: store.bytesSent,
        pendingCopies: store.pendingCopies,
        pendingBytes: store.pendingBytes,
        rate: meter?.rate ?? 0,
        // While files are still being found, nobody can tell.
        remainingMs: progress.phase === 'scanning' || store.stopped !== undefined ? null : remaining,
        inFlight: store.inFlight.map((file) => ({ ...file })),
        problem: store.stopped === undefined ? null : problemOf(store.stopped),
      };
    }),
  };
}

/** Whether the folder of a source looks as if a run could see it. It asks without blocking: a lost share may hang. */
async function rootIsBack(source: SourceRecord): Promise<boolean> {
  try {
    const stat = await fs.lstat(source.root);
    if (!stat.isDirectory()) return false;
    if (source.mounted) {
      const parent = await fs.lstat(path.dirname(source.root));
      if (parent.dev === stat.dev) return false;
    }
    const folder = await fs.opendir(source.root);
    const first = await folder.read();
    await folder.close();
    return first !== null;
  } catch {
    return false;
  }
}
