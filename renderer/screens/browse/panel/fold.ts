/** A piece of two texts beside one another, as `diffLines` of `diff` gives it. */
export interface Piece {
  readonly value: string;
  readonly added: boolean;
  readonly removed: boolean;
}

export type DiffLine =
  | {
      readonly kind: 'same' | 'added' | 'removed';
      readonly text: string;
      /** Its number in the older and in the newer text, from 1; `undefined` where it is not in it. */
      readonly older: number | undefined;
      readonly newer: number | undefined;
    }
  /** Lines that are the same in both, and far from any that are not. @param lines what is folded away. */
  | { readonly kind: 'fold'; readonly id: number; readonly lines: readonly DiffLine[] };

/** Lines with their numbers; runs of the same lines are folded but for `context` of them beside each change. */
export function foldedLines(pieces: readonly Piece[], context: number): DiffLine[] {
  const all: DiffLine[] = [];
  let older = 0;
  let newer = 0;
  for (const piece of pieces) {
    const lines = piece.value.split('\n');
    // What ends with a line break has no further line.
    if (lines.at(-1) === '') lines.pop();
    for (const text of lines) {
      const kind = piece.added ? 'added' : piece.removed ? 'removed' : 'same';
      if (kind !== 'added') older += 1;
      if (kind !== 'removed') newer += 1;
      all.push({
        kind,
        text,
        older: kind === 'added' ? undefined : older,
        newer: kind === 'removed' ? undefined : newer,
      });
    }
  }
  const folded: DiffLine[] = [];
  for (let at = 0; at < all.length;) {
    let end = at;
    while (end < all.length && all[end]?.kind === 'same') end += 1;
    const before = at === 0 ? 0 : context;
    const after = end === all.length ? 0 : context;
    // A fold of a single line would take as much room as the line.
    if (end - at - before - after > 1) {
      folded.push(...all.slice(at, at + before));
      folded.push({ kind: 'fold', id: at, lines: all.slice(at + before, end - after) });
      folded.push(...all.slice(end - after, end));
    } else folded.push(...all.slice(at, end));
    at = end;
    while (at < all.length && all[at]?.kind !== 'same') folded.push(all[at++] as DiffLine);
  }
  return folded;
}

/** A text whose lines, the last one included, end by a line feed alone. */
export function withPlainEnds(text: string): string {
  const plain = text.replace(/\r\n?/g, '\n');
  return plain === '' || plain.endsWith('\n') ? plain : `${plain}\n`;
}
