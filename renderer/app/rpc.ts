import { createORPCClient } from '@orpc/client';
import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { ResponseValidationPlugin } from '@orpc/contract/plugins';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';
import { portMessage } from '../../shared/contract/bridge.ts';
import { contract, type Contract } from '../../shared/contract/contract.ts';

/** How the window stands with the engine. */
export type Connection = 'connecting' | 'open' | 'lost';

type Link = ClientLink<ClientContext>;

const firstDelayMs = 250;
const longestDelayMs = 5_000;

/**
 * The way to the engine: a message port that the desktop's preload hands over, or a WebSocket to the local web host. Both
 * can be lost and come back; a call made in between waits.
 */
class Wire {
  #link: Promise<Link>;
  #arrive: (link: Link) => void = () => undefined;
  #state: Connection = 'connecting';
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.#link = this.#awaited();
    if (window.strongroom === undefined) this.#openSocket(firstDelayMs);
    else this.#takePorts();
  }

  /** For React's `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): Connection => this.#state;

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

  #lost(): void {
    if (this.#state === 'open') this.#link = this.#awaited();
    this.#become('lost');
  }

  #openSocket(delayMs: number): void {
    const address = new URL('rpc', document.baseURI);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    address.hash = '';
    const socket = new WebSocket(address);
    let nextDelayMs = Math.min(delayMs * 2, longestDelayMs);
    socket.addEventListener('open', () => {
      nextDelayMs = firstDelayMs;
      this.#arrive(new SocketLink({ websocket: socket, plugins: [new ResponseValidationPlugin(contract)] }));
      this.#become('open');
    });
    socket.addEventListener('close', () => {
      this.#lost();
      setTimeout(() => this.#openSocket(nextDelayMs), delayMs);
    });
  }

  #takePorts(): void {
    window.addEventListener('message', (event) => {
      // Only the preload of this very window speaks here; a frame of a preview must not.
      if (event.source !== window || event.data !== portMessage) return;
      const [port] = event.ports;
      if (port === undefined) return;
      this.#lost();
      this.#arrive(new PortLink({ port, plugins: [new ResponseValidationPlugin(contract)] }));
      port.start();
      this.#become('open');
    });
    window.strongroom?.askForPort();
  }
}

export const wire = new Wire();

export type EngineClient = ContractRouterClient<Contract>;

/** Every procedure of the contract. */
export const engine: EngineClient = createORPCClient(wire.link);

/** The same for TanStack Query: `query.sources.list.queryOptions()`. */
export const query = createTanstackQueryUtils(engine);
