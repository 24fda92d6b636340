import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Database from 'better-sqlite3';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { Timers } from './timers.ts';

/** How long nothing must have happened, milliseconds. The thread that answers the window's questions has ended by then. */
const restMs = 150_000;

export interface RestOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Whether something is under way now. */
  readonly isBusy: () => boolean;
  /** Lets go of what is kept only to be quick. Called once after each time of work. */
  readonly letGo: () => void;
}

/** Knows when work is over for now. The program mostly waits, for weeks, on computers that others work at. */
export class Rest {
  readonly #options: RestOptions;
  #stirredAt: Instant = 0;
  #callOff: (() => void) | undefined;
  #closed = false;

  constructor(options: RestOptions) {
    this.#options = options;
    this.stir();
  }

  /** Something happens. */
  stir(): void {
    this.#stirredAt = this.#options.clock.now();
    if (!this.#closed) this.#callOff ??= this.#wait();
  }

  close(): void {
    this.#closed = true;
    this.#callOff?.();
  }

  #wait(): () => void {
    return this.#options.timers.at(this.#stirredAt + restMs, () => {
      const { clock, isBusy, letGo } = this.#options;
      this.#callOff = undefined;
      if (isBusy()) this.stir();
      else if (clock.now() < this.#stirredAt + restMs) this.#callOff = this.#wait();
      else letGo();
    });
  }
}

/**
 * Gives the system back what this thread's heap holds and does not use. V8 collects garbage when something is allocated,
 * so a program that waits would hold for weeks what its last work took; and of what it collects it keeps a pool of pages
 * until memory is short, which only this kind of collection empties. Takes some 30 ms.
 */
export function giveBackHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: object) => void;
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

/** As better-sqlite3 has it; the types leave out the name of the function that begins the extension. */
type LoadExtension = (this: Database.Database, library: string, beginning: string) => unknown;

/**
 * Gives the system back the pages that lie free between others in glibc's pool, which by itself gives back only its end.
 * That takes malloc_trim(3), which Node cannot call, but SQLite can: it begins an extension by a function of any library.
 * This one takes a size to keep free at the end; SQLite's pointer in its place leaves the end as it is. Takes some 5 ms.
 */
export function giveBackFree(): void {
  if (process.platform !== 'linux') return;
  const database = new Database(':memory:');
  try {
    // Loaded already, it is found by its name, and no file is looked for.
    (database.loadExtension as LoadExtension).call(database, 'libc.so.6', 'malloc_trim');
  } catch {
    // Its answer, 1 where something was given back, means to SQLite that an extension did not begin. Other C libraries lack it.
  } finally {
    database.close();
  }
}
