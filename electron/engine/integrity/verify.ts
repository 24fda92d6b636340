import { createHash } from 'node:crypto';
import type { Clock } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf, isStoreWide, type StrongroomError } from '../../../shared/errors.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { AuditedCopy } from '../catalog/copies.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { ListedCopy, Store } from '../stores/store.ts';

export interface VerifyOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  readonly record: StoreRecord;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Read every byte back, instead of trusting what the store says of its own content. */
  readonly deep: boolean;
  readonly onProgress: (checked: number) => void;
}

export interface BadCopy {
  readonly path: string;
  readonly number: number;
  readonly found: 'missing' | 'corrupt';
}

export interface VerifyResult {
  readonly source: string;
  readonly store: string;
  readonly checked: number;
  /** Copies whose checksum was confirmed, by the store or by reading them. */
  readonly verified: number;
  readonly bad: readonly BadCopy[];
  /** Paths at which the store shows something that Strongroom did not put there. */
  readonly foreign: readonly string[];
}

const pageSize = 500;
const readAtOnce = 8;
const listed = 10_000;

/**
 * Audits the copies of one source in one store: each is where it should be, with the right size and identity, or (deep)
 * with the right bytes. Only a confirmed checksum makes a copy `verified`. What is found is recorded as events; what is
 * bad is copied again by the next run where the source still has it.
 *
 * Errors: those of the store as a whole; then what was audited before stays recorded.
 */
export async function verify(options: VerifyOptions): Promise<VerifyResult> {
  const audit = new Audit(options);
  await audit.list();
  if (options.deep) await audit.read();
  audit.requeueCovered();
  return audit.result();
}

class Audit {
  readonly #options: VerifyOptions;
  readonly #bad: BadCopy[] = [];
  readonly #badVersions = new Set<number>();
  readonly #foreign = new Set<string>();
  /** Current versions in whose place the store shows something else. */
  readonly #covered: number[] = [];
  /** The path whose copies are listed now, and its current version where it was met in its place, or in history. */
  #path = '';
  #shown: number | undefined;
  #hidden: number | undefined;
  #checked = 0;
  #verified = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
  }

  /**
   * All copies of a path were seen. Where the current version lies in the store's history and not in its place (it may
   * lie in both, from before it was put again), something else was put over it.
   */
  #endPath(): void {
    if (this.#hidden !== undefined && this.#hidden !== this.#shown) {
      this.#covered.push(this.#hidden);
      this.#isForeign(this.#path);
    }
    this.#hidden = undefined;
    this.#shown = undefined;
  }

  /** What was found covered is put again by the next run. Last, for the listing tells of the copy itself too. */
  requeueCovered(): void {
    const { catalog, record } = this.#options;
    catalog.transaction(() => {
      for (const versionId of this.#covered) catalog.copies.requeue(versionId, record.id, 'covered');
    });
  }

  result(): VerifyResult {
    const { source, record, catalog, deep } = this.#options;
    const result = {
      source: source.name,
      store: record.name,
      checked: this.#checked,
      verified: this.#verified,
      bad: this.#bad,
      foreign: [...this.#foreign],
    };
    // Names and sizes alone confirm nothing.
    if (this.#bad.length === 0 && this.#verified > 0) {
      catalog.events.add({
        kind: 'fixity-confirmed',
        sourceId: source.id,
        storeId: record.id,
        detail: { checked: this.#checked, verified: this.#verified, deep },
      });
    }
    return result;
  }

  /** Compares the store's own listing with the catalog: what is missing, what has another size, what is foreign. */
  async list(): Promise<void> {
    const { catalog, source, record, store, signal, deep } = this.#options;
    catalog.copies.beginAudit();
    let page: ListedCopy[] = [];
    const take = (): void => {
      const now = page;
      page = [];
      catalog.transaction(() => {
        for (const copy of now) this.#compare(copy);
      });
      this.#options.onProgress(this.#checked);
    };
    for await (const copy of store.list(source.name, signal)) {
      page.push(copy);
      if (page.length >= pageSize) take();
    }
    take();
    this.#endPath();
    for (let after = 0; ;) {
      const missing = catalog.copies.notSeenInAudit(source.id, record.id, after, pageSize);
      const last = missing.at(-1);
      if (last === undefined) break;
      after = last.versionId;
      catalog.transaction(() => {
        for (const copy of missing) this.#found(copy, 'missing', deep ? 'read' : 'listing');
      });
      this.#checked += missing.length;
    }
  }

  #compare(listedCopy: ListedCopy): void {
    const { catalog, source, record, store, clock, deep } = this.#options;
    if (listedCopy.path !== this.#path) this.#endPath();
    this.#path = listedCopy.path;
    // A deletion that should not be there shows in the copy that it covers.
    if (listedCopy.deletion) return;
    const known = catalog.copies.listed(
      source.id,
      record.id,
      folderOf(listedCopy.path),
      baseName(listedCopy.path),
      listedCopy.locator,
    );
    if (known === undefined) {
      // What lies in the store's history only is shown to nobody.
      if (listedCopy.current) this.#isForeign(listedCopy.path);
      return;
    }
    catalog.copies.seenInAudit(known.versionId);
    if (known.current && listedCopy.current) this.#shown = known.versionId;
    if (known.current && !listedCopy.current) this.#hidden = known.versionId;
    this.#checked += 1;
    const sameTime =
      listedCopy.mtimeNs === undefined || Math.abs(Number(listedCopy.mtimeNs - known.facts.mtimeNs)) < 2_000;
    if (listedCopy.size !== known.facts.size || !sameTime) {
      this.#found(known, 'corrupt', 'listing');
    } else if (store.capabilities.listsIdentity && !deep) {
      // The store gave this identity when it confirmed the checksum; it is the same bytes as long as it is the same.
      catalog.copies.checked(known.versionId, record.id, 'verified', 'store checksum', clock.now());
      this.#verified += 1;
    }
  }

  /** Reads every copy that is still thought good, and hashes it. */
  async read(): Promise<void> {
    const { catalog, source, record, signal } = this.#options;
    const under = new Set<Promise<void>>();
    const failure: { reason?: StrongroomError } = {};
    const isOver = (): boolean => failure.reason !== undefined || signal.aborted;
    for (let after = 0; !isOver();) {
      const page = catalog.copies.toAudit(source.id, record.id, after, pageSize);
      const last = page.at(-1);
      if (last === undefined) break;
      after = last.versionId;
      for (const copy of page.filter(
        ({ state, versionId }) => state !== 'missing' && !this.#badVersions.has(versionId),
      )) {
        while (under.size >= readAtOnce) await Promise.race(under);
        if (isOver()) break;
        const job = this.#readOne(copy).catch((error: unknown) => {
          failure.reason ??= asStrongroomError(error);
        });
        under.add(job);
        void job.then(() => under.delete(job));
      }
    }
    await Promise.all(under);
    if (failure.reason !== undefined) throw failure.reason;
    signal.throwIfAborted();
  }

  /** Rejects only with what concerns the whole store. */
  async #readOne(copy: AuditedCopy): Promise<void> {
    const { catalog, source, record, store, signal, clock } = this.#options;
    try {
      const digest = createHash('sha256');
      const address = { place: { source: source.name, path: copy.path }, locator: copy.locator };
      for await (const chunk of await store.get(address, {}, signal)) digest.update(chunk);
      if (digest.digest('hex') === copy.facts.sha256) {
        catalog.copies.checked(copy.versionId, record.id, 'verified', 'read', clock.now());
        this.#verified += 1;
      } else {
        this.#found(copy, 'corrupt', 'read');
      }
    } catch (error) {
      const code = codeOf(error);
      if (code === 'copy-missing' || code === 'copy-corrupt')
        this.#found(copy, code === 'copy-missing' ? 'missing' : 'corrupt', 'read');
      else if (code === 'cancelled' || isStoreWide(error)) throw error;
      else if (code !== 'copy-archived') this.#found(copy, 'corrupt', 'read');
    }
    this.#options.onProgress(this.#verified + this.#bad.length);
  }

  #found(copy: AuditedCopy, found: 'missing' | 'corrupt', how: string): void {
    const { catalog, source, record, clock } = this.#options;
    this.#badVersions.add(copy.versionId);
    catalog.copies.checked(copy.versionId, record.id, found, how, clock.now());
    catalog.events.add({
      kind: 'fixity-failed',
      sourceId: source.id,
      storeId: record.id,
      versionId: copy.versionId,
      detail: { found, how },
    });
    if (this.#bad.length < listed) this.#bad.push({ path: copy.path, number: copy.number, found });
  }

  /** What a person sees at this path in the store is not what Strongroom put there: replaced or deleted by someone else. */
  #isForeign(path: string): void {
    const { catalog, source, record } = this.#options;
    if (this.#foreign.size >= listed || this.#foreign.has(path)) return;
    this.#foreign.add(path);
    catalog.events.add({ kind: 'copy-foreign', sourceId: source.id, storeId: record.id, detail: { path } });
  }
}
