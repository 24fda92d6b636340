import type { FileVersion } from '../../../../shared/contract/shapes.ts';
import { baseName, folderOf } from '../../../../shared/names.ts';

/** What a version is, beside the one before it. */
export type VersionChange =
  | { readonly kind: 'first' }
  /** It came from another place: under another name, in another folder, or both. */
  | { readonly kind: 'moved'; readonly from: string; readonly how: 'renamed' | 'moved' }
  | { readonly kind: 'deleted' }
  /** It was deleted, and is there again. @param size bytes that it has more than before it went; negative: fewer. */
  | { readonly kind: 'back'; readonly size: number }
  | { readonly kind: 'bigger' | 'smaller'; readonly size: number }
  | { readonly kind: 'same-size' }
  /** The same bytes under another time or other rights. */
  | { readonly kind: 'same-bytes' };

/** @param versions every version of the file, in any order. @param path where the file is. */
export function changeOf(version: FileVersion, versions: readonly FileVersion[], path: string): VersionChange {
  if (version.deleted) return { kind: 'deleted' };
  if (version.movedFrom !== null) {
    const how =
      folderOf(version.movedFrom) === folderOf(path) && baseName(version.movedFrom) !== baseName(path)
        ? 'renamed'
        : 'moved';
    return { kind: 'moved', from: version.movedFrom, how };
  }
  const before = versions.filter((other) => other.number < version.number);
  const previous = latest(before);
  const content = latest(before.filter((other) => !other.deleted));
  if (previous === undefined || content === undefined) return { kind: 'first' };
  const size = version.size - content.size;
  if (previous.deleted) return { kind: 'back', size };
  if (version.sha256 !== null && version.sha256 === content.sha256) return { kind: 'same-bytes' };
  if (size === 0) return { kind: 'same-size' };
  return size > 0 ? { kind: 'bigger', size } : { kind: 'smaller', size: -size };
}

/** The version that was there at a moment, `null` being now. `undefined` before the first one. */
export function versionAt(versions: readonly FileVersion[], at: number | null): FileVersion | undefined {
  return latest(at === null ? versions : versions.filter((version) => version.firstSeen <= at));
}

/** The version to show at first: the one of that moment, or, where the file was gone by then, what it was before. */
export function versionToShow(versions: readonly FileVersion[], at: number | null): FileVersion | undefined {
  const then = versionAt(versions, at);
  if (then !== undefined && !then.deleted) return then;
  const content = versions.filter((version) => !version.deleted);
  return latest(then === undefined ? [] : content.filter((version) => version.number < then.number)) ?? latest(content);
}

function latest(versions: readonly FileVersion[]): FileVersion | undefined {
  let found: FileVersion | undefined;
  for (const version of versions) if (found === undefined || version.number > found.number) found = version;
  return found;
}
