/**
 * File names as text, without losing a byte.
 *
 * Linux file names are bytes; most are UTF-8, some are not. A name is held as a string in which every byte that is
 * not part of valid UTF-8 stands as one character of the private range U+F780-U+F7FF (its byte + 0xF700). So that
 * the way back is exact, a name that really contains a character of that range has that character's own three bytes
 * written the same way. The string is always well-formed Unicode: it survives SQLite, JSON and a terminal.
 * (The same idea as MirBSD's OPTU-8 and Python's surrogateescape, which would not survive those.)
 */
const rawBase = 0xf700;
const rawFirst = 0xf780;
const rawLast = 0xf7ff;

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const rawPattern = /[\uf780-\uf7ff]/;

/** Whether this name stands for bytes that are not the UTF-8 of the string itself. */
export function hasRawBytes(name: string): boolean {
  return rawPattern.test(name);
}

/** The string for a name's bytes. Total: every byte sequence has exactly one. */
export function nameFromBytes(bytes: Uint8Array): string {
  try {
    const text = strictDecoder.decode(bytes);
    if (!rawPattern.test(text)) return text;
  } catch {
    // Not UTF-8: taken apart below.
  }
  let text = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      const piece = strictDecoder.decode(bytes.subarray(at, at + length));
      if (!rawPattern.test(piece)) {
        text += piece;
        at += length;
        continue;
      }
    }
    const end = at + Math.max(1, length);
    for (; at < end; at += 1) text += String.fromCharCode(rawBase + (bytes[at] ?? 0));
  }
  return text;
}

/** The bytes of a name made by {@link nameFromBytes}; for any other string, its UTF-8. */
export function bytesFromName(name: string): Uint8Array {
  if (!rawPattern.test(name)) return encoder.encode(name);
  const bytes: number[] = [];
  for (const character of name) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= rawFirst && code <= rawLast) bytes.push(code - rawBase);
    else bytes.push(...encoder.encode(character));
  }
  return Uint8Array.from(bytes);
}

/** Length in bytes of the valid UTF-8 sequence that starts at `at`, or 0 where there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length =
    first < 0x80
      ? 1
      : first >= 0xc2 && first <= 0xdf
        ? 2
        : first >= 0xe0 && first <= 0xef
          ? 3
          : first >= 0xf0 && first <= 0xf4
            ? 4
            : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  try {
    strictDecoder.decode(bytes.subarray(at, at + length));
    return length;
  } catch {
    return 0;
  }
}

/** The form in which names are matched and searched: NFC. The name itself is kept as the file system gave it. */
export function nfc(name: string): string {
  return name.normalize('NFC');
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder of a path; '' is the source's root. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '' : path.slice(0, at);
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
