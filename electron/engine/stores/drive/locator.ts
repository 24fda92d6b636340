import { StrongroomError } from '../../../../shared/errors.ts';
import type { DriveFile, DriveRevision } from './schema.ts';

/** A copy's address: file, revision, and the MD5 that Drive keeps of a revision, which a listing tells as well. */
export interface Locator {
  readonly fileId: string;
  readonly revisionId: string;
  readonly md5: string;
}

const deletion = 'deleted';
const nothing = '-';

export function formatLocator({ fileId, revisionId, md5 }: Locator): string {
  return `${fileId} ${revisionId} ${md5}`;
}

/** The locator of a file's head; `undefined` for what has no bytes. */
export function headLocator(file: DriveFile): string | undefined {
  if (file.headRevisionId === undefined) return undefined;
  return formatLocator({ fileId: file.id, revisionId: file.headRevisionId, md5: file.md5Checksum ?? nothing });
}

export function revisionLocator(fileId: string, revision: DriveRevision): string {
  return formatLocator({ fileId, revisionId: revision.id, md5: revision.md5Checksum ?? nothing });
}

/** The locator of a deletion: which file went, and at which of its revisions (by its mark). */
export function deletionLocator(fileId: string, mark: string): string {
  return `${fileId} ${deletion} ${mark}`;
}

/** What a deletion is called that left nothing behind. */
export const noDeletion = `${nothing} ${deletion} ${nothing}`;

/** `undefined` for a deletion, and for what no store of this kind gave out. */
export function parseLocator(locator: string | undefined): Locator | undefined {
  const [fileId = '', revisionId = '', md5 = '', ...more] = (locator ?? '').split(' ');
  if (fileId === '' || revisionId === '' || md5 === '' || more.length > 0 || revisionId === deletion) return undefined;
  return { fileId, revisionId, md5 };
}

/** Errors: `copy-missing` for what names no copy in Drive. */
export function requireLocator(locator: string): Locator {
  const parsed = parseLocator(locator);
  if (parsed !== undefined) return parsed;
  throw new StrongroomError('copy-missing', `"${locator}" does not name a copy in Google Drive.`);
}
