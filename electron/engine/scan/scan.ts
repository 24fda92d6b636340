import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, VersionFacts } from '../../../shared/domain.ts';
import { asStrongroomError, StrongroomError } from '../../../shared/errors.ts';
import { baseName, folderOf } from '../../../shared/names.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { RunSummary } from '../catalog/runs.ts';
import type { SourceRecord } from '../catalog/sources.ts';
import type { Staging } from '../catalog/staging.ts';
import { errnoOf } from '../platform/failures.ts';
import type { Finding } from './findings.ts';
import { Hasher, type HashAnswer } from './hasher.ts';
import { entryProblem } from './problems.ts';
import { checkRoot, checkSameRoot } from './root.ts';
import { sourcePath } from './source-path.ts';
import { walk } from './walk.ts';

export interface ScanOptions {
  readonly catalog: Catalog;
  readonly source: SourceRecord;
  readonly runId: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly platform: string;
  /** Read every file again, whatever its stat says. */
  readonly rehash: boolean;
  /** A person has seen what a run questioned, and wants it. */
  readonly acceptChanges: boolean;
  /** New files up to this many bytes are handed over with their content. */
  readonly keepBytes: number;
  /** Resolves at once, or when a pause ends. */
  readonly gate: () => Promise<void>;
  readonly onProgress: (progress: ScanProgress) => void;
  /** Versions were recorded: their copies are pending now. */
  readonly onRecorded: () => void;
  /** The bytes of a version that was just recorded, for whoever sends them first. */
  readonly onBytes: (versionId: number, bytes: Uint8Array) => void;
  readonly onProblem: (problem: StrongroomError) => void;
}

export interface ScanProgress {
  readonly seen: number;
  readonly hashedBytes: number;
}

export interface ScanResult {
  seen: number;
  unchanged: number;
  added: number;
  changed: number;
  deleted: number;
  moved: number;
  skipped: number;
  /** Whether a folder appeared or went. */
  foldersChanged: boolean;
  /** Set when the guard stopped superseding and deleting. */
  questioned: NonNullable<RunSummary['questioned']> | undefined;
}

/** The guard against mass change (ransomware, a folder emptied by mistake): both must be exceeded. */
export const massChange = { share: 0.2, files: 50 };

const readsAhead = 192;
const recordsAFlush = 256;
const retryDelaysMs = [300, 1_000, 3_000];

type Reading = Extract<Finding, { kind: 'new' | 'changed' | 'recheck' }>;

/**
 * Scans a source: walks it, reads what differs, records new files as they are found, and, once the whole tree was seen
 * and nothing speaks against it, what changed and what is gone.
 *
 * Errors: those of the root (`source-unreachable`, `source-emptied`, …), `cancelled`. What concerns one file is told to
 * `onProblem` and the scan goes on.
 */
export async function scan(options: ScanOptions): Promise<ScanResult> {
  const identity = checkRoot(options.source, options.catalog.sources.tally(options.source.id).files);
  const scanning = new Scanning(options);
  try {
    await scanning.read();
    checkSameRoot(options.source.root, identity);
    await scanning.conclude();
  } finally {
    await scanning.close();
  }
  if (identity.mounted !== options.source.mounted)
    options.catalog.sources.setMounted(options.source.id, identity.mounted);
  return scanning.result;
}

class Scanning {
  readonly result: ScanResult = {
    seen: 0,
    unchanged: 0,
    added: 0,
    changed: 0,
    deleted: 0,
    moved: 0,
    skipped: 0,
    foldersChanged: false,
    questioned: undefined,
  };
  readonly #options: ScanOptions;
  readonly #catalog: Catalog;
  readonly #staging: Staging;
  readonly #source: SourceRecord;
  readonly #hasher: Hasher;
  readonly #folders = new Map<string, number>();
  readonly #reading = new Set<Promise<void>>();
  readonly #skipped: { path: string; reason: string }[] = [];
  readonly #unsteady: Reading[] = [];
  #answers: { finding: Reading; answer: HashAnswer }[] = [];
  #findings: Exclude<Finding, Reading>[] = [];
  #hashedBytes = 0;
  #failure: unknown;

  constructor(options: ScanOptions) {
    this.#options = options;
    this.#catalog = options.catalog;
    this.#staging = options.catalog.staging(options.source.id);
    this.#source = options.source;
    this.#hasher = new Hasher(options.source.root, options.platform);
  }

  async close(): Promise<void> {
    await this.#hasher.close();
  }

  /** Walks and reads everything; records what is new. */
  async read(): Promise<void> {
    const { catalog, source, signal, gate } = this.#options;
    this.#staging.clear();
    const order = {
      home: catalog.home,
      sourceId: source.id,
      root: source.root,
      rules: source.rules,
      rehash: this.#options.rehash,
      platform: this.#options.platform,
    };
    for await (const batch of walk(order, signal)) {
      await gate();
      this.result.seen += batch.seen;
      this.result.unchanged += batch.unchanged;
      for (const finding of batch.findings) {
        if (finding.kind === 'new' || finding.kind === 'changed' || finding.kind === 'recheck')
          await this.#read(finding);
        else this.#findings.push(finding);
      }
      this.#flush();
      this.#progress();
    }
    await this.#settle();
    for (const delay of retryDelaysMs) {
      if (this.#unsteady.length === 0) break;
      await sleep(delay, undefined, { signal }).catch(() => undefined);
      for (const finding of this.#unsteady.splice(0)) await this.#read(finding);
      await this.#settle();
    }
    for (const finding of this.#unsteady)
      this.#options.onProblem(entryProblem('file-changing', finding.path, '', false));
    this.#stopIfAborted();
    this.#recordSkipped();
  }

  /** Everything was seen: deletions are looked at once more, the guard decides, and changes are recorded. */
  async conclude(): Promise<void> {
    const { acceptChanges } = this.#options;
    this.#staging.markMovedBefore();
    const proven = await this.#proveGone();
    const counts = { ...this.#staging.counts() };
    const lost = counts.changed + proven.gone;
    const known = lost > massChange.files ? this.#knownBefore() : 0;
    if (!acceptChanges && lost > massChange.files && lost > massChange.share * known) {
      this.result.questioned = {
        changed: counts.changed,
        gone: proven.gone,
        of: known,
        examples: this.#staging.examples(10),
        folders: this.#staging.folders(100),
      };
      return;
    }
    await this.#recordChanges();
    await this.#recordGone();
    if (this.#staging.closeGoneFolders(this.#options.clock.now()) > 0) this.result.foldersChanged = true;
  }

  /**
   * How many files there were before what is questioned. New files that runs recorded which were stopped or ended early
   * do not count: otherwise asking again would be enough for a mass change to pass.
   */
  #knownBefore(): number {
    const { catalog, source } = this.#options;
    const known = catalog.sources.tally(source.id).files - this.result.added;
    const concluded = catalog.runs.lastConcluded(source.id);
    return concluded === undefined ? known : Math.min(known, catalog.files.countAt(source.id, concluded));
  }

  async #read(finding: Reading): Promise<void> {
    await this.#options.gate();
    while (this.#reading.size >= readsAhead) await Promise.race(this.#reading);
    this.#stopIfAborted();
    const reading = this.#hasher.hash(finding.path, finding.kind === 'recheck' ? 0 : this.#options.keepBytes).then(
      (answer) => {
        this.#answers.push({ finding, answer });
        if (this.#answers.length >= recordsAFlush) this.#flush();
      },
      (error: unknown) => {
        this.#failure ??= error;
      },
    );
    this.#reading.add(reading);
    void reading.then(
      () => this.#reading.delete(reading),
      (error: unknown) => {
        this.#reading.delete(reading);
        this.#failure ??= error;
      },
    );
  }

  async #settle(): Promise<void> {
    while (this.#reading.size > 0) {
      await Promise.race(this.#reading);
      this.#progress();
    }
    this.#flush();
    this.#stopIfAborted();
  }

  #stopIfAborted(): void {
    if (this.#failure !== undefined) throw asStrongroomError(this.#failure);
    if (this.#options.signal.aborted) throw new StrongroomError('cancelled', 'The run was cancelled.');
  }

  #progress(): void {
    this.#options.onProgress({ seen: this.result.seen, hashedBytes: this.#hashedBytes });
  }

  /** Records what came in since the last time, in one transaction. */
  #flush(): void {
    if (this.#answers.length === 0 && this.#findings.length === 0) return;
    const answers = this.#answers;
    const findings = this.#findings;
    this.#answers = [];
    this.#findings = [];
    const before = this.result.added + this.result.changed;
    this.#catalog.transaction(() => {
      for (const finding of findings) this.#take(finding);
      for (const { finding, answer } of answers) this.#decide(finding, answer);
    });
    if (this.result.added + this.result.changed > before) this.#options.onRecorded();
  }

  #take(finding: Exclude<Finding, Reading>): void {
    switch (finding.kind) {
      case 'new-folder': {
        const id = this.#folderId(finding.path);
        this.#catalog.files.setFolderMounted(id, finding.mounted);
        this.result.foldersChanged = true;
        break;
      }
      case 'gone':
        this.#staging.addGone(finding.fileId);
        break;
      case 'gone-folder':
        this.#staging.addGoneFolder(finding.folderId);
        break;
      case 'skipped':
        this.result.skipped += 1;
        this.#skipped.push({ path: finding.path, reason: finding.reason });
        break;
      case 'unreadable':
        this.#options.onProblem(entryProblem(finding.code, finding.path, finding.errno, finding.folder));
        break;
    }
  }

  #decide(finding: Reading, answer: HashAnswer): void {
    if ('failed' in answer) {
      if (answer.failed === 'file-changing') this.#unsteady.push(finding);
      else this.#options.onProblem(entryProblem(answer.failed, finding.path, answer.errno, false));
      return;
    }
    this.#hashedBytes += answer.stat.size;
    const facts: VersionFacts = {
      sha256: answer.sha256,
      size: answer.stat.size,
      mtimeNs: answer.mtimeNs,
      mode: answer.stat.mode,
    };
    if (finding.kind === 'new') this.#recordNew(finding.path, facts, answer);
    else this.#decideKnown(finding, facts, answer);
  }

  #recordNew(path: string, facts: VersionFacts, answer: Extract<HashAnswer, { sha256: string }>): void {
    const movedFrom = facts.size === 0 ? undefined : this.#movedFrom(path, facts.sha256);
    const { versionId } = this.#record(path, facts, answer.stat, movedFrom);
    if (movedFrom !== undefined) {
      this.#staging.markMoved(movedFrom);
      this.result.moved += 1;
    }
    this.result.added += 1;
    if (answer.bytes !== undefined) this.#options.onBytes(versionId, answer.bytes);
  }

  #decideKnown(
    finding: Extract<Finding, { kind: 'changed' | 'recheck' }>,
    facts: VersionFacts,
    answer: Extract<HashAnswer, { sha256: string }>,
  ): void {
    const { catalog, source, acceptChanges, clock } = this.#options;
    const current = catalog.files.currentFacts(finding.fileId);
    if (current === undefined) return;
    const sameTime = current.mtimeNs === facts.mtimeNs || Math.abs(Number(current.mtimeNs - facts.mtimeNs)) < 1_000;
    if (current.sha256 === facts.sha256) {
      if (catalog.files.clearSuspect(finding.fileId)) {
        catalog.events.add({ kind: 'decay-cleared', sourceId: source.id, detail: { path: finding.path } });
      }
      if (sameTime && current.mode === facts.mode) {
        catalog.files.refreshStat(finding.fileId, answer.stat);
        this.result.unchanged += 1;
      } else {
        // The same bytes under another time or mode: a version of its own, which costs no bytes to copy.
        this.#record(finding.path, facts, answer.stat, undefined);
        this.result.changed += 1;
      }
      return;
    }
    if (current.size === facts.size && sameTime && !acceptChanges) {
      this.#suspect(finding, facts);
      return;
    }
    this.#staging.addChange({ fileId: finding.fileId, facts, stat: answer.stat });
    if (acceptChanges && current.size === facts.size && sameTime) {
      catalog.events.add({
        kind: 'changes-accepted',
        sourceId: source.id,
        detail: { path: finding.path, at: clock.now() },
      });
    }
  }

  /** Content that changed although nothing says so: reported, and the good copies stay what they are. */
  #suspect(finding: Reading & { fileId: number }, facts: VersionFacts): void {
    const { catalog, source, clock } = this.#options;
    if (catalog.files.suspect(finding.fileId, facts.sha256, clock.now())) {
      catalog.events.add({
        kind: 'suspected-decay',
        sourceId: source.id,
        detail: { path: finding.path, found: facts.sha256 },
      });
    }
    this.#options.onProblem(
      new StrongroomError(
        'suspected-decay',
        `"${finding.path}" has other content than before, although its size and time are the same.`,
        {
          subject: finding.path,
          advice:
            'The disk may be failing. The good copies were kept: compare, then restore it (strongroom restore … --conflict overwrite) ' +
            'or keep the new content with "strongroom sync --accept-changes".',
        },
      ),
    );
  }

  #record(
    path: string,
    facts: VersionFacts,
    stat: Extract<HashAnswer, { sha256: string }>['stat'],
    movedFrom: number | undefined,
  ): { versionId: number } {
    return this.#catalog.files.recordVersion(this.#source.id, {
      folderId: this.#folderId(folderOf(path)),
      name: baseName(path),
      facts,
      stat,
      at: this.#options.clock.now(),
      movedFrom,
      runId: this.#options.runId,
    });
  }

  #folderId(path: string): number {
    let id = this.#folders.get(path);
    if (id === undefined) {
      id = this.#catalog.files.ensureFolder(this.#source.id, path, this.#options.clock.now());
      // Bounded: the walk is depth first, so the folders of files under way are among the last few thousand.
      if (this.#folders.size >= 10_000) this.#folders.clear();
      this.#folders.set(path, id);
    }
    return id;
  }

  /** A file with the same content that is not at its path any more: this one was moved from there. */
  #movedFrom(path: string, sha256: string): number | undefined {
    if (!this.#catalog.files.hasContent(sha256)) return undefined;
    for (const holder of this.#catalog.files.holdersOf(this.#source.id, sha256, 8)) {
      if (holder.path !== path && this.#isGone(holder.path) && !this.#staging.isMoved(holder.fileId))
        return holder.fileId;
    }
    return undefined;
  }

  /** Whether it is certain that there is no file at this path: the system says so, and that its folder can be looked into. */
  #isGone(path: string): boolean {
    try {
      return !fs.lstatSync(sourcePath(this.#source.root, path)).isFile();
    } catch (error) {
      const errno = errnoOf(error);
      return errno === 'ENOENT' || errno === 'ENOTDIR';
    }
  }

  async #proveGone(): Promise<{ gone: number }> {
    let gone = 0;
    let after = 0;
    for (;;) {
      const page = this.#staging.gone(after, 2_000);
      const last = page.at(-1);
      if (last === undefined) return { gone };
      after = last.fileId;
      const there = page.filter((entry) => !this.#isGone(entry.path));
      this.#catalog.transaction(() => {
        for (const entry of there) this.#staging.dropGone(entry.fileId);
      });
      gone += page.filter((entry) => !entry.moved).length - there.filter((entry) => !entry.moved).length;
      await this.#breathe();
    }
  }

  async #recordChanges(): Promise<void> {
    let after = 0;
    for (;;) {
      const page = this.#staging.changes(after, recordsAFlush);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.fileId;
      this.#catalog.transaction(() => {
        for (const change of page) {
          this.#catalog.files.recordVersion(this.#source.id, {
            ...change,
            at: this.#options.clock.now(),
            movedFrom: undefined,
            runId: this.#options.runId,
          });
        }
      });
      this.result.changed += page.length;
      this.#options.onRecorded();
      await this.#breathe();
    }
  }

  async #recordGone(): Promise<void> {
    let after = 0;
    for (;;) {
      const page = this.#staging.gone(after, recordsAFlush);
      const last = page.at(-1);
      if (last === undefined) return;
      after = last.fileId;
      this.#catalog.transaction(() => {
        for (const entry of page) {
          this.#catalog.files.recordTombstone(
            this.#source.id,
            entry.fileId,
            this.#options.clock.now(),
            this.#options.runId,
          );
        }
      });
      this.result.deleted += page.filter((entry) => !entry.moved).length;
      this.#options.onRecorded();
      await this.#breathe();
    }
  }

  /** Lets copies go on between two pages of synchronous work. */
  async #breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#stopIfAborted();
  }

  #recordSkipped(): void {
    const { files } = this.#catalog;
    const before = JSON.stringify(files.skipped(this.#source.id));
    const now = this.#skipped.toSorted((left, right) => (left.path < right.path ? -1 : 1));
    if (before === JSON.stringify(now)) return;
    this.#catalog.transaction(() => {
      files.clearSkipped(this.#source.id);
      for (const { path, reason } of now) files.addSkipped(this.#source.id, path, reason);
    });
  }
}
