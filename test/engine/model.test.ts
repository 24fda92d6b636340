import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { chooseSeed } from '../contract/support.ts';
import { seededRandom } from '../faults/random.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { assertSameTree, Bench, filesOf, readTree, rebuildFrom, restoreSource, sha256Of } from './kit.ts';
import { assertHistory, Changes, type Instant } from './histories.ts';
import { assertTalliesRight } from './tallies.ts';

/** Random histories against a model: a list of the trees that each run saw. */

const sequences = Number(process.env['STRONGROOM_TEST_SEQUENCES'] ?? 8);
const steps = 16;
/** A source that changes at random, and what each run saw of it. */
class History extends Changes {
  readonly instants: Instant[] = [];
  readonly #bench: Bench;
  readonly #random: () => number;

  constructor(bench: Bench, random: () => number) {
    super(bench, random);
    this.#bench = bench;
    this.#random = random;
  }

  async sync(): Promise<void> {
    await this.#bench.syncDone({ rehash: this.#random() < 0.1 });
    this.instants.push({ at: this.#bench.clock.now(), tree: readTree(this.#bench.root) });
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
