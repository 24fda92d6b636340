import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StrongroomError } from '../../../shared/errors.ts';
import { cancelled } from './tokens.ts';

/** What the browser brings back: a one-time code, or Google's word for why there is none. */
export type Redirect = { readonly code: string } | { readonly error: string };

export interface RedirectListener {
  /** Where Google is to send the browser: a port of this computer that no other can reach. */
  readonly redirectUri: string;
  /** Waits for the browser. Errors: `store-sign-in-ended` where it does not come in time; `cancelled`. */
  answer(patienceMs: number, signal: AbortSignal): Promise<Redirect>;
  close(): void;
}

const page = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>` +
  `<body style="font:1.2rem/1.5 system-ui;max-width:32rem;margin:4rem auto"><h1>${title}</h1><p>${text}</p></body></html>`;

/**
 * Listens on a free port of 127.0.0.1, for one redirect with this state. A request without it is turned away and changes
 * nothing, so another page or program cannot end a sign-in or slip in a code of its own.
 * https://www.rfc-editor.org/rfc/rfc8252#section-7.3
 *
 * Errors: `store-unsupported` where no port can be opened.
 *
 * @param host another address than Google's loopback redirect takes, to see what happens where listening fails.
 */
export async function listenForRedirect(state: string, host = '127.0.0.1'): Promise<RedirectListener> {
  let settle: (redirect: Redirect) => void = () => undefined;
  const arrived = new Promise<Redirect>((resolve) => {
    settle = resolve;
  });
  const server = createServer((request, response) => {
    const redirect = readRedirect(request, state);
    if (redirect === undefined) {
      answerWith(response, 404, page('Nothing here', 'This page belongs to a sign-in of Strongroom.'));
      return;
    }
    const done = 'code' in redirect;
    answerWith(
      response,
      200,
      done
        ? page('Signed in', 'You can close this page and go back to Strongroom.')
        : page('Not signed in', 'Go back to Strongroom, which says what to do next.'),
    );
    settle(redirect);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new StrongroomError('store-unsupported', 'No port of this computer could be opened for the sign-in.', {
          advice:
            'A firewall or security program may forbid it: allow Strongroom to listen on 127.0.0.1, then sign in again.',
          cause: error,
        }),
      );
    });
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    redirectUri: `http://127.0.0.1:${port}`,
    answer: (patienceMs, signal) => waitFor(arrived, patienceMs, signal),
    close: () => {
      server.close();
      // The page has been sent; a browser would keep its connection for later.
      server.closeIdleConnections();
    },
  };
}

function readRedirect(request: IncomingMessage, state: string): Redirect | undefined {
  if (request.method !== 'GET') return undefined;
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (pathname !== '/' || !sameText(searchParams.get('state') ?? '', state)) return undefined;
  const code = searchParams.get('code');
  if (code !== null) return { code };
  return { error: searchParams.get('error') ?? 'no code' };
}

function answerWith(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(body);
}

function sameText(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}

async function waitFor(arrived: Promise<Redirect>, patienceMs: number, signal: AbortSignal): Promise<Redirect> {
  let stop = (): void => undefined;
  const over = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      reject(
        new StrongroomError('store-sign-in-ended', 'The sign-in was not finished in the browser in time.', {
          advice: 'Sign in again. If no page opened, copy the address that Strongroom shows into a browser.',
        }),
      );
    }, patienceMs);
    const abort = (): void => {
      reject(cancelled());
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([arrived, over]);
  } finally {
    stop();
  }
}
