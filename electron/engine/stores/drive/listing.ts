import type { ListedCopy } from '../store.ts';
import { hasProperty } from './api.ts';
import { DriveError } from './errors.ts';
import type { Folders } from './folders.ts';
import type { Connection } from './connection.ts';
import { deletionLocator, headLocator, revisionLocator } from './locator.ts';
import { foreignName, trueName } from './names.ts';
import type { KnownFacts } from './reading.ts';
import { isOurs, isUntouched, markOf, md5Start, recordOf, type FileRecord, type FormerPlace } from './record.ts';
import { headMark } from './retiring.ts';
import { hasBytes, isFolder, type DriveFile, type DriveRevision } from './schema.ts';
import { inParallel } from './waiting.ts';

/** Folders that one query asks for together. */
const foldersAtOnce = 40;
const revisionListsAtOnce = 8;

/** A copy as it is listed, with what is known of it besides. */
export interface FoundCopy {
  readonly copy: ListedCopy;
  readonly facts: KnownFacts | undefined;
}

/** One path of a source with the folders that hold its children: several where two workstations made one at once. */
interface Branch {
  readonly path: string;
  readonly files: string[];
  readonly history: string[];
}

/** A file that was moved, and the revisions of it. */
interface MovedFile {
  readonly file: DriveFile;
  readonly record: FileRecord;
  readonly revisions: readonly DriveRevision[];
}

/**
 * Lists a source with few, large requests: first the files that were moved (their older revisions belong to other
 * paths), then folder by folder, many folders to a request, the trees of current and of former files side by side.
 * Revisions are asked for only of files that have more than one. Held at once are the children of up to 40 folders, the
 * folders still to come, and what was moved.
 *
 * What people put there is listed too, as a copy that no catalog knows: where it has the path of one of Strongroom's
 * files, its id is added to the name. Shortcuts and Google's own documents hold no bytes and are passed over; what lies
 * in the trash is not listed, since Google empties it.
 */
export class Listing {
  readonly #connection: Connection;
  readonly #folders: Folders;
  readonly #source: string;
  readonly #signal: AbortSignal;
  /** By the path that was left. */
  readonly #left = new Map<string, { readonly moved: MovedFile; readonly former: FormerPlace }[]>();
  readonly #moved = new Map<string, MovedFile>();

  constructor(connection: Connection, folders: Folders, source: string, signal: AbortSignal) {
    this.#connection = connection;
    this.#folders = folders;
    this.#source = source;
    this.#signal = signal;
  }

  async *copies(): AsyncGenerator<FoundCopy> {
    await this.#findMoved();
    const [files, history] = await Promise.all([
      this.#folders.existing('files', this.#source, this.#signal),
      this.#folders.existing('history', this.#source, this.#signal),
    ]);
    let branches: Branch[] = [{ path: '', files, history }];
    while (branches.length > 0) {
      const { batch, rest } = cut(branches);
      const { children, below } = await this.#children(batch);
      branches = [...rest, ...below];
      for (const [path, group] of children) yield* this.#group(path, group);
    }
    for (const path of [...this.#left.keys()]) yield* this.#group(path, []);
  }

  async #findMoved(): Promise<void> {
    const { api } = this.#connection;
    const { driveId } = await this.#connection.root(this.#signal);
    const tag = await this.#connection.tag('source', this.#source, '', this.#signal);
    const found: { file: DriveFile; record: FileRecord }[] = [];
    const query = `${hasProperty('moved', tag)} and trashed = false`;
    for await (const file of api.listAll(query, { driveId, signal: this.#signal })) {
      const record = recordOf(file);
      if (record !== undefined) found.push({ file, record });
    }
    await inParallel(found, revisionListsAtOnce, async ({ file, record }) => {
      const moved = { file, record, revisions: await this.#revisions(file, record) };
      this.#moved.set(file.id, moved);
      for (const former of record.former) {
        const others = this.#left.get(former.path) ?? [];
        this.#left.set(former.path, [...others, { moved, former }]);
      }
    });
  }

  /** The children of some branches, files by path, and the branches below. */
  async #children(batch: readonly Branch[]): Promise<{ children: Map<string, Child[]>; below: Branch[] }> {
    const branchOf = new Map<string, { readonly branch: Branch; readonly isHistory: boolean }>();
    for (const branch of batch) {
      for (const id of branch.files) branchOf.set(id, { branch, isHistory: false });
      for (const id of branch.history) branchOf.set(id, { branch, isHistory: true });
    }
    const children = new Map<string, Child[]>();
    const below = new Map<string, Branch>();
    const silent = new Set(branchOf.keys());
    const take = async (ids: readonly string[]): Promise<void> => {
      for await (const file of this.#inFolders(ids)) {
        const parent = file.parents.find((id) => branchOf.has(id));
        const found = branchOf.get(parent ?? '');
        if (found === undefined) continue;
        silent.delete(parent ?? '');
        const name = isOurs(file) ? trueName(file.name) : foreignName(file.name);
        const path = found.branch.path === '' ? name : `${found.branch.path}/${name}`;
        if (isFolder(file)) {
          const branch = below.get(path) ?? { path, files: [], history: [] };
          below.set(path, branch);
          (found.isHistory ? branch.history : branch.files).push(file.id);
        } else if (hasBytes(file)) {
          children.set(path, [...(children.get(path) ?? []), { file, isHistory: found.isHistory }]);
        }
      }
    };
    const asked = [...branchOf.keys()];
    await take(asked);
    // Drive is known to leave out the children of some folders of such a query without a word; alone, a folder is
    // answered for. https://github.com/rclone/rclone/issues/9810
    if (asked.length > 1) await inParallel([...silent], revisionListsAtOnce, (id) => take([id]).catch(passOverGone));
    return { children, below: [...below.values()] };
  }

  async *#inFolders(ids: readonly string[]): AsyncGenerator<DriveFile> {
    if (ids.length === 0) return;
    const { driveId } = await this.#connection.root(this.#signal);
    const query = `(${ids.map((id) => `'${id}' in parents`).join(' or ')}) and trashed = false`;
    yield* this.#connection.api.listAll(query, { driveId, signal: this.#signal });
  }

  /** All copies of one path. */
  async *#group(path: string, group: readonly Child[]): AsyncGenerator<FoundCopy> {
    const left = this.#left.get(path) ?? [];
    this.#left.delete(path);
    const own = group.flatMap((child) => {
      const record = recordOf(child.file);
      return record === undefined ? [] : [{ ...child, record }];
    });
    const shown = own
      .filter(({ isHistory }) => !isHistory)
      .sort((one, other) => other.record.storedAt - one.record.storedAt)[0];
    const revisions = new Map<string, readonly DriveRevision[]>();
    await inParallel(own, revisionListsAtOnce, async ({ file, record }) => {
      revisions.set(file.id, this.#moved.get(file.id)?.revisions ?? (await this.#revisions(file, record)));
    });
    for (const { file, record } of own) {
      const kept = between(revisions.get(file.id) ?? [], record.since, undefined);
      yield* this.#ownCopies(path, file, record, kept, file === shown?.file);
      if (typeof record.gone === 'number')
        yield deletionOf(path, deletionLocator(file.id, headMark(file)), record.gone);
    }
    for (const { moved, former } of left) {
      yield* this.#ownCopies(
        path,
        moved.file,
        moved.record,
        between(moved.revisions, former.since, former.until),
        false,
      );
      yield deletionOf(path, deletionLocator(moved.file.id, former.until), former.goneAt);
    }
    for (const { file, isHistory } of group) {
      if (recordOf(file) === undefined)
        yield* foreignCopy(shown === undefined ? path : `${path} (${file.id})`, file, !isHistory);
    }
  }

  *#ownCopies(
    path: string,
    file: DriveFile,
    record: FileRecord,
    revisions: readonly DriveRevision[],
    isCurrent: boolean,
  ): Generator<FoundCopy> {
    for (const revision of revisions) {
      const isHead = revision.id === file.headRevisionId;
      const isOwnHead = isHead && isUntouched(file, record);
      const superseded = record.superseded.findLast((one) => one.md5Start === md5Start(revision.md5Checksum));
      const known = isOwnHead ? record : superseded;
      const uploaded = Date.parse(revision.modifiedTime ?? '') || 0;
      yield {
        copy: {
          path,
          locator: revisionLocator(file.id, revision),
          size: Number(revision.size ?? 0),
          current: isCurrent && isHead,
          deletion: false,
          storedAt: known?.storedAt ?? uploaded,
          mtimeNs: isOwnHead ? record.mtimeNs : undefined,
          isToBeRead: !isOwnHead,
        },
        facts:
          known === undefined
            ? undefined
            : { sha256: isOwnHead ? record.sha256 : undefined, mtimeNs: known.mtimeNs, mode: known.mode },
      };
    }
  }

  /** A file that has had one revision only, and still has Strongroom's, needs no question. */
  async #revisions(file: DriveFile, record: FileRecord): Promise<readonly DriveRevision[]> {
    const { headRevisionId: id, size, md5Checksum, modifiedTime } = file;
    if (id !== undefined && record.revisions === 1 && isUntouched(file, record)) {
      return [{ id, size, md5Checksum, modifiedTime, keepForever: true }];
    }
    return (await this.#connection.api.revisions(file.id, { signal: this.#signal, subject: file.name })) ?? [];
  }
}

interface Child {
  readonly file: DriveFile;
  readonly isHistory: boolean;
}

/** A folder that somebody deletes while it is listed holds nothing. */
function passOverGone(error: unknown): void {
  if (!(error instanceof DriveError) || error.status !== 404) throw error;
}

/** As many branches as one query asks for, and the others. */
function cut(branches: readonly Branch[]): { batch: Branch[]; rest: Branch[] } {
  let folders = 0;
  let count = 0;
  for (const { files, history } of branches) {
    folders += files.length + history.length;
    if (count > 0 && folders > foldersAtOnce) break;
    count += 1;
  }
  return { batch: branches.slice(0, count), rest: branches.slice(count) };
}

/** The revisions from one mark to another, both included; from the oldest or to the newest where there is no mark. */
function between(
  revisions: readonly DriveRevision[],
  since: string,
  until: string | undefined,
): readonly DriveRevision[] {
  const marks = revisions.map((revision) => markOf(revision.id));
  const first = since === '' ? 0 : Math.max(0, marks.indexOf(since));
  const last = until === undefined ? -1 : marks.indexOf(until);
  return revisions.slice(first, last < 0 ? undefined : last + 1);
}

function deletionOf(path: string, locator: string, at: number): FoundCopy {
  const copy = { path, locator, size: 0, current: false, deletion: true, storedAt: at, mtimeNs: undefined };
  return { copy, facts: undefined };
}

/** What people put there, as a copy that the catalog does not know. */
function* foreignCopy(path: string, file: DriveFile, current: boolean): Generator<FoundCopy> {
  const locator = headLocator(file);
  if (locator === undefined) return;
  const modified = Date.parse(file.modifiedTime ?? '') || 0;
  yield {
    copy: {
      ...{ path, locator, current, deletion: false },
      size: Number(file.size ?? 0),
      storedAt: Date.parse(file.createdTime ?? '') || modified,
      mtimeNs: undefined,
      isToBeRead: file.sha256Checksum === undefined,
    },
    facts: { sha256: file.sha256Checksum, mtimeNs: BigInt(modified) * 1_000_000n, mode: 0o644 },
  };
}
