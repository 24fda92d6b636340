import type { IncomingHttpHeaders } from 'node:http';

/** What the proxy can do to one request. Byte counts and offsets are of the body; a shorter body passes untouched. */
export type Fault =
  /** Passes the first bytes of the request's body on, then drops both connections. 0 cuts before any byte. */
  | { readonly kind: 'cut-request'; readonly afterBytes: number }
  /** Gives the response's head and the first bytes of its body, then drops the client's connection. */
  | { readonly kind: 'cut-response'; readonly afterBytes: number }
  /** Answers in S3's error form (500 InternalError, 503 SlowDown) and passes nothing on. */
  | { readonly kind: 'answer'; readonly status: 500 | 503; readonly retryAfterSeconds?: number }
  /** Waits, then passes the request on. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** Passes the body of one direction on at a pace. */
  | { readonly kind: 'slow'; readonly where: Direction; readonly bytesPerSecond: number }
  /** Passes the first bytes of one direction on, then nothing more until the client gives up. */
  | { readonly kind: 'stall'; readonly where: Direction; readonly afterBytes: number }
  /** Gives only the first bytes of the response's body, framed so that HTTP sees a complete response. */
  | { readonly kind: 'truncate-response'; readonly afterBytes: number }
  /** Changes the lowest bit of one byte. */
  | { readonly kind: 'flip-byte'; readonly where: Direction; readonly offset: number }
  /** Lets the server answer in full, then drops the client's connection without a byte of the answer. */
  | { readonly kind: 'lose-response' };

/** Which of the two bodies a fault is about. */
export type Direction = 'request' | 'response';

/** What a rule is matched against: the request before its body was read. */
export interface RequestHead {
  readonly method: string;
  /** As the client sent it, escapes included, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** When a fault happens. Of several rules, the one injected first that applies is taken. */
export interface FaultRule {
  readonly fault: Fault;
  /** Every request when left out. */
  readonly match?: (request: RequestHead) => boolean;
  /** How many matching requests pass untouched first; 0 when left out. */
  readonly skip?: number;
  /** How often at most the rule applies: once when left out, without end when there is a probability. */
  readonly times?: number;
  /** The chance, in [0, 1], that the rule applies to a matching request; drawn from the proxy's seed. */
  readonly probability?: number;
}

/** The rules of one proxy, and how often each has matched. */
export class FaultRules {
  readonly #random: () => number;
  #rules: { readonly rule: FaultRule; skipsLeft: number; timesLeft: number }[] = [];

  constructor(random: () => number) {
    this.#random = random;
  }

  add(rule: FaultRule): void {
    const timesLeft = rule.times ?? (rule.probability === undefined ? 1 : Infinity);
    this.#rules.push({ rule, skipsLeft: rule.skip ?? 0, timesLeft });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault of this request, if any; counts the request against the rules that it matches. */
  take(request: RequestHead): Fault | undefined {
    for (const entry of this.#rules) {
      if (entry.timesLeft <= 0 || entry.rule.match?.(request) === false) continue;
      if (entry.skipsLeft > 0) {
        entry.skipsLeft -= 1;
        continue;
      }
      if (entry.rule.probability !== undefined && this.#random() >= entry.rule.probability) continue;
      entry.timesLeft -= 1;
      return entry.rule.fault;
    }
    return undefined;
  }
}
