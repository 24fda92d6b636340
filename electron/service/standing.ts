import { told } from '../../shared/away.ts';
import type { AppState, Attention, Tone } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import { forever } from '../engine/catalog/sources.ts';
import type { AttentionBook } from './attention.ts';
import { untilOf } from './describe.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { Figures } from './figures.ts';
import type { Keeper } from './keeper.ts';
import type { State } from './live.ts';
import { quoted } from './text.ts';

/** How things stand: one state, in one sentence for the tray and in two for the overview. */
export interface Standing {
  readonly state: AppState;
  /** Where the state's name alone would say too much. */
  readonly tone?: Tone;
  /** For the tray. */
  readonly sentence: string;
  /** *Is everything safe?*, answered. */
  readonly headline: string;
  readonly detail: string;
  readonly attention: Attention[];
  readonly pausedUntil: Instant | null;
  /** Whether the last run of every source got to its end, and every copy is made. */
  readonly allDone: boolean;
}

type Told = Pick<Standing, 'state' | 'tone' | 'sentence' | 'headline' | 'detail'>;

interface Facts {
  readonly sources: number;
  readonly files: number;
  readonly bytes: number;
  /** Copies and deletions that are still to be made, everywhere. */
  readonly pending: number;
  readonly pendingBytes: number;
  /** Names of stores that could not be reached last time. */
  readonly unreachable: ReadonlySet<string>;
  /** Sources whose last run left something out that the next one tries again. */
  readonly unfinished: readonly string[];
  readonly allPaused: boolean;
  /** How many sources have all their copies on their own disk. */
  readonly together: number;
  readonly nextRunAt: Instant | undefined;
  /** When the last run ended of the source whose last run is longest ago, of those that are not paused. */
  readonly seenAt: Instant | undefined;
}

export class Standings {
  readonly #catalog: Catalog;
  readonly #keeper: Keeper;
  readonly #elsewhere: Elsewhere;
  readonly #book: AttentionBook;
  readonly #figures: Figures;
  readonly #clock: Clock;

  constructor(options: {
    readonly catalog: Catalog;
    readonly keeper: Keeper;
    readonly elsewhere: Elsewhere;
    readonly book: AttentionBook;
    readonly figures: Figures;
    readonly clock: Clock;
  }) {
    this.#catalog = options.catalog;
    this.#keeper = options.keeper;
    this.#elsewhere = options.elsewhere;
    this.#book = options.book;
    this.#figures = options.figures;
    this.#clock = options.clock;
  }

  look(): Standing {
    const attention = this.#book.look();
    const facts = this.#facts();
    const allDone = facts.pending === 0 && facts.unfinished.length === 0 && facts.sources > 0;
    const told = this.#tell(attention, facts);
    return { ...told, attention, pausedUntil: this.#keeper.pausedUntil, allDone };
  }

  /** As the doors are told of it. */
  state(): State {
    const { state, tone, sentence, pausedUntil, attention } = this.look();
    return {
      type: 'state',
      state,
      ...(tone === undefined ? {} : { tone }),
      sentence,
      pausedUntil: untilOf(pausedUntil),
      attention,
    };
  }

  #facts(): Facts {
    const { sources, stores, copies, runs } = this.#catalog;
    const now = this.#clock.now();
    const storeNames = new Map(stores.all().map((store) => [store.id, store.name]));
    const all = sources.all();
    const facts = { files: 0, bytes: 0, pending: 0, pendingBytes: 0 };
    const unreachable = new Set<string>();
    const unfinished: string[] = [];
    const [next, seen]: [number[], number[]] = [[], []];
    let [paused, together] = [0, 0];
    for (const source of all) {
      const tally = sources.tally(source.id);
      facts.files += tally.files;
      facts.bytes += tally.bytes;
      const run = runs.lastTelling(source.id);
      for (const id of sources.storeIds(source.id)) {
        const pending = copies.pendingTotals(source.id, id);
        facts.pending += pending.copies + pending.deletions;
        facts.pendingBytes += pending.bytes;
        const name = storeNames.get(id);
        const problem = run === undefined || name === undefined ? undefined : runs.storeProblem(run.id, name);
        if (name !== undefined && (problem?.code === 'store-unreachable' || problem?.code === 'store-busy')) {
          unreachable.add(name);
        }
      }
      if (run?.outcome !== 'done') unfinished.push(source.name);
      const { pausedUntil } = sources.schedule(source.id);
      if (pausedUntil !== null && pausedUntil > now) paused += 1;
      else if (run?.endedAt !== undefined && run.endedAt !== null) seen.push(run.endedAt);
      if (this.#elsewhere.caution(source) !== null) together += 1;
      const { nextRunAt } = this.#keeper.facts(source);
      if (nextRunAt !== null) next.push(nextRunAt);
    }
    return {
      sources: all.length,
      ...facts,
      unreachable,
      unfinished,
      allPaused: all.length > 0 && paused === all.length,
      together,
      nextRunAt: next.length === 0 ? undefined : Math.min(...next),
      seenAt: seen.length === 0 ? undefined : Math.min(...seen),
    };
  }

  #tell(attention: readonly Attention[], facts: Facts): Told {
    const [first] = attention;
    // Nothing is amiss, and nobody is called for it; but nothing is safe either until a person has chosen a folder.
    if (facts.sources === 0) {
      return {
        state: 'needs-you',
        tone: 'empty',
        sentence: 'Nothing is protected yet. Choose a folder to begin.',
        headline: 'Nothing is protected yet.',
        detail: 'Choose a folder and where its copies go; Strongroom does the rest.',
      };
    }
    if (first !== undefined) {
      const [thing, ...more] = told(attention, (value) => this.#figures.number(value));
      const all = `${this.#figures.count(attention.length, 'thing')} need you.`;
      return {
        state: 'needs-you',
        sentence: more.length === 0 ? `${(thing ?? first).title}.` : all,
        // Above a list that has each by itself.
        headline: attention.length === 1 ? 'One thing needs you.' : all,
        detail: this.#held(facts),
      };
    }
    if (this.#keeper.pausedUntil !== null || facts.allPaused) return this.#paused(facts);
    if (!this.#keeper.online || facts.unreachable.size > 0) return this.#offline(facts);
    if (this.#keeper.busy || facts.pending > 0 || facts.unfinished.length > 0) return this.#working(facts);
    if (facts.together > 0) return this.#together(facts);
    return {
      state: 'safe',
      sentence: `Everything is safe: ${this.#protected(facts)}.`,
      headline: 'Everything is safe.',
      detail: this.#held(facts),
    };
  }

  /** All is done that was asked for, and would be lost with one disk all the same. */
  #together(facts: Facts): Told {
    const { together } = facts;
    const none = together === 1 ? 'One source has' : `${this.#figures.count(together, 'source')} have`;
    const sentence = `Everything is copied. ${none} no copy elsewhere.`;
    return {
      state: 'safe',
      tone: 'caution',
      sentence,
      headline: sentence,
      detail: `Copies on the same disk as their folder help against mistakes, and are lost together with it. ${this.#held(facts)}`,
    };
  }

  #paused(facts: Facts): Told {
    const until = this.#keeper.pausedUntil;
    const sentence =
      until === null
        ? 'Every source is paused.'
        : until === forever
          ? 'Paused until you resume.'
          : `Paused until ${this.#figures.when(until, this.#clock.now())}.`;
    const detail = `What changes meanwhile is copied when the pause is over. ${this.#held(facts)}`;
    return { state: 'paused', sentence, headline: sentence, detail };
  }

  #offline(facts: Facts): Told {
    const [store, ...others] = facts.unreachable;
    const figures = this.#figures;
    const where =
      store === undefined
        ? 'This computer has no network'
        : `${quoted(store)}${others.length > 0 ? ` and ${figures.count(others.length, 'other store')}` : ''} cannot be reached`;
    const waiting =
      facts.pending > 0
        ? `${figures.count(facts.pending, 'copy', 'copies')} (${figures.bytes(facts.pendingBytes)}) ${facts.pending === 1 ? 'waits' : 'wait'} until it is back.`
        : 'Strongroom goes on by itself when it is back.';
    return {
      state: 'offline',
      sentence: `${where}. ${waiting}`,
      headline: `${where}.`,
      detail: `${waiting} ${this.#held(facts)}`,
    };
  }

  #working(facts: Facts): Told {
    const figures = this.#figures;
    const when = facts.nextRunAt === undefined ? undefined : figures.at(facts.nextRunAt, this.#clock.now());
    if (facts.pending > 0) {
      const waiting = `${figures.count(facts.pending, 'copy', 'copies')} (${figures.bytes(facts.pendingBytes)}) still to be made.`;
      const next = when === undefined ? '' : ` The next run begins ${when}.`;
      return {
        state: 'working',
        sentence: this.#keeper.busy ? `Copying: ${waiting}` : `${waiting}${next}`,
        headline: this.#keeper.busy ? 'Copies are being made.' : 'Some copies are still to be made.',
        detail: `${waiting}${this.#keeper.busy ? '' : next}`,
      };
    }
    if (this.#keeper.busy) {
      const sentence = 'Looking for what has changed.';
      const headline = facts.unfinished.length === 0 ? 'Everything that was seen so far is safe.' : sentence;
      return { state: 'working', sentence, headline, detail: `${sentence} ${this.#held(facts)}` };
    }
    const [name = ''] = facts.unfinished;
    const sentence = `Not everything in ${quoted(name)} could be read yet.`;
    const again = `Strongroom tries again by itself${when === undefined ? '' : ` ${when}`}.`;
    return {
      state: 'working',
      sentence: `${sentence} ${again}`,
      headline: sentence,
      detail: `Some files were in use, or the last run did not get to its end. ${again}`,
    };
  }

  /** What is safe in any case. */
  #held(facts: Facts): string {
    const { seenAt } = facts;
    const seen = seenAt === undefined ? '' : `, last run ${this.#figures.at(seenAt, this.#clock.now())}`;
    return `${this.#protected(facts)}${seen}.`;
  }

  #protected(facts: Facts): string {
    const figures = this.#figures;
    return `${figures.count(facts.files, 'file')} (${figures.bytes(facts.bytes)}) in ${figures.count(facts.sources, 'source')}`;
  }
}
