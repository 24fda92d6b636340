import { bytesFromName, nameFromBytes } from './names.ts';

/**
 * Names that a store cannot hold, written so that it can, and back.
 *
 * The escape is `‛` (U+201B, which no keyboard types by accident) and two hexadecimal digits a byte. A `‛` that is
 * really in a name is escaped itself. Every other character stays as it is, so the plain files in a store are named
 * as staff know them.
 */
const mark = '‛';
const escaped = /‛[0-9A-F]{2}/g;

export interface NameRules {
  /** Matches characters (one each) that must not appear in a name. The raw bytes of names that are not UTF-8 always are escaped. */
  readonly forbidden: RegExp;
  /** Says whether a whole (already escaped) segment is refused by the store, such as `CON` or a trailing dot on Windows. */
  readonly refused?: (segment: string) => boolean;
  /** Longest segment, in bytes of UTF-8. */
  readonly segmentBytes: number;
  /** Longest path, in bytes of UTF-8, without the store's own prefix. */
  readonly pathBytes: number;
}

const encoder = new TextEncoder();

function escapeCharacter(character: string): string {
  let text = '';
  for (const byte of bytesFromName(character)) text += mark + byte.toString(16).toUpperCase().padStart(2, '0');
  return text;
}

/**
 * The path as the store may hold it, or `undefined` where even the escaped path is too long: the caller then files
 * it under its digest and keeps the name beside it (see {@link longNameKey}).
 */
export function escapePath(path: string, rules: NameRules): string | undefined {
  const segments = path.split('/').map((segment) => escapeSegment(segment, rules));
  if (segments.some((segment) => encoder.encode(segment).length > rules.segmentBytes)) return undefined;
  const text = segments.join('/');
  return encoder.encode(text).length > rules.pathBytes ? undefined : text;
}

function escapeSegment(segment: string, rules: NameRules): string {
  let text = '';
  for (const character of segment) {
    const code = character.codePointAt(0) ?? 0;
    const raw = code >= 0xf780 && code <= 0xf7ff;
    text += raw || character === mark || rules.forbidden.test(character) ? escapeCharacter(character) : character;
  }
  if (rules.refused?.(text) === true) {
    // Escaping the last character breaks both a reserved word and a trailing dot or space.
    const last = Array.from(text).pop() ?? '';
    text = text.slice(0, text.length - last.length) + escapeCharacter(last);
  }
  return text;
}

/** The true path of an escaped one. */
export function unescapePath(text: string): string {
  if (!text.includes(mark)) return text;
  return text
    .split('/')
    .map((segment) => {
      if (!segment.includes(mark)) return segment;
      const bytes: number[] = [];
      let at = 0;
      for (const match of segment.matchAll(escaped)) {
        bytes.push(...bytesFromName(segment.slice(at, match.index)), Number.parseInt(match[0].slice(1), 16));
        at = match.index + match[0].length;
      }
      bytes.push(...bytesFromName(segment.slice(at)));
      return nameFromBytes(Uint8Array.from(bytes));
    })
    .join('/');
}

/** Where the name of a path that is too long for a store is kept, below the store's control folder. */
export function longNameKey(pathDigest: string): string {
  return `long-names/${pathDigest}`;
}
