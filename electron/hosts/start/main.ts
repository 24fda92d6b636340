import { fileURLToPath } from 'node:url';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { platformOf } from '../../engine/platform/platform.ts';
import { fail } from '../cli/context.ts';
import { beThrifty, keepCompiled } from '../thrift.ts';
import { hasScreen } from '../web/browser.ts';
import { built } from '../web/built.ts';
import { electronRuntime, runElectron } from './electron.ts';

/*
 * `npm start`: the desktop app where Electron is or can be had, otherwise the local web host. What it was given goes on
 * to whichever it is: `npm start -- --home <folder>`.
 */
keepCompiled();

/** Long enough for a slow proxy to begin, short enough for somebody who waits for a window. */
const fetchPatienceMs = 20_000;

interface Given {
  readonly web: boolean;
  readonly home: readonly string[];
  readonly serve: readonly string[];
}

function readArguments(): Given | undefined {
  try {
    const { values } = parseArgs({
      options: {
        web: { type: 'boolean', default: false },
        home: { type: 'string' },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
      },
    });
    const { web, home, port } = values;
    return {
      web: web || values['no-open'] || port !== undefined,
      home: home === undefined ? [] : ['--home', home],
      serve: [...(port === undefined ? [] : ['--port', port]), ...(values['no-open'] ? ['--no-open'] : [])],
    };
  } catch (error) {
    say(
      `${error instanceof Error ? error.message : String(error)}\n` +
        '  npm start -- [--home <folder>] [--web [--port <number>] [--no-open]]',
    );
    return undefined;
  }
}

function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

/** Opens the desktop app. @returns its exit code, or in a sentence why it is the browser instead. */
async function openDesktop(home: readonly string[]): Promise<number | string> {
  const platform = platformOf(process.platform);
  const { env: environment } = process;
  if (!hasScreen(platform, environment)) {
    return 'There is no screen here for the desktop app, so Strongroom serves its window to a browser.';
  }
  const program = await electronRuntime({
    platform,
    environment,
    patienceMs: fetchPatienceMs,
    onFetch: () => say('Fetching Electron, which the desktop app runs in (about 120 MB, only this once) …'),
  });
  if (program === undefined) {
    return 'Electron is not here and could not be fetched, so the same window opens in the browser.';
  }
  await built('renderer');
  const code = await runElectron(program, await built('desktop'), home);
  return code ?? 'Electron cannot run on this computer, so the same window opens in the browser.';
}

async function main(): Promise<void> {
  const given = readArguments();
  if (given === undefined) {
    process.exitCode = 2;
    return;
  }
  const outcome = given.web
    ? 'Strongroom serves its window to a browser, as asked for.'
    : await openDesktop(given.home);
  if (typeof outcome === 'number') {
    process.exitCode = outcome;
    return;
  }
  say(outcome);
  const args = [...given.home, 'serve', ...given.serve];
  beThrifty([fileURLToPath(new URL('../cli/main.ts', import.meta.url)), ...args]);
  const commandLine = await import('../cli/program.ts');
  await commandLine.main([...process.argv.slice(0, 2), ...args]);
}

try {
  await main();
} catch (error) {
  fail(error, false);
}
