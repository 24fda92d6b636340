import { markedName } from './host-names.ts';

/** How many folders' names are remembered; far more than the copies under way at once can be in. */
const remembered = 512;

/**
 * How a name is written on a disk that takes different names for one: `Plan` and `plan`, or `é` in one character and
 * in two. The first comer has the name as it is; a later one carries a mark (see `markedName`), which is taken away
 * again on the way back. On a disk that tells all names apart it does nothing.
 *
 * It knows what lies in a folder from one listing and from the names that it gave out since, so two copies at once
 * never get one name. {@link forget} makes it look again.
 */
export class Spelling {
  readonly #names: (folder: string) => Promise<readonly string[]>;
  readonly #folders = new Map<string, Promise<Map<string, Set<string>>>>();

  /** @param names what a folder (relative path) holds; nothing where there is none. */
  constructor(names: (folder: string) => Promise<readonly string[]>) {
    this.#names = names;
  }

  /**
   * The relative path below `top` for these segments.
   *
   * @param claim whether a file is about to be written there.
   */
  async path(top: string, segments: readonly string[], claim: boolean): Promise<string> {
    let folder = top;
    for (const segment of segments) {
      const names = await this.#folder(folder);
      const same = names.get(folded(segment)) ?? new Set();
      const marked = markedName(segment);
      const name = same.has(segment) || (same.size === 0 && !same.has(marked)) ? segment : marked;
      if (claim) {
        same.add(name);
        names.set(folded(segment), same);
      }
      folder = `${folder}/${name}`;
    }
    return folder;
  }

  /** Forgets what lies in the folders, because others may have changed it. */
  forget(): void {
    this.#folders.clear();
  }

  #folder(folder: string): Promise<Map<string, Set<string>>> {
    const known = this.#folders.get(folder);
    if (known !== undefined) {
      this.#folders.delete(folder);
      this.#folders.set(folder, known);
      return known;
    }
    const loading = this.#load(folder);
    this.#folders.set(folder, loading);
    loading.catch(() => this.#folders.delete(folder));
    const oldest = this.#folders.keys().next();
    if (this.#folders.size > remembered && oldest.done !== true) this.#folders.delete(oldest.value);
    return loading;
  }

  async #load(folder: string): Promise<Map<string, Set<string>>> {
    const names = new Map<string, Set<string>>();
    for (const name of await this.#names(folder)) {
      const key = folded(unmarked(name));
      const same = names.get(key);
      if (same === undefined) names.set(key, new Set([name]));
      else same.add(name);
    }
    return names;
  }
}

/** Equal for all names that any file system takes for one. It may be equal for more: a mark too many does no harm. */
export function folded(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

function unmarked(name: string): string {
  return name.replace(/‛\([0-9a-f]{8}\)/, '');
}
