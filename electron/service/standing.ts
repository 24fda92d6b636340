import type { AppState, Attention } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import { forever } from '../engine/catalog/sources.ts';
import type { AttentionBook } from './attention.ts';
import { untilOf } from './describe.ts';
import type { Keeper } from './keeper.ts';
import type { State } from './live.ts';
import { bytes, count, quoted, when } from './text.ts';

/** How things stand: one state, in one sentence for the tray and in two for the overview. */
export interface Standing {
  readonly state: AppState;
  /** For the tray. */
  readonly sentence: string;
  /** *Is everything safe?*, answered. */
  readonly headline: string;
  readonly detail: string;
  readonly attention: Attention[];
  readonly pausedUntil: Instant | null;
  /** Whether every source was looked through, and every copy made. */
  readonly allDone: boolean;
}

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
  readonly nextRunAt: Instant | undefined;
  /** When the source that was looked through longest ago was. */
  readonly seenAt: Instant | undefined;
}

export class Standings {
  readonly #catalog: Catalog;
  readonly #keeper: Keeper;
  readonly #book: AttentionBook;
  readonly #clock: Clock;

  constructor(catalog: Catalog, keeper: Keeper, book: AttentionBook, clock: Clock) {
    this.#catalog = catalog;
    this.#keeper = keeper;
    this.#book = book;
    this.#clock = clock;
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
    const { state, sentence, pausedUntil, attention } = this.look();
    return { type: 'state', state, sentence, pausedUntil: untilOf(pausedUntil), attention };
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
    let paused = 0;
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
      if (run?.endedAt !== undefined && run.endedAt !== null) seen.push(run.endedAt);
      const { pausedUntil } = sources.schedule(source.id);
      if (pausedUntil !== null && pausedUntil > now) paused += 1;
      const { nextRunAt } = this.#keeper.facts(source);
      if (nextRunAt !== null) next.push(nextRunAt);
    }
    return {
      sources: all.length,
      ...facts,
      unreachable,
      unfinished,
      allPaused: all.length > 0 && paused === all.length,
      nextRunAt: next.length === 0 ? undefined : Math.min(...next),
      seenAt: seen.length === 0 ? undefined : Math.min(...seen),
    };
  }

  #tell(attention: readonly Attention[], facts: Facts): Pick<Standing, 'state' | 'sentence' | 'headline' | 'detail'> {
    const [first] = attention;
    if (facts.sources === 0) {
      return {
        state: 'safe',
        sentence: 'Nothing is protected yet.',
        headline: 'Nothing is protected yet.',
        detail: 'Choose a folder and where its copies go; Strongroom does the rest.',
      };
    }
    if (first !== undefined) {
      const sentence = attention.length === 1 ? `${first.title}.` : `${count(attention.length, 'thing')} need you.`;
      return {
        state: 'needs-you',
        sentence,
        headline: attention.length === 1 ? 'One thing needs you.' : sentence,
        detail: `${first.title}. ${this.#held(facts)}`,
      };
    }
    if (this.#keeper.pausedUntil !== null || facts.allPaused) return this.#paused(facts);
    if (!this.#keeper.online || facts.unreachable.size > 0) return this.#offline(facts);
    if (this.#keeper.busy || facts.pending > 0 || facts.unfinished.length > 0) return this.#working(facts);
    return {
      state: 'safe',
      sentence: `Everything is safe: ${protectedNow(facts)}.`,
      headline: 'Everything is safe.',
      detail: this.#held(facts),
    };
  }

  #paused(facts: Facts): Pick<Standing, 'state' | 'sentence' | 'headline' | 'detail'> {
    const until = this.#keeper.pausedUntil;
    const sentence =
      until === null
        ? 'Every source is paused.'
        : until === forever
          ? 'Paused until you resume.'
          : `Paused until ${when(until, this.#clock.now())}.`;
    const detail = `What changes meanwhile is not copied. ${this.#held(facts)}`;
    return { state: 'paused', sentence, headline: sentence, detail };
  }

  #offline(facts: Facts): Pick<Standing, 'state' | 'sentence' | 'headline' | 'detail'> {
    const [store, ...others] = facts.unreachable;
    const where =
      store === undefined
        ? 'This computer has no network'
        : `${quoted(store)}${others.length > 0 ? ` and ${count(others.length, 'other store')}` : ''} cannot be reached`;
    const waiting =
      facts.pending > 0
        ? `${count(facts.pending, 'copy', 'copies')} (${bytes(facts.pendingBytes)}) ${facts.pending === 1 ? 'waits' : 'wait'} until it is back.`
        : 'Strongroom goes on by itself when it is back.';
    return {
      state: 'offline',
      sentence: `${where}. ${waiting}`,
      headline: `${where}.`,
      detail: `${waiting} ${this.#held(facts)}`,
    };
  }

  #working(facts: Facts): Pick<Standing, 'state' | 'sentence' | 'headline' | 'detail'> {
    const next =
      facts.nextRunAt === undefined ? '' : ` The next round begins at ${when(facts.nextRunAt, this.#clock.now())}.`;
    if (facts.pending > 0) {
      const waiting = `${count(facts.pending, 'copy', 'copies')} (${bytes(facts.pendingBytes)}) still to be made.`;
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
    const sentence = `Not everything in ${quoted(name)} could be looked at yet.`;
    return {
      state: 'working',
      sentence: `${sentence}${next}`,
      headline: sentence,
      detail: `Some files were in use, or a run was ended.${next}`,
    };
  }

  /** What is safe in any case. */
  #held(facts: Facts): string {
    const seen = facts.seenAt === undefined ? '' : `, last looked through at ${when(facts.seenAt, this.#clock.now())}`;
    return `${protectedNow(facts)}${seen}.`;
  }
}

function protectedNow(facts: Facts): string {
  return `${count(facts.files, 'file')} (${bytes(facts.bytes)}) in ${count(facts.sources, 'source')}`;
}
