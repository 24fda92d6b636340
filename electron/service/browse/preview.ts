import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { FormerSource, leftOutReasons, Problem, SourceRules } from '../../../shared/contract/shapes.ts';
import { asStrongroomError, StrongroomError } from '../../../shared/errors.ts';
import type { Engine } from '../../engine/engine.ts';
import { lookAtRoot } from '../../engine/scan/root.ts';
import { problemOf } from '../failures.ts';

export interface PreviewOrder {
  readonly root: string;
  readonly rules: SourceRules;
}

export interface Counts {
  readonly files: number;
  readonly bytes: number;
  readonly folders: number;
  /** Files, folders as a whole, and what is no file (links, sockets). */
  readonly leftOut: number;
}

export type LeftOutReason = (typeof leftOutReasons)[number];

export interface Preview extends Counts {
  readonly done: boolean;
  readonly examplesLeftOut: string[];
  readonly leftOutBy: { why: LeftOutReason; amount: number; examples: string[] }[];
  readonly largest: { path: string; size: number }[];
  readonly problem: Problem | null;
  readonly former?: FormerSource;
}

/** What the thread that counts tells. */
export type Counted = Omit<Preview, 'problem' | 'former'>;

/**
 * Counts what the rules take in of a folder, again and again until it is done. Nothing is changed or recorded; it ends at
 * once when `signal` aborts or nobody takes its numbers any more. A folder that cannot be a source says why, and is
 * counted all the same where it can be read.
 */
export async function* previewSource(
  engine: Engine,
  order: PreviewOrder,
  signal: AbortSignal,
): AsyncGenerator<Preview, void> {
  const root = path.resolve(order.root);
  const problem = hindrance(engine, order.root);
  const nothing = { files: 0, bytes: 0, folders: 0, leftOut: 0, examplesLeftOut: [], leftOutBy: [], largest: [] };
  if (problem !== null && problem.code !== 'source-overlaps') {
    yield { ...nothing, done: true, problem };
    return;
  }
  const worker = new Worker(new URL('./preview.worker.ts', import.meta.url), {
    workerData: { root, rules: order.rules } satisfies PreviewOrder,
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 8 },
  });
  const former = problem === null ? formerOf(engine, root) : {};
  const heard: { newest?: Counted | undefined; failure?: unknown; ended: boolean } = { ended: false };
  let wake = (): void => undefined;
  worker.on('message', (counted: Counted) => {
    heard.newest = counted;
    wake();
  });
  worker.on('error', (error) => {
    heard.failure = error;
    wake();
  });
  worker.on('exit', () => {
    heard.ended = true;
    wake();
  });
  const stop = (): void => {
    heard.ended = true;
    wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for (;;) {
      const counted = heard.newest;
      heard.newest = undefined;
      if (counted !== undefined) {
        yield { ...counted, problem, ...former };
        if (counted.done) return;
      } else if (heard.failure !== undefined) {
        throw new StrongroomError('source-unreadable', `${root} cannot be read to its end.`, {
          subject: root,
          cause: heard.failure,
          advice: 'Check the disk or the connection to its server, then try again.',
        });
      } else if (heard.ended) {
        throw new StrongroomError('cancelled', 'The counting was ended.');
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

/** The source that the folder was before; of the stores, those that are still there. */
function formerOf(engine: Engine, root: string): Pick<Preview, 'former'> {
  const former = engine.formerSource(root);
  if (former === undefined || engine.sourceOf(root) !== undefined) return {};
  const { sources, stores } = engine.catalog;
  const { source, removedAt } = former;
  const ids = new Set(sources.storeIds(source.id));
  const names = stores.all().flatMap(({ id, name }) => (ids.has(id) ? [name] : []));
  return { former: { name: source.name, removedAt, versions: sources.tally(source.id).versions, stores: names } };
}

/** Why a folder cannot be a source. One that is a source already may be looked at to change its rules. */
function hindrance(engine: Engine, root: string): Problem | null {
  try {
    if (!path.isAbsolute(root)) {
      throw new StrongroomError('usage', `"${root}" is not a whole path.`, {
        subject: root,
        advice: 'Choose the folder again.',
      });
    }
    if (engine.sourceOf(root) === undefined) engine.checkSource(root, []);
    else lookAtRoot(path.resolve(root));
    return null;
  } catch (error) {
    return problemOf(asStrongroomError(error));
  }
}
