import type { Clock } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf, isStoreWide, StrongroomError, type ErrorCode } from '../../../shared/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { PendingCopy } from '../catalog/copies.ts';
import type { StoreSummary } from '../catalog/runs.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { Platform } from '../platform/platform.ts';
import { sourcePath } from '../scan/source-path.ts';
import type { Content, PutContext, PutRequest, Store } from '../stores/store.ts';
import { Budget } from './budget.ts';
import { CopiesContent, KeptContent, SourceContent, type ContentCache } from './content.ts';

export interface CopierOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  readonly record: StoreRecord;
  /** Opens the store; not called where there is nothing to do, because an adapter takes longer to load than a tree to compare. */
  readonly open: () => Promise<Store>;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly signal: AbortSignal;
  readonly cache: ContentCache;
  /** Whether a run before this one was killed: what it did last may have been done although it is not recorded. */
  readonly afterKill: boolean;
  readonly gate: () => Promise<void>;
  /** Made good before the first write: the store is there and this workstation may write the source in it. */
  readonly beforeFirstWrite: () => Promise<void>;
  /** Called now and then while work goes on. */
  readonly whileWriting: () => Promise<void>;
  /** Another store of the source, to fetch what the source has no more. */
  readonly otherStore: (storeId: number) => Promise<Store>;
  readonly onProblem: (problem: StrongroomError) => void;
}

/** What a copier has done so far; grows while it runs. */
export interface CopierProgress {
  copied: number;
  deleted: number;
  copiedWithin: number;
  failed: number;
  /** Bytes that were sent, or found to be there already. */
  bytesSent: number;
}

/** A file that is being sent. */
export interface InFlight {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sent: number;
}

const pageSize = 256;
const memoryBudget = 96 * 1024 * 1024;
/** More work in flight than recorded at a kill is not possible: results are recorded at least this often. */
const resultsAFlush = 64;
const flushEveryMs = 100;
const uncertainAfterKill = 1_024;
/**
 * What the end of the run's own scan may put right: a file lies where a folder was, whose files are retired later in
 * this run; or the source has a newer state of the file already, which the scan is about to record.
 */
const mayPass: ReadonlySet<ErrorCode> = new Set(['copy-conflict', 'file-changing', 'file-vanished']);

/** For a version that nobody has any more but perhaps the store, from an attempt whose result was not recorded. */
const noContent = {
  bytes: {
    bytes: () => Promise.reject(new StrongroomError('file-vanished', 'It was replaced before it was copied.')),
  } satisfies Content,
  close: () => Promise.resolve(),
};

/**
 * Carries out one source's pending copies in one store, oldest first, many at once. Each store has its own, so a slow
 * one holds up no other. A pending copy is a row of the catalog: whatever stops the copier, the next one goes on.
 */
export class Copier {
  readonly progress: CopierProgress = { copied: 0, deleted: 0, copiedWithin: 0, failed: 0, bytesSent: 0 };
  readonly #options: CopierOptions;
  readonly #sending = new Map<number, { path: string; size: number; sent: number }>();
  #opened: { readonly store: Store; readonly budget: Budget } | undefined;
  /** Set when the whole store cannot be worked with any more in this run. */
  #stopped: StrongroomError | undefined;
  #scanning = true;
  #wake = (): void => undefined;
  readonly #byFile = new Map<number, Promise<void>>();
  readonly #jobs = new Set<Promise<void>>();
  /** What could not be stored while the scan went on, for a reason that may be gone once it has ended. */
  readonly #blocked: PendingCopy[] = [];
  #lastTry = false;
  /** Versions that are to be put once more, because an older one was put after them. */
  readonly #covered = new Set<number>();
  #results: { readonly pending: PendingCopy; readonly locator: string }[] = [];
  #flushedAt: number;

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#flushedAt = options.clock.now();
  }

  /** Why the store was given up, if it was. */
  get stopped(): StrongroomError | undefined {
    return this.#stopped;
  }

  /** What is being sent at this moment, the longest under way first, at most so many. */
  inFlight(limit: number): InFlight[] {
    return [...this.#sending.values()].slice(0, limit).map((file) => ({ ...file }));
  }

  /** New copies are pending. */
  wake(): void {
    this.#wake();
  }

  /** No more copies will become pending: `run` ends when all are done. */
  scanEnded(): void {
    this.#scanning = false;
    this.#wake();
  }

  /** Works until the scan has ended and nothing is pending, the store fails as a whole, or the run is cancelled. */
  async run(): Promise<void> {
    const { catalog, source, record, signal } = this.#options;
    const abort = (): void => this.#wake();
    signal.addEventListener('abort', abort);
    try {
      catalog.copies.requeueBad(source.id, record.id);
      let after = 0;
      let begun = 0;
      while (this.#stopped === undefined && !signal.aborted) {
        this.#flush();
        const page = catalog.copies.pending(source.id, record.id, after, pageSize);
        const last = page.at(-1);
        if (last === undefined) {
          if (!this.#scanning) {
            await this.#tryBlockedAgain();
            break;
          }
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        after = last.versionId;
        if (this.#opened === undefined) {
          const store = await this.#options.open();
          this.#opened = { store, budget: new Budget(store.capabilities.concurrency, memoryBudget) };
          await this.#options.beforeFirstWrite();
        }
        for (const pending of page) {
          begun += 1;
          const uncertain = pending.attempted || (this.#options.afterKill && begun <= uncertainAfterKill);
          await this.#start(pending, uncertain);
          if (this.#isOver()) break;
        }
      }
    } catch (error) {
      this.#giveUp(error);
    } finally {
      await Promise.all(this.#jobs);
      this.#flush();
      signal.removeEventListener('abort', abort);
    }
  }

  summary(): StoreSummary {
    const { copied, deleted, bytesSent, copiedWithin, failed } = this.progress;
    const { catalog, source, record } = this.#options;
    const pending = catalog.copies.pendingTotals(source.id, record.id);
    return {
      store: record.name,
      copied,
      deleted,
      bytesSent,
      copiedWithin,
      failed,
      pending: pending.copies + pending.deletions,
    };
  }

  async #tryBlockedAgain(): Promise<void> {
    await Promise.all(this.#jobs);
    this.#lastTry = true;
    await this.#startAgain(this.#blocked.map(({ versionId }) => versionId));
    await Promise.all(this.#jobs);
    this.#flush();
    await this.#startAgain(this.#covered);
  }

  async #startAgain(versionIds: Iterable<number>): Promise<void> {
    const { catalog, source, record } = this.#options;
    for (const versionId of versionIds) {
      const [now] = catalog.copies.pending(source.id, record.id, versionId - 1, 1);
      if (now?.versionId === versionId) await this.#start(now, true);
    }
  }

  get #working(): { readonly store: Store; readonly budget: Budget } {
    if (this.#opened === undefined) throw new StrongroomError('internal', 'a copy was begun before its store was open');
    return this.#opened;
  }

  #isOver(): boolean {
    return this.#stopped !== undefined || this.#options.signal.aborted;
  }

  async #start(pending: PendingCopy, uncertain: boolean): Promise<void> {
    await this.#options.gate();
    const size = pending.facts?.size ?? 0;
    const release = await this.#working.budget.take(64 * 1024 + Math.min(size, memoryBudget / 2));
    if (this.#isOver()) {
      release();
      return;
    }
    // Two versions of one file go one after the other, so that the store's own history has them in order; and a file is
    // not taken from its old place while it is moved to its new one: some stores have one object for both.
    const files = pending.movedFrom === undefined ? [pending.fileId] : [pending.fileId, pending.movedFrom];
    const before = Promise.all(files.map((file) => this.#byFile.get(file) ?? Promise.resolve()));
    const job = before.then(() => this.#carryOut(pending, uncertain)).finally(release);
    for (const file of files) this.#byFile.set(file, job);
    this.#jobs.add(job);
    void job.finally(() => {
      this.#jobs.delete(job);
      for (const file of files) if (this.#byFile.get(file) === job) this.#byFile.delete(file);
    });
  }

  /** Never rejects: what goes wrong is told, and the copy stays pending. */
  async #carryOut(pending: PendingCopy, uncertain: boolean): Promise<void> {
    if (this.#isOver()) return;
    try {
      await this.#options.whileWriting();
      const locator =
        pending.facts === undefined ? await this.#retire(pending) : await this.#put(pending, pending.facts, uncertain);
      if (locator === undefined) return;
      this.#results.push({ pending, locator });
      if (pending.facts === undefined) this.progress.deleted += 1;
      else this.progress.copied += 1;
      if (this.#results.length >= resultsAFlush || this.#options.clock.now() - this.#flushedAt > flushEveryMs)
        this.#flush();
    } catch (error) {
      if (codeOf(error) === 'cancelled') return;
      if (mayPass.has(codeOf(error)) && !this.#lastTry) {
        this.#blocked.push(pending);
        return;
      }
      this.#options.catalog.copies.attempted(pending.versionId, this.#options.record.id, codeOf(error));
      if (isStoreWide(error)) {
        this.#giveUp(error);
        return;
      }
      this.progress.failed += 1;
      this.#options.onProblem(this.#named(error));
    }
  }

  async #retire(pending: PendingCopy): Promise<string> {
    this.#flush();
    const { catalog, record, signal } = this.#options;
    const { store } = this.#working;
    const replaces = catalog.copies.shown(pending.fileId, record.id, pending.versionId);
    return (await store.retire(this.#place(pending.path), replaces, signal)).locator;
  }

  async #put(
    pending: PendingCopy,
    facts: NonNullable<PendingCopy['facts']>,
    uncertain: boolean,
  ): Promise<string | undefined> {
    const { catalog, record, cache } = this.#options;
    const { store } = this.#working;
    const { again } = pending;
    if (!pending.current && (again === 'covered' || again === 'misplaced')) {
      catalog.copies.leave(pending.versionId, record.id, again);
      return undefined;
    }
    let replaces: string | undefined;
    if (pending.number > 1 || !pending.current || again !== undefined) {
      this.#flush();
      replaces = catalog.copies.shown(pending.fileId, record.id, pending.versionId);
    }
    const request: PutRequest = {
      place: this.#place(pending.path),
      version: facts,
      number: pending.number,
      replaces,
      // It may be in another place in the store: then it is put back and not sent once more.
      mayExist: uncertain || again === 'missing' || again === 'misplaced',
      move: false,
    };
    const within = await this.#copyWithin(pending, facts.size, request);
    if (within !== undefined) {
      cache.take(pending.versionId);
      return within;
    }
    const content = this.#content(pending) ?? (request.mayExist ? noContent : undefined);
    if (content === undefined) {
      this.#lose(pending);
      return undefined;
    }
    this.#sending.set(pending.versionId, { path: pending.path, size: facts.size, sent: 0 });
    try {
      return (await store.put(request, content.bytes, this.#context(pending))).locator;
    } catch (error) {
      if (content !== noContent || codeOf(error) !== 'file-vanished') throw error;
      this.#lose(pending);
      return undefined;
    } finally {
      this.#sending.delete(pending.versionId);
      await content.close();
    }
  }

  /** Its bytes are to be had nowhere: it is what it was found to be, or was replaced before any store could be reached. */
  #lose(pending: PendingCopy): void {
    const { catalog, source, record } = this.#options;
    if (pending.again !== undefined) {
      catalog.copies.leave(pending.versionId, record.id, pending.again);
      return;
    }
    // Said once, and not tried for ever.
    catalog.copies.lost(pending.versionId, record.id, 'replaced before it was copied');
    catalog.events.add({
      kind: 'copy-lost-before-replication',
      sourceId: source.id,
      storeId: record.id,
      versionId: pending.versionId,
    });
  }

  /** From a copy that the store has already: nothing is sent. */
  async #copyWithin(pending: PendingCopy, size: number, request: PutRequest): Promise<string | undefined> {
    const { catalog, source, record } = this.#options;
    const { store } = this.#working;
    // A copy that was moved and is to be put once more: the move itself is long done.
    const moves = pending.movedFrom !== undefined && pending.again === undefined;
    if (size === 0 || !pending.shared || (!moves && !store.capabilities.copiesWithin)) return undefined;
    const from = moves
      ? catalog.copies.movedFrom(pending.versionId, record.id)
      : catalog.copies.sameContent(source.id, record.id, request.version.sha256);
    if (from === undefined) return undefined;
    const address = { place: this.#place(from.path), locator: from.locator };
    const placed = await store.copyWithin(address, { ...request, move: moves }, this.#context(pending));
    if (placed !== undefined) this.progress.copiedWithin += 1;
    return placed?.locator;
  }

  /** Where the bytes come from: memory, the source, or (for a version that the source has no more) another store. */
  #content(pending: PendingCopy): { bytes: Content; close: () => Promise<void> } | undefined {
    const { catalog, source, cache, platform, signal, otherStore, record } = this.#options;
    const none = (): Promise<void> => Promise.resolve();
    const kept = cache.take(pending.versionId);
    if (kept !== undefined) return { bytes: new KeptContent(kept), close: none };
    if (pending.facts === undefined) return undefined;
    if (pending.current) {
      const content = new SourceContent(sourcePath(source.root, pending.path), pending.path, pending.facts, platform);
      return { bytes: content, close: () => content.close() };
    }
    const held = catalog.copies.ofContent(source.id, pending.facts.sha256).map((copy) => ({
      address: { place: this.#place(copy.path), locator: copy.locator },
      store: () => (copy.storeId === record.id ? Promise.resolve(this.#working.store) : otherStore(copy.storeId)),
    }));
    return held.length > 0 ? { bytes: new CopiesContent(held, signal), close: none } : undefined;
  }

  #context(pending: PendingCopy): PutContext {
    const { catalog, record, clock, signal } = this.#options;
    return {
      signal,
      onBytes: (count) => {
        this.progress.bytesSent += count;
        const file = this.#sending.get(pending.versionId);
        // Bytes that are sent again after a failure count again.
        if (file !== undefined) file.sent = Math.min(file.size, file.sent + count);
      },
      resume: {
        token: catalog.copies.uploadToken(pending.versionId, record.id),
        save: (token) => catalog.copies.saveUploadToken(pending.versionId, record.id, token, clock.now()),
      },
    };
  }

  #place(path: string): { source: string; path: string } {
    return { source: this.#options.source.name, path };
  }

  /** Records what was done, in one transaction. */
  #flush(): void {
    this.#flushedAt = this.#options.clock.now();
    if (this.#results.length === 0) return;
    const { catalog, record } = this.#options;
    const results = this.#results;
    this.#results = [];
    catalog.transaction(() => {
      for (const { pending, locator } of results) {
        catalog.copies.stored(pending.versionId, record.id, locator, this.#flushedAt);
        const covered = pending.current ? undefined : catalog.copies.requeueCovered(pending, record.id);
        if (covered !== undefined) this.#covered.add(covered);
      }
    });
  }

  #giveUp(error: unknown): void {
    if (this.#stopped !== undefined || codeOf(error) === 'cancelled') return;
    const reason = asStrongroomError(error);
    this.#stopped = reason;
    this.#options.cache.clear();
    this.#options.onProblem(
      new StrongroomError(reason.code, `The store "${this.#options.record.name}": ${reason.message}`, {
        cause: reason,
        subject: this.#options.record.name,
        ...(reason.advice === undefined ? {} : { advice: reason.advice }),
      }),
    );
    this.#wake();
  }

  #named(error: unknown): StrongroomError {
    const reason = asStrongroomError(error);
    return new StrongroomError(reason.code, `${reason.message} (store "${this.#options.record.name}")`, {
      cause: reason,
      ...(reason.subject === undefined ? {} : { subject: reason.subject }),
      ...(reason.advice === undefined ? {} : { advice: reason.advice }),
    });
  }
}
