import type { Clock } from '../../../shared/domain.ts';
import { Browse } from './browse.ts';
import { Carrying } from './carrying.ts';
import { Copies } from './copies.ts';
import type { Connection } from './database.ts';
import { Events } from './events.ts';
import { Files } from './files.ts';
import { Growth } from './growth.ts';
import { Journaling } from './journaling.ts';
import { Runs } from './runs.ts';
import { Search } from './search.ts';
import { Settings } from './settings.ts';
import { Sources } from './sources.ts';
import { Staging } from './staging.ts';
import { Stores } from './stores.ts';

/** The catalog of one home: what is protected, every version, every copy, every run, every event. */
export class Catalog {
  readonly sources: Sources;
  readonly stores: Stores;
  readonly files: Files;
  readonly copies: Copies;
  readonly journaling: Journaling;
  readonly runs: Runs;
  readonly events: Events;
  readonly browse: Browse;
  readonly search: Search;
  readonly home: string;
  readonly settings: Settings;
  readonly growth: Growth;
  readonly #staging = new Map<number, Staging>();
  readonly #connection: Connection;
  readonly #close: () => void;
  #carrying: Carrying | undefined;
  #writers = 0;

  constructor(connection: Connection, clock: Clock, home: string, close: () => void) {
    this.#connection = connection;
    this.#close = close;
    this.home = home;
    this.events = new Events(connection, clock);
    this.stores = new Stores(connection, clock);
    this.sources = new Sources(connection, clock);
    this.files = new Files(connection);
    this.copies = new Copies(connection);
    this.journaling = new Journaling(connection, this.files);
    this.runs = new Runs(connection, clock);
    this.browse = new Browse(connection);
    this.search = new Search(connection);
    this.settings = new Settings(connection);
    this.growth = new Growth(connection, clock);
  }

  /** This workstation's identity, as leases and journals name it. */
  get workstation(): string {
    return (
      this.#connection.get<{ value: string }>(`SELECT value FROM settings WHERE name = 'workstation'`)?.value ?? ''
    );
  }

  /** What a scan of a source holds back until it is whole. */
  staging(sourceId: number): Staging {
    let staging = this.#staging.get(sourceId);
    if (staging === undefined) {
      staging = new Staging(this.#connection, sourceId);
      this.#staging.set(sourceId, staging);
    }
    return staging;
  }

  /** Runs `work` in one transaction: all of it is kept, or nothing. */
  transaction<Result>(work: () => Result): Result {
    return this.#connection.transaction(work);
  }

  /** Does work that may write much, without long commits. Several such may be under way. */
  async whileWriting<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#carrying ??= new Carrying(this.#connection);
    this.#writers += 1;
    try {
      return await work();
    } finally {
      this.#writers -= 1;
      if (this.#writers === 0) {
        const carrying = this.#carrying;
        this.#carrying = undefined;
        await carrying.end();
      }
    }
  }

  /** Lets go of pages that are in memory only to be at hand sooner. */
  rest(): void {
    this.#connection.pragma('shrink_memory');
  }

  close(): void {
    this.#close();
  }
}
