import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { channels } from '../../electron/desktop/channels.ts';
import { firstDelayMs, longestDelayMs, steadyMs } from '../../electron/desktop/engine-process.ts';
import { portForRpc, type Port } from '../../electron/hosts/utility/port.ts';
import { startService } from '../../electron/service/start/start.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import type { Problem } from '../../shared/contract/shapes.ts';
import { StandIn, StandInService, until } from './stand-in.ts';

describe("the engine's process", () => {
  let desktop: StandIn;
  beforeEach(() => {
    desktop = new StandIn();
  });
  afterEach(() => desktop.end());

  const askForPort = (): void => {
    desktop.ipcOn.get(channels.askForPort)?.(desktop.window.sender());
  };
  const portsGiven = (): readonly Port[] =>
    desktop.window.webContents.posted.filter(({ channel }) => channel === channels.port).flatMap(({ ports }) => ports);
  const connectionTold = (): unknown[] =>
    desktop.window.webContents.sent
      .filter(({ channel }) => channel === channels.connection)
      .flatMap(({ values }) => values);
  const clientOver = (port: Port | undefined): ContractRouterClient<Contract> => {
    assert.ok(port);
    const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port: portForRpc(port) }));
    port.start();
    return client;
  };

  it('serves the window over a port of its own, once it is ready', async () => {
    await desktop.start();
    askForPort();
    assert.deepEqual(portsGiven(), []);
    const service = new StandInService();
    desktop.child.run(() => Promise.resolve(service));
    await until(() => portsGiven().length === 1);
    assert.deepEqual(await clientOver(portsGiven()[0]).settings.get(), service.settings);
    assert.deepEqual(connectionTold(), []);
  });

  it('is started again when it ends, and the window is told and gets a new port', async () => {
    await desktop.start();
    askForPort();
    desktop.child.run(() => Promise.resolve(new StandInService()));
    await until(() => portsGiven().length === 1);
    desktop.child.exit(139);
    assert.deepEqual(connectionTold(), ['lost']);
    assert.equal(desktop.children.length, 1);
    desktop.time.pass(firstDelayMs);
    assert.equal(desktop.children.length, 2);
    const again = new StandInService();
    again.settings = { ...again.settings, startAtLogin: true };
    desktop.child.run(() => Promise.resolve(again));
    await until(() => portsGiven().length === 2);
    assert.deepEqual(connectionTold(), ['lost', 'reconnected']);
    assert.equal((await clientOver(portsGiven()[1]).settings.get()).startAtLogin, true);
  });

  it('is started again ever later while it keeps ending, and soon again after a good while', async () => {
    await desktop.start({ args: ['--hidden'] });
    const waits: number[] = [];
    for (let end = 0; end < 9; end += 1) {
      const before = desktop.children.length;
      const from = desktop.time.now();
      desktop.child.exit(1);
      while (desktop.children.length === before) desktop.time.pass(firstDelayMs);
      waits.push(desktop.time.now() - from);
    }
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    assert.equal(waits.at(-1), longestDelayMs);
    desktop.child.say({ kind: 'ready' });
    desktop.time.pass(steadyMs);
    const before = desktop.children.length;
    desktop.child.exit(1);
    desktop.time.pass(firstDelayMs);
    assert.equal(desktop.children.length, before + 1);
  });

  it('learns again that the network is away when it was started anew', async () => {
    desktop.online = false;
    await desktop.start({ args: ['--hidden'] });
    desktop.child.exit(1);
    desktop.time.pass(firstDelayMs);
    assert.deepEqual(desktop.child.heard, [{ kind: 'online', online: false }]);
  });

  const tooNew: Problem = {
    code: 'catalog-too-new',
    subject: null,
    message: 'The catalog of this workstation was made by a newer Strongroom.',
    advice: 'Use that newer version.',
  };

  it('is not started again without a person where its catalog is too new for it', async () => {
    desktop.presses = [0];
    await desktop.start({ args: ['--hidden'] });
    desktop.child.say({ kind: 'refused', problem: tooNew });
    desktop.child.exit(0);
    assert.equal(desktop.boxes[0]?.message, tooNew.message);
    assert.match(desktop.boxes[0].detail ?? '', /Use that newer version/);
    assert.equal(desktop.children.length, 1);
    // *Try again*, and it is too new still; nobody answers this time.
    await turn();
    assert.equal(desktop.children.length, 2);
    desktop.child.say({ kind: 'refused', problem: tooNew });
    desktop.child.exit(0);
    desktop.time.pass(3_600_000);
    assert.equal(desktop.children.length, 2);
    assert.equal(desktop.tray.image.endsWith('needs-you.png'), true);
    assert.match(desktop.tray.tooltip, /newer Strongroom/);
  });

  it('ends with the app where the person wants no more of it', async () => {
    desktop.presses = [1];
    await desktop.start({ args: ['--hidden'] });
    desktop.child.say({ kind: 'refused', problem: tooNew });
    desktop.child.exit(0);
    await until(() => desktop.app.quits === 1);
  });

  it('opens the window on the choice where its catalog is damaged, and asks in no box; leaving ends the app', async () => {
    const home = join(desktop.home, 'damaged');
    mkdirSync(home);
    writeFileSync(join(home, 'catalog.db'), Buffer.alloc(50_000, 0x5a));
    await desktop.start();
    askForPort();
    desktop.child.run((door) =>
      startService({
        ...{ home, clock: desktop.time, timers: desktop.time, desktop: door },
        environment: { STRONGROOM_SECRETS: 'vault' },
      }),
    );
    await until(() => portsGiven().length === 1);
    await until(() => /is damaged/.test(desktop.tray.tooltip));
    assert.equal(desktop.tray.image.endsWith('needs-you.png'), true);
    assert.deepEqual(desktop.boxes, []);
    const client = clientOver(portsGiven()[0]);
    const live = await client.app.live();
    const first = await live.next();
    assert.ok(first.done !== true && first.value.type === 'state');
    assert.equal(first.value.stopped?.problem.code, 'catalog-damaged');
    await live.return(undefined);
    await client.start.leave();
    await until(() => desktop.app.quits === 1);
  });

  it('tells why it could not be opened, in the words of the failure', async () => {
    await desktop.start({ args: ['--hidden'] });
    desktop.child.run(() => Promise.reject(new Error('no such disk')));
    await until(() => desktop.boxes.length === 1);
    assert.equal(desktop.boxes[0]?.message, 'no such disk');
  });

  it('is heeded by nobody when it says what it may not', async () => {
    await desktop.start();
    desktop.child.emit('message', { kind: 'ask', id: 1, ask: { do: 'run', program: 'rm' } });
    desktop.child.emit('message', 'ready');
    await turn();
    assert.deepEqual(desktop.opened, []);
    assert.deepEqual(desktop.child.heard, []);
  });

  it('has the desktop do what the service asks for, and learns what became of it', async () => {
    await desktop.start({ args: ['--hidden'] });
    const ask = async (
      id: number,
      what: Parameters<typeof desktop.child.say>[0] & { kind: 'ask' },
    ): Promise<unknown> => {
      desktop.child.say({ ...what, id });
      await until(() => desktop.child.heard.some((message) => message.kind === 'answer' && message.id === id));
      const answer = desktop.child.heard.at(-1);
      return answer?.kind === 'answer' ? answer.failed : undefined;
    };
    const asking = { kind: 'ask', id: 0 } as const;
    assert.equal(await ask(1, { ...asking, ask: { do: 'open-url', url: 'https://accounts.google.com/o' } }), null);
    assert.equal(await ask(2, { ...asking, ask: { do: 'open-path', path: '/tmp/scan.tif' } }), null);
    assert.deepEqual(desktop.opened, ['https://accounts.google.com/o', '/tmp/scan.tif']);
    assert.match(String(await ask(3, { ...asking, ask: { do: 'open-url', url: 'file:///etc/passwd' } })), /web/);
    assert.match(
      String(await ask(4, { ...asking, ask: { do: 'open-path', path: 'C:\\x\\Invoice.PDF.exe ' } })),
      /can run/,
    );
    assert.equal(desktop.opened.length, 2);
    assert.equal(await ask(5, { ...asking, ask: { do: 'start-at-login', on: true } }), null);
    const file = join(desktop.home, 'config/autostart/strongroom.desktop');
    assert.match(readFileSync(file, 'utf8'), /^Exec="\/opt\/Strongroom\/strongroom" "--hidden"$/m);
    assert.equal(await ask(6, { ...asking, ask: { do: 'start-at-login', on: false } }), null);
    assert.equal(await ask(7, { ...asking, ask: { do: 'look-for-updates', url: null } }), null);
    const told = desktop.child.heard.at(-1);
    assert.deepEqual(told?.kind === 'answer' && told.update, { found: 'not-here', runs: 'from-sources' });
    assert.equal(existsSync(file), false);
  });
});
