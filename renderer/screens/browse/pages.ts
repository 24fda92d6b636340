/** What one answer of a listing holds. */
export interface Answer<Row> {
  readonly rows: readonly Row[];
  /** How many rows the whole listing has. */
  readonly total: number;
  readonly files: number;
  readonly bytes: number;
  /** Whether the rows are still to be put in the order that was asked for. */
  readonly provisional?: boolean | undefined;
}

/** Asks for rows `offset` to `offset + limit` of the listing of a key. */
export type Asking<Key, Row> = (key: Key, offset: number, limit: number, signal: AbortSignal) => Promise<Answer<Row>>;

export interface PageLimits {
  /** Rows a page. */
  readonly pageSize: number;
  /** Pages held at most, so that memory does not grow with the folder. */
  readonly maxPages: number;
  /** Pages asked for before they are seen, in the direction of scrolling. */
  readonly ahead: number;
  /** Requests under way at a time. */
  readonly atOnce: number;
}

/** The first page of a listing that is about to be opened. */
interface Expected<Key, Row> {
  readonly key: Key;
  readonly ending: AbortController;
  readonly coming: Promise<Answer<Row>>;
  answer: Answer<Row> | undefined;
}

/** The window's own time, in milliseconds. */
export interface Beat {
  readonly now: () => number;
  /** Does something before the next drawing. */
  readonly draw: (work: () => void) => void;
  readonly after: (ms: number, work: () => void) => void;
}

/** Pages that pass quicker than this, milliseconds each, are not read by anybody. */
const flyingMs = 100;
/** While pages fly past, the next is asked for after so many times as long as the last answer took. */
const restFactor = 4;
/** How long it must stand still to be wanted after all, milliseconds. */
const settledMs = 40;

export const usualLimits: PageLimits = { pageSize: 200, maxPages: 40, ahead: 2, atOnce: 3 };

interface Summary {
  readonly total: number;
  readonly files: number;
  readonly bytes: number;
  /** Whether some of the rows that were read are still to be put in the order that was asked for. */
  readonly provisional: boolean;
}

/**
 * The rows of one long listing, as far as they are near what a person sees. Pages come when they are wanted, the nearest
 * first; requests for what has been scrolled past are given up; the farthest pages are forgotten.
 *
 * Two ways to another listing: `open` forgets at once what was shown (another folder), `follow` shows the old rows until
 * the new ones are here (another moment of the same folder, or the same listing after something changed). While one
 * following request is under way the newest wish waits for it, so that a moving slider keeps redrawing instead of
 * cancelling each answer with the next question.
 */
export class PageCache<Key, Row> {
  readonly #ask: Asking<Key, Row>;
  readonly #limits: PageLimits;
  #key: Key | undefined;
  #summary: Summary | undefined;
  #pages = new Map<number, readonly Row[]>();
  #asked = new Map<number, AbortController>();
  /** Pages whose request failed: not asked for again until somebody says so. */
  #failed = new Set<number>();
  #problem: unknown;
  #first = 0;
  #last = 0;
  #direction: 1 | -1 = 1;
  #following: AbortController | undefined;
  #reading = 0;
  #next: { readonly key: Key } | undefined;
  #expected: Expected<Key, Row> | undefined;
  #formerRow: Row | undefined;
  #revision = 0;
  #toTell = false;
  readonly #beat: Beat | undefined;
  /** When the page in sight became another one, and whether the one before it was there for a moment only. */
  #turnedAt = -Infinity;
  #flying = false;
  #askedAt = -Infinity;
  #answerMs = 0;
  #wakeAt = -Infinity;
  readonly #listeners = new Set<() => void>();

  /**
   * @param beat of the window that the rows are for. Without one, everything is told and asked for at once. With it, rows
   *   that come between two drawings are told together, for each telling makes the window reckon its layout anew; and
   *   while somebody flies through the listing, an engine that has other work is asked for part of the pages only.
   */
  constructor(ask: Asking<Key, Row>, limits: PageLimits = usualLimits, beat?: Beat) {
    this.#ask = ask;
    this.#limits = limits;
    this.#beat = beat;
  }

  /** For React's `useSyncExternalStore`, with {@link revision} as the snapshot. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Another number whenever something that can be seen has changed. */
  readonly revision = (): number => this.#revision;

  /** The listing that the rows are of, `undefined` before the first `open`. */
  get key(): Key | undefined {
    return this.#key;
  }

  /** `undefined` until the first answer. */
  get summary(): Summary | undefined {
    return this.#summary;
  }

  /** Why a page did not come. */
  get problem(): unknown {
    return this.#problem;
  }

  /** Whether rows of another moment are on their way while the old ones are still shown. */
  get isFollowing(): boolean {
    return this.#following !== undefined;
  }

  /** Another number whenever all rows were read anew: as of another moment, or because something has changed. */
  get reading(): number {
    return this.#reading;
  }

  get pagesHeld(): number {
    return this.#pages.size;
  }

  /** A row, or `undefined` while its page is not here. */
  row(index: number): Row | undefined {
    const { pageSize } = this.#limits;
    return this.#pages.get(Math.floor(index / pageSize))?.[index % pageSize];
  }

  /** Some row that is here; one of the listing before while there is none of this one. */
  get anyRow(): Row | undefined {
    for (const [row] of this.#pages.values()) if (row !== undefined) return row;
    return this.#formerRow;
  }

  /** The rows that are here, in order, with their index. */
  *rows(): Generator<readonly [number, Row]> {
    const { pageSize } = this.#limits;
    for (const page of [...this.#pages.keys()].sort((a, b) => a - b))
      for (const [index, row] of (this.#pages.get(page) ?? []).entries()) yield [page * pageSize + index, row];
  }

  /**
   * Asks for the beginning of a listing that is about to be opened, and changes nothing of what is shown: to be called
   * with the press itself, for the way from there to {@link open} takes the window longer than the engine its answer.
   */
  expect(key: Key): void {
    if (this.#expected !== undefined && isSame(this.#expected.key, key)) return;
    this.#expectNothing();
    const ending = new AbortController();
    const coming = this.#ask(key, 0, this.#limits.pageSize, ending.signal);
    const expected: Expected<Key, Row> = { key, ending, coming, answer: undefined };
    this.#expected = expected;
    coming.then(
      (answer) => (expected.answer = answer),
      // Whoever opens it asks once more, and is told.
      () => {
        if (this.#expected === expected) this.#expected = undefined;
      },
    );
  }

  /** Shows another listing from its beginning, and nothing of the old one. */
  open(key: Key): void {
    const expected = this.#expected;
    this.#expected = undefined;
    this.#formerRow = this.anyRow;
    this.#giveUpAll();
    this.#key = key;
    this.#reading += 1;
    this.#summary = undefined;
    this.#pages.clear();
    this.#problem = undefined;
    this.#first = 0;
    this.#last = 0;
    if (expected === undefined || !isSame(expected.key, key)) expected?.ending.abort();
    else if (expected.answer !== undefined) this.#take(0, expected.answer);
    else void this.#fetch(key, 0, expected);
    this.#changed();
    this.#fill();
  }

  /** Goes over to another listing, or the same one anew, as soon as the rows in sight are here. */
  follow(key: Key): void {
    if (this.#summary === undefined) {
      this.open(key);
      return;
    }
    // What was expected was asked for before whatever is the reason for this.
    this.#expectNothing();
    this.#next = { key };
    if (this.#following === undefined) void this.#goOver();
  }

  /** What is in sight: rows `first` to `last`, both included. */
  want(first: number, last: number): void {
    if (first === this.#first && last === this.#last) return;
    this.#direction = first >= this.#first ? 1 : -1;
    const turned = this.#pageOf(first) !== this.#pageOf(this.#first);
    this.#first = first;
    this.#last = last;
    if (turned) this.#turn();
    this.#fill();
  }

  /** Asks again for what failed. */
  retry(): void {
    this.#failed.clear();
    this.#problem = undefined;
    this.#changed();
    this.#fill();
  }

  /** Gives up every request; for when nobody looks any more. */
  close(): void {
    this.#giveUpAll();
  }

  #changed(): void {
    this.#revision += 1;
    for (const listener of this.#listeners) listener();
  }

  #changedSoon(): void {
    if (this.#toTell) return;
    // Where nothing stands yet, nothing is saved by waiting.
    if (this.#beat === undefined || this.#pages.size < 2) {
      this.#changed();
      return;
    }
    this.#toTell = true;
    this.#beat.draw(() => {
      this.#toTell = false;
      this.#changed();
    });
  }

  /** Another page is in sight. */
  #turn(): void {
    if (this.#beat === undefined) return;
    const now = this.#beat.now();
    this.#flying = now - this.#turnedAt < flyingMs;
    this.#turnedAt = now;
  }

  /** Whether a page may be asked for now. If not, it is asked for what is in sight by the time that it may. */
  #mayAsk(beat: Beat): boolean {
    const now = beat.now();
    if (now - this.#turnedAt >= settledMs) this.#flying = false;
    const at = this.#flying ? this.#askedAt + restFactor * this.#answerMs : now;
    if (at <= now) return true;
    if (this.#wakeAt <= now) {
      this.#wakeAt = Math.min(at, now + settledMs);
      beat.after(this.#wakeAt - now, () => {
        this.#wakeAt = -Infinity;
        this.#fill();
      });
    }
    return false;
  }

  #expectNothing(): void {
    this.#expected?.ending.abort();
    this.#expected = undefined;
  }

  #giveUpAll(): void {
    this.#expectNothing();
    for (const asked of this.#asked.values()) asked.abort();
    this.#asked.clear();
    this.#failed.clear();
    this.#following?.abort();
    this.#following = undefined;
    this.#next = undefined;
  }

  #pageOf(index: number): number {
    return Math.floor(Math.max(0, index) / this.#limits.pageSize);
  }

  /** The pages that should be here, what is in sight first. */
  #wanted(): number[] {
    const from = this.#pageOf(this.#first);
    const to = this.#pageOf(this.#last);
    const final = this.#summary === undefined ? 0 : this.#pageOf(this.#summary.total - 1);
    const pages: number[] = [];
    for (let page = from; page <= to; page += 1) pages.push(page);
    for (let step = 1; step <= this.#limits.ahead; step += 1)
      pages.push(this.#direction === 1 ? to + step : from - step);
    pages.push(this.#direction === 1 ? from - 1 : to + 1);
    return pages.filter((page) => page >= 0 && page <= final);
  }

  #fill(): void {
    const key = this.#key;
    // While following, rows of the old listing are no longer worth a request.
    if (key === undefined || this.#following !== undefined) return;
    const wanted = this.#wanted();
    for (const [page, asked] of this.#asked)
      if (!wanted.includes(page)) {
        asked.abort();
        this.#asked.delete(page);
      }
    for (const page of wanted) {
      if (this.#asked.size >= this.#limits.atOnce) break;
      if (this.#pages.has(page) || this.#asked.has(page) || this.#failed.has(page)) continue;
      if (this.#beat !== undefined && !this.#mayAsk(this.#beat)) break;
      void this.#fetch(key, page);
    }
  }

  async #fetch(key: Key, page: number, expected?: Expected<Key, Row>): Promise<void> {
    const ending = expected?.ending ?? new AbortController();
    this.#asked.set(page, ending);
    const { pageSize } = this.#limits;
    const askedAt = this.#beat?.now() ?? 0;
    this.#askedAt = askedAt;
    try {
      const answer = await (expected?.coming ?? this.#ask(key, page * pageSize, pageSize, ending.signal));
      this.#answerMs = (this.#beat?.now() ?? 0) - askedAt;
      if (ending.signal.aborted) return;
      this.#asked.delete(page);
      this.#take(page, answer);
    } catch (error) {
      if (ending.signal.aborted) return;
      this.#asked.delete(page);
      this.#failed.add(page);
      this.#problem = error;
    }
    this.#changedSoon();
    this.#fill();
  }

  #take(page: number, answer: Answer<Row>): void {
    const { total, files, bytes } = answer;
    const provisional = answer.provisional === true || this.#summary?.provisional === true;
    this.#summary = { total, files, bytes, provisional };
    this.#pages.set(page, answer.rows);
    const centre = this.#pageOf((this.#first + this.#last) / 2);
    while (this.#pages.size > this.#limits.maxPages) {
      let farthest = page;
      for (const held of this.#pages.keys()) if (Math.abs(held - centre) > Math.abs(farthest - centre)) farthest = held;
      this.#pages.delete(farthest);
    }
  }

  async #goOver(): Promise<void> {
    for (let next = this.#next; next !== undefined; next = this.#next) {
      this.#next = undefined;
      const ending = new AbortController();
      this.#following = ending;
      const { pageSize } = this.#limits;
      const key = next.key;
      const from = this.#pageOf(this.#first);
      const pages = from === this.#pageOf(this.#last) ? [from] : [from, from + 1];
      try {
        const answers = await Promise.all(
          pages.map((page) => this.#ask(key, page * pageSize, pageSize, ending.signal)),
        );
        if (ending.signal.aborted) return;
        for (const asked of this.#asked.values()) asked.abort();
        this.#asked.clear();
        this.#failed.clear();
        this.#problem = undefined;
        this.#key = key;
        this.#reading += 1;
        this.#pages = new Map();
        this.#summary = undefined;
        for (const [index, answer] of answers.entries()) this.#take(pages[index] ?? from, answer);
      } catch (error) {
        if (ending.signal.aborted) return;
        // The old rows would now stand under a heading that is not theirs.
        this.#key = key;
        this.#pages = new Map();
        this.#failed = new Set(pages);
        this.#problem = error;
      }
      this.#following = undefined;
      this.#changed();
    }
    this.#fill();
  }
}

/** Keys are plain values. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
