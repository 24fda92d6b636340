import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import type { Problem, RestoreEvent, RestorePlan, RestoreRequest } from '../../../shared/contract/shapes.ts';
import { asStrongroomError, codeOf, StrongroomError } from '../../../shared/errors.ts';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import { errnoOf } from '../../engine/platform/failures.ts';
import { safeRestorePath } from '../../engine/platform/restore-path.ts';
import type { RestoreTally } from '../../engine/restore/restore.ts';
import { besideName } from '../../engine/restore/target.ts';
import { sourcePath } from '../../engine/scan/source-path.ts';
import { allowanceNote } from '../../engine/stores/allowance.ts';
import { dailyEgressBytes } from '../../engine/stores/drive/egress.ts';
import { problemOf } from '../failures.ts';
import type { BrowseContext } from './context.ts';
import { hindrance, nameChangeWords, restoreProblem } from './restore-problems.ts';
import type { RestoreTally as Asked } from './questions.ts';
import type { CatalogReader } from './reader.ts';

const progressEveryMs = 200;
/** More failures and names than a person reads are counted, not listed. */
const mostListed = 1_000;
/** Folders restored into that can still be shown; the ones before are forgotten. */
const mostShown = 1_000;
const namesInNote = 5;

/** Gives back files, folders and versions that a person chose, together. */
export class Restoring {
  readonly #context: BrowseContext;
  readonly #reader: CatalogReader;
  readonly #under = new Map<number, { readonly ended: Promise<unknown>; readonly stop: AbortController }>();
  #started = 0;
  /** Where something was restored to: the window may have these folders shown, and no others. */
  readonly #shown = new Set<string>();

  constructor(context: BrowseContext, reader: CatalogReader) {
    this.#context = context;
    this.#reader = reader;
  }

  /** What would be given back, and what a person should know first. Error: `unknown-name`. */
  async plan(request: RestoreRequest): Promise<RestorePlan> {
    const { source, tally } = await this.#look(request);
    const target = request.into ?? source.root;
    const notes = this.#notes(source, tally);
    const hindered = await hindrance(this.#context.engine, source, request.into);
    const single = hindered === undefined ? await this.#single(source, request.into, tally) : undefined;
    return {
      files: tally.files,
      bytes: tally.bytes,
      target,
      notes,
      ...(single !== undefined && { single }),
      ...(hindered !== undefined && { hindrance: problemOf(hindered) }),
    };
  }

  /**
   * Shows a folder into which something was restored, with this computer's program for folders.
   * Errors: `unsafe-path` for any other folder; `usage` where there is nothing to show it with.
   */
  async show(folder: string): Promise<void> {
    if (!this.#shown.has(folder)) {
      throw new StrongroomError('unsafe-path', `Nothing was restored into ${folder} since Strongroom was started.`, {
        subject: folder,
        advice: 'Open the folder by hand.',
      });
    }
    try {
      await this.#context.desktop.openPath(folder);
    } catch (error) {
      throw new StrongroomError('usage', `This computer has no screen to show ${folder} on.`, {
        subject: folder,
        cause: error,
        advice: 'Open the folder by hand, on this computer or on another one that has it.',
      });
    }
  }

  /**
   * Restores, item by item; ends when `signal` aborts, when nobody takes its events any more, or by {@link cancel}. What is
   * restored by then stays.
   * Errors: `unknown-name`, `unsafe-path` and the codes of a target that cannot be written, before anything is written.
   * What comes later is in the last event: what concerns single files, and what stopped it (`disk-full`, `cancelled`).
   */
  async *start(request: RestoreRequest, signal: AbortSignal | undefined): AsyncGenerator<RestoreEvent, void> {
    const { source, tally, at } = await this.#look(request);
    const hindered = await hindrance(this.#context.engine, source, request.into);
    if (hindered !== undefined) throw hindered;
    const stop = new AbortController();
    const together = AbortSignal.any([stop.signal, this.#context.signal, ...(signal === undefined ? [] : [signal])]);
    const events = new Events();
    const whole = this.#carryOut(request, source, tally, at, together, events);
    const ended = whole.then(
      () => events.end(),
      () => events.end(),
    );
    this.#started += 1;
    const restore = this.#started;
    this.#under.set(restore, { ended, stop });
    void ended.then(() => this.#under.delete(restore));
    try {
      yield { type: 'started', restore };
      yield { type: 'progress', files: 0, bytes: 0, allFiles: tally.files, allBytes: tally.bytes };
      for (const text of this.#notes(source, tally)) yield { type: 'notice', text };
      yield* events.all();
      yield { type: 'done', ...(await whole) };
    } finally {
      stop.abort();
      // The last file is put away before the stream ends: whoever cancelled sees a folder in which nothing moves any more.
      await ended;
    }
  }

  /** Ends a restore by the number that it told first. */
  cancel(restore: number): void {
    this.#under.get(restore)?.stop.abort();
  }

  /** Resolves when no restore is under way (any more). */
  async idle(): Promise<void> {
    await Promise.all([...this.#under.values()].map(({ ended }) => ended));
  }

  async #look(request: RestoreRequest): Promise<{ source: SourceRecord; tally: Asked; at: number }> {
    const source = this.#context.engine.catalog.sources.find(request.source);
    if (source === undefined) {
      throw new StrongroomError('unknown-name', `There is no source "${request.source}".`, {
        subject: request.source,
        advice: 'It may have been removed meanwhile. Choose another one.',
      });
    }
    // Versions of this very moment are wanted: what a run records while a person reads the plan counts as well.
    const at = request.at ?? Number.MAX_SAFE_INTEGER;
    return { source, at, tally: await this.#reader.ask('tally', source.name, request.items, at) };
  }

  /** Of a single file, where it goes, what is there by its name, and how it would be called beside that. */
  async #single(source: SourceRecord, into: string | null, tally: Asked): Promise<RestorePlan['single']> {
    const [item, ...more] = tally.items;
    if (item?.kind !== 'file' || more.length > 0) return undefined;
    const { platform, catalog } = this.#context.engine;
    const safe = safeRestorePath(into === null ? item.path : baseName(item.path), platform);
    if (safe.kind === 'refused') return undefined;
    const root = path.resolve(into ?? source.root);
    const there = await lstatIfThere(sourcePath(root, safe.path));
    const fileId = catalog.browse.fileId(source.id, item.path);
    const version =
      fileId === undefined ? undefined : catalog.browse.versions(fileId).find(({ number }) => number === item.version);
    const isSame =
      there?.isFile() === true &&
      there.size === BigInt(version?.size ?? -1) &&
      there.mtimeNs / 1_000_000n === (version?.mtimeNs ?? 0n) / 1_000_000n;
    return {
      folder: folderIn(root, safe.path),
      name: baseName(safe.path),
      there: there === undefined ? 'nothing' : isSame ? 'same' : 'something',
      beside: baseName(besideName(safe.path, new Date(this.#context.clock.now()))),
    };
  }

  #remember(folder: string): void {
    this.#shown.delete(folder);
    this.#shown.add(folder);
    const [oldest] = this.#shown;
    if (this.#shown.size > mostShown && oldest !== undefined) this.#shown.delete(oldest);
  }

  #notes(source: SourceRecord, tally: Asked): string[] {
    const { engine, figures } = this.#context;
    const { catalog } = engine;
    const files = (count: number): string => (count === 1 ? 'one file' : figures.count(count, 'file'));
    const notes: string[] = [];
    if (tally.absent.length > 0) notes.push(this.#absentNote(source, tally));
    if (tally.missing > 0) {
      notes.push(
        `Of ${files(tally.missing)}, no copy can be read now: ${tally.missing === 1 ? 'it' : 'they'} will be left out and listed.`,
      );
    }
    if (tally.archived > 0) {
      notes.push(
        `Of ${files(tally.archived)}, the only copies left lie in an archive and must be thawed first, which takes hours: ` +
          `${tally.archived === 1 ? 'it' : 'they'} will be left out and listed unless that is done by then.`,
      );
    }
    const stores = catalog.sources.storeIds(source.id);
    const drive = catalog.stores.all().find((store) => store.spec.kind === 'drive' && stores.includes(store.id));
    const slow = drive && allowanceNote(drive.name, tally.driveBytes, dailyEgressBytes);
    if (slow !== undefined) notes.push(figures.rewrite(slow));
    return notes;
  }

  #absentNote(source: SourceRecord, { absent, items }: Asked): string {
    const names = absent.slice(0, namesInNote).map((one) => `"${one === '' ? source.name : baseName(one)}"`);
    const more = absent.length - names.length;
    const listed = `${names.join(', ')}${more > 0 ? ` and ${this.#context.figures.count(more, 'other')}` : ''}`;
    const left = items.length === 0 ? '' : absent.length === 1 ? ' It is left out.' : ' They are left out.';
    return `There was no ${listed} at that time.${left}`;
  }

  async #carryOut(
    request: RestoreRequest,
    source: SourceRecord,
    tally: Asked,
    at: number,
    signal: AbortSignal,
    events: Events,
  ): Promise<Omit<Done, 'type'>> {
    const { engine } = this.#context;
    const { files: allFiles, bytes: allBytes } = tally;
    const done = {
      target: request.into ?? source.root,
      restored: 0,
      bytes: 0,
      same: 0,
      kept: [] as string[],
      keptFiles: 0,
      renamed: [] as { path: string; as: string; why: string }[],
      failed: [] as Problem[],
      failedFiles: 0,
      left: 0,
    };
    const list = (errors: readonly StrongroomError[]): void => {
      done.failed.push(...errors.slice(0, mostListed - done.failed.length).map(restoreProblem));
    };
    let stopped: Problem | undefined;
    const before = { files: 0, bytes: 0 };
    for (const item of tally.items) {
      const came = { tally: nothingCame };
      try {
        const result = await engine.restore(source, {
          path: item.path,
          at,
          number: item.version ?? undefined,
          into: request.into ?? undefined,
          conflict: request.conflict,
          from: undefined,
          signal,
          onProgress: ({ files, bytes, tally: counted }) => {
            came.tally = counted;
            events.progress({ files: before.files + files, bytes: before.bytes + bytes, allFiles, allBytes });
          },
        });
        done.kept.push(...result.kept.slice(0, mostListed - done.kept.length));
        done.renamed.push(
          ...result.renamed
            .slice(0, mostListed - done.renamed.length)
            .map((one) => ({ ...one, why: nameChangeWords(one.why) })),
        );
        list(result.failed);
      } catch (error) {
        const code = codeOf(error);
        // What is wrong with one item is its own matter; a full disk or the end of patience is everybody's.
        if (code === 'cancelled' || code === 'disk-full' || code === 'disk-read-only')
          stopped = restoreProblem(asStrongroomError(error));
        else {
          list([asStrongroomError(error)]);
          came.tally = { ...came.tally, failed: item.files };
        }
      }
      const { restored, bytes, same, kept, failed } = came.tally;
      done.restored += restored;
      done.bytes += bytes;
      done.same += same;
      done.keptFiles += kept;
      done.failedFiles += failed;
      if (stopped !== undefined) break;
      before.files += item.files;
      before.bytes += item.bytes;
      events.progress({ ...before, allFiles, allBytes });
    }
    done.left = allFiles - done.restored - done.same - done.keptFiles - done.failedFiles;
    // A folder that could not be made is told with the files, too.
    done.failedFiles = Math.max(done.failedFiles, done.failed.length);
    const root = path.resolve(done.target);
    this.#remember(root);
    const whole = { ...done, target: root, ...(stopped !== undefined && { stopped }) };
    const [item, ...more] = tally.items;
    if (item?.kind !== 'file' || more.length > 0 || done.restored + done.same === 0) return whole;
    const relative = done.renamed.at(-1)?.as ?? (request.into === null ? item.path : baseName(item.path));
    const folder = folderIn(root, relative);
    this.#remember(folder);
    return { ...whole, single: { folder, name: baseName(relative) } };
  }
}

const nothingCame: RestoreTally = { restored: 0, bytes: 0, same: 0, kept: 0, failed: 0 };

type Progress = Extract<RestoreEvent, { type: 'progress' }>;
type Done = Extract<RestoreEvent, { type: 'done' }>;

/** The newest progress, a few times a second, until it has ended. */
class Events {
  #newest: Omit<Progress, 'type'> | undefined;
  #ended = false;
  #wake: () => void = () => undefined;

  progress(progress: Omit<Progress, 'type'>): void {
    this.#newest = progress;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  get #hasNews(): boolean {
    return this.#newest !== undefined;
  }

  async *all(): AsyncGenerator<Progress, void> {
    for (;;) {
      const progress = this.#newest;
      this.#newest = undefined;
      if (progress !== undefined) yield { type: 'progress', ...progress };
      if (this.#ended && !this.#hasNews) return;
      if (progress !== undefined) await this.#pause(progressEveryMs, () => this.#ended);
      else await this.#pause(undefined, () => this.#ended || this.#hasNews);
    }
  }

  /** Until something is so, or the time is over. */
  #pause(ms: number | undefined, isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      const look = (): void => {
        if (!isSo()) return;
        clearTimeout(timer);
        resolve();
      };
      this.#wake = look;
      look();
    });
  }
}

function folderIn(root: string, relative: string): string {
  return path.join(root, ...folderOf(relative).split('/'));
}

async function lstatIfThere(full: string | Buffer): Promise<BigIntStats | undefined> {
  try {
    return await lstat(full, { bigint: true });
  } catch (error) {
    // Whatever hides it is told by the restore itself, which looks again.
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
