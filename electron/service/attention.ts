import { z } from 'zod';
import type { Attention, AttentionAction, Problem as ProblemShape } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import type { Problem, RunRecord } from '../engine/catalog/runs.ts';
import type { SourceRecord } from '../engine/catalog/sources.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';
import { problemFor, type Failure } from './failures.ts';
import type { Figures } from './figures.ts';
import type { Keeper } from './keeper.ts';
import { quoted } from './text.ts';

/** A thing that a person may have to settle, as it is seen now. */
interface Concern extends Omit<Attention, 'since'> {
  /** How long it may last, in milliseconds, before a person is told: what often passes by itself is not worth a call. */
  readonly patienceMs: number;
}

/** A store on the internet is often back by itself. */
const passingMs = 3_600_000;
const untilThere = 'Strongroom goes on by itself as soon as it is there.';
const setting = 'attention';
const ledgerSchema = z.record(z.string(), z.number());

/** The codes of a store that only a person can put right, besides those with a sentence of their own. */
const storeCodes: readonly ErrorCode[] = [
  'store-unreachable',
  'store-busy',
  'store-wrong-key',
  'store-sign-in-ended',
  'store-clock-skew',
  'store-not-found',
  'store-no-permission',
  'store-versioning-off',
  'store-full',
  'store-read-only',
  'store-unsupported',
  'store-answer',
  'secret-missing',
  'secret-locked',
];
const rootCodes: readonly ErrorCode[] = [
  'source-unreachable',
  'source-emptied',
  'source-unreadable',
  'source-not-a-folder',
];
/** Of single files: what does not pass by itself. A file that was open or being written is taken in the next run. */
const lastingFileCodes: readonly ErrorCode[] = ['file-unreadable', 'path-too-long', 'source-unreachable'];

/**
 * What needs a person, and since when. The times are kept, so that a thing is the same thing after a new start, and so
 * that whoever was told once is not told again.
 */
export class AttentionBook {
  readonly #catalog: Catalog;
  readonly #keeper: Keeper;
  readonly #figures: Figures;
  readonly #clock: Clock;
  #since: Record<string, Instant>;

  constructor(options: {
    readonly catalog: Catalog;
    readonly keeper: Keeper;
    readonly figures: Figures;
    readonly clock: Clock;
  }) {
    this.#catalog = options.catalog;
    this.#keeper = options.keeper;
    this.#figures = options.figures;
    this.#clock = options.clock;
    this.#since = ledgerSchema.catch({}).parse(options.catalog.settings.get(setting) ?? {});
  }

  /** Looks at the catalog as it is now. Longest open first. */
  look(): Attention[] {
    const now = this.#clock.now();
    const concerns = new Map(this.#concerns().map((concern) => [concern.id, concern]));
    const since = Object.fromEntries([...concerns.keys()].map((id) => [id, this.#since[id] ?? now]));
    if (JSON.stringify(since) !== JSON.stringify(this.#since)) {
      this.#since = since;
      this.#catalog.settings.set(setting, since);
    }
    return [...concerns.values()]
      .map(({ patienceMs, ...concern }) => ({ patienceMs, attention: { ...concern, since: since[concern.id] ?? now } }))
      .filter(({ patienceMs, attention }) => now - attention.since >= patienceMs)
      .map(({ attention }) => attention)
      .sort((left, right) => left.since - right.since);
  }

  #concerns(): Concern[] {
    const stores = this.#catalog.stores.all();
    return this.#catalog.sources.all().flatMap((source) => {
      const own = new Set(this.#catalog.sources.storeIds(source.id));
      return this.#ofSource(
        source,
        stores.filter((store) => own.has(store.id)),
      );
    });
  }

  #ofSource(source: SourceRecord, stores: readonly StoreRecord[]): Concern[] {
    const concerns: Concern[] = [];
    const { failure } = this.#keeper.facts(source);
    if (failure !== undefined) concerns.push(ofEngine(source, this.#problem(failure)));
    if (source.root === '') concerns.push(withoutRoot(source));
    if (stores.length === 0) concerns.push(withoutStore(source));
    concerns.push(...this.#ofDecay(source), ...stores.flatMap((store) => this.#ofBadCopies(source, store)));
    // A share that went away meanwhile answers nothing: the question stands until a run sees something else.
    const asking = this.#catalog.runs.unanswered(source.id);
    if (asking !== undefined) concerns.push(this.#ofMassChange(source, asking));
    const run = this.#catalog.runs.lastTelling(source.id);
    if (run === undefined) return concerns;
    const problems = this.#catalog.runs.problemsWith(run.id, [...storeCodes, ...rootCodes, ...lastingFileCodes], 200);
    if (run.outcome === 'failed') {
      const root = problems.find(({ code }) => rootCodes.includes(code));
      if (root !== undefined) concerns.push(ofRoot(source, this.#problem(root)));
    }
    for (const store of stores) {
      const problem = problems.find(({ code, subject }) => subject === store.name && storeCodes.includes(code));
      if (problem !== undefined) concerns.push(ofStore(store, this.#problem(problem)));
    }
    const files = problems.filter(
      ({ code, subject }) =>
        lastingFileCodes.includes(code) && subject !== source.root && run.outcome !== 'failed' && subject !== null,
    );
    if (files.length > 0) concerns.push(this.#ofFiles(source, run, files));
    return concerns;
  }

  #ofDecay(source: SourceRecord): Concern[] {
    const suspects = this.#catalog.files.countSuspects(source.id);
    const [first] = suspects === 0 ? [] : this.#catalog.files.suspects(source.id, 1);
    if (first === undefined) return [];
    return [
      {
        id: `decay:${source.uuid}`,
        title: `${this.#figures.count(suspects, 'file')} of ${quoted(source.name)} may be damaged`,
        detail: `The content of ${this.#andOthers(first.path, suspects)} is different from before, although size and date are the same. A failing disk does that. The good copies were kept. Compare the file with its last version: if that is the right one, restore it; if the file is right, save it again in its program, and it is copied.`,
        action: { do: 'see-file', source: source.name, path: first.path },
        patienceMs: 0,
      },
    ];
  }

  #ofBadCopies(source: SourceRecord, store: StoreRecord): Concern[] {
    const bad = this.#catalog.copies.countBad(source.id, store.id);
    const [first] = bad === 0 ? [] : this.#catalog.copies.bad(source.id, store.id, 1);
    if (first === undefined) return [];
    return [
      {
        id: `bad-copies:${source.uuid}:${store.id}`,
        title: `${this.#figures.count(bad, 'copy', 'copies')} in ${quoted(store.name)} ${bad === 1 ? 'is' : 'are'} damaged or missing`,
        detail: `It is about ${this.#andOthers(first.path, bad)} of ${quoted(source.name)}. What is still in the folder is copied again by itself. For the rest, see whether another store has a good copy, and restore it from there.`,
        action: { do: 'see-file', source: source.name, path: first.path },
        patienceMs: 0,
      },
    ];
  }

  #ofMassChange(source: SourceRecord, run: RunRecord): Concern {
    const { changed = 0, gone = 0, of = 0 } = run.summary.questioned ?? {};
    const figures = this.#figures;
    const what = [
      changed > 0 ? `${figures.count(changed, 'file')} ${changed === 1 ? 'has' : 'have'} changed` : '',
      gone > 0 ? `${figures.count(gone, 'file')} ${gone === 1 ? 'is' : 'are'} gone` : '',
    ].filter((part) => part !== '');
    return {
      id: `mass-change:${source.uuid}`,
      title: `Unusually much has changed in ${quoted(source.name)}`,
      detail: `${what.join(' and ')}, of ${figures.number(of)} in all. None of it was copied, and the copies are as they were. If somebody meant this, accept it. If not, it may be a mistake or malicious software: disconnect the computer that made the changes, then restore the files.`,
      action: { do: 'accept-changes', source: source.name, run: run.id },
      patienceMs: 0,
    };
  }

  #ofFiles(source: SourceRecord, run: RunRecord, problems: readonly Problem[]): Concern {
    const [first] = problems;
    const many = this.#figures.count(problems.length, 'file or folder', 'files or folders');
    return {
      id: `files:${source.uuid}`,
      title: `${many} of ${quoted(source.name)} could not be read`,
      detail: `${first?.message ?? ''} Until that is put right, there is no copy of what ${problems.length === 1 ? 'it holds' : 'they hold'} now. The run lists ${problems.length === 1 ? 'it' : 'them all'}, and says what to do.`,
      action: { do: 'see-run', run: run.id },
      patienceMs: 0,
    };
  }

  #problem(failure: Failure): ProblemShape {
    return problemFor(this.#figures)(failure);
  }

  #andOthers(path: string, all: number): string {
    return `${quoted(path)}${all > 1 ? ` and ${this.#figures.count(all - 1, 'other')}` : ''}`;
  }
}

function ofRoot(source: SourceRecord, { code, message, advice }: ProblemShape): Concern {
  const name = quoted(source.name);
  const elsewhere = { do: 'move-source', source: source.name } as const;
  const [title, goesOn] =
    code === 'source-emptied'
      ? [`The folder of ${name} is suddenly empty`, untilThere]
      : code === 'source-unreadable'
        ? [`The folder of ${name} may not be read`, 'Strongroom goes on by itself as soon as it may read it.']
        : code === 'source-not-a-folder'
          ? [`The folder of ${name} is no folder any more`, 'If it lies elsewhere now, say where.']
          : [`The folder of ${name} cannot be reached`, untilThere];
  return {
    id: `root:${source.uuid}`,
    title,
    detail: [message, ...(advice === null ? [] : [advice]), goesOn].join(' '),
    ...(code === 'source-not-a-folder'
      ? { action: elsewhere }
      : { action: { do: 'sync', source: source.name }, otherAction: elsewhere }),
    ...(code === 'source-unreachable' ? { away: { source: source.name, root: source.root } } : {}),
    patienceMs: 0,
  };
}

function ofStore(store: StoreRecord, { code, message, advice }: ProblemShape): Concern {
  const passes = code === 'store-unreachable' || code === 'store-busy' || code === 'store-answer';
  return {
    id: `store:${store.id}:${kindOf(code)}`,
    title: titleOf(store, code),
    detail: `${message.replace(`The store ${quoted(store.name)}: `, '')}${advice === null ? '' : ` ${advice}`}`,
    action: actionOf(store, code),
    patienceMs: passes && store.spec.kind !== 'folder' ? passingMs : 0,
  };
}

/** What the same trouble is called by different codes is one thing. */
function kindOf(code: ErrorCode): string {
  return code === 'store-busy' ? 'store-unreachable' : code;
}

function titleOf(store: StoreRecord, code: ErrorCode): string {
  const name = quoted(store.name);
  switch (code) {
    case 'store-sign-in-ended':
      return `The sign-in to ${name} has ended`;
    case 'store-wrong-key':
      return `The key of ${name} is not accepted`;
    case 'secret-missing':
      return `The key of ${name} is missing`;
    case 'secret-locked':
      return `The keys are locked, so ${name} cannot be used`;
    case 'store-not-found':
      return `${name} is not there any more`;
    case 'store-no-permission':
      return `Strongroom may not write to ${name}`;
    case 'store-versioning-off':
      return `${name} keeps no earlier versions`;
    case 'store-full':
      return `There is no room left in ${name}`;
    case 'store-read-only':
      return `${name} can only be read`;
    case 'store-clock-skew':
      return `The clock of this computer is wrong, so ${name} refuses it`;
    default:
      return `${name} cannot be used`;
  }
}

function actionOf(store: StoreRecord, code: ErrorCode): AttentionAction {
  switch (code) {
    case 'store-sign-in-ended':
      return { do: 'sign-in', store: store.name };
    case 'store-wrong-key':
    case 'secret-missing':
      return { do: store.spec.kind === 'drive' ? 'sign-in' : 'give-key', store: store.name };
    case 'secret-locked':
      return { do: 'unlock' };
    default:
      return { do: 'check-store', store: store.name };
  }
}

function ofEngine(source: SourceRecord, { message, advice, code }: ProblemShape): Concern {
  return {
    id: `engine:${code}`,
    title: `${quoted(source.name)} could not have a run`,
    detail: `${code === 'internal' ? 'Something went wrong that Strongroom has no words for.' : message}${advice === null ? '' : ` ${advice}`}`,
    action: { do: 'sync', source: source.name },
    patienceMs: 0,
  };
}

function withoutRoot(source: SourceRecord): Concern {
  return {
    id: `no-root:${source.uuid}`,
    title: `Strongroom does not know where ${quoted(source.name)} is on this computer`,
    detail: 'Its files and their copies are known from a store. Say where its folder is to go on protecting it.',
    action: { do: 'move-source', source: source.name },
    patienceMs: 0,
  };
}

function withoutStore(source: SourceRecord): Concern {
  return {
    id: `no-store:${source.uuid}`,
    title: `${quoted(source.name)} is copied nowhere`,
    detail: 'Add a store, then choose it for this source under Sources. Until then there is no second copy.',
    action: { do: 'add-store' },
    patienceMs: 0,
  };
}
