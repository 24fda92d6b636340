import { createHash } from 'node:crypto';
import { escapePath, unescapePath, type NameRules } from '../../../../shared/escape.ts';
import { bytesFromName } from '../../../../shared/names.ts';

/**
 * Drive takes any text as a name, `/` included, and makes nothing of it: identity is the id. Escaped is only what does
 * not survive JSON and people's eyes: bytes that are not UTF-8, control characters, and `.` and `..`, which a
 * downloaded tree could not hold.
 */
const rules: NameRules = {
  forbidden: /[\u0000-\u001f\u007f]/,
  refused: (segment) => segment === '.' || segment === '..',
  segmentBytes: Infinity,
  pathBytes: Infinity,
};

/**
 * Levels of folders below a source's own. Drive allows 100 below its root, of which some lie above the source.
 * https://developers.google.com/workspace/drive/api/guides/handle-errors, `myDriveHierarchyDepthLimitExceeded`;
 * https://support.google.com/a/users/answer/7338880
 */
export const folderLevels = 80;

/** The first byte of UTF-8 that stands for a slash within a name: how deeper levels are written in one name. */
const escapedSlash = '‛2F';

/** The names in Drive of a path's folders and file. Levels beyond {@link folderLevels} are joined into the last name. */
export function namesOf(path: string): readonly string[] {
  const names = (escapePath(path, rules) ?? '').split('/');
  if (names.length <= folderLevels + 1) return names;
  return [...names.slice(0, folderLevels), names.slice(folderLevels).join(escapedSlash)];
}

/** A source's or other single name as Drive holds it. A slash in it is escaped. */
export function nameOf(name: string): string {
  return (escapePath(name, rules) ?? '').replaceAll('/', escapedSlash);
}

/** The true name of one of Strongroom's own files or folders. */
export function trueName(name: string): string {
  return unescapePath(name.replaceAll('/', escapedSlash));
}

/** How the name of something that people put into Drive is shown in a path: its slashes stay escaped. */
export function foreignName(name: string): string {
  return name.replaceAll('/', escapedSlash);
}

/** What a tag stands for: a current file, a folder of the tree of current or of former files, or a control file. */
export type TagKind = 'file' | 'files' | 'history' | 'control' | 'source';

/**
 * A short name for one place in one store, kept as a private property of what lies there: by it a place is found again
 * whatever people do to names and folders. A path itself would be too long for a property (124 bytes with its key).
 * https://developers.google.com/workspace/drive/api/guides/properties
 */
export function tagOf(root: string, kind: TagKind, source: string, path: string): string {
  const hash = createHash('sha256');
  for (const part of [root, kind, source, path]) hash.update(bytesFromName(part)).update('\0');
  return hash.digest('hex').slice(0, 32);
}
