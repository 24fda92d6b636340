import { randomBytes } from 'node:crypto';

import { requireDelete, requireRole, visibleItem } from './access.ts';
import { pathValue, supportsAllDrives, type Answer, type Call, type Upload } from './call.ts';
import { Content } from './content.ts';
import { ApiError, badRequest, driveNotFound, invalidValue } from './errors.ts';
import { FOLDER, GOOGLE_TYPES, headOf, isBlob, SHORTCUT, type Item } from './model.ts';
import { rangeOf } from './range.ts';
import { fileResource } from './resources.ts';
import {
  applyFields,
  checkBytesFit,
  checkWritable,
  copyable,
  instant,
  moveByParameters,
  propertiesAfter,
  requestedId,
  setTrashed,
  shortcutTarget,
  storeUpload,
  targetFolder,
  text,
} from './write.ts';

function resourceAnswer(call: Call, item: Item): Answer {
  return { kind: 'json', value: fileResource(call, item, call.selection) };
}

function fileOf(call: Call): Item {
  return visibleItem(call.store, call.caller, pathValue(call, 'fileId'), supportsAllDrives(call));
}

/** The MIME type of a file to be made: the body's, then the bytes', then the general one. */
function typeOf(call: Call, uploadType: string | undefined): string {
  return text(call.body, 'mimeType') ?? uploadType ?? 'application/octet-stream';
}

/** Everything that a create can be refused for, before bytes arrive. `bytes` is `undefined` where their number is unknown. */
export function checkCreate(call: Call, uploadType: string | undefined, bytes: number | undefined): Item {
  checkWritable(call.body, 'create');
  const folder = targetFolder(call, undefined);
  const mimeType = typeOf(call, uploadType);
  requestedId(call, mimeType);
  propertiesAfter(call, undefined);
  call.store.checkRoom(folder, mimeType === FOLDER ? 1 : 0, 1);
  if (!mimeType.startsWith(GOOGLE_TYPES)) {
    checkBytesFit(call, folder.driveId === undefined ? call.caller.email : undefined, undefined, bytes ?? 0);
  }
  return folder;
}

/** `files.create`: a folder, shortcut or native document from metadata alone; a file with its bytes, or empty. */
export function createFile(call: Call, upload: Upload | undefined): Answer {
  const folder = checkCreate(call, upload?.mimeType, upload?.content.size);
  const mimeType = typeOf(call, upload?.mimeType);
  const isNative = mimeType.startsWith(GOOGLE_TYPES) && mimeType !== FOLDER && mimeType !== SHORTCUT;
  const id = requestedId(call, mimeType);
  const modifiedTime = instant(call.body, 'modifiedTime');
  const item = call.store.insert({
    ...(id === undefined ? {} : { id }),
    name: text(call.body, 'name') ?? 'Untitled',
    mimeType,
    parent: folder.id,
    by: call.caller.email,
    createdTime: instant(call.body, 'createdTime'),
    modifiedTime,
    shortcutTarget: mimeType === SHORTCUT ? shortcutTarget(call) : undefined,
    // Bytes sent with a Google type are converted; what remains of them is what the document says.
    nativeText: isNative ? (upload?.content.bytes().toString('utf8') ?? '') : undefined,
    app: call.caller.clientId,
  });
  applyFields(call, item);
  if (isBlob(item)) {
    const bytes = upload ?? { content: Content.of(Buffer.alloc(0)), mimeType };
    storeUpload(call, item, { content: bytes.content, mimeType }, item.modifiedTime);
  } else {
    upload?.content.release();
  }
  return resourceAnswer(call, item);
}

/** Everything that an update can be refused for, before bytes arrive. */
export function checkUpdate(call: Call, hasUpload: boolean, bytes: number | undefined): Item {
  const item = fileOf(call);
  requireRole(call.store, item, call.caller, 'writer');
  checkWritable(call.body, 'update');
  propertiesAfter(call, item);
  if (item.parent === undefined && text(call.body, 'name') !== undefined) {
    throw badRequest('A root folder cannot be renamed.');
  }
  if (hasUpload) {
    if (item.mimeType === FOLDER || item.mimeType === SHORTCUT) {
      throw badRequest('This file type has no content that could be replaced.');
    }
    if (isBlob(item)) checkBytesFit(call, item.owner, item, bytes ?? 0);
  }
  return item;
}

/** `files.update`: metadata, place, trash and bytes, each only where the request names it. */
export function updateFile(call: Call, upload: Upload | undefined): Answer {
  const item = checkUpdate(call, upload !== undefined, upload?.content.size);
  const trashed = call.body['trashed'];
  if (typeof trashed === 'boolean') setTrashed(call, item, trashed);
  moveByParameters(call, item);
  applyFields(call, item);
  const { store } = call;
  const given = instant(call.body, 'modifiedTime');
  const touches = ['name', 'description', 'properties', 'appProperties'].some((name) => name in call.body);
  if (given !== undefined || upload !== undefined || touches) {
    item.modifiedTime = given ?? store.clock.now();
    item.modifiedBy = call.caller.email;
  }
  if (upload !== undefined && isBlob(item)) {
    const mimeType = text(call.body, 'mimeType') ?? upload.mimeType;
    storeUpload(call, item, { content: upload.content, mimeType }, item.modifiedTime);
    item.mimeType = mimeType;
  } else if (upload !== undefined) {
    item.nativeText = upload.content.bytes().toString('utf8');
    upload.content.release();
  }
  item.apps.add(call.caller.clientId);
  store.touch(item);
  return resourceAnswer(call, item);
}

/**
 * `files.get`. With `alt=media` the bytes, whole or in the range asked for; only files with bytes of their own have any
 * (https://developers.google.com/workspace/drive/api/guides/manage-downloads).
 */
export function getFile(call: Call): Answer {
  const item = fileOf(call);
  if (call.query.get('alt') !== 'media') return resourceAnswer(call, item);
  const head = headOf(item);
  if (head === undefined) throw notDownloadable();
  return { kind: 'bytes', content: head.content, mimeType: item.mimeType, ...rangeOf(call.range, head.content.size) };
}

/** What `alt=media` answers for a folder, shortcut or native document. */
export function notDownloadable(): ApiError {
  return new ApiError(
    403,
    'fileNotDownloadable',
    'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
    { place: { location: 'alt', locationType: 'parameter' } },
  );
}

/** `files.export`: what a native document says. */
export function exportFile(call: Call): Answer {
  const item = visibleItem(call.store, call.caller, pathValue(call, 'fileId'), true);
  if (item.nativeText === undefined) {
    throw new ApiError(403, 'fileNotExportable', 'Export only supports Docs Editors files.');
  }
  const content = Content.of(Buffer.from(item.nativeText));
  const mimeType = call.query.get('mimeType') ?? 'text/plain';
  return { kind: 'bytes', status: 200, content, start: 0, end: content.size, mimeType };
}

/** `files.copy`: the head's bytes under a new id, without revisions, in the same folder unless another is named. */
export function copyFile(call: Call): Answer {
  const source = fileOf(call);
  copyable(source);
  checkWritable(call.body, 'create');
  const folder = targetFolder(call, source.parent);
  const id = requestedId(call, source.mimeType);
  propertiesAfter(call, source);
  const head = headOf(source);
  const owner = folder.driveId === undefined ? call.caller.email : undefined;
  if (head !== undefined) checkBytesFit(call, owner, undefined, head.content.size);
  const item = call.store.insert({
    ...(id === undefined ? {} : { id }),
    name: text(call.body, 'name') ?? source.name,
    mimeType: text(call.body, 'mimeType') ?? source.mimeType,
    parent: folder.id,
    by: call.caller.email,
    createdTime: instant(call.body, 'createdTime'),
    modifiedTime: instant(call.body, 'modifiedTime'),
    shortcutTarget: source.shortcutTarget,
    nativeText: source.nativeText,
    app: call.caller.clientId,
  });
  item.properties = { ...source.properties };
  for (const [client, properties] of source.appProperties) item.appProperties.set(client, { ...properties });
  item.description = source.description;
  applyFields(call, item);
  if (head !== undefined) {
    storeUpload(call, item, { content: head.content.share(), mimeType: item.mimeType }, item.modifiedTime);
  }
  return resourceAnswer(call, item);
}

/** `files.delete`: for ever, with everything below. */
export function deleteFile(call: Call): Answer {
  const item = fileOf(call);
  if (item.parent === undefined) throw badRequest('A root folder cannot be deleted.');
  requireDelete(call.store, item, call.caller);
  call.store.remove(item);
  return { kind: 'nothing' };
}

/** `files.emptyTrash`: of My Drive, or of one shared drive. */
export function emptyTrash(call: Call): Answer {
  const driveId = call.query.get('driveId') ?? undefined;
  const { store, caller } = call;
  const top = store.items.get(driveId ?? store.accounts.get(caller.email)?.rootId ?? '');
  if (top === undefined || (driveId !== undefined && !store.drives.get(driveId)?.members.has(caller.email))) {
    throw driveNotFound(driveId ?? 'root');
  }
  if (driveId !== undefined) requireRole(store, top, caller, 'organizer');
  for (const item of [...store.subtree(top)]) {
    if (item.trashedAt !== undefined && store.items.has(item.id)) store.remove(item);
  }
  return { kind: 'nothing' };
}

/** `files.generateIds`: ids for creates that may be retried without making a second file. */
export function generateIds(call: Call): Answer {
  const space = call.query.get('space') ?? 'drive';
  const type = call.query.get('type') ?? 'files';
  if (type !== 'files' && type !== 'shortcuts') throw invalidValue('type');
  if (space !== 'drive') throw invalidValue('space');
  const count = Number(call.query.get('count') ?? '10');
  const random = randomBytes(24 * count);
  const ids = Array.from(
    { length: count },
    (_, index) => `1${random.toString('base64url', index * 24, index * 24 + 24)}`,
  );
  for (const id of ids) call.store.generatedIds.set(id, type);
  return { kind: 'json', value: { kind: 'drive#generatedIds', space, ids } };
}
