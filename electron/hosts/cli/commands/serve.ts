import process from 'node:process';
import type { Command } from 'commander';
import { StrongroomError } from '../../../../shared/errors.ts';
import { platformOf } from '../../../engine/platform/platform.ts';
import { built } from '../../web/built.ts';
import type { Desktop } from '../../../service/door.ts';
import { runWebHost, type Why } from '../../web/run.ts';
import type { OneTimeAddress } from '../../web/server.ts';
import { beThrifty, withoutThrift } from '../../thrift.ts';
import { contextOf, type Context } from '../context.ts';
import { exitCodes } from '../exit.ts';
import { toJson } from '../terminal.ts';

/** `serve`: the window in a browser, over the local web host, until it is stopped. */
export async function serve(
  options: { readonly port?: string; readonly open: boolean },
  command: Command,
): Promise<void> {
  const context = contextOf(command);
  const port = readPort(options.port);
  beThrifty(process.argv.slice(1));
  const environment = withoutThrift(process.env);
  // Loaded here, so that `--help` and usage errors need none of it.
  const { openWhole, stoppedService } = await import('../../../service/start/start.ts');
  const serviceOptions = (desktop: Desktop) => ({
    home: context.home,
    clock: context.clock,
    environment,
    desktop,
  });
  const outcome = await runWebHost({
    home: context.home,
    port,
    // A script that reads JSON opens the address itself.
    browser: options.open && !context.json,
    platform: platformOf(process.platform),
    environment,
    clock: context.clock,
    signal: context.signal,
    window: () => built('renderer'),
    openService: (desktop) => openWhole(serviceOptions(desktop)),
    stoppedService: (desktop, error) => stoppedService(serviceOptions(desktop), error),
    onAddress: (address, why) => tellAddress(context, address, why),
    say: (text) => context.say(text),
  });
  if (outcome === 'runs-already') process.exitCode = exitCodes.busy;
}

function readPort(text = '0'): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new StrongroomError('usage', `"${text}" is no port.`, {
    advice: 'Write a number from 1 to 65535, such as --port 8311, or leave it out for a free one.',
  });
}

function tellAddress(context: Context, { address, expiresAt }: OneTimeAddress, why: Why): void {
  if (context.json) {
    const line = { address, expiresAt: new Date(expiresAt).toISOString(), alreadyRunning: why === 'runs-already' };
    process.stdout.write(`${toJson(line)}\n`);
    return;
  }
  const head = {
    started: 'Strongroom is running, until you press Ctrl-C. Its window is at this address:',
    asked: 'Another address of the window:',
    'runs-already': `Strongroom runs here already, at ${new URL(address).origin}. Its window is at this address:`,
  }[why];
  const more = { started: 'Press Enter', asked: 'Press Enter', 'runs-already': 'Press Enter in its terminal' }[why];
  process.stdout.write(
    `${head}\n\n  ${address}\n\nIt works once and for ten minutes. ${more}, or run this again, for a new one.\n`,
  );
}
