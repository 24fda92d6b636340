import { join } from 'node:path';
import type { Clock, Instant } from '../../../shared/domain.ts';
import { asStrongroomError, codeOf, StrongroomError } from '../../../shared/errors.ts';
import { folderOf } from '../../../shared/names.ts';
import type { RestorableVersion } from '../catalog/browse.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { StoreRecord } from '../catalog/stores.ts';
import type { Platform } from '../platform/platform.ts';
import { allowanceNote } from '../stores/allowance.ts';
import type { Store } from '../stores/store.ts';
import { Reader, type Receiver } from './reading.ts';
import { besideName, Target } from './target.ts';

export const conflictAnswers = ['skip', 'keep-both', 'overwrite'] as const;
/** What to do where another file lies in the place. Where the very same file lies there, there is never anything to do. */
export type ConflictAnswer = (typeof conflictAnswers)[number];

export interface RestoreOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  /** Path inside the source; '' for all of it. */
  readonly path: string;
  /** As of when; for a single version of a file, `number` instead. */
  readonly at: Instant;
  readonly number: number | undefined;
  /** Where to; absent for its own place. */
  readonly into: string | undefined;
  readonly conflict: ConflictAnswer;
  readonly from: StoreRecord | undefined;
  readonly open: (record: StoreRecord) => Promise<Store>;
  readonly clock: Clock;
  readonly platform: Platform;
  readonly signal: AbortSignal;
  readonly recording: boolean;
  readonly onProgress: (progress: RestoreProgress) => void;
  /** Told, before anything is read, what a person should know first. */
  readonly onNotice: (text: string) => void;
}

/** What a restore is going to do, before it does. */
export interface RestorePlan {
  /** Where it restores to; '' where that is not known. */
  readonly target: string;
  readonly files: number;
  readonly bytes: number;
  /** What a person should know first, in sentences: that a store's daily allowance makes it slow. */
  readonly notes: readonly string[];
}

export interface RestoreProgress {
  /** Files that were dealt with, whatever came of them. */
  readonly files: number;
  /** Their bytes, and those of the files under way as far as these have come. */
  readonly bytes: number;
  readonly allFiles: number;
  readonly allBytes: number;
  /** What came of them. With a restore that ends early, the last progress says what it had done by then. */
  readonly tally: RestoreTally;
}

export interface RestoreTally {
  readonly restored: number;
  /** Bytes of the restored ones. */
  readonly bytes: number;
  /** Files that were there already, byte for byte. */
  readonly same: number;
  /** Files that were left because another file lies in their place. */
  readonly kept: number;
  readonly failed: number;
}

export interface RestoreResult {
  /** Where it was restored to. */
  readonly target: string;
  readonly restored: number;
  readonly bytes: number;
  /** Files that were there already, byte for byte. */
  readonly same: number;
  /** Files that were left because another file lies in their place. */
  readonly kept: readonly string[];
  /** Files that got another name, and why. */
  readonly renamed: readonly { readonly path: string; readonly as: string; readonly why: string }[];
  readonly failed: readonly StrongroomError[];
  /** What was said beforehand. */
  readonly notes: readonly string[];
}

/** A large file of which a part had come when its restore failed or was ended. */
interface Begun {
  readonly path: string;
  /** Name of the hidden file in the same folder that holds the part. */
  readonly partial: string;
}

/**
 * A failure that leaves parts of large files in the folder. They are not taken away, not even where a person cancelled:
 * whoever ends a restore of many gigabytes mostly wants to go on another time, and a full disk or a store that is gone is
 * followed by another attempt. But they take up room unseen, so the advice ends with where they are.
 */
export class RestoreBegun extends StrongroomError {
  /** Where the parts are, and what can be done about them, in sentences. The end of the advice. */
  readonly remains: string;

  constructor(error: StrongroomError, begun: readonly [Begun, ...Begun[]]) {
    const remains = remainsOf(begun);
    const { code, message, advice, subject, cause } = error;
    super(code, message, {
      advice: advice === undefined ? remains : `${advice} ${remains}`,
      ...(subject !== undefined && { subject }),
      ...(cause !== undefined && { cause }),
    });
    this.remains = remains;
  }
}

function remainsOf([{ path, partial }, ...more]: readonly [Begun, ...Begun[]]): string {
  if (more.length === 0) {
    return (
      `What had come of "${path}" is kept in its folder, in the hidden file ${partial}: restoring it there again goes on ` +
      'with it. Delete that file if you do not want to.'
    );
  }
  return (
    `What had come of "${path}" and ${more.length === 1 ? 'another large file' : `${more.length} other large files`} is kept in ` +
    'their folders, in hidden files (.strongroom-….partial): restoring them there again goes on with it. Delete these files ' +
    'if you do not want to.'
  );
}

const atOnce = 24;
const listed = 10_000;
/** How far a file of more bytes than this is, is told each time that so many have come. */
const worthTelling = 512 * 1024;
/** Few enough that nothing changes meanwhile that matters: a copy that went bad is found bad when it is read. */
const lookedUpAtOnce = 200;

/**
 * Gives back a file, a folder or a source as it was. Every file is written beside its place, checked, given its times,
 * and only then named; run again after an interruption, it goes on where it stopped.
 *
 * Errors: `unknown-name` where there is nothing at that path at that time; `disk-full` and `disk-read-only` of the target,
 * which stop everything; `cancelled`. What concerns one file is in the result. Where parts of large files stay for another
 * attempt, the error is a {@link RestoreBegun}.
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const restoring = new Restoring(options);
  try {
    return await restoring.whole();
  } finally {
    await restoring.close();
  }
}

/**
 * What {@link restore} with these options would do. Asks no store anything. What lies in its place already is counted
 * too: whether it is the same is known only when it is read. Error: `unknown-name`.
 */
export async function planRestore(options: Omit<RestoreOptions, 'onProgress' | 'onNotice'>): Promise<RestorePlan> {
  return new Restoring({ ...options, onProgress: () => undefined, onNotice: () => undefined }).plan();
}

class Restoring {
  readonly #options: RestoreOptions;
  readonly #target: Target;
  readonly #reader: Reader;
  /** What is cut off the front of paths: restored into a folder, an item keeps its own name but not its parents'. */
  readonly #cut: number;
  readonly #kept: string[] = [];
  readonly #renamed: { path: string; as: string; why: string }[] = [];
  readonly #failed: StrongroomError[] = [];
  /** What the files left that were under way when everything stopped. */
  readonly #begun: Begun[] = [];
  readonly #tally = { restored: 0, bytes: 0, same: 0, kept: 0, failed: 0 };
  /** Bytes of the files that were dealt with, and of those under way. */
  #come = 0;
  #all = { files: 0, bytes: 0 };

  constructor(options: RestoreOptions) {
    this.#options = options;
    const { source, path, into, platform } = options;
    this.#target = new Target(into ?? source.root, platform);
    const parent = folderOf(path);
    this.#cut = into === undefined || parent === '' ? 0 : parent.length + 1;
    this.#reader = new Reader({ ...options, only: options.from });
  }

  async whole(): Promise<RestoreResult> {
    const { source } = this.#options;
    if (this.#target.root === '') {
      throw new StrongroomError('usage', `It is not known where "${source.name}" was on this computer.`, {
        advice: 'Name a folder with --into.',
      });
    }
    const chosen = this.#choose();
    const { files, bytes, notes } = await this.plan();
    this.#all = { files, bytes };
    for (const note of notes) this.#options.onNotice(note);
    await this.#target.folder('');
    try {
      for (const folder of chosen.folders()) await this.#makeFolder(this.#relative(folder));
      await this.#files(chosen.versions());
    } finally {
      this.#record(chosen.kind);
    }
    return {
      target: this.#target.root,
      restored: this.#tally.restored,
      bytes: this.#tally.bytes,
      same: this.#tally.same,
      kept: this.#kept,
      renamed: this.#renamed,
      failed: this.#failed,
      notes,
    };
  }

  /** Restores versions, some at once. Resolves or rejects when nothing is under way any more. */
  async #files(versions: Iterable<RestorableVersion>): Promise<void> {
    const under = new Set<Promise<void>>();
    let stop: unknown;
    for (const version of this.#expected(versions)) {
      while (under.size >= atOnce) await Promise.race(under);
      if (stop !== undefined || this.#options.signal.aborted) break;
      const job = this.#one(version).catch((error: unknown) => {
        stop ??= error;
      });
      under.add(job);
      void job.then(() => under.delete(job));
    }
    await Promise.all(under);
    // What was under way then says only that it was cancelled.
    if (stop !== undefined && codeOf(stop) !== 'cancelled') throw this.#stopped(asStrongroomError(stop));
    if (stop !== undefined || this.#options.signal.aborted)
      throw this.#stopped(new StrongroomError('cancelled', 'The restore was cancelled; run it again to go on.'));
  }

  #stopped(error: StrongroomError): StrongroomError {
    const [first, ...more] = this.#begun;
    return first === undefined ? error : new RestoreBegun(error, [first, ...more]);
  }

  /** What was given back is history, also where the restore did not get to its end. */
  #record(kind: 'file' | 'folder'): void {
    const { catalog, source, clock, recording, path, into } = this.#options;
    const { restored, bytes } = this.#tally;
    if (!recording || restored === 0) return;
    const { root: target } = this.#target;
    // Where the file or folder itself lies now, which in its own place is below the source's folder.
    const place = into === undefined ? join(target, ...folderOf(path).split('/')) : target;
    catalog.events.add({
      kind: 'restored',
      sourceId: source.id,
      detail: { path, thing: kind, target, place, files: restored, bytes, at: clock.now() },
    });
  }

  async close(): Promise<void> {
    await this.#target.close();
  }

  async plan(): Promise<RestorePlan> {
    const { catalog, open, from } = this.#options;
    const stores = catalog.stores.all();
    const sole = from ?? (stores.length === 1 ? stores[0] : undefined);
    const bytesFrom = new Map<number, number>();
    let files = 0;
    let bytes = 0;
    for (const { versionId, facts } of this.#choose().versions()) {
      files += 1;
      bytes += facts.size;
      const storeId = sole?.id ?? catalog.copies.readFrom(versionId);
      if (storeId !== undefined) bytesFrom.set(storeId, (bytesFrom.get(storeId) ?? 0) + facts.size);
    }
    const notes: string[] = [];
    for (const record of stores) {
      const some = bytesFrom.get(record.id) ?? 0;
      // One that cannot be opened is met again when it is read from.
      const store = some === 0 ? undefined : await open(record).catch(() => undefined);
      const note = allowanceNote(record.name, some, store?.capabilities.dailyBytes);
      if (note !== undefined) notes.push(note);
    }
    return { target: this.#target.root, files, bytes, notes };
  }

  #choose(): {
    kind: 'file' | 'folder';
    versions: () => Iterable<RestorableVersion>;
    folders: () => Iterable<string>;
  } {
    const { catalog, source, path, at, number } = this.#options;
    const fileId = path === '' ? undefined : catalog.browse.fileId(source.id, path);
    if (fileId !== undefined) {
      const version =
        number === undefined
          ? catalog.browse.fileAt(fileId, at)
          : catalog.browse.versions(fileId).find((entry) => entry.number === number && entry.sha256 !== null);
      if (version !== undefined && version.sha256 !== null) {
        const { versionId, sha256, size, mtimeNs, mode } = version;
        const only = [{ versionId, path, number: version.number, facts: { sha256, size, mtimeNs, mode } }];
        return { kind: 'file', versions: () => only, folders: () => [] };
      }
    }
    const folderId = catalog.browse.folderId(source.id, path);
    if (folderId !== undefined && number === undefined) {
      const versions = (): Iterable<RestorableVersion> => catalog.browse.filesBelow(folderId, path, at);
      const folders = function* (): Iterable<string> {
        for (const folder of catalog.browse.foldersBelow(folderId, path, at)) yield folder.path;
      };
      // A folder's row alone is no proof that it was there then.
      if (!catalog.browse.isFolderGone(folderId, at)) return { kind: 'folder', versions, folders };
    }
    throw new StrongroomError(
      'unknown-name',
      number === undefined
        ? `There was nothing at "${source.name}:${path}" at that time.`
        : `"${source.name}:${path}" has no version ${number} with content.`,
      {
        subject: path,
        advice: `See what there was: strongroom versions ${source.name}:${path}, or strongroom ls ${source.name} --at <time>.`,
      },
    );
  }

  /** The versions, their copies looked up many at a time. */
  *#expected(versions: Iterable<RestorableVersion>): Iterable<RestorableVersion> {
    let some: RestorableVersion[] = [];
    for (const version of versions) {
      some.push(version);
      if (some.length < lookedUpAtOnce) continue;
      this.#reader.expect(some);
      yield* some;
      some = [];
    }
    this.#reader.expect(some);
    yield* some;
  }

  #relative(path: string): string {
    return path.slice(this.#cut);
  }

  /** Makes one folder, empty ones too. Rejects only with what stops everything. */
  async #makeFolder(relative: string): Promise<void> {
    try {
      await this.#target.folder(relative === '' ? '' : this.#target.safe(relative).path);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Restores one file. Rejects only with what stops everything. */
  async #one(version: RestorableVersion): Promise<void> {
    const come = { bytes: 0 };
    try {
      await this.#place(version, come);
    } catch (error) {
      this.#come -= come.bytes;
      this.#fail(error);
      this.#tally.failed += 1;
      come.bytes = 0;
    } finally {
      this.#reader.unexpect(version);
    }
    this.#come += version.facts.size - come.bytes;
    this.#tell();
  }

  #tell(): void {
    const { restored, same, kept, failed } = this.#tally;
    this.#options.onProgress({
      files: restored + same + kept + failed,
      bytes: this.#come,
      allFiles: this.#all.files,
      allBytes: this.#all.bytes,
      tally: { ...this.#tally },
    });
  }

  /** Lists what could not be restored; throws what stops everything. */
  #fail(error: unknown): void {
    if (stopsAll(error)) throw error;
    if (this.#failed.length < listed) this.#failed.push(asStrongroomError(error));
  }

  /** @param come how many of its bytes `#come` has. */
  async #place(version: RestorableVersion, come: { bytes: number }): Promise<void> {
    const { conflict, clock } = this.#options;
    const { path, changed } = this.#target.safe(this.#relative(version.path));
    // Told once the file is there by that name.
    const renamed = changed.length === 0 ? [] : [{ path: version.path, as: path, why: changed.join(', ') }];
    const there = await this.#target.look(path, version.facts);
    if (there === 'same') {
      this.#tally.same += 1;
      this.#renamed.push(...renamed);
      return;
    }
    let as = path;
    if (there === 'other') {
      if (conflict === 'skip') {
        this.#tally.kept += 1;
        if (this.#kept.length < listed) this.#kept.push(version.path);
        return;
      }
      if (conflict === 'keep-both') {
        as = besideName(path, new Date(clock.now()));
        renamed.push({ path: version.path, as, why: 'another file lies in its place' });
      }
    }
    const incoming = await this.#target.begin(as, version.facts, path);
    try {
      await this.#reader.read(version, this.#watched(incoming, version, come));
      await incoming.finish(there === 'other');
    } catch (error) {
      const partial = await incoming.abandon();
      if (partial === undefined) throw error;
      const begun = { path: version.path, partial };
      if (!stopsAll(error)) throw new RestoreBegun(asStrongroomError(error), [begun]);
      this.#begun.push(begun);
      throw error;
    }
    this.#renamed.push(...renamed);
    this.#tally.restored += 1;
    this.#tally.bytes += version.facts.size;
  }

  /** A receiver that tells how far a file is, where that takes a while. */
  #watched(incoming: Receiver, { facts: { size } }: RestorableVersion, come: { bytes: number }): Receiver {
    if (size < worthTelling) return incoming;
    const tell = (): void => {
      const step = incoming.offset - come.bytes;
      if (step >= 0 && step < worthTelling && incoming.offset < size) return;
      come.bytes += step;
      this.#come += step;
      this.#tell();
    };
    return {
      get offset() {
        return incoming.offset;
      },
      write: async (chunk) => {
        await incoming.write(chunk);
        tell();
      },
      isRight: () => incoming.isRight(),
      restart: async () => {
        await incoming.restart();
        tell();
      },
    };
  }
}

function stopsAll(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'disk-full' || code === 'disk-read-only' || code === 'cancelled';
}
