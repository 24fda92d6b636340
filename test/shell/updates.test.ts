import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { feedOf, Updates, type Feed, type Updater } from '../../electron/desktop/updates.ts';
import { Time } from './stand-in.ts';

const hourMs = 3_600_000;

class StandInUpdater implements Updater {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  checks = 0;
  downloads = 0;
  feed: unknown;
  failing = false;
  #available: ((info: { readonly version: string }) => void) | undefined;

  setFeedURL(feed: { provider: 'generic'; url: string }): void {
    this.feed = feed;
  }
  checkForUpdates(): Promise<unknown> {
    this.checks += 1;
    if (this.failing) return Promise.reject(new Error('the server is away'));
    this.#available?.({ version: '2.0.0' });
    return Promise.resolve();
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

  const updates = (feed: Feed): Updates =>
    new Updates({
      feed,
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
    for (const mode of ['automatic', 'ask', 'off'] as const) updates(undefined).setMode(mode);
    await pass(48 * hourMs);
    assert.equal(loads, 0);
  });

  it('send nothing and load nothing while they are off, and stop when they are switched off', async () => {
    const switched = updates(feed);
    switched.setMode('off');
    await pass(48 * hourMs);
    assert.equal(loads, 0);
    switched.setMode('automatic');
    await pass(hourMs);
    assert.equal(updater.checks, 1);
    switched.setMode('off');
    await pass(48 * hourMs);
    assert.equal(updater.checks, 1);
  });

  it('are fetched by themselves where that is wanted, a few times a day, and put in place at the end', async () => {
    updates(feed).setMode('automatic');
    await pass(hourMs);
    assert.deepEqual([updater.checks, updater.autoDownload, updater.autoInstallOnAppQuit], [1, true, true]);
    assert.deepEqual(updater.feed, { provider: 'generic', url: feed.url });
    for (let hour = 0; hour < 24; hour += 1) await pass(hourMs);
    assert.equal(updater.checks, 5);
    assert.deepEqual(asked, []);
  });

  it('are fetched only when the person agrees, who is asked once a version', async () => {
    updates(feed).setMode('ask');
    answer = false;
    await pass(hourMs);
    await pass(6 * hourMs);
    assert.deepEqual([asked, updater.downloads, updater.autoDownload], [['2.0.0'], 0, false]);

    updater = new StandInUpdater();
    answer = true;
    updates('of-the-package').setMode('ask');
    await pass(hourMs);
    assert.equal(updater.downloads, 1);
    assert.equal(updater.feed, undefined);
  });

  it('are looked for again after a server was away', async () => {
    updater.failing = true;
    updates(feed).setMode('automatic');
    await pass(hourMs);
    updater.failing = false;
    await pass(6 * hourMs);
    assert.equal(updater.checks, 2);
  });

  it('come from an https address or from what the package names, otherwise from nowhere', () => {
    assert.equal(feedOf(undefined, false), undefined);
    assert.equal(feedOf('http://updates.example.org/', false), undefined);
    assert.equal(feedOf('file:///updates', false), undefined);
    assert.deepEqual(feedOf('https://updates.example.org', true), { url: 'https://updates.example.org/' });
    assert.equal(feedOf(undefined, true), 'of-the-package');
  });
});
