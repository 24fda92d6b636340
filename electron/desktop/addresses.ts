/** The scheme of the app's own pages; registered as standard and secure, so that it has an origin and `'self'` holds. */
export const scheme = 'app';
export const origin = `${scheme}://strongroom`;
export const startPage = `${origin}/index.html`;

/** Whether an address is of the app's own origin. */
export function isOwn(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed?.protocol === `${scheme}:` && parsed.host === 'strongroom';
}

/**
 * An address that may be shown in the system's browser, or `undefined`. Anything but the web could start a program
 * (`file:`, `smb:`, an installed program's own scheme).
 */
export function webAddress(url: string, protocols: readonly string[] = ['https:', 'http:']): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !protocols.includes(parsed.protocol) || parsed.hostname === '') return undefined;
  // An address that looks like one server's and leads to another's is nobody's honest link.
  if (parsed.username !== '' || parsed.password !== '') return undefined;
  return parsed.href;
}
