import { createORPCClient } from '@orpc/client';
import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { portMessage, type Bridge } from '../../shared/contract/bridge.ts';
import { contract, type Contract } from '../../shared/contract/contract.ts';

/**
 * How the window stands with the engine. `signed-out`: the local web host is there, but was started anew and does not
 * know this window.
 */
export type Connection = 'connecting' | 'open' | 'lost' | 'signed-out';

type Link = ClientLink<ClientContext>;

const firstDelayMs = 250;
const longestDelayMs = 5_000;

/**
 * The way to the engine: a message port that the desktop's preload hands over, or a WebSocket to the local web host. Both
 * can be lost and come back by themselves. A call under way then fails; one that is made in between waits.
 */
class Wire {
  #link: Promise<Link>;
  #arrive: (link: Link) => void = () => undefined;
  #state: Connection = 'connecting';
  #times = 0;
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.#link = this.#awaited();
    if (window.strongroom === undefined) this.#openSocket(firstDelayMs);
    else this.#takePorts(window.strongroom);
  }

  /** For React's `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): Connection => this.#state;

  /** Which connection it is, counted from 1: one that came back so fast that nobody saw it go is another all the same. */
  readonly times = (): number => this.#times;

  /** A link that sends each call over whatever connection there is when it is made. */
  readonly link: Link = {
    call: async (path, input, options) => (await this.#link).call(path, input, options),
  };

  #awaited(): Promise<Link> {
    return new Promise((resolve) => (this.#arrive = resolve));
  }

  #become(state: Connection): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #opened(link: Link): void {
    this.#arrive(link);
    this.#times += 1;
    this.#become('open');
  }

  #lost(): void {
    if (this.#state === 'open') this.#link = this.#awaited();
    if (this.#state !== 'signed-out') this.#become('lost');
  }

  #openSocket(delayMs: number): void {
    const address = new URL('rpc', document.baseURI);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    address.hash = '';
    const socket = new WebSocket(address);
    let nextDelayMs = Math.min(delayMs * 2, longestDelayMs);
    socket.addEventListener('open', () => {
      nextDelayMs = firstDelayMs;
      this.#opened(new SocketLink({ websocket: socket, plugins: [new ResponseValidationPlugin(contract)] }));
    });
    socket.addEventListener('close', () => {
      this.#lost();
      void this.#askWhy();
      setTimeout(() => this.#openSocket(nextDelayMs), delayMs);
    });
  }

  /** A socket that is refused does not say why; the page's own address does, by its status. */
  async #askWhy(): Promise<void> {
    const answer = await fetch(document.baseURI, { method: 'HEAD', cache: 'no-store' }).catch(() => undefined);
    // Meanwhile it may have come back.
    if (this.#state === 'open' || this.#state === 'connecting') return;
    this.#become(answer?.status === 401 ? 'signed-out' : 'lost');
  }

  #takePorts(bridge: Bridge): void {
    let current: MessagePort | undefined;
    const end = () => {
      // Not every system tells a port that the process at its other end is gone. Calls under way fail by this event.
      current?.dispatchEvent(new Event('close'));
      current?.close();
      current = undefined;
      this.#lost();
    };
    bridge.onConnection((connection) => {
      // What has come back is the port, and it comes by itself.
      if (connection === 'lost') end();
    });
    window.addEventListener('message', (event) => {
      // Only the preload of this very window speaks here; a frame of a preview must not.
      if (event.source !== window || event.data !== portMessage) return;
      const [port] = event.ports;
      if (port === undefined) return;
      if (current !== undefined) end();
      current = port;
      const link = new PortLink({ port, plugins: [new ResponseValidationPlugin(contract)] });
      port.start();
      this.#opened(link);
    });
    bridge.askForPort();
  }
}

export const wire = new Wire();

export type EngineClient = ContractRouterClient<Contract>;

/** Every procedure of the contract. */
export const engine: EngineClient = createORPCClient(wire.link);

/** The same for TanStack Query: `query.sources.list.queryOptions()`. */
export const query = createTanstackQueryUtils(engine);
