import { once } from 'node:events';
import {
  createServer,
  request as startRequest,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { FaultRules, type Direction, type Fault, type FaultRule, type RequestHead } from './fault.ts';
import { seededRandom } from './random.ts';

/** What became of one request. Filled in as it goes, and complete by the time the client has seen the end. */
export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** The status that the client was given, if it was given one. */
  status?: number;
  /** Bytes of the body that were passed on to the server. */
  requestBytes: number;
  /** Bytes of the body that were given to the client. */
  responseBytes: number;
  /** The fault that was really produced: a rule whose byte lies beyond the end of the body produces none. */
  fault?: Fault['kind'];
}

/** A proxy before one HTTP server, which spoils what it is told to and is invisible otherwise. */
export interface FaultProxy {
  /** For example `http://127.0.0.1:9000`. */
  readonly endpoint: string;
  /** Every request so far, in the order of arrival. */
  readonly log: readonly ProxiedRequest[];
  /** Adds a rule behind those that are there. */
  inject(rule: FaultRule): void;
  /** Forgets all rules. Faults under way go on. */
  clear(): void;
  /** Drops all connections and ends the proxy. */
  stop(): Promise<void>;
}

/**
 * Starts a proxy on 127.0.0.1. Method, path, headers (Host too, so that AWS signatures still verify), their order and
 * the body are passed on as they came; only the headers about the connection itself are the proxy's own. Bodies are
 * streamed, so their size does not matter.
 *
 * @param target the server's address, `http:` only.
 * @param options.seed decides the draws of the rules that have a probability.
 * @throws Error when the target is not `http:`.
 */
export async function startFaultProxy(target: string, options: { readonly seed: number }): Promise<FaultProxy> {
  const address = new URL(target);
  if (address.protocol !== 'http:') throw new Error(`the fault proxy speaks plain HTTP, not ${address.protocol}`);
  const rules = new FaultRules(seededRandom(options.seed));
  const log: ProxiedRequest[] = [];
  // The proxy never ends a connection by itself: every broken one is a fault that a test asked for.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 });
  const accept = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void new Exchange(address, rules, log, incoming, outgoing).run();
  };
  server.on('request', accept);
  server.on('checkContinue', accept);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    inject: (rule) => rules.add(rule),
    clear: () => rules.clear(),
    stop: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Thrown inside an exchange to drop its connections. */
class Dropped extends Error {}

/** One request on its way to the server, and its response on the way back. */
class Exchange {
  readonly #target: URL;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #entry: ProxiedRequest;
  readonly #fault: Fault | undefined;
  readonly #clientGone: Promise<never>;
  /** A client that waits for `100 Continue` and is refused may send its body or may not: then nobody knows what follows. */
  #mayKeepConnection: boolean;

  constructor(
    target: URL,
    rules: FaultRules,
    log: ProxiedRequest[],
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ) {
    this.#target = target;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    const [path = '', query = ''] = splitOnce(incoming.url ?? '/', '?');
    const method = incoming.method ?? 'GET';
    this.#entry = { method, path, query, requestBytes: 0, responseBytes: 0 };
    log.push(this.#entry);
    const head: RequestHead = { method, path, query: new URLSearchParams(query), headers: incoming.headers };
    this.#fault = rules.take(head);
    this.#mayKeepConnection = incoming.headers.expect === undefined;
    this.#clientGone = new Promise((_, reject) => {
      outgoing.once('close', () => reject(new Dropped('the client has gone, or has its answer')));
    });
    this.#clientGone.catch(() => undefined);
    // An error of either stream also ends its iteration or its write, where it is dealt with.
    incoming.on('error', () => undefined);
    outgoing.on('error', () => undefined);
  }

  /** Carries the exchange out. Never rejects: what breaks on one side breaks the other. */
  async run(): Promise<void> {
    const fault = this.#fault;
    let upstream: ClientRequest | undefined;
    try {
      if (fault?.kind === 'answer') {
        this.#produced(fault);
        this.#answer(fault.status, fault.retryAfterSeconds);
        return;
      }
      if (fault?.kind === 'delay') {
        this.#produced(fault);
        await Promise.race([wait(fault.milliseconds, undefined, { ref: false }), this.#clientGone]);
      }
      upstream = this.#forwardHead();
      const response = nextResponse(upstream);
      // Handled below; here only so that a failure during the upload is not an unhandled one.
      response.catch(() => undefined);
      await this.#forwardBody(upstream, response);
      await this.#giveBack(await Promise.race([response, this.#clientGone]));
    } catch {
      this.#outgoing.destroy();
      this.#incoming.socket.destroy();
    } finally {
      // Also when all went well: the server may have answered before it took the whole body.
      upstream?.destroy();
    }
  }

  #produced(fault: Fault): void {
    this.#entry.fault = fault.kind;
  }

  #answer(status: 500 | 503, retryAfterSeconds: number | undefined): void {
    const [code, message] =
      status === 503
        ? ['SlowDown', 'Please reduce your request rate.']
        : ['InternalError', 'We encountered an internal error. Please try again.'];
    const path = this.#entry.path.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const body =
      `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>` +
      `<Resource>${path}</Resource><RequestId>FAULTPROXY</RequestId></Error>`;
    const headers = ['Content-Type', 'application/xml', 'Content-Length', String(Buffer.byteLength(body))];
    headers.push('x-amz-request-id', 'FAULTPROXY');
    if (retryAfterSeconds !== undefined) headers.push('Retry-After', String(retryAfterSeconds));
    if (!this.#mayKeepConnection) headers.push('Connection', 'close');
    this.#entry.status = status;
    if (this.#entry.method !== 'HEAD') this.#entry.responseBytes = Buffer.byteLength(body);
    this.#outgoing.writeHead(status, headers);
    this.#outgoing.end(this.#entry.method === 'HEAD' ? undefined : body);
    this.#incoming.resume();
  }

  #forwardHead(): ClientRequest {
    const headers = withoutConnectionHeaders(this.#incoming.rawHeaders);
    const framing = this.#incoming.headers;
    if (framing['content-length'] === undefined && framing['transfer-encoding'] === undefined) {
      // Neither means an empty body; node:http would announce a chunked one for POST and PUT.
      if (!['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'].includes(this.#entry.method))
        headers.push('Content-Length', '0');
    }
    const upstream = startRequest({
      hostname: this.#target.hostname,
      port: this.#target.port === '' ? 80 : Number(this.#target.port),
      method: this.#entry.method,
      path: this.#incoming.url ?? '/',
      headers,
      // A kept connection that the server closes just then would be a fault that nobody asked for.
      agent: false,
    });
    // Errors end the wait for the response, and the write that they hit.
    upstream.on('error', () => undefined);
    this.#outgoing.once('close', () => upstream.destroy());
    return upstream;
  }

  /** Sends the request's body, until its end or until the server has answered without waiting for it. */
  async #forwardBody(upstream: ClientRequest, response: Promise<IncomingMessage>): Promise<void> {
    const state = { answered: false };
    const answer = hasResponse(response).then(() => (state.answered = true));
    if (this.#incoming.headers.expect !== undefined) {
      const goOn = once(upstream, 'continue').then(() => true);
      goOn.catch(() => undefined);
      upstream.flushHeaders();
      await Promise.race([goOn, answer, this.#clientGone]);
      if (state.answered) return;
      this.#outgoing.writeContinue();
      this.#mayKeepConnection = true;
    }
    const upload = this.#upload(upstream, response, () => state.answered);
    // When the answer is there first, what is left of the upload goes on until it notices; nobody waits for it.
    upload.catch(() => undefined);
    await Promise.race([upload, answer]);
  }

  async #upload(upstream: ClientRequest, response: Promise<IncomingMessage>, isAnswered: () => boolean): Promise<void> {
    try {
      for await (const chunk of this.#spoil('request', this.#incoming)) {
        if (isAnswered()) break;
        this.#entry.requestBytes += chunk.length;
        await write(upstream, chunk);
      }
      if (!isAnswered()) upstream.end();
    } catch (error) {
      // The server may stop reading once it has answered (403, say). The client is owed that answer.
      if (error instanceof Dropped || !(await hasResponse(response))) throw error;
    }
    this.#incoming.resume();
  }

  async #giveBack(response: IncomingMessage): Promise<void> {
    const fault = this.#fault;
    if (fault?.kind === 'lose-response') {
      response.resume();
      await once(response, 'end');
      this.#produced(fault);
      throw new Dropped();
    }
    const headers = withoutConnectionHeaders(response.rawHeaders);
    if (fault?.kind === 'truncate-response' && this.#entry.method !== 'HEAD')
      shortenContentLength(headers, fault.afterBytes);
    this.#outgoing.sendDate = false;
    if (!this.#mayKeepConnection) headers.push('Connection', 'close');
    this.#entry.status = response.statusCode ?? 0;
    this.#outgoing.writeHead(this.#entry.status, response.statusMessage, headers);
    this.#outgoing.flushHeaders();
    for await (const chunk of this.#spoil('response', response)) {
      this.#entry.responseBytes += chunk.length;
      await write(this.#outgoing, chunk);
    }
    if (!response.complete) throw new Dropped();
    this.#outgoing.end();
  }

  /** The bytes of one body with the exchange's fault done to them. */
  async *#spoil(direction: Direction, body: IncomingMessage): AsyncGenerator<Buffer> {
    const fault = this.#fault;
    const limit = limitOf(fault, direction);
    let offset = 0;
    if (fault !== undefined && limit === 0 && fault.kind !== 'truncate-response') await this.#endAtLimit(fault);
    // Leaving the loop early must not destroy the message: its connection is still needed.
    for await (const piece of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      let chunk = piece;
      if (fault?.kind === 'flip-byte' && fault.where === direction) {
        const position = fault.offset - offset;
        if (position >= 0 && position < chunk.length) {
          chunk = Buffer.from(chunk);
          chunk.writeUInt8(chunk.readUInt8(position) ^ 1, position);
          this.#produced(fault);
        }
      }
      if (fault?.kind === 'slow' && fault.where === direction) {
        this.#produced(fault);
        yield* this.#paced(chunk, fault.bytesPerSecond);
      } else if (fault !== undefined && offset + chunk.length > limit) {
        if (offset < limit) yield chunk.subarray(0, limit - offset);
        await this.#endAtLimit(fault);
      } else {
        yield chunk;
      }
      offset += chunk.length;
    }
  }

  async *#paced(chunk: Buffer, bytesPerSecond: number): AsyncGenerator<Buffer> {
    const step = Math.max(1, Math.floor(bytesPerSecond / 20));
    for (let start = 0; start < chunk.length; start += step) {
      const slice = chunk.subarray(start, start + step);
      await Promise.race([wait((slice.length / bytesPerSecond) * 1000, undefined, { ref: false }), this.#clientGone]);
      yield slice;
    }
  }

  /** What happens when the last byte that a fault lets through has gone; returns only for a truncation. */
  async #endAtLimit(fault: Fault): Promise<void> {
    this.#produced(fault);
    if (fault.kind === 'stall') await this.#clientGone;
    if (fault.kind !== 'truncate-response') throw new Dropped();
  }
}

/** How many bytes of this body a fault lets through. */
function limitOf(fault: Fault | undefined, direction: Direction): number {
  if (fault === undefined) return Infinity;
  if (fault.kind === 'cut-request' && direction === 'request') return fault.afterBytes;
  if (fault.kind === 'stall' && direction === fault.where) return fault.afterBytes;
  if ((fault.kind === 'cut-response' || fault.kind === 'truncate-response') && direction === 'response') {
    return fault.afterBytes;
  }
  return Infinity;
}

async function nextResponse(upstream: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(upstream, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  return response;
}

async function hasResponse(response: Promise<IncomingMessage>): Promise<boolean> {
  return await response.then(
    () => true,
    () => false,
  );
}

/** Writes and waits until the bytes were handed to the operating system, so that a cut falls exactly behind them. */
async function write(destination: OutgoingMessage, chunk: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const closed = () => reject(new Error('closed while writing'));
    destination.once('close', closed);
    destination.write(chunk, (error) => {
      destination.off('close', closed);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The raw headers without those that speak of one connection only; node:http writes its own. */
function withoutConnectionHeaders(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (!['connection', 'keep-alive', 'proxy-connection'].includes(name.toLowerCase())) {
      kept.push(name, raw[index + 1] ?? '');
    }
  }
  return kept;
}

function shortenContentLength(headers: string[], bytes: number): void {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === 'content-length') {
      headers[index + 1] = String(Math.min(bytes, Number(headers[index + 1])));
    }
  }
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
