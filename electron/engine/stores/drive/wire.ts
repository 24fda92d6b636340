import { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { Sleep } from '../decorators/sleep.ts';
import {
  cancelled,
  DriveError,
  failureOfNetwork,
  isRateRefusal,
  parseErrorBody,
  retryAfterMs,
  translate,
  type Attempt,
} from './errors.ts';
import { Pacer } from './pacer.ts';

/** Connections to Google, at most, and so requests under way. */
export const wireConnections = 32;
const errorBodyBytes = 64 * 1024;
/** A request that is refused for its pace is sent again by the adapter, which knows the pace, so many times. */
const mostRefusals = 10;
/** So many tokens, each fetched because the one before was refused, are tried before the sign-in counts as ended. */
const mostRenewals = 3;

/** Where access tokens come from. The adapter knows nothing of how people sign in. */
export interface DriveAccess {
  /** A service account owns nothing: it works in shared drives only. */
  readonly kind: 'person' | 'service-account';
  /**
   * A token that is good now. Errors: `store-sign-in-ended` and the others that signing in can end with;
   * `store-unreachable`, `store-busy`.
   *
   * @param refused a token that Google has just refused: another one is wanted.
   */
  accessToken(signal: AbortSignal, refused?: string): Promise<string>;
}

export interface WireRequest extends Attempt {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query below the root, or a whole URL (of an upload session). */
  readonly target: string;
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes at hand, which can be sent again, or a stream, which cannot. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
  /** Set where bytes of files are stored: these count against the daily limit. */
  readonly upload?: boolean;
  /** Set for the address of an upload session, which is a credential itself. */
  readonly withoutToken?: boolean;
  /** Statuses besides 2xx that are answers and no errors. */
  readonly accepts?: readonly number[];
}

export interface WireAnswer {
  readonly status: number;
  header(name: string): string | undefined;
  readonly body: Readable;
}

export interface WireOptions {
  /** Ends with a slash. */
  readonly rootUrl: string;
  readonly place: string;
  readonly access: DriveAccess;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  /** A connection on which nothing moves for this many milliseconds is given up. */
  readonly stallMs: number;
}

/**
 * Requests to Google over kept-alive connections, at the pace that it accepts, with a token that is renewed when it was
 * refused. An answer that is not a success is an error, except for the statuses that a request accepts.
 *
 * REST by hand and not `@googleapis/drive`: for small files that client takes more than three times the processor time
 * (0.83 against 0.24 ms a file of 1 KB, 24 at once, loopback), uploads past a root URL that was set for the client, and
 * hides what the adapter lives on: which bytes went, what was acknowledged, whether a refusal came before or after the
 * work. https://developers.google.com/workspace/drive/api/reference/rest/v3
 */
export class Wire {
  readonly pacer: Pacer;
  readonly #options: WireOptions;
  readonly #agent: Agent;

  constructor(options: WireOptions) {
    this.#options = options;
    this.pacer = new Pacer({ ...options, mostAtOnce: wireConnections });
    this.#agent = new Agent({
      connections: wireConnections,
      headersTimeout: options.stallMs,
      bodyTimeout: options.stallMs,
      connect: { timeout: Math.min(10_000, options.stallMs) },
    });
  }

  /** The body of the answer is to be read or dropped by the caller. */
  async send(request: WireRequest): Promise<WireAnswer> {
    const { access, sleep } = this.#options;
    const repeatable = request.body === undefined || request.body instanceof Uint8Array;
    const upload = request.upload ?? false;
    let refusedToken: string | undefined;
    let renewals = 0;
    for (let attempt = 1; ; attempt += 1) {
      let token: string | undefined;
      if (request.withoutToken !== true) token = await access.accessToken(request.signal, refusedToken);
      const leave = await this.pacer.admit(upload, request.signal);
      let answer: WireAnswer | DriveError;
      try {
        answer = await this.#once(request, token);
      } finally {
        leave();
      }
      if (!(answer instanceof DriveError)) {
        this.pacer.succeeded(upload);
        return answer;
      }
      const failure = answer;
      if (failure.status === 401 && token !== undefined && renewals < mostRenewals && repeatable) {
        renewals += 1;
        refusedToken = token;
        continue;
      }
      if ((failure.status ?? 0) >= 500) this.pacer.refused(false);
      if (!isRateRefusal(failure)) throw failure;
      this.pacer.refused(upload);
      if (upload && (await this.pacer.isDaily(() => this.#probe(request.signal)))) throw this.pacer.meetDaily();
      if (!repeatable || attempt >= mostRefusals) throw failure;
      await sleep(this.pacer.pauseMs(attempt, failure.retryAfterMs), request.signal);
    }
  }

  /** The whole body of an answer. */
  async read(answer: WireAnswer, request: WireRequest): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.stream(answer, request)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The body of an answer, with the connection's errors translated. */
  async *stream(answer: WireAnswer, request: WireRequest): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of answer.body) yield piece as Uint8Array;
    } catch (error) {
      throw this.#networkError(error, request);
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #once(request: WireRequest, token: string | undefined): Promise<WireAnswer | DriveError> {
    const { rootUrl, place, clock } = this.#options;
    const url = new URL(request.target, rootUrl);
    const headers: Record<string, string> = { ...request.headers };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    let response: Dispatcher.ResponseData;
    try {
      response = await this.#agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method,
        headers,
        body: outgoing(request.body),
        signal: request.signal,
      });
    } catch (error) {
      throw this.#networkError(error, request);
    }
    const status = response.statusCode;
    const header = (name: string): string | undefined => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    if ((status >= 200 && status < 300) || request.accepts?.includes(status) === true) {
      return { status, header, body: response.body };
    }
    let text = '';
    try {
      for await (const piece of response.body) if (text.length < errorBodyBytes) text += String(piece);
    } catch (error) {
      // Without the reason, a refusal that passes cannot be told from one that does not.
      throw this.#networkError(error, request);
    }
    const retryAfter = retryAfterMs(header('retry-after'), clock);
    return translate({ status, ...parseErrorBody(text), retryAfterMs: retryAfter }, place, request);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const request = { method: 'GET', target: 'drive/v3/about?fields=kind', action: 'answer', signal } as const;
    await this.read(await this.send(request), request);
  }

  #networkError(error: unknown, request: WireRequest): Error {
    if (request.signal.aborted) return cancelled();
    if (error instanceof StrongroomError) return error;
    return translate(failureOfNetwork(error), this.#options.place, request);
  }
}

function outgoing(body: WireRequest['body']): Uint8Array | Readable | null {
  if (body === undefined) return null;
  return body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false });
}
