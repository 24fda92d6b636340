import type { Clock, RunOutcome } from '../../../shared/domain.ts';
import { asStrongroomError, type ErrorCode, type StrongroomError } from '../../../shared/errors.ts';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import type { Engine } from '../../engine/engine.ts';
import { Due } from './due.ts';
import { FolderWatch } from './folder-watch.ts';
import type { Progress } from './progress.ts';
import type { Reins } from './turns.ts';

const watchedFolders = 8_192;

const rootCodes: ReadonlySet<ErrorCode> = new Set([
  'source-unreachable',
  'source-emptied',
  'source-unreadable',
  'source-not-a-folder',
]);

/** One source that is cared for: when its next run is due, its folder, and what its runs showed. */
export class Tended {
  readonly id: number;
  readonly name: string;
  readonly due = new Due();
  readonly folder: FolderWatch;
  /** Why the last run could not even be carried out, if so: the catalog or its disk failed. */
  failure: StrongroomError | undefined;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #progress: Progress;
  #callOff: () => void = () => undefined;
  #left = false;

  constructor(
    { id, name }: SourceRecord,
    parts: {
      readonly engine: Engine;
      readonly clock: Clock;
      readonly progress: Progress;
      /** Something in the source has changed for the first time since its last run began. */
      readonly changed: () => void;
    },
  ) {
    this.id = id;
    this.name = name;
    this.#engine = parts.engine;
    this.#clock = parts.clock;
    this.#progress = parts.progress;
    this.folder = new FolderWatch(() => {
      if (this.due.changed(this.#clock.now())) parts.changed();
    });
  }

  /** The source as it is now; `undefined` where it was removed, or has no folder on this computer. */
  get runnable(): SourceRecord | undefined {
    const source = this.#engine.catalog.sources.find(this.name);
    return source?.root === '' ? undefined : source;
  }

  /** What is to be done next for it, in place of whatever was. @param callOff calls it off again. */
  schedule(callOff: () => void = () => undefined): void {
    this.#callOff();
    this.#callOff = callOff;
  }

  /** Cares no more for it. */
  leave(): void {
    this.#left = true;
    this.schedule();
    this.folder.stop();
  }

  /** Carries out a run. Whatever it meets is learnt of, and nothing is thrown. */
  async run(source: SourceRecord, acceptChanges: boolean, { signal, gate }: Reins): Promise<void> {
    const begun = performance.now();
    try {
      // Before the run, so that nothing can change unseen between its walk and the watch.
      await this.#watch(source);
      const { runId, outcome } = await this.#engine.sync(source, {
        rehash: false,
        acceptChanges,
        signal,
        gate,
        onProgress: (progress) => {
          this.#progress.take(this.id, progress);
        },
      });
      this.failure = undefined;
      this.#learn(runId, outcome);
      await this.#watch(source);
    } catch (error) {
      this.failure = asStrongroomError(error);
      this.due.retry = true;
    } finally {
      this.#progress.end(this.id);
      this.due.ended(this.#clock.now(), performance.now() - begun);
    }
  }

  /** What a run showed of the folder and the stores. */
  #learn(runId: number, outcome: RunOutcome): void {
    if (outcome === 'cancelled') return;
    const { runs } = this.#engine.catalog;
    this.folder.saw(!(outcome === 'failed' && runs.problemsWith(runId, [...rootCodes], 1).length > 0));
    this.due.retry = runs.problemsWith(runId, ['store-unreachable', 'store-busy', 'store-leased'], 1).length > 0;
  }

  async #watch(source: SourceRecord): Promise<void> {
    const { sources, files } = this.#engine.catalog;
    if (this.#left || !sources.schedule(this.id).watch || !this.folder.reachable) this.folder.stop();
    else await this.folder.follow(source, files.folderPaths(source.id, watchedFolders));
  }
}
