import type { Connection } from './connection.ts';
import { namesOf, tagOf, trueName } from './names.ts';
import { isOurs, isUntouched, recordOf } from './record.ts';
import { changeList, fileFields, hasBytes, isFolder, startPageToken, type DriveFile } from './schema.ts';
import type { Tree } from './folders.ts';

/** What somebody did to something in the store's folder. */
export interface ChangeByHand {
  readonly fileId: string;
  /**
   * `added`: people's own; `edited`: other content uploaded over a copy; `moved`: renamed or put elsewhere; `trashed`;
   * `removed`: deleted for good, or no longer shared with this account (Drive does not say where
   * it was: whether it concerns the store, the ids of the catalog's locators tell).
   */
  readonly kind: 'added' | 'edited' | 'moved' | 'trashed' | 'removed';
  /** Source and path as Drive shows them now; `undefined` for what is not there or not below the store any more. */
  readonly source: string | undefined;
  readonly path: string | undefined;
}

export interface ChangesByHand {
  readonly items: readonly ChangeByHand[];
  /** To be given at the next call: from here on. Does not expire. */
  readonly token: string;
}

/** Where a folder lies below the store's own. */
interface Position {
  readonly tree: Tree;
  /** `undefined` for the folder of the tree itself. */
  readonly source: string | undefined;
  readonly path: string;
}

const depthLimit = 110;

/**
 * Follows Drive's feed of changes, which tells of everything this account sees, Strongroom's own writes included. What
 * is as Strongroom leaves things is passed over, so no list of own writes need be kept.
 * https://developers.google.com/workspace/drive/api/guides/manage-changes
 */
export class HandChanges {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #positions = new Map<string, Promise<Position | undefined>>();

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  /** @param token of the call before; without one only a token is given. One request a thousand changes. */
  async since(token: string | undefined): Promise<ChangesByHand> {
    const { api } = this.#connection;
    const { driveId } = await this.#connection.root(this.#signal);
    const everywhere = { supportsAllDrives: 'true', ...(driveId === undefined ? {} : { driveId }) };
    if (token === undefined) {
      const start = api.get('changes/startPageToken', everywhere);
      const answer = await api.json({ ...start, action: 'follow changes', signal: this.#signal }, startPageToken);
      return { items: [], token: answer.startPageToken };
    }
    const items: ChangeByHand[] = [];
    for (let pageToken = token; ;) {
      const request = api.get('changes', {
        ...everywhere,
        ...(driveId === undefined ? {} : { includeItemsFromAllDrives: 'true' }),
        pageToken,
        pageSize: '1000',
        includeRemoved: 'true',
        fields: `nextPageToken,newStartPageToken,changes(fileId,removed,file(${fileFields}))`,
      });
      const page = await api.json({ ...request, action: 'follow changes', signal: this.#signal }, changeList);
      for (const change of page.changes) {
        if (change.fileId === undefined) continue;
        const item =
          change.removed || change.file === undefined
            ? { fileId: change.fileId, kind: 'removed' as const, source: undefined, path: undefined }
            : await this.#look(change.file);
        if (item !== undefined) items.push(item);
      }
      if (page.nextPageToken === undefined) return { items, token: page.newStartPageToken ?? pageToken };
      pageToken = page.nextPageToken;
    }
  }

  /** `undefined` for what is as Strongroom left it, or does not concern the store. */
  async #look(file: DriveFile): Promise<ChangeByHand | undefined> {
    const root = await this.#connection.root(this.#signal);
    const within = await this.#positionOf(file.parents[0], depthLimit);
    const ours = isOurs(file);
    const name = ours ? trueName(file.name) : file.name;
    const path = within === undefined ? undefined : within.path === '' ? name : `${within.path}/${name}`;
    const of = { fileId: file.id, source: within?.source, path: within?.source === undefined ? undefined : path };
    if (!ours) {
      const isThere = within !== undefined && !file.trashed;
      return isThere ? { ...of, kind: 'added' } : undefined;
    }
    const record = recordOf(file);
    if (record === undefined) return await this.#lookAtFolder(file, of);
    if (file.trashed) return { ...of, kind: 'trashed' };
    if (hasBytes(file) && !isUntouched(file, record)) return { ...of, kind: 'edited' };
    const expected =
      record.gone === undefined
        ? within?.tree === 'files' && tagOf(root.id, 'file', within.source ?? '', path ?? '') === record.at
        : within?.tree === 'history';
    return expected ? undefined : { ...of, kind: 'moved' };
  }

  /** Folders and control files have no record: only a tag. */
  async #lookAtFolder(
    file: DriveFile,
    of: Pick<ChangeByHand, 'fileId' | 'source' | 'path'>,
  ): Promise<ChangeByHand | undefined> {
    if (!isFolder(file)) return undefined;
    if (file.trashed) return { ...of, kind: 'trashed' };
    const position = await this.#positionOf(file.id, depthLimit);
    const root = await this.#connection.root(this.#signal);
    const at = file.appProperties['at'];
    if (at === tagOf(root.id, 'control', '', '')) return undefined;
    const tag = position === undefined ? undefined : this.#tagOf(root.id, position);
    return tag === at ? undefined : { ...of, kind: 'moved' };
  }

  #tagOf(root: string, { tree, source, path }: Position): string {
    if (source === undefined) return tagOf(root, tree, '', '..');
    const names = path === '' ? [] : namesOf(path);
    return tagOf(root, tree, source, names.map((name) => `/${name}`).join(''));
  }

  /** Where a folder lies; `undefined` for one that is not below the store. */
  #positionOf(id: string | undefined, depth: number): Promise<Position | undefined> {
    if (id === undefined || depth === 0) return Promise.resolve(undefined);
    let position = this.#positions.get(id);
    if (position === undefined) this.#positions.set(id, (position = this.#findPosition(id, depth)));
    return position;
  }

  async #findPosition(id: string, depth: number): Promise<Position | undefined> {
    const root = await this.#connection.root(this.#signal);
    if (id === root.id) return undefined;
    const folder = await this.#connection.api.file(id, { signal: this.#signal });
    const parent = folder?.parents[0];
    if (folder === undefined || parent === undefined) return undefined;
    if (parent === root.id) {
      const tree = folder.name === 'files' || folder.name === 'history' ? folder.name : undefined;
      return tree === undefined ? undefined : { tree, source: undefined, path: '' };
    }
    const above = await this.#positionOf(parent, depth - 1);
    if (above === undefined) return undefined;
    const name = trueName(folder.name);
    if (above.source === undefined) return { tree: above.tree, source: name, path: '' };
    return { ...above, path: above.path === '' ? name : `${above.path}/${name}` };
  }
}
