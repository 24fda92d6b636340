import { asRole, requireRole, roleOf, visibleItem } from './access.ts';
import { flag, pathValue, supportsAllDrives, type Answer, type Call } from './call.ts';
import { ApiError, badRequest, driveNotFound, requiredParameter } from './errors.ts';
import { inside, pick } from './fields.ts';
import { envelope, requireMember } from './lists.ts';
import { isAtLeast, type Item, type SharedDrive } from './model.ts';
import { driveResource, permissionId, permissionResource, permissions, userResource } from './resources.ts';
import { text } from './write.ts';

type Json = Record<string, unknown>;

function driveAnswer(call: Call, drive: SharedDrive): Answer {
  return { kind: 'json', value: pick(driveResource(call, drive), call.selection) as Json };
}

/** `drives.get`: members only. */
export function getDrive(call: Call): Answer {
  const id = pathValue(call, 'driveId');
  requireMember(call, id);
  const drive = call.store.drives.get(id);
  if (drive === undefined) throw driveNotFound(id);
  return driveAnswer(call, drive);
}

/**
 * `drives.create`: the maker is its manager; the same `requestId` again answers 409 and makes no second one.
 * https://developers.google.com/workspace/drive/api/guides/manage-shareddrives
 */
export function createDrive(call: Call): Answer {
  const name = text(call.body, 'name');
  if (name === undefined || name === '') throw requiredParameter('name');
  const key = `${call.caller.email}\n${call.query.get('requestId') ?? ''}`;
  if (call.store.driveRequests.has(key)) {
    throw new ApiError(409, 'teamDriveAlreadyExists', 'A shared drive already exists for this request ID.');
  }
  call.store.driveRequests.add(key);
  return driveAnswer(call, call.store.addDrive(name, [[call.caller.email, 'organizer']]));
}

/** Sizes of a file that Drive takes at most. https://support.google.com/drive/answer/37603 */
const MAX_UPLOAD_BYTES = 5_497_558_138_880;

/** `about.get`, for which `fields` is required. */
export function about(call: Call): Answer {
  if (!call.query.get('fields')) {
    throw requiredParameter('fields', "The 'fields' parameter is required for this method.");
  }
  const { store, caller } = call;
  const account = store.accounts.get(caller.email);
  const limit = account?.isServiceAccount === true ? 0 : account?.storageLimit;
  const usage = store.usage(caller.email);
  const inTrash = [...store.items.values()]
    .filter((item) => item.owner === caller.email && store.isTrashed(item))
    .reduce((sum, item) => sum + store.quotaBytes(item), 0);
  const whole = {
    kind: 'drive#about',
    user: userResource(call, caller.email),
    storageQuota: {
      ...(limit === undefined ? {} : { limit: String(limit) }),
      usage: String(usage),
      usageInDrive: String(usage),
      usageInDriveTrash: String(inTrash),
    },
    maxUploadSize: String(MAX_UPLOAD_BYTES),
    appInstalled: true,
    canCreateDrives: account?.isServiceAccount !== true,
    canCreateTeamDrives: account?.isServiceAccount !== true,
    importFormats: { 'text/plain': ['application/vnd.google-apps.document'] },
    exportFormats: { 'application/vnd.google-apps.document': ['text/plain'] },
    maxImportSizes: { 'application/vnd.google-apps.document': '10485760' },
    folderColorPalette: ['#8f8f8f'],
    driveThemes: [],
    teamDriveThemes: [],
  };
  return { kind: 'json', value: pick(whole, call.selection) as Json };
}

function sharedItem(call: Call): Item {
  return visibleItem(call.store, call.caller, pathValue(call, 'fileId'), supportsAllDrives(call));
}

function emailOf(call: Call, item: Item): string {
  const id = pathValue(call, 'permissionId');
  const found = permissions(call, item).find((permission) => permission['id'] === id);
  const email = found?.['emailAddress'];
  if (typeof email !== 'string') throw new ApiError(404, 'notFound', `Permission not found: ${id}.`);
  return email;
}

function permissionAnswer(call: Call, item: Item, email: string): Answer {
  const role = roleOf(call.store, item, email);
  if (role === undefined)
    throw new ApiError(404, 'notFound', `Permission not found: ${permissionId(call.store, email)}.`);
  return { kind: 'json', value: pick(permissionResource(call, item, email, role), call.selection) as Json };
}

/** `permissions.list`, on one page. */
export function listPermissions(call: Call): Answer {
  const item = sharedItem(call);
  requireRole(call.store, item, call.caller, 'writer');
  const selection = inside(call.selection, 'permissions');
  const shown = selection === undefined ? [] : permissions(call, item).map((one) => pick(one, selection));
  return { kind: 'json', value: envelope(call, { kind: 'drive#permissionList', permissions: shown }) };
}

/** `permissions.get`. */
export function getPermission(call: Call): Answer {
  const item = sharedItem(call);
  return permissionAnswer(call, item, emailOf(call, item));
}

/** `permissions.create`: a role for one address. Ownership is not passed on here. */
export function createPermission(call: Call): Answer {
  const item = sharedItem(call);
  requireRole(call.store, item, call.caller, 'writer');
  const role = asRole(call.body['role']);
  const email = text(call.body, 'emailAddress');
  if (role === undefined || call.body['type'] !== 'user' || email === undefined || flag(call, 'transferOwnership')) {
    throw badRequest('The emulator shares with one address (type "user") and passes on no ownership.');
  }
  const top = item.driveId === item.id ? call.store.drives.get(item.id) : undefined;
  if (top === undefined) item.grants.set(email, role);
  else top.members.set(email, role);
  item.barred.delete(email);
  call.store.touch(item);
  return permissionAnswer(call, item, email);
}

/** `permissions.delete`: takes back a direct grant; what a shared drive's membership gives stays. */
export function deletePermission(call: Call): Answer {
  const item = sharedItem(call);
  const email = emailOf(call, item);
  if (email !== call.caller.email) requireRole(call.store, item, call.caller, 'writer');
  const top = item.driveId === item.id ? call.store.drives.get(item.id) : undefined;
  if (top !== undefined && !isAtLeast(top.members.get(call.caller.email), 'organizer')) {
    requireRole(call.store, item, call.caller, 'organizer');
  }
  if (!(top?.members.delete(email) ?? item.grants.delete(email))) {
    throw new ApiError(
      403,
      'cannotModifyInheritedTeamDrivePermission',
      'Cannot update or delete an inherited permission on a shared drive item.',
    );
  }
  call.store.touch(item);
  return { kind: 'nothing' };
}
