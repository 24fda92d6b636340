import { isOwn, scheme, webAddress } from './addresses.ts';
import type { App, Contents, Sent, Session, System } from './system.ts';

/*
 * What the window may not do, whatever runs in it. By Electron's own checklist:
 * https://www.electronjs.org/docs/latest/tutorial/security
 */

/** Refuses every permission, every request to anywhere but the app itself, and every download but the app's own. */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, callback) => callback(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null));
  session.webRequest.onBeforeRequest({ urls: ['<all_urls>'] }, ({ url }, callback) =>
    callback({ cancel: !mayRequest(url) }),
  );
  session.on('will-download', (event, item) => {
    if (!isOwn(item.getURL()) && !item.getURL().startsWith(`blob:${scheme}:`)) event.preventDefault();
  });
}

/** `devtools:` pages load themselves, in development only; `blob:` and `data:` are of the page's own making. */
function mayRequest(url: string): boolean {
  return isOwn(url) || /^(blob|data|devtools):/.test(url);
}

/**
 * Refuses navigation away from the app, new windows and webviews, in every page that there is or will be. A link that
 * wanted a new window and leads to the web by https opens in the system's browser instead.
 */
export function guardContents(app: App, openOutside: (url: string) => Promise<void>): void {
  app.on('web-contents-created', (_event, contents) => guardOne(contents, openOutside));
}

function guardOne(contents: Contents, openOutside: (url: string) => Promise<void>): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    // A preview is a sandboxed frame with an address of our own; the page itself never leaves.
    if (event.isMainFrame || !(isOwn(event.url) || event.url.startsWith(`blob:${scheme}:`))) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const address = webAddress(url, ['https:']);
    // What cannot be shown is left at that: the person sees that nothing opened.
    if (address !== undefined) openOutside(address).catch(() => undefined);
    return { action: 'deny' };
  });
}

/** Shows an address in the system's browser. Errors: for anything but `http:` and `https:`. */
export function browserOf(shell: System['shell']): (url: string) => Promise<void> {
  return async (url) => {
    const address = webAddress(url);
    if (address === undefined) throw new Error('Only addresses of the web are shown in the browser.');
    // What Electronegativity asks about: only `http:` and `https:` get here, never a file or another program's scheme.
    await shell.openExternal(address); /* eng-disable OPEN_EXTERNAL_JS_CHECK */
  };
}

/** Whether a message comes from the app's own page in its own window, not from a frame in it and not from elsewhere. */
export function isFromWindow(event: Sent, contents: Pick<Contents, 'id'> | undefined): boolean {
  const { sender, senderFrame } = event;
  return (
    contents !== undefined &&
    sender.id === contents.id &&
    senderFrame !== null &&
    senderFrame.parent === null &&
    isOwn(senderFrame.url)
  );
}
