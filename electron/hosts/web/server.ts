import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Service } from '../../service/door.ts';
import { sameSecret, secretText, Sessions, Tokens, type Redeemed } from './access.ts';
import { BuiltFiles } from './files.ts';
import { refusal } from './guards.ts';
import { safeHeaders } from './headers.ts';
import { isOwnUser } from './own-user.ts';
import { openPage, openPath, openScript, openScriptPath, plainPage, sessionPath, words, type Page } from './pages.ts';
import { SocketDoor } from './socket.ts';

export interface WebHostOptions {
  readonly service: Pick<Service, 'router' | 'content'>;
  /** The folder of the built window. */
  readonly files: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly clock: Clock;
}

/** An address that opens the window once. */
export interface OneTimeAddress {
  readonly address: string;
  /** Until when it may be used. */
  readonly expiresAt: number;
}

/** Where another process of the same user asks for a new address, with the key that it read in the home. */
export const addressPath = '/address';

/** What it answers. */
export const addressAnswer = z.object({ address: z.string(), expiresAt: z.number() });

const tokenBody = z.object({ token: z.string().max(200) });
const keyBody = z.object({ key: z.string().max(200), ownUserOnly: z.boolean() });
const mostBodyBytes = 1_024;
const contentPath = /^\/content\/([A-Za-z0-9_-]{1,200})$/;

/** The status of an answer to a token that opens nothing. */
const notTaken = {
  unknown: { status: 403, ...words.spent },
  expired: { status: 403, ...words.expired },
  'another-user': { status: 403, ...words.anotherUser },
} as const satisfies Record<Exclude<Redeemed, 'taken'>, object>;

/**
 * The local web host: the window over HTTP and the contract over WebSocket, on 127.0.0.1 and nowhere else. Only who
 * brought a one-time token gets anything; `guards.ts` says what every request must pass besides.
 */
export class WebHost {
  /** Its address without a path: `http://127.0.0.1:41003`. */
  readonly origin: string;
  /** Who shows it by {@link addressPath} gets a new address. For the home of the user, where nobody else may read. */
  readonly key = secretText();
  readonly #server: Server;
  readonly #service: WebHostOptions['service'];
  readonly #files: BuiltFiles;
  readonly #tokens: Tokens;
  readonly #sessions: Sessions;
  readonly #sockets: SocketDoor;

  private constructor(options: WebHostOptions, files: BuiltFiles, server: Server) {
    const { port } = server.address() as AddressInfo;
    this.origin = `http://127.0.0.1:${port}`;
    this.#server = server;
    this.#service = options.service;
    this.#files = files;
    this.#tokens = new Tokens(options.clock);
    this.#sessions = new Sessions(port);
    this.#sockets = new SocketDoor(options.service.router);
    server.on('request', (request, response) => void this.#answer(request, response));
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    server.on('clientError', (_error, socket) => {
      refuseRaw(socket, 400, 'Bad Request', 'This was no request that Strongroom understands.');
    });
  }

  /** Errors: `usage` where the port is in use or not ours to take, or where the window was not built. */
  static async start(options: WebHostOptions): Promise<WebHost> {
    const files = BuiltFiles.read(options.files);
    // A request without a Host is refused by `guards.ts`, with the same headers as any other.
    const server = createServer({ maxHeaderSize: 16 * 1024, requireHostHeader: false });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(options.port, error)));
      server.listen({ host: '127.0.0.1', port: options.port, exclusive: true }, resolve);
    });
    return new WebHost(options, files, server);
  }

  /** A new address that opens the window once. @param ownUserOnly see {@link Tokens.issue}. */
  newAddress(ownUserOnly = false): OneTimeAddress {
    const { text, expiresAt } = this.#tokens.issue(ownUserOnly);
    return { address: `${this.origin}${openPath}#token=${text}`, expiresAt };
  }

  /** Ends all connections. What they had asked for is aborted. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    await this.#sockets.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const refused = refusal(request, this.origin, request.method !== 'GET' && request.method !== 'HEAD');
      if (refused === undefined) await this.#route(request, response);
      else sendPage(request, response, plainPage(refused.status, { title: 'Not let in', text: refused.words }));
    } catch {
      // The answer may be half sent already, to a browser that has gone: then there is nobody left to tell.
      if (response.headersSent) response.destroy();
      else sendPage(request, response, plainPage(500, words.broken));
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pathname = pathOf(request);
    if (request.method === 'POST') {
      if (pathname === sessionPath) await this.#beginSession(request, response);
      else if (pathname === addressPath) await this.#giveAddress(request, response);
      else this.#nothing(request, response);
      return;
    }
    if (pathname === openPath) {
      sendPage(request, response, openPage(200));
      return;
    }
    if (pathname === openScriptPath) {
      const headers = { ...safeHeaders(), 'content-type': 'text/javascript; charset=utf-8' };
      sendPage(request, response, { status: 200, headers, body: openScript });
      return;
    }
    if (!this.#sessions.has(request.headers.cookie)) {
      sendPage(request, response, pathname === '/' ? openPage(401) : plainPage(401, words.askForToken));
      return;
    }
    const [, ticket] = contentPath.exec(pathname) ?? [];
    if (pathname === '/') sendPage(request, response, this.#files.page());
    else if (ticket !== undefined && request.method === 'GET') await this.#sendContent(ticket, request, response);
    else if (!(await this.#files.answer(pathname, request, response))) this.#nothing(request, response);
  }

  /** The token for a cookie. The browser's answer to a form of another page has another type, and is not read. */
  async #beginSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = tokenBody.safeParse(await readJson(request));
    const redeemed = body.success
      ? this.#tokens.redeem(body.data.token, () => isOwnUser(request.socket))
      : ('unknown' as const);
    if (redeemed === 'taken') sendJson(response, 200, {}, { 'set-cookie': this.#sessions.begin() });
    // An address that was opened before, or has grown old, in the browser that it let in: its window opens as before.
    else if (this.#sessions.has(request.headers.cookie)) sendJson(response, 200, {});
    else {
      const { status, title, text } = notTaken[redeemed];
      sendJson(response, status, { title, text });
    }
  }

  async #giveAddress(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = keyBody.safeParse(await readJson(request));
    if (body.success && sameSecret(body.data.key, this.key)) {
      sendJson(response, 200, this.newAddress(body.data.ownUserOnly));
    } else sendJson(response, 403, words.askForToken);
  }

  async #sendContent(ticket: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const controller = new AbortController();
    response.once('close', () => controller.abort());
    const { status, headers, body } = await this.#service.content(ticket, request.headers.range, controller.signal);
    if (response.destroyed) {
      body?.destroy();
      return;
    }
    // What the service says goes before: content has a stricter policy than the window.
    response.writeHead(status, { ...safeHeaders(), ...headers });
    if (body === undefined) response.end();
    else await pipeline(body, response);
  }

  #nothing(request: IncomingMessage, response: ServerResponse): void {
    const known = [sessionPath, addressPath, openPath, '/'].includes(pathOf(request));
    sendPage(request, response, plainPage(known ? 405 : 404, words.nothingHere));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refused = refusal(request, this.origin, true);
    if (refused !== undefined) refuseRaw(socket, refused.status, 'Refused', refused.words);
    else if (pathOf(request) !== '/rpc') refuseRaw(socket, 404, 'Not Found', words.nothingHere.text);
    else if (!this.#sessions.has(request.headers.cookie)) {
      refuseRaw(socket, 401, 'Unauthorized', words.askForToken.text);
    } else if (!this.#sockets.hasRoom) {
      refuseRaw(socket, 503, 'Service Unavailable', 'Too many windows of Strongroom are open. Close some of them.');
    } else this.#sockets.accept(request, socket, head);
  }
}

function cannotListen(port: number, cause: NodeJS.ErrnoException): StrongroomError {
  const why = cause.code === 'EADDRINUSE' ? 'another program uses it' : 'this computer does not allow it';
  return new StrongroomError('usage', `Strongroom cannot listen on port ${port} of 127.0.0.1: ${why}.`, {
    advice: 'Name another with --port, or leave it out for a free one.',
    cause,
  });
}

/** The path as it was sent: nothing is decoded, because no address of ours needs it. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** The JSON that a request brings; `undefined` for another type, for too much of it, and for what is no JSON. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] !== 'application/json') return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function sendPage(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Page): void {
  const allow = status === 405 ? { allow: 'GET, HEAD' } : {};
  response.writeHead(status, { ...headers, ...allow, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function sendJson(response: ServerResponse, status: number, data: object, headers: Record<string, string> = {}): void {
  const body = JSON.stringify(data);
  response.writeHead(status, {
    ...safeHeaders(),
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

/** An answer where Node gives a bare connection instead of a response. */
function refuseRaw(socket: Duplex, status: number, reason: string, text: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const headers = {
    ...safeHeaders(),
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${text}`);
}
