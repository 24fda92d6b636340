import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { plainRules, type SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import { sourceOfControl } from '../journal/journal-file.ts';
import { allowanceNote } from '../stores/allowance.ts';
import type { Store } from '../stores/store.ts';
import { readJournals } from './journals.ts';
import { takeOverListing } from './listing.ts';

export interface RebuiltSource {
  readonly source: string;
  readonly files: number;
  readonly versions: number;
  /** Where it came from. */
  readonly from: 'journals' | 'listing' | 'journals and listing';
  readonly damagedJournals: readonly string[];
}

export interface RebuildOptions {
  readonly catalog: Catalog;
  readonly record: StoreRecord;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Use the store's own listing only. */
  readonly withoutJournals: boolean;
  readonly onProgress: (source: string, entries: number) => void;
  /** Told, before anything is read that takes long, what a person should know first. */
  readonly onNotice: (text: string) => void;
}

/**
 * Makes a catalog of all that one store holds. From journals everything comes back, times included; where a journal is
 * damaged or there are none, the store's own listing fills in what it can (see `listing.ts` for what it cannot).
 *
 * Error: `store-not-found` where the store holds no source.
 */
export async function rebuild(options: RebuildOptions): Promise<RebuiltSource[]> {
  const { catalog, record, store, signal } = options;
  const told = (await store.listControl('sources/', signal)).flatMap((name) => sourceOfControl(name) ?? []);
  const names = [...new Set([...(await store.sources(signal)), ...told])].sort();
  if (names.length === 0) {
    throw new StrongroomError('store-not-found', `The store "${record.name}" holds no source of Strongroom.`, {
      subject: record.name,
      advice: 'Check the path or prefix: it is the one that was given with --to.',
    });
  }
  const rebuilt: RebuiltSource[] = [];
  for (const name of names) rebuilt.push(await rebuildSource(options, name));
  catalog.events.add({ kind: 'catalog-rebuilt', storeId: record.id, detail: { sources: rebuilt } });
  return rebuilt;
}

async function rebuildSource(options: RebuildOptions, name: string): Promise<RebuiltSource> {
  const { catalog, record, store, clock, signal, withoutJournals, onProgress } = options;
  let source: SourceRecord | undefined;
  let entries = 0;
  let newest = 0;
  let damaged: readonly StrongroomError[] = [];
  if (!withoutJournals) {
    const reading = await readJournals(store, name, 0, signal);
    for await (const file of reading.files) {
      source ??= addSource(catalog, record, name, file.header.source);
      catalog.journaling.apply(source.id, record.id, file.entries);
      entries += file.entries.length;
      onProgress(name, entries);
    }
    newest = reading.newest;
    damaged = reading.damaged;
  }
  const fromJournals = source !== undefined;
  source ??= addSource(catalog, record, name, undefined);
  const list = !fromJournals || damaged.length > 0;
  if (list) await tellAllowance(options, name);
  if (list) entries += await takeOverListing(catalog, source, record.id, store, clock, signal);
  onProgress(name, entries);
  const state = catalog.sources.journalState(source.id, record.id);
  catalog.sources.setJournalState(source.id, { ...state, journal: newest, journalAt: clock.now(), lookFirst: 'once' });
  const { files, versions } = catalog.sources.tally(source.id);
  return {
    source: name,
    files,
    versions,
    from: !fromJournals ? 'listing' : list ? 'journals and listing' : 'journals',
    damagedJournals: damaged.map((error) => error.subject ?? ''),
  };
}

/** Where a store has a daily allowance and does not tell the digest of all that it lists, much may have to be read. */
async function tellAllowance({ record, store, signal, onNotice }: RebuildOptions, source: string): Promise<void> {
  const { dailyBytes } = store.capabilities;
  if (dailyBytes === undefined) return;
  let bytes = 0;
  for await (const copy of store.list(source, signal)) if (copy.isToBeRead === true) bytes += copy.size;
  const note = allowanceNote(record.name, bytes, dailyBytes);
  if (note !== undefined) onNotice(note);
}

function addSource(
  catalog: Catalog,
  record: StoreRecord,
  name: string,
  told: { readonly uuid: string; readonly root: string } | undefined,
): SourceRecord {
  const known = catalog.sources.find(name);
  if (known !== undefined) {
    catalog.sources.attach(known, record);
    return known;
  }
  const source = catalog.sources.add({
    name,
    root: told?.root ?? '',
    rules: plainRules,
    mounted: false,
    ...(told === undefined ? {} : { uuid: told.uuid }),
  });
  catalog.sources.attach(source, record);
  return source;
}
