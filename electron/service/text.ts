/** A name within a sentence. */
export function quoted(name: string): string {
  return `“${name}”`;
}
