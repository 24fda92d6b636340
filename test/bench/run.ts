/**
 * The benchmark: `npm run bench`, or `npm run bench -- <name>... [--json FILE]` for some of it: scan, small, large,
 * restore, rename, million, status, catalog, browse, drive, window. Ours and rclone's runs alternate on the same files and the same server.
 *
 * STRONGROOM_BENCH_DIR      where the files lie, by default the system's temporary folder; best a disk of its own
 * STRONGROOM_BENCH_SCALE    makes everything that many times as large, 0.02 for a quick look; the targets hold for 1
 * STRONGROOM_BENCH_ROUNDS   how often each does the work, by default 3
 * STRONGROOM_BENCH_CATALOG  a folder in which the catalog of a million files is kept for the next time
 * STRONGROOM_BENCH_PROFILE  a folder for CPU profiles of every process of ours, which makes them slower
 *
 * A target that is missed is said and is no failure; the exit code is 1 where a benchmark could not do its work.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isNotRun, prepareProgram } from '../lab/prepare.ts';
import { Bench, CannotRun, type Benchmark } from './bench.ts';
import { browse } from './browse.ts';
import { catalog, status } from './catalog.ts';
import { large, restore, small } from './copying.ts';
import { drive } from './drive.ts';
import { describeMachine, tellMachine } from './machine.ts';
import { endRunning } from './measure.ts';
import { million } from './million.ts';
import { rename } from './rename.ts';
import { isReached, rowAsJson, tellRow, type Row } from './report.ts';
import { scan } from './scan.ts';
import { window } from './window.ts';

const benchmarks: readonly Benchmark[] = [
  scan,
  small,
  large,
  restore,
  rename,
  million,
  status,
  catalog,
  browse,
  drive,
  window,
];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
  const stray = positionals.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (stray.length > 0) {
    console.error(`no benchmark: ${stray.join(', ')}; there is ${benchmarks.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const chosen = benchmarks.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const timer = await prepareProgram('time');
  if (isNotRun(timer)) {
    console.log(`not run: everything: ${timer.notRun}`);
    return 1;
  }
  const rclone = await prepareProgram('rclone');
  const machine = await describeMachine();
  for (const line of tellMachine(machine)) console.log(line);

  const folder = join(
    resolve(process.env['STRONGROOM_BENCH_DIR'] ?? tmpdir()),
    `strongroom-bench-${randomBytes(4).toString('hex')}`,
  );
  const rows: Row[] = [];
  const bench = new Bench({
    scale: positive('STRONGROOM_BENCH_SCALE', 1),
    rounds: Math.max(1, Math.round(positive('STRONGROOM_BENCH_ROUNDS', 3))),
    folder,
    add: (row) => {
      rows.push(row);
      console.log(['', ...tellRow(row)].join('\n'));
    },
  });
  if (bench.scale !== 1) console.log(`scale: ${bench.scale} of the real size; the targets are for the real size`);
  if (isNotRun(rclone)) console.log(`rclone: ${rclone.notRun}`);
  cleanWhenEnded(bench);

  const notRun: { name: string; why: string }[] = [];
  const failed: { name: string; why: string }[] = [];
  for (const benchmark of chosen) {
    const others = chosen.slice(chosen.indexOf(benchmark) + 1);
    try {
      await benchmark.run(bench);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof CannotRun) notRun.push({ name: benchmark.name, why });
      else failed.push({ name: benchmark.name, why });
    }
    // The home of the million files is kept for those that come after it.
    if (bench.millionHome === undefined || others.length === 0) bench.clean();
  }

  const verdicts = rows.flatMap((row) => row.verdicts ?? []);
  console.log();
  for (const version of bench.versions) console.log(`server: ${version}`);
  for (const { name, why } of notRun) console.log(`not run: ${name}: ${why}`);
  for (const { name, why } of failed) console.log(`failed: ${name}: ${why}`);
  console.log(`${verdicts.filter(isReached).length} of ${verdicts.length} targets reached`);
  if (values.json !== undefined) {
    const { scale, rounds } = bench;
    const figures = { machine, servers: [...bench.versions], scale, rounds, rows: rows.map(rowAsJson), notRun, failed };
    writeFileSync(values.json, `${JSON.stringify(figures, undefined, 2)}\n`);
  }
  return failed.length > 0 ? 1 : 0;
}

function positive(variable: string, otherwise: number): number {
  const value = Number(process.env[variable] ?? otherwise);
  if (!(value > 0)) throw new Error(`${variable} must be a number above 0`);
  return value;
}

function cleanWhenEnded(bench: Bench): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endRunning();
      bench.clean();
      process.exit(130);
    });
  }
}

process.exitCode = await main();
process.exit();
