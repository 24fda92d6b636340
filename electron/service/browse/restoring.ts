import { constants, type BigIntStats } from 'node:fs';
import { access, lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Problem, RestoreEvent, RestorePlan, RestoreRequest } from '../../../shared/contract/shapes.ts';
import { asStrongroomError, codeOf, StrongroomError } from '../../../shared/errors.ts';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import { errnoOf } from '../../engine/platform/failures.ts';
import { safeRestorePath } from '../../engine/platform/restore-path.ts';
import { besideName } from '../../engine/restore/target.ts';
import { lookAtRoot } from '../../engine/scan/root.ts';
import { sourcePath } from '../../engine/scan/source-path.ts';
import { allowanceNote } from '../../engine/stores/allowance.ts';
import { dailyEgressBytes } from '../../engine/stores/drive/egress.ts';
import { problemOf } from '../failures.ts';
import type { BrowseContext } from './context.ts';
import type { RestoreTally } from './questions.ts';
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
  readonly #under = new Set<Promise<unknown>>();
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
    const notes: string[] = [];
    const hindrance = await this.#hindrance(source, request.into);
    if (hindrance !== undefined)
      notes.push(hindrance.message, ...(hindrance.advice === undefined ? [] : [hindrance.advice]));
    notes.push(...this.#notes(source, tally));
    const single = hindrance === undefined ? await this.#single(source, request.into, tally) : undefined;
    return { files: tally.files, bytes: tally.bytes, target, notes, ...(single === undefined ? {} : { single }) };
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
   * Restores, item by item; ends when `signal` aborts or nobody takes its events any more. What is restored by then stays.
   * Errors: `unknown-name`, `unsafe-path` and the codes of a target that cannot be written, before anything is written;
   * `disk-full`, `cancelled`. What concerns single files is in the last event.
   */
  async *start(request: RestoreRequest, signal: AbortSignal | undefined): AsyncGenerator<RestoreEvent, void> {
    const { source, tally, at } = await this.#look(request);
    const hindrance = await this.#hindrance(source, request.into);
    if (hindrance !== undefined) throw hindrance;
    const stop = new AbortController();
    const together = AbortSignal.any([stop.signal, this.#context.signal, ...(signal === undefined ? [] : [signal])]);
    const events = new Events();
    const whole = this.#carryOut(request, source, tally, at, together, events);
    const ended = whole.then(
      () => events.end(),
      () => events.end(),
    );
    this.#under.add(ended);
    void ended.then(() => this.#under.delete(ended));
    try {
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

  /** Resolves when no restore is under way (any more). */
  async idle(): Promise<void> {
    await Promise.all(this.#under);
  }

  async #look(request: RestoreRequest): Promise<{ source: SourceRecord; tally: RestoreTally; at: number }> {
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
  async #single(source: SourceRecord, into: string | null, tally: RestoreTally): Promise<RestorePlan['single']> {
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

  #notes(source: SourceRecord, tally: RestoreTally): string[] {
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

  #absentNote(source: SourceRecord, { absent, items }: RestoreTally): string {
    const names = absent.slice(0, namesInNote).map((one) => `"${one === '' ? source.name : baseName(one)}"`);
    const more = absent.length - names.length;
    const listed = `${names.join(', ')}${more > 0 ? ` and ${this.#context.figures.count(more, 'other')}` : ''}`;
    const left = items.length === 0 ? '' : absent.length === 1 ? ' It is left out.' : ' They are left out.';
    return `There was no ${listed} at that time.${left}`;
  }

  /** Why nothing can be written to the place now, if so. */
  async #hindrance(source: SourceRecord, into: string | null): Promise<StrongroomError | undefined> {
    if (into === null) {
      if (source.root === '') {
        return new StrongroomError('usage', `It is not known where "${source.name}" was on this computer.`, {
          subject: source.name,
          advice: 'Choose a folder to restore into.',
        });
      }
      // Where a share should be mounted and is not, its files would fill this computer's own disk instead.
      if (source.mounted && !isMounted(source.root)) {
        return new StrongroomError(
          'source-unreachable',
          `The share of "${source.name}" is not connected at ${source.root}.`,
          {
            subject: source.root,
            advice: 'Connect it again, or choose another folder to restore into.',
          },
        );
      }
    } else if (!path.isAbsolute(into)) {
      return new StrongroomError('usage', `"${into}" is not a whole path.`, {
        subject: into,
        advice: 'Choose the folder to restore into again.',
      });
    }
    const target = path.resolve(into ?? source.root);
    return (await this.#insideStore(target)) ?? (await notWritable(target));
  }

  /** What is put into a store by others is taken for damage there. */
  async #insideStore(target: string): Promise<StrongroomError | undefined> {
    const real = await nearestReal(target);
    for (const { name, spec } of this.#context.engine.catalog.stores.all()) {
      if (spec.kind !== 'folder') continue;
      const relative = path.relative(await nearestReal(spec.path), real);
      if (relative !== '' && (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)))
        continue;
      return new StrongroomError('unsafe-path', `${target} lies in the store "${name}".`, {
        subject: target,
        advice: 'Choose a folder outside of it: what is put there by hand would be in the way of the copies.',
      });
    }
    return undefined;
  }

  async #carryOut(
    request: RestoreRequest,
    source: SourceRecord,
    tally: RestoreTally,
    at: number,
    signal: AbortSignal,
    events: Events,
  ): Promise<Omit<Done, 'type'>> {
    const { engine } = this.#context;
    const done = {
      target: request.into ?? source.root,
      restored: 0,
      bytes: 0,
      same: 0,
      kept: [] as string[],
      renamed: [] as { path: string; as: string; why: string }[],
      failed: [] as Problem[],
    };
    const before = { files: 0, bytes: 0 };
    const { files: allFiles, bytes: allBytes } = tally;
    for (const item of tally.items) {
      try {
        const result = await engine.restore(source, {
          path: item.path,
          at,
          number: item.version ?? undefined,
          into: request.into ?? undefined,
          conflict: request.conflict,
          from: undefined,
          signal,
          onProgress: ({ files, bytes }) =>
            events.progress({ files: before.files + files, bytes: before.bytes + bytes, allFiles, allBytes }),
        });
        done.restored += result.restored;
        done.bytes += result.bytes;
        done.same += result.same;
        done.kept.push(...result.kept.slice(0, mostListed - done.kept.length));
        done.renamed.push(
          ...result.renamed
            .slice(0, mostListed - done.renamed.length)
            .map((one) => ({ ...one, why: inWords(one.why) })),
        );
        done.failed.push(...result.failed.slice(0, mostListed - done.failed.length).map(problemOf));
      } catch (error) {
        const code = codeOf(error);
        // What is wrong with one item is its own matter; a full disk or the end of patience is everybody's.
        if (code === 'cancelled' || code === 'disk-full' || code === 'disk-read-only') throw error;
        if (done.failed.length < mostListed) done.failed.push(problemOf(asStrongroomError(error)));
      }
      before.files += item.files;
      before.bytes += item.bytes;
      events.progress({ ...before, allFiles, allBytes });
    }
    const root = path.resolve(done.target);
    this.#remember(root);
    const [item, ...more] = tally.items;
    if (item?.kind !== 'file' || more.length > 0 || done.restored + done.same === 0) return { ...done, target: root };
    const relative = done.renamed.at(-1)?.as ?? (request.into === null ? item.path : baseName(item.path));
    const folder = folderIn(root, relative);
    this.#remember(folder);
    return { ...done, target: root, single: { folder, name: baseName(relative) } };
  }
}

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

function inWords(why: string): string {
  return why
    .replace('not-unicode', 'its name is not text')
    .replace('forbidden-character', 'its name has a character that this computer does not allow')
    .replace('reserved-name', 'this computer keeps the name for itself')
    .replace('trailing-dot-or-space', 'its name ends with a dot or a blank')
    .replace('too-long', 'its name is too long for this computer');
}

function isMounted(root: string): boolean {
  try {
    return lookAtRoot(root).mounted;
  } catch {
    return false;
  }
}

/** The true path of a folder, or of what is there of it. */
async function nearestReal(where: string): Promise<string> {
  try {
    return await realpath(where);
  } catch {
    const above = path.dirname(where);
    return above === where ? where : path.join(await nearestReal(above), path.basename(where));
  }
}

/** Why files cannot be put into a folder, or a folder be made there, if so. */
async function notWritable(target: string): Promise<StrongroomError | undefined> {
  try {
    if (!(await lstat(await realpath(target))).isDirectory()) {
      return new StrongroomError('unsafe-path', `${target} is a file.`, {
        subject: target,
        advice: 'Choose a folder to restore into.',
      });
    }
    await access(target, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const above = path.dirname(target);
    if (errno === 'ENOENT' && above !== target) return notWritable(above);
    return new StrongroomError('disk-read-only', `Nothing can be written to ${target}.`, {
      subject: target,
      cause: error,
      advice: 'Choose another folder, or ask whoever looks after it for the right to write there.',
    });
  }
}
