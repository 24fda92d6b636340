/** One end of a message channel, as Electron's `MessagePortMain` has it; {@link portOfNode} makes Node's the same. */
export interface Port {
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** The line to whoever started this process, as Electron's `process.parentPort` has it. */
export interface ParentLine {
  on(event: 'message', listener: (event: { readonly data: unknown; readonly ports: readonly Port[] }) => void): unknown;
  postMessage(message: unknown): void;
}

/** What is used of `MessagePort` in `node:worker_threads`. */
export interface NodePort {
  on(event: 'message', listener: (data: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
}

/** A port of `node:worker_threads` with the events of Electron's. */
export function portOfNode(port: NodePort): Port {
  return {
    on: (event: 'message' | 'close', listener: (event: { readonly data: unknown }) => void) =>
      event === 'message'
        ? port.on('message', (data) => listener({ data }))
        : port.on('close', () => listener({ data: undefined })),
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
  };
}

/** The same port in the form that oRPC's adapter knows as Electron's. */
export function portForRpc(port: Port): {
  on: (event: string, listener: (event?: { data: unknown }) => void) => void;
  postMessage: (message: unknown) => void;
} {
  return {
    on: (event, listener) => {
      if (event === 'close') port.on('close', () => listener());
      else port.on('message', ({ data }) => listener({ data }));
    },
    postMessage: (message) => port.postMessage(message),
  };
}

/** A line of `node:worker_threads`, whose messages are `{ message, port }`. */
export function lineOfNode(port: NodePort): ParentLine {
  return {
    on: (_event, listener) =>
      port.on('message', (envelope) => {
        const { message, port: sent } = envelope as { readonly message: unknown; readonly port?: NodePort };
        listener({ data: message, ports: sent === undefined ? [] : [portOfNode(sent)] });
      }),
    postMessage: (message) => port.postMessage(message),
  };
}
