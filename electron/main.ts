import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeTheme,
  net,
  Notification,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  Tray,
  utilityProcess,
} from 'electron';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { startShell } from './desktop/shell.ts';
import type { Preventable, System, Window } from './desktop/system.ts';
import { feedOf, type Updater } from './desktop/updates.ts';
import { defaultHome } from './engine/platform/home.ts';
import { platformOf } from './engine/platform/platform.ts';
import { systemClock } from './hosts/utility/clock.ts';
import { systemTimers } from './service/timers.ts';

const platform = platformOf(process.platform);

const system: System = {
  app,
  platform,
  createWindow: (options) =>
    new BrowserWindow({
      ...options,
      // Once more, whatever the options say: a window without these is one that must not be.
      webPreferences: {
        ...options.webPreferences,
        contextIsolation: true,
        sandbox: true,
        disableBlinkFeatures: 'Auxclick',
      },
    }),
  createTray: (image) => new Tray(image),
  menu: Menu,
  createNotice: (options) => new Notification(options),
  dialog: {
    showOpenDialog: (window, options) => dialog.showOpenDialog(browserWindow(window), options),
    showMessageBox: (options) => dialog.showMessageBox(options),
  },
  shell,
  ipc: ipcMain,
  protocol,
  session: () => session.defaultSession,
  screen,
  power: powerMonitor,
  // Its event is in Electron's documentation and not in its types.
  onShutdown: (listener) => {
    powerMonitor.on('shutdown', (...[event]: unknown[]) => listener(preventable(event)));
  },
  net,
  theme: nativeTheme,
  fork: (program, args) => utilityProcess.fork(program, args, { serviceName: 'Strongroom engine' }),
  channel: () => new MessageChannelMain(),
};

function preventable(event: unknown): Preventable {
  return event instanceof Object && 'preventDefault' in event
    ? (event as Preventable)
    : { preventDefault: () => undefined };
}

/** Every window of the shell was made above. */
function browserWindow(window: Window): BrowserWindow {
  if (window instanceof BrowserWindow) return window;
  throw new Error('a dialog belongs to a window');
}

const args = process.argv.slice(app.isPackaged ? 1 : 2);
const { env } = process;
const homeOption = args[args.indexOf('--home') + 1];
const home = resolve(
  (args.includes('--home') ? homeOption : undefined) ?? env['STRONGROOM_HOME'] ?? defaultHome(platform, env, homedir()),
);
/** What electron-builder puts into a package that was given an address for updates. */
const packageFeed = join(process.resourcesPath, 'app-update.yml');
const configHome = env['XDG_CONFIG_HOME'];

startShell({
  system,
  clock: systemClock,
  timers: systemTimers(systemClock),
  home,
  args,
  built: join(import.meta.dirname, '..'),
  login: {
    // An AppImage runs from a place that is gone after the next start; the variable names the file itself.
    program: env['APPIMAGE'] ?? process.execPath,
    args: app.isPackaged ? [] : [app.getAppPath()],
    configFolder: configHome?.startsWith('/') === true ? configHome : join(homedir(), '.config'),
  },
  alwaysDarkBar: env['XDG_CURRENT_DESKTOP']?.includes('GNOME') === true,
  feed: feedOf(env['STRONGROOM_UPDATES_URL'], existsSync(packageFeed) ? packageFeed : undefined),
  packaged: app.isPackaged,
  loadUpdater: async (): Promise<Updater> => (await import('electron-updater')).autoUpdater,
});

// Whoever ends the process from outside gets the same good order as *Quit*.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => app.quit());
