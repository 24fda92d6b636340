import type { BrowserWindowConstructorOptions } from 'electron';
import type { Timers } from '../service/timers.ts';
import type { Clock } from '../../shared/domain.ts';
import { startPage } from './addresses.ts';
import { leastSize, placeWindow } from './bounds.ts';
import { channels } from './channels.ts';
import type { Memory } from './memory.ts';
import type { System, Window } from './system.ts';

export interface MainWindowOptions {
  readonly system: System;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly timers: Timers;
  /** The built preload script. */
  readonly preload: string;
  readonly icon: string;
  /** Whether the app is being ended, so that the window may close. */
  readonly isQuitting: () => boolean;
  /** Called when the person closed the window and it went into the tray. */
  readonly onHidden: () => void;
}

/** Dragging tells of every pixel; the place is kept once the window has come to rest for so long. */
const restMs = 1_000;
/** A page that ends again sooner than this after it was loaded anew is left alone: it would go on for ever. */
const reloadPauseMs = 10_000;

/** The one window. It is made when it is first shown, hides when it is closed, and remembers where it was. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  #window: Window | undefined;
  #route: string | undefined;
  /** Whether there is something to see, so that showing the window shows no blank. */
  #ready = false;
  #loaded = false;
  #reloadedAt = Number.NEGATIVE_INFINITY;
  #callOff: () => void = () => undefined;

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  get window(): Window | undefined {
    return this.#window?.isDestroyed() === true ? undefined : this.#window;
  }

  /** Brings the window before the person. @param route where in it, `/activity` say. */
  show(route?: string): void {
    const window = this.window ?? this.#create();
    if (route !== undefined) this.#navigate(route);
    if (window.isMinimized()) window.restore();
    // A new window shows itself once there is something to see.
    if (!this.#ready) return;
    window.show();
    window.focus();
  }

  hide(): void {
    this.window?.hide();
  }

  /** Tells the page something over a channel of `channels.ts`. */
  send(channel: string, value: string): void {
    this.window?.webContents.send(channel, value);
  }

  #navigate(route: string): void {
    if (this.#loaded) this.send(channels.navigate, route);
    else this.#route = route;
  }

  #create(): Window {
    const { system, memory, isQuitting, onHidden } = this.#options;
    const areas = system.screen.getAllDisplays().map(({ workArea }) => workArea);
    const window = system.createWindow(this.#settings(placeWindow(memory.value.bounds, areas)));
    this.#window = window;
    this.#loaded = false;
    this.#ready = false;
    if (memory.value.maximized) window.maximize();
    const showFirst = (): void => {
      this.#ready = true;
      window.show();
    };
    window.on('ready-to-show', showFirst);
    for (const event of ['resize', 'move', 'maximize', 'unmaximize'] as const)
      window.on(event, () => this.#keepLater());
    window.on('close', (event) => {
      this.#keep();
      if (isQuitting()) return;
      event.preventDefault();
      window.hide();
      onHidden();
    });
    window.on('closed', () => {
      this.#window = undefined;
    });
    window.webContents.on('did-finish-load', () => {
      this.#loaded = true;
      if (this.#route !== undefined) this.send(channels.navigate, this.#route);
      this.#route = undefined;
    });
    window.webContents.on('render-process-gone', (_event, { reason }) => {
      const now = this.#options.clock.now();
      if (reason === 'clean-exit' || now - this.#reloadedAt < reloadPauseMs) return;
      this.#reloadedAt = now;
      this.#loaded = false;
      window.webContents.reload();
    });
    // A window that stays empty is better than one that never comes: it can be closed, and the tray goes on.
    window.loadURL(startPage).catch(showFirst);
    return window;
  }

  #settings(place: ReturnType<typeof placeWindow>): BrowserWindowConstructorOptions {
    const { preload, icon, system } = this.#options;
    return {
      ...place,
      minWidth: leastSize.width,
      minHeight: leastSize.height,
      show: false,
      title: 'Strongroom',
      autoHideMenuBar: true,
      backgroundColor: system.theme.shouldUseDarkColorsForSystemIntegratedUI ? '#101817' : '#f7f9f9',
      ...(system.platform === 'darwin' ? {} : { icon }),
      webPreferences: {
        preload,
        contextIsolation: true,
        sandbox: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        nodeIntegrationInSubFrames: false,
        webSecurity: true,
        allowRunningInsecureContent: false,
        experimentalFeatures: false,
        webviewTag: false,
        navigateOnDragDrop: false,
        // Its dictionaries come from a server of Google's, and nothing here is prose to be corrected.
        spellcheck: false,
      },
    };
  }

  #keepLater(): void {
    const { clock, timers } = this.#options;
    this.#callOff();
    this.#callOff = timers.at(clock.now() + restMs, () => this.#keep());
  }

  #keep(): void {
    this.#callOff();
    const { window } = this;
    if (window === undefined || window.isMinimized()) return;
    const { x, y, width, height } = window.getNormalBounds();
    this.#options.memory.keep({ bounds: { x, y, width, height }, maximized: window.isMaximized() });
  }
}
