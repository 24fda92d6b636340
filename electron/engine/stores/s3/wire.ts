import { Readable } from 'node:stream';
import { Pool, type Dispatcher } from 'undici';
import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { CredentialSource } from './credentials.ts';
import {
  cancelled,
  failureOfNetwork,
  parseErrorDocument,
  retryAfterMs,
  S3Error,
  translate,
  type Attempt,
  type Failure,
} from './errors.ts';
import { Lines } from './lines.ts';
import { canonicalQuery, emptySha256, encodePath, Signer } from './signing.ts';
import type { Target } from './target.ts';

/** Connections to the server, at most. */
export const wireConnections = 32;
/** A body is handed to the connection in pieces of this many bytes, so that a slow link shows progress. */
const pieceBytes = 256 * 1024;
const errorDocumentBytes = 64 * 1024;

export interface WireRequest extends Attempt {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly key: string;
  readonly query?: readonly (readonly [string, string])[];
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: WireBody;
  readonly signal: AbortSignal;
}

/** Bytes to send, whose digest is known beforehand because the signature covers it. */
export interface WireBody {
  readonly bytes: Uint8Array | AsyncIterable<Uint8Array>;
  readonly length: number;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Told of every piece as it is handed to the connection; of a body of one piece, once it was taken. */
  readonly onBytes?: ((count: number) => void) | undefined;
}

export interface WireAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: Readable;
}

/** A body that comes as it is read. */
export interface WireContent extends Pick<WireAnswer, 'status' | 'header'> {
  /** To be read to its end, left early, or dropped; with the connection's errors translated. */
  readonly content: AsyncIterable<Uint8Array>;
  readonly drop: () => void;
}

export interface WireOptions {
  readonly place: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** A connection on which nothing moves for this many milliseconds is given up. */
  readonly stallMs: number;
  /** PEM certificates to trust. */
  readonly ca: string | undefined;
}

/**
 * Requests to one bucket over kept-alive connections, signed here: for what is done for every small file and every
 * part, where the AWS SDK's middleware would cost more than the request. Any answer that is not a success is an error.
 */
export class Wire {
  readonly #target: Target;
  readonly #options: WireOptions;
  readonly #signer: Signer;
  readonly #pool: Pool;
  readonly #lines: Lines;
  /** Whether the server gives objects without telling their length, which {@link Lines} does not take. */
  #tellsNoLength = false;

  constructor(target: Target, options: WireOptions) {
    this.#target = target;
    this.#options = options;
    this.#signer = new Signer(target.region);
    this.#pool = new Pool(target.origin, {
      connections: wireConnections,
      headersTimeout: options.stallMs,
      bodyTimeout: options.stallMs,
      connect: { timeout: Math.min(10_000, options.stallMs), ...(options.ca === undefined ? {} : { ca: options.ca }) },
    });
    const { stallMs, ca } = options;
    this.#lines = new Lines({ origin: target.origin, connections: wireConnections, stallMs, ca });
  }

  /** The body of the answer is to be read or dropped by the caller: {@link sendWhole} does so. */
  async send(request: WireRequest): Promise<WireAnswer> {
    const { path, headers } = await this.#signed(request);
    const { body } = request;
    if (body !== undefined) headers['content-length'] = String(body.length);
    let response: Dispatcher.ResponseData;
    try {
      response = await this.#pool.request({
        method: request.method,
        path,
        headers,
        body: body === undefined ? null : outgoing(body),
        signal: request.signal,
        // Left to itself, undici ends the connection after every HEAD.
        reset: false,
      });
    } catch (error) {
      throw this.#networkError(error, request);
    }
    const header = (name: string) => {
      const value = response.headers[name];
      return Array.isArray(value) ? value[0] : value;
    };
    if (response.statusCode >= 200 && response.statusCode < 300) {
      if (body !== undefined && isSmall(body)) body.onBytes?.(body.length);
      return { status: response.statusCode, header, body: response.body };
    }
    let text = '';
    try {
      for await (const piece of response.body) {
        if (text.length < errorDocumentBytes) text += String(piece);
      }
    } catch {
      // What is there of the document, or else the status, has to do.
    }
    throw await this.#refusal(response.statusCode, text, header, request);
  }

  /**
   * The content of an object, or of a part of it.
   *
   * @param into memory for all of it: where it fits, the pieces are views of this, from its beginning.
   */
  async get(request: WireRequest & { readonly method: 'GET' }, into?: Uint8Array): Promise<WireContent> {
    if (!this.#tellsNoLength) {
      const { path, headers } = await this.#signed(request);
      let answer;
      try {
        answer = await this.#lines.get({ path, headers, into, signal: request.signal });
      } catch (error) {
        throw this.#networkError(error, request);
      }
      const { status, header, content, text, drop } = answer;
      if (status < 200 || status > 299) throw await this.#refusal(status, text, header, request);
      if (content !== undefined) return { status, header, content: this.#translated(content, request), drop };
      this.#tellsNoLength = true;
    }
    const answer = await this.send(request);
    const { status, header, body } = answer;
    const drop = (): void => void body.on('error', () => undefined).destroy();
    return { status, header, content: this.#translated(body, request), drop };
  }

  /** As {@link send}, with the body read to its end and dropped. */
  async sendWhole(request: WireRequest): Promise<WireAnswer> {
    const answer = await this.send(request);
    await this.read(answer, request);
    return answer;
  }

  /** The whole body of an answer. */
  async read(answer: WireAnswer, request: WireRequest): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.#translated(answer.body, request)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** A body with the connection's errors translated. */
  async *#translated(body: AsyncIterable<unknown>, request: WireRequest): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of body) yield piece as Uint8Array;
    } catch (error) {
      throw this.#networkError(error, request);
    }
  }

  /** Ends all connections; requests under way fail. */
  async close(): Promise<void> {
    this.#lines.close();
    await this.#pool.destroy();
  }

  /** The path with the query as it goes over the wire, and all headers but `host`. */
  async #signed(request: WireRequest): Promise<{ readonly path: string; readonly headers: Record<string, string> }> {
    const credentials = await this.#options.credentials();
    const path = this.#target.pathRoot + encodePath(request.key);
    const query = request.query ?? [];
    const headers = this.#signer.sign(
      {
        method: request.method,
        host: this.#target.host,
        path,
        query,
        headers: request.headers ?? {},
        bodySha256: request.body?.sha256 ?? emptySha256,
      },
      credentials,
      this.#options.clock.now(),
    );
    return { path: query.length === 0 ? path : `${path}?${canonicalQuery(query)}`, headers };
  }

  async #refusal(status: number, text: string, header: WireAnswer['header'], request: WireRequest): Promise<S3Error> {
    if (request.method === 'HEAD' && (status === 400 || status === 403)) {
      // HEAD's answers have no body, and without one a wrong key looks like a missing permission.
      const repeated = { ...request, method: 'GET' as const, headers: { ...request.headers, range: 'bytes=0-0' } };
      try {
        await this.sendWhole(repeated);
      } catch (error) {
        if (error instanceof S3Error) return error;
      }
    }
    const failure: Failure = {
      status,
      ...parseErrorDocument(text),
      retryAfterMs: retryAfterMs(header('retry-after'), this.#options.clock),
      deletion: header('x-amz-delete-marker') === 'true' ? (header('x-amz-version-id') ?? '') : undefined,
    };
    const region = header('x-amz-bucket-region');
    return translate(region === undefined ? failure : { ...failure, region }, this.#options.place, request);
  }

  #networkError(error: unknown, request: WireRequest): Error {
    if (request.signal.aborted) return cancelled();
    if (error instanceof StrongroomError) return error;
    return translate(failureOfNetwork(error), this.#options.place, request);
  }
}

/** One piece is handed over as it is, which costs far less than a stream; its bytes are told of with the answer. */
function isSmall(body: WireBody): body is WireBody & { readonly bytes: Uint8Array } {
  return body.bytes instanceof Uint8Array && body.bytes.length <= pieceBytes;
}

function outgoing(body: WireBody): Uint8Array | Readable {
  return isSmall(body) ? body.bytes : Readable.from(inPieces(body), { objectMode: false });
}

async function* inPieces(body: WireBody): AsyncGenerator<Uint8Array> {
  const source = body.bytes instanceof Uint8Array ? [body.bytes] : body.bytes;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      const piece = chunk.subarray(at, at + pieceBytes);
      yield piece;
      body.onBytes?.(piece.length);
    }
  }
}
