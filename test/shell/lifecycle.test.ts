import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { channels } from '../../electron/desktop/channels.ts';
import { graceMs } from '../../electron/desktop/engine-process.ts';
import { startPage } from '../../electron/desktop/addresses.ts';
import { preventable, StandIn, StandInService, until } from './stand-in.ts';

describe('the desktop shell from start to end', () => {
  let desktop: StandIn;
  beforeEach(() => {
    desktop = new StandIn();
  });
  afterEach(() => desktop.end());

  it('opens one window and one engine, of the home that it was given', async () => {
    await desktop.start();
    assert.equal(desktop.window.loaded, startPage);
    assert.equal(desktop.child.program, join('/built', 'desktop', 'engine.js'));
    assert.deepEqual(desktop.child.args, ['--home', desktop.home]);
    assert.equal(desktop.app.userData, join(desktop.home, 'desktop'));
  });

  it('shows the window only once there is something to see', async () => {
    await desktop.start();
    assert.equal(desktop.window.visible, false);
    desktop.window.finishLoading();
    assert.equal(desktop.window.visible, true);
  });

  it('ends a second start, and shows the first one its window', async () => {
    const second = new StandIn();
    second.app.lock = false;
    await second.start();
    assert.equal(second.app.quits, 1);
    assert.deepEqual([second.windows, second.children, second.trays], [[], [], []]);
    second.end();

    await desktop.start();
    desktop.window.finishLoading();
    desktop.window.pressClose();
    desktop.window.minimized = true;
    desktop.app.emit('second-instance');
    assert.equal(desktop.windows.length, 1);
    assert.deepEqual([desktop.window.visible, desktop.window.focused, desktop.window.minimized], [true, true, false]);
  });

  it('starts into the tray at login, and makes the window when somebody wants it', async () => {
    await desktop.start({ args: ['--hidden'] });
    assert.deepEqual(desktop.windows, []);
    assert.equal(desktop.trays.length, 1);
    desktop.tray.emit('click');
    desktop.window.finishLoading();
    assert.equal(desktop.window.visible, true);

    const mac = new StandIn();
    mac.platform = 'darwin';
    mac.app.wasOpenedAtLogin = true;
    await mac.start();
    assert.deepEqual(mac.windows, []);
    mac.end();
  });

  it('goes into the tray when the window is closed, and says so the first time only', async () => {
    await desktop.start();
    desktop.window.finishLoading();
    assert.equal(desktop.window.pressClose(), false);
    assert.deepEqual([desktop.window.visible, desktop.app.quits], [false, 0]);
    assert.equal(desktop.notices.length, 1);
    assert.match(desktop.notices[0]?.options.body ?? '', /brings this window back/);
    desktop.notices[0]?.emit('click');
    assert.equal(desktop.window.visible, true);
    desktop.window.pressClose();
    assert.equal(desktop.notices.length, 1);

    const nextDay = new StandIn();
    await nextDay.start({ home: desktop.home });
    nextDay.window.finishLoading();
    nextDay.window.pressClose();
    assert.equal(nextDay.notices.length, 0);
    nextDay.end();
  });

  it('does not end with its last window', async () => {
    await desktop.start();
    // Electron ends an app that does not listen.
    assert.ok(desktop.app.hears('window-all-closed'));
    desktop.app.emit('window-all-closed');
    assert.equal(desktop.app.quits, 0);
  });

  it('ends only when the engine has closed its catalog', async () => {
    await desktop.start();
    desktop.window.finishLoading();
    desktop.child.say({ kind: 'ready' });
    desktop.app.quit();
    assert.deepEqual(desktop.child.heard.at(-1), { kind: 'close' });
    assert.deepEqual([desktop.app.quits, desktop.window.visible], [0, false]);
    // Whoever is impatient changes nothing.
    desktop.app.quit();
    assert.equal(desktop.app.quits, 0);
    desktop.child.exit(0);
    await turn();
    assert.equal(desktop.app.quits, 1);
    assert.equal(desktop.window.pressClose(), true);
    assert.equal(desktop.children.length, 1);
  });

  it('ends an engine that does not close, after a while', async () => {
    await desktop.start();
    desktop.child.say({ kind: 'ready' });
    desktop.app.quit();
    desktop.time.pass(graceMs - 1);
    assert.equal(desktop.child.killed, false);
    desktop.time.pass(1);
    assert.equal(desktop.child.killed, true);
    await turn();
    assert.equal(desktop.app.quits, 1);
  });

  it('closes in good order when the computer is switched off', async () => {
    await desktop.start();
    const event = preventable({});
    desktop.shutdown?.(event);
    assert.equal(event.prevented, true);
    assert.deepEqual(desktop.child.heard.at(-1), { kind: 'close' });
  });

  it('tells the engine of sleep, waking and the network', async () => {
    await desktop.start({ args: ['--hidden'] });
    const service = new StandInService();
    desktop.child.run(() => Promise.resolve(service));
    desktop.power.emit('suspend');
    desktop.power.emit('resume');
    desktop.online = false;
    desktop.time.pass(60_000);
    desktop.online = true;
    desktop.time.pass(60_000);
    await until(() => service.asked.includes('online'));
    assert.deepEqual(service.asked, ['suspend', 'wake', 'offline', 'online']);
  });

  it('keeps the window where it was, on a display that is there', async () => {
    await desktop.start();
    desktop.window.finishLoading();
    desktop.window.bounds = { x: 2000, y: 100, width: 900, height: 700 };
    desktop.window.emit('move');
    desktop.time.pass(2_000);

    const docked = new StandIn();
    docked.displays = [...docked.displays, { workArea: { x: 1920, y: 0, width: 1920, height: 1040 } }];
    await docked.start({ home: desktop.home });
    assert.deepEqual(docked.window.bounds, { x: 2000, y: 100, width: 900, height: 700 });
    docked.window.maximized = true;
    docked.window.pressClose();
    docked.end();

    const undocked = new StandIn();
    await undocked.start({ home: desktop.home });
    assert.deepEqual(undocked.window.bounds, { x: 510, y: 170, width: 900, height: 700 });
    assert.equal(undocked.window.maximized, true);
    undocked.end();
  });

  it('loads a page anew whose process broke, but not for ever', async () => {
    await desktop.start();
    desktop.window.finishLoading();
    const { webContents } = desktop.window;
    webContents.emit('render-process-gone', preventable({}), { reason: 'crashed' });
    assert.equal(webContents.reloads, 1);
    webContents.emit('render-process-gone', preventable({}), { reason: 'crashed' });
    assert.equal(webContents.reloads, 1);
    desktop.time.pass(60_000);
    webContents.emit('render-process-gone', preventable({}), { reason: 'oom' });
    assert.equal(webContents.reloads, 2);
  });

  it('lets a person choose a folder in the dialog of the system', async () => {
    await desktop.start();
    const pick = desktop.ipcHandle.get(channels.pickFolder);
    desktop.chosenFolder = '/mnt/masters';
    assert.equal(await pick?.(desktop.window.sender(), 'Choose the folder to protect'), '/mnt/masters');
    assert.equal(desktop.folderDialogs[0]?.title, 'Choose the folder to protect');
    desktop.chosenFolder = undefined;
    assert.equal(await pick?.(desktop.window.sender(), 'Choose'), null);
  });

  it('follows the settings in how it looks', async () => {
    await desktop.start({ args: ['--hidden'] });
    const service = new StandInService();
    service.settings = { ...service.settings, appearance: 'dark' };
    desktop.child.run(() => Promise.resolve(service));
    await until(() => desktop.theme.themeSource === 'dark');
    service.settings = { ...service.settings, appearance: 'light' };
    service.tell({ type: 'changed', what: ['settings'] });
    await until(() => desktop.theme.themeSource === 'light');
  });
});
