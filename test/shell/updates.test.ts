import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { feedOf, Updates, type Feed, type Updater } from '../../electron/desktop/updates.ts';
import { Time } from './stand-in.ts';

const hourMs = 3_600_000;

class StandInUpdater implements Updater {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  updateConfigPath: string | null = null;
  checks = 0;
  downloads = 0;
  feed: unknown;
  failing = false;
  version = '2.0.0';
  /** The version that runs. */
  own = '1.0.0';
  #available: ((info: { readonly version: string }) => void) | undefined;

  setFeedURL(feed: { provider: 'generic'; url: string }): void {
    this.feed = feed;
  }
  checkForUpdates(): Promise<unknown> {
    this.checks += 1;
    if (this.failing) return Promise.reject(new Error('the server is away'));
    const isUpdateAvailable = this.version !== this.own;
    if (isUpdateAvailable) this.#available?.({ version: this.version });
    return Promise.resolve({ isUpdateAvailable, updateInfo: { version: this.version } });
  }
  downloadUpdate(): Promise<unknown> {
    this.downloads += 1;
    return Promise.resolve();
  }
  on(event: string, listener: (info: { readonly version: string }) => void): void {
    if (event === 'update-available') this.#available = listener;
  }
}

describe('updates', () => {
  let time: Time;
  let updater: StandInUpdater;
  let loads: number;
  let asked: string[];
  let answer: boolean;
  beforeEach(() => {
    time = new Time();
    updater = new StandInUpdater();
    loads = 0;
    asked = [];
    answer = true;
  });

  const updates = (feed: Feed, packaged = true): Updates =>
    new Updates({
      feed,
      packaged,
      clock: time,
      timers: time,
      load: () => {
        loads += 1;
        return Promise.resolve(updater);
      },
      ask: (version) => {
        asked.push(version);
        return Promise.resolve(answer);
      },
    });
  const pass = async (ms: number): Promise<void> => {
    time.pass(ms);
    await turn();
    await turn();
  };
  const feed = { url: 'https://updates.example.org/strongroom/' };

  it('send nothing and load nothing without a feed', async () => {
    for (const mode of ['automatic', 'ask', 'off'] as const)
      updates(undefined).follow({ updates: mode, updatesUrl: null });
    await pass(48 * hourMs);
    assert.equal(loads, 0);
  });

  it('send nothing and load nothing while they are off, and stop when they are switched off', async () => {
    const switched = updates(feed);
    switched.follow({ updates: 'off', updatesUrl: null });
    await pass(48 * hourMs);
    assert.equal(loads, 0);
    switched.follow({ updates: 'automatic', updatesUrl: null });
    await pass(hourMs);
    assert.equal(updater.checks, 1);
    switched.follow({ updates: 'off', updatesUrl: null });
    await pass(48 * hourMs);
    assert.equal(updater.checks, 1);
  });

  it('are fetched by themselves where that is wanted, a few times a day, and put in place at the end', async () => {
    updates(feed).follow({ updates: 'automatic', updatesUrl: null });
    await pass(hourMs);
    assert.deepEqual([updater.checks, updater.autoDownload, updater.autoInstallOnAppQuit], [1, true, true]);
    assert.deepEqual(updater.feed, { provider: 'generic', url: feed.url });
    for (let hour = 0; hour < 24; hour += 1) await pass(hourMs);
    assert.equal(updater.checks, 5);
    assert.deepEqual(asked, []);
  });

  it('are fetched only when the person agrees, who is asked once a version', async () => {
    updates(feed).follow({ updates: 'ask', updatesUrl: null });
    answer = false;
    await pass(hourMs);
    await pass(6 * hourMs);
    assert.deepEqual([asked, updater.downloads, updater.autoDownload], [['2.0.0'], 0, false]);

    updater = new StandInUpdater();
    answer = true;
    updates({ file: '/opt/app-update.yml' }).follow({ updates: 'ask', updatesUrl: null });
    await pass(hourMs);
    assert.equal(updater.downloads, 1);
    assert.equal(updater.feed, undefined);
  });

  it('are looked for again after a server was away', async () => {
    updater.failing = true;
    updates(feed).follow({ updates: 'automatic', updatesUrl: null });
    await pass(hourMs);
    updater.failing = false;
    await pass(6 * hourMs);
    assert.equal(updater.checks, 2);
  });

  it('are looked for at the institution’s own address once the settings name one, and not there any more after', async () => {
    const switched = updates({ file: '/opt/app-update.yml' });
    switched.follow({ updates: 'automatic', updatesUrl: null });
    await pass(hourMs);
    assert.deepEqual([updater.feed, updater.updateConfigPath], [undefined, null]);
    switched.follow({ updates: 'automatic', updatesUrl: 'https://library.example.org/strongroom' });
    await pass(hourMs);
    assert.deepEqual(updater.feed, { provider: 'generic', url: 'https://library.example.org/strongroom' });
    assert.equal(updater.checks, 2, 'a new address is looked at soon');
    switched.follow({ updates: 'automatic', updatesUrl: null });
    await pass(hourMs);
    assert.equal(updater.updateConfigPath, '/opt/app-update.yml');
  });

  it('are looked for at once when a person asks, whatever is set, and the answer says what was found', async () => {
    const asking = updates(feed);
    assert.deepEqual(await asking.lookNow(null), { found: 'newer', version: '2.0.0', fetching: false });
    assert.deepEqual([updater.autoDownload, updater.downloads, asked], [false, 0, []]);
    asking.follow({ updates: 'automatic', updatesUrl: null });
    assert.deepEqual(await asking.lookNow(null), { found: 'newer', version: '2.0.0', fetching: true });
    assert.equal(updater.autoDownload, true);
    updater.own = '2.0.0';
    assert.deepEqual(await asking.lookNow('https://library.example.org/'), { found: 'nothing-newer' });
    assert.deepEqual(updater.feed, { provider: 'generic', url: 'https://library.example.org/' });
    updater.failing = true;
    assert.deepEqual(await asking.lookNow(null), { found: 'no-answer' });
  });

  it('are asked about again where the person looked, though the person said no before', async () => {
    answer = false;
    const asking = updates(feed);
    asking.follow({ updates: 'ask', updatesUrl: null });
    await pass(hourMs);
    assert.deepEqual(await asking.lookNow(null), { found: 'newer', version: '2.0.0', fetching: false });
    assert.deepEqual(asked, ['2.0.0', '2.0.0']);
  });

  it('are not looked for where nobody said where, or where nothing could be put in place', async () => {
    assert.deepEqual(await updates(undefined).lookNow(null), { found: 'no-address' });
    assert.deepEqual(await updates(undefined).lookNow('http://library.example.org/'), { found: 'no-address' });
    assert.deepEqual(await updates(feed, false).lookNow(null), { found: 'not-here', runs: 'from-sources' });
    assert.equal(loads, 0);
  });

  it('come from an https address or from what the package names, otherwise from nowhere', () => {
    assert.equal(feedOf(undefined, undefined), undefined);
    assert.equal(feedOf('http://updates.example.org/', undefined), undefined);
    assert.equal(feedOf('file:///updates', undefined), undefined);
    assert.deepEqual(feedOf('https://updates.example.org', '/opt/app-update.yml'), {
      url: 'https://updates.example.org/',
    });
    assert.deepEqual(feedOf(undefined, '/opt/app-update.yml'), { file: '/opt/app-update.yml' });
  });
});
