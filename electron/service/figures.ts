import { writtenAs, type WrittenAs } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import { sizeWriter } from '../../shared/sizes.ts';
import type { Settings } from '../engine/catalog/settings.ts';

const setting = 'written-as';

/**
 * An instant as the engine writes it into its sentences, in UTC. What stands in quotation marks is a name, and is left
 * as it is.
 */
const instants = /"[^"]*"|“[^”]*”|(?<= )\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)(?=[ ,.;:)]|$)/g;

interface Formats {
  readonly number: Intl.NumberFormat;
  readonly size: (bytes: number) => string;
  readonly day: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
  /** A date of this year; of another one. */
  readonly date: Intl.DateTimeFormat;
  readonly longDate: Intl.DateTimeFormat;
  readonly year: Intl.DateTimeFormat;
}

/**
 * Numbers, sizes and times in what the service says, as the person at this computer writes them; the words around them
 * are English, as in the window (renderer/parts/figures-text.ts, whose forms these are). The window tells how when it
 * connects; it is kept, for e-mails and for the tray of the next start. Until a window ever told, it is as the system has
 * it for this process.
 */
export class Figures {
  readonly #settings: Pick<Settings, 'get' | 'set'>;
  readonly #clock: Clock;
  #as: WrittenAs;
  #formats: Formats;

  constructor(settings: Pick<Settings, 'get' | 'set'>, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
    this.#as = writtenAs.catch({ locale, timeZone }).parse(settings.get(setting));
    this.#formats = formatsOf(this.#as);
  }

  /** From now on. @returns whether anything is written otherwise than before. */
  writeAs(as: WrittenAs): boolean {
    if (as.locale === this.#as.locale && as.timeZone === this.#as.timeZone) return false;
    this.#settings.set(setting, as);
    this.#as = as;
    this.#formats = formatsOf(as);
    return true;
  }

  /** A whole number with its separators. */
  number(value: number): string {
    return this.#formats.number.format(value);
  }

  /** `1 file`, `2,345 files`. */
  count(value: number, one: string, many = `${one}s`): string {
    return `${this.number(value)} ${value === 1 ? one : many}`;
  }

  /** Three digits and a decimal unit, as file managers and stores count: `1.5 GB`. */
  bytes(value: number): string {
    return this.#formats.size(value);
  }

  /** The time of day where it is today, otherwise the day as well, and the year unless it is this one: `14:05`, `24 Nov, 14:05`. */
  when(instant: Instant, now: Instant): string {
    return this.#isToday(instant, now) ? this.#formats.time.format(instant) : this.#minute(instant, now);
  }

  /** The same with its preposition: `at 14:05`, `on 24 Nov, 14:05`. */
  at(instant: Instant, now: Instant): string {
    return `${this.#isToday(instant, now) ? 'at' : 'on'} ${this.when(instant, now)}`;
  }

  /** A sentence of the engine's, which knows no person: with its instants as this one writes them. */
  rewrite(sentence: string): string {
    return sentence.replace(instants, (found) => {
      const instant = Date.parse(found.replace(' UTC', 'Z').replace(' ', 'T'));
      return Number.isNaN(instant) ? found : this.#minute(instant, this.#clock.now());
    });
  }

  #minute(instant: Instant, now: Instant): string {
    const { year, date, longDate, time } = this.#formats;
    const day = year.format(instant) === year.format(now) ? date : longDate;
    return `${day.format(instant)}, ${time.format(instant)}`;
  }

  #isToday(instant: Instant, now: Instant): boolean {
    return this.#formats.day.format(instant) === this.#formats.day.format(now);
  }
}

function formatsOf({ locale, timeZone }: WrittenAs): Formats {
  return {
    number: new Intl.NumberFormat(locale),
    size: sizeWriter(locale),
    day: new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'short' }),
    time: new Intl.DateTimeFormat(locale, { timeZone, timeStyle: 'short' }),
    date: new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short' }),
    longDate: new Intl.DateTimeFormat(locale, { timeZone, day: 'numeric', month: 'short', year: 'numeric' }),
    year: new Intl.DateTimeFormat(locale, { timeZone, year: 'numeric' }),
  };
}
