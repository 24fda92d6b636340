import type { Clock } from '../../shared/domain.ts';
import type { Settings } from '../../shared/contract/shapes.ts';
import type { Timers } from '../service/timers.ts';
import { webAddress } from './addresses.ts';

/** What is used of electron-updater. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  setFeedURL(feed: { provider: 'generic'; url: string }): void;
  checkForUpdates(): Promise<unknown>;
  downloadUpdate(): Promise<unknown>;
  on(event: 'update-available', listener: (info: { readonly version: string }) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** Where new versions are looked for: an address, or what the package was built with. Absent by default. */
export type Feed = { readonly url: string } | 'of-the-package' | undefined;

export interface UpdatesOptions {
  readonly feed: Feed;
  /** Loads electron-updater, which is needed only where there is a feed. */
  readonly load: () => Promise<Updater>;
  /** Asks the person whether a version may be fetched, and put in place when Strongroom is ended. */
  readonly ask: (version: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly timers: Timers;
}

const everyMs = 6 * 3_600_000;
/** The first look: once what a start has to do is done. */
const firstMs = 60_000;

/** The feed that the environment names. Only https: what comes from there is run. */
export function feedOf(address: string | undefined, packaged: boolean): Feed {
  const url = address === undefined ? undefined : webAddress(address, ['https:']);
  if (url !== undefined) return { url };
  return packaged ? 'of-the-package' : undefined;
}

/** Looks for new versions as the settings say. Without a feed, or switched off, it sends no request at all. */
export class Updates {
  readonly #options: UpdatesOptions;
  #mode: Settings['updates'] = 'off';
  #updater: Promise<Updater> | undefined;
  #callOff: () => void = () => undefined;
  /** The version that the person was asked about: asked once in a session. */
  #asked: string | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
  }

  /** From now on. */
  setMode(mode: Settings['updates']): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#callOff();
    if (mode !== 'off' && this.#options.feed !== undefined) this.#lookIn(firstMs);
  }

  #lookIn(ms: number): void {
    const { clock, timers } = this.#options;
    this.#callOff = timers.at(clock.now() + ms, () => {
      this.#lookIn(everyMs);
      // No network, or a server that is away: the next look is soon enough.
      this.#look().catch(() => undefined);
    });
  }

  async #look(): Promise<void> {
    this.#updater ??= this.#prepare();
    const updater = await this.#updater;
    updater.autoDownload = this.#mode === 'automatic';
    updater.autoInstallOnAppQuit = this.#mode !== 'off';
    await updater.checkForUpdates();
  }

  async #prepare(): Promise<Updater> {
    const { feed, load } = this.#options;
    const updater = await load();
    if (typeof feed === 'object') updater.setFeedURL({ provider: 'generic', url: feed.url });
    updater.on('error', () => undefined);
    updater.on('update-available', ({ version }) => {
      if (this.#mode !== 'ask' || this.#asked === version) return;
      this.#asked = version;
      this.#fetchIfAgreed(updater, version).catch(() => undefined);
    });
    return updater;
  }

  async #fetchIfAgreed(updater: Updater, version: string): Promise<void> {
    if (await this.#options.ask(version)) await updater.downloadUpdate();
  }
}
