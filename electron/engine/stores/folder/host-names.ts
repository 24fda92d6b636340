import { createHash } from 'node:crypto';
import type { Place } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { escapePath, unescapePath } from '../../../../shared/escape.ts';
import { bytesFromName, nameFromBytes } from '../../../../shared/names.ts';
import { nameRules, type NameKind } from '../../platform/names.ts';
import { parseCopyName } from './version-names.ts';

/**
 * A place's names on the store's disk, and back.
 *
 * - `exact` disks hold every name byte for byte; only a real `‛` is escaped, so that the escapes below stay readable.
 * - On others `shared/escape.ts` writes what they refuse as `‛` and the bytes.
 * - A path that is too long even so lies in `‛long/<SHA-256 of its bytes>`, with its name in a control file.
 * - A segment that looks like a history name is escaped in its last character, since history keeps the versions of
 *   `a` and those of `a/b` in one folder.
 * - Of two names that a disk takes for one (`Plan` and `plan`), the later carries `‛(<digest>)` before its extension;
 *   see `spelling.ts`.
 */
export const longFolder = '‛long';
const mark = '‛';
const collisionMark = /‛\([0-9a-f]{8}\)/;
const notRaw = /[^\uf780-\uf7ff]+/g;

export interface HostNames {
  /** The names, source first, that lead to the file. */
  readonly segments: readonly string[];
  /** Where the path is too long: the digest that it is filed under. */
  readonly longDigest: string | undefined;
}

/** Errors: `unsafe-path` for a source or path that would leave its folder. */
export function hostNames(place: Place, kind: NameKind): HostNames {
  const { source, path } = place;
  if (source.includes('/') || [source, ...path.split('/')].some((name) => unsafe(name))) {
    throw new StrongroomError('unsafe-path', 'A path that is empty or leaves its folder was refused.', {
      subject: `${source}/${path}`,
    });
  }
  const top = encodePath(source, kind);
  if (top === undefined) {
    throw new StrongroomError('path-too-long', `The source's name is too long for a folder store.`, {
      subject: source,
    });
  }
  const below = encodePath(path, kind);
  if (below !== undefined) return { segments: [top, ...below.split('/')], longDigest: undefined };
  const longDigest = createHash('sha256').update(bytesFromName(path)).digest('hex');
  return { segments: [top, longFolder, longDigest], longDigest };
}

/** The true name of a segment on the disk. */
export function trueName(segment: string): string {
  if (!segment.includes(mark)) return segment;
  const plain = segment.replace(collisionMark, '').replace(notRaw, (part) => unescapePath(part));
  return nameFromBytes(bytesFromName(plain));
}

/** A segment as it is written where the disk holds it to be the same name as another one. */
export function markedName(segment: string): string {
  const digest = createHash('sha256').update(bytesFromName(segment)).digest('hex').slice(0, 8);
  const dot = segment.lastIndexOf('.');
  const at = dot > 0 ? dot : segment.length;
  return `${segment.slice(0, at)}${mark}(${digest})${segment.slice(at)}`;
}

/** The path as the disk may hold it, or `undefined` where it is too long. */
function encodePath(path: string, kind: NameKind): string | undefined {
  const rules = nameRules(kind);
  const free = { ...rules, segmentBytes: Infinity, pathBytes: Infinity };
  const segments = path.split('/').map((segment) => {
    const escaped =
      kind === 'exact'
        ? segment.replace(notRaw, (part) => escapePath(part, free) ?? part)
        : (escapePath(segment, free) ?? segment);
    return parseCopyName(escaped) === undefined ? escaped : escapeLast(escaped);
  });
  if (segments.some((segment) => bytesFromName(segment).length > rules.segmentBytes)) return undefined;
  const text = segments.join('/');
  return bytesFromName(text).length > rules.pathBytes ? undefined : text;
}

/** For a name that ends in an ASCII character. */
function escapeLast(segment: string): string {
  const code = segment
    .charCodeAt(segment.length - 1)
    .toString(16)
    .toUpperCase()
    .padStart(2, '0');
  return `${segment.slice(0, -1)}${mark}${code}`;
}

function unsafe(name: string): boolean {
  return name === '' || name === '.' || name === '..' || name.includes('\0');
}
