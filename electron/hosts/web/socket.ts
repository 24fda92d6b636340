import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Service } from '../../service/door.ts';

/**
 * The largest message that the window may send. The largest that it has a use for names ten thousand files to restore.
 */
export const mostMessageBytes = 8 * 1024 * 1024;

/** More windows than a person has open; what comes above is a fault or an attack. */
export const mostSockets = 64;

/** A connection of which nothing was heard for this long is looked after; for twice as long, it is ended. */
const pulseMs = 30_000;

/** The contract over WebSocket. Whom to let in is decided before. */
export class SocketDoor {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: mostMessageBytes, perMessageDeflate: false });
  readonly #serve: (window: WebSocket) => void;
  readonly #silent = new WeakSet<WebSocket>();
  readonly #pulse: NodeJS.Timeout;

  constructor(router: Service['router']) {
    const handler = new RPCHandler(router);
    this.#serve = (window) => {
      void handler.upgrade({ addEventListener: window.addEventListener.bind(window), send: sending(window) });
    };
    this.#pulse = setInterval(() => this.#feelPulses(), pulseMs).unref();
  }

  /** Whether another window has room. */
  get hasRoom(): boolean {
    return this.#server.clients.size < mostSockets;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (window) => {
      // What breaks the protocol or is too large ends the connection; `ws` has told the other side.
      window.on('error', () => window.terminate());
      window.on('pong', () => this.#silent.delete(window));
      this.#serve(window);
    });
  }

  /** Says good-bye to all windows, and ends what does not answer. */
  async close(): Promise<void> {
    clearInterval(this.#pulse);
    const open = [...this.#server.clients];
    await Promise.all(
      open.map(
        (window) =>
          new Promise<void>((resolve) => {
            const patience = setTimeout(() => window.terminate(), 1_000);
            window.once('close', () => {
              clearTimeout(patience);
              resolve();
            });
            window.close(1001, 'Strongroom was closed');
          }),
      ),
    );
  }

  #feelPulses(): void {
    for (const window of this.#server.clients) {
      if (this.#silent.has(window)) {
        window.terminate();
        continue;
      }
      this.#silent.add(window);
      window.ping();
    }
  }
}

/**
 * Sends, and is done only when the system has taken the bytes: a stream of events waits for a window that reads slowly
 * instead of piling up in memory. What can no longer be sent is dropped, because the connection's end ends its calls.
 */
function sending(window: WebSocket): WebSocket['send'] {
  const send = (data: string | Buffer): Promise<void> =>
    new Promise((resolve) => {
      window.send(data, () => resolve());
    });
  // eslint-disable-next-line @typescript-eslint/no-misused-promises -- oRPC's peer waits for what `send` gives back
  return send;
}
