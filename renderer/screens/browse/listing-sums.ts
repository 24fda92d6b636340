import type { FolderSum } from '../../../shared/contract/shapes.ts';

/** Of what the sums are: folders of a source as of a moment. Rows that were read anew have another `reading`. */
export interface SumsOf {
  readonly source: string;
  /** The folder whose folders they are. */
  readonly path: string;
  /** `null`: now. */
  readonly at: number | null;
  readonly reading: number;
}

/** Asks for the sums of some folders. A folder that is not known is left out of the answer. */
export type AskingSums = (of: SumsOf, paths: readonly string[], signal: AbortSignal) => Promise<readonly FolderSum[]>;

/** As many folders as are asked for at a time: more than are in sight. */
const mostAsked = 200;

/**
 * What lies in the folders of a listing, asked for once they are in sight. Another moment or folder gives up what is under
 * way and forgets what is known, since it would be wrong; rows that were read anew keep the sums until new ones are here.
 */
export class FolderSums {
  readonly #ask: AskingSums;
  #of: SumsOf | undefined;
  /** `null`: it could not be had. */
  #known = new Map<string, FolderSum | null>();
  /** Folders that need not be asked for again. */
  #settled = new Set<string>();
  #wanted: readonly string[] = [];
  #asking: AbortController | undefined;
  #revision = 0;
  readonly #listeners = new Set<() => void>();

  constructor(ask: AskingSums) {
    this.#ask = ask;
  }

  /** For React's `useSyncExternalStore`, with {@link revision} as the snapshot. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number whenever sums have come or were forgotten. */
  readonly revision = (): number => this.#revision;

  /** The sum of a folder, `undefined` while it is on its way, `null` where it could not be had. */
  sum(path: string): FolderSum | null | undefined {
    return this.#known.get(path);
  }

  /** Whether any sum has come since the rows were read. */
  areKnown(reading: number): boolean {
    return this.#of?.reading === reading && [...this.#settled].some((path) => this.#known.get(path) !== null);
  }

  /** What is in sight. */
  want(of: SumsOf, paths: readonly string[]): void {
    const before = this.#of;
    const isSame = before?.source === of.source && before.path === of.path && before.at === of.at;
    if (!isSame || before.reading !== of.reading) {
      this.#giveUp();
      this.#of = of;
      this.#settled = new Set();
      if (!isSame && this.#known.size > 0) {
        this.#known = new Map();
        this.#changed();
      }
    }
    this.#wanted = paths;
    this.#fill();
  }

  /** Gives up what is under way; for when nobody looks any more. */
  close(): void {
    this.#giveUp();
    this.#wanted = [];
  }

  #giveUp(): void {
    this.#asking?.abort();
    this.#asking = undefined;
  }

  #changed(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  /** One question at a time: what comes in sight meanwhile waits for its answer. */
  #fill(): void {
    if (this.#of === undefined || this.#asking !== undefined) return;
    const missing = this.#wanted.filter((path) => !this.#settled.has(path)).slice(0, mostAsked);
    if (missing.length > 0) void this.#fetch(this.#of, missing);
  }

  async #fetch(of: SumsOf, paths: readonly string[]): Promise<void> {
    const asking = new AbortController();
    this.#asking = asking;
    const sums = await this.#ask(of, paths, asking.signal).catch(() => {
      // The rows say themselves what is wrong. Without sums they are whole, and the next reading asks again.
      return [];
    });
    if (asking.signal.aborted) return;
    this.#asking = undefined;
    for (const path of paths) {
      this.#settled.add(path);
      this.#known.set(path, null);
    }
    for (const sum of sums) this.#known.set(sum.path, sum);
    this.#changed();
    this.#fill();
  }
}
