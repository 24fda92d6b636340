import { StrongroomError } from '../../../shared/errors.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { Store } from '../stores/store.ts';
import { readJournals } from './journals.ts';

/**
 * Takes over what a store's journals tell and this catalog does not know: written by another workstation, or by this one
 * before its catalog was set back. Costs one request where there is nothing new.
 *
 * Errors: `name-taken` where the store's source of this name is another one; `journal-damaged`.
 *
 * @returns whether there was anything.
 */
export async function catchUp(
  catalog: Catalog,
  source: SourceRecord,
  record: StoreRecord,
  store: Store,
  signal: AbortSignal,
): Promise<boolean> {
  const state = catalog.sources.journalState(source.id, record.id);
  const reading = await readJournals(store, source.name, state.journal, signal);
  let entries = 0;
  let others = false;
  for await (const file of reading.files) {
    if (file.header.source.uuid !== source.uuid) throw otherSource(source, record, file.header.source.root);
    catalog.journaling.apply(source.id, record.id, file.entries);
    entries += file.entries.length;
    others ||= file.header.workstation !== catalog.workstation;
  }
  const [damaged] = reading.damaged;
  if (damaged !== undefined) throw damaged;
  catalog.transaction(() => {
    const now = catalog.sources.journalState(source.id, record.id);
    // Where another workstation writes too, every run looks first.
    catalog.sources.setJournalState(source.id, {
      ...now,
      journal: reading.newest,
      lookFirst: others ? 'always' : now.lookFirst === 'once' ? 'no' : now.lookFirst,
    });
    if (entries > 0) {
      for (const storeId of catalog.sources.storeIds(source.id)) catalog.sources.addPendingCopies(source.id, storeId);
      catalog.events.add({
        kind: 'journal-imported',
        sourceId: source.id,
        storeId: record.id,
        detail: { entries, upTo: reading.newest },
      });
    } else {
      catalog.sources.addPendingCopies(source.id, record.id);
    }
  });
  return entries > 0;
}

function otherSource(source: SourceRecord, record: StoreRecord, root: string): StrongroomError {
  return new StrongroomError(
    'name-taken',
    `The store "${record.name}" holds another source named "${source.name}" already (of ${root}).`,
    {
      subject: source.name,
      advice:
        'Protect this folder under another name (--name). If it is the same folder and this is a new workstation, ' +
        'rebuild the catalog from the store instead: strongroom rebuild --from <store>.',
    },
  );
}
