import type { Clock, Instant } from '../../../../shared/domain.ts';
import type { Sleep } from '../decorators/sleep.ts';

/** What a project gets out of Drive in a day before Google charges. https://developers.google.com/workspace/drive/api/guides/limits */
export const dailyEgressBytes = 1e12;
const hourMs = 3_600_000;
const hoursADay = 24;

export interface EgressOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Bytes that may be read in any 24 hours; `Infinity` for no bound. */
  readonly dailyBytes: number;
  /** Told once when most of the allowance is used, and whenever reading has to wait. */
  readonly onNotice: (notice: EgressNotice) => void;
}

export interface EgressNotice {
  readonly kind: 'nearly-used' | 'waiting';
  readonly usedBytes: number;
  readonly dailyBytes: number;
  /** When reading goes on, for `waiting`. */
  readonly until: Instant | undefined;
}

/** Counts what was read in the last 24 hours, by the hour, and holds reading back when the allowance is used up. */
export class EgressMeter {
  /** Bytes that may be read in any 24 hours. */
  readonly dailyBytes: number;
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  readonly #onNotice: EgressOptions['onNotice'] | undefined;
  #hours: { readonly hour: number; bytes: number }[] = [];
  #warned = false;

  constructor(options: Pick<EgressOptions, 'clock' | 'sleep'> & Partial<EgressOptions>) {
    this.#clock = options.clock;
    this.#sleep = options.sleep;
    this.dailyBytes = options.dailyBytes ?? dailyEgressBytes;
    this.#onNotice = options.onNotice;
  }

  /** Bytes read in the last 24 hours. */
  get used(): number {
    const first = this.#hour() - hoursADay + 1;
    this.#hours = this.#hours.filter(({ hour }) => hour >= first);
    return this.#hours.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Counts bytes that came, after waiting until there is room for them. Errors: `cancelled`. */
  async take(count: number, signal: AbortSignal): Promise<void> {
    for (let used = this.used; used > 0 && used + count > this.dailyBytes; used = this.used) {
      const until = ((this.#hours[0]?.hour ?? this.#hour()) + hoursADay) * hourMs;
      this.#onNotice?.({ kind: 'waiting', usedBytes: used, dailyBytes: this.dailyBytes, until });
      await this.#sleep(Math.max(1000, until - this.#clock.now()), signal);
    }
    const hour = this.#hour();
    const last = this.#hours.at(-1);
    if (last?.hour === hour) last.bytes += count;
    else this.#hours.push({ hour, bytes: count });
    if (this.#warned || this.used < this.dailyBytes * 0.8) return;
    this.#warned = true;
    this.#onNotice?.({ kind: 'nearly-used', usedBytes: this.used, dailyBytes: this.dailyBytes, until: undefined });
  }

  #hour(): number {
    return Math.floor(this.#clock.now() / hourMs);
  }
}
