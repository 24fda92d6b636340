import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../../shared/domain.ts';

/** How long a printed address may be used. */
export const tokenLifeMs = 10 * 60_000;

/** Whoever asks for addresses without using them ends the oldest of them. */
const mostTokens = 16;

/** 256 bits that nobody can guess, as text for an address or a cookie. */
export function secretText(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Compares secrets without telling by the time it takes how much of one is right.
 * The digests make both sides equally long.
 */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

interface Token {
  readonly text: string;
  readonly expiresAt: number;
  readonly ownUserOnly: boolean;
}

/** What became of a token that somebody brought. */
export type Redeemed = 'taken' | 'unknown' | 'expired' | 'another-user';

/**
 * The one-time tokens in the addresses that open the window. A token dies with its first use and after
 * {@link tokenLifeMs}, whichever comes first.
 */
export class Tokens {
  readonly #clock: Clock;
  #tokens: Token[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param ownUserOnly for an address that goes through a program's arguments, which every user of a computer may read:
   * only a browser of the user that this process runs as may use it.
   */
  issue(ownUserOnly: boolean): { readonly text: string; readonly expiresAt: number } {
    const token = { text: secretText(), expiresAt: this.#clock.now() + tokenLifeMs, ownUserOnly };
    this.#tokens = [...this.#tokens.slice(1 - mostTokens), token];
    return token;
  }

  /** @param isOwnUser whether the request comes from this process's user; asked only where it matters. */
  redeem(given: string, isOwnUser: () => boolean): Redeemed {
    const token = this.#tokens.find(({ text }) => sameSecret(given, text));
    if (token === undefined) return 'unknown';
    if (token.ownUserOnly && !isOwnUser()) return 'another-user';
    this.#tokens = this.#tokens.filter((other) => other !== token);
    return this.#clock.now() < token.expiresAt ? 'taken' : 'expired';
  }
}

/** Who is signed in: cookies that live as long as this process. Only their digests are kept. */
export class Sessions {
  readonly #digests = new Set<string>();
  readonly #cookie: string;

  /** @param port part of the cookie's name, because browsers do not keep cookies of several ports apart. */
  constructor(port: number) {
    this.#cookie = `strongroom-${port}`;
  }

  /** Begins a session. @returns the value of `Set-Cookie`. */
  begin(): string {
    const secret = secretText();
    this.#digests.add(digestOf(secret));
    // No `Secure`: the door speaks plain HTTP, and only to this computer. No age: it ends with the browser.
    return `${this.#cookie}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Whether a request's `Cookie` header holds the cookie of a session, once and whole. */
  has(header: string | undefined): boolean {
    const values = (header ?? '')
      .split(';')
      .map((pair) => pair.trim())
      .filter((pair) => pair.startsWith(`${this.#cookie}=`))
      .map((pair) => pair.slice(this.#cookie.length + 1));
    return values.length === 1 && this.#digests.has(digestOf(values[0] ?? ''));
  }
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
