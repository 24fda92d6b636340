import assert from 'node:assert/strict';
import fs from 'node:fs';
import type { Engine } from '../../electron/engine/engine.ts';
import { assertSameTree, filesOf, readTree, type Bench, type Tree } from './kit.ts';

const folders = ['', 'a', 'a/b', 'c d', 'ä', 'a/b/deep/er'];
const names = ['1.txt', '2.txt', 'Ünï.txt', 'x', 'x.tmp.keep', 'READ me', 'read me'];

/** What the source held at a time at which a run saw it. */
export interface Instant {
  readonly at: number;
  readonly tree: Tree;
}

/** What people may do to a source, at random. */
export class Changes {
  readonly #bench: Bench;
  readonly #random: () => number;
  #mtime = 1_600_000_000;

  constructor(bench: Bench, random: () => number) {
    this.#bench = bench;
    this.#random = random;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    assert.ok(item !== undefined, 'picked from nothing');
    return item;
  }

  #somewhere(): string {
    const folder = this.pick(folders);
    return folder === '' ? this.pick(names) : `${folder}/${this.pick(names)}`;
  }

  /** A place where a file can be written: no folder lies there, and no file where a folder is needed. */
  #place(): string | undefined {
    const place = this.#somewhere();
    const tree = readTree(this.#bench.root);
    if (tree.get(place)?.kind === 'folder') return undefined;
    const parts = place.split('/');
    for (let length = 1; length < parts.length; length += 1)
      if (tree.get(parts.slice(0, length).join('/'))?.kind === 'file') return undefined;
    return place;
  }

  #write(place: string): void {
    // Few contents and some empty files, so that equal contents lie at several places.
    const content = this.#random() < 0.1 ? '' : `content ${Math.floor(this.#random() * 12)}`;
    this.#bench.write(place, content, (this.#mtime += 1.25));
  }

  /** One thing that a person may do to the source. */
  change(): void {
    const bench = this.#bench;
    const files = [...filesOf(readTree(bench.root)).keys()];
    const kind = this.#random();
    const place = this.#place();
    if (kind < 0.4 || files.length < 3) {
      if (place !== undefined) this.#write(place);
    } else if (kind < 0.55) this.#write(this.pick(files));
    else if (kind < 0.7) bench.remove(this.pick(files));
    else if (kind < 0.82) {
      const from = this.pick(files);
      if (place !== undefined && place !== from) bench.move(from, place);
    } else if (kind < 0.88) {
      const time = (this.#mtime += 1.25);
      fs.utimesSync(bench.at(this.pick(files)), time, time);
    } else if (kind < 0.94) fs.chmodSync(bench.at(this.pick(files)), this.pick([0o600, 0o644, 0o755]));
    else this.#changeFolder();
  }

  #changeFolder(): void {
    const bench = this.#bench;
    const there = [...readTree(bench.root)].filter(([, entry]) => entry.kind === 'folder').map(([name]) => name);
    const kind = this.#random();
    if (there.length === 0 || kind < 0.3) {
      const name = `empty ${Math.floor(this.#random() * 3)}`;
      fs.mkdirSync(bench.at(name), { recursive: true });
    } else if (kind < 0.6) {
      const target = `renamed ${Math.floor(this.#random() * 3)}`;
      const from = this.pick(there);
      if (!fs.existsSync(bench.at(target)) && !from.startsWith(target)) bench.move(from, target);
    } else {
      const left = filesOf(readTree(bench.root));
      const folder = this.pick(there);
      if ([...left.keys()].some((name) => !name.startsWith(`${folder}/`))) bench.remove(folder);
    }
  }
}

/** The tree of an engine's catalog as of an instant, in the form of a tree on disk. */
export function catalogTree(engine: Engine, at: number): Tree {
  const { browse, sources } = engine.catalog;
  const root = browse.folderId(sources.get('source').id, '') ?? -1;
  const tree: [string, Tree extends ReadonlyMap<string, infer Entry> ? Entry : never][] = [];
  for (const folder of browse.foldersBelow(root, '', at))
    if (folder.path !== '') tree.push([folder.path, { kind: 'folder' }]);
  for (const { path, facts } of browse.filesBelow(root, '', at)) {
    const { sha256, size, mtimeNs, mode } = facts;
    tree.push([path, { kind: 'file', sha256, size, mtimeUs: mtimeNs / 1000n, mode: mode & 0o777 }]);
  }
  return new Map(tree);
}

export function assertHistory(engine: Engine, instants: readonly Instant[], what: string): void {
  for (const { at, tree } of instants) {
    assertSameTree(catalogTree(engine, at), tree, `${what}, as of ${at}`);
    assertSameTree(catalogTree(engine, at + 59_999), tree, `${what}, just before the next run after ${at}`);
  }
}
