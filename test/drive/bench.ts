import fs from 'node:fs';
import type { TestContext } from 'node:test';
import type { StoreRecord } from '../../electron/engine/catalog/stores.ts';
import { retrying } from '../../electron/engine/stores/decorators/retrying.ts';
import type { DriveSpec } from '../../shared/spec.ts';
import type { DriveStoreOptions } from '../../electron/engine/stores/drive/connection.ts';
import { openDriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import type { Store } from '../../electron/engine/stores/store.ts';
import { atEnd, Bench, openEngine, tempFolder, type BenchOptions, type SetClock } from '../engine/kit.ts';
import { testSealer, type DriveLab } from './lab.ts';

const atOnce = (): Promise<void> => Promise.resolve();

/** Stores in an emulated Drive, opened as an engine opens them but without a sign-in; no pause takes time. */
export class DriveStores {
  readonly spec: DriveSpec;
  readonly #lab: DriveLab;
  readonly #options: Partial<DriveStoreOptions>;
  readonly #open = new Map<Engine, Promise<Store>>();

  /** @param path of the store's folder, where it is not to be that of the lab. */
  constructor(lab: DriveLab, options: Partial<DriveStoreOptions> = {}, path: string = lab.spec.path) {
    this.spec = { ...lab.spec, path };
    this.#lab = lab;
    this.#options = options;
  }

  /** Gives an engine the lab's store, under the name `drive`. */
  add(engine: Engine): StoreRecord {
    const { catalog } = engine;
    const record = catalog.stores.find('drive') ?? catalog.stores.add('drive', this.spec, false);
    const others = engine.store;
    const store = (asked: StoreRecord): Promise<Store> => {
      if (asked.name !== 'drive') return others(asked);
      let opening = this.#open.get(engine);
      if (opening === undefined) this.#open.set(engine, (opening = this.#opened()));
      return opening;
    };
    Object.assign(engine, { store });
    return record;
  }

  /** Closes what an engine has open. */
  async close(engine: Engine): Promise<void> {
    await (await this.#open.get(engine))?.close();
    this.#open.delete(engine);
  }

  async #opened(): Promise<Store> {
    const { access, emulator } = this.#lab;
    const store = await openDriveStore(this.spec, {
      ...{ access, sealer: testSealer, clock: { now: () => emulator.clock.now() }, sleep: atOnce },
      ...this.#options,
    });
    return retrying(store, { sleep: atOnce, random: Math.random, attempts: 3 });
  }
}

/** One workstation whose source is copied to an emulated Drive. */
export class DriveBench {
  readonly bench: Bench;
  readonly stores: DriveStores;
  /** What rebuilds told people while they worked. */
  readonly notices: string[] = [];

  private constructor(bench: Bench, stores: DriveStores) {
    this.bench = bench;
    this.stores = stores;
  }

  static async create(
    t: TestContext,
    lab: DriveLab,
    options: BenchOptions & { readonly drive?: Partial<DriveStoreOptions>; readonly path?: string } = {},
  ): Promise<DriveBench> {
    const bench = await Bench.create(t, { ...options, stores: [] });
    const stores = new DriveStores(lab, options.drive, options.path);
    bench.engine.catalog.sources.attach(bench.source, stores.add(bench.engine));
    atEnd(t, () => stores.close(bench.engine));
    return new DriveBench(bench, stores);
  }

  /** Opens everything anew, as after a start of the program. */
  async reopen(): Promise<void> {
    await this.stores.close(this.bench.engine);
    await this.bench.reopen();
    this.stores.add(this.bench.engine);
  }

  /** Goes on from another home in the place of the one that there was, as after a kill: see `test/faults/`. */
  async killed(home: string): Promise<void> {
    await this.stores.close(this.bench.engine);
    await this.bench.engine.close();
    fs.rmSync(this.bench.home, { recursive: true });
    fs.renameSync(home, this.bench.home);
    await this.bench.reopen();
    this.stores.add(this.bench.engine);
  }

  /** A new workstation that knows nothing but where the folder in Drive is. */
  async rebuilt(t: TestContext, clock: SetClock, withoutJournals = false): Promise<Engine> {
    const { signal } = new AbortController();
    const engine = openEngine(`${tempFolder(t)}/home`, clock, 'write', (text) => this.notices.push(text));
    atEnd(t, async () => {
      await this.stores.close(engine);
      await engine.close();
    });
    await engine.rebuild(this.stores.add(engine), { withoutJournals, signal, onProgress: () => undefined });
    return engine;
  }
}
