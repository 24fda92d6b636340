import type { Content } from './content.ts';

/** https://developers.google.com/workspace/drive/api/guides/ref-roles, strongest first; `owner` exists in My Drive only. */
export const ROLES = ['owner', 'organizer', 'fileOrganizer', 'writer', 'commenter', 'reader'] as const;
export type Role = (typeof ROLES)[number];

export const FOLDER = 'application/vnd.google-apps.folder';
export const SHORTCUT = 'application/vnd.google-apps.shortcut';
export const GOOGLE_TYPES = 'application/vnd.google-apps.';

/** One state of a file's bytes. */
export interface Revision {
  readonly id: string;
  readonly content: Content;
  readonly mimeType: string;
  readonly originalFilename: string;
  readonly modifiedTime: number;
  readonly by: string;
  keepForever: boolean;
  /** When newer bytes took its place; an unpinned revision goes 30 days after that. */
  supersededAt: number | undefined;
}

/** One thing in Drive: a file, folder, shortcut, native document, or a root folder. */
export interface Item {
  readonly id: string;
  name: string;
  mimeType: string;
  /** The one parent; `undefined` for the root folders. */
  parent: string | undefined;
  driveId: string | undefined;
  /** The owner's address; `undefined` in a shared drive. */
  owner: string | undefined;
  createdTime: number;
  modifiedTime: number;
  modifiedBy: string;
  version: number;
  description: string | undefined;
  starred: boolean;
  folderColorRgb: string | undefined;
  originalFilename: string | undefined;
  trashedAt: number | undefined;
  trashedBy: string | undefined;
  /** Newest last. Empty for whatever has no bytes of its own. */
  revisions: Revision[];
  /** Private to each app: client id → properties. */
  readonly appProperties: Map<string, Record<string, string>>;
  properties: Record<string, string>;
  /** Direct grants: address → role. */
  readonly grants: Map<string, Role>;
  /** Addresses that lost access here and below, whatever is granted above. */
  readonly barred: Set<string>;
  /** Apps (client ids) that made the file or were given it; what `drive.file` lets them see. */
  readonly apps: Set<string>;
  readonly shortcutTarget: { readonly targetId: string; readonly targetMimeType: string } | undefined;
  /** What a native document says, for `files.export`. */
  nativeText: string | undefined;
}

export interface SharedDrive {
  readonly id: string;
  name: string;
  readonly createdTime: number;
  hidden: boolean;
  readonly members: Map<string, Role>;
}

export interface Account {
  readonly email: string;
  readonly displayName: string;
  readonly isServiceAccount: boolean;
  readonly rootId: string;
  readonly permissionId: string;
  /** Bytes the account may own; `undefined` is without limit. */
  storageLimit: number | undefined;
}

/** One line of the change log. */
export interface Change {
  readonly sequence: number;
  readonly time: number;
  readonly fileId: string;
  readonly driveId: string | undefined;
  /** For what is no longer there: who could see it, so that only they learn of its end. */
  readonly gone: { readonly emails: ReadonlySet<string>; readonly apps: ReadonlySet<string> } | undefined;
}

/** Who calls, with what. */
export interface Caller {
  readonly email: string;
  readonly clientId: string;
  readonly scopes: ReadonlySet<string>;
}

/** Whether the item has bytes of its own ("blob" in Google's words). */
export function isBlob(item: Item): boolean {
  return !item.mimeType.startsWith(GOOGLE_TYPES);
}

/** The revision that is current. */
export function headOf(item: Item): Revision | undefined {
  return item.revisions.at(-1);
}

/** Whether a role is at least as strong as another. */
export function isAtLeast(role: Role | undefined, least: Role): boolean {
  return role !== undefined && ROLES.indexOf(role) <= ROLES.indexOf(least);
}
