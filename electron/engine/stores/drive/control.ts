import { createHash } from 'node:crypto';
import { codeOf, isTransient, StrongroomError } from '../../../../shared/errors.ts';
import type { Sleep } from '../decorators/sleep.ts';
import type { ControlFile, WriteCondition } from '../store.ts';
import { hasProperty } from './api.ts';
import { oldest, type Connection } from './connection.ts';
import { DriveError } from './errors.ts';
import type { Folders } from './folders.ts';
import { readRevision } from './reading.ts';
import { isOurs } from './record.ts';
import type { DriveFile } from './schema.ts';

/** How often a file that changes while it is read is read again. */
const mostReads = 5;
/** How long a new file's own appearance in Drive's search is waited for. */
const appearsWithinMs = [0, 250, 500, 1000, 2000, 4000, 8000];

/**
 * The control files below `strongroom/`: see the methods of `Store` that end in `Control`. They lie in one folder, their
 * names as they are, slashes included, and are found by their tags.
 *
 * Drive knows no `If-Match`. What it does decide is order, and conditions are built on that:
 * - A write under a tag uploads a new revision and then looks at the file's revisions, which all see in one order. The
 *   one that directly follows the tag's revision has won; any other takes itself away again. So for a moment a reader
 *   may see a write that loses, but two never both win.
 * - Of several new files of one name the one that Drive made first wins; the others take themselves away. Drive's search
 *   may lag behind, so a writer first waits until it finds its own file there, by which those made earlier are to be
 *   found too. That is how Drive behaves and nothing that Google promises; should two win all the same, the next write
 *   under a tag tells the later one that it has lost.
 *
 * https://developers.google.com/workspace/drive/api/guides/manage-revisions
 */
export class ControlFiles {
  readonly #connection: Connection;
  readonly #folders: Folders;
  readonly #sleep: Sleep;
  /** Writes under a tag of which it is not known how they ended. */
  readonly #unsettled = new Set<string>();

  constructor(connection: Connection, folders: Folders, sleep: Sleep) {
    this.#connection = connection;
    this.#folders = folders;
    this.#sleep = sleep;
  }

  async read(name: string, signal: AbortSignal): Promise<ControlFile | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const file = oldest(await this.#find(name, signal));
      if (file === undefined) return undefined;
      const bytes = await this.#content(file, name, signal);
      if (bytes !== undefined) return { bytes, tag: tagOf(file) };
      if (attempt >= mostReads) throw this.#busy(name);
    }
  }

  async write(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    if (condition.kind === 'tag') return await this.#writeAfter(name, bytes, condition.tag, signal);
    for (let attempt = 1; ; attempt += 1) {
      const file = oldest(await this.#find(name, signal));
      if (condition.kind === 'absent' && file !== undefined) throw this.#conflict(name);
      const tag =
        file === undefined ? await this.#create(name, bytes, signal) : await this.#replace(name, file, bytes, signal);
      if (tag !== undefined) return tag;
      if (condition.kind !== 'any') throw this.#conflict(name);
      if (attempt >= mostReads) throw this.#busy(name);
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    for (const file of await this.#find(name, signal)) await this.#remove(file.id, name, signal);
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const { driveId } = await this.#connection.root(signal);
    const { id } = await this.#folders.control(signal);
    const names = new Set<string>();
    const query = `'${id}' in parents and trashed = false`;
    for await (const file of this.#connection.api.listAll(query, { driveId, signal })) {
      if (isOurs(file) && file.name.startsWith(prefix)) names.add(file.name);
    }
    return [...names].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  }

  /** `undefined` where the file was written or removed since it was found. */
  async #content(file: DriveFile, name: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    try {
      const revision = file.headRevisionId ?? 'head';
      for await (const piece of await readRevision(this.#connection, file.id, revision, {}, name, signal)) {
        pieces.push(piece);
      }
    } catch (error) {
      if (error instanceof DriveError && (error.status === 404 || error.status === 403)) return undefined;
      throw error;
    }
    const bytes = Buffer.concat(pieces);
    return sha256Of(bytes) === (file.sha256Checksum ?? sha256Of(bytes)) ? bytes : undefined;
  }

  /** The tag of the new file; `undefined` where another one of this name was there first. */
  async #create(name: string, bytes: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
    const { api, ids } = this.#connection;
    const folder = await this.#folders.control(signal);
    const id = await ids.take(signal);
    const at = await this.#connection.tag('control', '', name, signal);
    const metadata = { id, name, parents: [folder.id], mimeType: controlType, appProperties: { id, at } };
    const file = await api.uploadWhole(undefined, metadata, bytes, { signal, subject: name, pin: false });
    this.#requireSame(name, file, bytes);
    for (const pause of appearsWithinMs) {
      if (pause > 0) await this.#sleep(pause, signal);
      const all = await this.#find(name, signal);
      if (!all.some((one) => one.id === id)) continue;
      if (oldest(all)?.id === id) return tagOf(file);
      await this.#remove(id, name, signal);
      return undefined;
    }
    // It cannot be said who was first: nobody has written, and the same may be tried again.
    await this.#remove(id, name, signal);
    throw this.#busy(name);
  }

  /** The tag of the new revision; `undefined` where the file went meanwhile. */
  async #replace(name: string, file: DriveFile, bytes: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
    try {
      const options = { signal, subject: name, pin: false };
      const written = await this.#connection.api.uploadWhole(file.id, { mimeType: controlType }, bytes, options);
      this.#requireSame(name, written, bytes);
      return tagOf(written);
    } catch (error) {
      if (error instanceof DriveError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** As {@link write} under the condition of a tag. */
  async #writeAfter(name: string, bytes: Uint8Array, tag: string, signal: AbortSignal): Promise<string> {
    const md5 = createHash('md5').update(bytes).digest('hex');
    const write = `${tag} ${md5} ${name}`;
    const [fileId = '', revisionId = ''] = tag.split('/');
    // The same write again, of which it is not known how it ended.
    if (this.#unsettled.has(write)) {
      const outcome = await this.#outcome(name, fileId, revisionId, md5, signal);
      if (outcome.kind !== 'not written') return this.#decided(name, write, outcome);
    }
    const file = oldest(await this.#find(name, signal));
    if (file === undefined || tagOf(file) !== tag) throw this.#conflict(name);
    this.#unsettled.add(write);
    try {
      const written = await this.#replace(name, file, bytes, signal);
      const lost = { kind: 'lost' } as const;
      const outcome = written === undefined ? lost : await this.#outcome(name, fileId, revisionId, md5, signal);
      return this.#decided(name, write, outcome);
    } catch (error) {
      if (!isTransient(error) && codeOf(error) !== 'cancelled') this.#unsettled.delete(write);
      throw error;
    }
  }

  #decided(name: string, write: string, outcome: Outcome): string {
    this.#unsettled.delete(write);
    if (outcome.kind !== 'won') throw this.#conflict(name);
    return outcome.tag;
  }

  /**
   * How a write under a tag ended, by the order of the file's revisions. What has lost is taken away, and must be: as
   * the latest revision it would be taken for the file's content.
   */
  async #outcome(name: string, fileId: string, before: string, md5: string, signal: AbortSignal): Promise<Outcome> {
    const { api } = this.#connection;
    const options = { signal, subject: name };
    const revisions = (await api.revisions(fileId, options)) ?? [];
    const at = revisions.findIndex((revision) => revision.id === before);
    const mine = revisions.slice(at + 1).filter((revision) => revision.md5Checksum === md5);
    if (mine.length === 0) return { kind: 'not written' };
    const first = at < 0 ? undefined : revisions[at + 1];
    if (first?.md5Checksum === md5) return { kind: 'won', tag: `${fileId}/${first.id}` };
    for (const revision of mine) await api.removeRevision(fileId, revision.id, options);
    return { kind: 'lost' };
  }

  #requireSame(name: string, file: DriveFile, bytes: Uint8Array): void {
    const { sha256Checksum } = file;
    if (sha256Checksum === undefined || sha256Checksum === sha256Of(bytes)) return;
    throw this.#busy(name);
  }

  /** In a shared drive only its managers delete for good; others put into the trash, which Google empties. */
  async #remove(id: string, name: string, signal: AbortSignal): Promise<void> {
    const { api } = this.#connection;
    try {
      await api.remove(id, { signal, subject: name });
    } catch (error) {
      if (!(error instanceof DriveError) || error.status !== 403) throw error;
      await api.update(id, { trashed: true, appProperties: { at: null } }, undefined, { signal, subject: name });
    }
  }

  async #find(name: string, signal: AbortSignal): Promise<DriveFile[]> {
    const { driveId } = await this.#connection.root(signal);
    const at = await this.#connection.tag('control', '', name, signal);
    const query = `${hasProperty('at', at)} and trashed = false`;
    const found: DriveFile[] = [];
    for await (const file of this.#connection.api.listAll(query, { driveId, signal, subject: name })) {
      if (isOurs(file)) found.push(file);
    }
    return found;
  }

  #conflict(name: string): StrongroomError {
    return new StrongroomError('copy-conflict', `The control file ${name} was written by somebody else meanwhile.`, {
      subject: name,
      advice: 'See which other workstation works with this store.',
    });
  }

  #busy(name: string): StrongroomError {
    return new StrongroomError('store-busy', `The control file ${name} changes while it is worked with.`, {
      subject: name,
      advice: 'Strongroom tries again by itself.',
    });
  }
}

/** How a write under a tag ended. */
type Outcome =
  { readonly kind: 'won'; readonly tag: string } | { readonly kind: 'lost' } | { readonly kind: 'not written' };

const controlType = 'application/octet-stream';

function tagOf(file: DriveFile): string {
  return `${file.id}/${file.headRevisionId ?? ''}`;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
