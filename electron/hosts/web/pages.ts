import { newNonce, safeHeaders } from './headers.ts';

/** Where an address with a token leads: a page of its own, so that it works whether or not one is signed in already. */
export const openPath = '/open';

/** Where that page's script lies. */
export const openScriptPath = '/open.js';

/** Where the token is exchanged for a cookie. */
export const sessionPath = '/session';

export interface Page {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a page says: one heading, one paragraph. */
export interface Words {
  readonly title: string;
  readonly text: string;
}

const printedAddress = 'the address that was printed in the terminal where Strongroom was started';

export const words = {
  askForToken: {
    title: 'Strongroom is running',
    text: `Open ${printedAddress}. It works once and for ten minutes; press Enter there for a new one.`,
  },
  opening: { title: 'Strongroom', text: 'Opening …' },
  spent: {
    title: 'This address does not open Strongroom any more',
    text: 'Each address works once. Go to the terminal where Strongroom was started, press Enter, and open the address that it prints.',
  },
  expired: {
    title: 'This address is too old',
    text: 'An address works for ten minutes. Go to the terminal where Strongroom was started, press Enter, and open the address that it prints.',
  },
  anotherUser: {
    title: 'This address belongs to another user',
    text: `It opens Strongroom only for the person who started it. If that is you, open ${printedAddress}.`,
  },
  silent: {
    title: 'Strongroom does not answer',
    text: 'It may have been closed. Start it again and open the address that it prints.',
  },
  nothingHere: { title: 'Nothing here', text: 'There is no such page in Strongroom.' },
  broken: {
    title: 'Strongroom could not answer',
    text: 'Something went wrong inside Strongroom. Load the page again; if that does not help, start Strongroom again.',
  },
} as const satisfies Record<string, Words>;

const style = `
:root { color-scheme: light dark; }
body { font: 1.125rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 18vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; font-weight: 600; }`;

/** A page of a few words. They are our own, never what somebody sent. */
export function plainPage(status: number, { title, text }: Words, script = false): Page {
  const nonce = newNonce();
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Strongroom</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${style}</style>
${script ? `<script src="${openScriptPath}" defer></script>` : ''}
</head>
<body>
<main aria-live="polite"><h1 id="title">${title}</h1><p id="text">${text}</p></main>
</body>
</html>
`;
  return { status, headers: { ...safeHeaders(nonce), 'content-type': 'text/html; charset=utf-8' }, body };
}

/**
 * The page that takes the token out of its own address. The token stands behind the `#`, which browsers keep to
 * themselves: it is in no request line, no log and no `Referer`.
 */
export function openPage(status: number): Page {
  return plainPage(status, words.askForToken, true);
}

/** Brings the token by POST and forgets the address, in the browser's history too. */
export const openScript = `'use strict';
const say = ({ title, text }) => {
  document.getElementById('title').textContent = title;
  document.getElementById('text').textContent = text;
};
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token !== null) {
  history.replaceState(null, '', ${JSON.stringify(openPath)});
  say(${JSON.stringify(words.opening)});
  fetch(${JSON.stringify(sessionPath)}, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  })
    .then(async (answer) => (answer.ok ? location.replace('/') : say(await answer.json())))
    .catch(() => say(${JSON.stringify(words.silent)}));
}
`;
