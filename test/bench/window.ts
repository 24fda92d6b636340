import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from 'playwright';
import { buildRenderer } from '../../build/renderer/build.ts';
import { catalogPath, openCatalog } from '../../electron/engine/catalog/open.ts';
import { prepareChromium } from '../lab/browsers.ts';
import { isNotRun } from '../lab/prepare.ts';
import { Visitor } from '../window/kit.ts';
import { CannotRun, type Bench, type Benchmark } from './bench.ts';
import { madeHome } from './catalog.ts';
import { describeMade, madeSource } from './make-catalog.ts';
import { quantile } from './measure.ts';
import { makeTree } from './trees.ts';

const openings = 5;
const scrollMs = 20_000;
const moments = 20;
/** As many as keep a run busy for as long as the window is measured. */
const busyFiles = 100_000;
/** For longer than the reading thread waits before it rests. */
const untilRestMs = 170_000;
const idleMs = 30_000;
const lookEveryMs = 5_000;

/** What the issue of the window promises, in a real Chromium before a catalog of a million files. */
export const window: Benchmark = {
  name: 'window',
  async run(bench) {
    const browser = await prepareChromium();
    if (isNotRun(browser)) throw new CannotRun(browser.notRun);
    const made = madeHome(bench);
    const opened = openCatalog({ home: made, clock: { now: () => Date.now() }, mode: 'write' });
    const { crowded } = describeMade(opened);
    opened.close();
    const endings: (() => unknown)[] = [];
    const visitor = await Visitor.arrive(
      { after: (ending) => endings.push(ending as () => unknown) },
      {
        before: ({ home }) => {
          mkdirSync(dirname(catalogPath(home)), { recursive: true });
          copyFileSync(catalogPath(made), catalogPath(home));
          return Promise.resolve();
        },
      },
    );
    try {
      await bundleRow(bench);
      await openingRow(bench, visitor);
      await folderRow(bench, visitor.page, crowded);
      await searchRow(bench, visitor.page);
      await busyRows(bench, visitor, crowded);
      await idleRow(bench, visitor);
    } finally {
      for (const ending of endings) await ending();
    }
  },
};

/** The files that the page itself names come with the first paint; everything else is loaded when it is needed. */
async function bundleRow(bench: Bench): Promise<void> {
  const folder = await buildRenderer();
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  const assets = readdirSync(join(folder, 'assets')).filter((name) => /\.(js|css)$/.test(name) && page.includes(name));
  const bytes = assets.reduce((sum, name) => {
    const file = join(folder, 'assets', name);
    return sum + statSync(existsSync(`${file}.gz`) ? `${file}.gz` : file).size;
  }, 0);
  bench.add({
    what: `window: ${assets.length} files for the first paint, gzip`,
    verdicts: [{ what: 'scripts and styles', value: bytes, unit: 'bytes', limit: { atMost: 400_000 } }],
  });
}

/** The same again, from the program's start on, while it protects a new source as fast as it can. */
async function busyRows(bench: Bench, visitor: Visitor, crowded: string): Promise<void> {
  const files = bench.scaled(busyFiles);
  const tree = join(bench.fresh('new'), 'arrivals');
  const copies = bench.fresh('copies');
  makeTree(tree, files, 8_000);
  await bench.settle();
  await visitor.quit();
  await visitor.desk.text(['store', 'add', `folder://${copies}`, '--name', 'beside']);
  await visitor.desk.text(['source', 'add', tree, '--to', 'beside']);
  await visitor.start();
  const copied = (): number => countFiles(join(copies, 'files'));
  // The run begins by itself: the source is due.
  while (copied() === 0) await wait(100);
  const when = `, while a run copies ${files} new files to another disk`;
  const begun = performance.now();
  const before = copied();
  await openingRow(bench, visitor, when);
  await folderRow(bench, visitor.page, crowded, when);
  await searchRow(bench, visitor.page, when);
  const seconds = (performance.now() - begun) / 1000;
  const after = copied();
  if (after === files) throw new CannotRun('the run was over before the window was measured; give it more files');
  const left = performance.now();
  // Nobody is at the window any more; and what is measured after this is a program at rest.
  while (copied() < files) await wait(lookEveryMs);
  const alone = (performance.now() - left) / 1000;
  bench.add({
    what: `window: the run meanwhile`,
    notes: [
      `${((after - before) / seconds).toFixed(0)} files a second while somebody was at the window, ${((files - after) / alone).toFixed(0)} afterwards`,
    ],
  });
}

function countFiles(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

async function openingRow(bench: Bench, visitor: Visitor, when = ''): Promise<void> {
  await visitor.page.getByRole('navigation').first().waitFor();
  // Runs before anything of the page does, and notes the first frame that shows the answer to "is everything safe?".
  await visitor.page.addInitScript(`(() => {
    const look = () => {
      const heading = document.querySelector('main h1');
      if (heading !== null && heading.textContent.trim() !== '' && document.querySelector('main').textContent.includes(${JSON.stringify(madeSource)}))
        globalThis.benchUsefulAt = performance.now();
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })()`);
  const milliseconds: number[] = [];
  for (let opening = 0; opening < openings; opening += 1) {
    await visitor.page.reload();
    milliseconds.push(
      await visitor.page.evaluate<number>(`new Promise((resolve) => {
        const look = () => globalThis.benchUsefulAt === undefined ? requestAnimationFrame(look) : resolve(globalThis.benchUsefulAt);
        look();
      })`),
    );
  }
  const latencies = [{ name: 'from the address to the overview', milliseconds }];
  bench.add({
    what: `window: opened before a catalog of ${bench.scaled(1_000_000)} files${when}`,
    latencies,
    verdicts: [
      { what: 'useful content', value: quantile(milliseconds, 0.5), unit: 'milliseconds', limit: { atMost: 1_500 } },
    ],
  });
}

/** Opens the folder from the one above it. @returns milliseconds from the press to rows that can be read. */
async function openFolder(page: Page, crowded: string): Promise<number> {
  const above = crowded.slice(0, crowded.lastIndexOf('/'));
  const name = crowded.slice(above.length + 1);
  await browseAt(page, above);
  await page.locator('[role=row][data-index]').filter({ hasText: name }).waitFor();
  // A person needs longer than this to choose one of the folders.
  await wait(1_000);
  return page.evaluate<number>(`new Promise((resolve) => {
    const row = [...document.querySelectorAll('[role=row][data-index]')].find((one) => one.textContent.includes(${JSON.stringify(name)}));
    const start = performance.now();
    row.click();
    const look = () => {
      const grid = document.querySelector('[role=grid]');
      if (grid?.getAttribute('aria-label')?.includes(${JSON.stringify(name)}) && grid.querySelectorAll('[role=row][data-index]:not([aria-busy=true])').length > 5)
        resolve(performance.now() - start);
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  })`);
}

async function folderRow(bench: Bench, page: Page, crowded: string, when = ''): Promise<void> {
  const opened: number[] = [];
  for (let opening = 0; opening < openings; opening += 1) opened.push(await openFolder(page, crowded));
  const frames = await page.evaluate<number[]>(`new Promise((resolve) => {
    const grid = document.querySelector('[role=grid]');
    const end = grid.scrollHeight - grid.clientHeight;
    const start = performance.now();
    const frames = [];
    let last = start;
    const step = (now) => {
      frames.push(now - last);
      last = now;
      const part = Math.min(1, (now - start) / ${scrollMs});
      grid.scrollTop = part * end;
      if (part < 1) requestAnimationFrame(step);
      else resolve(frames);
    };
    requestAnimationFrame(step);
  })`);
  await page.evaluate("document.querySelector('[role=grid]').scrollTo(0, 0)");
  const redrawn = await moveThroughTime(page);
  const latencies = [
    { name: 'first rows', milliseconds: opened },
    { name: `frames while scrolled end to end in ${scrollMs / 1000} s`, milliseconds: frames },
    { name: 'another moment, redrawn (0: with the very next frame)', milliseconds: redrawn },
  ];
  bench.add({
    what: `window: a folder of ${bench.scaled(100_000)} files${when}`,
    latencies,
    verdicts: [
      { what: '95 % of first rows', value: quantile(opened, 0.95), unit: 'milliseconds', limit: { atMost: 150 } },
      { what: 'the longest frame', value: Math.max(...frames), unit: 'milliseconds', limit: { atMost: 50 } },
      {
        what: '95 % of redraws',
        value: quantile(redrawn, 0.95),
        unit: 'milliseconds',
        limit: { atMost: 150 },
      },
    ],
    notes: [`${frames.filter((frame) => frame > 50).length} of ${frames.length} frames over 50 ms`],
  });
}

/** Drags the slider to one moment after another. @returns how long each took until the folder was drawn as of then. */
async function moveThroughTime(page: Page): Promise<number[]> {
  const slider = page.getByRole('slider');
  const box = await slider.boundingBox();
  if (box === null) throw new CannotRun('the time slider is not on the page');
  const milliseconds: number[] = [];
  await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let moment = 1; moment <= moments; moment += 1) {
    await page.evaluate(`globalThis.benchRedrawn = new Promise((resolve) => {
      const grid = document.querySelector('[role=grid]');
      addEventListener('pointermove', () => {
        const start = performance.now();
        let asked = false;
        const look = () => {
          const busy = grid.getAttribute('aria-busy') === 'true';
          asked ||= busy;
          const took = performance.now() - start;
          // A moment whose answer was there already is drawn with the next frame, and never busy.
          if ((asked && !busy) || (!asked && took > 300)) resolve(asked ? took : 0);
          else requestAnimationFrame(look);
        };
        requestAnimationFrame(look);
      }, { once: true, capture: true });
    }); undefined`);
    await page.mouse.move(box.x + box.width * (1 - moment / (moments + 2)), box.y + box.height / 2);
    milliseconds.push(await page.evaluate<number>('globalThis.benchRedrawn'));
  }
  await page.mouse.up();
  return milliseconds;
}

async function searchRow(bench: Bench, page: Page, when = ''): Promise<void> {
  await browseAt(page, '');
  await page.getByRole('searchbox', { name: /Search all sources/ }).focus();
  const milliseconds: number[] = [];
  for (const text of ['letter 1', 'photo 22', 'map of']) {
    await page.getByRole('searchbox', { name: /Search all sources/ }).fill('');
    for (const key of text) {
      milliseconds.push(
        await page.evaluate<number>(`new Promise((resolve) => {
          const field = document.activeElement;
          const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
          const start = performance.now();
          write.call(field, field.value + ${JSON.stringify(key)});
          field.dispatchEvent(new Event('input', { bubbles: true }));
          let frames = 0;
          const look = () => {
            frames += 1;
            const list = document.querySelector('[role=listbox]');
            const settled = (list !== null && list.getAttribute('aria-busy') !== 'true') || document.body.textContent.includes('Nothing found');
            if (frames > 2 && settled) resolve(performance.now() - start);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        })`),
      );
      await wait(100);
    }
  }
  bench.add({
    what: `window: search as one types over ${bench.scaled(1_000_000)} files${when}`,
    latencies: [{ name: 'key to results', milliseconds }],
    verdicts: [
      { what: '95 % of keys', value: quantile(milliseconds, 0.95), unit: 'milliseconds', limit: { atMost: 100 } },
    ],
  });
}

/** The program without a window, run from its sources: after all of the above, and as a start at login leaves it. */
async function idleRow(bench: Bench, visitor: Visitor): Promise<void> {
  await visitor.page.close();
  await wait(untilRestMs);
  const after = await idling(visitor.pid);
  await visitor.quit();
  const server = visitor.desk.start(['serve', '--no-open']);
  try {
    await wait(untilRestMs);
    const started = await idling(server.pid ?? 0);
    bench.add({
      what: 'window: closed, the engine idle, every source looked through once',
      verdicts: [
        { what: 'resident memory', value: started.resident, unit: 'bytes', limit: { atMost: 120e6 } },
        { what: 'of a core', value: started.percent, unit: 'percent', limit: { atMost: 0.5 } },
      ],
    });
  } finally {
    server.kill('SIGINT');
    await once(server, 'exit');
  }
  bench.add({
    what: 'window: closed again after all that was measured above, the engine idle',
    verdicts: [
      { what: 'resident memory', value: after.resident, unit: 'bytes', limit: { atMost: 120e6 } },
      { what: 'of a core', value: after.percent, unit: 'percent', limit: { atMost: 0.5 } },
    ],
    notes: [
      `of the memory, ${(after.own / 1e6).toFixed(0)} MB are its own, the rest is the program's and libraries' files`,
    ],
  });
}

/** What a process that does nothing takes: bytes in memory, those of them that no file holds, percent of a core. */
async function idling(pid: number): Promise<{ resident: number; own: number; percent: number }> {
  const before = processorTime(pid);
  await wait(idleMs);
  const percent = ((processorTime(pid) - before) / idleMs) * 100;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  return { resident: kilobytes('VmRSS') * 1024, own: kilobytes('RssAnon') * 1024, percent };
}

/** Milliseconds of processor time so far. Linux counts in hundredths of a second (proc_pid_stat(5), fields 14 and 15). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function browseAt(page: Page, path: string): Promise<void> {
  const place = new URLSearchParams({ source: JSON.stringify(madeSource), path: JSON.stringify(path) });
  await page.goto(`${new URL(page.url()).origin}/#/browse?${place.toString()}`);
  await page.getByRole('grid').waitFor();
}
