import { randomInt } from 'node:crypto';

/** What goes wrong. */
export type Fault =
  /** The answer comes this much later. */
  | { readonly kind: 'latency'; readonly milliseconds: number }
  /** Refused before anything is done: 403, 429, 500, 503, … with Google's reason and, if given, `Retry-After` seconds. */
  | { readonly kind: 'refuse'; readonly status: number; readonly reason?: string; readonly retryAfter?: number }
  /** Refused in words, after it was done. */
  | { readonly kind: 'refuseAfter'; readonly status: number; readonly reason?: string }
  /** The connection breaks when this many bytes of the request's body have come. */
  | { readonly kind: 'cutRequest'; readonly afterBytes: number }
  /** The connection breaks when this many bytes of the answer's body have gone. */
  | { readonly kind: 'cutResponse'; readonly afterBytes: number }
  /** It is done, and the connection breaks before a word of the answer. */
  | { readonly kind: 'loseResponse' }
  /** This byte of the answer's body arrives inverted. */
  | { readonly kind: 'flipByte'; readonly offset: number }
  /** The access token that the request brings has just expired. */
  | { readonly kind: 'expireToken' };

/** What a rule looks at. */
export interface FaultTarget {
  /** `drive.files.create`, …; `upload.put` for a session's PUT; `oauth.token`, `oauth.revoke`, `oauth.authorize`. */
  readonly id: string;
  readonly verb: string;
  /** The path of the URL. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentRange: string | undefined;
}

/** When something goes wrong. All conditions that are given must hold. */
export interface FaultRule {
  readonly fault: Fault;
  readonly id?: string;
  readonly verb?: string;
  readonly path?: RegExp;
  readonly when?: (target: FaultTarget) => boolean;
  /** Lets this many matching requests pass first. 0 if not given. */
  readonly skip?: number;
  /** Strikes this many times, then never again. 1 if not given; `Infinity` for always. */
  readonly times?: number;
  /** Strikes a matching request with this chance (0 to 1). The seed is printed when it is not given. */
  readonly probability?: number;
  readonly seed?: number;
}

/** A rule at work. */
export interface ActiveFault {
  /** How many requests it struck. */
  readonly fired: number;
  /** What its chances come from, for a repeat of the run. */
  readonly seed: number | undefined;
  remove(): void;
}

/** The rules by which things go wrong; a request can be struck by several. */
export class Faults {
  readonly #rules = new Set<{ strike(target: FaultTarget): Fault | undefined }>();

  /** Adds a rule. */
  add(rule: FaultRule): ActiveFault {
    const seed = rule.probability === undefined ? undefined : (rule.seed ?? randomInt(2 ** 31));
    if (rule.probability !== undefined && rule.seed === undefined) {
      console.log(`drive emulator: fault ${rule.fault.kind} with probability ${rule.probability}, seed ${seed ?? ''}`);
    }
    const random = seededRandom(seed ?? 0);
    let fired = 0;
    let toSkip = rule.skip ?? 0;
    const entry = {
      strike: (target: FaultTarget): Fault | undefined => {
        if (fired >= (rule.times ?? 1) || !matches(rule, target)) return undefined;
        if (rule.probability !== undefined && random() >= rule.probability) return undefined;
        if (toSkip > 0) {
          toSkip -= 1;
          return undefined;
        }
        fired += 1;
        return rule.fault;
      },
    };
    this.#rules.add(entry);
    return {
      get fired() {
        return fired;
      },
      seed,
      remove: () => void this.#rules.delete(entry),
    };
  }

  /** Removes every rule. */
  clear(): void {
    this.#rules.clear();
  }

  /** What strikes this request. */
  strike(target: FaultTarget): Fault[] {
    if (this.#rules.size === 0) return [];
    return [...this.#rules].flatMap((rule) => rule.strike(target) ?? []);
  }
}

function matches(rule: FaultRule, target: FaultTarget): boolean {
  return (
    (rule.id === undefined || rule.id === target.id) &&
    (rule.verb === undefined || rule.verb === target.verb) &&
    (rule.path?.test(target.path) ?? true) &&
    (rule.when?.(target) ?? true)
  );
}

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
