import { randomBytes } from 'node:crypto';
import { contentSecurityPolicy } from '../../../shared/contract/csp.ts';

/** A nonce for one answer. */
export function newNonce(): string {
  return randomBytes(18).toString('base64');
}

/**
 * What every answer carries, whatever it is: nobody may guess its type, frame it, read it from another origin, or learn
 * its address; nothing in it may run but what came with the app.
 */
export function safeHeaders(nonce = newNonce()): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(nonce),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
    'x-dns-prefetch-control': 'off',
    // Unless said otherwise: what lies behind the token is not to lie about in a browser's cache.
    'cache-control': 'no-store',
  };
}
