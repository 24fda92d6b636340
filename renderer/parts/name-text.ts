/** How a name is written so that every character of it can be seen, and where it may be cut. */

const controlPictures = 0x2400;

/** What is invisible, or moves what stands around it, by the abbreviation that Unicode gives it. */
const invisible: ReadonlyMap<number, string> = new Map([
  [0x00ad, 'SHY'],
  [0x061c, 'ALM'],
  [0x180e, 'MVS'],
  [0x200b, 'ZWSP'],
  [0x200e, 'LRM'],
  [0x200f, 'RLM'],
  [0x2028, 'LS'],
  [0x2029, 'PS'],
  [0x202a, 'LRE'],
  [0x202b, 'RLE'],
  [0x202c, 'PDF'],
  [0x202d, 'LRO'],
  [0x202e, 'RLO'],
  [0x2060, 'WJ'],
  [0x2066, 'LRI'],
  [0x2067, 'RLI'],
  [0x2068, 'FSI'],
  [0x2069, 'PDI'],
  [0xfeff, 'BOM'],
]);

// Spaces at an end are part of the name too, and cannot be seen there.
const special =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\uf780-\uf7ff]|^ +| +$/gu;

/** A piece of a name: as it is, or a symbol that stands for what cannot be shown. */
export interface Piece {
  readonly text: string;
  readonly symbol: boolean;
}

function symbolFor(character: string): string {
  if (character.startsWith(' ')) return '⎵'.repeat(character.length);
  if (character === '\n') return '⏎';
  if (character === '\t') return '⇥';
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(controlPictures + code);
  if (code === 0x7f) return '␡';
  // A byte that is no UTF-8 (shared/names.ts), or a control character of the second set.
  if (code >= 0xf780 && code <= 0xf7ff) return `\\x${(code - 0xf700).toString(16).toUpperCase()}`;
  return `⟨${invisible.get(code) ?? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`}⟩`;
}

/**
 * A name in pieces, in order; what cannot be seen, or would disturb what stands around it, as symbols.
 * @param part which part of a name that was cut this is: spaces are symbols only where the name itself begins or ends.
 */
export function piecesOf(name: string, part: 'whole' | 'start' | 'end' = 'whole'): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of name.matchAll(special)) {
    const [found] = match;
    if (found.startsWith(' ') && part === (match.index === 0 ? 'end' : 'start')) continue;
    if (match.index > from) pieces.push({ text: name.slice(from, match.index), symbol: false });
    pieces.push({ text: symbolFor(found), symbol: true });
    from = match.index + found.length;
  }
  if (from < name.length) pieces.push({ text: name.slice(from), symbol: false });
  return pieces;
}

/** A name as plain text in which nothing is hidden: for tooltips, titles and sentences. */
export function visibleName(name: string): string {
  return name.replace(special, symbolFor);
}

/** Names up to this length fit nearly everywhere. */
const shortestCut = 12;
/** Names up to this length keep little more than their extension when they are cut: so much besides. */
const shortName = 18;
const shortTail = 2;
/** So much of a longer name's end is kept besides the extension. */
const longTail = 6;
/** What is longer is no extension. */
const longestExtension = 8;
/** How far the cut moves to the beginning of a word, so that what is kept begins with one. */
const wordReach = 6;

// Marks, joiners and variation selectors belong to the character before them; so does the second half of a pair.
const attached = /^[\p{M}\u200c\u200d\ufe00-\ufe0f\udc00-\udfff]/u;
// Letters that take their form from their neighbours: Arabic and its kin, the scripts of India.
const joining = /[\u0600-\u08ff\u0900-\u0dff\ufb50-\ufdff\ufe70-\ufefc]/;
const longestWord = 12;

/**
 * Where a name is cut when there is no room for it: what comes before may be shortened, what comes after stays. Marks and
 * zero-width joiners are not torn from what they belong to, nor letters from those that they are joined with.
 * @returns an index into the name; its length where there is nothing at its end that would say more than its beginning.
 */
export function cutOf(name: string): number {
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= longestExtension ? name.length - dot : 0;
  const isShort = name.length <= shortName;
  if (name.length <= shortestCut || (isShort && extension === 0)) return name.length;
  const stem = name.length - extension;
  let at = isShort ? stem - shortTail : atWord(name, stem - longTail, stem);
  const least = at - longestWord;
  while (at > least && joins(name, at)) at -= 1;
  while (at > 0 && (attached.test(name.slice(at)) || name[at - 1] === '\u200d')) at -= 1;
  return at <= 0 ? name.length : at;
}

/** The beginning of a word near a place, before `end`; the place itself where none is near. */
function atWord(name: string, place: number, end: number): number {
  for (let away = 0; away <= wordReach; away += 1) {
    for (const at of [place - away, place + away]) {
      if (at > 0 && at < end && /[\s_]/.test(name[at - 1] ?? '') && !/[\s_]/.test(name[at] ?? '')) return at;
    }
  }
  return place;
}

function joins(name: string, at: number): boolean {
  return joining.test(name[at - 1] ?? '') && joining.test(name[at] ?? '');
}
