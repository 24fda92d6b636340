import type { NameRules } from '../../../shared/escape.ts';
import type { Platform } from './platform.ts';

/**
 * What names a folder can hold:
 * - `exact`: any bytes but `/` and NUL (Linux file systems);
 * - `unicode`: well-formed Unicode only (macOS);
 * - `windows`: Unicode without the characters and words that Windows reserves. NTFS, exFAT, FAT and most SMB servers
 *   ask this whatever the workstation is.
 */
export const nameKinds = ['exact', 'unicode', 'windows'] as const;
export type NameKind = (typeof nameKinds)[number];

export function nameKindOf(platform: Platform): NameKind {
  return platform === 'win32' ? 'windows' : platform === 'darwin' ? 'unicode' : 'exact';
}

/** Characters that only a folder of kind `windows` refuses, and that are harmless to try elsewhere. */
export const windowsOnlyCharacters = '<>:"|?*';

const windowsForbidden = /[\u0000-\u001f<>:"|?*\\]/;
const windowsReserved = /^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9¹²³]|LPT[0-9¹²³])[ ]*(\.|$)/i;
const nothing = /(?!)/;

/**
 * Whether Windows refuses a whole name, or takes it for another: a device's word (also with an extension), or a
 * trailing dot or space. https://learn.microsoft.com/windows/win32/fileio/naming-a-file
 */
export function windowsRefuses(segment: string): boolean {
  return windowsReserved.test(segment) || segment.endsWith('.') || segment.endsWith(' ');
}

/** The character class that Windows refuses in a name. */
export function windowsForbids(character: string): boolean {
  return windowsForbidden.test(character);
}

/**
 * The rules for `escapePath`. Lengths are in bytes of UTF-8, which is on the safe side where a system counts UTF-16
 * units. Paths are limited well below the system's own limit, so that a store can be mounted below a root of some
 * hundred bytes and a history name fits behind the path: the limit must not depend on where a disk is mounted today.
 * Where upper and lower case may be one, a segment leaves room for the mark that tells two names apart.
 */
export function nameRules(kind: NameKind): NameRules {
  switch (kind) {
    case 'exact':
      return { forbidden: nothing, segmentBytes: 255, pathBytes: 3300 };
    case 'unicode':
      return { forbidden: nothing, segmentBytes: 240, pathBytes: 640 };
    case 'windows':
      return { forbidden: windowsForbidden, refused: windowsRefuses, segmentBytes: 240, pathBytes: 3300 };
  }
}

/** Whether a system's usual file system tells `a` from `A`. Only what is assumed where a folder cannot be tried. */
export function tellsCaseApart(platform: Platform): boolean {
  return platform === 'linux';
}

/** Whether a system's usual file system tells the composed from the decomposed form of `é`. As {@link tellsCaseApart}. */
export function tellsFormsApart(platform: Platform): boolean {
  return platform !== 'darwin';
}

/**
 * A path or name in the form in which a system's usual file system compares it: two that become the same may be one
 * folder. As {@link tellsCaseApart}.
 */
export function comparedAs(path: string, platform: Platform): string {
  const formed = tellsFormsApart(platform) ? path : path.normalize('NFC');
  return tellsCaseApart(platform) ? formed : formed.toLowerCase();
}

/**
 * An absolute path as Windows takes it at any length (260 characters without this prefix); others as they are.
 * https://learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation
 */
export function longPath(path: string, platform: Platform): string {
  if (platform !== 'win32' || path.startsWith('\\\\?\\') || path.startsWith('\\\\.\\')) return path;
  const native = path.replaceAll('/', '\\');
  if (/^[A-Za-z]:\\/.test(native)) return `\\\\?\\${native}`;
  if (native.startsWith('\\\\')) return `\\\\?\\UNC\\${native.slice(2)}`;
  return path;
}
