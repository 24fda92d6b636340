import { contextBridge, ipcRenderer } from 'electron';
import { portMessage, type Bridge, type Connection } from '../shared/contract/bridge.ts';
import { channels } from './desktop/channels.ts';

/** What is used of the page's globals; this layer is Node's and has no DOM. */
declare const window: {
  readonly location: { readonly origin: string };
  postMessage(message: string, origin: string, transfer: readonly unknown[]): void;
};

/*
 * All that the page can do besides what a page in a browser can. Nothing of Electron or Node is handed on: only these
 * functions, whose arguments the shell checks again.
 */
const bridge: Bridge = {
  askForPort: () => ipcRenderer.send(channels.askForPort),
  pickFolder: async (title) => {
    const answer: unknown = await ipcRenderer.invoke(channels.pickFolder, title);
    return typeof answer === 'string' ? answer : null;
  },
  onNavigate: (listener) => {
    ipcRenderer.on(channels.navigate, (_event, route: unknown) => {
      if (typeof route === 'string') listener(route);
    });
  },
  onConnection: (listener) => {
    ipcRenderer.on(channels.connection, (_event, connection: Connection) => listener(connection));
  },
};

// A port cannot pass the bridge; a window message carries it, to this page and no other origin.
ipcRenderer.on(channels.port, ({ ports }: { readonly ports: readonly unknown[] }) =>
  window.postMessage(portMessage, window.location.origin, ports),
);

contextBridge.exposeInMainWorld('strongroom', bridge);
