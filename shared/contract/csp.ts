/*
 * The one content security policy of the window, whichever door it came through. No script runs that did not come with
 * the app; nothing is sent anywhere but to the door. https://www.w3.org/TR/CSP3/
 */

/**
 * What the built page carries wherever a nonce belongs: in the `nonce` of its own elements and in
 * `<meta property="csp-nonce">`, where the window finds it for the style elements that its component library makes.
 * A door puts a new nonce in its place each time that it gives the page out ({@link withNonce}).
 */
export const noncePlaceholder = '__STRONGROOM_CSP_NONCE__';

/**
 * The policy, as the value of the header `Content-Security-Policy`.
 *
 * @param nonce at least 128 random bits in Base64, new for every answer; style elements with it are applied. Style
 * attributes need none: React sets them through the CSSOM, which the policy does not touch.
 */
export function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // Pages of a PDF and frames of a TIFF are drawn from memory; pdf.js loads fonts of a document from data addresses.
    "img-src 'self' blob: data:",
    "media-src 'self' blob: data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    // pdf.js wraps its worker in a blob where it must.
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The built page with a nonce in all places for one. */
export function withNonce(page: string, nonce: string): string {
  return page.replaceAll(noncePlaceholder, nonce);
}
