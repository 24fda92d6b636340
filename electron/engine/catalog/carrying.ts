import { Worker } from 'node:worker_threads';
import type { Connection } from './database.ts';

/** How often it is looked whether much was written, milliseconds. */
const everyMs = 500;
/** Of fewer changed rows it is not worth a thread. */
const manyRows = 1_000;
/** Pages of the log, 4 KiB each, from which on a commit carries them over itself: usually, and while a thread does. */
const usualPages = 4_000;
const pagesWithThread = 32_000;

/** Sets from which length of the log on commits carry it over themselves. */
export function carryOverUsually(connection: Connection): void {
  connection.pragma(`wal_autocheckpoint = ${usualPages}`);
}

/**
 * Carries what SQLite's log has over into the database, on a thread, while much is written. By itself SQLite does it
 * within a commit: every few thousand pages one of them waits for the disk, 50 to 100 ms in which the thread that commits
 * answers nobody (https://www.sqlite.org/wal.html#application_initiated_checkpoints).
 */
export class Carrying {
  readonly #connection: Connection;
  readonly #looking: NodeJS.Timeout;
  #seen: number;
  #thread: Worker | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#seen = this.#rows();
    this.#looking = setInterval(() => this.#look(), everyMs).unref();
  }

  /** Resolves when the thread has let go of the database. */
  async end(): Promise<void> {
    clearInterval(this.#looking);
    carryOverUsually(this.#connection);
    const thread = this.#thread;
    if (thread === undefined) return;
    const exited = new Promise((resolve) => thread.once('exit', resolve));
    // It is waited for, by the process too.
    thread.ref();
    thread.postMessage('close');
    await exited;
  }

  #look(): void {
    const rows = this.#rows();
    if (rows - this.#seen < manyRows) return;
    this.#seen = rows;
    this.#thread ??= this.#begin();
    this.#thread.postMessage('carry');
  }

  /** Rows that were changed over this connection so far. */
  #rows(): number {
    return this.#connection.get<{ rows: number }>('SELECT total_changes() AS rows')?.rows ?? 0;
  }

  #begin(): Worker {
    const thread = new Worker(new URL('./carrying.worker.ts', import.meta.url), {
      workerData: this.#connection.path,
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    thread.unref();
    // Without it, commits do as they usually do.
    thread.once('error', () => {
      clearInterval(this.#looking);
      this.#thread = undefined;
      carryOverUsually(this.#connection);
    });
    this.#connection.pragma(`wal_autocheckpoint = ${pagesWithThread}`);
    return thread;
  }
}
