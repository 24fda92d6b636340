import { Pause } from '../../engine/copy/pause.ts';

/** Two together: one may wait for its share while the other copies; more would only divide disk and line. */
const mostTogether = 2;

/** Why a source waits for its turn. */
export interface Wish {
  /** Whether a person asked for it: those come first, and during a pause too. */
  readonly byPerson: boolean;
  readonly acceptChanges: boolean;
}

/** By what a run is held and ended. */
export interface Reins {
  readonly signal: AbortSignal;
  readonly gate: () => Promise<void>;
}

interface Running {
  readonly controller: AbortController;
  readonly pause: Pause;
  ended: Promise<void>;
}

/**
 * Whose turn it is: a few runs together, one at a time for each source, those that people asked for first. Sources go by
 * their ids.
 */
export class Turns {
  readonly #workOf: (id: number, wish: Wish) => ((reins: Reins) => Promise<void>) | undefined;
  readonly #ended: (id: number) => void;
  readonly #waiting = new Map<number, Wish>();
  readonly #running = new Map<number, Running>();
  /** How many hold a source back: no run of it begins meanwhile. */
  readonly #held = new Map<number, number>();
  #queue: number[] = [];
  #asleep = false;
  #closed = false;

  constructor(options: {
    /** Asked when a source's turn has come. @returns what its run does, which never fails; `undefined` for no run. */
    readonly workOf: (id: number, wish: Wish) => ((reins: Reins) => Promise<void>) | undefined;
    /** A run has ended; not told any more once all is closed. */
    readonly ended: (id: number) => void;
  }) {
    this.#workOf = options.workOf;
    this.#ended = options.ended;
  }

  /** Whether any run is under way or waits for its turn. */
  get busy(): boolean {
    return this.#queue.length > 0 || this.#running.size > 0;
  }

  isRunning(id: number): boolean {
    return this.#running.has(id);
  }

  isWaiting(id: number): boolean {
    return this.#waiting.has(id);
  }

  isHeld(id: number): boolean {
    return this.#held.has(id);
  }

  /** Puts a source in the queue; {@link next} begins its run. What was wished for it before still holds. */
  wish(id: number, wish: Wish): void {
    const before = this.#waiting.get(id);
    this.#waiting.set(id, {
      byPerson: wish.byPerson || before?.byPerson === true,
      acceptChanges: wish.acceptChanges || before?.acceptChanges === true,
    });
    const others = this.#queue.filter((other) => other !== id);
    this.#queue = wish.byPerson ? [id, ...others] : [...others, id];
  }

  /** Takes a source from the queue. */
  drop(id: number): void {
    this.#waiting.delete(id);
    this.#queue = this.#queue.filter((other) => other !== id);
  }

  /** Ends a source's run at its next safe point. @returns whether there was one. */
  end(id: number): boolean {
    const run = this.#running.get(id);
    run?.controller.abort();
    return run !== undefined;
  }

  /** Resolves when no run of a source is under way. */
  async whenEnded(id: number): Promise<void> {
    await this.#running.get(id)?.ended;
  }

  hold(id: number): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
  }

  free(id: number): void {
    const left = (this.#held.get(id) ?? 0) - 1;
    if (left > 0) this.#held.set(id, left);
    else this.#held.delete(id);
  }

  /** Begins what may begin. */
  next(): void {
    if (this.#closed || this.#asleep) return;
    for (const id of [...this.#queue]) {
      if (this.#running.size >= mostTogether) return;
      const wish = this.#waiting.get(id);
      if (wish === undefined || this.#running.has(id) || this.#held.has(id)) continue;
      this.drop(id);
      const work = this.#workOf(id, wish);
      if (work === undefined) continue;
      const run: Running = { controller: new AbortController(), pause: new Pause(), ended: Promise.resolve() };
      // A held run could not end.
      run.controller.signal.addEventListener('abort', () => {
        run.pause.resume();
      });
      this.#running.set(id, run);
      run.ended = this.#carryOut(id, run, work);
    }
  }

  /** Holds the runs under way where they are; none begins. */
  sleep(): void {
    this.#asleep = true;
    for (const { pause } of this.#running.values()) pause.pause();
  }

  wake(): void {
    this.#asleep = false;
    for (const { pause } of this.#running.values()) pause.resume();
  }

  /** Ends all runs at their next safe point; nothing begins any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue = [];
    this.#waiting.clear();
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ ended }) => ended));
  }

  async #carryOut(id: number, run: Running, work: (reins: Reins) => Promise<void>): Promise<void> {
    await work({ signal: run.controller.signal, gate: run.pause.gate });
    this.#running.delete(id);
    if (!this.#closed) this.#ended(id);
  }
}
