import type { Connection } from './connection.ts';
import { makeFolder, oldest } from './connection.ts';
import { hasProperty } from './api.ts';
import { isFolder, type DriveFile } from './schema.ts';
import { nameOf, namesOf, trueName } from './names.ts';
import { isOurs } from './record.ts';
import { untilAborted } from './waiting.ts';

/** The tree of current files, or that of former ones. */
export type Tree = 'files' | 'history';

export interface Folder {
  readonly id: string;
  /** Made by this process: nothing lies in it but what this process put there. */
  readonly isNew: boolean;
}

/** Where a folder lies below the folder of a store. */
export interface Position {
  /** The id of the store's folder. */
  readonly root: string;
  readonly tree: Tree;
  /** `undefined` for the folder of the tree itself. */
  readonly source: string | undefined;
  readonly path: string;
}

/** One level of a tree: what a folder is to be called, and where. */
interface Level {
  readonly tag: string;
  readonly name: string;
  /** `undefined` for the folder of control files. */
  readonly position: Position | undefined;
}

/** Tags looked for in one request, so that its URL stays short. */
const tagsAtOnce = 20;

/**
 * The folders of the store: found by their tags, made where they are missing, put right where people renamed, moved or
 * trashed them, and remembered. Several calls for one folder at once make one.
 */
export class Folders {
  readonly #connection: Connection;
  readonly #known = new Map<string, Promise<Folder>>();
  /** Where each folder belongs that was found or made, by its id. */
  readonly #positions = new Map<string, Position>();
  /** By the tag of the deepest folder: several that ask for one wait for one answer. */
  readonly #resolving = new Map<string, Promise<Folder>>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The folder of a path's parent: `names` are the folder names below the source's own. */
  async folder(tree: Tree, source: string, names: readonly string[], signal: AbortSignal): Promise<Folder> {
    const levels = await this.#levels(tree, source, names, signal);
    const last = levels.at(-1)?.tag ?? '';
    const known = this.#known.get(last);
    if (known !== undefined) return await untilAborted(known, signal);
    let resolving = this.#resolving.get(last);
    if (resolving === undefined) {
      resolving = this.#resolve(levels).finally(() => this.#resolving.delete(last));
      this.#resolving.set(last, resolving);
    }
    return await untilAborted(resolving, signal);
  }

  async #resolve(levels: readonly Level[]): Promise<Folder> {
    const { life } = this.#connection;
    const { id: rootId } = await this.#connection.root(life);
    let at = levels.length;
    let parent: Folder = { id: rootId, isNew: false };
    for (; at > 0; at -= 1) {
      const known = this.#known.get(levels[at - 1]?.tag ?? '');
      if (known === undefined) continue;
      parent = await known;
      break;
    }
    const missing = levels.slice(at);
    if (missing.length === 0) return parent;
    const found = parent.isNew ? new Map<string, DriveFile>() : await this.#find(missing, life);
    for (const level of missing) parent = await this.#ensure(level, parent, found.get(level.tag));
    return parent;
  }

  /** The folder of control files. */
  async control(signal: AbortSignal): Promise<Folder> {
    const { id } = await this.#connection.root(signal);
    const level = {
      tag: await this.#connection.tag('control', '', '', signal),
      name: 'strongroom',
      position: undefined,
    };
    const known = this.#known.get(level.tag);
    if (known !== undefined) return await untilAborted(known, signal);
    const found = await this.#find([level], signal);
    return await untilAborted(this.#ensure(level, { id, isNew: false }, found.get(level.tag)), signal);
  }

  /** All folders that have a tag; several where two workstations made one in the same moment. Makes none. */
  async existing(tree: Tree, source: string | undefined, signal: AbortSignal): Promise<string[]> {
    const tag = await this.#connection.tag(tree, source ?? '', source === undefined ? '..' : '', signal);
    return (await this.#tagged([tag], signal)).filter((file) => !file.trashed).map((file) => file.id);
  }

  /** The names of the sources that have a folder in a tree. */
  async sources(tree: Tree, signal: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    const { driveId } = await this.#connection.root(signal);
    for (const id of await this.existing(tree, undefined, signal)) {
      const query = `'${id}' in parents and trashed = false`;
      for await (const file of this.#connection.api.listAll(query, { driveId, signal })) {
        if (isFolder(file) && isOurs(file)) names.push(trueName(file.name));
      }
    }
    return names;
  }

  /** Where a folder belongs, if it was met since the last time that all were forgotten. */
  positionOf(id: string): Position | undefined {
    return this.#positions.get(id);
  }

  /** Forgets all folders, because one turned out to be gone or a run begins: the next calls look again. */
  forget(): void {
    this.#known.clear();
    this.#positions.clear();
  }

  async #levels(tree: Tree, source: string, names: readonly string[], signal: AbortSignal): Promise<Level[]> {
    const tag = (path: string, of: string): Promise<string> => this.#connection.tag(tree, of, path, signal);
    const { id: root } = await this.#connection.root(signal);
    const levels: Level[] = [
      { tag: await tag('..', ''), name: tree, position: { root, tree, source: undefined, path: '' } },
      { tag: await tag('', source), name: nameOf(source), position: { root, tree, source, path: '' } },
    ];
    let path = '';
    for (const name of names) {
      path = `${path}/${name}`;
      const at = path.slice(1).split('/').map(trueName).join('/');
      levels.push({ tag: await tag(path, source), name, position: { root, tree, source, path: at } });
    }
    return levels;
  }

  async #find(levels: readonly Level[], signal: AbortSignal): Promise<Map<string, DriveFile>> {
    const byTag = new Map<string, DriveFile[]>();
    for (const file of await this.#tagged(
      levels.map((level) => level.tag),
      signal,
    )) {
      const tag = file.appProperties['at'] ?? '';
      byTag.set(tag, [...(byTag.get(tag) ?? []), file]);
    }
    const found = new Map<string, DriveFile>();
    for (const [tag, files] of byTag) {
      const first = oldest(files);
      if (first !== undefined) found.set(tag, first);
    }
    return found;
  }

  async #tagged(tags: readonly string[], signal: AbortSignal): Promise<DriveFile[]> {
    const files: DriveFile[] = [];
    const { driveId } = await this.#connection.root(signal);
    for (let at = 0; at < tags.length; at += tagsAtOnce) {
      const query = tags
        .slice(at, at + tagsAtOnce)
        .map((tag) => hasProperty('at', tag))
        .join(' or ');
      for await (const file of this.#connection.api.listAll(query, { driveId, signal })) {
        if (isFolder(file) && isOurs(file)) files.push(file);
      }
    }
    return files;
  }

  /** The folder of one level, found, put right or made; remembered once it is there. */
  #ensure(level: Level, parent: Folder, found: DriveFile | undefined): Promise<Folder> {
    let making = this.#known.get(level.tag);
    if (making === undefined) {
      const { life } = this.#connection;
      making = found === undefined ? this.#make(level, parent, life) : this.#putRight(level, parent, found, life);
      this.#known.set(level.tag, making);
      making.then(
        ({ id }) => level.position && this.#positions.set(id, level.position),
        () => this.#known.delete(level.tag),
      );
    }
    return making;
  }

  async #make(level: Level, parent: Folder, signal: AbortSignal): Promise<Folder> {
    const { api, ids } = this.#connection;
    const id = await ids.take(signal);
    const appProperties = { id, at: level.tag };
    const context = { signal, subject: level.name };
    return {
      id: await makeFolder(api, { id, name: level.name, parents: [parent.id], appProperties }, context),
      isNew: true,
    };
  }

  /** Somebody renamed, moved or trashed it: it goes back, so that what lies in it is where staff look for it. */
  async #putRight(level: Level, parent: Folder, found: DriveFile, signal: AbortSignal): Promise<Folder> {
    const folder = { id: found.id, isNew: false };
    if (found.name === level.name && found.parents.includes(parent.id) && !found.trashed) return folder;
    const move = { addParents: parent.id, removeParents: found.parents };
    const context = { signal, subject: level.name };
    await this.#connection.api.update(found.id, { name: level.name, trashed: false }, move, context);
    return folder;
  }
}

/** The folder names and the file name of a path, as they are in Drive. */
export function splitNames(path: string): { readonly folders: readonly string[]; readonly name: string } {
  const names = namesOf(path);
  return { folders: names.slice(0, -1), name: names.at(-1) ?? '' };
}
