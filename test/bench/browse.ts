import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '../../electron/engine/catalog/database.ts';
import type { View } from '../../electron/engine/catalog/folder-views.ts';
import { catalogPath, openCatalog } from '../../electron/engine/catalog/open.ts';
import { Engine } from '../../electron/engine/engine.ts';
import { Answers } from '../../electron/service/browse/questions.ts';
import { CatalogReader } from '../../electron/service/browse/reader.ts';
import { seededRandom } from '../faults/random.ts';
import type { Bench, Benchmark } from './bench.ts';
import { madeHome } from './catalog.ts';
import { describeMade, madeSource, type MadeCatalog } from './make-catalog.ts';
import { quantile } from './measure.ts';
import { allFolders, makeQueries, somePaths } from './queries.ts';
import type { Latencies, Row } from './report.ts';
import { makeTree } from './trees.ts';

const now: View = { at: null, deleted: false, sort: 'name', descending: false };
const asked = 200;
const clock = { now: () => Date.now() };
const signal = new AbortController().signal;

/** What the window asks while somebody looks around in a source of a million files, as it asks: through the reading thread. */
export const browse: Benchmark = {
  name: 'browse',
  async run(bench) {
    const home = madeHome(bench);
    // An older catalog that was kept is brought up to date first, as a start does.
    const opened = openCatalog({ home, clock, mode: 'write' });
    const made = describeMade(opened);
    const random = seededRandom(3);
    const folders = allFolders(opened, made.sourceId, made.until);
    const paths = somePaths(opened, folders, made.until, random);
    opened.close();
    bench.add(await folderRow(bench, home, made, random));
    bench.add(await searchRow(home, paths, random));
    bench.add(
      await changesRow(
        home,
        folders.map(({ path }) => path),
        random,
      ),
    );
    bench.add(await busyRow(bench, home, made));
  },
};

async function folderRow(bench: Bench, home: string, made: MadeCatalog, random: () => number): Promise<Row> {
  const files = bench.scaled(100_000);
  const list = async (reader: CatalogReader, view: View, offset: number): Promise<number> =>
    time(() => reader.ask('list', madeSource, made.crowded, view, offset, 100));
  const cold: number[] = [];
  const ahead: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const fresh = new CatalogReader(home);
    // The thread itself is there long before a folder is opened.
    await fresh.ask('folders', madeSource, '', { at: null, deleted: false });
    cold.push(await list(fresh, now, 0));
    await fresh.close();
    const other = new CatalogReader(home);
    await other.ask('list', madeSource, 'scans', now, 0, 100);
    // A person needs longer than this to choose one of the folders.
    await new Promise((resolve) => setTimeout(resolve, 600));
    ahead.push(await list(other, now, 0));
    await other.close();
  }
  const reader = new CatalogReader(home);
  await list(reader, now, 0);
  const offset = (): number => Math.floor(random() * files);
  const moment = (): number => Math.floor(made.from + random() * (made.until - made.from));
  const latencies: Latencies[] = [
    { name: 'opened for the first time, from nowhere', milliseconds: cold },
    { name: 'opened from the folder above', milliseconds: ahead },
    { name: 'opened again: first page', milliseconds: await repeat(() => list(reader, now, 0)) },
    { name: 'any page', milliseconds: await repeat(() => list(reader, now, offset())) },
    { name: 'the first moment of the past', milliseconds: [await list(reader, { ...now, at: moment() }, 0)] },
    {
      name: 'the slider: any page as of another moment',
      milliseconds: await repeat(() => list(reader, { ...now, at: moment() }, offset())),
    },
    {
      name: 'the same with what was deleted',
      milliseconds: await repeat(() => list(reader, { ...now, at: moment(), deleted: true }, offset())),
    },
    {
      name: 'another moment by size',
      milliseconds: await repeat(() => list(reader, { ...now, at: moment(), sort: 'size' }, offset())),
    },
    { name: 'any page by size', milliseconds: await repeat(() => list(reader, { ...now, sort: 'size' }, offset())) },
  ];
  await reader.close();
  return {
    what: `browse: a folder of ${files} files, pages of 100`,
    latencies,
    verdicts: [
      within('first page from the folder above', latencies[1]!, 20),
      within('any page', latencies[3]!, 20),
      within('any page as of another moment', latencies[5]!, 20),
    ],
  };
}

async function searchRow(home: string, paths: readonly string[], random: () => number): Promise<Row> {
  const reader = new CatalogReader(home);
  const queries = makeQueries(paths, random);
  const ask = async (texts: readonly string[]): Promise<number[]> => {
    const took: number[] = [];
    for (const text of texts) took.push(await time(() => reader.ask('search', text, 50, undefined)));
    return took;
  };
  // One search reads in what all of them need of the index.
  await ask(['qx', 'tif']);
  const ordinary: Latencies[] = [];
  for (const [name, texts] of queries.ordinary) ordinary.push({ name: `  ${name}`, milliseconds: await ask(texts) });
  const all = { name: 'three characters or more', milliseconds: ordinary.flatMap(({ milliseconds }) => milliseconds) };
  const short = { name: 'one or two characters', milliseconds: await ask(queries.short) };
  const absent = { name: 'two characters that are nowhere', milliseconds: await ask(['qx', 'zz', 'xq', 'jj', 'wq']) };
  await reader.close();
  return {
    what: 'browse: search as one types, the best 50 with their details',
    latencies: [all, ...ordinary, short, absent],
    verdicts: [
      within('95 % of searches', all, 100),
      within('of one or two characters', short, 100),
      within('of what is nowhere', absent, 100),
    ],
  };
}

async function changesRow(home: string, folders: readonly string[], random: () => number): Promise<Row> {
  const reader = new CatalogReader(home);
  const ask = (path: string): Promise<number> => time(() => reader.ask('changes', madeSource, path, 'Europe/Berlin'));
  const latencies: Latencies[] = [
    { name: 'the whole source', milliseconds: await repeat(() => ask(''), 20) },
    { name: 'a quarter of it', milliseconds: await repeat(() => ask('collections'), 20) },
    {
      name: 'any folder',
      milliseconds: await repeat(() => ask(folders[Math.floor(random() * folders.length)] ?? ''), asked),
    },
  ];
  await reader.close();
  return {
    what: 'browse: the days on which something changed',
    latencies,
    verdicts: [within('the whole source', latencies[0]!, 100), within('any folder', latencies[2]!, 100)],
  };
}

/**
 * Pages and searches asked every tenth of a second while a full-speed run in the same process protects new files: once
 * by the reading thread, once by a reading connection on the main thread.
 */
async function busyRow(bench: Bench, home: string, made: MadeCatalog): Promise<Row> {
  const files = bench.scaled(20_000);
  const latencies: Latencies[] = [];
  const notes: string[] = [];
  for (const where of ['thread', 'main'] as const) {
    const busy = bench.fresh('busy');
    mkdirSync(busy, { recursive: true });
    copyFileSync(catalogPath(home), catalogPath(busy));
    const tree = join(bench.fresh('new'), 'source');
    makeTree(tree, files, 64);
    await bench.settle();
    const asking = await whileRunning(busy, tree, bench.fresh('store'), where, made);
    const what = where === 'thread' ? 'on the reading thread' : 'on the main thread';
    latencies.push(
      { name: `a page, ${what}`, milliseconds: asking.pages },
      { name: `a search, ${what}`, milliseconds: asking.searches },
    );
    notes.push(
      `${what}: the run took ${(asking.took / 1000).toFixed(1)} s; the main thread was held up ${asking.late.toFixed(0)} ms at worst`,
    );
  }
  return {
    what: `browse: while a run protects ${files} new files`,
    latencies,
    notes,
    verdicts: [
      within('a page on the reading thread', latencies[0]!, 100),
      within('a search on the reading thread', latencies[1]!, 200),
    ],
  };
}

async function whileRunning(
  home: string,
  tree: string,
  storeFolder: string,
  where: 'thread' | 'main',
  made: MadeCatalog,
): Promise<{ pages: number[]; searches: number[]; took: number; late: number }> {
  const engine = Engine.open({ home, clock, mode: 'write', environment: {} });
  const reader = new CatalogReader(home);
  const connection = new Connection(catalogPath(home), { readonly: true });
  const answers = new Answers(connection);
  try {
    const store = await engine.addStore({ kind: 'folder', path: storeFolder }, { name: 'beside', signal });
    const source = engine.addSource(tree, {});
    engine.catalog.sources.attach(source, store);
    const page = (offset: number): unknown =>
      where === 'thread'
        ? reader.ask('list', madeSource, made.crowded, now, offset, 100)
        : answers.list(madeSource, made.crowded, now, offset, 100);
    const search = (text: string): unknown =>
      where === 'thread' ? reader.ask('search', text, 50, undefined) : answers.search(text, 50, undefined);
    await page(0);
    await search('qx');
    const measured = { pages: [] as number[], searches: [] as number[], took: 0, late: 0 };
    const begun = performance.now();
    let running = true;
    const run = engine
      .sync(source, {
        rehash: false,
        acceptChanges: false,
        signal,
        gate: () => Promise.resolve(),
        onProgress: () => undefined,
      })
      .finally(() => {
        running = false;
      });
    const texts = ['müller', 'page-0012', 'q', 'thesis', 'scan-05', 'ab'];
    for (let round = 0; running; round += 1) {
      measured.pages.push(await time(() => page((round * 7_919) % 90_000)));
      measured.searches.push(await time(() => search(texts[round % texts.length] ?? '')));
      const due = performance.now() + 100;
      await new Promise((resolve) => setTimeout(resolve, 100));
      measured.late = Math.max(measured.late, performance.now() - due);
    }
    await run;
    measured.took = performance.now() - begun;
    return measured;
  } finally {
    connection.close();
    await reader.close();
    await engine.close();
  }
}

function within(what: string, { milliseconds }: Latencies, limit: number): NonNullable<Row['verdicts']>[number] {
  return { what, value: quantile(milliseconds, 0.95), unit: 'milliseconds', limit: { atMost: limit } };
}

async function time(work: () => unknown): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function repeat(work: () => Promise<number>, times = asked): Promise<number[]> {
  const took: number[] = [];
  for (let round = 0; round < times; round += 1) took.push(await work());
  return took;
}
