import { z } from 'zod';
import type { Clock } from '../../shared/domain.ts';
import type { Settings, UpdateAnswer } from '../../shared/contract/shapes.ts';
import type { Timers } from '../service/timers.ts';
import { webAddress } from './addresses.ts';

/** What is used of electron-updater. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  /** Set, it makes the updater read its feed from this file again. */
  updateConfigPath: string | null;
  setFeedURL(feed: { provider: 'generic'; url: string }): void;
  checkForUpdates(): Promise<unknown>;
  downloadUpdate(): Promise<unknown>;
  on(event: 'update-available', listener: (info: { readonly version: string }) => void): unknown;
  on(event: 'error', listener: () => void): unknown;
}

/** What is used of its answer; `null` where it did not look. */
const checked = z
  .object({
    isUpdateAvailable: z.boolean(),
    updateInfo: z.object({ version: z.string() }),
    downloadPromise: z.instanceof(Promise).nullish(),
  })
  .nullish();

/** Where new versions are looked for: an address, or a file that the package was built with. Absent by default. */
export type Feed = { readonly url: string } | { readonly file: string } | undefined;

export interface UpdatesOptions {
  /** Where nothing else is set. */
  readonly feed: Feed;
  /** Whether this Strongroom was installed, so that a new version can be put in its place. */
  readonly packaged: boolean;
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

/** The feed that the environment names, or else the package's file. Only https: what comes from there is run. */
export function feedOf(address: string | undefined, file: string | undefined): Feed {
  const url = address === undefined ? undefined : webAddress(address, ['https:']);
  if (url !== undefined) return { url };
  return file === undefined ? undefined : { file };
}

/** Looks for new versions as the settings say. Without a feed, or switched off, it sends no request by itself. */
export class Updates {
  readonly #options: UpdatesOptions;
  #mode: Settings['updates'] = 'off';
  #feed: Feed;
  #updater: Promise<Updater> | undefined;
  /** The feed that the updater goes by. */
  #fed: string | undefined;
  #callOff: () => void = () => undefined;
  /** The version that the person was asked about: asked once in a session, unless the person looked. */
  #asked: string | undefined;

  constructor(options: UpdatesOptions) {
    this.#options = options;
    this.#feed = options.feed;
  }

  /** From now on. */
  follow({ updates: mode, updatesUrl }: Pick<Settings, 'updates' | 'updatesUrl'>): void {
    const before = nameOf(this.#feed);
    this.#feed = this.#feedWith(updatesUrl);
    if (mode === this.#mode && nameOf(this.#feed) === before) return;
    this.#mode = mode;
    this.#callOff();
    if (mode !== 'off' && this.#feed !== undefined) this.#lookIn(firstMs);
  }

  /** Looks at once, because a person wants to know. @param url of the settings' feed, as it is by now. */
  async lookNow(url: string | null): Promise<UpdateAnswer> {
    if (!this.#options.packaged) return { found: 'not-here', runs: 'from-sources' };
    this.#feed = this.#feedWith(url);
    if (this.#feed === undefined) return { found: 'no-address' };
    this.#asked = undefined;
    try {
      const version = await this.#look();
      return version === undefined
        ? { found: 'nothing-newer' }
        : { found: 'newer', version, fetching: this.#mode === 'automatic' };
    } catch {
      return { found: 'no-answer' };
    }
  }

  #feedWith(url: string | null): Feed {
    const own = url === null ? undefined : webAddress(url, ['https:']);
    return own === undefined ? this.#options.feed : { url: own };
  }

  #lookIn(ms: number): void {
    const { clock, timers } = this.#options;
    this.#callOff = timers.at(clock.now() + ms, () => {
      this.#lookIn(everyMs);
      // No network, or a server that is away: the next look is soon enough.
      this.#look().catch(() => undefined);
    });
  }

  /** @returns the newer version that there is. Errors: whatever the updater throws, and where it did not look. */
  async #look(): Promise<string | undefined> {
    this.#updater ??= this.#prepare();
    const updater = await this.#updater;
    this.#feedIt(updater);
    updater.autoDownload = this.#mode === 'automatic';
    updater.autoInstallOnAppQuit = this.#mode !== 'off';
    const result = checked.parse(await updater.checkForUpdates());
    // A download that breaks off is begun again at the next look.
    result?.downloadPromise?.catch(() => undefined);
    if (!result) throw new Error('the updater did not look');
    return result.isUpdateAvailable ? result.updateInfo.version : undefined;
  }

  #feedIt(updater: Updater): void {
    const feed = this.#feed;
    if (feed === undefined || nameOf(feed) === this.#fed) return;
    if ('url' in feed) updater.setFeedURL({ provider: 'generic', url: feed.url });
    else if (this.#fed !== undefined) updater.updateConfigPath = feed.file;
    this.#fed = nameOf(feed);
  }

  async #prepare(): Promise<Updater> {
    const updater = await this.#options.load();
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

function nameOf(feed: Feed): string | undefined {
  if (feed === undefined) return undefined;
  return 'url' in feed ? feed.url : feed.file;
}
