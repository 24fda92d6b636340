import type { Instant, Place } from '../../../../shared/domain.ts';
import { hasProperty, type FileMetadata, type MoveTo } from './api.ts';
import type { Connection } from './connection.ts';
import type { Folder } from './folders.ts';
import { parseLocator } from './locator.ts';
import { recordOf, type FileRecord } from './record.ts';
import type { DriveFile } from './schema.ts';

/** One of Strongroom's files, with what it keeps of it. */
export interface OwnFile {
  readonly file: DriveFile;
  readonly record: FileRecord;
}

/** After so many questions about one folder, it is listed: one request then answers for a thousand files. */
const questionsBeforeListing = 8;
const longestListing = 50_000;

interface FolderKnowledge {
  questions: number;
  tags: Promise<ReadonlySet<string> | undefined> | undefined;
}

/** Finds the file that is current at a place. */
export class Places {
  readonly #connection: Connection;
  readonly #folders = new Map<string, FolderKnowledge>();
  /** Ids of files whose creation was sent and whose answer was lost, by the tag of their place. */
  readonly #unsettled = new Map<string, string>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  tag(place: Place, signal: AbortSignal): Promise<string> {
    return this.#connection.tag('file', place.source, place.path, signal);
  }

  /**
   * The file that is current at a place, trashed ones and ones that people moved or renamed included.
   *
   * @param replaces the locator of the copy that lies there, if the caller knows one: then its file is looked at.
   */
  async find(place: Place, replaces: string | undefined, signal: AbortSignal): Promise<OwnFile | undefined> {
    const tag = await this.tag(place, signal);
    const context = { signal, subject: place.path };
    for (const id of [this.#unsettled.get(tag), parseLocator(replaces)?.fileId]) {
      const file = id === undefined ? undefined : await this.#connection.api.file(id, context);
      const record = file === undefined ? undefined : recordOf(file);
      if (file !== undefined && record?.at === tag) return { file, record };
    }
    return await this.#lookUp(tag, place.path, signal);
  }

  /** Whether it is known, or can be found out at less than a question a file, that nothing lies at a place in a folder. */
  async isAbsent(folder: Folder, place: Place, signal: AbortSignal): Promise<boolean> {
    const tag = await this.tag(place, signal);
    if (this.#unsettled.has(tag)) return false;
    if (folder.isNew) return true;
    let knowledge = this.#folders.get(folder.id);
    if (knowledge === undefined) this.#folders.set(folder.id, (knowledge = { questions: 0, tags: undefined }));
    knowledge.questions += 1;
    if (knowledge.questions <= questionsBeforeListing) return false;
    if (knowledge.tags === undefined) {
      knowledge.tags = this.#listTags(folder.id, signal);
      const { tags } = knowledge;
      tags.catch(() => this.#folders.delete(folder.id));
    }
    const tags = await knowledge.tags;
    return tags !== undefined && !tags.has(tag);
  }

  /** Forgets what folders hold: a run begins, and others may have worked with the store. */
  forget(): void {
    this.#folders.clear();
  }

  /** The id for a file that is to be made at a place: that of an attempt whose answer was lost, so that none is made twice. */
  async idFor(tag: string, signal: AbortSignal): Promise<string> {
    const id = this.#unsettled.get(tag) ?? (await this.#connection.ids.take(signal));
    this.#unsettled.set(tag, id);
    return id;
  }

  /** The creation is known to have been carried out, or not to be repeated. */
  settled(tag: string): void {
    this.#unsettled.delete(tag);
  }

  async #lookUp(tag: string, subject: string, signal: AbortSignal): Promise<OwnFile | undefined> {
    const { driveId } = await this.#connection.root(signal);
    const found: OwnFile[] = [];
    for await (const file of this.#connection.api.listAll(hasProperty('at', tag), { driveId, signal, subject })) {
      const record = recordOf(file);
      if (record?.at === tag) found.push({ file, record });
    }
    // There is one, unless an answer was lost with the whole process and Drive's search lagged behind: the latest counts.
    return found.sort(
      (one, other) =>
        Number(one.file.trashed) - Number(other.file.trashed) || other.record.storedAt - one.record.storedAt,
    )[0];
  }

  async #listTags(folderId: string, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    const { driveId } = await this.#connection.root(signal);
    const tags = new Set<string>();
    for await (const file of this.#connection.api.listAll(`'${folderId}' in parents`, { driveId, signal })) {
      const at = file.appProperties['at'];
      if (at !== undefined) tags.add(at);
      if (tags.size > longestListing) return undefined;
    }
    return tags;
  }
}

/** What is to be changed so that a file lies in a folder under a name, out of the trash; `undefined` where it does. */
export function placeRight(
  file: DriveFile,
  folder: Folder,
  name: string,
): { readonly metadata: FileMetadata; readonly move: MoveTo | undefined } | undefined {
  const moves = !file.parents.includes(folder.id);
  if (!moves && file.name === name && !file.trashed) return undefined;
  return {
    metadata: { ...(file.name === name ? {} : { name }), ...(file.trashed ? { trashed: false } : {}) },
    move: moves ? { addParents: folder.id, removeParents: file.parents } : undefined,
  };
}

/** A modification time as Drive takes it, to the millisecond, or nothing where it lies outside what Drive shows. */
export function modifiedTime(mtimeNs: bigint): { modifiedTime?: string } {
  const at: Instant = Number(mtimeNs / 1_000_000n);
  return at < 0 || at >= 253_402_300_800_000 ? {} : { modifiedTime: new Date(at).toISOString() };
}
