import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type { Clock, Instant } from '../../shared/domain.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { formatSpec, parseSpec, type StoreSpec } from '../../shared/spec.ts';
import type { Catalog } from './catalog/catalog.ts';
import { checkpointIsDue, makeCheckpoint } from './catalog/checkpoints.ts';
import { openCatalog } from './catalog/open.ts';
import { plainRules, type RemovedSource, type SourceRecord, type SourceRules } from './catalog/sources.ts';
import type { StoreLimits, StoreRecord } from './catalog/stores.ts';
import { run, type RunProgress, type RunResult } from './copy/run.ts';
import { followChanges, type FollowResult } from './integrity/hand-changes.ts';
import { verify, type VerifyResult } from './integrity/verify.ts';
import { platformOf, type Platform } from './platform/platform.ts';
import { catchUp } from './recovery/catch-up.ts';
import { rebuild, type RebuiltSource } from './recovery/rebuild.ts';
import {
  planRestore,
  restore,
  type ConflictAnswer,
  type RestorePlan,
  type RestoreProgress,
  type RestoreResult,
} from './restore/restore.ts';
import { checkFitness, type Neighbour } from './scan/fitness.ts';
import { openSecrets, type Secrets } from './secrets/secrets.ts';
import type { LogEntry } from './stores/decorators/logged.ts';
import { adapterParts, parseStoreSecret, type StoreSecret } from './store-secrets.ts';
import type { ProtectedFolder } from './stores/folder/place.ts';
import { openAdapter, openStore, tellsChanges } from './stores/open.ts';
import type { Store } from './stores/store.ts';

export interface EngineOptions {
  /** The folder that holds this workstation's data. */
  readonly home: string;
  readonly clock: Clock;
  /** `read` works beside another process that writes; `read-or-write` writes if nobody else does. */
  readonly mode: 'read' | 'write' | 'read-or-write';
  /** See `OpenOptions`. */
  readonly makingAnew?: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asks a person without showing the answer. */
  readonly ask?: (question: string) => Promise<string | undefined>;
  readonly log?: (entry: LogEntry, store: StoreRecord) => void;
  /** Told what a person should know while work goes on, such as that a store paces it. */
  readonly onNotice?: (text: string) => void;
}

/** Somewhat less than the half hour at which most sources are looked at, so that each such run asks. */
const changesEveryMs = 25 * 60_000;

/** The engine of one home: where the parts are put together. Every door (window, web host, command line) works through it. */
export class Engine {
  readonly catalog: Catalog;
  /** Whether this process may write the catalog. */
  readonly writing: boolean;
  readonly platform: Platform = platformOf(process.platform);
  readonly #options: EngineOptions;
  readonly #open = new Map<number, Promise<Store>>();
  /** The bandwidth limits in force, by store. */
  readonly #limits = new Map<number, StoreLimits>();
  #secrets: Promise<Secrets> | undefined;

  private constructor(options: EngineOptions, catalog: Catalog, writing: boolean) {
    this.#options = options;
    this.catalog = catalog;
    this.writing = writing;
  }

  /** Errors: those of `openCatalog`. */
  static open(options: EngineOptions): Engine {
    const { home, clock, mode, makingAnew = false } = options;
    if (mode === 'read-or-write') {
      try {
        return new Engine(options, openCatalog({ home, clock, mode: 'write' }), true);
      } catch (error) {
        if (!(error instanceof StrongroomError) || error.code !== 'catalog-busy') throw error;
        return new Engine(options, openCatalog({ home, clock, mode: 'read' }), false);
      }
    }
    return new Engine(options, openCatalog({ home, clock, mode, makingAnew }), mode === 'write');
  }

  readonly #notice = (text: string): void => this.#options.onNotice?.(text);

  async close(): Promise<void> {
    for (const opening of this.#open.values()) {
      const store = await opening.catch(() => undefined);
      await store?.close();
    }
    this.catalog.close();
  }

  /** The secrets part, opened when it is first needed: most commands need no secret. */
  secrets(): Promise<Secrets> {
    const { home, environment, ask } = this.#options;
    this.#secrets ??= openSecrets({ home, environment, ...(ask === undefined ? {} : { ask }) });
    return this.#secrets;
  }

  /** The store of a record, opened once and shared by all that use it. */
  readonly store = (record: StoreRecord): Promise<Store> => {
    let opening = this.#open.get(record.id);
    if (opening === undefined) {
      const begun = this.#openRecord(record);
      this.#open.set(record.id, begun);
      // What could not be opened is opened anew at the next call: a key that was missing may have been given by then.
      begun.catch(() => {
        if (this.#open.get(record.id) === begun) this.#open.delete(record.id);
      });
      opening = begun;
    }
    return opening;
  };

  /** Closes a store that is open, so that the next call opens it as it is kept by then. */
  async #reopen(storeId: number): Promise<void> {
    const opening = this.#open.get(storeId);
    this.#open.delete(storeId);
    const store = await opening?.catch(() => undefined);
    await store?.close();
  }

  async #openRecord(record: StoreRecord): Promise<Store> {
    const { clock, log } = this.#options;
    if (!this.#limits.has(record.id)) this.#limits.set(record.id, record.limits);
    return openStore(record.spec, {
      clock,
      // Asked again and again while bytes flow, so that a new limit holds at once.
      upload: () => this.#limits.get(record.id)?.upload,
      download: () => this.#limits.get(record.id)?.download,
      ...(await this.#parts(record.spec, await this.#secretOf(record))),
      ...(log === undefined
        ? {}
        : {
            log: (entry) => {
              log(entry, record);
            },
          }),
    });
  }

  #parts(spec: StoreSpec, secret: StoreSecret | undefined): ReturnType<typeof adapterParts> {
    const { clock } = this.#options;
    return adapterParts(spec, secret, clock, () => this.secrets(), this.#notice);
  }

  async #secretOf(record: StoreRecord): Promise<StoreSecret | undefined> {
    if (!record.keyKept) return undefined;
    const text = await (await this.secrets()).get(secretName(record.name));
    if (text === undefined) {
      throw new StrongroomError(
        'secret-missing',
        `The key of the store "${record.name}" is not in the keychain or vault any more.`,
        { subject: record.name, advice: `Give it again: strongroom store key ${record.name}.` },
      );
    }
    return parseStoreSecret(record.name, text);
  }

  /** A store by name, or by a spec that one of the stores has. */
  findStore(nameOrSpec: string): StoreRecord | undefined {
    if (!nameOrSpec.includes('://')) return this.catalog.stores.find(nameOrSpec);
    const wanted = formatSpec(parseSpec(nameOrSpec));
    return this.catalog.stores.all().find((record) => formatSpec(record.spec) === wanted);
  }

  /**
   * Adds a store after proving that it can be worked with now; one that cannot is not recorded.
   * Errors: `usage` (for a folder: neither empty nor a store), `name-taken`, `source-overlaps`, and every `store-*` code.
   */
  async addStore(
    spec: StoreSpec,
    options: {
      readonly name?: string;
      readonly secret?: StoreSecret;
      /** A folder that is about to become a source, and so must not overlap with the store either. */
      readonly protecting?: string;
      readonly signal: AbortSignal;
    },
  ): Promise<StoreRecord> {
    const name =
      options.name ?? this.#freeName(defaultStoreName(spec), (taken) => this.catalog.stores.find(taken) !== undefined);
    if (this.catalog.stores.find(name) !== undefined) this.catalog.stores.add(name, spec, false);
    if (spec.kind === 'folder') await this.#initialiseFolder(spec, options.protecting);
    const { clock } = this.#options;
    const { secret } = options;
    const store = await openAdapter(spec, { clock, ...(await this.#parts(spec, secret)) });
    try {
      await store.ready(options.signal);
    } finally {
      await store.close();
    }
    if (secret !== undefined) await (await this.secrets()).set(secretName(name), JSON.stringify(secret));
    const record = this.catalog.stores.add(name, spec, secret !== undefined);
    this.catalog.events.add({ kind: 'store-added', storeId: record.id, detail: { spec: formatSpec(spec) } });
    return record;
  }

  async #initialiseFolder(spec: Extract<StoreSpec, { kind: 'folder' }>, protecting: string | undefined): Promise<void> {
    const folders: ProtectedFolder[] = this.catalog.sources.all().map(({ name, root }) => ({ name, path: root }));
    if (protecting !== undefined) folders.push({ name: undefined, path: protecting });
    const { checkStorePlace } = await import('./stores/folder/place.ts');
    await checkStorePlace(
      spec.path,
      folders.filter((folder) => folder.path !== ''),
      this.platform,
    );
    const { initialiseFolderStore } = await import('./stores/folder/marker.ts');
    await initialiseFolderStore(spec);
  }

  /** Keeps a key for a store from now on, in the place of the one that it had. */
  async setStoreKey(record: StoreRecord, secret: StoreSecret): Promise<void> {
    await (await this.secrets()).set(secretName(record.name), JSON.stringify(secret));
    this.catalog.stores.setKeyKept(record.id);
    await this.#reopen(record.id);
  }

  /** Limits a store's bandwidth from now on, transfers under way included. */
  setStoreLimits(record: StoreRecord, limits: StoreLimits): void {
    this.catalog.stores.setLimits(record.id, limits);
    this.#limits.set(record.id, limits);
  }

  /** Holds a store to other limits for now, such as those of this hour; the limits that are kept stay what they are. */
  holdToLimits(record: StoreRecord, limits: StoreLimits): void {
    this.#limits.set(record.id, limits);
  }

  /** Forgets a store. What it holds stays there. */
  async removeStore(record: StoreRecord): Promise<void> {
    await this.#reopen(record.id);
    if (record.keyKept) await (await this.secrets()).remove(secretName(record.name));
    this.catalog.events.add({ kind: 'store-removed', detail: { name: record.name, spec: formatSpec(record.spec) } });
    this.catalog.stores.remove(record.id);
  }

  /** Turns on a bucket's versioning, where a person agreed. */
  async enableVersioning(spec: StoreSpec, secret: StoreSecret | undefined, signal: AbortSignal): Promise<void> {
    if (spec.kind !== 's3') return;
    const { enableVersioning } = await import('./stores/s3/s3-store.ts');
    const { credentials } = await this.#parts(spec, secret);
    await enableVersioning(
      spec,
      { clock: this.#options.clock, ...(credentials === undefined ? {} : { credentials }) },
      signal,
    );
  }

  /** The source whose folder this is, if it is one. */
  sourceOf(folder: string): SourceRecord | undefined {
    const asked = path.resolve(folder);
    return this.catalog.sources.all().find((source) => source.root === asked || samePlace(source.root, asked));
  }

  /**
   * Whether a folder is fit to become a source, beside stores that are yet to be added. Errors: those of `checkFitness`.
   */
  checkSource(folder: string, futureStores: readonly string[]): void {
    const future = futureStores.map((where) => ({ what: 'store' as const, name: where, path: where }));
    checkFitness(folder, [...this.#neighbours(), ...future]);
  }

  /**
   * The source that a folder was until it was removed, if its versions and copies are still known: `addSource` goes on with
   * it. Of several, the one that was removed last.
   */
  formerSource(folder: string): RemovedSource | undefined {
    const asked = path.resolve(folder);
    return this.catalog.sources
      .removed()
      .find(({ source }) => source.root !== '' && (source.root === asked || samePlace(source.root, realOrAsIs(asked))));
  }

  /**
   * Adds a folder as a source. One that was a source before ({@link formerSource}) is continued: its name, versions,
   * copies and stores come back, and the next run compares the folder with what is known, guards included.
   *
   * Errors: those of `checkFitness`, `name-taken`. Nothing is recorded unless the folder is fit.
   *
   * @param options.anew begins a source of its own also where a former one could be continued; so does another name.
   */
  addSource(
    folder: string,
    options: { readonly name?: string; readonly rules?: SourceRules; readonly anew?: boolean },
  ): SourceRecord {
    const { root, mounted } = checkFitness(folder, this.#neighbours());
    const former = options.anew === true ? undefined : this.formerSource(root);
    if (former !== undefined && (options.name === undefined || options.name === former.source.name)) {
      return this.#continueSource(former.source, mounted, options.rules);
    }
    const name =
      options.name ?? this.#freeName(path.basename(root) || 'root', (taken) => this.catalog.sources.isTaken(taken));
    if (name === '' || name.includes('/') || name.includes(':') || name === '.' || name === '..') {
      throw new StrongroomError('usage', `"${name}" cannot be a source's name.`, {
        advice: 'Choose one without / and : with --name.',
      });
    }
    return this.catalog.transaction(() => {
      const source = this.catalog.sources.add({ name, root, rules: options.rules ?? plainRules, mounted });
      this.catalog.events.add({ kind: 'source-added', sourceId: source.id, detail: { root } });
      return source;
    });
  }

  #continueSource(former: SourceRecord, mounted: boolean, rules: SourceRules | undefined): SourceRecord {
    const { sources, events } = this.catalog;
    return this.catalog.transaction(() => {
      sources.continue(former.id);
      if (rules !== undefined) sources.setRules(former.id, rules);
      // Where a share was mounted before, its bare mount point is no proof of anything.
      sources.setMounted(former.id, former.mounted || mounted);
      events.add({ kind: 'source-added', sourceId: former.id, detail: { root: former.root, continued: true } });
      return sources.get(former.name);
    });
  }

  /**
   * Ends copying a source to a store. What was copied there stays there, stays known and can be restored from; copies that
   * were still to be made are not made any more. Errors: `usage` where the store is the last that the source has.
   */
  detachStore(source: SourceRecord, record: StoreRecord): void {
    const { sources } = this.catalog;
    const attached = sources.storeIds(source.id);
    if (!attached.includes(record.id)) return;
    if (attached.length === 1) {
      throw new StrongroomError('usage', `“${record.name}” is the only store of “${source.name}”.`, {
        subject: source.name,
        advice: 'Choose another store for it first, or remove the source.',
      });
    }
    sources.detach(source.id, record.id);
  }

  /**
   * Says where a source's folder is now (another mount point, another computer). What is known of it stays; the next run
   * compares the new place with it. Errors: those of `checkFitness`.
   */
  moveSource(source: SourceRecord, folder: string): void {
    const { root, mounted } = checkFitness(
      folder,
      this.#neighbours().filter((neighbour) => neighbour.name !== source.name || neighbour.what !== 'source'),
    );
    this.catalog.sources.setRoot(source.id, root);
    this.catalog.sources.setMounted(source.id, mounted);
  }

  #neighbours(): Neighbour[] {
    return [
      ...this.catalog.sources
        .all()
        .map((source) => ({ what: 'source' as const, name: source.name, path: source.root })),
      ...this.catalog.stores
        .all()
        .flatMap(({ name, spec }) =>
          spec.kind === 'folder' ? [{ what: 'store' as const, name, path: spec.path }] : [],
        ),
    ].filter((neighbour) => neighbour.path !== '');
  }

  #freeName(wanted: string, isTaken: (name: string) => boolean): string {
    const base = wanted.replaceAll(':', '-');
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base}-${number}`;
      if (!isTaken(name)) return name;
    }
  }

  /** One pass over one source. */
  async sync(
    source: SourceRecord,
    options: {
      readonly rehash: boolean;
      readonly acceptChanges: boolean;
      readonly signal: AbortSignal;
      readonly gate: () => Promise<void>;
      readonly onProgress: (progress: RunProgress) => void;
    },
  ): Promise<RunResult> {
    const { clock } = this.#options;
    const result = await this.catalog.whileWriting(() =>
      run({
        ...options,
        catalog: this.catalog,
        source,
        clock,
        platform: this.platform,
        open: this.store,
        catchUp: (record, store) => catchUp(this.catalog, source, record, store, options.signal),
        lookForChanges: (record, wrote) => this.#lookForChanges(record, wrote, options.signal),
      }),
    );
    this.catalog.growth.note(source.id);
    const { added, changed, deleted, moved } = result.summary;
    if (added + changed + deleted + moved > 0 && checkpointIsDue(this.catalog.home, clock))
      await makeCheckpoint(this.catalog, clock);
    return result;
  }

  /** Once in a while before a run, and after one that wrote: then what the feed tells is the run's own, and is known. */
  async #lookForChanges(record: StoreRecord, wrote: boolean, signal: AbortSignal): Promise<void> {
    if (!tellsChanges(record.spec)) return;
    if (!wrote && !this.catalog.stores.changesAreDue(record.id, changesEveryMs)) return;
    const { clock } = this.#options;
    const store = await this.store(record);
    const found = await followChanges({ catalog: this.catalog, record, store, clock, signal });
    const text = tellFound(record.name, found);
    if (text !== undefined) this.#notice(text);
  }

  async restore(
    source: SourceRecord,
    options: {
      readonly path: string;
      readonly at: Instant;
      readonly number: number | undefined;
      readonly into: string | undefined;
      readonly conflict: ConflictAnswer;
      readonly from: StoreRecord | undefined;
      readonly signal: AbortSignal;
      readonly onProgress: (progress: RestoreProgress) => void;
    },
  ): Promise<RestoreResult> {
    const { clock } = this.#options;
    return restore({
      ...options,
      catalog: this.catalog,
      source,
      open: this.store,
      clock,
      platform: this.platform,
      recording: this.writing,
      onNotice: this.#notice,
    });
  }

  /** What {@link restore} would do, without asking any store. */
  async planRestore(
    source: SourceRecord,
    options: {
      readonly path: string;
      readonly at: Instant;
      readonly number: number | undefined;
      readonly into: string | undefined;
      readonly from: StoreRecord | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<RestorePlan> {
    const { clock } = this.#options;
    const { catalog, platform, store: open } = this;
    return planRestore({ ...options, catalog, source, open, clock, platform, conflict: 'skip', recording: false });
  }

  async verify(
    source: SourceRecord,
    record: StoreRecord,
    options: { readonly deep: boolean; readonly signal: AbortSignal; readonly onProgress: (checked: number) => void },
  ): Promise<VerifyResult> {
    const store = await this.store(record);
    return verify({ ...options, catalog: this.catalog, source, record, store, clock: this.#options.clock });
  }

  async rebuild(
    record: StoreRecord,
    options: {
      readonly withoutJournals: boolean;
      readonly signal: AbortSignal;
      readonly onProgress: (source: string, entries: number) => void;
    },
  ): Promise<RebuiltSource[]> {
    const store = await this.store(record);
    const { clock } = this.#options;
    const rebuilt = await this.catalog.whileWriting(() =>
      rebuild({ ...options, catalog: this.catalog, record, store, clock, onNotice: this.#notice }),
    );
    for (const { source: name } of rebuilt) {
      const source = this.catalog.sources.find(name);
      if (source !== undefined) this.catalog.growth.derive(source.id);
    }
    return rebuilt;
  }
}

/** For people, who see from the events what it was; `undefined` where there is nothing to tell. */
function tellFound(store: string, { spoilt, added, missed }: FollowResult): string | undefined {
  const parts = [
    spoilt > 0 ? `changed ${counted(spoilt, 'file')} of Strongroom's, which the next copying puts right` : '',
    added > 0 ? `put ${counted(added, 'thing')} of their own there, which Strongroom leaves alone` : '',
  ].filter((part) => part !== '');
  const found = `In the store "${store}" people ${parts.join(', and ')}. "strongroom events" lists them.`;
  const unknown = `The store "${store}" does not tell any more what was changed in it by hand until now. To be sure, check it: strongroom verify --store ${store}.`;
  const sentences = [...(parts.length > 0 ? [found] : []), ...(missed ? [unknown] : [])];
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

function counted(number: number, thing: string): string {
  return `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`;
}

function secretName(store: string): string {
  return `store/${store}`;
}

function defaultStoreName(spec: StoreSpec): string {
  switch (spec.kind) {
    case 'folder':
      return path.basename(spec.path) || 'folder';
    case 's3':
      return spec.bucket;
    case 'drive':
      return path.posix.basename(spec.path) || 'drive';
  }
}

function realOrAsIs(folder: string): string {
  try {
    return fs.realpathSync(folder);
  } catch {
    return folder;
  }
}

function samePlace(left: string, right: string): boolean {
  return left !== '' && path.relative(left, right) === '';
}
