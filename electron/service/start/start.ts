import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import type { LiveEvent, StoppedStart } from '../../../shared/contract/shapes.ts';
import { asStrongroomError, codeOf, StrongroomError, type ErrorCode } from '../../../shared/errors.ts';
import { listCheckpoints } from '../../engine/catalog/checkpoints.ts';
import { platformOf } from '../../engine/platform/platform.ts';
import type { ContentAnswer, Service } from '../door.ts';
import { listPlace } from '../browse/places.ts';
import { failedWith, problemOf } from '../failures.ts';
import { Live } from '../live.ts';
import { Lock } from '../lock.ts';
import { procedures } from '../procedures.ts';
import { openService, type ServiceOptions } from '../service.ts';
import { streamOf } from '../stream.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { describeKnown, goBack, rebuildFrom, type From } from './mend.ts';
import { passingRouter } from './passing.ts';
import { examine, knownStores, ownerOf, unseen } from './remains.ts';
import { leave, startedAlready } from './started.ts';

/** What the window can help with: a choice, or a little patience. Everything else is told where Strongroom was started. */
const forTheWindow: ReadonlySet<ErrorCode> = new Set(['catalog-damaged', 'catalog-missing', 'catalog-busy']);

/** How often it is tried whether another process has let go of the catalog, in milliseconds. */
const againMs = 5_000;

/**
 * The service of a home. Where its catalog is damaged, gone or in another process's hands, what comes answers all the
 * same: the live state says why it has not started and what can be chosen, `start.*` does it, and then the same
 * connections go on with everything.
 *
 * Errors: those of `openWhole` with which a window cannot help.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  try {
    return await openWhole(options);
  } catch (error) {
    return stoppedService(options, error);
  }
}

/** Errors: those of `openService`; `catalog-damaged` also for a catalog that was left half made. */
export function openWhole(options: ServiceOptions): Promise<Service> {
  return Promise.resolve().then(() => openService(options));
}

/** {@link startService}, where `openWhole` has failed already. Error: that failure, where a window cannot help. */
export function stoppedService(options: ServiceOptions, error: unknown): Service {
  if (!forTheWindow.has(codeOf(error))) throw error;
  return new StoppedService(options, asStrongroomError(error));
}

interface Listening {
  readonly listener: (event: LiveEvent) => void;
  stop: () => void;
}

class StoppedService implements Service {
  readonly router: Service['router'];
  readonly #options: ServiceOptions;
  readonly #timers: Timers;
  readonly #lock: Lock;
  readonly #since: number;
  readonly #ending = new AbortController();
  readonly #live = new Live(() => this.#state());
  readonly #listening = new Set<Listening>();
  #why: StrongroomError;
  #work: string | null = null;
  #busy = false;
  #working: Promise<unknown> = Promise.resolve();
  #checkpoints: StoppedStart['checkpoints'] = [];
  #stores: StoppedStart['stores'] = [];
  #online = true;
  #inner: Service | undefined;
  #callOff: () => void = () => undefined;

  constructor(options: ServiceOptions, why: StrongroomError) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers(options.clock);
    this.#lock = new Lock(options.home, options.environment);
    this.#since = options.clock.now();
    this.#why = why;
    const all = passingRouter(() => {
      if (this.#inner === undefined) throw failedWith(this.#why);
      return this.#inner.router;
    });
    this.router = {
      ...all,
      app: {
        ...all.app,
        live: procedures.app.live.handler(({ signal }) =>
          streamOf(
            (listener) => this.listen(listener),
            signal === undefined ? this.#ending.signal : AbortSignal.any([signal, this.#ending.signal]),
          ),
        ),
      },
      // Stores that what is left of a catalog does not name are looked for.
      places: {
        ...all.places,
        list: procedures.places.list.handler(({ input }) => listPlace(input.path, platformOf(process.platform))),
      },
      start: {
        retry: procedures.start.retry.handler(() =>
          this.#inner === undefined
            ? this.#do('Strongroom tries to open its catalog …', () => Promise.resolve({}))
            : {},
        ),
        goBack: procedures.start.goBack.handler(async ({ input: { checkpoint } }) => {
          const aside = await this.#do('The catalog is being set back …', () =>
            goBack({ ...options, lock: this.#lock }, checkpoint),
          );
          return { aside: aside ?? null };
        }),
        rebuild: procedures.start.rebuild.handler(({ input: { from, passphrase } }) => this.#rebuild(from, passphrase)),
        leave: procedures.start.leave.handler(() => leave(options.desktop)),
      },
    };
    this.#wait();
  }

  content(ticket: string, range: string | undefined, signal: AbortSignal): Promise<ContentAnswer> {
    return this.#inner?.content(ticket, range, signal) ?? Promise.resolve(nothingThere);
  }

  listen(listener: (event: LiveEvent) => void): () => void {
    const entry = { listener, stop: (this.#inner ?? this.#live).listen(listener) };
    this.#listening.add(entry);
    return () => {
      this.#listening.delete(entry);
      entry.stop();
    };
  }

  setOnline(online: boolean): void {
    this.#online = online;
    this.#inner?.setOnline(online);
  }

  suspend(): void {
    this.#inner?.suspend();
  }

  wake(): void {
    this.#inner?.wake();
  }

  async close(): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    this.#callOff();
    // What fails now was told to whoever asked for it.
    await this.#working.catch(() => undefined);
    this.#live.close();
    await this.#inner?.close();
  }

  #state(): Extract<LiveEvent, { type: 'state' }> {
    const problem = problemOf(this.#why);
    return {
      type: 'state',
      state: 'needs-you',
      sentence: this.#work ?? problem.message,
      pausedUntil: null,
      attention: [
        {
          id: `start-${problem.code}`,
          title: 'Strongroom could not start',
          detail: `${problem.message} Until it is settled, no copies are made. What was copied is safe where it is.`,
          since: this.#since,
          action: null,
        },
      ],
      stopped: {
        problem,
        work: this.#work,
        checkpoints: this.#checkpoints,
        stores: this.#stores,
        owner: problem.code === 'catalog-busy' ? ownerOf(this.#options.home) : null,
      },
    };
  }

  /** For a person, or for whoever has the catalog. */
  #wait(): void {
    if (this.#ending.signal.aborted) return;
    const { clock, home } = this.#options;
    if (this.#why.code === 'catalog-busy') {
      this.#callOff = this.#timers.at(clock.now() + againMs, () => {
        this.#do(null, () => Promise.resolve()).catch(() => undefined);
      });
    } else {
      this.#stores = knownStores(home).map(describeKnown);
      this.#checkpoints = listCheckpoints(home).map(unseen);
      void this.#examine();
    }
    this.#live.stateChanged();
  }

  /** Looks into the checkpoints, newest first, one after the other: other questions are answered in between. */
  async #examine(): Promise<void> {
    for (const checkpoint of listCheckpoints(this.#options.home)) {
      await turn();
      if (this.#ending.signal.aborted || this.#busy || this.#inner !== undefined) return;
      const facts = examine(checkpoint);
      this.#checkpoints = this.#checkpoints.map((known) => (known.at === facts.at ? facts : known));
      this.#live.stateChanged();
    }
  }

  async #rebuild(
    from: From,
    passphrase: string | undefined,
  ): Promise<{ aside: string | null; sources: { name: string; files: number; versions: number }[] }> {
    if (passphrase !== undefined) this.#lock.give(passphrase);
    const { aside, sources } = await this.#do('A new catalog is being made from the store …', () =>
      rebuildFrom({ ...this.#options, lock: this.#lock }, from, this.#ending.signal, (source, entries) => {
        this.#work = `A new catalog is being made from the store: ${entries.toLocaleString('en')} entries of “${source}” were read so far.`;
        this.#live.stateChanged();
      }),
    );
    return {
      aside: aside ?? null,
      sources: sources.map(({ source, files, versions }) => ({ name: source, files, versions })),
    };
  }

  /**
   * Does one thing at a time, then opens the service. Errors: `usage` while something else is being done; those of
   * `mend`; where the service cannot be opened, why.
   *
   * @param words what is being done, or `null` for what nobody asked for.
   */
  async #do<Result>(words: string | null, mend: () => Promise<Result>): Promise<Result> {
    if (this.#busy) {
      throw new StrongroomError('usage', 'Something is being done about it already.', {
        advice: 'Wait until it is done.',
      });
    }
    if (this.#inner !== undefined) throw startedAlready();
    this.#callOff();
    this.#busy = true;
    this.#work = words;
    this.#live.stateChanged();
    const working = mend()
      .then(async (result) => {
        await this.#open();
        return result;
      })
      .finally(() => {
        this.#busy = false;
        this.#work = null;
      });
    this.#working = working;
    try {
      return await working;
    } catch (error) {
      this.#wait();
      throw error;
    }
  }

  async #open(): Promise<void> {
    this.#ending.signal.throwIfAborted();
    const inner = await openWhole({ ...this.#options, timers: this.#timers, lock: this.#lock }).catch(
      (error: unknown) => {
        this.#why = asStrongroomError(error);
        throw error;
      },
    );
    if (!this.#online) inner.setOnline(false);
    this.#inner = inner;
    this.#live.close();
    for (const entry of this.#listening) {
      entry.stop = inner.listen(entry.listener);
      // Nothing that was asked before had an answer.
      entry.listener({ type: 'changed', what: ['sources', 'stores', 'runs', 'files', 'settings'] });
    }
  }
}

const nothingThere: ContentAnswer = {
  status: 404,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
  },
  body: undefined,
};
