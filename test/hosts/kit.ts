import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import type { Contract } from '../../shared/contract/contract.ts';
import { noncePlaceholder } from '../../shared/contract/csp.ts';
import { WebHost } from '../../electron/hosts/web/server.ts';
import { smallService, type Asked } from './small-service.ts';

/** A clock that stands still until a test moves it. */
export class StillClock {
  at = 1_800_000_000_000;
  readonly now = (): number => this.at;
}

/** A built window in small: a page, a script in three forms, and what is not to be served. */
export function smallWindow(test: TestContext): string {
  const folder = fs.mkdtempSync(path.join(fs.realpathSync(tmpdir()), 'strongroom-window-'));
  test.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const page = `<!doctype html><meta property="csp-nonce" nonce="${noncePlaceholder}"><div id="root"></div>`;
  const files: Record<string, string> = {
    'window/index.html': page,
    'window/assets/main-abc123.js': 'plain();',
    'window/assets/main-abc123.js.br': 'as brotli',
    'window/assets/main-abc123.js.gz': 'as gzip',
    'window/assets/font-abc123.woff2': 'font',
    'window/.built-from': 'mark',
    'secret.txt': 'outside',
  };
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return path.join(folder, 'window');
}

/** How an answer looked. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string;
}

/** A web host with a small service, and whatever a browser or an attacker may send to it. */
export class Host {
  readonly host: WebHost;
  readonly asked: Asked;
  readonly clock: StillClock;

  private constructor(host: WebHost, asked: Asked, clock: StillClock) {
    this.host = host;
    this.asked = asked;
    this.clock = clock;
  }

  static async start(test: TestContext, files = smallWindow(test)): Promise<Host> {
    const { service, asked } = smallService();
    const clock = new StillClock();
    const host = await WebHost.start({ service, files, port: 0, clock });
    test.after(() => host.close());
    return new Host(host, asked, clock);
  }

  get port(): number {
    return Number(new URL(this.host.origin).port);
  }

  /** The token of a new address. */
  newToken(ownUserOnly = false): string {
    return tokenOf(this.host.newAddress(ownUserOnly).address);
  }

  /** A request, headers as given and none besides those that HTTP needs. The target goes out as it is. */
  async ask(target: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Answer> {
    const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    const request = http.request({
      host: '127.0.0.1',
      port: this.port,
      path: target,
      method,
      headers: given,
      agent: false,
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    return await read(response);
  }

  /** Brings a token as the page does. */
  bring(token: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.ask('/session', {
      method: 'POST',
      headers: { origin: this.host.origin, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ token }),
    });
  }

  /** Signs in. @returns the Cookie header of whoever did. */
  async signIn(): Promise<string> {
    const answer = await this.bring(this.newToken());
    assert.equal(answer.status, 200);
    return cookieOf(answer);
  }

  /** A WebSocket as a browser opens it: with the cookie and the origin, or as given. */
  socket(headers: http.OutgoingHttpHeaders, target = '/rpc'): WebSocket {
    // What is not given is not sent: `ws` sends no Origin of its own.
    return new WebSocket(`ws://127.0.0.1:${this.port}${target}`, { headers: headers as Record<string, string> });
  }

  /** The status with which a WebSocket is refused; 101 where it is let in. */
  async knock(headers: http.OutgoingHttpHeaders, target = '/rpc'): Promise<number> {
    const socket = this.socket(headers, target);
    const status = await new Promise<number>((resolve, reject) => {
      socket.once('open', () => resolve(101));
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      socket.once('error', reject);
    });
    socket.on('error', () => undefined);
    socket.terminate();
    return status;
  }

  /** Sends bytes as they are. @returns all that comes back. */
  async raw(bytes: string): Promise<string> {
    const socket = net.connect(this.port, '127.0.0.1');
    socket.end(bytes);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(socket, 'close');
    return Buffer.concat(chunks).toString('latin1');
  }
}

export function tokenOf(address: string): string {
  const token = new URLSearchParams(new URL(address).hash.slice(1)).get('token');
  assert.ok(token !== null, `no token in ${address}`);
  return token;
}

/** Brings the token of an address. @returns the answer, whose body is still to be read. */
export async function bringToken(address: string): Promise<http.IncomingMessage> {
  const { origin } = new URL(address);
  const request = http.request(`${origin}/session`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    agent: false,
  });
  request.end(JSON.stringify({ token: tokenOf(address) }));
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return response;
}

/** The contract, as the window that a one-time address opens has it. */
export async function windowAt(
  test: Pick<TestContext, 'after'>,
  address: string,
): Promise<ContractRouterClient<Contract>> {
  const { origin, host } = new URL(address);
  const response = await bringToken(address);
  const socket = new WebSocket(`ws://${host}/rpc`, { headers: { cookie: cookieOf(await read(response)), origin } });
  test.after(() => {
    socket.terminate();
  });
  await once(socket, 'open');
  return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
}

/** What a browser sends back of a `Set-Cookie`. */
export function cookieOf(answer: Answer): string {
  const [cookie] = answer.headers['set-cookie'] ?? [];
  assert.ok(cookie !== undefined, 'no cookie was set');
  return cookie.split(';')[0] ?? '';
}

export async function read(response: http.IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** A folder of programs for a `PATH`, each of which records its arguments, one a line, and then does as it is told. */
export function fakePrograms(
  folder: string,
  scripts: Readonly<Record<string, string>>,
): { readonly path: string; readonly calls: (program: string) => string[] } {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  for (const [name, script] of Object.entries(scripts)) {
    // The test's own shell, by its whole path: nothing else is to be found.
    const text = `#!/bin/sh\nfor argument in "$@"; do echo "$argument"; done >> "${bin}/${name}.calls"\n${script}\n`;
    fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
  }
  const calls = (program: string): string[] => {
    const file = path.join(bin, `${program}.calls`);
    return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
  };
  return { path: bin, calls };
}
