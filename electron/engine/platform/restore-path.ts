import { createHash } from 'node:crypto';
import { bytesFromName, hasRawBytes } from '../../../shared/names.ts';
import type { Platform } from './platform.ts';
import { windowsForbids, windowsRefuses } from './names.ts';

/** Why a restored file gets another name than it had: staff are told. */
export const pathChanges = [
  'not-unicode',
  'forbidden-character',
  'reserved-name',
  'trailing-dot-or-space',
  'too-long',
] as const;
export type PathChange = (typeof pathChanges)[number];

/** Why a path is not restored at all. */
export const pathRefusals = ['empty', 'absolute', 'leaves-folder', 'nul'] as const;
export type PathRefusal = (typeof pathRefusals)[number];

export type SafePath =
  | { readonly kind: 'safe'; readonly path: string; readonly changed: readonly PathChange[] }
  | { readonly kind: 'refused'; readonly reason: PathRefusal };

const segmentBytes = 255;

/**
 * A path of a catalog or store as it can be made below a restore's target folder, `/`-separated. Catalogs are rebuilt
 * from stores, and stores can be written by others: no path is believed.
 *
 * What could leave the folder is refused. What the system cannot hold is replaced by `_`, and a segment that is too
 * long is cut; wherever that could make two names one, eight digits of the true name's SHA-256 are put before the
 * extension. So different paths stay different, and the same path always becomes the same one.
 */
export function safeRestorePath(path: string, platform: Platform): SafePath {
  if (path === '') return { kind: 'refused', reason: 'empty' };
  if (path.includes('\0')) return { kind: 'refused', reason: 'nul' };
  const windows = platform === 'win32';
  if (path.startsWith('/') || (windows && (path.startsWith('\\') || /^[A-Za-z]:([\\/]|$)/.test(path)))) {
    return { kind: 'refused', reason: 'absolute' };
  }
  const segments = path.split('/');
  // On Windows a backslash divides, too: it is replaced below, but a path that would climb by one is not a name.
  const steps = windows ? path.split(/[/\\]/) : segments;
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    return { kind: 'refused', reason: 'leaves-folder' };
  }
  const changed = new Set<PathChange>();
  const safe = segments.map((segment) => safeSegment(segment, platform, changed));
  return { kind: 'safe', path: safe.join('/'), changed: pathChanges.filter((change) => changed.has(change)) };
}

function safeSegment(segment: string, platform: Platform, changed: Set<PathChange>): string {
  let name = segment;
  if (platform !== 'linux' && hasRawBytes(name)) {
    name = name.replace(/[\uf780-\uf7ff]/g, '_');
    changed.add('not-unicode');
  }
  if (platform === 'win32') {
    const allowed = Array.from(name)
      .map((character) => (windowsForbids(character) ? '_' : character))
      .join('');
    if (allowed !== name) changed.add('forbidden-character');
    name = allowed.replace(/[. ]+$/, (tail) => '_'.repeat(tail.length));
    if (name !== allowed) changed.add('trailing-dot-or-space');
    if (windowsRefuses(name)) {
      name = `_${name}`;
      changed.add('reserved-name');
    }
  }
  const long = bytesFromName(name).length > segmentBytes;
  if (long) changed.add('too-long');
  return name === segment && !long ? name : marked(name, segment);
}

/** The name, cut if need be, with a digest of the true one before its extension. */
function marked(name: string, segment: string): string {
  const digest = createHash('sha256').update(bytesFromName(segment)).digest('hex').slice(0, 8);
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && bytesFromName(name.slice(dot)).length <= 16 ? name.slice(dot) : '';
  const room = segmentBytes - extension.length * 4 - digest.length - 1;
  let stem = name.slice(0, name.length - extension.length);
  if (bytesFromName(stem).length > room) {
    const characters = Array.from(stem);
    let kept = 0;
    for (let bytes = 0; kept < characters.length; kept += 1) {
      bytes += bytesFromName(characters[kept] ?? '').length;
      if (bytes > room) break;
    }
    stem = characters.slice(0, kept).join('');
  }
  return `${stem}~${digest}${extension}`;
}
