import type { Clock } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf } from '../../../shared/errors.ts';
import type { Platform } from '../../engine/platform/platform.ts';
import type { Desktop, Service } from '../../service/door.ts';
import { openWindow, type Environment } from './browser.ts';
import { webDesktop } from './desktop.ts';
import { announceHost, askRunningHost } from './host-file.ts';
import { WebHost, type OneTimeAddress } from './server.ts';
import { Terminal } from './terminal.ts';
import { Waking } from './waking.ts';

/** Why an address is told. */
export type Why = 'started' | 'asked' | 'runs-already';

export interface RunOptions {
  readonly home: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Whether a browser is to be opened where there is one. */
  readonly browser: boolean;
  readonly platform: Platform;
  readonly environment: Environment;
  readonly clock: Clock;
  /** Aborts when the person or the system asks the process to end. */
  readonly signal: AbortSignal;
  /** The folder of the built window, built first where that is needed. */
  readonly window: () => Promise<string>;
  readonly openService: (desktop: Desktop) => Promise<Service>;
  /**
   * What the window talks to where the service cannot be opened: it says why, and what can be chosen. Throws the failure
   * where a window cannot help.
   */
  readonly stoppedService: (desktop: Desktop, error: unknown) => Service;
  /** Tells an address: when the host is there, and whenever the person asks for another. */
  readonly onAddress: (address: OneTimeAddress, why: Why) => void;
  /** A remark beside it. */
  readonly say: (text: string) => void;
}

/**
 * Serves the window until it is told to stop: by `signal`, by the window, by the end of the terminal that it was started
 * in, or by the end of the pipe in its place. Then runs end at a safe point and the catalog is closed.
 *
 * Where a web host works in this home already, nothing is opened but its window, by a new address of it. Where that one
 * does not answer, it is named, and this one waits for the home: what looks dead may be slow, and is never pushed aside.
 *
 * @returns whether it served. Errors: those of `stoppedService` and of {@link WebHost.start}.
 */
export async function runWebHost(options: RunOptions): Promise<'served' | 'runs-already'> {
  const { home, platform, environment, clock, onAddress } = options;
  const files = await options.window();
  const left = Promise.withResolvers<undefined>();
  const desktop: Desktop = {
    ...webDesktop(platform, environment),
    quit: () => {
      left.resolve(undefined);
      return Promise.resolve();
    },
  };
  let service: Service;
  try {
    service = await options.openService(desktop);
  } catch (error) {
    const running = codeOf(error) === 'catalog-busy' ? await askRunningHost(home, false) : undefined;
    if (running?.is === 'there') {
      onAddress(running.address, 'runs-already');
      const another = options.browser ? await askRunningHost(home, true) : undefined;
      if (another?.is === 'there') await showWindow(options, another.address);
      return 'runs-already';
    }
    service = options.stoppedService(desktop, error);
    options.say(
      running?.is === 'silent'
        ? `Strongroom runs here already, as process ${running.process}, but it does not answer. If it stays so, end that ` +
            'process: this one then goes on in its place by itself. Until then its window only says that it waits.'
        : `${asStrongroomError(error).message} The window says what can be done about it.`,
    );
  }
  const terminal = new Terminal();
  const waking = new Waking(clock, () => service.wake());
  try {
    const host = await WebHost.start({ service, files, port: options.port, clock });
    const withdraw = announceHost(home, host);
    try {
      const stopped = Promise.race([aborted(options.signal), terminal.gone, left.promise]);
      terminal.onEnter = () => onAddress(host.newAddress(), 'asked');
      onAddress(host.newAddress(), 'started');
      if (options.browser) await showWindow(options, host.newAddress(true));
      await stopped;
    } finally {
      withdraw();
      await host.close();
    }
  } finally {
    waking.end();
    await service.close();
    terminal.release();
  }
  return 'served';
}

async function showWindow({ platform, environment, say }: RunOptions, { address }: OneTimeAddress): Promise<void> {
  const shown = await openWindow(platform, environment, address);
  say(shown ? 'The window opens in the browser.' : 'No browser could be opened here: open the address yourself.');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
