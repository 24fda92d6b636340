import { nfc } from '../../shared/names.ts';

/** Whether all that was typed stands in an item's words, in any order, whatever the case and the form of accents. */
export function matches(words: string, typed: string): boolean {
  const within = folded(words);
  return folded(typed)
    .split(/\s+/)
    .every((part) => within.includes(part));
}

function folded(text: string): string {
  return nfc(text).toLocaleLowerCase();
}
