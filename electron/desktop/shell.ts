import { join } from 'node:path';
import type { Clock } from '../../shared/domain.ts';
import type { Problem, UpdateAnswer } from '../../shared/contract/shapes.ts';
import type { Timers } from '../service/timers.ts';
import type { DesktopAsk } from '../hosts/utility/messages.ts';
import { scheme } from './addresses.ts';
import { channels } from './channels.ts';
import { EngineProcess } from './engine-process.ts';
import { EngineWatch } from './engine-watch.ts';
import { browserOf, guardContents, guardSession, isFromWindow } from './guard.ts';
import { hiddenOption, setStartAtLogin, type LoginOptions } from './login.ts';
import { Memory } from './memory.ts';
import { Notifier } from './notify.ts';
import { openFile } from './opening.ts';
import { servePages } from './pages.ts';
import type { System } from './system.ts';
import type { TrayAction } from './tray-model.ts';
import { TrayView } from './tray.ts';
import { Updates, type Feed, type Updater } from './updates.ts';
import { MainWindow } from './window.ts';

export interface ShellOptions {
  readonly system: System;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The folder with this workstation's data; the shell's own lies in `desktop` below it. */
  readonly home: string;
  /** The command line, without the program. */
  readonly args: readonly string[];
  /** The folder that holds what was built: `renderer`, `desktop`, `icons`. */
  readonly built: string;
  readonly login: Pick<LoginOptions, 'program' | 'args' | 'configFolder'>;
  /** Whether the bar with the tray is dark whatever the theme is. */
  readonly alwaysDarkBar: boolean;
  readonly feed: Feed;
  /** Whether this is an installed Strongroom, and not one that runs from its sources. */
  readonly packaged: boolean;
  readonly loadUpdater: () => Promise<Updater>;
}

const everyLookMs = 15_000;
const longestTitle = 200;

/**
 * Strongroom as a desktop app: one instance, a window that hides into the tray, and the engine in a process of its own.
 * A second start shows the first one's window and ends.
 */
export function startShell(options: ShellOptions): void {
  const { system, home } = options;
  const { app } = system;
  // Also what decides which instances are one: another home is another Strongroom.
  app.setPath('userData', join(home, 'desktop'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app.setAppUserModelId('org.strongroom.desktop');
  app.enableSandbox();
  system.protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  new Shell(options).begin();
}

class Shell {
  readonly #options: ShellOptions;
  readonly #memory: Memory;
  readonly #window: MainWindow;
  readonly #engine: EngineProcess;
  readonly #watch: EngineWatch;
  readonly #notifier: Notifier;
  readonly #updates: Updates;
  readonly #openOutside: (url: string) => Promise<void>;
  #tray: TrayView | undefined;
  #quitting = false;
  #engineEnded = false;
  #pageWantsPort = false;
  #lost = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { system, clock, timers, home, built, feed, packaged, loadUpdater } = options;
    const icon = join(built, 'icons', 'strongroom-256.png');
    this.#openOutside = browserOf(system.shell);
    this.#memory = new Memory(join(home, 'desktop', 'shell.json'));
    this.#window = new MainWindow({
      system,
      clock,
      timers,
      icon,
      memory: this.#memory,
      preload: join(built, 'desktop', 'preload.cjs'),
      isQuitting: () => this.#quitting,
      onHidden: () => this.#sayItGoesOn(),
    });
    this.#notifier = new Notifier({
      createNotice: system.createNotice,
      clock,
      memory: this.#memory,
      icon,
      open: (route) => this.#window.show(route),
      isLookedAt: () => this.#window.window?.isFocused() ?? false,
    });
    this.#updates = new Updates({
      feed,
      packaged,
      load: loadUpdater,
      clock,
      timers,
      ask: (version) => this.#askToUpdate(version),
    });
    this.#engine = new EngineProcess({
      clock,
      timers,
      channel: system.channel,
      fork: () => system.fork(join(built, 'desktop', 'engine.js'), ['--home', home]),
      onAsk: (ask) => this.#do(ask),
    });
    this.#watch = new EngineWatch({
      engine: this.#engine,
      onState: (state) => {
        this.#tray?.update(state);
        if (state.live !== undefined) this.#notifier.tell(state.live.attention);
      },
      onSettings: (settings) => {
        system.theme.themeSource = settings.appearance;
        this.#notifier.enabled = settings.notifications;
        this.#notifier.tell(this.#watch.state.live?.attention ?? []);
        this.#updates.follow(settings);
      },
    });
  }

  begin(): void {
    const { app } = this.#options.system;
    guardContents(app, this.#openOutside);
    app.on('second-instance', () => this.#window.show());
    app.on('activate', () => this.#window.show());
    // Without a listener the app would end with its window.
    app.on('window-all-closed', () => undefined);
    app.on('before-quit', (event) => {
      if (this.#engineEnded) return;
      event.preventDefault();
      this.#quit();
    });
    void app.whenReady().then(() => this.#ready());
  }

  #ready(): void {
    const { system, args, built, clock, alwaysDarkBar } = this.#options;
    guardSession(system.session());
    const pages = servePages({
      folder: join(built, 'renderer'),
      content: (ticket, range) => this.#engine.content(ticket, range),
    });
    system.protocol.handle(scheme, pages);
    system.menu.setApplicationMenu(
      system.platform === 'darwin'
        ? system.menu.buildFromTemplate([{ role: 'appMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }])
        : null,
    );
    this.#listenToWindow();
    this.#listenToComputer();
    this.#tray = new TrayView(
      {
        system,
        clock,
        pictures: join(built, 'icons', 'tray'),
        alwaysDark: alwaysDarkBar,
        act: (action) => this.#act(action),
      },
      this.#watch.state,
    );
    this.#engine.onState((state) => {
      if (state.kind === 'running') this.#handPort();
      else this.#lose();
      if (state.kind === 'refused') void this.#askAboutRefusal(state.problem);
    });
    this.#engine.start();
    if (!args.includes(hiddenOption) && !system.app.getLoginItemSettings().wasOpenedAtLogin) this.#window.show();
  }

  #listenToWindow(): void {
    const { ipc, dialog } = this.#options.system;
    ipc.on(channels.askForPort, (event) => {
      if (!isFromWindow(event, this.#window.window?.webContents)) return;
      this.#pageWantsPort = true;
      this.#handPort();
    });
    ipc.handle(channels.pickFolder, async (event, title) => {
      const { window } = this.#window;
      if (window === undefined || !isFromWindow(event, window.webContents)) throw new Error('Refused.');
      const { canceled, filePaths } = await dialog.showOpenDialog(window, {
        title: typeof title === 'string' ? title.slice(0, longestTitle) : '',
        properties: ['openDirectory', 'createDirectory'],
      });
      return canceled ? null : (filePaths[0] ?? null);
    });
  }

  #listenToComputer(): void {
    const { power, net, onShutdown } = this.#options.system;
    const { clock, timers } = this.#options;
    power.on('suspend', () => this.#engine.tell({ kind: 'suspend' }));
    power.on('resume', () => this.#engine.tell({ kind: 'wake' }));
    onShutdown((event) => {
      event.preventDefault();
      this.#quit();
    });
    // Electron's main process has no event for it.
    const look = (): void => {
      this.#engine.setOnline(net.isOnline());
      timers.at(clock.now() + everyLookMs, look);
    };
    look();
  }

  /** Gives the page a port to the engine as soon as there are both. */
  #handPort(): void {
    const { window } = this.#window;
    if (window === undefined || !this.#pageWantsPort || this.#engine.state.kind !== 'running') return;
    const port = this.#engine.connect();
    if (port === undefined) return;
    if (this.#lost) this.#window.send(channels.connection, 'reconnected');
    this.#lost = false;
    window.webContents.postMessage(channels.port, null, [port]);
  }

  #lose(): void {
    if (this.#lost || !this.#pageWantsPort) return;
    this.#lost = true;
    this.#window.send(channels.connection, 'lost');
  }

  async #do(ask: DesktopAsk): Promise<UpdateAnswer | undefined> {
    const { system, login } = this.#options;
    switch (ask.do) {
      case 'open-url':
        await this.#openOutside(ask.url);
        return undefined;
      case 'open-path':
        await openFile(system.shell, ask.path);
        return undefined;
      case 'start-at-login':
        await setStartAtLogin({ app: system.app, platform: system.platform, ...login }, ask.on);
        return undefined;
      case 'look-for-updates':
        return this.#updates.lookNow(ask.url);
      case 'quit':
        this.#quit();
        return undefined;
    }
  }

  #act(action: TrayAction): void {
    const { client } = this.#watch;
    switch (action.do) {
      case 'open':
        this.#window.show(action.route);
        return;
      case 'sync':
        this.#settle(client?.sources.sync({}));
        return;
      case 'pause':
        this.#settle(client?.app.pause({ until: action.until }));
        return;
      case 'resume':
        this.#settle(client?.app.resume());
        return;
      case 'quit':
        this.#quit();
    }
  }

  /** What a menu could not do is shown where there is room for it. */
  #settle(work: Promise<unknown> | undefined): void {
    work?.catch(() => this.#window.show('/'));
  }

  #sayItGoesOn(): void {
    if (this.#memory.value.toldOfTray) return;
    this.#memory.keep({ toldOfTray: true });
    this.#notifier.show(
      'Strongroom goes on in the background',
      'The copies are kept up to date. Its icon near the clock brings this window back, and so does starting Strongroom again.',
      '/',
    );
  }

  async #askToUpdate(version: string): Promise<boolean> {
    const { response } = await this.#options.system.dialog.showMessageBox({
      type: 'question',
      message: `Version ${version} of Strongroom is there.`,
      detail: 'It is fetched in the background and put in place when Strongroom is ended. The copies are not touched.',
      buttons: ['Fetch it', 'Not now'],
      defaultId: 0,
      cancelId: 1,
    });
    return response === 0;
  }

  async #askAboutRefusal(problem: Problem): Promise<void> {
    const { response } = await this.#options.system.dialog.showMessageBox({
      type: 'error',
      message: problem.message,
      detail: `${problem.advice ?? ''}\n\nUntil then no copies are made. What was copied stays where it is.`.trim(),
      buttons: ['Try again', 'Quit Strongroom'],
      defaultId: 0,
      cancelId: 1,
    });
    if (response === 0) this.#engine.start();
    else this.#quit();
  }

  #quit(): void {
    if (this.#quitting) return;
    this.#quitting = true;
    this.#window.hide();
    void this.#engine.stop().then(() => {
      this.#engineEnded = true;
      this.#options.system.app.quit();
    });
  }
}
