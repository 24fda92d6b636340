import { createHash } from 'node:crypto';
import type { VersionFacts } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { Content, Placed, PutContext, PutRequest } from '../store.ts';
import type { CallContext, FileMetadata } from './api.ts';
import { DriveError, fileChanging } from './errors.ts';
import { splitNames, type Folder } from './folders.ts';
import { headLocator, parseLocator } from './locator.ts';
import { mediaTypeOf } from './media-types.ts';
import { modifiedTime, placeRight, type OwnFile } from './places.ts';
import { readRevision } from './reading.ts';
import {
  changedProperties,
  isUntouched,
  propertiesOf,
  recordOf,
  sameVersion,
  withSuperseded,
  type FileRecord,
} from './record.ts';
import { forgetUpload, goOn, sendInSession } from './resumable.ts';
import { moveToHistory, type Parts } from './retiring.ts';
import { madeBefore, type Sending } from './sending.ts';
import type { DriveFile } from './schema.ts';

/** Larger files go up by a resumable upload. https://developers.google.com/workspace/drive/api/guides/manage-uploads */
const multipartBytes = 5_000_000;

/** See `Store.put`. */
export async function put(parts: Parts, request: PutRequest, content: Content, context: PutContext): Promise<Placed> {
  const { version, place } = request;
  let reading: Promise<Uint8Array> | undefined;
  const small =
    version.size <= multipartBytes ? () => (reading ??= readSmall(content, version, place.path)) : undefined;
  // Of what may be there already, nobody may have the bytes any more.
  if (!request.mayExist) await small?.();
  if (small === undefined) {
    const finished = await goOn(parts, request, content, context);
    if (finished !== undefined) return await settle(parts, request, finished, context);
  } else {
    await forgetUpload(parts, context);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await putOnce(parts, request, content, small, context);
    } catch (error) {
      if (!(error instanceof DriveError) || attempt > 1) throw error;
      if (error.status === 404) {
        // A folder or file that was remembered is gone: somebody deleted it for good. Looked at anew, once.
        parts.folders.forget();
        parts.places.forget();
      } else if (error.status !== 400 || !(await makeRoom(parts, request, context.signal))) {
        throw error;
      }
    }
  }
}

async function putOnce(
  parts: Parts,
  request: PutRequest,
  content: Content,
  small: (() => Promise<Uint8Array>) | undefined,
  context: PutContext,
): Promise<Placed> {
  const { place, version } = request;
  const { signal } = context;
  const { folders, name } = splitNames(place.path);
  const folder = await parts.folders.folder('files', place.source, folders, signal);
  const found = await findTarget(parts, request, folder, signal);
  if (found !== undefined && request.mayExist && isThere(found, request)) {
    await putBack(parts, found, folder, name, { signal, subject: place.path });
    context.onBytes(version.size);
    context.resume.save(undefined);
    return placedAt(found.file, parts);
  }
  const bytes = await small?.();
  const current = found === undefined ? undefined : await readyForNext(parts, request, found, signal);
  const sending = await prepare(parts, request, current, folder, name, signal);
  if (bytes === undefined) {
    const file = await sendInSession(parts, sending, content, context);
    return await settle(parts, request, file, context);
  }
  const file = await sendWhole(parts, sending, bytes, context);
  const placed = await settle(parts, request, file, context, current);
  context.onBytes(version.size);
  return placed;
}

/** The file at the place, where there may be one. The first version of a file in a folder that is known has none. */
async function findTarget(
  parts: Parts,
  request: PutRequest,
  folder: Folder,
  signal: AbortSignal,
): Promise<OwnFile | undefined> {
  const { place, replaces, mayExist, number } = request;
  const isFirst = !mayExist && number === 1 && parseLocator(replaces) === undefined;
  if (isFirst && (await parts.places.isAbsent(folder, place, signal))) return undefined;
  return await parts.places.find(place, replaces, signal);
}

/** Whether the file's content is this very version, stored by an earlier attempt. */
export function isThere({ file, record }: OwnFile, request: PutRequest): boolean {
  const { version, replaces } = request;
  if (file.sha256Checksum !== version.sha256 || Number(file.size ?? -1) !== version.size) return false;
  return sameVersion(record, version) && headLocator(file) !== replaces;
}

/** Puts a file where it belongs, in case people moved, renamed or trashed it. */
export async function putBack(
  parts: Parts,
  { file, record }: OwnFile,
  folder: Folder,
  name: string,
  context: CallContext,
): Promise<void> {
  const right = placeRight(file, folder, name);
  if (right === undefined) return;
  const metadata = { ...right.metadata, ...modifiedTime(record.mtimeNs) };
  await parts.connection.api.update(file.id, metadata, right.move, context);
}

/**
 * Makes a file fit to get another revision: what people uploaded over it is pinned, so that it is not lost a month
 * later; a file that has all the pinned revisions it may have moves to the history folder, and a new one begins.
 */
async function readyForNext(
  parts: Parts,
  request: PutRequest,
  own: OwnFile,
  signal: AbortSignal,
): Promise<OwnFile | undefined> {
  const { connection } = parts;
  const { file } = own;
  let { record } = own;
  if (!isUntouched(file, record)) {
    // They may have uploaded more than once since.
    const context = { signal, subject: request.place.path };
    const theirs =
      (await connection.api.revisions(file.id, context))?.filter((revision) => !revision.keepForever) ?? [];
    for (const { id } of theirs) await connection.api.pin(file.id, id, context);
    record = { ...record, revisions: record.revisions + theirs.length };
  }
  if (record.revisions < connection.pinnedRevisions) return { file, record };
  await moveToHistory(parts, request.place, own, 'superseded', signal);
  return undefined;
}

/**
 * People pin revisions too, which Strongroom does not count: a file that has all it may have, by their doing, moves to
 * the history folder. Google documents the limit, and no error for it.
 *
 * @returns whether it did.
 */
async function makeRoom(parts: Parts, request: PutRequest, signal: AbortSignal): Promise<boolean> {
  const { connection, places } = parts;
  const own = await places.find(request.place, request.replaces, signal);
  if (own === undefined) return false;
  const revisions = await connection.api.revisions(own.file.id, { signal, subject: request.place.path });
  const pinned = (revisions ?? []).filter((revision) => revision.keepForever).length;
  if (pinned < connection.pinnedRevisions) return false;
  await moveToHistory(parts, request.place, own, 'superseded', signal);
  return true;
}

async function prepare(
  parts: Parts,
  request: PutRequest,
  current: OwnFile | undefined,
  folder: Folder,
  name: string,
  signal: AbortSignal,
): Promise<Sending> {
  const { place, version, number } = request;
  const { connection, places } = parts;
  const at = await places.tag(place, signal);
  const newId = current === undefined ? await places.idFor(at, signal) : undefined;
  const id = current?.file.id ?? newId ?? '';
  const { sha256, mtimeNs, mode } = version;
  const record: FileRecord = {
    ...{ number, sha256, mtimeNs, mode, at },
    storedAt: connection.clock.now(),
    revisions: (current?.record.revisions ?? 0) + 1,
    since: current?.record.since ?? '',
    gone: undefined,
    former: current?.record.former ?? [],
    superseded: current === undefined ? [] : withSuperseded(current.record, current.file.md5Checksum),
  };
  const sourceTag = await connection.tag('source', place.source, '', signal);
  const properties = propertiesOf(id, record, sourceTag) ?? {};
  const right = current === undefined ? undefined : placeRight(current.file, folder, name);
  const metadata: FileMetadata = {
    ...(newId === undefined ? { ...right?.metadata } : { id: newId, name, parents: [folder.id] }),
    mimeType: mediaTypeOf(name),
    ...modifiedTime(mtimeNs),
    appProperties: changedProperties(current?.file, properties),
  };
  return { request, current, newId, metadata, move: right?.move };
}

async function sendWhole(parts: Parts, sending: Sending, bytes: Uint8Array, context: PutContext): Promise<DriveFile> {
  const { request, current, newId, metadata, move } = sending;
  const options = { signal: context.signal, subject: request.place.path, pin: true, move };
  try {
    return await parts.connection.api.uploadWhole(current?.file.id, metadata, bytes, options);
  } catch (error) {
    return await madeBefore(parts, request, newId, error, options);
  }
}

/** Accepts what Drive stored once its checksum is that of the version; what is anything else is taken away again. */
async function settle(
  parts: Parts,
  request: PutRequest,
  file: DriveFile,
  context: PutContext,
  before?: OwnFile,
): Promise<Placed> {
  const { place, version } = request;
  const { connection, places } = parts;
  const tag = await places.tag(place, context.signal);
  if (await isConfirmed(parts, file, version, context.signal)) {
    places.settled(tag);
    context.resume.save(undefined);
    return placedAt(file, parts);
  }
  const options = { signal: context.signal, subject: place.path };
  const record = recordOf(file);
  if (record !== undefined && record.revisions > 1 && file.headRevisionId !== undefined) {
    await connection.api.removeRevision(file.id, file.headRevisionId, options);
    if (before !== undefined) {
      await connection.api.update(file.id, { appProperties: before.file.appProperties }, undefined, options);
    }
  } else {
    await connection.api.remove(file.id, options);
    places.settled(tag);
  }
  context.resume.save(undefined);
  throw new StrongroomError('store-busy', `Bytes of ${place.path} were damaged on the way to ${connection.place}.`, {
    subject: place.path,
    advice: 'Strongroom tries again by itself.',
  });
}

/**
 * Whether Drive's own checksum says that these are the version's bytes. Where it keeps none, they are read back.
 * https://developers.google.com/workspace/drive/api/reference/rest/v3/files, `sha256Checksum`
 */
export async function isConfirmed(
  parts: Parts,
  file: DriveFile,
  version: VersionFacts,
  signal: AbortSignal,
): Promise<boolean> {
  if (Number(file.size ?? -1) !== version.size) return false;
  if (file.sha256Checksum !== undefined) return file.sha256Checksum === version.sha256;
  const hash = createHash('sha256');
  for await (const piece of await readRevision(parts.connection, file.id, 'head', {}, file.name, signal)) {
    hash.update(piece);
  }
  return hash.digest('hex') === version.sha256;
}

/** Errors: `store-answer` where Drive does not say which revision it is. */
export function placedAt(file: DriveFile, parts: Parts): Placed {
  const locator = headLocator(file);
  if (locator === undefined) throw parts.connection.odd('did not say which revision it stored');
  return { locator };
}

async function readSmall(content: Content, version: VersionFacts, subject: string): Promise<Uint8Array> {
  const bytes = version.size === 0 ? new Uint8Array() : await content.bytes(0, version.size);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length !== version.size || digest !== version.sha256) throw fileChanging(subject);
  return bytes;
}
