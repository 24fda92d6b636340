import type { Place } from '../../../../shared/domain.ts';
import type { Placed } from '../store.ts';
import type { Connection } from './connection.ts';
import { splitNames, type Folders } from './folders.ts';
import { deletionLocator, noDeletion, parseLocator } from './locator.ts';
import { modifiedTime, type OwnFile, type Places } from './places.ts';
import { markOf, recordOf } from './record.ts';

/** The parts that work on files. */
export interface Parts {
  readonly connection: Connection;
  readonly folders: Folders;
  readonly places: Places;
}

/**
 * See `Store.retire`. The file moves to the history folder, with all its revisions; a file that was moved to another
 * place before, or that lies in the history folder already, stays where it is.
 */
export async function retire(
  parts: Parts,
  place: Place,
  replaces: string | undefined,
  signal: AbortSignal,
): Promise<Placed> {
  const { connection, places } = parts;
  const id = parseLocator(replaces)?.fileId;
  if (id !== undefined) {
    const file = await connection.api.file(id, { signal, subject: place.path });
    const record = file === undefined ? undefined : recordOf(file);
    if (file !== undefined && record !== undefined) {
      if (record.at === (await places.tag(place, signal)))
        return await toHistory(parts, place, { file, record }, signal);
      const left = record.former.findLast((former) => former.path === place.path);
      if (left !== undefined) return { locator: deletionLocator(file.id, left.until) };
      if (typeof record.gone === 'number') return { locator: deletionLocator(file.id, headMark(file)) };
    }
  }
  const current = await places.find(place, undefined, signal);
  if (current !== undefined) return await toHistory(parts, place, current, signal);
  return { locator: replaces !== undefined && id === undefined ? replaces : noDeletion };
}

async function toHistory(parts: Parts, place: Place, own: OwnFile, signal: AbortSignal): Promise<Placed> {
  await moveToHistory(parts, place, own, String(parts.connection.clock.now()), signal);
  return { locator: deletionLocator(own.file.id, headMark(own.file)) };
}

/** Moves a file to the folder of its path below `history`. @param gone see `FileRecord.gone`. */
export async function moveToHistory(
  parts: Parts,
  place: Place,
  { file, record }: OwnFile,
  gone: string,
  signal: AbortSignal,
): Promise<void> {
  const { folders, name } = splitNames(place.path);
  const folder = await parts.folders.folder('history', place.source, folders, signal);
  const metadata = {
    appProperties: { at: null, gone },
    ...(file.name === name ? {} : { name }),
    ...(file.trashed ? { trashed: false } : {}),
    ...modifiedTime(record.mtimeNs),
  };
  const move = { addParents: folder.id, removeParents: file.parents };
  await parts.connection.api.update(file.id, metadata, move, { signal, subject: place.path });
}

export function headMark(file: { readonly headRevisionId?: string | undefined }): string {
  return markOf(file.headRevisionId ?? '');
}
