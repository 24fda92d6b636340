import type { RunProgressShape } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { forever, type SourceRecord } from '../engine/catalog/sources.ts';
import type { Engine } from '../engine/engine.ts';
import type { Figures } from './figures.ts';
import { Courtesy } from './keeping/courtesy.ts';
import { Pauses } from './keeping/pauses.ts';
import { Progress } from './keeping/progress.ts';
import { Tended } from './keeping/tended.ts';
import { Turns, type Reins, type Wish } from './keeping/turns.ts';
import type { Timers } from './timers.ts';

/** What the keeper tells of. */
export interface KeeperEvents {
  /** Something about sources or runs is other than it was. @param filesOf a source of which a run may have recorded some. */
  readonly changed: (filesOf?: string) => void;
  /** At most four times a second while something runs, and once when nothing does any more. */
  readonly progress: (runs: RunProgressShape[]) => void;
  /** A run has ended, or could not even begin. */
  readonly ended: () => void;
}

export interface KeeperOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly figures: Figures;
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

/** How often a folder that went is looked for. */
const lookEveryMs = 60_000;

const bySchedule: Wish = { byPerson: false, acceptChanges: false };

/**
 * Runs the sources by themselves: on schedule, soon after something changes, and when a person asks. It answers the
 * doors, and puts together what `keeping/` knows: when a run is due, what is paused, whose turn it is, whether a folder
 * can be seen, and how far a run is.
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
  readonly #pauses: Pauses;
  readonly #turns: Turns;
  readonly #progress: Progress;
  readonly #courtesy = new Courtesy();
  #online = true;
  #closed = false;

  constructor({ engine, clock, timers, figures, events }: KeeperOptions) {
    this.#engine = engine;
    this.#clock = clock;
    this.#timers = timers;
    this.#events = events;
    this.#pauses = new Pauses({ catalog: engine.catalog, clock, timers, over: () => this.resumeAll() });
    this.#turns = new Turns({
      workOf: (id, wish) => this.#workOf(id, wish),
      ended: (id) => {
        this.#afterRun(id);
      },
    });
    this.#progress = new Progress({
      figures,
      tell: () => {
        events.progress(this.progress());
      },
      files: (source) => {
        events.changed(source);
      },
    });
  }

  /** Begins: every source that is not paused is looked through, whatever a process before this one left. */
  start(): void {
    this.#pauses.start();
    for (const source of this.#engine.catalog.sources.all()) this.tend(source.name);
  }

  /** Cares for a source from now on, or anew after its settings changed. Its first run is due at once. */
  tend(name: string): void {
    const source = this.#engine.catalog.sources.get(name);
    let tended = this.#tended.get(source.id);
    if (tended === undefined) {
      tended = new Tended(source, {
        engine: this.#engine,
        clock: this.#clock,
        progress: this.#progress,
        changed: () => {
          this.#rescheduleOf(source.id);
        },
      });
      this.#tended.set(source.id, tended);
    }
    this.#reschedule(tended);
  }

  /** What holds for a source now. */
  facts(source: SourceRecord): SourceFacts {
    const tended = this.#tended.get(source.id);
    if (tended === undefined) return { reachable: true, running: false, nextRunAt: null, failure: undefined };
    return {
      reachable: tended.folder.reachable,
      running: this.#turns.isRunning(tended.id) || this.#turns.isWaiting(tended.id),
      nextRunAt: this.#pauses.holds(tended.id) ? null : this.#dueAt(tended),
      failure: tended.failure,
    };
  }

  /** Whether any run is under way or waits for its turn. */
  get busy(): boolean {
    return this.#turns.busy;
  }

  get online(): boolean {
    return this.#online;
  }

  /** `null` unless everything is paused. */
  get pausedUntil(): Instant | null {
    return this.#pauses.until;
  }

  /** The runs under way, as the window shows them. */
  progress(): RunProgressShape[] {
    return [...this.#tended.keys()].flatMap((id) => this.#progress.of(id) ?? []);
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
      if (this.#engine.catalog.sources.storeIds(tended.id).includes(storeId)) this.#enqueue(tended, bySchedule);
    }
  }

  /** Ends a source's run at once, or takes it from the queue. */
  cancel(name: string): void {
    const tended = this.#of(name);
    this.#turns.drop(tended.id);
    // What changed since is taken in the next round: whoever cancels wants quiet now.
    tended.due.calm();
    this.#turns.end(tended.id);
    this.#reschedule(tended);
    this.#events.changed();
  }

  pauseAll(until: Instant): void {
    this.#pauses.pauseAll(until);
    for (const tended of this.#tended.values()) this.#stopForPause(tended);
    this.#events.changed();
  }

  resumeAll(): void {
    this.#pauses.resumeAll();
    for (const tended of this.#tended.values()) this.#catchUp(tended);
    this.#events.changed();
  }

  pause(name: string, until: Instant): void {
    const tended = this.#of(name);
    this.#pauses.pause(tended.id, until);
    this.#stopForPause(tended);
    this.#events.changed();
  }

  resume(name: string): void {
    const tended = this.#of(name);
    this.#pauses.resume(tended.id);
    this.#catchUp(tended);
    this.#events.changed();
  }

  /**
   * Does something while no run of these sources is under way: what is under way is ended first, and goes on afterwards.
   */
  async whileQuiet<Result>(sourceIds: readonly number[], work: () => Promise<Result> | Result): Promise<Result> {
    const quiet = sourceIds.flatMap((id) => this.#tended.get(id) ?? []);
    for (const { id, due } of quiet) {
      this.#turns.hold(id);
      if (this.#turns.end(id)) due.behind = true;
    }
    try {
      await Promise.all(quiet.map(({ id }) => this.#turns.whenEnded(id)));
      return await work();
    } finally {
      for (const tended of quiet) {
        this.#turns.free(tended.id);
        this.#reschedule(tended);
      }
      this.#turns.next();
    }
  }

  /** Cares no more for a source, which was removed. */
  forget(sourceId: number): void {
    const tended = this.#tended.get(sourceId);
    if (tended === undefined) return;
    this.#turns.drop(sourceId);
    tended.leave();
    this.#tended.delete(sourceId);
    this.#events.changed(tended.name);
  }

  /** A source is to be looked through as soon as it may, because what it is made of changed. */
  renew(sourceId: number): void {
    const tended = this.#tended.get(sourceId);
    if (tended !== undefined) this.#catchUp(tended);
  }

  /** Somebody does something in the window: what runs gives way for a moment. */
  attend(): void {
    this.#courtesy.attend();
  }

  /** A source's folder is another now: it is watched anew. */
  rootMoved(sourceId: number): void {
    this.#tended.get(sourceId)?.folder.moved();
  }

  /** Runs go on without a network: some stores and sources need none. What failed for want of it is tried when it is back. */
  setOnline(online: boolean): void {
    if (this.#online === online) return;
    this.#online = online;
    if (online) {
      for (const tended of this.#tended.values()) {
        if (tended.due.retry || !tended.folder.reachable) this.#enqueue(tended, bySchedule);
      }
    }
    this.#events.changed();
  }

  suspend(): void {
    this.#turns.sleep();
  }

  wake(): void {
    this.#turns.wake();
    this.#pauses.wake();
    for (const tended of this.#tended.values()) this.#reschedule(tended);
    this.#turns.next();
  }

  /** Ends runs at the next safe point; nothing begins any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#pauses.close();
    this.#progress.close();
    for (const tended of this.#tended.values()) tended.leave();
    await this.#turns.close();
  }

  /** Error: `unknown-name`. */
  #of(name: string): Tended {
    const source = this.#engine.catalog.sources.get(name);
    const tended = this.#tended.get(source.id);
    if (tended === undefined) throw new StrongroomError('internal', `the source ${source.id} is not cared for`);
    return tended;
  }

  #stopForPause(tended: Tended): void {
    this.#turns.drop(tended.id);
    if (this.#turns.end(tended.id)) tended.due.behind = true;
    this.#reschedule(tended);
  }

  #catchUp(tended: Tended): void {
    tended.due.behind = true;
    this.#reschedule(tended);
  }

  /** When the next run of a source is due by itself. */
  #dueAt(tended: Tended): Instant | null {
    if (tended.runnable === undefined) return null;
    const { everyMinutes } = this.#engine.catalog.sources.schedule(tended.id);
    return tended.due.at(this.#clock.now(), everyMinutes);
  }

  #rescheduleOf(sourceId: number): void {
    const tended = this.#tended.get(sourceId);
    if (tended !== undefined) this.#reschedule(tended);
  }

  /** Sets the timer for whatever comes next for a source: its next run, or the end of its pause. */
  #reschedule(tended: Tended): void {
    tended.schedule();
    if (this.#closed || this.#tended.get(tended.id) !== tended || this.#pauses.until !== null) return;
    if (this.#turns.isRunning(tended.id) || this.#turns.isWaiting(tended.id)) return;
    const pausedUntil = this.#pauses.untilOf(tended.id);
    if (pausedUntil === forever) return;
    if (pausedUntil !== null) {
      tended.schedule(
        this.#timers.at(pausedUntil, () => {
          this.resume(tended.name);
        }),
      );
      return;
    }
    const due = this.#dueAt(tended);
    if (due === null) return;
    if (due <= this.#clock.now()) {
      this.#enqueue(tended, bySchedule);
      return;
    }
    // Looked at anew when the time has come: further changes may have put it off.
    const at = tended.folder.reachable ? due : Math.min(due, this.#clock.now() + lookEveryMs);
    tended.schedule(
      this.#timers.at(at, () => {
        if (!tended.folder.reachable) this.#lookForRoot(tended);
        this.#reschedule(tended);
      }),
    );
  }

  /** A folder that went is looked for now and then, so that work goes on soon after it is back. */
  #lookForRoot(tended: Tended): void {
    const source = tended.runnable;
    if (source === undefined) return;
    tended.folder.look(source, () => {
      this.#enqueue(tended, bySchedule);
    });
  }

  #enqueue(tended: Tended, wish: Wish): void {
    if (this.#closed || this.#tended.get(tended.id) !== tended) return;
    this.#turns.wish(tended.id, wish);
    tended.schedule();
    this.#events.changed();
    this.#turns.next();
  }

  #workOf(id: number, wish: Wish): ((reins: Reins) => Promise<void>) | undefined {
    const tended = this.#tended.get(id);
    const source = tended?.runnable;
    if (tended === undefined || source === undefined) return undefined;
    // A person who asks for a run during a pause gets it; what the schedule asked for waits until the pause is over.
    if (this.#pauses.holds(id) && !wish.byPerson) return undefined;
    return (reins) => this.#run(tended, source, wish.acceptChanges, reins);
  }

  #run(tended: Tended, source: SourceRecord, acceptChanges: boolean, reins: Reins): Promise<void> {
    const now = this.#clock.now();
    tended.due.began(now);
    this.#progress.begin(tended.id, tended.name, now);
    this.#events.changed();
    const gate = async (): Promise<void> => {
      await reins.gate();
      await this.#courtesy.gate();
    };
    return tended.run(source, acceptChanges, { ...reins, gate });
  }

  #afterRun(id: number): void {
    this.#progress.tell();
    this.#events.changed(this.#tended.get(id)?.name);
    if (this.#pauses.until === null && !this.#turns.isHeld(id)) this.#rescheduleOf(id);
    this.#turns.next();
    this.#events.ended();
  }
}
