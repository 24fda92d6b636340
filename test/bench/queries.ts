import type { Catalog } from '../../electron/engine/catalog/catalog.ts';

/** Texts that people may search for, by kind. */
export interface Queries {
  /** Held against the target: texts of three characters or more. */
  readonly ordinary: ReadonlyMap<string, readonly string[]>;
  /** Of one or two characters, which no index of trigrams can find. */
  readonly short: readonly string[];
}

const perKind = 60;

/**
 * Queries about paths that the catalog holds.
 *
 * @param paths some of its paths, in no order.
 */
export function makeQueries(paths: readonly string[], random: () => number): Queries {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <Thing>(things: readonly Thing[]): Thing => things[below(things.length)]!;
  const path = (): string => pick(paths);
  const name = (): string => path().split('/').at(-1) ?? '';
  const several = (make: () => string): string[] => Array.from({ length: perKind }, make);
  const words = [...new Set(paths.slice(0, 2000).flatMap((text) => text.split(/[^\p{L}]+/u)))].filter(
    (word) => word.length >= 3 && word.length <= 14,
  );
  const part = (): string => {
    const text = path();
    const length = Math.min(text.length, 4 + below(9));
    return text.slice(below(text.length - length + 1)).slice(0, length);
  };
  const lastTwo = (): string => path().split('/').slice(-2).join('/');
  return {
    ordinary: new Map([
      ['common words', several(() => pick(words))],
      ['any part of a path', several(part)],
      ['a whole name', several(name)],
      ['a whole path', several(path)],
      ['folder/name', several(lastTwo)],
      ['folder/ and the beginning of a name', several(() => lastTwo().slice(0, -6))],
      ['a folder', several(() => path().split('/').slice(0, -1).at(-1) ?? '')],
      ['absent, of common parts', several(() => `${pick(words)}-${pick(words)}-${pick(words)}`)],
      ['absent, of rare parts', several(() => `q${below(1000)}zx${below(1000)}`)],
      ['typed letter by letter', several(() => name().slice(0, 3 + below(6)))],
    ]),
    short: several(() => path().slice(0, 40)).map((text) => text.slice(below(text.length - 2)).slice(0, 1 + below(2))),
  };
}

/** Some of a catalog's paths as of an instant, spread over all of it: from each of the folders, a few. */
export function somePaths(
  catalog: Catalog,
  folders: readonly SomeFolder[],
  at: number,
  random: () => number,
): string[] {
  return folders.flatMap(({ id, path }) => {
    const files = catalog.browse.files(id, at, '', 100);
    const file = files[Math.floor(random() * files.length)];
    return file === undefined ? [] : [`${path}/${file.name}`];
  });
}

export interface SomeFolder {
  readonly id: number;
  readonly path: string;
}

/** Every folder of a source as of an instant. */
export function allFolders(catalog: Catalog, sourceId: number, at: number): SomeFolder[] {
  const root = catalog.browse.folderId(sourceId, '');
  return root === undefined ? [] : [...catalog.browse.foldersBelow(root, '', at)];
}
