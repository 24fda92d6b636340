import type { ChangeByHand, ChangesByHand } from '../store.ts';
import type { Connection, Root } from './connection.ts';
import { DriveError } from './errors.ts';
import type { Folders, Position } from './folders.ts';
import { namesOf, tagOf, trueName } from './names.ts';
import { isOurs, isUntouched, recordOf } from './record.ts';
import { changeList, fileFields, hasBytes, isFolder, shortcutType, startPageToken, type DriveFile } from './schema.ts';

/** What a call is given back at the next: the store's folder, so that nobody need look for it, and Drive's own token. */
interface Token {
  readonly root: Root;
  readonly page: string;
}

/** All that is told of a thing but what was done to it. */
type Subject = Omit<ChangeByHand, 'kind'>;

const depthLimit = 110;
const trees = ['files', 'history'] as const;
/** Folders whose children one query asks for together. */
const foldersAtOnce = 40;

/**
 * Follows Drive's feed of changes, which tells of everything this account sees, Strongroom's own writes included. What
 * is as Strongroom leaves things is passed over, so no list of own writes need be kept. A folder that people moved is
 * one change in the feed, and one for each of Strongroom's files below it here.
 * https://developers.google.com/workspace/drive/api/guides/manage-changes
 */
export class HandChanges {
  readonly #connection: Connection;
  readonly #folders: Folders;
  readonly #signal: AbortSignal;
  readonly #positions = new Map<string, Promise<Position | undefined>>();
  #root: Root = { id: '', driveId: undefined };

  constructor(connection: Connection, folders: Folders, signal: AbortSignal) {
    this.#connection = connection;
    this.#folders = folders;
    this.#signal = signal;
  }

  /**
   * See `Store.changesByHand`. Where nothing was changed it is one request, in a new process too. A token that Drive does
   * not take any more (Google says that they do not expire), or of another folder than the store's own, begins afresh.
   */
  async since(text: string | undefined): Promise<ChangesByHand> {
    if (text === undefined) return await this.#begin(false);
    const token = parseToken(text);
    const { knownRoot } = this.#connection;
    if (token === undefined || (knownRoot !== undefined && knownRoot.id !== token.root.id)) {
      return await this.#begin(true);
    }
    this.#root = token.root;
    try {
      return await this.#follow(token.page);
    } catch (error) {
      if (!(error instanceof RefusedToken)) throw error;
      return await this.#begin(true);
    }
  }

  async #begin(missed: boolean): Promise<ChangesByHand> {
    const { api } = this.#connection;
    this.#root = await this.#connection.root(this.#signal);
    const start = api.get('changes/startPageToken', this.#everywhere());
    const answer = await api.json({ ...start, action: 'follow changes', signal: this.#signal }, startPageToken);
    return { items: [], token: formatToken({ root: this.#root, page: answer.startPageToken }), missed };
  }

  async #follow(page: string): Promise<ChangesByHand> {
    const items: ChangeByHand[] = [];
    let missed = false;
    for (let pageToken = page; ;) {
      const { changes, nextPageToken, newStartPageToken } = await this.#page(pageToken, pageToken === page);
      for (const { fileId, file } of changes) {
        if (fileId === undefined) continue;
        if (file !== undefined) items.push(...(await this.#look(file)));
        // What was in the store's own folder went with it, and Google does not promise to tell of each.
        else if (fileId === this.#root.id) missed = true;
        else items.push({ ...nowhere(fileId), kind: 'removed' });
      }
      if (nextPageToken === undefined) {
        const token = formatToken({ root: this.#root, page: newStartPageToken ?? pageToken });
        return { items, token, missed };
      }
      pageToken = nextPageToken;
    }
  }

  #everywhere(): Record<string, string> {
    const { driveId } = this.#root;
    return { supportsAllDrives: 'true', ...(driveId === undefined ? {} : { driveId }) };
  }

  async #page(pageToken: string, isKept: boolean) {
    const { api } = this.#connection;
    const request = api.get('changes', {
      ...this.#everywhere(),
      ...(this.#root.driveId === undefined ? {} : { includeItemsFromAllDrives: 'true' }),
      pageToken,
      pageSize: '1000',
      includeRemoved: 'true',
      // What was moved out of a shared drive is removed from its list, and told of as far as it can still be seen.
      includeCorpusRemovals: 'true',
      fields: `nextPageToken,newStartPageToken,changes(fileId,removed,file(${fileFields},explicitlyTrashed))`,
    });
    try {
      return await api.json({ ...request, action: 'follow changes', signal: this.#signal }, changeList);
    } catch (error) {
      // All else in the request is always the same, so it is the token that Drive does not take.
      if (isKept && error instanceof DriveError && (error.status === 400 || error.status === 410)) {
        throw new RefusedToken();
      }
      throw error;
    }
  }

  /** Nothing for what is as Strongroom left it, or does not concern the store. */
  async #look(file: DriveFile): Promise<ChangeByHand[]> {
    if (file.id === this.#root.id) return await this.#lookAtRoot(file);
    const at = await this.#positionOf(file.parents[0], depthLimit);
    const isHere = at?.root === this.#root.id;
    const ours = isOurs(file);
    const name = ours ? trueName(file.name) : file.name;
    const path = at === undefined || at.path === '' ? name : `${at.path}/${name}`;
    const where = isHere && at.source !== undefined ? { source: at.source, path } : {};
    const of = { ...subjectOf(file), ...where };
    if (!ours) return isHere && !file.trashed ? [{ ...of, kind: 'added' }] : [];
    const record = recordOf(file);
    if (record === undefined) return await this.#lookAtFolder(file, of);
    const wasTrashed = isHere && (await this.#takeOutOfTrash(file));
    // Of a file that lies outside the store, the caller knows whether it belongs there.
    if (hasBytes(file) && !isUntouched(file, record)) return [{ ...of, kind: 'edited' }];
    const expected =
      record.gone === undefined
        ? at?.tree === 'files' && tagOf(at.root, 'file', at.source ?? '', path) === record.at
        : at?.tree === 'history';
    if (!expected) return [{ ...of, kind: 'moved' }];
    return wasTrashed ? [{ ...of, kind: 'trashed' }] : [];
  }

  /** The store's own folder is people's, but what lies in it is lost once Google empties the trash. */
  async #lookAtRoot(file: DriveFile): Promise<ChangeByHand[]> {
    if (!(await this.#takeOutOfTrash(file))) return [];
    return [{ ...subjectOf(file), kind: 'trashed' }];
  }

  /** Folders and control files have no record: only a tag. */
  async #lookAtFolder(file: DriveFile, of: Subject): Promise<ChangeByHand[]> {
    const [parent] = file.parents;
    const at = file.appProperties['at'];
    const isControl = at === tagOf(parent ?? '', 'control', '', '');
    const position = isFolder(file) ? await this.#findPosition(file.id, depthLimit, file) : undefined;
    const isHere = position?.root === this.#root.id || parent === this.#root.id;
    const wasTrashed = isHere && (await this.#takeOutOfTrash(file));
    if (isFolder(file) && !isControl && (position === undefined || tagOfPosition(position) !== at)) {
      return [{ ...of, kind: 'moved' }, ...(await this.#below(file.id))];
    }
    return wasTrashed ? [{ ...of, kind: 'trashed' }] : [];
  }

  /** Strongroom's files below a folder that was moved: none of them is where it should be. */
  async #below(folder: string): Promise<ChangeByHand[]> {
    const { api } = this.#connection;
    const { driveId } = this.#root;
    const items: ChangeByHand[] = [];
    for (let folders = [folder]; folders.length > 0;) {
      const some = folders.slice(0, foldersAtOnce);
      folders = folders.slice(foldersAtOnce);
      const query = some.map((id) => `'${id}' in parents`).join(' or ');
      for await (const file of api.listAll(query, { driveId, signal: this.#signal })) {
        if (isFolder(file)) folders.push(file.id);
        else if (recordOf(file) !== undefined) items.push({ ...subjectOf(file), kind: 'moved', within: folder });
      }
    }
    return items;
  }

  /**
   * Google empties the trash after 30 days, and of what is superseded nobody writes a copy again. What went there with
   * its folder comes back with it. https://developers.google.com/workspace/drive/api/guides/delete
   *
   * @returns whether it was in the trash.
   */
  async #takeOutOfTrash({ id, name, explicitlyTrashed }: DriveFile): Promise<boolean> {
    if (!explicitlyTrashed) return false;
    const context = { signal: this.#signal, subject: name };
    await this.#connection.api.update(id, { trashed: false }, undefined, context);
    return true;
  }

  /** Where a folder lies; `undefined` for one that is below no store. Of those that Strongroom works with, no request. */
  #positionOf(id: string | undefined, depth: number): Promise<Position | undefined> {
    if (id === undefined || depth === 0) return Promise.resolve(undefined);
    let position = this.#positions.get(id);
    if (position === undefined) {
      const known = this.#folders.positionOf(id);
      position = known === undefined ? this.#findPosition(id, depth) : Promise.resolve(known);
      this.#positions.set(id, position);
    }
    return position;
  }

  async #findPosition(id: string, depth: number, given?: DriveFile): Promise<Position | undefined> {
    if (id === this.#root.id) return undefined;
    const folder = given ?? (await this.#connection.api.file(id, { signal: this.#signal }));
    const parent = folder?.parents[0];
    if (folder === undefined || parent === undefined) return undefined;
    // A folder of a tree tells of which store it is: there may be several in one Drive.
    const tree = trees.find((name) => folder.appProperties['at'] === tagOf(parent, name, '', '..'));
    if (tree !== undefined && folder.name === tree) return { root: parent, tree, source: undefined, path: '' };
    if (parent === this.#root.id) return undefined;
    const above = await this.#positionOf(parent, depth - 1);
    if (above === undefined) return undefined;
    const name = trueName(folder.name);
    if (above.source === undefined) return { ...above, source: name };
    return { ...above, path: above.path === '' ? name : `${above.path}/${name}` };
  }
}

/** Drive does not take the token that was kept. */
class RefusedToken extends Error {}

function tagOfPosition({ root, tree, source, path }: Position): string {
  if (source === undefined) return tagOf(root, tree, '', '..');
  const names = path === '' ? [] : namesOf(path);
  return tagOf(root, tree, source, names.map((name) => `/${name}`).join(''));
}

function nowhere(id: string): Subject {
  const locatorStart = `${id} `;
  return { id, thing: 'file', source: undefined, path: undefined, locatorStart, within: undefined };
}

function subjectOf(file: DriveFile): Subject {
  const thing = isFolder(file)
    ? 'folder'
    : file.mimeType === shortcutType
      ? 'link'
      : hasBytes(file)
        ? 'file'
        : 'document';
  const subject = { ...nowhere(file.id), thing } as const;
  return thing === 'file' ? subject : { ...subject, locatorStart: undefined };
}

function formatToken({ root, page }: Token): string {
  return `${root.id} ${root.driveId ?? '-'} ${page}`;
}

function parseToken(text: string): Token | undefined {
  const [id = '', driveId = '', page = '', ...more] = text.split(' ');
  if (id === '' || driveId === '' || page === '' || more.length > 0) return undefined;
  return { root: { id, driveId: driveId === '-' ? undefined : driveId }, page };
}
