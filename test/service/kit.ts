import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { createORPCClient, isDefinedError } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import { RPCHandler } from '@orpc/server/message-port';
import type { Desktop, Service } from '../../electron/service/door.ts';
import { openService } from '../../electron/service/service.ts';
import type { Timers } from '../../electron/service/timers.ts';
import { contract } from '../../shared/contract/contract.ts';
import type { Attention, LiveEvent, Problem, SourceShape } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import { atEnd, SetClock, tempFolder, writeAt } from '../engine/kit.ts';

export const minute = 60_000;
export const hour = 60 * minute;
const patienceMs = 60_000;

/** A clock that is set, and timers that go by it. */
export class Time implements Clock, Timers {
  readonly #clock = new SetClock();
  readonly #waiting = new Set<{ readonly at: Instant; readonly work: () => void }>();
  #scheduled = (): void => undefined;

  now(): Instant {
    return this.#clock.now();
  }

  at(instant: Instant, work: () => void): () => void {
    const entry = { at: instant, work };
    this.#waiting.add(entry);
    this.#scheduled();
    return () => {
      this.#waiting.delete(entry);
    };
  }

  /** Lets time pass, and does on the way what was to be done. */
  advance(ms: number): void {
    const end = this.now() + ms;
    for (;;) {
      const [next] = [...this.#waiting].filter(({ at }) => at <= end).sort((left, right) => left.at - right.at);
      if (next === undefined) break;
      this.#waiting.delete(next);
      this.#clock.advance(Math.max(0, next.at - this.now()));
      next.work();
    }
    this.#clock.advance(end - this.now());
  }

  /** Waits until something is to be done within so many milliseconds, and not before so many. */
  async due(withinMs: number, notBeforeMs = 0): Promise<void> {
    const isDue = (): boolean =>
      [...this.#waiting].some(({ at }) => at <= this.now() + withinMs && at >= this.now() + notBeforeMs);
    while (!isDue()) {
      await inTime<undefined>('something to be scheduled', (resolve) => {
        this.#scheduled = () => {
          resolve(undefined);
        };
      });
    }
  }
}

/** A promise that gives up with a sentence, so that a test that waits in vain says for what. */
export async function inTime<T>(what: string, begin: (resolve: (value: T) => void) => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`waited in vain for ${what}`));
      }, patienceMs);
      begin(resolve);
    });
  } finally {
    clearTimeout(timer);
  }
}

export type Client = ContractRouterClient<typeof contract>;

/** One workstation: a service over a home of its own, and a window's client to it over a message port. */
export class House {
  readonly folder: string;
  readonly time: Time;
  readonly desktop: Desktop & { readonly opened: string[]; atLogin: boolean };
  service: Service;
  client: Client;
  /** Everything that was told live since the service was opened. */
  events: LiveEvent[] = [];
  #onEvent = (): void => undefined;
  #ports: MessageChannel | undefined;

  private constructor(
    t: TestContext,
    service: (house: Pick<House, 'folder' | 'time' | 'desktop'>) => Promise<Service>,
  ) {
    this.folder = tempFolder(t);
    this.time = new Time();
    this.#make = service;
    this.desktop = {
      door: 'desktop',
      opened: [],
      atLogin: false,
      openUrl(url) {
        this.opened.push(url);
        return Promise.resolve();
      },
      openPath: () => Promise.resolve(),
      setStartAtLogin(on) {
        this.atLogin = on;
        return Promise.resolve();
      },
    };
    // Set by `open`, which every caller awaits.
    this.service = undefined as unknown as Service;
    this.client = undefined as unknown as Client;
  }

  readonly #make: (house: Pick<House, 'folder' | 'time' | 'desktop'>) => Promise<Service>;

  static async create(t: TestContext, changes: Partial<Parameters<typeof openService>[0]> = {}): Promise<House> {
    const house = new House(t, ({ folder, time, desktop }) =>
      openService({
        home: path.join(folder, 'home'),
        clock: time,
        timers: time,
        environment: { STRONGROOM_SECRETS: 'vault', STRONGROOM_VAULT_PASSPHRASE: 'correct horse battery' },
        desktop,
        // The folders of a test lie on one disk; here each is on its own, as it should be.
        diskOf: (folder) => Promise.resolve(folder),
        ...changes,
      }),
    );
    await house.open();
    atEnd(t, () => house.close());
    return house;
  }

  get home(): string {
    return path.join(this.folder, 'home');
  }

  get root(): string {
    return path.join(this.folder, 'Scans');
  }

  /** Starts it, as the app does. */
  async open(): Promise<void> {
    this.service = await this.#make(this);
    this.events = [];
    this.service.listen((event) => {
      this.events.push(event);
      this.#onEvent();
    });
    this.#ports = new MessageChannel();
    new RPCHandler(this.service.router).upgrade(this.#ports.port1);
    this.#ports.port1.start();
    this.#ports.port2.start();
    const link = new RPCLink({ port: this.#ports.port2, plugins: [new ResponseValidationPlugin(contract)] });
    this.client = createORPCClient(link);
  }

  async close(): Promise<void> {
    await this.service.close();
    this.#ports?.port1.close();
    this.#ports?.port2.close();
  }

  /** Ends the app and starts it again. */
  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  write(relative: string, content: string | Uint8Array): void {
    writeAt(this.root, relative, content);
  }

  storeFolder(name: string): string {
    return path.join(this.folder, 'stores', name);
  }

  async addStore(name: string): Promise<void> {
    fs.mkdirSync(path.join(this.folder, 'stores'), { recursive: true });
    await this.client.stores.add({ kind: 'folder', name, path: this.storeFolder(name) });
  }

  /** Makes a folder of a few files, adds it with two stores, and waits until it is copied. */
  async protect(files: Readonly<Record<string, string>> = { 'first.txt': 'first' }, watch = false): Promise<void> {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    for (const name of ['disk', 'shelf']) await this.addStore(name);
    await this.add({ watch });
    await this.quiet();
  }

  /** Adds the source `Scans` with the stores that there are. */
  async add({ watch = false, everyMinutes = 30 } = {}): Promise<SourceShape> {
    const stores = (await this.client.stores.list()).map(({ name }) => name);
    return this.client.sources.add({
      root: this.root,
      rules: { include: [], exclude: [], defaults: true },
      cadence: { everyMinutes, watch },
      stores,
    });
  }

  async source(): Promise<SourceShape> {
    const [source] = await this.client.sources.list();
    assert.ok(source !== undefined, 'there is a source');
    return source;
  }

  /** Waits until something holds; it is looked at whenever something is told live. */
  async until<T>(what: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
    for (;;) {
      const { length } = this.events;
      const found = await look();
      if (found !== undefined && found !== false) return found;
      if (this.events.length === length) {
        await inTime<undefined>(what, (resolve) => {
          this.#onEvent = () => {
            resolve(undefined);
          };
        });
      }
    }
  }

  /** Waits until nothing runs or waits for its turn. */
  async quiet(): Promise<void> {
    await this.until('all runs to end', async () =>
      (await this.client.sources.list()).every(({ running }) => !running),
    );
  }

  /** Lets a person ask for a run, and waits for its end. */
  async sync(acceptChanges = false): Promise<void> {
    await this.client.sources.sync({ name: 'Scans', acceptChanges });
    await this.quiet();
  }

  /** Waits until a person is needed for something. */
  attention(id: RegExp): Promise<Attention> {
    return this.until(`the attention ${id.source}`, () => this.state.attention.find((thing) => id.test(thing.id)));
  }

  /** The last state that was told. */
  get state(): Extract<LiveEvent, { type: 'state' }> {
    const state = this.events.findLast((event) => event.type === 'state');
    assert.ok(state !== undefined, 'a state was told');
    return state;
  }
}

/** Asserts that a call fails as the contract says. @returns the problem. */
export async function problemOf(call: Promise<unknown>, code: ErrorCode): Promise<Problem> {
  const error: unknown = await call.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error && isDefinedError(error), `not a defined error: ${String(error)}`);
  const { code: kind, data } = error as unknown as { readonly code: string; readonly data: Problem };
  assert.equal(kind, 'FAILED');
  assert.equal(data.code, code, data.message);
  return data;
}

/** The contents of a store's latest tree, by path. */
export function shownIn(folder: string): Record<string, string> {
  const files = path.join(folder, 'files', 'Scans');
  if (!fs.existsSync(files)) return {};
  const names = fs.readdirSync(files, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    names
      .filter((name) => fs.statSync(path.join(files, name)).isFile())
      .map((name) => [name, fs.readFileSync(path.join(files, name), 'utf8')]),
  );
}
