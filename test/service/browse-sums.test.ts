import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { FolderSum } from '../../shared/contract/shapes.ts';
import { Browse } from '../../electron/engine/catalog/browse.ts';
import { FolderSums } from '../../electron/engine/catalog/folder-sums.ts';
import { FolderViews } from '../../electron/engine/catalog/folder-views.ts';
import { CatalogReader } from '../../electron/service/browse/reader.ts';
import { joinPath } from '../../shared/names.ts';
import { madeSource, makeCatalog } from '../bench/make-catalog.ts';
import { atEnd, minute, readTree, tempFolder } from '../engine/kit.ts';
import { seededRandom } from '../faults/random.ts';
import { Desk } from './browse/kit.ts';
import { Written } from './browse/written.ts';

/** What lies in and below a folder, of files by path with their sizes. */
function summed(files: ReadonlyMap<string, number>, folder: string): FolderSum {
  const sizes = [...files].filter(([file]) => folder === '' || file.startsWith(`${folder}/`)).map(([, size]) => size);
  return { path: folder, files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

test('random histories: what lies below every folder as of every moment is what was on the disk', async (t) => {
  const seed = Number(process.env['STRONGROOM_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const desk = await Desk.create(t, { files: { 'always.txt': 'here', 'a/b/c/deep.txt': 'deep' } });
  const { bench, client } = desk;
  const folders = ['', 'a', 'a/b', 'a/b/c', 'a b', 'Ärger/日本', 'Ärger'];
  const folder = (): string => folders[below(folders.length)] ?? '';
  const history: { readonly at: number; readonly files: ReadonlyMap<string, number> }[] = [];
  const seen = new Set(['']);
  const compare = async (at: number | null, files: ReadonlyMap<string, number>): Promise<void> => {
    const asked = [...seen].filter(() => random() < 0.7);
    const sums = await client.browse.sums({ source: 'source', at, paths: asked });
    const model = asked.map((one) => summed(files, one));
    assert.deepEqual(sums, model, `as of ${at ?? 'now'}`);
  };
  for (let run = 0; run < 14; run += 1) {
    for (let step = 0; step < 8; step += 1) {
      const file = joinPath(folder(), `file ${below(10)}.txt`);
      const isThere = fs.existsSync(bench.at(file));
      if (isThere && random() < 0.3) bench.remove(file);
      else if (isThere && random() < 0.4) bench.move(file, joinPath(folder(), `moved ${below(10)}.txt`));
      else bench.write(file, 'x'.repeat(below(500)), 1_600_000_000 + below(1_000_000));
    }
    if (random() < 0.3) fs.rmSync(bench.at('a/b'), { recursive: true, force: true });
    if (random() < 0.3) fs.mkdirSync(bench.at(joinPath(folder(), `empty ${below(4)}`)), { recursive: true });
    await bench.sync({ acceptChanges: true });
    const tree = readTree(bench.root);
    const files = new Map([...tree].flatMap(([name, { kind, size }]) => (kind === 'file' ? [[name, size ?? 0]] : [])));
    for (const [name, { kind }] of tree) if (kind === 'folder') seen.add(name);
    history.push({ at: bench.clock.now(), files });
    // Asked while the history grows, so that whatever is kept of it must follow.
    await compare(null, files);
    const past = history[below(history.length)];
    if (past !== undefined && random() < 0.7) await compare(past.at + below(minute), past.files);
  }
  for (const { at, files } of history) await compare(at, files);
  await compare((history[0]?.at ?? 0) - 1, new Map());
});

test('of folders that the catalog never knew there is no sum, and of other sources nothing is told', async (t) => {
  const desk = await Desk.create(t, { files: { 'a/x.txt': 'x' } });
  await desk.bench.syncDone();
  const other = path.join(desk.bench.folder, 'other');
  fs.mkdirSync(path.join(other, 'a'), { recursive: true });
  fs.writeFileSync(path.join(other, 'a', 'much.txt'), 'much more');
  const source = desk.bench.engine.addSource(other, {});
  desk.bench.engine.catalog.sources.attach(source, desk.bench.store());
  await desk.bench.engine.sync(source, {
    ...{ rehash: false, acceptChanges: false, signal: new AbortController().signal },
    gate: () => Promise.resolve(),
    onProgress: () => undefined,
  });
  assert.deepEqual(await desk.client.browse.sums({ source: 'source', at: null, paths: ['nowhere', 'a', '../etc'] }), [
    { path: 'a', files: 1, bytes: 1 },
  ]);
  assert.deepEqual(await desk.client.browse.sums({ source: 'other', at: null, paths: ['', 'a'] }), [
    { path: '', files: 1, bytes: 9 },
    { path: 'a', files: 1, bytes: 9 },
  ]);
});

test('by size, folders stand by what lies below them as soon as that is at hand, and the listing says when it is not', async (t) => {
  const desk = await Desk.create(t, {
    files: { 'a/x.txt': 'xxx', 'b/deep/y.txt': 'yyyyy', 'b/z.txt': 'z', 'c/z.txt': 'z', 'file.txt': 'f' },
  });
  const { bench, client } = desk;
  await bench.syncDone();
  const early = bench.clock.now();
  bench.write('c/much.txt', 'more than in all others together');
  bench.remove('b/deep');
  fs.mkdirSync(bench.at('d'));
  await bench.syncDone();
  const list = async (at: number | null, descending: boolean, deleted = false) => {
    const view = { source: 'source', path: '', at, deleted, sort: 'size', descending, offset: 0, limit: 10 } as const;
    const { rows, provisional } = await client.browse.list(view);
    return [...rows.map(({ name }) => name), ...(provisional === true ? ['(provisional)'] : [])];
  };
  assert.deepEqual(await list(null, true), ['a', 'b', 'c', 'd', 'file.txt', '(provisional)']);
  await client.browse.sums({ source: 'source', at: null, paths: ['a'] });
  assert.deepEqual(await list(null, true), ['c', 'a', 'b', 'd', 'file.txt']);
  assert.deepEqual(await list(null, false), ['d', 'b', 'a', 'c', 'file.txt']);
  assert.deepEqual(await list(early, true), ['a', 'b', 'c', 'file.txt', '(provisional)']);
  await client.browse.sums({ source: 'source', at: early, paths: [] });
  assert.deepEqual(await list(early, true), ['b', 'a', 'c', 'file.txt']);
  // Once the past was read, every moment is at hand, and so is what is recorded later.
  assert.deepEqual(await list(early - 1, true), []);
  bench.write('d/new.txt', 'new!');
  bench.remove('a');
  await bench.syncDone();
  assert.deepEqual(await list(null, true, true), ['c', 'd', 'b', 'a', 'file.txt']);
  assert.deepEqual(await list(bench.clock.now(), true), ['c', 'd', 'b', 'file.txt']);
});

function finish<Answer>(steps: Generator<void, Answer>): Answer {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

test('what is recorded between two steps of the reading is counted once, in files that were read and ones that were not', (t) => {
  const home = path.join(tempFolder(t), 'home');
  makeCatalog(home, 12_000);
  const written = new Written(t, home);
  const top = written.catalog.browse.folders(written.folder(''), Date.UTC(2027, 0)).map(({ name }) => name);
  const model = (at: number): { files: number; bytes: number }[] =>
    ['', ...top].map((name) => {
      const sum = { files: 0, bytes: 0 };
      for (const { facts } of new Browse(written.reading).filesBelow(written.folder(name), name, at)) {
        sum.files += 1;
        sum.bytes += facts.size;
      }
      return sum;
    });
  const sums = new FolderSums(written.reading);
  const ids = ['', ...top].map((name) => written.folder(name));
  const later = Date.UTC(2026, 5);
  for (const [round, when] of [null, later - 1].entries()) {
    const at = later + round * minute;
    const steps = sums.below(ids, when);
    assert.equal(steps.next().done, false, 'a catalog of one step proves nothing');
    for (const fileId of [7, 11_500]) {
      const again = written.pathOf(fileId);
      written.record(again, 77, at);
      written.record(again, 78, at + 1);
    }
    for (const file of [20 + round, 11_000 + round]) written.remove(file, at);
    written.record(`new ${round}/below/file.txt`, 1_000, at);
    const second = sums.below(ids, when);
    // Two questions take their steps in turn.
    second.next();
    const answer = finish(steps);
    assert.deepEqual(answer, model(when ?? Date.UTC(2027, 0)));
    assert.deepEqual(finish(second), answer);
  }
  // The versions of both rounds, one of which came after the first reading and one before the second.
  for (const when of [null, Date.UTC(2027, 0)])
    assert.deepEqual(finish(sums.below(ids, when)), model(Date.UTC(2027, 0)));
  assert.deepEqual(finish(sums.below(ids, later)), model(later));
});

test('a clock that was set back, and older versions learned after newer ones, count as the folder itself shows them', (t) => {
  const home = path.join(tempFolder(t), 'home');
  const written = new Written(t, home);
  const { catalog, sourceId, storeId, reading } = written;
  written.record('box/back.txt', 50, 1_500);
  written.record('box/back.txt', 100, 5_000);
  written.record('box/late.txt', 1_000, 1_000);
  written.record('box/plain.txt', 10_000, 2_000);
  const sums = new FolderSums(reading);
  const views = new FolderViews(reading, sums);
  const compare = (): void => {
    const id = written.folder('box');
    for (const at of [null, 500, 1_000, 1_999, 2_000, 2_500, 2_999, 3_000, 3_999, 4_000, 5_000, 9_000]) {
      const folder = { sourceId, id, path: 'box' };
      const { files, bytes } = views.list(folder, { at, deleted: false, sort: 'name', descending: false }, 0, 10);
      assert.deepEqual(finish(sums.below([id], at)), [{ files, bytes }], `as of ${at ?? 'now'}`);
    }
  };
  compare();
  written.record('box/back.txt', 200, 3_000);
  compare();
  const told = { path: 'box/late.txt', mode: 0o644, mtime: '0', at: 'there', stored: 9_000 };
  const digest = (of: number): string => String(of).padStart(64, 'a');
  catalog.journaling.apply(sourceId, storeId, [{ ...told, n: 4, sha256: digest(4), size: 4_000, seen: 4_000 }]);
  compare();
  catalog.journaling.apply(sourceId, storeId, [
    { ...told, n: 2, sha256: digest(2), size: 2_000, seen: 2_500 },
    { path: told.path, n: 3, gone: 3_000, at: 'mark', stored: 9_000 },
  ]);
  compare();
});

test('a long reading lets others be answered, and ends when nobody waits for it', async (t) => {
  const home = path.join(tempFolder(t), 'home');
  makeCatalog(home, 30_000);
  const reader = new CatalogReader(home);
  atEnd(t, () => reader.close());
  const answered: string[] = [];
  await reader.ask('folders', madeSource, '', { at: null, deleted: false });
  const giving = new AbortController();
  const at = Date.UTC(2023, 0);
  const long = reader.askGradually(giving.signal, 'sums', madeSource, [''], at).then(() => answered.push('sums'));
  const pages = Promise.all(
    [0, 1].map(async () => {
      await reader.ask('folders', madeSource, '', { at: null, deleted: false });
      answered.push('folders');
    }),
  );
  await Promise.all([long, pages]);
  assert.deepEqual(answered, ['folders', 'folders', 'sums']);
  const given = reader.askGradually(giving.signal, 'sums', madeSource, [''], null);
  giving.abort();
  await assert.rejects(given, { code: 'cancelled' });
  await assert.rejects(reader.askGradually(giving.signal, 'sums', madeSource, [''], null), { code: 'cancelled' });
  // Nothing is left under way: the thread rests at once.
  await reader.rest();
  const [sum] = await reader.askGradually(new AbortController().signal, 'sums', madeSource, [''], null);
  assert.equal(sum?.files, 30_000 - 600);
});
