/** A folder above another one, or that one itself. */
export interface Crumb {
  readonly name: string;
  readonly path: string;
}

/**
 * A path of this computer as the folders that lead to it, the outermost first. Takes what any system writes: `/srv/scans`,
 * `C:\Scans`, `\\server\share\scans`.
 */
export function crumbsOf(path: string): Crumb[] {
  const start = /^(?:[\\/]{2}[^\\/]+[\\/]+[^\\/]+|[A-Za-z]:[\\/]?|[\\/])/.exec(path)?.[0] ?? '';
  const separator = path.includes('\\') && !path.startsWith('/') ? '\\' : '/';
  const names = path
    .slice(start.length)
    .split(separator === '\\' ? /[\\/]+/ : /\/+/)
    .filter((name) => name !== '');
  const crumbs: Crumb[] = start === '' ? [] : [{ name: start, path: start }];
  for (const name of names) {
    const above = crumbs.at(-1)?.path ?? '';
    const joined = above === '' || /[\\/]$/.test(above) ? `${above}${name}` : `${above}${separator}${name}`;
    crumbs.push({ name, path: joined });
  }
  return crumbs;
}

/** The last name of a path: `Masters` of `/srv/Masters`; the path itself where it has no more. */
export function lastName(path: string): string {
  return crumbsOf(path).at(-1)?.name ?? path;
}

/** The first name at or after `from`, round to the beginning, that begins with what was typed. @returns -1 for none */
export function indexByTyping(names: readonly string[], typed: string, from: number): number {
  const wanted = typed.toLocaleLowerCase();
  for (let step = 0; step < names.length; step += 1) {
    const index = (from + step) % names.length;
    if (names[index]?.toLocaleLowerCase().startsWith(wanted) === true) return index;
  }
  return -1;
}
