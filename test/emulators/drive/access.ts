import { fileNotFound, insufficientFilePermissions } from './errors.ts';
import { isAtLeast, ROLES, type Caller, type Item, type Role } from './model.ts';
import type { Store } from './store.ts';

const SCOPE = 'https://www.googleapis.com/auth/';

/** Scopes under which an app sees every file of the user and not only its own. */
const WHOLE_DRIVE = ['drive', 'drive.readonly', 'drive.metadata', 'drive.metadata.readonly'].map((one) => SCOPE + one);

/** The role of an address on an item: the strongest of what is granted on it or above it. */
export function roleOf(store: Store, item: Item, email: string): Role | undefined {
  let strongest: Role | undefined;
  for (const at of store.chain(item)) {
    if (at.barred.has(email)) return undefined;
    const granted = at.owner === email ? 'owner' : at.grants.get(email);
    if (granted !== undefined && !isAtLeast(strongest, granted)) strongest = granted;
  }
  const member = item.driveId === undefined ? undefined : store.drives.get(item.driveId)?.members.get(email);
  return member !== undefined && !isAtLeast(strongest, member) ? member : strongest;
}

/** Whether the caller's scopes reach all that the user sees. */
export function seesWholeDrive(caller: Caller): boolean {
  return WHOLE_DRIVE.some((scope) => caller.scopes.has(scope));
}

/**
 * Whether the caller sees the item: the user has a role on it, and the app's scope covers it. Under `drive.file` an app
 * sees what it made or was given, and nothing else (https://developers.google.com/workspace/drive/api/guides/api-specific-auth);
 * the My Drive root is always there to create in.
 */
export function canSee(store: Store, item: Item, caller: Caller): boolean {
  if (!seesWholeDrive(caller) && !item.apps.has(caller.clientId) && !isMyDriveRoot(item)) return false;
  return roleOf(store, item, caller.email) !== undefined;
}

function isMyDriveRoot(item: Item): boolean {
  return item.parent === undefined && item.driveId === undefined;
}

/** The item that an id (or `root`) names for this caller; otherwise 404, also for a shared drive's item without `supportsAllDrives`. */
export function visibleItem(store: Store, caller: Caller, id: string, supportsAllDrives: boolean): Item {
  const realId = id === 'root' ? (store.accounts.get(caller.email)?.rootId ?? id) : id;
  const item = store.items.get(realId);
  if (item === undefined || !canSee(store, item, caller)) throw fileNotFound(id);
  if (item.driveId !== undefined && !supportsAllDrives) throw fileNotFound(id);
  return item;
}

/** Throws 403 unless the caller has at least this role. */
export function requireRole(store: Store, item: Item, caller: Caller, least: Role): void {
  if (!isAtLeast(roleOf(store, item, caller.email), least)) throw insufficientFilePermissions(item.id);
}

/**
 * Throws 403 unless the caller may trash or untrash: the owner in My Drive, a content manager (`fileOrganizer`) in a
 * shared drive (https://developers.google.com/workspace/drive/api/guides/ref-roles).
 */
export function requireTrash(store: Store, item: Item, caller: Caller): void {
  requireRole(store, item, caller, item.driveId === undefined ? 'owner' : 'fileOrganizer');
}

/** Throws 403 unless the caller may delete for ever: the owner, or a shared drive's manager (`organizer`). */
export function requireDelete(store: Store, item: Item, caller: Caller): void {
  requireRole(store, item, caller, item.driveId === undefined ? 'owner' : 'organizer');
}

/** A role from a request or a test; `undefined` for any other text. */
export function asRole(text: unknown): Role | undefined {
  return ROLES.find((role) => role === text);
}
