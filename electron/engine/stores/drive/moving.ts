import type { CopyAddress, Placed, PutContext, PutRequest } from '../store.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { splitNames, type Folder } from './folders.ts';
import { parseLocator } from './locator.ts';
import { mediaTypeOf } from './media-types.ts';
import { modifiedTime, type OwnFile } from './places.ts';
import { isConfirmed, isThere, placedAt, putBack } from './putting.ts';
import { changedProperties, propertiesOf, recordOf, type FileRecord } from './record.ts';
import { headMark, type Parts } from './retiring.ts';
import { madeBefore } from './sending.ts';

/**
 * See `Store.copyWithin`. A move changes the file's name and folder: it keeps its id, its links and its revisions, so
 * the locators of before stay good, and the new place's locator is that of the old one. What belonged to the old place
 * is written into the file's properties; a file that cannot be moved so is copied by Drive.
 *
 * `undefined` for what is no move: Drive copies only what a file holds now, no older revision, so it cannot serve any
 * content. Also where a file lies at the new place already, which keeps its id by getting a new revision.
 */
export async function copyWithin(
  parts: Parts,
  from: CopyAddress,
  request: PutRequest,
  context: PutContext,
): Promise<Placed | undefined> {
  const { place, version, replaces, mayExist, number } = request;
  const { signal } = context;
  const { connection, places, folders } = parts;
  const options = { signal, subject: place.path };
  const address = parseLocator(from.locator);
  if (address === undefined || !request.move) return undefined;
  const file = await connection.api.file(address.fileId, options);
  const record = file === undefined ? undefined : recordOf(file);
  if (file === undefined || record === undefined || file.headRevisionId !== address.revisionId) return undefined;
  if (record.sha256 !== version.sha256 || file.sha256Checksum !== version.sha256) return undefined;
  const source = { file, record };

  const tag = await places.tag(place, signal);
  const names = splitNames(place.path);
  const folder = await folders.folder('files', place.source, names.folders, signal);
  if (mayExist && record.at === tag && leftFrom(record, from.place.path)) {
    // People may have worked with it since the attempt whose answer was lost.
    await putBack(parts, source, folder, names.name, options);
    context.onBytes(version.size);
    return placedAt(file, parts);
  }
  const isFirst = !mayExist && number === 1 && parseLocator(replaces) === undefined;
  if (!(isFirst && (await places.isAbsent(folder, place, signal)))) {
    const there = await places.find(place, replaces, signal);
    if (there !== undefined) {
      if (!mayExist || !isThere(there, request)) return undefined;
      await putBack(parts, there, folder, names.name, options);
      context.onBytes(version.size);
      return placedAt(there.file, parts);
    }
  }
  const placed =
    (await move(parts, source, from, request, folder, context)) ??
    (await copy(parts, source, request, folder, context));
  context.onBytes(version.size);
  return placed;
}

/** `undefined` where the file must stay: it is not at the old place, the times differ, or it was at the new place before. */
async function move(
  parts: Parts,
  { file, record }: OwnFile,
  from: CopyAddress,
  request: PutRequest,
  folder: Folder,
  context: PutContext,
): Promise<Placed | undefined> {
  const { place, version, number } = request;
  const { connection, places } = parts;
  const { signal } = context;
  if (from.place.source !== place.source) return undefined;
  if (record.at !== (await places.tag(from.place, signal))) return undefined;
  if (record.mtimeNs !== version.mtimeNs || record.mode !== version.mode) return undefined;
  // Two versions of one path must not have one locator.
  if (leftFrom(record, place.path)) return undefined;
  const until = headMark(file);
  const now = connection.clock.now();
  const moved: FileRecord = {
    ...record,
    number,
    storedAt: now,
    at: await places.tag(place, signal),
    since: until,
    former: [...record.former, { path: from.place.path, since: record.since, until, goneAt: now }],
  };
  const properties = propertiesOf(file.id, moved, await connection.tag('source', place.source, '', signal));
  if (properties === undefined) return undefined;
  const metadata = {
    name: splitNames(place.path).name,
    ...(file.trashed ? { trashed: false } : {}),
    ...modifiedTime(version.mtimeNs),
    appProperties: changedProperties(file, properties),
  };
  const change = { addParents: folder.id, removeParents: file.parents };
  return placedAt(await connection.api.update(file.id, metadata, change, { signal, subject: place.path }), parts);
}

async function copy(
  parts: Parts,
  { file }: OwnFile,
  request: PutRequest,
  folder: Folder,
  context: PutContext,
): Promise<Placed> {
  const { place, version, number } = request;
  const { connection, places } = parts;
  const options = { signal: context.signal, subject: place.path };
  const at = await places.tag(place, context.signal);
  const id = await places.idFor(at, context.signal);
  const { name } = splitNames(place.path);
  const { sha256, mtimeNs, mode } = version;
  const record: FileRecord = {
    ...{ number, sha256, mtimeNs, mode, at, revisions: 1, since: '', gone: undefined, former: [], superseded: [] },
    storedAt: connection.clock.now(),
  };
  const properties = propertiesOf(id, record, await connection.tag('source', place.source, '', context.signal)) ?? {};
  const metadata = {
    ...{ id, name, parents: [folder.id], mimeType: mediaTypeOf(name) },
    ...modifiedTime(mtimeNs),
    appProperties: changedProperties(file, properties),
  };
  let made;
  try {
    made = await connection.api.copy(file.id, metadata, options);
  } catch (error) {
    made = await madeBefore(parts, request, id, error, options);
  }
  places.settled(at);
  if (await isConfirmed(parts, made, version, context.signal)) return placedAt(made, parts);
  await connection.api.remove(made.id, options);
  throw new StrongroomError('store-busy', `${connection.place} made a wrong copy of ${place.path}.`, {
    subject: place.path,
    advice: 'Strongroom tries again by itself.',
  });
}

function leftFrom(record: FileRecord, path: string): boolean {
  return record.former.some((former) => former.path === path);
}
