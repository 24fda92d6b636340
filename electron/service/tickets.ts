import { randomBytes } from 'node:crypto';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { ContentAnswer } from './door.ts';

/** Answers requests for one ticket. @param range the request's Range header. */
export type Answer = (range: string | undefined, signal: AbortSignal) => Promise<ContentAnswer>;

const mostTickets = 2_000;
const goodForMs = 12 * 3_600_000;

/**
 * Addresses of content that the window may fetch: nobody can guess one, each is for one thing, and they end by
 * themselves, as the last thousands of them or after half a day.
 */
export class Tickets {
  readonly #clock: Clock;
  readonly #issued = new Map<string, { readonly answer: Answer; readonly at: Instant }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns the address relative to the window's origin. */
  issue(answer: Answer): string {
    const ticket = randomBytes(24).toString('base64url');
    this.#issued.set(ticket, { answer, at: this.#clock.now() });
    for (const oldest of this.#issued.keys()) {
      if (this.#issued.size <= mostTickets) break;
      this.#issued.delete(oldest);
    }
    return `content/${ticket}`;
  }

  /** Status 404 for a ticket that was never given out or has ended. */
  async answer(ticket: string, range: string | undefined, signal: AbortSignal): Promise<ContentAnswer> {
    const issued = this.#issued.get(ticket);
    if (issued === undefined || this.#clock.now() - issued.at > goodForMs) {
      this.#issued.delete(ticket);
      return refusal(404);
    }
    return issued.answer(range, signal);
  }
}

/** An answer without content. */
export function refusal(status: number): ContentAnswer {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    },
    body: undefined,
  };
}
