import { visibleItem, requireRole, requireTrash, roleOf } from './access.ts';
import { flag, supportsAllDrives, type Call, type JsonObject, type Upload } from './call.ts';
import { ApiError, badRequest, fieldNotWritable, fileNotFound, limitError } from './errors.ts';
import { FOLDER, GOOGLE_TYPES, headOf, isAtLeast, isBlob, SHORTCUT, type Item } from './model.ts';

/** Fields that a request may set, and that the emulator remembers or passes over; any other answers 403. */
const WRITABLE = new Set([
  ...['appProperties', 'properties', 'name', 'mimeType', 'modifiedTime', 'description', 'starred', 'originalFilename'],
  ...['folderColorRgb', 'contentHints', 'contentRestrictions', 'copyRequiresWriterPermission', 'viewedByMeTime'],
  ...['writersCanShare', 'viewersCanCopyContent', 'downloadRestrictions', 'inheritedPermissionsDisabled', 'kind'],
]);
const WRITABLE_AT_CREATION = new Set([...WRITABLE, 'id', 'parents', 'createdTime', 'shortcutDetails']);
const WRITABLE_LATER = new Set([...WRITABLE, 'trashed']);

/**
 * Limits of custom properties (https://developers.google.com/workspace/drive/api/guides/properties): 30 private ones an
 * app, 30 public ones, 124 bytes of key and value together.
 */
const MOST_PROPERTIES = 30;
const PROPERTY_BYTES = 124;

/** Throws 403 `fieldNotWritable` when the body sets something that only Google sets, or sets at another time. */
export function checkWritable(body: JsonObject, when: 'create' | 'update'): void {
  if (when === 'update' && 'parents' in body) {
    throw fieldNotWritable(
      'The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.',
    );
  }
  const allowed = when === 'create' ? WRITABLE_AT_CREATION : WRITABLE_LATER;
  if (Object.keys(body).some((name) => !allowed.has(name))) throw fieldNotWritable();
}

/** The text of a body field, if it is there. */
export function text(body: JsonObject, name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}

/** The instant of a body field, if it is there; throws 400 for what is none. */
export function instant(body: JsonObject, name: string): number | undefined {
  const written = text(body, name);
  if (written === undefined) return undefined;
  const value = Date.parse(written);
  if (Number.isNaN(value)) throw badRequest(`Invalid value for: Invalid format: "${written}"`);
  return value;
}

/** The folder that a create or copy goes to: the one named, or My Drive. Throws when the caller may not add to it. */
export function targetFolder(call: Call, fallback: string | undefined): Item {
  const parents = call.body['parents'];
  const named = Array.isArray(parents) ? parents.filter((one) => typeof one === 'string') : [];
  if (named.length > 1) throw badRequest('A file can only have one parent.');
  return folderToAddTo(call, named[0] ?? fallback ?? 'root');
}

function folderToAddTo(call: Call, id: string): Item {
  const folder = visibleItem(call.store, call.caller, id, supportsAllDrives(call));
  if (folder.mimeType !== FOLDER) {
    throw new ApiError(403, 'parentNotAFolder', 'The specified parent is not a folder.');
  }
  if (!isAtLeast(roleOf(call.store, folder, call.caller.email), 'writer')) {
    throw new ApiError(403, 'insufficientParentPermissions', 'Insufficient permissions for the specified parent.');
  }
  return folder;
}

/**
 * The id that a create or copy asks for, which `files.generateIds` must have given out
 * (https://developers.google.com/workspace/drive/api/guides/create-file): 409 once it is used, so that a retry makes no
 * second file; 400 for any other, and for the Google types that take none.
 */
export function requestedId(call: Call, mimeType: string): string | undefined {
  const id = text(call.body, 'id');
  if (id === undefined) return undefined;
  if (call.store.items.has(id)) {
    throw new ApiError(409, 'fileIdInUse', 'A file already exists with the provided ID.');
  }
  if (mimeType.startsWith(GOOGLE_TYPES) && mimeType !== FOLDER && mimeType !== SHORTCUT) {
    throw new ApiError(403, 'insufficientFilePermissions', 'Generated IDs are not supported for Docs Editors formats.');
  }
  if (call.store.generatedIds.get(id) !== (mimeType === SHORTCUT ? 'shortcuts' : 'files')) {
    throw new ApiError(400, 'fileIdNotUsable', 'The provided file ID is not usable.');
  }
  return id;
}

/** Throws when `bytes` more cannot be stored for this owner; a service account owns nothing but folders. */
export function checkBytesFit(call: Call, owner: string | undefined, item: Item | undefined, bytes: number): void {
  if (owner !== undefined && call.store.accounts.get(owner)?.isServiceAccount === true) {
    throw limitError('storageQuotaExceeded', {
      message:
        'Service Accounts do not have storage quota. Leverage shared drives (https://developers.google.com/workspace/drive/api/guides/about-shareddrives), or use OAuth delegation instead.',
    });
  }
  call.meter.checkUpload(call.caller.email, bytes);
  call.store.checkStorage(owner, bytes);
  if (item !== undefined && flag(call, 'keepRevisionForever')) call.store.checkPins(item);
}

/** Makes uploaded bytes the file's head revision; {@link checkBytesFit} comes first. */
export function storeUpload(call: Call, item: Item, upload: Upload, modifiedTime: number): void {
  const originalFilename = text(call.body, 'originalFilename') ?? item.name;
  call.store.addRevision(item, upload.content, {
    mimeType: upload.mimeType,
    by: call.caller.email,
    modifiedTime,
    keepForever: flag(call, 'keepRevisionForever'),
    originalFilename,
  });
  item.originalFilename = originalFilename;
  call.meter.countUpload(call.caller.email, upload.content.size);
}

/** What the item's custom properties are with those of the body; throws 400 when they pass Google's limits. */
export function propertiesAfter(
  call: Call,
  item: Item | undefined,
): { properties: Record<string, string>; appProperties: Record<string, string> } {
  return {
    properties: merged(item?.properties, call.body['properties']),
    appProperties: merged(item?.appProperties.get(call.caller.clientId), call.body['appProperties']),
  };
}

/** Sets the plain fields that the body names; `null` clears. */
export function applyFields(call: Call, item: Item): void {
  const { body } = call;
  const { properties, appProperties } = propertiesAfter(call, item);
  if ('properties' in body) item.properties = properties;
  if ('appProperties' in body) item.appProperties.set(call.caller.clientId, appProperties);
  const name = text(body, 'name');
  if (name !== undefined) item.name = name;
  if ('description' in body) item.description = text(body, 'description');
  if (typeof body['starred'] === 'boolean') item.starred = body['starred'];
  if ('folderColorRgb' in body) item.folderColorRgb = text(body, 'folderColorRgb');
}

function merged(before: Readonly<Record<string, string>> | undefined, given: unknown): Record<string, string> {
  const after = new Map(Object.entries(before ?? {}));
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === null) after.delete(key);
    else after.set(key, String(value));
  }
  for (const [key, value] of after) {
    if (Buffer.byteLength(key) + Buffer.byteLength(value) > PROPERTY_BYTES) {
      throw badRequest(`The property '${key}' is longer than ${PROPERTY_BYTES} bytes.`);
    }
  }
  if (after.size > MOST_PROPERTIES) throw badRequest(`A file has at most ${MOST_PROPERTIES} properties of an app.`);
  return Object.fromEntries(after);
}

/** Trashes or untrashes. A file under a trashed folder is not itself untrashed by it. */
export function setTrashed(call: Call, item: Item, trashed: boolean): void {
  if (trashed === (item.trashedAt !== undefined)) return;
  if (item.parent === undefined) throw badRequest('A root folder cannot be trashed.');
  requireTrash(call.store, item, call.caller);
  item.trashedAt = trashed ? call.store.clock.now() : undefined;
  item.trashedBy = trashed ? call.caller.email : undefined;
}

/**
 * Carries out `addParents` and `removeParents`: since September 2020 a file has one parent, so adding one means removing
 * the other (https://developers.google.com/workspace/drive/api/guides/ref-single-parent).
 */
export function moveByParameters(call: Call, item: Item): void {
  const added = ids(call.query.get('addParents'));
  const removed = ids(call.query.get('removeParents')).map((id) => (id === 'root' ? rootOf(call) : id));
  const [target, ...more] = added.filter((id) => (id === 'root' ? rootOf(call) : id) !== item.parent);
  const leaves = item.parent !== undefined && removed.includes(item.parent);
  const inDrive = item.driveId !== undefined;
  if (more.length > 0 || (target !== undefined && !leaves)) {
    throw inDrive
      ? new ApiError(403, 'teamDrivesParentLimit', 'A shared drive item must have exactly one parent.')
      : new ApiError(403, 'cannotAddParent', 'Increasing the number of parents is not allowed');
  }
  if (target === undefined && !leaves) return;
  if (target === undefined && inDrive) {
    throw new ApiError(403, 'teamDrivesParentLimit', 'A shared drive item must have exactly one parent.');
  }
  move(call, item, folderToAddTo(call, target ?? 'root'));
}

function move(call: Call, item: Item, folder: Item): void {
  if (item.parent === undefined) throw badRequest('A root folder cannot be moved.');
  for (const at of call.store.chain(folder)) {
    if (at === item) throw badRequest('The specified parent would create a cycle in the directory graph.');
  }
  // Within a shared drive only a content manager moves; https://developers.google.com/workspace/drive/api/guides/ref-roles
  if (item.driveId !== undefined) requireRole(call.store, item, call.caller, 'fileOrganizer');
  if (item.driveId === undefined && folder.driveId !== undefined && item.mimeType === FOLDER) {
    throw new ApiError(
      403,
      'teamDrivesFolderMoveInNotSupported',
      'Moving folders into shared drives is not supported.',
    );
  }
  call.store.move(item, folder);
}

function rootOf(call: Call): string {
  return call.store.accounts.get(call.caller.email)?.rootId ?? 'root';
}

function ids(list: string | null): string[] {
  return (list ?? '')
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
}

/** The item a shortcut is to point at; throws 404 for none that the caller sees. */
export function shortcutTarget(call: Call): Item['shortcutTarget'] {
  const details = call.body['shortcutDetails'];
  const targetId =
    typeof details === 'object' && details !== null ? text(details as JsonObject, 'targetId') : undefined;
  if (targetId === undefined) throw badRequest('A shortcut must name its target.');
  const target = visibleItem(call.store, call.caller, targetId, true);
  if (target.mimeType === SHORTCUT) {
    throw new ApiError(403, 'shortcutTargetInvalid', 'Shortcuts cannot target other shortcuts.');
  }
  return { targetId, targetMimeType: target.mimeType };
}

/** The file's current bytes, for a copy; throws for what cannot be copied. */
export function copyable(item: Item): void {
  if (item.mimeType === FOLDER || (isBlob(item) && headOf(item) === undefined)) {
    throw new ApiError(403, 'cannotCopyFile', 'This file cannot be copied by the user.');
  }
  if (item.parent === undefined) throw fileNotFound(item.id);
}
