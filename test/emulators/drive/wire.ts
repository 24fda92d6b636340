import type { IncomingMessage, ServerResponse } from 'node:http';

import { timestampHeader } from './clock.ts';
import type { Content } from './content.ts';
import type { Fault } from './faults.ts';

/** The other side is gone, or a fault broke the line: nothing is to be answered. */
export class LineBroken extends Error {}

/** One request and its answer on the wire, with the faults that strike it. */
export class Wire {
  readonly request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #faults: readonly Fault[];
  bytesIn = 0;
  bytesOut = 0;
  status = 0;

  constructor(request: IncomingMessage, response: ServerResponse, faults: readonly Fault[], now: number) {
    this.request = request;
    this.#response = response;
    this.#faults = faults;
    response.sendDate = false;
    response.setHeader('Date', timestampHeader(now));
  }

  /** A fault of this kind, if one strikes. */
  fault<K extends Fault['kind']>(kind: K): Extract<Fault, { kind: K }> | undefined {
    return this.#faults.find((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
  }

  /** A header of the request. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The length that the request announces. */
  get contentLength(): number | undefined {
    const header = this.header('content-length');
    return header === undefined ? undefined : Number(header);
  }

  /** Breaks the connection. */
  break(): LineBroken {
    this.#response.destroy();
    this.request.socket.destroy();
    return new LineBroken();
  }

  /** The body as it comes. Throws {@link LineBroken} when the connection breaks on the way. */
  async *body(): AsyncGenerator<Buffer, void, undefined> {
    const cut = this.fault('cutRequest')?.afterBytes ?? Infinity;
    try {
      for await (const chunk of this.request) {
        const piece = chunk as Buffer;
        if (this.bytesIn + piece.length > cut) {
          const kept = piece.subarray(0, cut - this.bytesIn);
          this.bytesIn = cut;
          yield kept;
          throw this.break();
        }
        this.bytesIn += piece.length;
        yield piece;
      }
    } catch (error) {
      throw error instanceof LineBroken ? error : this.break();
    }
  }

  /** The whole body, for requests that are small. */
  async wholeBody(): Promise<Buffer> {
    const { method } = this.request;
    if (method === 'GET' || method === 'DELETE') {
      if (this.fault('cutRequest') !== undefined) throw this.break();
      return Buffer.alloc(0);
    }
    const pieces: Buffer[] = [];
    for await (const piece of this.body()) pieces.push(piece);
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
  }

  /** Answers with a body that is at hand. */
  async send(status: number, headers: Record<string, string>, body: Buffer | string = ''): Promise<void> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const cut = this.fault('cutResponse')?.afterBytes;
    const flip = this.fault('flipByte')?.offset;
    this.#head(status, { ...headers, 'Content-Length': String(bytes.length) });
    const sent = flip === undefined ? bytes : flipped(bytes, flip);
    this.bytesOut = Math.min(sent.length, cut ?? Infinity);
    if (cut !== undefined && cut < sent.length) return this.#sendAndBreak(sent.subarray(0, cut));
    this.#response.end(sent);
  }

  /** Answers with a part of stored content, a piece at a time. */
  async sendContent(
    status: number,
    headers: Record<string, string>,
    content: Content,
    start: number,
    end: number,
  ): Promise<void> {
    const cut = this.fault('cutResponse')?.afterBytes ?? Infinity;
    const flip = this.fault('flipByte')?.offset ?? -1;
    this.#head(status, { ...headers, 'Content-Length': String(end - start) });
    for await (const piece of content.read(start, end)) {
      const sent = flipped(piece, flip - this.bytesOut);
      if (this.bytesOut + sent.length > cut) {
        const last = sent.subarray(0, cut - this.bytesOut);
        this.bytesOut = cut;
        return this.#sendAndBreak(last);
      }
      this.bytesOut += sent.length;
      if (!this.#response.write(sent)) await this.#drained();
    }
    this.#response.end();
  }

  /** Lets what is still coming of the request run out, so that the connection can be used again. */
  skipBody(): void {
    this.request.resume();
  }

  #head(status: number, headers: Record<string, string>): void {
    this.status = status;
    this.#response.writeHead(status, headers);
  }

  async #sendAndBreak(bytes: Buffer): Promise<never> {
    await new Promise<void>((resolve) => {
      this.#response.write(bytes, () => {
        resolve();
      });
      if (bytes.length === 0) {
        this.#response.flushHeaders();
        resolve();
      }
    });
    throw this.break();
  }

  async #drained(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const settle = (act: () => void) => (): void => {
        this.#response.off('drain', onDrain);
        this.#response.off('close', onClose);
        act();
      };
      const onDrain = settle(resolve);
      const onClose = settle(() => {
        reject(new LineBroken());
      });
      this.#response.on('drain', onDrain);
      this.#response.on('close', onClose);
    });
  }
}

function flipped(bytes: Buffer, offset: number): Buffer {
  if (offset < 0 || offset >= bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  copy[offset] = (copy[offset] ?? 0) ^ 0xff;
  return copy;
}
