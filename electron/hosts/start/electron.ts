import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import type { Platform } from '../../engine/platform/platform.ts';
import { withoutThrift } from '../thrift.ts';
import type { Environment } from '../web/browser.ts';

export interface RuntimeOptions {
  readonly platform: Platform;
  readonly environment: Environment;
  /** Milliseconds without a new byte after which fetching is given up. */
  readonly patienceMs: number;
  /** Called before it is fetched, which can take minutes. */
  readonly onFetch: () => void;
}

/** Where Electron's own installer puts the program, below its folder for the runtime. */
const programs: Readonly<Record<Platform, string>> = {
  linux: 'electron',
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

/** A program that ends with an error this soon after its start could not run here at all. */
const tooSoonMs = 20_000;

/**
 * Electron's program, fetched first where it is not there: since version 45 the package brings its runtime at the first
 * start instead of at its installation. `undefined` where it cannot be had. Waits as long as something arrives, and no
 * longer than `patienceMs` while nothing does.
 */
export async function electronRuntime(options: RuntimeOptions): Promise<string | undefined> {
  const folder = path.dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  // https://www.electronjs.org/docs/latest/tutorial/installation: another runtime than the package's own.
  const runtime = options.environment['ELECTRON_OVERRIDE_DIST_PATH'] ?? path.join(folder, 'dist');
  const program = path.join(runtime, programs[options.platform]);
  if (fs.existsSync(program)) return program;
  options.onFetch();
  await fetchRuntime(folder, options);
  return fs.existsSync(program) ? program : undefined;
}

async function fetchRuntime(folder: string, { environment, patienceMs }: RuntimeOptions): Promise<void> {
  // The installer tells nobody how far it is; what it downloads lies here until it is whole, then in its own folder.
  const scratch = fs.mkdtempSync(path.join(tmpdir(), 'strongroom-electron-'));
  try {
    const installer = spawn(process.execPath, [path.join(folder, 'install.js')], {
      stdio: 'ignore',
      env: { ...environment, TMPDIR: scratch, TMP: scratch, TEMP: scratch, ELECTRON_GET_NO_PROGRESS: '1' },
    });
    await new Promise<void>((resolve) => {
      let [seen, since] = [0, performance.now()];
      const watch = setInterval(() => {
        const bytes = bytesBelow(scratch) + bytesBelow(path.join(folder, 'dist'));
        if (bytes !== seen) [seen, since] = [bytes, performance.now()];
        else if (performance.now() - since > patienceMs) installer.kill('SIGKILL');
      }, patienceMs / 10);
      const end = (): void => {
        clearInterval(watch);
        resolve();
      };
      installer.once('error', end);
      installer.once('close', end);
    });
  } finally {
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}

function bytesBelow(folder: string): number {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fs.statSync(path.join(entry.parentPath, entry.name)).size)
      .reduce((sum, size) => sum + size, 0);
  } catch {
    // Not there yet, or renamed while it was read.
    return 0;
  }
}

/**
 * Runs the desktop app until it is closed.
 *
 * @param main the folder of the bundled program.
 * @returns its exit code; `undefined` where it could not run on this computer.
 */
export async function runElectron(program: string, main: string, args: readonly string[]): Promise<number | undefined> {
  const begun = performance.now();
  const child = spawn(program, [main, ...args], { stdio: 'inherit', env: withoutThrift(process.env) });
  const asked = new Set<NodeJS.Signals>();
  const pass = (signal: NodeJS.Signals): void => {
    asked.add(signal);
    // Ctrl-C in a terminal has reached the app already, and twice would end it badly.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  process.on('SIGTERM', pass);
  process.on('SIGINT', pass);
  try {
    const code = await new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', resolve);
    });
    if (code === 0 || asked.size > 0) return code ?? 0;
    return performance.now() - begun < tooSoonMs ? undefined : (code ?? 1);
  } finally {
    process.off('SIGTERM', pass);
    process.off('SIGINT', pass);
  }
}
