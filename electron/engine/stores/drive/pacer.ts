import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { Sleep } from '../decorators/sleep.ts';
import { untilAborted } from './waiting.ts';

export interface PacerOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** From 0 (inclusive) to 1. */
  readonly random: () => number;
  /** Requests under way at once, at most. */
  readonly mostAtOnce: number;
}

const firstAtOnce = 8;
const cutTo = 0.75;
/** Each success raises the rate by so much a second: 5 % a second, whatever the rate is. */
const gain = 0.05;
/** Cuts within this time of one another answer the same overload. */
const cutEveryMs = 1000;
/** Google's longest pause. https://developers.google.com/workspace/drive/api/guides/limits#exponential */
const longestPauseMs = 64_000;
const rateWindowMs = 2000;

/** So many refusals of uploads in a row, over such a time, while other requests are served, are the daily limit. */
const dailyRefusals = 6;
const dailyAfterMs = 20_000;
/** How long uploads are not even tried once the daily limit is met; then one is, in case people freed it. */
const dailyProbeMs = 30 * 60_000;
const dayMs = 24 * 3_600_000;

/**
 * Finds the highest rate at which Drive accepts requests, which Google does not tell: more and more at once until it
 * refuses, then at three quarters of the rate that it last accepted, rising by 5 % a second until it refuses again
 * (additive increase, multiplicative decrease, on the number under way and on the rate).
 * https://developers.google.com/workspace/drive/api/guides/limits
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #waiting: (() => void)[] = [];
  readonly #accepted: number[] = [];
  #window = firstAtOnce;
  #underWay = 0;
  /** Requests a second; unlimited until the first refusal. */
  #rate = Infinity;
  #nextAt = 0;
  #cutAt = -Infinity;
  #uploadRefusals = 0;
  #firstUploadRefusal = 0;
  #othersServed = false;
  #daily: { readonly until: number; readonly probeAt: number } | undefined;

  constructor(options: PacerOptions) {
    this.#options = options;
  }

  /** What it has found so far: requests at once, and requests a second. */
  get found(): { readonly atOnce: number; readonly perSecond: number } {
    return { atOnce: Math.floor(this.#window), perSecond: this.#rate };
  }

  /**
   * Waits for leave to send one request. The caller must call the function it gets exactly once, when the answer is
   * there. Errors: `cancelled`; `store-full` for uploads after the daily limit was met.
   */
  async admit(upload: boolean, signal: AbortSignal): Promise<() => void> {
    if (upload) this.#throwIfDaily();
    while (this.#underWay >= Math.floor(this.#window)) {
      await this.#turn(signal);
    }
    this.#underWay += 1;
    const leave = (): void => {
      this.#underWay -= 1;
      this.#waiting.shift()?.();
    };
    if (this.#rate === Infinity) return leave;
    const now = this.#options.clock.now();
    const at = Math.max(this.#nextAt, now);
    this.#nextAt = at + 1000 / this.#rate;
    try {
      if (at > now) await this.#options.sleep(at - now, signal);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** A request was served. */
  succeeded(upload: boolean): void {
    const now = this.#options.clock.now();
    this.#accepted.push(now);
    if (this.#accepted.length > 4096) this.#accepted.splice(0, 2048);
    this.#window = Math.min(this.#options.mostAtOnce, this.#window + 1 / this.#window);
    if (this.#rate !== Infinity) this.#rate += gain;
    if (upload) {
      this.#uploadRefusals = 0;
      this.#daily = undefined;
    } else {
      this.#othersServed = true;
    }
    this.#waiting.shift()?.();
  }

  /** Drive refused a request because of the pace, or is overloaded (5xx). */
  refused(upload: boolean): void {
    const now = this.#options.clock.now();
    if (upload) {
      if (this.#uploadRefusals === 0) {
        this.#firstUploadRefusal = now;
        this.#othersServed = false;
      }
      this.#uploadRefusals += 1;
    }
    if (now - this.#cutAt < cutEveryMs) return;
    this.#cutAt = now;
    const accepted = this.#acceptedPerSecond(now);
    this.#rate = Math.max(0.2, Math.min(this.#rate, Math.max(1, accepted)) * cutTo);
    this.#window = Math.max(2, this.#window * cutTo);
    this.#nextAt = Math.max(this.#nextAt, now + 1000 / this.#rate);
  }

  /** How long to wait before a refused request is sent again for the `attempt`-th time (from 1). */
  pauseMs(attempt: number, asked: number | undefined): number {
    const bound = Math.min(longestPauseMs, 2 ** (attempt - 1) * 1000);
    return Math.max(asked ?? 0, bound / 2 + (this.#options.random() * bound) / 2);
  }

  /**
   * Whether what refuses uploads looks like the limit of 750 GB a user a day, for which Drive gives the same reason as
   * for a rate: uploads are refused again and again however slowly they come, and everything else is served.
   * https://support.google.com/a/answer/172541
   *
   * @param probe asks Drive for something small, to see that it serves at all.
   */
  async isDaily(probe: () => Promise<void>): Promise<boolean> {
    const { clock } = this.#options;
    if (this.#uploadRefusals < dailyRefusals || clock.now() - this.#firstUploadRefusal < dailyAfterMs) return false;
    if (!this.#othersServed) {
      await probe();
      this.#othersServed = true;
    }
    return true;
  }

  /** The daily limit was met: uploads end at once from now on. */
  meetDaily(): StrongroomError {
    const now = this.#options.clock.now();
    // The limit counts the last 24 hours: what came first today is free again a day after the first refusal at the latest.
    const until = this.#daily?.until ?? (this.#firstUploadRefusal === 0 ? now : this.#firstUploadRefusal) + dayMs;
    this.#daily = { until, probeAt: now + dailyProbeMs };
    this.#uploadRefusals = 0;
    return dailyLimit(until, now);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    let wake = (): void => undefined;
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#waiting.push(wake);
    try {
      await untilAborted(woken, signal);
    } catch (error) {
      const at = this.#waiting.indexOf(wake);
      if (at >= 0) this.#waiting.splice(at, 1);
      // It was woken and leaves all the same: the next one has its turn.
      else this.#waiting.shift()?.();
      throw error;
    }
  }

  #throwIfDaily(): void {
    if (this.#daily === undefined) return;
    const now = this.#options.clock.now();
    if (now >= this.#daily.until) {
      this.#daily = undefined;
    } else if (now < this.#daily.probeAt) {
      throw dailyLimit(this.#daily.until, now);
    } else {
      // One goes through as a probe, and all others wait for what comes of it.
      this.#daily = { ...this.#daily, probeAt: now + dailyProbeMs };
    }
  }

  #acceptedPerSecond(now: number): number {
    const recent = this.#accepted.filter((at) => at > now - rateWindowMs);
    const span = Math.max(250, now - (recent[0] ?? now));
    return (recent.length * 1000) / span;
  }
}

function dailyLimit(until: number, now: number): StrongroomError {
  const words = new Date(until).toISOString().replace('T', ' ').slice(0, 16);
  return new StrongroomError(
    'store-full',
    `Google Drive takes no more files from this account today (its limit is 750 GB in 24 hours), until ${words} UTC at the latest.`,
    {
      advice: 'There is nothing to do: the next run after that goes on by itself. Other stores are not held up.',
      retryAfterMs: until - now,
    },
  );
}
