import type { StrongroomError } from '../../../shared/errors.ts';
import { formatSpec } from '../../../shared/spec.ts';
import type { Problem, RunRecord, RunSummary } from '../../engine/catalog/runs.ts';
import type { RemovedSource, SourceRecord } from '../../engine/catalog/sources.ts';
import type { StoreRecord } from '../../engine/catalog/stores.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Output } from './output.ts';
import { count, formatBytes, plain } from './terminal.ts';

type RunOutput = Output<'runs'>['runs'][number];

/** Catalog records in the form in which commands print them. */
export function instant(at: number): string {
  return new Date(at).toISOString();
}

export function instantOrNull(at: number | null | undefined): string | null {
  return at === null || at === undefined ? null : instant(at);
}

export function describeSource(engine: Engine, source: SourceRecord): Output<'source add'>['source'] {
  const names = new Map(engine.catalog.stores.all().map((store) => [store.id, store.name]));
  return {
    name: source.name,
    root: source.root,
    stores: engine.catalog.sources.storeIds(source.id).flatMap((id) => names.get(id) ?? []),
    exclude: source.rules.exclude,
    include: source.rules.include,
    defaultExclusions: source.rules.defaults,
    addedAt: instant(source.createdAt),
  };
}

export function describeStore(record: StoreRecord): Output<'store add'>['store'] {
  return {
    name: record.name,
    spec: formatSpec(record.spec),
    addedAt: instant(record.createdAt),
    keyKept: record.keyKept,
    uploadLimit: record.limits.upload ?? null,
    downloadLimit: record.limits.download ?? null,
  };
}

export function describeRun(record: RunRecord, problems: readonly Problem[]): RunOutput {
  const { summary } = record;
  return {
    id: record.id,
    source: record.source,
    startedAt: instant(record.startedAt),
    endedAt: instantOrNull(record.endedAt),
    outcome: record.outcome,
    seen: summary.seen ?? 0,
    added: summary.added ?? 0,
    changed: summary.changed ?? 0,
    deleted: summary.deleted ?? 0,
    moved: summary.moved ?? 0,
    unchanged: summary.unchanged ?? 0,
    skipped: summary.skipped ?? 0,
    failed: summary.failed ?? 0,
    stores: (summary.stores ?? []).map((store) => ({ ...store })),
    questioned: summary.questioned === undefined ? null : questionOf(summary.questioned),
    problems: problems.map((problem) => ({ ...problem })),
  };
}

function questionOf({ changed, gone, of, examples }: NonNullable<RunSummary['questioned']>): RunOutput['questioned'] {
  return { changed, gone, of, examples: [...examples] };
}

/** That a folder was protected before, and goes on as the source that it was. */
export function tellContinued(engine: Engine, { source, removedAt }: RemovedSource): string {
  const { versions } = engine.catalog.sources.tally(source.id);
  return `This folder was protected before, until ${instant(removedAt)}. Its ${count(versions, 'version')} are still there, and "${plain(source.name)}" is continued. To start anew instead, remove it and give another --name.`;
}

/** A run told to a person: what was done, where, and what was not. */
export function tellRun(run: RunOutput): string {
  const changes = [
    run.added - run.moved > 0 ? count(run.added - run.moved, 'new file') : '',
    run.moved > 0 ? `${run.moved.toLocaleString('en')} moved` : '',
    run.changed > 0 ? `${run.changed.toLocaleString('en')} changed` : '',
    run.deleted > 0 ? `${run.deleted.toLocaleString('en')} deleted` : '',
  ].filter((part) => part !== '');
  const lines = [
    `${headline(run)}: ${count(run.seen, 'file')} looked at, ${changes.length === 0 ? 'nothing changed' : changes.join(', ')}.`,
  ];
  for (const store of run.stores) {
    const parts = [
      store.copied > 0 ? `${count(store.copied, 'copy', 'copies')} stored (${formatBytes(store.bytesSent)} sent)` : '',
      store.copiedWithin > 0 ? `${store.copiedWithin.toLocaleString('en')} of them inside the store` : '',
      store.deleted > 0 ? `${count(store.deleted, 'deletion')} recorded` : '',
      store.pending > 0 ? `${store.pending.toLocaleString('en')} STILL TO DO` : '',
    ].filter((part) => part !== '');
    lines.push(`  ${plain(store.store)}: ${parts.length === 0 ? 'up to date' : parts.join(', ')}`);
  }
  if (run.skipped > 0)
    lines.push(
      `  ${count(run.skipped, 'link, socket or device', 'links, sockets and devices')} left out; "strongroom status ${plain(run.source)}" lists them.`,
    );
  if (run.questioned !== null) lines.push(tellQuestion(run));
  return [...lines, ...tellProblems(run.problems)].join('\n');
}

function headline(run: RunOutput): string {
  const name = `"${plain(run.source)}"`;
  switch (run.outcome) {
    case 'done':
      return `${name} is protected`;
    case 'incomplete':
      return `${name} is NOT wholly protected`;
    case 'needs-approval':
      return `${name} was stopped for you to decide`;
    case 'failed':
      return `${name} could not be protected`;
    case 'cancelled':
      return `${name} was cancelled; the next run goes on`;
    case null:
      return `${name} was interrupted; the next run goes on`;
  }
}

function tellQuestion(run: RunOutput): string {
  const { changed, gone, of, examples } = run.questioned ?? { changed: 0, gone: 0, of: 0, examples: [] };
  return [
    `  An unusual share was changed or removed: ${changed.toLocaleString('en')} changed and ${gone.toLocaleString('en')} gone of ${count(of, 'file')}.`,
    '  Nothing of that was recorded or copied; the copies are as they were. For example:',
    ...examples.map((path) => `    ${plain(path)}`),
    `  If this is right: strongroom sync ${plain(run.source)} --accept-changes. If not: it may be ransomware. Disconnect the`,
    '  computer that did it, and restore from the copies.',
  ].join('\n');
}

const shownProblems = 20;

export function tellProblems(problems: readonly Problem[]): string[] {
  if (problems.length === 0) return [];
  const lines = problems
    .slice(0, shownProblems)
    .map(({ message, advice }) => `  - ${plain(message)}${advice === null ? '' : ` ${plain(advice)}`}`);
  if (problems.length > shownProblems)
    lines.push(
      `  … and ${(problems.length - shownProblems).toLocaleString('en')} more: "strongroom runs --problems" lists all.`,
    );
  return [`  ${count(problems.length, 'problem')}:`, ...lines];
}

export function tellErrors(errors: readonly StrongroomError[]): string[] {
  return tellProblems(
    errors.map(({ code, message, advice, subject }) => ({
      code,
      message,
      advice: advice ?? null,
      subject: subject ?? null,
    })),
  );
}
