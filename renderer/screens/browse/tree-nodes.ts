/** A folder as the contract's `browse.folders` tells it. */
export interface Folder {
  readonly name: string;
  readonly path: string;
  readonly deleted: boolean;
  readonly hasFolders: boolean;
}

/** One line of the tree as it is drawn. */
export interface TreeNode extends Folder {
  /** 1 for the source itself. */
  readonly level: number;
  readonly isOpen: boolean;
  /** Open, and its folders are not here yet. */
  readonly isLoading: boolean;
  /** Its place among its siblings, from 1, and how many there are. */
  readonly position: number;
  readonly siblings: number;
}

/**
 * The lines of a tree of which some folders are open, from the top.
 * @param children the folders in each folder that was asked about; '' is the source itself.
 */
export function linesOf(
  source: string,
  children: ReadonlyMap<string, readonly Folder[]>,
  open: ReadonlySet<string>,
): TreeNode[] {
  const lines: TreeNode[] = [];
  const add = (folder: Folder, level: number, position: number, siblings: number) => {
    const isOpen = open.has(folder.path) && folder.hasFolders;
    const inside = children.get(folder.path);
    lines.push({ ...folder, level, isOpen, isLoading: isOpen && inside === undefined, position, siblings });
    if (!isOpen || inside === undefined) return;
    for (const [index, child] of inside.entries()) add(child, level + 1, index + 1, inside.length);
  };
  const top = children.get('');
  add({ name: source, path: '', deleted: false, hasFolders: top === undefined || top.length > 0 }, 1, 1, 1);
  return lines;
}

/** A folder and every folder that it lies in, from the top: what has to be open for it to be seen. */
export function ancestorsOf(path: string): string[] {
  const ancestors = [''];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) ancestors.push(path.slice(0, at));
  return ancestors;
}

/** What a key does in a tree, after the WAI-ARIA tree pattern (https://www.w3.org/WAI/ARIA/apg/patterns/treeview/). */
export type TreeMove =
  { readonly do: 'go'; readonly to: number } | { readonly do: 'open' | 'close' | 'choose'; readonly path: string };

/** @param page lines that fit on the screen. */
export function treeMove(key: string, lines: readonly TreeNode[], active: number, page: number): TreeMove | undefined {
  const line = lines[active];
  if (line === undefined) return undefined;
  const go = (to: number): TreeMove => ({ do: 'go', to: Math.max(0, Math.min(lines.length - 1, to)) });
  switch (key) {
    case 'ArrowDown':
      return go(active + 1);
    case 'ArrowUp':
      return go(active - 1);
    case 'PageDown':
      return go(active + page);
    case 'PageUp':
      return go(active - page);
    case 'Home':
      return go(0);
    case 'End':
      return go(lines.length - 1);
    case 'ArrowRight':
      if (!line.hasFolders) return undefined;
      return line.isOpen ? go(active + 1) : { do: 'open', path: line.path };
    case 'ArrowLeft':
      if (line.isOpen && line.level > 1) return { do: 'close', path: line.path };
      for (let above = active - 1; above >= 0; above -= 1)
        if ((lines[above]?.level ?? 0) < line.level) return go(above);
      return undefined;
    case 'Enter':
    case ' ':
      return { do: 'choose', path: line.path };
    default:
      return undefined;
  }
}

/** The next line, after the active one and round again, whose name begins with what was typed; -1 where none does. */
export function lineTyped(lines: readonly TreeNode[], active: number, typed: string): number {
  const wanted = typed.toLocaleLowerCase();
  for (let step = typed.length === 1 ? 1 : 0; step <= lines.length; step += 1) {
    const at = (active + step) % lines.length;
    if (lines[at]?.name.toLocaleLowerCase().startsWith(wanted) === true) return at;
  }
  return -1;
}
