import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Catalog } from '../../electron/engine/catalog/catalog.ts';
import { catalogPath, openCatalog } from '../../electron/engine/catalog/open.ts';
import { seededRandom } from '../faults/random.ts';
import type { Bench, Benchmark } from './bench.ts';
import { describeMade, makeCatalog, type MadeCatalog } from './make-catalog.ts';
import { quantile } from './measure.ts';
import { Strongroom } from './programs.ts';
import { allFolders, makeQueries, somePaths, type SomeFolder } from './queries.ts';
import type { Latencies, Row } from './report.ts';

/** What the command line asks for: fifty, and one to know whether there are more. */
const found = 51;
const asked = 300;

/** `status` of a million files, from the start of its process to its end. */
export const status: Benchmark = {
  name: 'status',
  async run(bench) {
    const homes = [{ what: 'a catalog of six years', home: madeHome(bench) }];
    if (bench.millionHome !== undefined) homes.unshift({ what: 'after the runs above', home: bench.millionHome });
    for (const { what, home } of homes) {
      const ours = new Strongroom(home);
      const runs = [];
      for (let run = 0; run < 2 * bench.rounds + 1; run += 1) runs.push(await ours.status());
      const wall = quantile(
        runs.map((usage) => usage.wall),
        0.5,
      );
      bench.add({
        what: `status: ${bench.scaled(1_000_000)} files, ${what}`,
        measured: [{ name: 'ours', runs }],
        verdicts: [{ what: 'start to end', value: wall, unit: 'milliseconds', limit: { atMost: 400 } }],
      });
    }
  },
};

/** Questions to the catalog of a million files, as the window will ask them: in a process that is there already. */
export const catalog: Benchmark = {
  name: 'catalog',
  async run(bench) {
    const home = madeHome(bench);
    const opened = openCatalog({ home, clock: { now: () => Date.now() }, mode: 'read' });
    try {
      const made = describeMade(opened);
      const random = seededRandom(1);
      const folders = allFolders(opened, made.sourceId, made.until);
      const size = (statSync(catalogPath(home)).size / 1e6).toFixed(0);
      bench.add(searchRow(opened, folders, made, random, `${bench.scaled(1_000_000)} files, ${size} MB`));
      bench.add(childrenRow(opened, folders, made, random));
      bench.add(pastRow(opened, folders, made, random));
    } finally {
      opened.close();
    }
    return Promise.resolve();
  },
};

/**
 * The home with the made catalog; made when it is first asked for. With STRONGROOM_BENCH_CATALOG, a folder, it is kept
 * there and found again.
 */
export function madeHome(bench: Bench): string {
  const files = bench.scaled(1_000_000);
  const kept = process.env['STRONGROOM_BENCH_CATALOG'];
  madeNow ??= kept === undefined ? bench.fresh('catalog') : join(kept, String(files));
  if (!existsSync(catalogPath(madeNow))) {
    const begun = performance.now();
    makeCatalog(madeNow, files);
    console.log(`making a catalog of ${files} files took ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  }
  return madeNow;
}

let madeNow: string | undefined;

function searchRow(
  opened: Catalog,
  folders: readonly SomeFolder[],
  made: MadeCatalog,
  random: () => number,
  size: string,
): Row {
  const chosen = choose(folders, 5_000, random);
  const queries = makeQueries(somePaths(opened, chosen, made.until, random), random);
  const ordinary = [...queries.ordinary].flatMap(([kind, texts]) => texts.map((text) => ({ kind, text })));
  shuffle(ordinary, random);
  const all = ordinary.map(({ kind, text }) => ({ kind, text, took: time(() => opened.search.find(text, found)) }));
  const slowest = [...all].sort((left, right) => right.took - left.took).slice(0, 5);
  const short = queries.short.map((text) => time(() => opened.search.find(text, found)));
  const latencies: Latencies[] = [
    { name: 'all of three characters or more', milliseconds: all.map(({ took }) => took) },
    ...[...queries.ordinary.keys()].map((kind) => ({
      name: `  ${kind}`,
      milliseconds: all.filter((entry) => entry.kind === kind).map(({ took }) => took),
    })),
    { name: 'one or two characters', milliseconds: short },
  ];
  return {
    what: `catalog: search by any part of a path (${size})`,
    latencies,
    verdicts: [within('95 % of searches', latencies[0]!, 20)],
    notes: [`slowest: ${slowest.map(({ text, took }) => `"${text}" ${took.toFixed(1)} ms`).join(', ')}`],
  };
}

/** What the window shows when a folder is opened: its folders and the first page of its files, as they are now. */
function childrenRow(opened: Catalog, folders: readonly SomeFolder[], made: MadeCatalog, random: () => number): Row {
  const now = Date.now();
  const crowded = special(opened, made, made.crowded);
  const withdrawn = special(opened, made, made.withdrawn);
  const first = (folder: SomeFolder): number => time(() => page(opened, folder.id, now, ''));
  const latencies: Latencies[] = [
    { name: 'any folder', milliseconds: choose(folders, asked, random).map(first) },
    {
      name: 'the folder with a tenth of all files: first page of 1,000',
      milliseconds: repeat(30, () => first(crowded)),
    },
    {
      name: 'the same: a page in the middle',
      milliseconds: repeat(30, () => {
        const after = opened.browse.files(
          crowded.id,
          now,
          `scan-${String(Math.floor(random() * 90_000)).padStart(6, '0')}`,
          1,
        );
        return time(() => page(opened, crowded.id, now, after[0]?.name ?? ''));
      }),
    },
    {
      name: 'the same: all of it, page by page',
      milliseconds: repeat(5, () => time(() => whole(opened, crowded.id, now))),
    },
    { name: 'a folder whose files were all deleted', milliseconds: repeat(30, () => first(withdrawn)) },
  ];
  return {
    what: "catalog: a folder's children",
    latencies,
    verdicts: [
      within('95 % of folders', latencies[0]!, 10),
      within('the large folder, first page', latencies[1]!, 10),
      within('the deleted folder', latencies[4]!, 10),
    ],
  };
}

/** The same as of some moment of the past, and the whole of each folder. */
function pastRow(opened: Catalog, folders: readonly SomeFolder[], made: MadeCatalog, random: () => number): Row {
  const moment = (): number => Math.floor(made.from + random() * (made.until - made.from));
  const revised = folders.filter(({ path }) => path.startsWith(`${made.revised}/`));
  const crowded = special(opened, made, made.crowded);
  const withdrawn = special(opened, made, made.withdrawn);
  const listed = (chosen: readonly SomeFolder[]): number[] =>
    chosen.map(({ id }) => {
      const at = moment();
      return time(() => whole(opened, id, at));
    });
  const latencies: Latencies[] = [
    { name: 'any folder, all of it', milliseconds: listed(choose(folders, asked, random)) },
    { name: 'folders of 100 files of ten versions each', milliseconds: listed(choose(revised, asked, random)) },
    {
      name: 'the folder with a tenth of all files: first page of 1,000',
      milliseconds: repeat(30, () => {
        const at = moment();
        return time(() => page(opened, crowded.id, at, ''));
      }),
    },
    { name: 'a folder whose files were deleted since, all of it', milliseconds: listed(repeat(10, () => withdrawn)) },
  ];
  return {
    what: 'catalog: the tree as of a past moment, a folder',
    latencies,
    verdicts: [
      within('95 % of folders', latencies[0]!, 50),
      within('95 % of folders with ten versions a file', latencies[1]!, 50),
      within('the large folder, first page', latencies[2]!, 50),
    ],
  };
}

function page(opened: Catalog, folderId: number, at: number, after: string): void {
  opened.browse.folders(folderId, at);
  opened.browse.files(folderId, at, after);
}

function whole(opened: Catalog, folderId: number, at: number): void {
  opened.browse.folders(folderId, at);
  for (let after = ''; ;) {
    const files = opened.browse.files(folderId, at, after);
    const last = files.at(-1);
    if (last === undefined || files.length < 1_000) return;
    after = last.name;
  }
}

function special(opened: Catalog, made: MadeCatalog, path: string): SomeFolder {
  const id = opened.browse.folderId(made.sourceId, path);
  if (id === undefined) throw new Error(`the made catalog has no folder ${path}`);
  return { id, path };
}

function within(what: string, { milliseconds }: Latencies, limit: number): NonNullable<Row['verdicts']>[number] {
  return { what, value: quantile(milliseconds, 0.95), unit: 'milliseconds', limit: { atMost: limit } };
}

/** Milliseconds that a piece of work takes: the middle of three times, so that another process's work is not counted. */
function time(work: () => unknown): number {
  const took = repeat(3, () => {
    const begun = performance.now();
    work();
    return performance.now() - begun;
  });
  return quantile(took, 0.5);
}

function repeat<Result>(times: number, make: () => Result): Result[] {
  return Array.from({ length: times }, make);
}

function choose<Thing>(things: readonly Thing[], count: number, random: () => number): Thing[] {
  return things.length === 0 ? [] : repeat(count, () => things[Math.floor(random() * things.length)]!);
}

function shuffle(things: unknown[], random: () => number): void {
  for (let at = things.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [things[at], things[other]] = [things[other], things[at]];
  }
}
