import type {
  BrowserWindowConstructorOptions,
  Menu,
  MenuItemConstructorOptions,
  MessageBoxOptions,
  NotificationConstructorOptions,
  OpenDialogOptions,
  Privileges,
} from 'electron';
import type { Port } from '../hosts/utility/port.ts';

/*
 * The part of Electron's API that the desktop shell uses. `main.ts` gives the real one, which the compiler holds against
 * these interfaces; the tests give a stand-in. Only types come from 'electron' here.
 */

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Preventable {
  preventDefault(): void;
}

export interface App {
  requestSingleInstanceLock(): boolean;
  whenReady(): Promise<void>;
  quit(): void;
  enableSandbox(): void;
  setAppUserModelId(id: string): void;
  setPath(name: 'userData', path: string): void;
  getSystemLocale(): string;
  setLoginItemSettings(settings: { openAtLogin: boolean; path?: string; args?: string[] }): void;
  getLoginItemSettings(): { readonly wasOpenedAtLogin: boolean };
  on(event: 'second-instance' | 'activate' | 'window-all-closed', listener: () => void): unknown;
  on(event: 'before-quit', listener: (event: Preventable) => void): unknown;
  on(event: 'web-contents-created', listener: (event: Preventable, contents: Contents) => void): unknown;
}

export interface Frame {
  readonly url: string;
  readonly parent: Frame | null;
}

export interface Contents {
  readonly id: number;
  setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: 'deny' }): void;
  on(event: 'will-navigate' | 'will-frame-navigate' | 'will-redirect', listener: (event: Navigation) => void): unknown;
  on(event: 'will-attach-webview', listener: (event: Preventable) => void): unknown;
  on(
    event: 'render-process-gone',
    listener: (event: Preventable, details: { readonly reason: string }) => void,
  ): unknown;
  on(event: 'did-finish-load', listener: () => void): unknown;
  postMessage(channel: string, message: unknown, transfer?: Port[]): void;
  send(channel: string, ...values: unknown[]): void;
  reload(): void;
}

export interface Navigation extends Preventable {
  readonly url: string;
  readonly isMainFrame: boolean;
}

export interface Window {
  readonly webContents: Contents;
  loadURL(url: string): Promise<void>;
  show(): void;
  hide(): void;
  focus(): void;
  restore(): void;
  maximize(): void;
  isMaximized(): boolean;
  isMinimized(): boolean;
  isFocused(): boolean;
  isDestroyed(): boolean;
  getNormalBounds(): Rect;
  on(
    event: 'resize' | 'move' | 'maximize' | 'unmaximize' | 'closed' | 'show' | 'ready-to-show',
    listener: () => void,
  ): unknown;
  on(event: 'close', listener: (event: Preventable) => void): unknown;
}

export interface TrayIcon {
  setImage(image: string): void;
  setToolTip(text: string): void;
  setContextMenu(menu: MenuHandle): void;
  on(event: 'click', listener: () => void): unknown;
}

/** A menu as Electron has built it; nobody looks inside. */
export type MenuHandle = Menu;

export interface Notice {
  show(): void;
  on(event: 'click' | 'close', listener: () => void): unknown;
}

export interface Session {
  setPermissionRequestHandler(
    handler: (contents: unknown, permission: string, callback: (granted: boolean) => void) => void,
  ): void;
  setPermissionCheckHandler(handler: () => boolean): void;
  setDevicePermissionHandler(handler: () => boolean): void;
  setDisplayMediaRequestHandler(handler: (request: unknown, callback: (streams: null) => void) => void): void;
  readonly webRequest: {
    onBeforeRequest(
      filter: { urls: string[] },
      listener: (details: { readonly url: string }, callback: (answer: { cancel: boolean }) => void) => void,
    ): void;
  };
  on(
    event: 'will-download',
    listener: (event: Preventable, item: { getURL(): string; setSaveDialogOptions(options: object): void }) => void,
  ): unknown;
}

/** A message from the window, with who sent it. */
export interface Sent {
  readonly sender: { readonly id: number };
  readonly senderFrame: Frame | null;
}

export interface Child {
  postMessage(message: unknown, transfer?: Port[]): void;
  kill(): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
}

export interface System {
  readonly app: App;
  readonly platform: 'linux' | 'darwin' | 'win32';
  readonly createWindow: (options: BrowserWindowConstructorOptions) => Window;
  readonly createTray: (image: string) => TrayIcon;
  readonly menu: {
    buildFromTemplate(template: MenuItemConstructorOptions[]): MenuHandle;
    setApplicationMenu(menu: MenuHandle | null): void;
  };
  readonly createNotice: (options: NotificationConstructorOptions) => Notice;
  readonly dialog: {
    showOpenDialog(window: Window, options: OpenDialogOptions): Promise<{ canceled: boolean; filePaths: string[] }>;
    showMessageBox(options: MessageBoxOptions): Promise<{ response: number }>;
  };
  readonly shell: {
    openExternal(url: string): Promise<void>;
    openPath(path: string): Promise<string>;
  };
  readonly ipc: {
    on(channel: string, listener: (event: Sent, ...values: unknown[]) => void): unknown;
    handle(channel: string, listener: (event: Sent, ...values: unknown[]) => Promise<unknown>): void;
  };
  readonly protocol: {
    registerSchemesAsPrivileged(schemes: { scheme: string; privileges: Privileges }[]): void;
    handle(scheme: string, handler: (request: Request) => Promise<Response>): void;
  };
  /** Of the windows; known once the app is ready. */
  readonly session: () => Session;
  readonly screen: { getAllDisplays(): { readonly workArea: Rect }[] };
  readonly power: {
    on(event: 'suspend' | 'resume', listener: () => void): unknown;
  };
  /** The computer is about to be switched off; preventing the event asks it to wait a little. */
  readonly onShutdown: (listener: (event: Preventable) => void) => void;
  readonly net: { isOnline(): boolean };
  readonly theme: {
    themeSource: 'system' | 'light' | 'dark';
    readonly shouldUseDarkColorsForSystemIntegratedUI: boolean;
    on(event: 'updated', listener: () => void): unknown;
  };
  readonly fork: (program: string, args: string[]) => Child;
  readonly channel: () => { readonly port1: Port; readonly port2: Port };
}
