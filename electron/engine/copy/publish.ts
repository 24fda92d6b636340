import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { JournalEntry, JournalHeader } from '../../../shared/journal.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import {
  checkpointName,
  entriesAFile,
  journalName,
  numberOf,
  packJournal,
  sourceControl,
  unpackJournal,
} from '../journal/journal-file.ts';
import type { Store } from '../stores/store.ts';

export interface PublishOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  readonly storeId: number;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A checkpoint is due after this many journals, if they have grown to half of the last one, and in any case after many. */
const checkpointAfter = { journals: 48, always: 512 };

/** Whether the store's journals lack anything that the catalog knows of the store. */
export function hasNews(catalog: Catalog, sourceId: number, storeId: number): boolean {
  return catalog.journaling.untold(sourceId, storeId, 1).length > 0;
}

/**
 * Appends to the store's journals what it does not tell yet, and writes a checkpoint when one is due. What is told is
 * marked only after the store has it, so a kill in between tells it twice, which readers do not mind.
 */
export async function publish(options: PublishOptions): Promise<void> {
  const { catalog, source, storeId, clock } = options;
  for (let first = true; ; first = false) {
    const told = catalog.journaling.untold(source.id, storeId, entriesAFile);
    const state = catalog.sources.journalState(source.id, storeId);
    const folders = first ? catalog.journaling.folderSpans(source.id, state.journalAt) : [];
    if (told.length === 0 && folders.length === 0) break;
    const at = clock.now();
    // Folders first: their files then find them with their own times.
    const entries: JournalEntry[] = [...folders, ...told.map(({ entry }) => entry)];
    const written = await appendJournal(options, state.journal + 1, entries, at);
    catalog.transaction(() => {
      if (written.mine) {
        catalog.journaling.markTold(
          storeId,
          told.map(({ versionId }) => versionId),
        );
      }
      const latest = catalog.sources.journalState(source.id, storeId);
      catalog.sources.setJournalState(source.id, {
        ...latest,
        journal: state.journal + 1,
        journalAt: written.mine ? at : latest.journalAt,
        journalBytes: latest.journalBytes + written.size,
      });
    });
  }
  await checkpointIfDue(options);
}

async function appendJournal(
  options: PublishOptions,
  number: number,
  entries: JournalEntry[],
  at: number,
): Promise<{ mine: boolean; size: number }> {
  const { catalog, source, storeId, store, signal } = options;
  const name = journalName(source.name, number);
  const bytes = await packJournal(header(options, 'journal', number, 1, true, at), entries);
  try {
    await store.writeControl(name, bytes, { kind: 'absent' }, signal);
    return { mine: true, size: bytes.length };
  } catch (error) {
    if (!(error instanceof StrongroomError) || error.code !== 'copy-conflict') throw error;
    // The number is taken: by this workstation before it was killed, or by another. Either way it is read first.
    const there = await store.readControl(name, signal);
    if (there === undefined) throw error;
    catalog.journaling.apply(source.id, storeId, (await unpackJournal(name, there.bytes)).entries);
    return { mine: false, size: there.bytes.length };
  }
}

async function checkpointIfDue(options: PublishOptions): Promise<void> {
  const { catalog, source, storeId } = options;
  const state = catalog.sources.journalState(source.id, storeId);
  const since = state.journal - state.checkpoint;
  if (
    since < checkpointAfter.journals ||
    (since < checkpointAfter.always && state.journalBytes * 2 < state.checkpointBytes)
  )
    return;
  await writeCheckpoint(options);
}

/** Writes everything that the store has of the source as a checkpoint, then removes the journals before the one before it. */
export async function writeCheckpoint(options: PublishOptions): Promise<void> {
  const { catalog, source, storeId, store, clock, signal } = options;
  const state = catalog.sources.journalState(source.id, storeId);
  const number = state.journal;
  let after = 0;
  let size = 0;
  for (let part = 1, last = false; !last; part += 1) {
    const page = catalog.journaling.page(source.id, storeId, after, entriesAFile);
    after = page.at(-1)?.versionId ?? after;
    last = page.length < entriesAFile;
    const folders = part === 1 ? catalog.journaling.folderSpans(source.id, 0) : [];
    const entries = [...folders, ...page.map(({ entry }) => entry)];
    const bytes = await packJournal(header(options, 'checkpoint', number, part, last, clock.now()), entries);
    await store.writeControl(checkpointName(source.name, number, part), bytes, { kind: 'any' }, signal);
    size += bytes.length;
  }
  catalog.sources.setJournalState(source.id, {
    ...catalog.sources.journalState(source.id, storeId),
    checkpoint: number,
    journalBytes: 0,
    checkpointBytes: size,
  });
  // The checkpoint before this one and its journals stay: two ways back, should one file be damaged.
  for (const name of await store.listControl(`${sourceControl(source.name)}/`, signal)) {
    const old = name.includes('/checkpoint/') ? numberOf(name) < state.checkpoint : numberOf(name) <= state.checkpoint;
    if (old) await store.removeControl(name, signal);
  }
}

function header(
  options: PublishOptions,
  kind: JournalHeader['strongroom'],
  number: number,
  part: number,
  last: boolean,
  at: number,
): JournalHeader {
  const { uuid, name, root, createdAt } = options.source;
  return {
    strongroom: kind,
    format: 1,
    source: { uuid, name, root, createdAt },
    number,
    part,
    last,
    workstation: options.catalog.workstation,
    at,
  };
}
