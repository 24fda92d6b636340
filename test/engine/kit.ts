import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Clock, Instant } from '../../shared/domain.ts';
import { nameFromBytes } from '../../shared/names.ts';
import type { Problem } from '../../electron/engine/catalog/runs.ts';
import type { SourceRecord, SourceRules } from '../../electron/engine/catalog/sources.ts';
import type { StoreRecord } from '../../electron/engine/catalog/stores.ts';
import type { RunProgress, RunResult } from '../../electron/engine/copy/run.ts';
import { Engine, type EngineOptions } from '../../electron/engine/engine.ts';
import type { ConflictAnswer, RestoreResult } from '../../electron/engine/restore/restore.ts';
import { sourcePath } from '../../electron/engine/scan/source-path.ts';
import type { Store } from '../../electron/engine/stores/store.ts';

export const signal = new AbortController().signal;
export const minute = 60_000;
export const hour = 60 * minute;

/** A clock that stands still until it is told to go on. */
export class SetClock implements Clock {
  #now: Instant;

  constructor(now: Instant = Date.UTC(2026, 0, 5, 8)) {
    this.#now = now;
  }

  now(): Instant {
    return this.#now;
  }

  /** @returns the new time. */
  advance(ms: number): Instant {
    this.#now += ms;
    return this.#now;
  }
}

const endings = new WeakMap<TestContext, (() => void | Promise<void>)[]>();

/** Does something when the test has ended, the last first: what was opened is closed before its folder goes. */
export function atEnd(t: TestContext, work: () => void | Promise<void>): void {
  const known = endings.get(t);
  if (known !== undefined) {
    known.push(work);
    return;
  }
  const works = [work];
  endings.set(t, works);
  t.after(async () => {
    for (let last = works.pop(); last !== undefined; last = works.pop()) await last();
  });
}

/** A temporary folder that is removed after the test. */
export function tempFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'strongroom-engine-'));
  atEnd(t, () => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One workstation with one source (named `source`), as many folder stores as asked for, and a clock. */
export interface BenchOptions {
  readonly stores?: readonly string[];
  readonly clock?: SetClock;
  /** The folder for everything; a temporary one when left out. */
  readonly folder?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly rules?: SourceRules;
}

export interface SyncAnswers extends RunResult {
  readonly problems: readonly Problem[];
  readonly codes: readonly string[];
}

export interface SyncOptions {
  readonly rehash?: boolean;
  readonly acceptChanges?: boolean;
  readonly signal?: AbortSignal;
  readonly gate?: () => Promise<void>;
  readonly onProgress?: (progress: RunProgress) => void;
}

export class Bench {
  readonly folder: string;
  readonly home: string;
  readonly root: string;
  readonly clock: SetClock;
  /** What the engine told people while it worked. */
  readonly notices: string[] = [];
  engine: Engine;

  private constructor(folder: string, clock: SetClock) {
    this.folder = folder;
    this.home = path.join(folder, 'home');
    this.root = path.join(folder, 'source');
    this.clock = clock;
    this.engine = this.#opened();
  }

  static async create(t: TestContext, options: BenchOptions = {}): Promise<Bench> {
    const bench = new Bench(options.folder ?? tempFolder(t), options.clock ?? new SetClock());
    atEnd(t, () => bench.engine.close());
    fs.mkdirSync(bench.root, { recursive: true });
    for (const [name, text] of Object.entries(options.files ?? { 'first.txt': 'first' })) bench.write(name, text);
    bench.engine.addSource(bench.root, options.rules === undefined ? {} : { rules: options.rules });
    for (const name of options.stores ?? ['disk']) await bench.addStore(name);
    return bench;
  }

  get source(): SourceRecord {
    return this.engine.catalog.sources.get('source');
  }

  store(name = 'disk'): StoreRecord {
    return this.engine.catalog.stores.get(name);
  }

  storeFolder(name = 'disk'): string {
    return path.join(this.folder, 'stores', name);
  }

  async addStore(name: string): Promise<void> {
    fs.mkdirSync(path.join(this.folder, 'stores'), { recursive: true });
    const record = await this.engine.addStore({ kind: 'folder', path: this.storeFolder(name) }, { name, signal });
    this.engine.catalog.sources.attach(this.source, record);
  }

  /** Opens the engine anew, as after a start of the program. */
  async reopen(): Promise<void> {
    await this.engine.close();
    this.engine = this.#opened();
  }

  #opened(): Engine {
    return openEngine(this.home, this.clock, 'write', (text) => this.notices.push(text));
  }

  /** Puts something between the engine and a store, until the engine is opened anew. */
  wrap(name: string, wrapper: (store: Store) => Store): void {
    const { engine } = this;
    const { id } = this.store(name);
    const open = engine.store;
    let wrapped: Promise<Store> | undefined;
    const store = (record: StoreRecord): Promise<Store> =>
      record.id === id ? (wrapped ??= open(record).then(wrapper)) : open(record);
    Object.assign(engine, { store });
  }

  at(relative: string): string | Buffer {
    return sourcePath(this.root, relative);
  }

  /** Writes a file of the source, making its folders. @param mtime seconds since 1970. */
  write(relative: string, content: string | Uint8Array, mtime?: number): void {
    writeAt(this.root, relative, content);
    if (mtime !== undefined) fs.utimesSync(this.at(relative), mtime, mtime);
  }

  remove(relative: string): void {
    fs.rmSync(this.at(relative), { recursive: true });
  }

  move(from: string, to: string): void {
    if (to.includes('/')) fs.mkdirSync(this.at(to.slice(0, to.lastIndexOf('/'))), { recursive: true });
    fs.renameSync(this.at(from), this.at(to));
  }

  /** One run, a minute after the one before. */
  async sync(options: SyncOptions = {}): Promise<SyncAnswers> {
    this.clock.advance(minute);
    return syncSource(this.engine, this.source, options);
  }

  /** One run that must leave nothing undone. */
  async syncDone(options: SyncOptions = {}): Promise<SyncAnswers> {
    const answers = await this.sync(options);
    assert.deepEqual(answers.problems, []);
    assert.equal(answers.outcome, 'done');
    return answers;
  }

  /** What a store shows of the source to a person who looks into it without Strongroom. */
  shownBy(store = 'disk'): Tree {
    return readTree(path.join(this.storeFolder(store), 'files', 'source'));
  }

  /** Fails unless a store shows exactly the source's files as they are now. */
  assertStoreShowsSource(store = 'disk'): void {
    assertSameTree(filesOf(this.shownBy(store)), filesOf(readTree(this.root)), `the store "${store}"`);
  }

  /** Restores the source (or a part) into a new folder. @returns the folder's tree, and what restore said. */
  async restore(
    options: {
      readonly path?: string;
      readonly at?: Instant;
      readonly number?: number;
      readonly from?: string;
      readonly conflict?: ConflictAnswer;
    } = {},
  ): Promise<{ tree: Tree; result: RestoreResult; into: string }> {
    return restoreSource(this.engine, this.source, this.folder, {
      at: this.clock.now(),
      ...options,
      from: options.from === undefined ? undefined : this.store(options.from),
    });
  }

  versions(relative: string): ReturnType<Engine['catalog']['browse']['versions']> {
    const { browse } = this.engine.catalog;
    return browse.versions(browse.fileId(this.source.id, relative) ?? -1);
  }

  /** The paths of all files as of an instant. */
  paths(at: Instant = this.clock.now()): string[] {
    const { browse } = this.engine.catalog;
    const root = browse.folderId(this.source.id, '') ?? -1;
    return [...browse.filesBelow(root, '', at)].map((version) => version.path).sort();
  }

  events(): string[] {
    return this.engine.catalog.events.latest(10_000).map((event) => event.kind);
  }
}

export function openEngine(
  home: string,
  clock: Clock,
  mode: EngineOptions['mode'] = 'write',
  onNotice: (text: string) => void = () => undefined,
): Engine {
  return Engine.open({ home, clock, mode, environment: {}, onNotice });
}

export async function syncSource(
  engine: Engine,
  source: SourceRecord,
  options: SyncOptions = {},
): Promise<SyncAnswers> {
  const result = await engine.sync(source, {
    rehash: false,
    acceptChanges: false,
    signal,
    gate: () => Promise.resolve(),
    onProgress: () => undefined,
    ...options,
  });
  const problems = engine.catalog.runs.problems(result.runId);
  return { ...result, problems, codes: problems.map((problem) => problem.code) };
}

export async function restoreSource(
  engine: Engine,
  source: SourceRecord,
  scratch: string,
  options: {
    readonly at: Instant;
    readonly path?: string;
    readonly number?: number;
    readonly from?: StoreRecord | undefined;
    readonly conflict?: ConflictAnswer;
  },
): Promise<{ tree: Tree; result: RestoreResult; into: string }> {
  const into = fs.mkdtempSync(path.join(scratch, 'restored-'));
  const result = await engine.restore(source, {
    path: '',
    number: undefined,
    from: undefined,
    conflict: 'skip',
    ...options,
    into,
    signal,
    onProgress: () => undefined,
  });
  return { tree: readTree(into), result, into };
}

/** A new workstation that knows nothing but where a store is. */
export async function rebuildFrom(
  t: TestContext,
  storeFolder: string,
  clock: Clock,
  withoutJournals = false,
): Promise<Engine> {
  const engine = openEngine(path.join(tempFolder(t), 'home'), clock);
  atEnd(t, () => engine.close());
  const record = await engine.addStore({ kind: 'folder', path: storeFolder }, { name: 'found', signal });
  await engine.rebuild(record, { withoutJournals, signal, onProgress: () => undefined });
  return engine;
}

export function writeAt(root: string, relative: string, content: string | Uint8Array): void {
  const folder = relative.includes('/') ? relative.slice(0, relative.lastIndexOf('/')) : '';
  fs.mkdirSync(sourcePath(root, folder), { recursive: true });
  fs.writeFileSync(sourcePath(root, relative), content);
}

export interface TreeEntry {
  readonly kind: 'file' | 'folder' | 'other';
  /** SHA-256 of a file's content. */
  readonly sha256?: string;
  readonly size?: number;
  /** Microseconds, as finely as Node can set them. */
  readonly mtimeUs?: bigint;
  readonly mode?: number;
}

/** What lies below a folder, by path in the form of `shared/names.ts`. */
export type Tree = ReadonlyMap<string, TreeEntry>;

export function readTree(root: string): Tree {
  const tree = new Map<string, TreeEntry>();
  visit(root, (relative, stat) => {
    if (stat.isDirectory()) tree.set(relative, { kind: 'folder' });
    else if (!stat.isFile()) tree.set(relative, { kind: 'other' });
    else {
      tree.set(relative, {
        kind: 'file',
        sha256: sha256Of(fs.readFileSync(sourcePath(root, relative))),
        size: Number(stat.size),
        mtimeUs: stat.mtimeNs / 1000n,
        mode: Number(stat.mode) & 0o777,
      });
    }
  });
  return tree;
}

/** Everything about every entry that a write would change. */
export function fingerprint(root: string): Map<string, string> {
  const prints = new Map<string, string>();
  const note = (relative: string, stat: fs.BigIntStats): void => {
    const content = stat.isFile() ? sha256Of(fs.readFileSync(sourcePath(root, relative))) : '';
    prints.set(
      relative,
      [content, stat.size, stat.mtimeNs, stat.ctimeNs, stat.ino, stat.mode, stat.uid, stat.nlink].join(' '),
    );
  };
  note('', fs.lstatSync(root, { bigint: true }));
  visit(root, note);
  return prints;
}

function visit(root: string, see: (relative: string, stat: fs.BigIntStats) => void): void {
  const walk = (folder: string): void => {
    for (const bytes of fs.readdirSync(sourcePath(root, folder), { encoding: 'buffer' })) {
      const name = nameFromBytes(bytes);
      const relative = folder === '' ? name : `${folder}/${name}`;
      const stat = fs.lstatSync(sourcePath(root, relative), { bigint: true });
      see(relative, stat);
      if (stat.isDirectory()) walk(relative);
    }
  };
  walk('');
}

export function filesOf(tree: Tree): Tree {
  return new Map([...tree].filter(([, entry]) => entry.kind === 'file'));
}

/** Compares content, mode, and modification time to the microsecond. */
export function assertSameTree(actual: Tree, expected: Tree, what: string): void {
  const sorted = (tree: Tree): [string, TreeEntry][] => [...tree].sort(([a], [b]) => (a < b ? -1 : 1));
  assert.deepEqual(sorted(actual), sorted(expected), what);
}

export function sha256Of(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `count` files `<folder>/0000.txt`…, each with a content of its own. */
export function manyFiles(folder: string, count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const name = `${folder}/${String(index).padStart(4, '0')}.txt`;
      return [name, `content of ${name}`];
    }),
  );
}
