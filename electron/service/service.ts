import os from 'node:os';
import type { LiveEvent } from '../../shared/contract/shapes.ts';
import type { Clock } from '../../shared/domain.ts';
import { Engine } from '../engine/engine.ts';
import { Alerts } from './alerts.ts';
import { appProcedures } from './app.ts';
import { AttentionBook } from './attention.ts';
import { makeBrowsing } from './browse/router.ts';
import type { ServiceContext } from './context.ts';
import { diskOfFolder, Disks, type DiskOf } from './disks.ts';
import type { Desktop, Service } from './door.ts';
import { Elsewhere } from './elsewhere.ts';
import { Figures } from './figures.ts';
import { Keeper } from './keeper.ts';
import { Live, type What } from './live.ts';
import { Lock } from './lock.ts';
import { Paces } from './paces.ts';
import { procedures } from './procedures.ts';
import { RequestCount } from './requests.ts';
import { giveBackFree, giveBackHeap, Rest } from './rest.ts';
import { runsProcedures } from './runs.ts';
import { settingsProcedures } from './settings-procedures.ts';
import { startedProcedures } from './start/started.ts';
import { AppSettings } from './settings.ts';
import { sourcesProcedures } from './sources.ts';
import { Standings } from './standing.ts';
import { storesProcedures } from './stores.ts';
import { Tickets } from './tickets.ts';
import { systemTimers, type Timers } from './timers.ts';

export interface ServiceOptions {
  /** The folder that holds this workstation's data. */
  readonly home: string;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly desktop: Desktop;
  /** Those of the system when left out. */
  readonly timers?: Timers;
  /** One that a person opened before the service could be; a new one when left out. */
  readonly lock?: Lock;
  /** How it is known which disk a folder lies on; asked of the system when left out. */
  readonly diskOf?: DiskOf;
}

/**
 * Opens the engine of a home and all that runs on its own around it; sources are looked through from now on.
 *
 * Errors: those of `openCatalog` in mode `write` (`catalog-busy` while another Strongroom is at work there,
 * `catalog-damaged`, `catalog-missing`, `catalog-too-new`, `disk-*`).
 */
export function openService(options: ServiceOptions): Promise<Service> {
  return Promise.resolve().then(() => new RunningService(options));
}

class RunningService implements Service {
  readonly router: Service['router'];
  readonly #engine: Engine;
  readonly #ending = new AbortController();
  readonly #keeper: Keeper;
  readonly #live: Live;
  readonly #alerts: Alerts;
  readonly #standings: Standings;
  readonly #paces: Paces;
  readonly #tickets: Tickets;
  readonly #requests: RequestCount;
  readonly #disks: Disks;
  readonly #rest: Rest;
  readonly #browsing: ReturnType<typeof makeBrowsing>;

  constructor(options: ServiceOptions) {
    const { home, clock, environment, desktop } = options;
    const timers = options.timers ?? systemTimers(clock);
    const lock = options.lock ?? new Lock(home, environment);
    this.#requests = new RequestCount(clock);
    const engine = Engine.open({ home, clock, mode: 'write', environment, ask: lock.ask, log: this.#requests.add });
    this.#engine = engine;
    this.#requests.keepIn(engine);
    const figures = new Figures(engine.catalog.settings, clock);
    this.#keeper = new Keeper({
      engine,
      clock,
      timers,
      figures,
      events: {
        changed: (filesOf) => {
          this.#rest.stir();
          if (filesOf === undefined) this.#live.changed('sources', 'runs');
          else this.#live.filesChanged(filesOf, 'sources', 'runs', 'stores');
          this.#tellState();
        },
        progress: (runs) => {
          this.#live.progress({ type: 'progress', runs });
        },
        ended: () => {
          this.#runEnded();
        },
      },
    });
    this.#rest = new Rest({
      clock,
      timers,
      isBusy: () => this.#keeper.busy,
      letGo: () => {
        engine.catalog.rest();
        giveBackHeap();
        giveBackFree();
      },
    });
    this.#disks = new Disks({
      catalog: engine.catalog,
      diskOf: options.diskOf ?? diskOfFolder,
      learnt: () => {
        this.#changed(['sources']);
      },
    });
    const elsewhere = new Elsewhere({ catalog: engine.catalog, disks: this.#disks, home });
    const book = new AttentionBook({ catalog: engine.catalog, keeper: this.#keeper, figures, clock });
    this.#standings = new Standings({
      catalog: engine.catalog,
      keeper: this.#keeper,
      elsewhere,
      book,
      figures,
      clock,
    });
    this.#live = new Live(() => this.#standings.state());
    this.#tickets = new Tickets(clock);
    this.#paces = new Paces(engine, clock, timers);
    const settings = new AppSettings(engine, desktop);
    this.#alerts = new Alerts({ catalog: engine.catalog, settings, figures, computer: os.hostname(), clock, timers });
    const context: ServiceContext = {
      engine,
      keeper: this.#keeper,
      standings: this.#standings,
      elsewhere,
      paces: this.#paces,
      settings,
      figures,
      alerts: this.#alerts,
      lock,
      tickets: this.#tickets,
      desktop,
      clock,
      timers,
      home,
      environment,
      signal: this.#ending.signal,
      listen: (listener) => this.listen(listener),
      changed: (...what) => {
        this.#changed(what);
      },
      tellState: () => {
        this.#tellState();
      },
    };
    this.#browsing = makeBrowsing(context);
    const { browse, restore, places, sources } = this.#browsing.procedures;
    this.router = procedures.router({
      app: appProcedures(context),
      sources: { ...sourcesProcedures(context), ...sources },
      runs: runsProcedures(context),
      stores: storesProcedures(context),
      settings: settingsProcedures(context),
      start: startedProcedures(desktop),
      browse,
      restore,
      places,
    });
    this.#paces.apply();
    this.#disks.look();
    this.#keeper.start();
  }

  readonly content: Service['content'] = (ticket, range, signal) => this.#tickets.answer(ticket, range, signal);

  listen(listener: (event: LiveEvent) => void): () => void {
    const stop = this.#live.listen(listener);
    const runs = this.#keeper.progress();
    if (runs.length > 0) listener({ type: 'progress', runs });
    return () => {
      // A window that closes leaves behind what it asked for.
      this.#rest.stir();
      stop();
    };
  }

  setOnline(online: boolean): void {
    this.#keeper.setOnline(online);
  }

  suspend(): void {
    this.#keeper.suspend();
  }

  wake(): void {
    this.#paces.apply();
    this.#keeper.wake();
    this.#tellState();
  }

  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#live.close();
    this.#rest.close();
    this.#paces.close();
    await this.#keeper.close();
    await this.#alerts.close();
    await this.#browsing.close();
    this.#requests.flush();
    await this.#engine.close();
  }

  #changed(what: readonly What[]): void {
    if (this.#ending.signal.aborted) return;
    if (what.includes('sources') || what.includes('stores')) this.#disks.look();
    this.#live.changed(...what);
    this.#tellState();
  }

  #tellState(): void {
    if (this.#ending.signal.aborted) return;
    this.#alerts.look(this.#live.stateChanged());
  }

  #runEnded(): void {
    this.#requests.flush();
    this.#disks.look();
    const { state, allDone } = this.#standings.look();
    if (state === 'safe' && allDone) this.#alerts.roundWasGood();
  }
}
