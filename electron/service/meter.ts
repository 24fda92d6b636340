/** The time, in milliseconds, over which a rate is taken: long enough to be steady, short enough to follow. */
const windowMs = 5_000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
  readonly copies: number;
}

/** How fast copying goes, from what was reached when. */
export class Meter {
  #samples: Sample[] = [];

  /** @param at milliseconds of a clock that only goes forward. @param bytes sent in all. @param copies made in all. */
  add(at: number, bytes: number, copies: number): void {
    this.#samples.push({ at, bytes, copies });
    // One sample from before the window stays, so that the window is covered whole.
    while ((this.#samples[1]?.at ?? at) < at - windowMs) this.#samples.shift();
  }

  /** Bytes a second; 0 until there is anything to tell. */
  get rate(): number {
    return this.#perMs((sample) => sample.bytes) * 1_000;
  }

  /**
   * Milliseconds that are left; `null` where nothing moves. Many small files go by their number, large ones by their
   * bytes: whichever takes longer.
   */
  remaining(bytes: number, copies: number): number | null {
    if (bytes === 0 && copies === 0) return 0;
    const [byBytes, byCopies] = [this.#perMs((sample) => sample.bytes), this.#perMs((sample) => sample.copies)];
    const times = [
      ...(byBytes > 0 ? [bytes / byBytes] : []),
      // Few copies say nothing of the pace: the next one may be a thousand times as large.
      ...(byCopies * windowMs >= 5 ? [copies / byCopies] : []),
    ];
    return times.length === 0 ? null : Math.round(Math.max(...times));
  }

  #perMs(value: (sample: Sample) => number): number {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    if (first === undefined || last === undefined || last.at <= first.at) return 0;
    return Math.max(0, (value(last) - value(first)) / (last.at - first.at));
  }
}
