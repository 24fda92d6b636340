/** What a person gave to say which folder of Google Drive it is: its id, or why it is none. */
export type DriveAddress = { readonly folder: string } | { readonly why: string };

const id = /^[A-Za-z0-9_-]+$/;
/** Ids of folders and shared drives have 19 characters and more; a word of a few letters is a name. */
const shortestId = 15;

/**
 * The folder that an address names. Takes the address of a folder's or shared drive's page (with or without an account
 * number), older addresses with `?id=`, Strongroom's own `drive://id/…`, a bare id, and `root` or the page of My Drive.
 */
export function parseDriveAddress(text: string): DriveAddress {
  const said = text.trim();
  if (said === '') return { why: 'Paste the address of the folder’s page in Google Drive.' };
  if (said === 'root') return { folder: 'root' };
  const own = /^drive:\/\/([A-Za-z0-9_-]+)/.exec(said)?.[1];
  if (own !== undefined) return { folder: own };
  if (id.test(said)) {
    if (said.length >= shortestId) return { folder: said };
    return {
      why: 'This is not an id of Google Drive. Open the folder in the browser and paste the address of its page.',
    };
  }
  const url = URL.parse(/^[a-z]+:\/\//i.test(said) ? said : `https://${said}`);
  if (url === null || !/(^|\.)google\.com$/.test(url.hostname)) {
    return { why: 'This is not an address of Google Drive. It begins with https://drive.google.com/.' };
  }
  if (url.hostname.startsWith('docs.') || /\/file\/d\//.test(url.pathname)) {
    return {
      why: 'This is the address of a file. Open the folder that the copies are to lie in, and paste its address.',
    };
  }
  const folder = /\/folders\/([^/]+)/.exec(url.pathname)?.[1] ?? url.searchParams.get('id');
  if (folder !== null && id.test(folder)) return { folder };
  if (/\/my-drive\/?$/.test(url.pathname)) return { folder: 'root' };
  if (/\/shared-drives\/?$/.test(url.pathname)) {
    return {
      why: 'This is the list of all shared drives. Open the one that the copies are to lie in, and paste its address.',
    };
  }
  return {
    why: 'There is no folder in this address. Open the folder in Google Drive; its address has /folders/ in it.',
  };
}

/** A path of folders as the engine takes it: without slashes at the ends; or why it is none. */
export function parseDrivePath(text: string): { readonly path: string } | { readonly why: string } {
  const path = text
    .split('/')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .join('/');
  if (path.split('/').some((name) => name === '.' || name === '..')) {
    return { why: 'A folder cannot be called . or .. there.' };
  }
  return { path };
}
