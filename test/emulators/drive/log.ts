/** One request as the emulator saw it. */
export interface LoggedRequest {
  /** The emulator's clock. */
  readonly at: number;
  /** `drive.files.create`, `upload.put`, `oauth.token`, …; `unknown` for what is no method. */
  readonly id: string;
  readonly verb: string;
  readonly path: string;
  /** The query without anything secret. */
  readonly query: string;
  /** 0 when the line broke before an answer. */
  readonly status: number;
  /** Google's reason for a refusal. */
  readonly reason: string | undefined;
  readonly units: number;
  readonly user: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly faults: readonly string[];
}

const KEPT = 100_000;

/** What was asked of the emulator. Holds the last 100,000 requests; the counts go back to the beginning. */
export class RequestLog {
  #entries: LoggedRequest[] = [];
  #counts = new Map<string, number>();
  #units = 0;

  add(entry: LoggedRequest): void {
    if (this.#entries.length >= 2 * KEPT) this.#entries = this.#entries.slice(-KEPT);
    this.#entries.push(entry);
    this.#counts.set(entry.id, (this.#counts.get(entry.id) ?? 0) + 1);
    this.#units += entry.units;
  }

  /** The requests, oldest first. */
  get entries(): readonly LoggedRequest[] {
    return this.#entries.slice(-KEPT);
  }

  /** How many requests there were, of one kind or of all. */
  count(id?: string): number {
    if (id !== undefined) return this.#counts.get(id) ?? 0;
    return [...this.#counts.values()].reduce((sum, one) => sum + one, 0);
  }

  /** Quota units used. */
  get units(): number {
    return this.#units;
  }

  /** Starts anew. */
  clear(): void {
    this.#entries = [];
    this.#counts = new Map();
    this.#units = 0;
  }
}
