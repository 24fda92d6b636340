import process from 'node:process';
import { Engine } from '../../electron/engine/engine.ts';
import { runWebHost } from '../../electron/hosts/web/run.ts';
import type { Service } from '../../electron/service/door.ts';
import { smallService } from './small-service.ts';

/*
 * What `strongroom serve` does, with a small service over a real catalog: `node serving.ts <home> <window> [browser]`.
 * Prints a line an event; the tests read them and decide what happens next.
 */
const [home = '', window = '', browser] = process.argv.slice(2);
const clock = { now: () => Date.now() };
const tell = (line: object): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

function openService(): Promise<Service> {
  const engine = Engine.open({ home, clock, mode: 'write', environment: process.env });
  const nothing = (): void => undefined;
  return Promise.resolve({
    ...smallService().service,
    listen: () => nothing,
    setOnline: nothing,
    suspend: nothing,
    wake: nothing,
    close: async () => {
      // A run that ends at its next safe point takes a while, during which more signals arrive.
      const told = new Promise((resolve) => process.once('SIGUSR2', resolve));
      tell({ closing: true });
      await told;
      await engine.close();
      tell({ closed: true });
    },
  });
}

const controller = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => controller.abort());
const keepAlive = setInterval(() => undefined, 60_000);
try {
  const outcome = await runWebHost({
    home,
    port: 0,
    browser: browser === 'browser',
    platform: 'linux',
    environment: process.env,
    clock,
    signal: controller.signal,
    window: () => Promise.resolve(window),
    openService,
    stoppedService: (_desktop, error) => {
      throw error;
    },
    onAddress: ({ address }, why) => tell({ address, why }),
    say: (text) => tell({ said: text }),
  });
  tell({ outcome });
} catch (error) {
  tell({ error: String(error) });
  process.exitCode = 1;
}
clearInterval(keepAlive);
