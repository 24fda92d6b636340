import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Engine } from '../../electron/engine/engine.ts';
import { assertSameTree, Bench, rebuildFrom, restoreSource, type Tree } from './kit.ts';

const controlOf = (bench: Bench): string => path.join(bench.storeFolder(), 'strongroom/sources/source');

/** Everything that a catalog tells of a source's history, in a form that does not depend on row numbers. */
function history(engine: Engine): unknown[] {
  const { browse, sources } = engine.catalog;
  const { id } = sources.get('source');
  const paths = new Set<string>();
  const root = browse.folderId(id, '') ?? -1;
  for (const found of engine.catalog.search.find('.txt', 10_000)) paths.add(found.path);
  for (const version of browse.filesBelow(root, '', Number.MAX_SAFE_INTEGER)) paths.add(version.path);
  return [...paths]
    .sort()
    .map((name) => [
      name,
      browse
        .versions(browse.fileId(id, name) ?? -1)
        .map(({ number, sha256, size, mtimeNs, mode, firstSeen, supersededAt, movedFrom }) =>
          [number, sha256, size, mtimeNs, mode, firstSeen, supersededAt, movedFrom].join(' '),
        ),
    ]);
}

/** A source with some history: edits, deletions, a move, a file that came back. */
async function withHistory(t: TestContext): Promise<{ bench: Bench; trees: { at: number; tree: Tree }[] }> {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a1', 'sub/b.txt': 'b1', 'c.txt': 'c1' } });
  const trees: { at: number; tree: Tree }[] = [];
  const step = async (): Promise<void> => {
    await bench.syncDone();
    trees.push({ at: bench.clock.now(), tree: (await bench.restore()).tree });
  };
  await step();
  bench.write('a.txt', 'a2');
  await step();
  bench.remove('c.txt');
  bench.move('sub/b.txt', 'moved/b.txt');
  await step();
  bench.write('c.txt', 'c1');
  fs.mkdirSync(bench.at('empty'));
  await step();
  fs.rmdirSync(bench.at('empty'));
  bench.write('a.txt', 'a3');
  await step();
  return { bench, trees };
}

test('a rebuild from the journals is the same catalog, at every instant', async (t) => {
  const { bench, trees } = await withHistory(t);
  const engine = await rebuildFrom(t, bench.storeFolder(), bench.clock);
  assert.deepEqual(history(engine), history(bench.engine));
  const source = engine.catalog.sources.get('source');
  assert.equal(source.uuid, bench.source.uuid);
  for (const { at, tree } of trees)
    assertSameTree((await restoreSource(engine, source, bench.folder, { at })).tree, tree, new Date(at).toISOString());
  assert.deepEqual(engine.catalog.sources.tally(source.id), bench.engine.catalog.sources.tally(bench.source.id));
});

test('without journals the listing brings back every content with its time, and the latest tree', async (t) => {
  const { bench } = await withHistory(t);
  fs.rmSync(controlOf(bench), { recursive: true });
  const engine = await rebuildFrom(t, bench.storeFolder(), bench.clock);
  const source = engine.catalog.sources.get('source');
  const latest = await restoreSource(engine, source, bench.folder, { at: Number.MAX_SAFE_INTEGER });
  assertSameTree(latest.tree, (await bench.restore()).tree, 'the latest tree');
  const contents = (from: Engine, name: string): string[] => {
    const { browse } = from.catalog;
    const versions = browse.versions(browse.fileId(from.catalog.sources.get('source').id, name) ?? -1);
    return [
      ...new Set(versions.flatMap(({ sha256, mtimeNs }) => (sha256 === null ? [] : [`${sha256} ${mtimeNs / 1000n}`]))),
    ];
  };
  for (const name of ['a.txt', 'c.txt', 'sub/b.txt', 'moved/b.txt'])
    assert.deepEqual(contents(engine, name).sort(), contents(bench.engine, name).sort(), name);
});

test('after many runs a checkpoint takes the journals’ place, and a rebuild still gives everything', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': '0', 'keep.txt': 'keep' } });
  for (let run = 1; run <= 98; run += 1) {
    bench.write('a.txt', `content ${run}`, 1_700_000_000 + run);
    await bench.syncDone();
  }
  const checkpoints = fs.readdirSync(path.join(controlOf(bench), 'checkpoint'));
  const journals = fs.readdirSync(path.join(controlOf(bench), 'journal'));
  assert.ok(checkpoints.length >= 1 && checkpoints.length <= 2, checkpoints.join());
  assert.ok(journals.length < 98, `${journals.length} journals are left`);
  const engine = await rebuildFrom(t, bench.storeFolder(), bench.clock);
  assert.deepEqual(history(engine), history(bench.engine));

  // The newest checkpoint is damaged: the one before it and its journals give the same.
  const newest = path.join(controlOf(bench), 'checkpoint', checkpoints.sort().at(-1) ?? '');
  const part = path.join(newest, fs.readdirSync(newest)[0] ?? '');
  const bytes = fs.readFileSync(part);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0xff, bytes.length >> 1);
  fs.writeFileSync(part, bytes);
  const again = await rebuildFrom(t, bench.storeFolder(), bench.clock);
  assert.deepEqual(history(again), history(bench.engine));
});

test('a damaged journal is named, and the listing fills in what it told', async (t) => {
  const { bench } = await withHistory(t);
  const journal = path.join(controlOf(bench), 'journal', '0000000002.jsonl.gz');
  fs.truncateSync(journal, 20);
  const engine = await rebuildFrom(t, bench.storeFolder(), bench.clock);
  const event = engine.catalog.events.latest(1)[0];
  assert.match(JSON.stringify(event?.detail), /0000000002/);
  const source = engine.catalog.sources.get('source');
  const latest = await restoreSource(engine, source, bench.folder, { at: Number.MAX_SAFE_INTEGER });
  assertSameTree(latest.tree, (await bench.restore()).tree, 'the latest tree');
  const { browse } = engine.catalog;
  const all = new Set(browse.versions(browse.fileId(source.id, 'a.txt') ?? -1).map(({ sha256 }) => sha256));
  for (const { sha256 } of bench.versions('a.txt')) assert.ok(all.has(sha256), 'no content is missing');
});
