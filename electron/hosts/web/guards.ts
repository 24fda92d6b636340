import type { IncomingMessage } from 'node:http';
import { openPath } from './pages.ts';

/** Why a request is turned away before anything is looked at, with the status of the answer. */
export interface Refusal {
  readonly status: 400 | 403 | 405 | 421;
  /** What the person who sees the answer is told. */
  readonly words: string;
}

const fromElsewhere: Refusal = {
  status: 403,
  words: 'Another page tried to reach Strongroom, and was not let in.',
};

/**
 * What every request must pass before it is answered, the upgrade to a WebSocket included.
 *
 * - `Host` is the door's own address. A page whose name was made to point at 127.0.0.1 (DNS rebinding) carries its name.
 * - `Origin`, where a browser sends it, is the door's own; on everything that could change something it must be there.
 * - `Sec-Fetch-Site`, where a browser sends it, says that the request comes from the door's own page or from the person
 *   (an address typed, a bookmark). A link on another page may lead to the page itself and nowhere else; it comes
 *   without the cookie (`SameSite=Strict`) and so meets the page that asks for a token.
 *   https://www.w3.org/TR/fetch-metadata/
 *
 * @param origin the door's own, such as `http://127.0.0.1:41003`.
 * @param changes whether the request could change something: any method but GET and HEAD, and a WebSocket.
 */
export function refusal(request: IncomingMessage, origin: string, changes: boolean): Refusal | undefined {
  const { headers, method = '' } = request;
  if (!['GET', 'HEAD', 'POST'].includes(method))
    return { status: 405, words: 'Strongroom has no answer to such a request.' };
  if (hostOf(request) !== new URL(origin).host) {
    return { status: 421, words: 'Strongroom answers only at the address that was printed in the terminal.' };
  }
  if (changes ? headers.origin !== origin : headers.origin !== undefined && headers.origin !== origin) {
    return fromElsewhere;
  }
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin') return undefined;
  if (changes) return fromElsewhere;
  return site === 'none' || isVisit(request) ? undefined : fromElsewhere;
}

/** A person who follows a link in a tab of its own to one of the two pages, not a frame, an image or a script. */
function isVisit(request: IncomingMessage): boolean {
  const { headers, url } = request;
  return (
    (url === '/' || url === openPath) &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  );
}

/** The `Host` header, unless there are none or several of them. */
function hostOf(request: IncomingMessage): string | undefined {
  const given = request.headersDistinct['host'] ?? [];
  return given.length === 1 ? given[0] : undefined;
}
