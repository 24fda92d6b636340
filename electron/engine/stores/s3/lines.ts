import net from 'node:net';
import tls from 'node:tls';
import { joinChunks, parseHead, type AnswerHead } from './answer-head.ts';

export interface LinesOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Connections, at most; who asks for one more waits. */
  readonly connections: number;
  /** A connection on which nothing comes for this many milliseconds, although it is waited for, is given up. */
  readonly stallMs: number;
  /** PEM certificates to trust instead of the system's. */
  readonly ca: string | undefined;
}

export interface LineRequest {
  /** As it goes over the wire, with the query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Memory that a body which is not longer is put into, from its beginning: its pieces are then views of this. */
  readonly into: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

export interface LineAnswer extends Pick<AnswerHead, 'status' | 'header'> {
  /**
   * Of a success whose length is told: the pieces, valid for good. To be read to its end, left early, or
   * dropped.
   */
  readonly content: AsyncGenerator<Uint8Array> | undefined;
  /** Of everything else: the body, cut off after 64 KiB. */
  readonly text: string;
  /** Ends the connection where content is not wanted after all: a generator that nobody began cannot know. */
  readonly drop: () => void;
}

/** What a connection tells its owner. */
interface LineTold {
  readonly idle: () => void;
  readonly gone: () => void;
}

/** What an answer tells the connection that it comes over. */
interface ExchangeTold {
  /** There is room again. */
  readonly resume: () => void;
  /** The rest is not wanted. */
  readonly left: () => void;
  /** Nothing more is to come. */
  readonly ended: () => void;
}

/** A server closes idle connections when it likes; one that idled for long is not worth the try. */
const idleMs = 4_000;
const connectMs = 10_000;
const headBytes = 64 * 1024;
const documentBytes = 64 * 1024;
/** Memory for a body is asked for in pieces of this many bytes. */
const roomBytes = 256 * 1024;
/** So many bytes that nobody took yet stop the connection until they are taken: a limit of bandwidth works by this. */
const unreadBytes = 1024 * 1024;

/**
 * GET requests over kept-alive connections whose bytes the system puts where they are wanted. An HTTP client of general
 * use allocates memory anew for each few kilobytes and copies them twice; measured, that took four times the processor
 * time a gigabyte. For this it is plain: one request at a time on a connection, no redirects, no compression.
 */
export class Lines {
  readonly #options: LinesOptions;
  readonly #url: URL;
  readonly #idle: Line[] = [];
  readonly #all = new Set<Line>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(options: LinesOptions) {
    this.#options = options;
    this.#url = new URL(options.origin);
  }

  /**
   * Resolves with the head of the answer. Errors, here and while content is read: the system's, with its code;
   * `UND_ERR_BODY_TIMEOUT` of a stall; the signal's reason.
   */
  async get(request: LineRequest): Promise<LineAnswer> {
    const { path, headers, signal } = request;
    const text = [`GET ${path} HTTP/1.1`, `host: ${this.#url.host}`, ...Object.entries(headers).map(headerLine)];
    if (text.some((line) => controls.test(line))) throw new Error('a request may hold no control characters');
    const head = `${text.join('\r\n')}\r\n\r\n`;
    for (;;) {
      const { line, isUsed } = await this.#line(signal);
      try {
        return await line.ask(head, request.into, signal);
      } catch (error) {
        // The server closed it while it idled, which tells nothing about this request.
        if (isUsed && line.wasSilent && !signal.aborted && !this.#closed) continue;
        throw error;
      }
    }
  }

  /** Ends all connections; requests under way fail. */
  close(): void {
    this.#closed = true;
    for (const line of this.#all) line.end();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #line(signal: AbortSignal): Promise<{ readonly line: Line; readonly isUsed: boolean }> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#closed) throw failure('ECONNRESET', 'the connections were closed');
      const line = this.#idle.pop();
      if (line !== undefined) return { line, isUsed: true };
      if (this.#all.size < this.#options.connections) return { line: this.#open(), isUsed: false };
      await this.#turn(signal);
    }
  }

  /** Waits until a connection is free or gone. */
  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        resolve();
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(wake);
    });
  }

  #open(): Line {
    const line = new Line(this.#url, this.#options, {
      idle: () => {
        this.#idle.push(line);
        this.#waiting.shift()?.();
      },
      gone: () => {
        this.#all.delete(line);
        const at = this.#idle.indexOf(line);
        if (at >= 0) this.#idle.splice(at, 1);
        this.#waiting.shift()?.();
      },
    });
    this.#all.add(line);
    return line;
  }
}

const controls = /[\0-\x08\x0a-\x1f\x7f]/;

function headerLine([name, value]: [string, string]): string {
  return `${name}: ${value}`;
}

/** One connection. */
class Line {
  readonly #socket: net.Socket;
  readonly #stallMs: number;
  readonly #told: LineTold;
  /** Where heads are received, and documents of errors. */
  readonly #scratch = Buffer.allocUnsafeSlow(headBytes);
  #exchange: Exchange | undefined;
  #isHeld = false;
  #wasSilent = true;

  constructor(url: URL, options: LinesOptions, told: LineTold) {
    this.#stallMs = options.stallMs;
    this.#told = told;
    const onread: net.OnReadOpts = {
      // Asked for after each read, also where the socket is held then.
      buffer: () => this.#exchange?.room() ?? this.#scratch,
      callback: (count, buffer) => this.#take(Buffer.from(buffer.buffer, buffer.byteOffset, count)),
    };
    const isSecure = url.protocol === 'https:';
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const port = url.port === '' ? (isSecure ? 443 : 80) : Number(url.port);
    // Node passes `onread` on to the socket; its type declarations do not know.
    const secure: tls.ConnectionOptions & { readonly onread: net.OnReadOpts } = {
      host,
      port,
      onread,
      ALPNProtocols: ['http/1.1'],
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
    };
    this.#socket = isSecure ? tls.connect(secure) : net.connect({ host, port, onread });
    this.#socket.setNoDelay(true);
    this.#socket.setTimeout(Math.min(connectMs, this.#stallMs), () => this.#stalled());
    this.#socket.once(isSecure ? 'secureConnect' : 'connect', () => this.#socket.setTimeout(this.#stallMs));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => {
      this.#fail(failure('ECONNRESET', 'the connection ended before the answer did'));
      told.gone();
    });
  }

  /** Whether nothing came in answer to the last request. */
  get wasSilent(): boolean {
    return this.#wasSilent;
  }

  ask(head: string, into: Uint8Array | undefined, signal: AbortSignal): Promise<LineAnswer> {
    const abort = (): void => {
      this.#fail(signal.reason);
    };
    this.#wasSilent = true;
    const exchange = new Exchange(into, {
      resume: () => {
        if (!this.#isHeld || this.#exchange !== exchange) return;
        this.#isHeld = false;
        this.#socket.setTimeout(this.#stallMs);
        this.#socket.resume();
      },
      left: () => {
        if (this.#exchange === exchange) this.#fail(failure('ECONNRESET', 'the rest was not wanted'));
      },
      ended: () => signal.removeEventListener('abort', abort),
    });
    this.#exchange = exchange;
    signal.addEventListener('abort', abort, { once: true });
    if (!this.#socket.connecting) this.#socket.setTimeout(this.#stallMs);
    this.#socket.write(head, 'latin1');
    return exchange.answer;
  }

  end(): void {
    this.#fail(failure('ECONNRESET', 'the connection was closed'));
  }

  /** Takes what came. @returns whether more may come. */
  #take(bytes: Buffer): boolean {
    const exchange = this.#exchange;
    if (exchange === undefined) {
      // Nothing was asked for.
      this.#socket.destroy();
      return false;
    }
    this.#wasSilent = false;
    let state: Progress;
    try {
      state = exchange.take(bytes);
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (state === 'done') {
      this.#exchange = undefined;
      if (exchange.keepsAlive) {
        this.#socket.setTimeout(idleMs);
        this.#told.idle();
      } else this.#socket.destroy();
    }
    this.#isHeld = state === 'full';
    return state !== 'full';
  }

  #stalled(): void {
    // What is held waits for its reader, and not for the server.
    if (this.#isHeld) return;
    this.#fail(failure(this.#socket.connecting ? 'ETIMEDOUT' : 'UND_ERR_BODY_TIMEOUT', 'nothing came for too long'));
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange?.endsWithConnection === true) exchange.finish();
    else exchange?.fail(error);
    this.#socket.destroy();
  }
}

type Progress = 'more' | 'full' | 'done';

/** One request and its answer. */
class Exchange {
  readonly answer: Promise<LineAnswer>;
  readonly #line: ExchangeTold;
  readonly #settle: { readonly resolve: (answer: LineAnswer) => void; readonly reject: (error: unknown) => void };
  readonly #into: Uint8Array | undefined;
  #head: AnswerHead | undefined;
  /** Before the head is whole, its beginning; of what is no content, the body so far. */
  #early: Buffer = Buffer.alloc(0);
  /** Of content: how much is to come, and where to. */
  #left = -1;
  #room: Uint8Array = Buffer.alloc(0);
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #wake: (() => void) | undefined;
  #failed: { readonly error: unknown } | undefined;

  constructor(into: Uint8Array | undefined, line: ExchangeTold) {
    this.#into = into;
    this.#line = line;
    const { promise, resolve, reject } = Promise.withResolvers<LineAnswer>();
    this.answer = promise;
    this.#settle = { resolve, reject };
  }

  get keepsAlive(): boolean {
    return this.#head?.keepsAlive === true;
  }

  get endsWithConnection(): boolean {
    return this.#head?.body === 'until-close';
  }

  /** Where the next bytes are to be put; `undefined` where they are no content. */
  room(): Uint8Array | undefined {
    if (this.#left <= 0) return undefined;
    if (this.#room.length === 0) this.#room = Buffer.allocUnsafeSlow(Math.min(this.#left, roomBytes));
    return this.#room;
  }

  take(bytes: Buffer): Progress {
    if (this.#left >= 0) return this.#received(bytes.length);
    this.#early = Buffer.concat([this.#early, bytes]);
    if (this.#head === undefined) {
      const parsed = parseHead(this.#early);
      if (parsed === undefined) {
        if (this.#early.length > headBytes) throw new Error('the head of the answer is too long');
        return 'more';
      }
      this.#early = this.#early.subarray(parsed.length);
      // An interim answer: the real one follows.
      if (parsed.head.status < 200) return this.#early.length > 0 ? this.take(Buffer.alloc(0)) : 'more';
      this.#head = parsed.head;
      if (parsed.head.status < 300 && typeof parsed.head.body === 'number') return this.#begin(parsed.head);
    }
    return this.#document(this.#head);
  }

  /** The head said that content follows; its beginning came with it. */
  #begin({ status, header, body }: AnswerHead): Progress {
    const length = Number(body);
    const begun = this.#early;
    this.#early = Buffer.alloc(0);
    if (begun.length > length) throw new Error('more came than the answer said');
    this.#left = length;
    if (this.#into !== undefined && this.#into.length >= length) this.#room = this.#into.subarray(0, length);
    this.#settle.resolve({ status, header, content: this.#pieces(), text: '', drop: this.#line.left });
    for (let at = 0; at < begun.length;) {
      const room = this.room() ?? begun;
      const some = begun.subarray(at, at + room.length);
      room.set(some);
      this.#received(some.length);
      at += some.length;
    }
    return this.#progress();
  }

  /** So many bytes lie in the room that was given. */
  #received(count: number): Progress {
    const piece = this.#room.subarray(0, count);
    this.#room = this.#room.subarray(count);
    this.#left -= count;
    this.#unreadBytes += count;
    const last = this.#unread.at(-1);
    if (last !== undefined && last.buffer === piece.buffer && last.byteOffset + last.length === piece.byteOffset)
      this.#unread.splice(-1, 1, new Uint8Array(last.buffer, last.byteOffset, last.length + count));
    else this.#unread.push(piece);
    this.#wake?.();
    return this.#progress();
  }

  #progress(): Progress {
    if (this.#left === 0) {
      this.#line.ended();
      return 'done';
    }
    return this.#unreadBytes >= unreadBytes ? 'full' : 'more';
  }

  #document({ body }: AnswerHead): Progress {
    const joined = body === 'chunked' ? joinChunks(this.#early) : undefined;
    const isWhole = typeof body === 'number' ? this.#early.length >= body : joined !== undefined;
    if (!isWhole && this.#early.length <= documentBytes) return 'more';
    this.#early = joined ?? this.#early.subarray(0, documentBytes);
    this.finish();
    // What follows what was cut off is not worth waiting for.
    if (!isWhole && this.#head !== undefined) this.#head = { ...this.#head, keepsAlive: false };
    return 'done';
  }

  /** The body, which is no content, has ended. */
  finish(): void {
    if (this.#head === undefined) return;
    const { status, header } = this.#head;
    this.#settle.resolve({ status, header, content: undefined, text: this.#early.toString(), drop: this.#line.left });
    this.#line.ended();
  }

  fail(error: unknown): void {
    this.#failed = { error };
    this.#settle.reject(error);
    this.#wake?.();
    this.#line.ended();
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = this.#unread.shift();
        if (piece !== undefined) {
          this.#unreadBytes -= piece.length;
          if (this.#unreadBytes < unreadBytes) this.#line.resume();
          yield piece;
        } else if (this.#failed !== undefined) throw this.#failed.error;
        else if (this.#left === 0) return;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      if (this.#left > 0) this.#line.left();
    }
  }
}

function failure(code: string, words: string): Error {
  return Object.assign(new Error(words), { code });
}
