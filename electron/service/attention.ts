import { z } from 'zod';
import type { Attention, AttentionAction } from '../../shared/contract/shapes.ts';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import type { Problem, RunRecord } from '../engine/catalog/runs.ts';
import type { SourceRecord } from '../engine/catalog/sources.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';
import { problemOf } from './failures.ts';
import type { Keeper } from './keeper.ts';
import { count, quoted } from './text.ts';

/** A thing that a person may have to settle, as it is seen now. */
interface Concern extends Omit<Attention, 'since'> {
  /** How long it may last, in milliseconds, before a person is told: what often passes by itself is not worth a call. */
  readonly patienceMs: number;
}

/** A store on the internet is often back by itself. */
const passingMs = 3_600_000;
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
/** Of single files: what does not pass by itself. A file that was open or being written is taken in the next round. */
const lastingFileCodes: readonly ErrorCode[] = ['file-unreadable', 'path-too-long', 'source-unreachable'];

/**
 * What needs a person, and since when. The times are kept, so that a thing is the same thing after a new start, and so
 * that whoever was told once is not told again.
 */
export class AttentionBook {
  readonly #catalog: Catalog;
  readonly #keeper: Keeper;
  readonly #clock: Clock;
  #since: Record<string, Instant>;

  constructor(catalog: Catalog, keeper: Keeper, clock: Clock) {
    this.#catalog = catalog;
    this.#keeper = keeper;
    this.#clock = clock;
    this.#since = ledgerSchema.catch({}).parse(catalog.settings.get(setting) ?? {});
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
    if (failure !== undefined) concerns.push(ofEngine(source, failure));
    if (source.root === '') concerns.push(withoutRoot(source));
    if (stores.length === 0) concerns.push(withoutStore(source));
    concerns.push(...this.#ofDecay(source), ...stores.flatMap((store) => this.#ofBadCopies(source, store)));
    const run = this.#catalog.runs.lastTelling(source.id);
    if (run === undefined) return concerns;
    if (run.outcome === 'needs-approval') concerns.push(ofMassChange(source, run));
    const problems = this.#catalog.runs.problemsWith(run.id, [...storeCodes, ...rootCodes, ...lastingFileCodes], 200);
    if (run.outcome === 'failed') {
      const root = problems.find(({ code }) => rootCodes.includes(code));
      if (root !== undefined) concerns.push(ofRoot(source, root));
    }
    for (const store of stores) {
      const problem = problems.find(({ code, subject }) => subject === store.name && storeCodes.includes(code));
      if (problem !== undefined) concerns.push(ofStore(store, problem));
    }
    const files = problems.filter(
      ({ code, subject }) =>
        lastingFileCodes.includes(code) && subject !== source.root && run.outcome !== 'failed' && subject !== null,
    );
    if (files.length > 0) concerns.push(ofFiles(source, run, files));
    return concerns;
  }

  #ofDecay(source: SourceRecord): Concern[] {
    const suspects = this.#catalog.files.countSuspects(source.id);
    const [first] = suspects === 0 ? [] : this.#catalog.files.suspects(source.id, 1);
    if (first === undefined) return [];
    return [
      {
        id: `decay:${source.uuid}`,
        title: `${count(suspects, 'file')} of ${quoted(source.name)} may be damaged on the server`,
        detail: `The content of ${quoted(first.path)}${suspects > 1 ? ` and ${count(suspects - 1, 'other')}` : ''} is other than before, although size and time are the same. That is how a failing disk looks. The good copies were kept: compare them with the file, then restore it or accept the change.`,
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
        title: `${count(bad, 'copy', 'copies')} in ${quoted(store.name)} ${bad === 1 ? 'is' : 'are'} damaged or missing`,
        detail: `It concerns ${quoted(first.path)}${bad > 1 ? ` and ${count(bad - 1, 'other')}` : ''} of ${quoted(source.name)}. What the source still has is copied again by itself; look whether another store has a good copy of the rest.`,
        action: { do: 'see-file', source: source.name, path: first.path },
        patienceMs: 0,
      },
    ];
  }
}

function ofMassChange(source: SourceRecord, run: RunRecord): Concern {
  const { changed = 0, gone = 0, of = 0 } = run.summary.questioned ?? {};
  const what = [
    changed > 0 ? `${count(changed, 'file')} ${changed === 1 ? 'has' : 'have'} changed` : '',
    gone > 0 ? `${count(gone, 'file')} ${gone === 1 ? 'is' : 'are'} gone` : '',
  ].filter((part) => part !== '');
  return {
    id: `mass-change:${source.uuid}`,
    title: `Unusually much has changed in ${quoted(source.name)}`,
    detail: `${what.join(' and ')}, of ${of.toLocaleString('en')} in all. Nothing of that was taken over, and the copies are as they were. If it was meant, accept it. If not, it may be malicious software: disconnect the computer that did it, and restore the files.`,
    action: { do: 'accept-changes', source: source.name },
    patienceMs: 0,
  };
}

function ofRoot(source: SourceRecord, problem: Problem): Concern {
  const { message, advice } = problemOf(problem);
  const title =
    problem.code === 'source-emptied'
      ? `The folder of ${quoted(source.name)} is suddenly empty`
      : problem.code === 'source-unreadable'
        ? `The folder of ${quoted(source.name)} may not be read`
        : `The folder of ${quoted(source.name)} cannot be reached`;
  return {
    id: `root:${source.uuid}`,
    title,
    detail: `${message}${advice === null ? '' : ` ${advice}`} Strongroom goes on by itself as soon as it is there.`,
    action:
      problem.code === 'source-not-a-folder'
        ? { do: 'move-source', source: source.name }
        : { do: 'sync', source: source.name },
    patienceMs: 0,
  };
}

function ofStore(store: StoreRecord, problem: Problem): Concern {
  const { message, advice } = problemOf(problem);
  const passes =
    problem.code === 'store-unreachable' || problem.code === 'store-busy' || problem.code === 'store-answer';
  return {
    id: `store:${store.id}:${kindOf(problem.code)}`,
    title: titleOf(store, problem.code),
    detail: `${message.replace(`The store "${store.name}": `, '')}${advice === null ? '' : ` ${advice}`}`,
    action: actionOf(store, problem.code),
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

function ofFiles(source: SourceRecord, run: RunRecord, problems: readonly Problem[]): Concern {
  const [first] = problems;
  return {
    id: `files:${source.uuid}`,
    title: `${count(problems.length, 'file or folder', 'files or folders')} of ${quoted(source.name)} could not be read`,
    detail: `${first?.message ?? ''} Until that is put right, there is no copy of what they hold now.`,
    action: { do: 'see-run', run: run.id },
    patienceMs: 0,
  };
}

function ofEngine(source: SourceRecord, failure: Parameters<typeof problemOf>[0]): Concern {
  const { message, advice, code } = problemOf(failure);
  return {
    id: `engine:${code}`,
    title: `${quoted(source.name)} could not be looked through`,
    detail: `${code === 'internal' ? 'Strongroom met something that it was not made for.' : message}${advice === null ? '' : ` ${advice}`}`,
    action: { do: 'sync', source: source.name },
    patienceMs: 0,
  };
}

function withoutRoot(source: SourceRecord): Concern {
  return {
    id: `no-root:${source.uuid}`,
    title: `Strongroom does not know where ${quoted(source.name)} is on this computer`,
    detail: 'Its versions and copies are known from a store. Choose its folder to go on protecting it.',
    action: { do: 'move-source', source: source.name },
    patienceMs: 0,
  };
}

function withoutStore(source: SourceRecord): Concern {
  return {
    id: `no-store:${source.uuid}`,
    title: `${quoted(source.name)} is copied nowhere`,
    detail: 'Add a store, and choose it for this source: until then there is no second copy.',
    action: { do: 'add-store' },
    patienceMs: 0,
  };
}
