import fs from 'node:fs';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Instant } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { formatSpec } from '../../../../shared/spec.ts';
import { Catalog } from '../../../engine/catalog/catalog.ts';
import { Connection } from '../../../engine/catalog/database.ts';
import { catalogPath } from '../../../engine/catalog/open.ts';
import { plainRules, type SourceRecord } from '../../../engine/catalog/sources.ts';
import type { StoreRecord } from '../../../engine/catalog/stores.ts';
import { run } from '../../../engine/copy/run.ts';
import { catchUp } from '../../../engine/recovery/catch-up.ts';
import { initialiseFolderStore } from '../../../engine/stores/folder/marker.ts';
import { openStore } from '../../../engine/stores/open.ts';
import type { Store } from '../../../engine/stores/store.ts';
import type { BrowseContext } from '../context.ts';
import { sampleDays, type SampleDay } from './materials.ts';
import { isBelow, sampleFolder } from './place.ts';

export interface SampleProgress {
  readonly done: boolean;
  readonly sentence: string;
  readonly source: string | null;
}

const dayMs = 86_400_000;
/** How long after the day's first file the run of that day begins. */
const runAfterMs = 25 * 60_000;
const sourceName = 'Sample materials';
const storeNames = ['Sample disk', 'Sample second disk'] as const;

/** A clock that stands still at the moment that is being told. */
class PastClock implements Clock {
  at: Instant;

  constructor(at: Instant) {
    this.at = at;
  }

  now(): Instant {
    return this.at;
  }
}

/**
 * The sample materials: a small source with two folder stores and a few days of history, all of it in one folder of the
 * home. They are known by that folder, whatever anybody calls them.
 */
export class Sample {
  readonly #context: BrowseContext;
  readonly #folder: string;
  #making: Promise<void> | undefined;

  constructor(context: BrowseContext) {
    this.#context = context;
    this.#folder = sampleFolder(context.home);
  }

  /**
   * Makes them anew: what is left of earlier ones goes first. Ended before its time, it leaves nothing.
   * Errors: `usage` while they are being made or in use by other sources, `source-overlaps`, `disk-*`, `cancelled`.
   */
  async *add(signal: AbortSignal): AsyncGenerator<SampleProgress, void> {
    if (this.#making !== undefined) throw inTheMaking();
    const stop = new AbortController();
    const told = new Told();
    const making = this.#make(AbortSignal.any([signal, stop.signal]), (sentence) => {
      told.add({ done: false, sentence, source: null });
    });
    this.#making = making.then(
      () => undefined,
      () => undefined,
    );
    void this.#making.then(() => {
      this.#making = undefined;
      told.end();
    });
    try {
      yield* told.all();
      yield { done: true, sentence: 'The sample materials are ready.', source: await making };
    } finally {
      stop.abort();
      await this.#making;
    }
  }

  /** Resolves when nothing is being made (any more). */
  async idle(): Promise<void> {
    await this.#making;
  }

  /** @returns the source's name. */
  async #make(signal: AbortSignal, tell: (sentence: string) => void): Promise<string> {
    await this.#remove();
    try {
      tell('Making a small collection and two stores.');
      const name = await this.#live(signal, tell);
      const { keeper, changed } = this.#context;
      keeper.tend(name);
      changed('sources', 'stores', 'runs', 'files');
      return name;
    } catch (error) {
      await this.#remove();
      throw error;
    }
  }

  /** Has the days pass. @returns the source's name. */
  async #live(signal: AbortSignal, tell: (sentence: string) => void): Promise<string> {
    const days = sampleDays();
    const clock = new PastClock(this.#instant(days[0]?.daysAgo ?? 0));
    await mkdir(this.#materials, { recursive: true, mode: 0o700 });
    const past = new Past(this.#context, clock);
    try {
      let source: SourceRecord | undefined;
      for (const day of days) {
        if (signal.aborted) throw cancelled();
        tell(day.sentence);
        const at = this.#instant(day.daysAgo);
        await this.#happen(day, at);
        // The folder is fit only once there is something in it.
        source ??= await past.protect(this.#materials, this.#stores);
        await past.run(source, at + runAfterMs, signal);
      }
      return source?.name ?? '';
    } finally {
      await past.close();
    }
  }

  /** Removes the source, its stores and all their files. Errors: `usage` where another source is copied to the stores. */
  async remove(): Promise<void> {
    if (this.#making !== undefined) throw inTheMaking();
    await this.#remove();
    this.#context.changed('sources', 'stores', 'runs', 'files');
  }

  get #materials(): string {
    return path.join(this.#folder, 'materials');
  }

  get #stores(): readonly { readonly name: string; readonly path: string }[] {
    return storeNames.map((name, index) => ({ name, path: path.join(this.#folder, `store-${index + 1}`) }));
  }

  /** Ten in the morning of a day, as far as UTC tells. */
  #instant(daysAgo: number): Instant {
    const today = Math.floor(this.#context.clock.now() / dayMs);
    return (today - daysAgo) * dayMs + 10 * 3_600_000;
  }

  async #happen(day: SampleDay, at: Instant): Promise<void> {
    for (const [from, to] of day.move) {
      await mkdir(path.dirname(path.join(this.#materials, to)), { recursive: true });
      await rename(path.join(this.#materials, from), path.join(this.#materials, to));
    }
    for (const name of day.remove) await rm(path.join(this.#materials, name), { recursive: true });
    for (const [index, [name, content]] of day.write.entries()) {
      const file = path.join(this.#materials, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content());
      const seconds = at / 1000 + index * 60;
      await utimes(file, seconds, seconds);
    }
  }

  async #remove(): Promise<void> {
    const { engine, keeper } = this.#context;
    const { catalog } = engine;
    const own = (where: string): boolean => isBelow(where, this.#folder);
    const sources = catalog.sources.all().filter(({ root }) => own(root));
    const stores = catalog.stores.all().filter(({ spec }) => spec.kind === 'folder' && own(spec.path));
    const others = catalog.sources.all().filter(({ root }) => !own(root));
    for (const store of stores) {
      // One that was removed, or copied elsewhere since, may have its earlier versions there and nowhere else.
      const user =
        others.find(({ id }) => catalog.sources.storeIds(id).includes(store.id)) ??
        catalog.sources.formerlyIn(store.id).find(({ root }) => !own(root));
      if (user === undefined) continue;
      throw new StrongroomError(
        'usage',
        `The store "${store.name}" of the sample materials also holds copies of "${user.name}".`,
        {
          subject: store.name,
          advice:
            'Keep the sample materials, or restore what you need of it to another folder and remove them by hand.',
        },
      );
    }
    const remove = async (): Promise<void> => {
      for (const source of sources) {
        catalog.transaction(() => {
          catalog.sources.remove(source.id);
          catalog.events.add({ kind: 'source-removed', sourceId: source.id, detail: { root: source.root } });
        });
        keeper.forget(source.id);
      }
      for (const store of stores) await engine.removeStore(store);
      await rm(this.#folder, { recursive: true, force: true });
    };
    await keeper.whileQuiet(
      sources.map(({ id }) => id),
      remove,
    );
  }
}

/** What was told, in order, for one that reads it at its own pace. */
class Told {
  readonly #waiting: SampleProgress[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  add(progress: SampleProgress): void {
    this.#waiting.push(progress);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async *all(): AsyncGenerator<SampleProgress, void> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}

/** The catalog as it was written in days gone by: a connection of its own, whose records tell the past clock's time. */
class Past {
  readonly #context: BrowseContext;
  readonly #clock: PastClock;
  readonly #catalog: Catalog;
  readonly #open = new Map<number, Promise<Store>>();

  constructor(context: BrowseContext, clock: PastClock) {
    this.#context = context;
    this.#clock = clock;
    // This process holds the home's lock, and SQLite keeps two connections of one process apart as it does any two.
    const connection = new Connection(catalogPath(context.home), { readonly: false });
    connection.exec('PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA temp_store = FILE;');
    this.#catalog = new Catalog(connection, clock, context.home, () => {
      connection.close();
    });
  }

  /** Makes the folder a source that is copied to new folder stores. */
  async protect(
    folder: string,
    places: readonly { readonly name: string; readonly path: string }[],
  ): Promise<SourceRecord> {
    this.#context.engine.checkSource(
      folder,
      places.map((place) => place.path),
    );
    const stores: StoreRecord[] = [];
    for (const { name, path: where } of places) {
      const spec = { kind: 'folder' as const, path: where };
      await initialiseFolderStore(spec);
      const free = freeName(name, (taken) => this.#catalog.stores.find(taken) !== undefined);
      stores.push(
        this.#catalog.transaction(() => {
          const store = this.#catalog.stores.add(free, spec, false);
          this.#catalog.events.add({ kind: 'store-added', storeId: store.id, detail: { spec: formatSpec(spec) } });
          return store;
        }),
      );
    }
    const name = freeName(sourceName, (taken) => this.#catalog.sources.isTaken(taken));
    return this.#catalog.transaction(() => {
      const root = fs.realpathSync(folder);
      const source = this.#catalog.sources.add({ name, root, rules: plainRules, mounted: false });
      this.#catalog.events.add({ kind: 'source-added', sourceId: source.id, detail: { root } });
      for (const store of stores) this.#catalog.sources.attach(source, store);
      return source;
    });
  }

  /** One run as it would have been at that time. Errors: `disk-error` where it could not do its work, `cancelled`. */
  async run(source: SourceRecord, at: Instant, signal: AbortSignal): Promise<void> {
    this.#clock.at = at;
    const result = await run({
      catalog: this.#catalog,
      source,
      clock: this.#clock,
      platform: this.#context.engine.platform,
      signal,
      gate: () => Promise.resolve(),
      rehash: false,
      acceptChanges: false,
      open: (record) => this.#store(record),
      catchUp: (record, store) => catchUp(this.#catalog, source, record, store, signal),
      lookForChanges: () => Promise.resolve(),
      onProgress: () => undefined,
    });
    if (signal.aborted) throw cancelled();
    this.#catalog.growth.note(source.id);
    if (result.outcome === 'done') return;
    const [problem] = this.#catalog.runs.problems(result.runId);
    throw new StrongroomError(
      'disk-error',
      `The sample materials could not be copied: ${problem?.message ?? result.outcome}`,
      {
        subject: source.name,
        advice: "Check that there is room on the disk of Strongroom's data folder, then try again.",
      },
    );
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) await (await opening.catch(() => undefined))?.close();
    this.#catalog.close();
  }

  #store(record: StoreRecord): Promise<Store> {
    let opening = this.#open.get(record.id);
    if (opening === undefined) {
      opening = openStore(record.spec, { clock: this.#clock, upload: () => undefined, download: () => undefined });
      this.#open.set(record.id, opening);
    }
    return opening;
  }
}

function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted} ${number}`;
    if (!isTaken(name)) return name;
  }
}

function inTheMaking(): StrongroomError {
  return new StrongroomError('usage', 'The sample materials are being made just now.', {
    advice: 'Wait a few seconds.',
  });
}

function cancelled(): StrongroomError {
  return new StrongroomError('cancelled', 'Making the sample materials was ended; nothing of them is left.');
}
