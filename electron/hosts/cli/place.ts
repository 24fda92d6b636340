/** `source` or `source:path` as a person writes it, the path without slashes around it. */
export function parsePlace(text: string): { source: string; path: string } {
  const at = text.indexOf(':');
  if (at < 0) return { source: text, path: '' };
  return { source: text.slice(0, at), path: text.slice(at + 1).replace(/^\/+|\/+$/g, '') };
}
