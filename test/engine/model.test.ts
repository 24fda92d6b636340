import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import { chooseSeed } from '../contract/support.ts';
import { seededRandom } from '../faults/random.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { assertSameTree, Bench, filesOf, readTree, rebuildFrom, restoreSource, sha256Of, type Tree } from './kit.ts';
import { assertTalliesRight } from './tallies.ts';

/** Random histories against a model: a list of the trees that each run saw. */

const sequences = Number(process.env['STRONGROOM_TEST_SEQUENCES'] ?? 8);
const steps = 16;
const folders = ['', 'a', 'a/b', 'c d', 'ä', 'a/b/deep/er'];
const names = ['1.txt', '2.txt', 'Ünï.txt', 'x', 'x.tmp.keep', 'READ me', 'read me'];

interface Instant {
  readonly at: number;
  readonly tree: Tree;
}

class History {
  readonly instants: Instant[] = [];
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

  async sync(): Promise<void> {
    await this.#bench.syncDone({ rehash: this.#random() < 0.1 });
    this.instants.push({ at: this.#bench.clock.now(), tree: readTree(this.#bench.root) });
  }
}

/** The tree of an engine's catalog as of an instant, in the form of a tree on disk. */
function catalogTree(engine: Engine, at: number): Tree {
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

function assertHistory(engine: Engine, instants: readonly Instant[], what: string): void {
  for (const { at, tree } of instants) {
    assertSameTree(catalogTree(engine, at), tree, `${what}, as of ${at}`);
    assertSameTree(catalogTree(engine, at + 59_999), tree, `${what}, just before the next run after ${at}`);
  }
}

/** Every file's versions, as the trees that runs saw tell them. */
function assertVersions(engine: Engine, instants: readonly Instant[]): void {
  const { browse, sources } = engine.catalog;
  const { id } = sources.get('source');
  for (const path of new Set(instants.flatMap(({ tree }) => [...filesOf(tree).keys()]))) {
    const expected: string[] = [];
    let last: string | undefined;
    for (const { at, tree } of instants) {
      const entry = tree.get(path)?.kind === 'file' ? tree.get(path) : undefined;
      const state = entry && `${entry.sha256 ?? ''} ${entry.mtimeUs ?? 0n} ${entry.mode ?? 0}`;
      if (state !== last) expected.push(`${at} ${state ?? 'gone'}`);
      last = state;
    }
    const actual = browse
      .versions(browse.fileId(id, path) ?? -1)
      .map(({ firstSeen, sha256, mtimeNs, mode }) =>
        sha256 === null ? `${firstSeen} gone` : `${firstSeen} ${sha256} ${mtimeNs / 1000n} ${mode & 0o777}`,
      );
    assert.deepEqual(actual, expected, path);
  }
}

async function oneSequence(t: TestContext, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const bench = await Bench.create(t, { files: { 'always.txt': 'there' }, stores: ['one', 'two'] });
  const history = new History(bench, random);
  for (let step = 0; step < steps; step += 1) {
    for (let change = Math.floor(random() * 6); change >= 0; change -= 1) history.change();
    await history.sync();
    if (random() < 0.15) await bench.reopen();
    if (random() < 0.25) {
      const { at, tree } = history.pick(history.instants);
      const from = history.pick(['one', 'two']);
      const restored = await bench.restore({ at, from });
      assert.deepEqual([restored.result.failed, restored.result.renamed], [[], []]);
      assertSameTree(restored.tree, tree, `restored from ${from} as of ${at}`);
    }
  }
  const latest = history.instants.at(-1)?.tree ?? new Map<string, never>();
  assertHistory(bench.engine, history.instants, 'the catalog');
  assertVersions(bench.engine, history.instants);
  await assertTalliesRight(bench);
  for (const name of ['one', 'two']) {
    bench.assertStoreShowsSource(name);
    const rebuilt = await rebuildFrom(t, bench.storeFolder(name), bench.clock);
    assertHistory(rebuilt, history.instants, `rebuilt from ${name}`);
    assertVersions(rebuilt, history.instants);
    const { at, tree } = history.pick(history.instants);
    const source = rebuilt.catalog.sources.get('source');
    assertSameTree((await restoreSource(rebuilt, source, bench.folder, { at })).tree, tree, `rebuilt from ${name}`);

    // Without journals: the latest files, and every content that there ever was; not instants, moves, empty folders.
    const listed = await rebuildFrom(t, bench.storeFolder(name), bench.clock, true);
    const now = await restoreSource(listed, listed.catalog.sources.get('source'), bench.folder, {
      at: Number.MAX_SAFE_INTEGER,
    });
    assertSameTree(filesOf(now.tree), filesOf(latest), `listed from ${name}`);
    const contents = new Set<string>();
    const { browse, sources } = listed.catalog;
    for (const path of new Set(history.instants.flatMap((instant) => [...filesOf(instant.tree).keys()]))) {
      for (const version of browse.versions(browse.fileId(sources.get('source').id, path) ?? -1))
        contents.add(`${path} ${version.sha256 ?? sha256Of('')}`);
    }
    for (const instant of history.instants) {
      for (const [path, entry] of filesOf(instant.tree))
        assert.ok(contents.has(`${path} ${entry.sha256 ?? ''}`), `a content of ${path} is missing from the listing`);
    }
  }
}

test('random histories over two stores agree with the model in every view and after every rebuild', async (t) => {
  const seed = chooseSeed();
  for (let sequence = 0; sequence < sequences; sequence += 1)
    await t.test(`STRONGROOM_TEST_SEED=${seed + sequence} STRONGROOM_TEST_SEQUENCES=1`, (part) =>
      oneSequence(part, seed + sequence),
    );
});
