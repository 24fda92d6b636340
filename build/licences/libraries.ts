import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';

/** A library of somebody else's that is given on with Strongroom. */
export interface Library {
  readonly name: string;
  readonly version: string;
  /** The licence as the library's own description names it, an SPDX expression: https://spdx.org/licenses/ */
  readonly licence: string;
  /** The licence, and whatever else of that kind lies with it: notices, the licences of its fonts and of its parts. */
  readonly texts: readonly string[];
}

interface Description {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, unknown>>;
}

const licenceFile = /^(licen[cs]es?|copying|notice|third-?party-?(notices?|licen[cs]es?))([-_.].*)?$/i;
const code = /\.([cm]?[jt]s|json)$/i;

/**
 * Packages that bring no licence of their own, by the beginning of their names, and the one out of the same repository
 * that does. The keychain's parts with native code bring those of what is in them.
 */
const sameAs: readonly (readonly [prefix: string, name: string])[] = [
  ['@napi-rs/keyring-', 'keytar'],
  ['@aws-sdk/', '@aws-sdk/client-s3'],
];

/**
 * The libraries that files belong to, sorted by name. Of a package, the licences of the folders that the files lie in
 * are taken too: fonts and tables in it may have their own.
 *
 * @param files absolute; those outside `node_modules` are left out.
 */
export function librariesOf(files: Iterable<string>): Library[] {
  const folders = new Map<string, Set<string>>();
  for (const file of files) {
    const root = packageFolder(file);
    if (root === undefined) continue;
    const found = folders.get(root) ?? new Set();
    folders.set(root, found);
    for (let folder = dirname(file); folder.length >= root.length; folder = dirname(folder)) found.add(folder);
  }
  const libraries = new Map<string, Library>();
  for (const [root, within] of folders) {
    const library = libraryIn(root, [...within].sort());
    libraries.set(`${library.name}@${library.version}`, library);
  }
  return sorted([...libraries.values()]);
}

/**
 * The libraries that a project needs when it runs, those of libraries included, and those that a library uses where they
 * are installed: a bundler takes these in too. Another system's programs are not installed.
 *
 * @param project the folder of its `package.json`. Error: where one that is needed is not installed.
 */
export function runningLibraries(project: string): Library[] {
  const roots = new Set<string>();
  const visit = (folder: string): void => {
    const { dependencies = {}, ...described } = describe(folder);
    const { optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = described;
    const optional = { ...optionalDependencies, ...peerDependencies, ...peerDependenciesMeta };
    for (const name of new Set([...Object.keys(dependencies), ...Object.keys(optional)])) {
      const root = installed(name, folder);
      if (root === undefined) {
        if (Object.hasOwn(optional, name)) continue;
        throw new Error(`${name}, which ${folder} needs, is not installed`);
      }
      if (roots.has(root)) continue;
      roots.add(root);
      visit(root);
    }
  };
  visit(project);
  return sorted([...roots].map((root) => libraryIn(root, foldersOf(root))));
}

/** A package's folder and all below it, but for those of packages that are installed in it. */
function foldersOf(folder: string): string[] {
  const below = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== 'node_modules',
  );
  return [folder, ...below.flatMap(({ name }) => foldersOf(join(folder, name)))];
}

/** One list of several, each library once. */
export function together(...lists: readonly (readonly Library[])[]): Library[] {
  const all = new Map<string, Library>();
  for (const library of lists.flat()) {
    const key = `${library.name}@${library.version}`;
    const texts = new Set([...(all.get(key)?.texts ?? []), ...library.texts]);
    all.set(key, { ...library, texts: [...texts] });
  }
  return sorted([...all.values()]);
}

function sorted(libraries: Library[]): Library[] {
  const key = ({ name, version }: Library): string => `${name}@${version}`;
  return libraries.sort((left, right) => (key(left) < key(right) ? -1 : 1));
}

/** The outermost folder of the package that a file is installed with; a `package.json` deeper in it is a mere marker. */
function packageFolder(file: string): string | undefined {
  const parts = file.split(/[\\/]/);
  const at = parts.lastIndexOf('node_modules');
  if (at < 0) return undefined;
  return parts.slice(0, at + (parts[at + 1]?.startsWith('@') === true ? 3 : 2)).join(sep);
}

function installed(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const root = join(folder, 'node_modules', name);
    if (existsSync(join(root, 'package.json'))) return root;
    if (dirname(folder) === folder) return undefined;
  }
}

function libraryIn(root: string, folders: readonly string[]): Library {
  const { name, version, license = '', author } = describe(root);
  const own = folders.flatMap(textsIn);
  const other = sameAs.find(([prefix]) => name.startsWith(prefix))?.[1];
  const folder = other === undefined ? undefined : installed(other, root);
  const borrowed = folder === undefined ? [] : textsIn(folder);
  const texts = [...new Set([...borrowed, ...own])];
  if (texts.length === 0 && license === 'MIT') texts.push(mit(typeof author === 'object' ? author.name : author));
  return { name, version, licence: license, texts };
}

/** https://spdx.org/licenses/MIT.html, for packages that only name it. */
function mit(author = 'the authors'): string {
  return `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}

function textsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && licenceFile.test(entry.name) && !code.test(basename(entry.name)))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').replaceAll('\r\n', '\n').trim())
    .filter((text) => text !== '');
}

function describe(folder: string): Description {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Description;
}
