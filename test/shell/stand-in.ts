import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { implement } from '@orpc/server';
import type {
  BrowserWindowConstructorOptions,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  NotificationConstructorOptions,
  OpenDialogOptions,
  Privileges,
} from 'electron';
import { startPage } from '../../electron/desktop/addresses.ts';
import { startShell, type ShellOptions } from '../../electron/desktop/shell.ts';
import type {
  App,
  Child,
  Contents,
  Frame,
  MenuHandle,
  Notice,
  Rect,
  Sent,
  Session,
  System,
  TrayIcon,
  Window,
} from '../../electron/desktop/system.ts';
import { toEngine, type FromEngine, type ToEngine } from '../../electron/hosts/utility/messages.ts';
import { portOfNode, type Port } from '../../electron/hosts/utility/port.ts';
import { serve } from '../../electron/hosts/utility/serve.ts';
import type { Desktop, Service } from '../../electron/service/door.ts';
import type { Timers } from '../../electron/service/timers.ts';
import { contract } from '../../shared/contract/contract.ts';
import type { LiveEvent, Settings, SourceShape } from '../../shared/contract/shapes.ts';

/*
 * A stand-in for the part of Electron's API that the shell uses (`electron/desktop/system.ts`). It does nothing by
 * itself: a test makes happen what would happen, and looks at what the shell did.
 */

class Emitter {
  readonly #listeners = new Map<string, ((...values: unknown[]) => void)[]>();

  on(event: string, listener: (...values: never[]) => void): void {
    const listeners = this.#listeners.get(event) ?? [];
    listeners.push(listener as (...values: unknown[]) => void);
    this.#listeners.set(event, listeners);
  }

  emit(event: string, ...values: unknown[]): void {
    for (const listener of this.#listeners.get(event) ?? []) listener(...values);
  }

  hears(event: string): boolean {
    return this.#listeners.has(event);
  }
}

/** An event whose default the listener may prevent. */
export function preventable<Details extends object>(
  details: Details,
): Details & { prevented: boolean; preventDefault(): void } {
  const event = {
    ...details,
    prevented: false,
    preventDefault() {
      event.prevented = true;
    },
  };
  return event;
}

/** A clock that stands still, with timers that go by it. */
export class Time implements Timers {
  #now = Date.parse('2026-03-10T09:00:00Z');
  #waiting: { at: number; work: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  at(instant: number, work: () => void): () => void {
    const entry = { at: instant, work };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** Lets time go by, and does in order what falls due. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
    this.#now = end;
  }
}

export class StandInContents extends Emitter implements Contents {
  readonly id: number;
  readonly sent: { channel: string; values: unknown[] }[] = [];
  readonly posted: { channel: string; ports: readonly Port[] }[] = [];
  reloads = 0;
  openHandler: ((details: { readonly url: string }) => { action: 'deny' }) | undefined;

  constructor(id: number) {
    super();
    this.id = id;
  }
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: 'deny' }): void {
    this.openHandler = handler;
  }
  postMessage(channel: string, _message: unknown, transfer: Port[] = []): void {
    this.posted.push({ channel, ports: transfer });
  }
  send(channel: string, ...values: unknown[]): void {
    this.sent.push({ channel, values });
  }
  reload(): void {
    this.reloads += 1;
  }
}

export class StandInWindow extends Emitter implements Window {
  readonly webContents: StandInContents;
  readonly options: BrowserWindowConstructorOptions;
  bounds: Rect;
  visible = false;
  focused = false;
  minimized = false;
  maximized = false;
  destroyed = false;
  loaded: string | undefined;

  constructor(options: BrowserWindowConstructorOptions, id: number) {
    super();
    this.options = options;
    this.bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 0, height: options.height ?? 0 };
    this.webContents = new StandInContents(id);
  }
  loadURL(url: string): Promise<void> {
    this.loaded = url;
    return Promise.resolve();
  }
  show(): void {
    this.visible = true;
  }
  hide(): void {
    this.visible = false;
    this.focused = false;
  }
  focus(): void {
    this.focused = true;
  }
  restore(): void {
    this.minimized = false;
  }
  maximize(): void {
    this.maximized = true;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  isMinimized(): boolean {
    return this.minimized;
  }
  isFocused(): boolean {
    return this.focused;
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  getNormalBounds(): Rect {
    return this.bounds;
  }
  /** The page is there. */
  finishLoading(): void {
    this.emit('ready-to-show');
    this.webContents.emit('did-finish-load');
  }
  /** The person presses the cross. @returns whether the window was let close. */
  pressClose(): boolean {
    const event = preventable({});
    this.emit('close', event);
    if (!event.prevented) {
      this.destroyed = true;
      this.emit('closed');
    }
    return !event.prevented;
  }
  /** A message of this window's own page. */
  sender(frame: Partial<Frame> = {}): Sent {
    return { sender: { id: this.webContents.id }, senderFrame: { url: startPage, parent: null, ...frame } };
  }
}

export class StandInTray extends Emitter implements TrayIcon {
  image: string;
  tooltip = '';
  menu: MenuItemConstructorOptions[] = [];
  menusSet = 0;

  constructor(image: string) {
    super();
    this.image = image;
  }
  setImage(image: string): void {
    this.image = image;
  }
  setToolTip(text: string): void {
    this.tooltip = text;
  }
  setContextMenu(menu: MenuHandle): void {
    this.menu = menu as unknown as MenuItemConstructorOptions[];
    this.menusSet += 1;
  }
  /** Presses the item with a label, in submenus too. */
  press(label: string): void {
    const all = this.menu.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? item.submenu : [])]);
    const item = all.find((candidate) => candidate.label === label);
    if (item?.click === undefined || item.enabled === false) throw new Error(`"${label}" cannot be pressed`);
    (item.click as () => void)();
  }
}

class StandInNotice extends Emitter implements Notice {
  readonly options: NotificationConstructorOptions;
  shown = false;

  constructor(options: NotificationConstructorOptions) {
    super();
    this.options = options;
  }
  show(): void {
    this.shown = true;
  }
}

export class StandInSession extends Emitter implements Session {
  permission: Parameters<Session['setPermissionRequestHandler']>[0] | undefined;
  permissionCheck: (() => boolean) | undefined;
  device: (() => boolean) | undefined;
  display: Parameters<Session['setDisplayMediaRequestHandler']>[0] | undefined;
  #request: Parameters<Session['webRequest']['onBeforeRequest']>[1] | undefined;

  setPermissionRequestHandler(handler: Parameters<Session['setPermissionRequestHandler']>[0]): void {
    this.permission = handler;
  }
  setPermissionCheckHandler(handler: () => boolean): void {
    this.permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: () => boolean): void {
    this.device = handler;
  }
  setDisplayMediaRequestHandler(handler: Parameters<Session['setDisplayMediaRequestHandler']>[0]): void {
    this.display = handler;
  }
  readonly webRequest: Session['webRequest'] = {
    onBeforeRequest: (_filter, listener) => {
      this.#request = listener;
    },
  };
  /** Whether a request of a page is let through. */
  lets(url: string): boolean {
    let let_ = false;
    this.#request?.({ url }, ({ cancel }) => (let_ = !cancel));
    return let_;
  }
}

/** The engine's process, seen from outside. */
export class StandInChild extends Emitter implements Child {
  readonly program: string;
  readonly args: readonly string[];
  readonly heard: ToEngine[] = [];
  killed = false;
  #listener: ((event: { data: unknown; ports: readonly Port[] }) => void) | undefined;
  #early: { data: unknown; ports: readonly Port[] }[] = [];

  constructor(program: string, args: readonly string[]) {
    super();
    this.program = program;
    this.args = args;
  }
  postMessage(message: unknown, transfer: Port[] = []): void {
    this.heard.push(toEngine.parse(message));
    const event = { data: structuredClone(message), ports: transfer };
    if (this.#listener === undefined) this.#early.push(event);
    else this.#listener(event);
  }
  kill(): boolean {
    this.killed = true;
    this.exit(1);
    return true;
  }
  say(message: FromEngine): void {
    this.emit('message', structuredClone(message));
  }
  exit(code: number): void {
    this.emit('exit', code);
  }
  /** Runs the real program of the utility process here, with a service of the test's. */
  run(open: (desktop: Desktop) => Promise<Service>): void {
    serve({
      open,
      end: () => this.exit(0),
      line: {
        on: (_event, listener) => {
          this.#listener = listener;
          for (const event of this.#early.splice(0)) listener(event);
        },
        postMessage: (message) => this.emit('message', structuredClone(message)),
      },
    });
  }
}

class StandInApp extends Emitter implements App {
  /** Whether no other instance runs. */
  lock = true;
  /** How often it would have ended. */
  quits = 0;
  sandboxed = false;
  userData: string | undefined;
  wasOpenedAtLogin = false;
  readonly loginItems: { openAtLogin: boolean; path?: string; args?: string[] }[] = [];

  requestSingleInstanceLock(): boolean {
    return this.lock;
  }
  whenReady(): Promise<void> {
    return Promise.resolve();
  }
  /** As Electron does it: asks first, and ends unless somebody prevents it. */
  quit(): void {
    const event = preventable({});
    this.emit('before-quit', event);
    if (!event.prevented) this.quits += 1;
  }
  enableSandbox(): void {
    this.sandboxed = true;
  }
  setAppUserModelId(): void {
    // Windows' alone.
  }
  setPath(_name: 'userData', path: string): void {
    this.userData = path;
  }
  getSystemLocale(): string {
    return 'en-GB';
  }
  setLoginItemSettings(settings: { openAtLogin: boolean; path?: string; args?: string[] }): void {
    this.loginItems.push(settings);
  }
  getLoginItemSettings(): { readonly wasOpenedAtLogin: boolean } {
    return { wasOpenedAtLogin: this.wasOpenedAtLogin };
  }
}

type IpcListener = (event: Sent, ...values: unknown[]) => unknown;

export class StandIn {
  readonly app = new StandInApp();
  readonly time = new Time();
  readonly windows: StandInWindow[] = [];
  readonly trays: StandInTray[] = [];
  readonly notices: StandInNotice[] = [];
  readonly children: StandInChild[] = [];
  readonly session = new StandInSession();
  readonly power = new Emitter();
  readonly theme: Emitter & System['theme'] & { shouldUseDarkColorsForSystemIntegratedUI: boolean } = Object.assign(
    new Emitter(),
    {
      themeSource: 'system' as const,
      shouldUseDarkColorsForSystemIntegratedUI: false,
    },
  );
  readonly opened: string[] = [];
  readonly boxes: MessageBoxOptions[] = [];
  readonly folderDialogs: OpenDialogOptions[] = [];
  readonly schemes: { scheme: string; privileges: Privileges }[] = [];
  readonly ipcOn = new Map<string, IpcListener>();
  readonly ipcHandle = new Map<string, (event: Sent, ...values: unknown[]) => Promise<unknown>>();
  readonly home = mkdtempSync(join(tmpdir(), 'strongroom-shell-'));
  displays: { readonly workArea: Rect }[] = [{ workArea: { x: 0, y: 0, width: 1920, height: 1040 } }];
  platform: System['platform'] = 'linux';
  online = true;
  /** What the person presses in the next message boxes. */
  presses: number[] = [];
  chosenFolder: string | undefined;
  shutdown: ((event: { preventDefault(): void }) => void) | undefined;
  pages: ((request: Request) => Promise<Response>) | undefined;
  updaterLoads = 0;
  readonly #ports: MessagePort[] = [];

  get system(): System {
    return {
      app: this.app,
      platform: this.platform,
      createWindow: (options) => {
        const window = new StandInWindow(options, this.windows.length + 1);
        this.windows.push(window);
        this.app.emit('web-contents-created', preventable({}), window.webContents);
        return window;
      },
      createTray: (image) => {
        const tray = new StandInTray(image);
        this.trays.push(tray);
        return tray;
      },
      menu: {
        buildFromTemplate: (template) => template as unknown as MenuHandle,
        setApplicationMenu: () => undefined,
      },
      createNotice: (options) => {
        const notice = new StandInNotice(options);
        this.notices.push(notice);
        return notice;
      },
      dialog: {
        showOpenDialog: (_window, options) => {
          this.folderDialogs.push(options);
          const { chosenFolder } = this;
          return Promise.resolve({
            canceled: chosenFolder === undefined,
            filePaths: chosenFolder === undefined ? [] : [chosenFolder],
          });
        },
        showMessageBox: (options) => {
          this.boxes.push(options);
          const response = this.presses.shift();
          return response === undefined ? new Promise(() => undefined) : Promise.resolve({ response });
        },
      },
      shell: {
        openExternal: (url) => {
          this.opened.push(url);
          return Promise.resolve();
        },
        openPath: (path) => {
          this.opened.push(path);
          return Promise.resolve('');
        },
      },
      ipc: {
        on: (channel, listener) => this.ipcOn.set(channel, listener),
        handle: (channel, listener) => this.ipcHandle.set(channel, listener),
      },
      protocol: {
        registerSchemesAsPrivileged: (schemes) => this.schemes.push(...schemes),
        handle: (_scheme, handler) => {
          this.pages = handler;
        },
      },
      session: () => this.session,
      screen: { getAllDisplays: () => this.displays },
      power: this.power,
      onShutdown: (listener) => {
        this.shutdown = listener;
      },
      net: { isOnline: () => this.online },
      theme: this.theme,
      fork: (program, args) => {
        const child = new StandInChild(program, args);
        this.children.push(child);
        return child;
      },
      channel: this.channel,
    };
  }

  readonly channel: System['channel'] = () => {
    const { port1, port2 } = new MessageChannel();
    this.#ports.push(port1, port2);
    return { port1: portOfNode(port1), port2: portOfNode(port2) };
  };

  /** Starts the shell as a person or the system would. */
  async start(change: Partial<ShellOptions> = {}): Promise<void> {
    startShell({
      system: this.system,
      clock: this.time,
      timers: this.time,
      home: this.home,
      args: [],
      built: '/built',
      login: { program: '/opt/Strongroom/strongroom', args: [], configFolder: join(this.home, 'config') },
      alwaysDarkBar: false,
      feed: undefined,
      packaged: false,
      loadUpdater: () => {
        this.updaterLoads += 1;
        return Promise.reject(new Error('there is no updater here'));
      },
      ...change,
    });
    // What follows `whenReady`.
    await turn();
  }

  get window(): StandInWindow {
    return last(this.windows);
  }
  get tray(): StandInTray {
    return last(this.trays);
  }
  get child(): StandInChild {
    return last(this.children);
  }

  /** Ends what would keep the test's process alive, and removes the home. */
  end(): void {
    for (const port of this.#ports) port.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

function last<Item>(items: readonly Item[]): Item {
  const item = items.at(-1);
  if (item === undefined) throw new Error('there is none');
  return item;
}

/** Waits, without a time limit of its own, until something that messages bring about has come about. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}

export const plainSettings: Settings = {
  startAtLogin: false,
  notifications: true,
  appearance: 'system',
  updates: 'off',
  updatesUrl: null,
  email: null,
  pingUrl: null,
};

export const safeState: Extract<LiveEvent, { type: 'state' }> = {
  type: 'state',
  state: 'safe',
  sentence: 'All copies are up to date.',
  pausedUntil: null,
  attention: [],
};

/** A service as the shell uses one: it says what the test makes it say, and remembers what it was asked. */
export class StandInService implements Service {
  settings = plainSettings;
  sources: SourceShape[] = [];
  readonly asked: string[] = [];
  content: Service['content'] = () => Promise.resolve({ status: 404, headers: {}, body: undefined });
  #state: LiveEvent = safeState;
  readonly #queues = new Set<{ events: LiveEvent[]; wake: () => void }>();

  get router(): Service['router'] {
    const os = implement(contract);
    const remember = (what: string) => () => {
      this.asked.push(what);
      return {};
    };
    const used = {
      app: {
        live: os.app.live.handler(({ signal }) => this.#events(signal)),
        pause: os.app.pause.handler(({ input }) => remember(`pause until ${input.until}`)()),
        resume: os.app.resume.handler(remember('resume')),
      },
      sources: {
        list: os.sources.list.handler(() => this.sources),
        sync: os.sources.sync.handler(remember('sync')),
      },
      settings: { get: os.settings.get.handler(() => this.settings) },
    };
    // The shell asks for nothing else.
    return used as unknown as Service['router'];
  }

  async *#events(signal: AbortSignal | undefined): AsyncGenerator<LiveEvent, void> {
    const queue = { events: [this.#state], wake: (): void => undefined };
    this.#queues.add(queue);
    signal?.addEventListener('abort', () => queue.wake());
    while (signal?.aborted !== true) {
      const event = queue.events.shift();
      if (event !== undefined) yield event;
      else await new Promise<void>((resolve) => (queue.wake = resolve));
    }
    this.#queues.delete(queue);
  }

  tell(event: LiveEvent): void {
    if (event.type === 'state') this.#state = event;
    for (const queue of this.#queues) {
      queue.events.push(event);
      queue.wake();
    }
  }

  listen(): () => void {
    return () => undefined;
  }
  setOnline(online: boolean): void {
    this.asked.push(online ? 'online' : 'offline');
  }
  suspend(): void {
    this.asked.push('suspend');
  }
  wake(): void {
    this.asked.push('wake');
  }
  close(): Promise<void> {
    this.asked.push('close');
    return Promise.resolve();
  }
}
