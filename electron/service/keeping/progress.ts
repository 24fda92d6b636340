import type { RunProgressShape } from '../../../shared/contract/shapes.ts';
import type { Instant } from '../../../shared/domain.ts';
import type { RunProgress } from '../../engine/copy/run.ts';
import { problemFor } from '../failures.ts';
import type { Figures } from '../figures.ts';
import { Meter } from '../meter.ts';

const progressEveryMs = 250;
const filesEveryMs = 5_000;

interface Shown {
  readonly source: string;
  readonly startedAt: Instant;
  readonly meters: Map<string, Meter>;
  progress: RunProgress | undefined;
  toldFilesAt: number;
  /** Whether anything was to be copied so far. */
  hasWork: boolean;
}

/** The runs under way as the window shows them, with rates and what is left; told a few times a second at most. */
export class Progress {
  readonly #figures: Figures;
  readonly #tell: () => void;
  readonly #files: (source: string) => void;
  readonly #shown = new Map<number, Shown>();
  #telling: NodeJS.Timeout | undefined;
  #toldAt = 0;

  constructor(options: {
    readonly figures: Figures;
    /** There is something to show that was not told yet. */
    readonly tell: () => void;
    /** Files of a source may have been recorded; every few seconds of its run. */
    readonly files: (source: string) => void;
  }) {
    this.#figures = options.figures;
    this.#tell = options.tell;
    this.#files = options.files;
  }

  begin(sourceId: number, source: string, startedAt: Instant): void {
    this.#shown.set(sourceId, {
      source,
      startedAt,
      meters: new Map(),
      progress: undefined,
      toldFilesAt: 0,
      hasWork: false,
    });
  }

  take(sourceId: number, progress: RunProgress): void {
    const shown = this.#shown.get(sourceId);
    if (shown === undefined) return;
    shown.progress = progress;
    const at = performance.now();
    for (const store of progress.stores) {
      let meter = shown.meters.get(store.name);
      if (meter === undefined) {
        meter = new Meter();
        shown.meters.set(store.name, meter);
      }
      meter.add(at, store.bytesSent, store.copied + store.deleted);
    }
    // That there is something to copy is known at once, so that nothing is said to be safe meanwhile.
    const begins = !shown.hasWork && progress.stores.some(({ pendingCopies }) => pendingCopies > 0);
    shown.hasWork ||= begins;
    if (begins || at - shown.toldFilesAt >= filesEveryMs) {
      shown.toldFilesAt = at;
      this.#files(shown.source);
    }
    const wait = Math.max(0, this.#toldAt + progressEveryMs - at);
    this.#telling ??= setTimeout(() => {
      this.tell();
    }, wait);
  }

  end(sourceId: number): void {
    this.#shown.delete(sourceId);
  }

  /** Tells now. */
  tell(): void {
    this.close();
    this.#toldAt = performance.now();
    this.#tell();
  }

  /** `undefined` where no run is under way that has anything to show. */
  of(sourceId: number): RunProgressShape | undefined {
    const shown = this.#shown.get(sourceId);
    return shown?.progress === undefined ? undefined : this.#shape(shown, shown.progress);
  }

  /** Tells no more of what it has. */
  close(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
  }

  #shape({ source, startedAt, meters }: Shown, progress: RunProgress): RunProgressShape {
    return {
      run: progress.runId,
      source,
      startedAt,
      phase: progress.phase,
      filesSeen: progress.scan.seen,
      bytesHashed: progress.scan.hashedBytes,
      stores: progress.stores.map((store) => {
        const meter = meters.get(store.name);
        const sent = store.inFlight.reduce((sum, file) => sum + file.sent, 0);
        const remaining = meter?.remaining(Math.max(0, store.pendingBytes - sent), store.pendingCopies) ?? null;
        return {
          store: store.name,
          copied: store.copied,
          bytesSent: store.bytesSent,
          pendingCopies: store.pendingCopies,
          pendingBytes: store.pendingBytes,
          rate: meter?.rate ?? 0,
          // While files are still being found, nobody can tell.
          remainingMs: progress.phase === 'scanning' || store.stopped !== undefined ? null : remaining,
          inFlight: store.inFlight.map((file) => ({ ...file })),
          problem: store.stopped === undefined ? null : problemFor(this.#figures)(store.stopped),
        };
      }),
    };
  }
}
