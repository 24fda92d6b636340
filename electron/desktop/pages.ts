import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { withNonce } from '../../shared/contract/csp.ts';
import { contentAnswer } from '../hosts/utility/messages.ts';
import type { Port } from '../hosts/utility/port.ts';
import { mediaTypes } from '../hosts/media-types.ts';
import { newNonce, safeHeaders } from '../hosts/web/headers.ts';
import { isOwn } from './addresses.ts';

export interface PagesOptions {
  /** The folder with the built window. */
  readonly folder: string;
  /** Opens a port for the bytes of a ticket; `undefined` while no engine runs. */
  readonly content: (ticket: string, range: string | undefined) => Port | undefined;
}

/** One part of a served path: no separators, no `..`, nothing hidden, no drive letter and no stream of NTFS. */
const safePart = /^(?!\.)[\w.@~+-]+$/;

/** Answers the requests of the window for `app://strongroom/…`: its own files, and `content/<ticket>` from the engine. */
export function servePages({ folder, content }: PagesOptions): (request: Request) => Promise<Response> {
  const plain = (status: number): Response => new Response(null, { status, headers: safeHeaders() });
  return async (request) => {
    if (!isOwn(request.url)) return plain(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405);
    const parts = partsOf(new URL(request.url).pathname);
    if (parts === undefined) return plain(404);
    if (parts[0] === 'content') {
      const [, ticket] = parts;
      if (ticket === undefined || parts.length !== 2) return plain(404);
      const port = content(ticket, request.headers.get('range') ?? undefined);
      return port === undefined ? plain(503) : receiveContent(port, request.signal, safeHeaders());
    }
    const file = parts.length === 0 ? ['index.html'] : parts;
    const name = file.at(-1) ?? '';
    const isPage = extname(name) === '.html';
    const type = isPage ? 'text/html; charset=utf-8' : mediaTypes[extname(name)];
    if (type === undefined) return plain(404);
    try {
      const bytes = await readFile(join(folder, ...file));
      const nonce = newNonce();
      const body = isPage ? withNonce(bytes.toString('utf8'), nonce) : new Uint8Array(bytes);
      return new Response(body, { headers: { ...safeHeaders(nonce), 'content-type': type } });
    } catch {
      return plain(404);
    }
  };
}

/** The parts of a path, or `undefined` for one that might lead out of the folder. */
function partsOf(pathname: string): string[] | undefined {
  const parts = pathname.split('/').filter((part) => part !== '');
  const decoded: string[] = [];
  for (const part of parts) {
    try {
      const name = decodeURIComponent(part);
      if (!safePart.test(name)) return undefined;
      decoded.push(name);
    } catch {
      return undefined;
    }
  }
  return decoded;
}

/** The other end of `sendContent`: asks for a piece only when the window has room for it. */
function receiveContent(port: Port, signal: AbortSignal, own: Readonly<Record<string, string>>): Promise<Response> {
  return new Promise((resolve) => {
    let stream: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
    let asked: (() => void) | undefined;
    let over = false;
    const end = (): void => {
      over = true;
      asked?.();
      port.close();
    };
    const broken = (): Response => new Response(null, { status: 502, headers: own });
    const fail = (): void => {
      if (over) return;
      resolve(broken());
      stream?.error(new Error('The bytes of this copy could not be read to their end.'));
      end();
    };
    const cancel = (): void => {
      if (over) return;
      port.postMessage('cancel');
      resolve(broken());
      end();
    };
    const bodyOf = (): ReadableStream<Uint8Array<ArrayBuffer>> =>
      new ReadableStream(
        {
          start: (controller) => {
            stream = controller;
          },
          pull: () => {
            port.postMessage('next');
            return new Promise((pulled) => {
              asked = pulled;
            });
          },
          cancel,
        },
        { highWaterMark: 1 },
      );
    port.on('message', ({ data }) => {
      const message = contentAnswer.safeParse(data);
      if (over) return;
      if (!message.success) {
        fail();
        return;
      }
      switch (message.data.kind) {
        case 'head': {
          const { status, headers, hasBody } = message.data;
          // The service's own policy for what it serves is stricter than the page's, and comes with its headers.
          resolve(new Response(hasBody ? bodyOf() : null, { status, headers: { ...own, ...headers } }));
          if (!hasBody) end();
          return;
        }
        case 'bytes':
          stream?.enqueue(new Uint8Array(message.data.bytes));
          asked?.();
          return;
        case 'end':
          stream?.close();
          end();
          return;
        case 'failed':
          fail();
      }
    });
    port.on('close', fail);
    signal.addEventListener('abort', cancel, { once: true });
    port.start();
  });
}
