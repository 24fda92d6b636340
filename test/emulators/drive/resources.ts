import { roleOf } from './access.ts';
import { timestamp } from './clock.ts';
import { inside, pick, type Selection } from './fields.ts';
import {
  FOLDER,
  headOf,
  isAtLeast,
  isBlob,
  SHORTCUT,
  type Caller,
  type Item,
  type Revision,
  type Role,
  type SharedDrive,
} from './model.ts';
import type { Store } from './store.ts';

type Json = Record<string, unknown>;

interface View {
  readonly store: Store;
  readonly caller: Caller;
}

/**
 * The `User` resource of an address.
 * https://developers.google.com/workspace/drive/api/reference/rest/v3/User
 */
export function userResource(view: View, email: string): Json {
  const account = view.store.accounts.get(email);
  return {
    kind: 'drive#user',
    displayName: account?.displayName ?? email,
    me: email === view.caller.email,
    permissionId: account?.permissionId,
    emailAddress: email,
  };
}

function capabilities(view: View, item: Item): Json {
  const role = roleOf(view.store, item, view.caller.email);
  const canEdit = isAtLeast(role, 'writer') && (item.parent !== undefined || item.mimeType === FOLDER);
  const inDrive = item.driveId !== undefined;
  const canTrash = item.parent !== undefined && isAtLeast(role, inDrive ? 'fileOrganizer' : 'owner');
  const canDelete = item.parent !== undefined && isAtLeast(role, inDrive ? 'organizer' : 'owner');
  return {
    canEdit,
    canRename: canEdit && item.parent !== undefined,
    canAddChildren: canEdit && item.mimeType === FOLDER,
    canListChildren: item.mimeType === FOLDER,
    canCopy: item.mimeType !== FOLDER,
    canDownload: isBlob(item),
    canReadRevisions: isAtLeast(role, 'writer'),
    canModifyContent: canEdit,
    canTrash,
    canUntrash: canTrash,
    canDelete,
    canShare: isAtLeast(role, 'writer'),
  };
}

function extension(item: Item): string | undefined {
  const dot = item.name.lastIndexOf('.');
  return isBlob(item) && dot > 0 ? item.name.slice(dot + 1) : undefined;
}

/** Only what lies in the trash by its own doing is `explicitlyTrashed`; what lies under it is merely `trashed`. */
const FILE_FIELDS: Readonly<Record<string, (item: Item, view: View) => unknown>> = {
  kind: () => 'drive#file',
  id: (item) => item.id,
  name: (item) => item.name,
  mimeType: (item) => item.mimeType,
  description: (item) => item.description,
  starred: (item) => item.starred,
  trashed: (item, view) => view.store.isTrashed(item),
  explicitlyTrashed: (item) => item.trashedAt !== undefined,
  trashedTime: (item) =>
    item.driveId === undefined || item.trashedAt === undefined ? undefined : timestamp(item.trashedAt),
  trashingUser: (item, view) =>
    item.driveId === undefined || item.trashedBy === undefined ? undefined : userResource(view, item.trashedBy),
  parents: (item) => (item.parent === undefined ? undefined : [item.parent]),
  properties: (item) => (Object.keys(item.properties).length === 0 ? undefined : { ...item.properties }),
  appProperties: (item, view) => item.appProperties.get(view.caller.clientId),
  spaces: () => ['drive'],
  version: (item) => String(item.version),
  webContentLink: (item) => (isBlob(item) ? `https://drive.google.com/uc?id=${item.id}&export=download` : undefined),
  webViewLink: (item) =>
    item.mimeType === FOLDER
      ? `https://drive.google.com/drive/folders/${item.id}`
      : `https://drive.google.com/file/d/${item.id}/view`,
  iconLink: (item) => `https://drive-thirdparty.googleusercontent.com/16/type/${item.mimeType}`,
  hasThumbnail: () => false,
  thumbnailVersion: () => '0',
  viewedByMe: () => true,
  createdTime: (item) => timestamp(item.createdTime),
  modifiedTime: (item) => timestamp(item.modifiedTime),
  modifiedByMe: (item, view) => item.modifiedBy === view.caller.email,
  modifiedByMeTime: (item, view) => (item.modifiedBy === view.caller.email ? timestamp(item.modifiedTime) : undefined),
  lastModifyingUser: (item, view) => userResource(view, item.modifiedBy),
  owners: (item, view) => (item.owner === undefined ? undefined : [userResource(view, item.owner)]),
  ownedByMe: (item, view) => (item.owner === undefined ? undefined : item.owner === view.caller.email),
  shared: (item) => (item.driveId === undefined ? item.grants.size > 0 : undefined),
  driveId: (item) => item.driveId,
  teamDriveId: (item) => item.driveId,
  capabilities: (item, view) => capabilities(view, item),
  isAppAuthorized: (item, view) => item.apps.has(view.caller.clientId),
  writersCanShare: (item) => (item.driveId === undefined ? true : undefined),
  copyRequiresWriterPermission: () => false,
  viewersCanCopyContent: () => true,
  folderColorRgb: (item) => (item.mimeType === FOLDER ? (item.folderColorRgb ?? '#8f8f8f') : undefined),
  originalFilename: (item) => (isBlob(item) ? (item.originalFilename ?? item.name) : undefined),
  fullFileExtension: (item) => extension(item),
  fileExtension: (item) => extension(item)?.split('.').at(-1),
  md5Checksum: (item) => headOf(item)?.content.digests.md5,
  sha1Checksum: (item) => headOf(item)?.content.digests.sha1,
  sha256Checksum: (item) => headOf(item)?.content.digests.sha256,
  size: (item) => {
    const head = headOf(item);
    if (head !== undefined) return String(head.content.size);
    return item.nativeText === undefined ? undefined : String(Buffer.byteLength(item.nativeText));
  },
  quotaBytesUsed: (item, view) => String(view.store.quotaBytes(item)),
  headRevisionId: (item) => headOf(item)?.id,
  shortcutDetails: (item) => (item.mimeType === SHORTCUT ? item.shortcutTarget : undefined),
  permissionIds: (item, view) => permissions(view, item).map((permission) => permission['id']),
  permissions: (item, view) => (item.driveId === undefined ? permissions(view, item) : undefined),
};

/**
 * The `File` resource, no more of it than was asked for.
 * https://developers.google.com/workspace/drive/api/reference/rest/v3/files
 */
export function fileResource(view: View, item: Item, selection: Selection): Json {
  const made: Json = {};
  for (const name of selection.everything ? Object.keys(FILE_FIELDS) : selection.names.keys()) {
    const value = FILE_FIELDS[name]?.(item, view);
    const wanted = inside(selection, name);
    if (value !== undefined && wanted !== undefined) made[name] = pick(value, wanted);
  }
  return made;
}

/**
 * The `Revision` resource; digest, size and pin only for files with bytes of their own.
 * https://developers.google.com/workspace/drive/api/reference/rest/v3/revisions
 */
export function revisionResource(view: View, item: Item, revision: Revision | undefined): Json {
  if (revision === undefined) {
    // A native document shows its state as one revision, numbered as Docs numbers them.
    return {
      kind: 'drive#revision',
      id: String(item.version),
      mimeType: item.mimeType,
      modifiedTime: timestamp(item.modifiedTime),
      lastModifyingUser: userResource(view, item.modifiedBy),
      published: false,
    };
  }
  return {
    kind: 'drive#revision',
    id: revision.id,
    mimeType: revision.mimeType,
    modifiedTime: timestamp(revision.modifiedTime),
    keepForever: revision.keepForever,
    published: false,
    md5Checksum: revision.content.digests.md5,
    size: String(revision.content.size),
    originalFilename: revision.originalFilename,
    lastModifyingUser: userResource(view, revision.by),
  };
}

/** The `Drive` resource. https://developers.google.com/workspace/drive/api/reference/rest/v3/drives */
export function driveResource(view: View, drive: SharedDrive): Json {
  const role = drive.members.get(view.caller.email);
  return {
    kind: 'drive#drive',
    id: drive.id,
    name: drive.name,
    colorRgb: '#0f9d58',
    createdTime: timestamp(drive.createdTime),
    hidden: drive.hidden,
    capabilities: {
      canAddChildren: isAtLeast(role, 'writer'),
      canEdit: isAtLeast(role, 'writer'),
      canDeleteDrive: isAtLeast(role, 'organizer'),
      canManageMembers: isAtLeast(role, 'organizer'),
      canRenameDrive: isAtLeast(role, 'organizer'),
      canTrashChildren: isAtLeast(role, 'fileOrganizer'),
      canDeleteChildren: isAtLeast(role, 'organizer'),
      canReadRevisions: isAtLeast(role, 'writer'),
    },
    restrictions: { adminManagedRestrictions: false, domainUsersOnly: false, driveMembersOnly: false },
  };
}

/** Every grant that reaches the item, the strongest for each address. */
export function permissions(view: View, item: Item): Json[] {
  const emails = new Set<string>();
  for (const at of view.store.chain(item)) {
    if (at.owner !== undefined) emails.add(at.owner);
    for (const email of at.grants.keys()) emails.add(email);
  }
  const members = item.driveId === undefined ? undefined : view.store.drives.get(item.driveId)?.members;
  for (const email of members?.keys() ?? []) emails.add(email);
  return [...emails].flatMap((email) => {
    const role = roleOf(view.store, item, email);
    return role === undefined ? [] : [permissionResource(view, item, email, role)];
  });
}

/** The `Permission` resource. https://developers.google.com/workspace/drive/api/reference/rest/v3/permissions */
export function permissionResource(view: View, item: Item, email: string, role: Role): Json {
  const account = view.store.accounts.get(email);
  const inherited = item.owner !== email && !item.grants.has(email);
  return {
    kind: 'drive#permission',
    id: permissionId(view.store, email),
    type: 'user',
    role,
    emailAddress: email,
    displayName: account?.displayName ?? email,
    deleted: false,
    pendingOwner: false,
    ...(item.driveId === undefined
      ? {}
      : { permissionDetails: [{ permissionType: inherited ? 'member' : 'file', role, inherited }] }),
  };
}

/** The id under which an address is granted something: the same for every file. */
export function permissionId(store: Store, email: string): string {
  const known = store.accounts.get(email)?.permissionId;
  return known ?? BigInt(`0x${Buffer.from(email).toString('hex').slice(0, 16)}`).toString();
}
