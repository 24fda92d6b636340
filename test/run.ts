/**
 * The one runner: `node test/run.ts [checks | <suite> | <test file>]...`, everything without arguments.
 *
 * The last line is `N passed, N failed`: passed tests, and failed tests together with failed checks (of `checks` alone:
 * the checks). Before it come the versions of the servers and a line `not run: <suite>: <why>` for what this machine
 * cannot have. The exit code is 0 only if nothing failed and, unless only checks were asked for, at least one test ran.
 *
 * The tests find the servers in STRONGROOM_LAB_CEPH and STRONGROOM_LAB_MOTO; see `labServer`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { join, relative, resolve } from 'node:path';
import { runChecks } from './checks.ts';
import { findDiscovery } from './emulators/drive/discovery.ts';
import { findElectron, prepareChromium } from './lab/browsers.ts';
import { isNotRun, preparePackage, prepareProgram, type NotRun } from './lab/prepare.ts';
import { externalS3, labVariables, startCeph, startMoto, type S3Server } from './lab/servers.ts';
import { needsOf, suites, type Need } from './suites.ts';
import type { TotalsLine } from './totals.ts';

interface TestFile {
  readonly suite: string;
  readonly path: string;
  readonly needs: readonly Need[];
}

const fileMilliseconds = 10 * 60 * 1000;

async function main(wanted: readonly string[]): Promise<number> {
  const everything = wanted.length === 0;
  const names = wanted.filter((name) => name !== 'checks');
  const files = everything || names.length > 0 ? findTests(names) : [];
  if (typeof files === 'string') {
    console.error(files);
    return 2;
  }
  const checks = everything || wanted.includes('checks') ? await runChecks() : { passed: 0, failed: 0 };
  if (!everything && names.length === 0) {
    console.log(`${checks.passed} passed, ${checks.failed} failed`);
    return checks.failed === 0 ? 0 : 1;
  }

  const lab = new Lab();
  await lab.provide(new Set(files.flatMap((file) => file.needs)));
  const tests = await runTests(files.filter((file) => lab.missing(file) === undefined));
  await lab.stop();

  console.log();
  for (const line of [...lab.versions, ...notRunLines(files, lab), ...tests.remarks]) console.log(line);
  const failed = tests.failed + checks.failed;
  if (checks.failed > 0) console.log(`${checks.failed} of the failed are checks of the sources, reported at the top`);
  if (tests.passed + tests.failed === 0) console.log('no test ran at all, which counts as a failure');
  console.log(`${tests.passed} passed, ${failed} failed`);
  return failed === 0 && tests.passed > 0 ? 0 : 1;
}

/** The test files asked for (all for no names), or what is wrong with the question. */
function findTests(names: readonly string[]): TestFile[] | string {
  const all = suites.flatMap((suite) =>
    globSync(suite.pattern)
      .map((path) => path.replaceAll('\\', '/'))
      .sort()
      .map((path) => ({ suite: suite.name, path, needs: needsOf(suite, path) })),
  );
  const known = new Set(all.map((file) => file.path));
  const stray = globSync('{test,shared,electron,renderer}/**/*.test.ts').filter(
    (path) => !known.has(path.replaceAll('\\', '/')),
  );
  if (stray.length > 0) return `in no suite of test/suites.ts, so it would never run: ${stray.join(', ')}`;
  if (names.length === 0) return all;
  const found: TestFile[] = [];
  for (const name of names) {
    const path = relative(process.cwd(), resolve(name)).replaceAll('\\', '/');
    const matching = all.filter((file) => file.suite === name || file.path === path);
    if (matching.length === 0) return `no suite and no test file: ${name}`;
    found.push(...matching.filter((file) => !found.includes(file)));
  }
  return found;
}

/** What the tests need from outside, prepared once for all of them. */
class Lab {
  readonly versions: string[] = [];
  readonly #servers: S3Server[] = [];
  readonly #missing = new Map<Need, string>();

  /** Prepares what can be had; the rest is `missing` afterwards. */
  async provide(needs: ReadonlySet<Need>): Promise<void> {
    for (const need of needs) {
      const answer = await this.#provideOne(need);
      if (isNotRun(answer)) this.#missing.set(need, answer.notRun);
    }
  }

  /** Why a test file cannot run here; undefined when it can. */
  missing(file: TestFile): string | undefined {
    const reasons = file.needs.map((need) => this.#missing.get(need)).filter((reason) => reason !== undefined);
    return reasons.length === 0 ? undefined : reasons.join('; ');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async #provideOne(need: Need): Promise<object | NotRun> {
    switch (need) {
      case 'ceph':
      case 'moto': {
        const server = need === 'ceph' ? await startCeph() : await startMoto();
        if (isNotRun(server)) return server;
        this.#servers.push(server);
        this.versions.push(`server: ${server.name} ${server.version}`);
        process.env[labVariables[need]] = JSON.stringify(server);
        return server;
      }
      case 'rclone':
        return await prepareProgram('rclone');
      case 'chromium':
        return await prepareChromium();
      case 'electron':
        return findElectron();
      case 'external': {
        const endpoint = externalS3();
        if (!isNotRun(endpoint)) this.versions.push(`server: ${endpoint.endpoint} (external)`);
        return endpoint;
      }
      case 'discovery':
        return findDiscovery() === undefined
          ? { notRun: "Google's description of the Drive API is not at hand (DRIVE_DISCOVERY names it)" }
          : {};
      case 'pyclient':
        return findDiscovery() === undefined
          ? { notRun: "Google's Python client needs Google's description of the Drive API (DRIVE_DISCOVERY names it)" }
          : await preparePackage('python3-googleapi', ['/usr/bin/python3', '-c', 'import googleapiclient']);
      case 'external-drive':
        return process.env['STRONGROOM_REAL_DRIVE'] === undefined
          ? {
              notRun: 'no Google account was given (STRONGROOM_REAL_DRIVE, see test/drive/real.external-drive.test.ts)',
            }
          : {};
    }
  }
}

/** One line for each suite and reason. */
function notRunLines(files: readonly TestFile[], lab: Lab): string[] {
  const left = new Map<string, string[]>();
  for (const file of files) {
    const why = lab.missing(file);
    if (why === undefined) continue;
    const line = `not run: ${file.suite}: ${why}`;
    left.set(line, [...(left.get(line) ?? []), file.path]);
  }
  return [...left].map(([line, paths]) => `${line} (${paths.join(', ')})`);
}

interface Totals {
  passed: number;
  failed: number;
  /** What the counts hide. */
  readonly remarks: string[];
}

/** Runs the files two at a time, each in a process of its own, and shows the results of each when it has ended. */
async function runTests(files: readonly TestFile[]): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, remarks: [] };
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-tests-'));
  const waiting = [...files.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, file] = next;
      const report = join(folder, `${index}.jsonl`);
      const problem = await runFile(file, report);
      const before = totals.passed + totals.failed;
      const lines = existsSync(report) ? readFileSync(report, 'utf8').split('\n').filter(Boolean) : [];
      // Node reports a file without tests as one passed test of the file's name.
      const results = lines
        .map((text) => JSON.parse(text) as TotalsLine)
        .filter((result) => !('passed' in result && resolve(result.passed) === resolve(file.path)));
      const failedBefore = totals.failed;
      for (const result of results) {
        if ('passed' in result) totals.passed += 1;
        if ('failed' in result || 'skipped' in result) totals.failed += 1;
        if ('skipped' in result) totals.remarks.push(`failed: ${file.path}: skipped: ${result.skipped}`);
      }
      const ended = results.some((result) => 'end' in result);
      const empty = totals.passed + totals.failed === before ? 'the file holds no test' : undefined;
      const spoilt = !ended ? (problem ?? 'it ended before its tests did') : (empty ?? problem);
      // A file whose failed tests were counted has failed for a known reason.
      if (spoilt !== undefined && (!ended || totals.failed === failedBefore)) {
        totals.failed += 1;
        totals.remarks.push(`failed: ${file.path}: ${spoilt}`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  rmSync(folder, { recursive: true });
  return totals;
}

const processGroups = new Set<number>();

/** Runs one file. Gives what was wrong with its process, if anything was. */
async function runFile(file: TestFile, report: string): Promise<string | undefined> {
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout'];
  reporters.push('--test-reporter=./test/totals.ts', `--test-reporter-destination=${report}`);
  const args = ['--test', '--test-isolation=none', ...reporters, file.path];
  const environment = { ...process.env, ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) };
  // A group of its own, so that a file that hangs can be ended together with all that it started.
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: environment });
  const group = child.pid;
  if (group === undefined) return 'node could not be started';
  processGroups.add(group);
  const output: string[] = [`${file.path}\n`];
  child.stdout.on('data', (text: Buffer) => output.push(text.toString()));
  child.stderr.on('data', (text: Buffer) => output.push(text.toString()));
  const closed = once(child, 'close');
  let problem: string | undefined;
  const timer = setTimeout(() => {
    problem = `it hung, and was ended after ${fileMilliseconds / 1000} s`;
    endGroup(group);
  }, fileMilliseconds);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  endGroup(group);
  processGroups.delete(group);
  // What escaped the group may hold the streams open: its output is not waited for.
  await Promise.race([closed, wait(2000, undefined, { ref: false })]);
  process.stdout.write(output.join(''));
  return problem ?? (code === 0 ? undefined : `it ended with ${signal ?? `code ${code ?? -1}`}`);
}

/** Ends what is left of a test file's processes. */
function endGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nothing was left.
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const group of processGroups) endGroup(group);
    process.exit(130);
  });
}

process.chdir(join(import.meta.dirname, '..'));
process.exitCode = await main(process.argv.slice(2));
// A test that was given up may have left a process behind that holds our streams open.
process.exit();
