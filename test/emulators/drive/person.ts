import { Content } from './content.ts';
import { FOLDER, headOf, isBlob, SHORTCUT, type Item, type Revision, type Role } from './model.ts';
import type { Store } from './store.ts';

/** Where something new is put: a folder's id, or My Drive's root when not given. */
interface Place {
  readonly parent?: string;
}

/** A line of {@link Person.tree}. */
export interface TreeEntry {
  /** Names from the top, joined by `/`; a name that holds a `/` holds it here too. */
  readonly path: string;
  readonly item: Item;
}

/**
 * A person in Drive's web page, who asks no app for leave: what tests use to make a mess, and to look at what is there.
 * Everything here happens at once and counts against no quota; changes go into the change log like any others.
 */
export class Person {
  readonly #store: Store;
  readonly #email: string;

  constructor(store: Store, email: string) {
    this.#store = store;
    this.#email = email;
  }

  /** The address of the person. */
  get email(): string {
    return this.#email;
  }

  /** The id of My Drive's root folder. */
  get rootId(): string {
    const account = this.#store.accounts.get(this.#email);
    if (account === undefined) throw new Error(`no account ${this.#email}`);
    return account.rootId;
  }

  /** Makes a folder; resolves to its id, as the others do. */
  createFolder(name: string, place: Place = {}): string {
    return this.#insert({ name, mimeType: FOLDER }, place).id;
  }

  /** Uploads a file through the page. */
  createFile(name: string, bytes: Buffer | string, more: Place & { readonly mimeType?: string } = {}): string {
    const item = this.#insert({ name, mimeType: more.mimeType ?? 'application/octet-stream' }, more);
    this.editContent(item.id, bytes);
    return item.id;
  }

  /** Makes a Google document, sheet or the like. */
  createNativeDocument(
    name: string,
    text: string,
    more: Place & { readonly kind?: 'document' | 'spreadsheet' | 'presentation' | 'form' } = {},
  ): string {
    const mimeType = `application/vnd.google-apps.${more.kind ?? 'document'}`;
    return this.#insert({ name, mimeType, nativeText: text }, more).id;
  }

  /** Makes a shortcut to anything, also to what is no longer there. */
  createShortcut(name: string, targetId: string, place: Place = {}): string {
    const targetMimeType = this.#store.items.get(targetId)?.mimeType ?? 'application/octet-stream';
    return this.#insert({ name, mimeType: SHORTCUT, shortcutTarget: { targetId, targetMimeType } }, place).id;
  }

  /** Makes a shared drive of which the person is manager, and the others what they are given. */
  createDrive(name: string, members: Readonly<Record<string, Role>> = {}): string {
    return this.#store.addDrive(name, [[this.#email, 'organizer'], ...Object.entries(members)]).id;
  }

  /** Makes an address a member of a shared drive, changes its role, or (`undefined`) ends its membership. */
  setMember(driveId: string, email: string, role: Role | undefined): void {
    const members = this.#store.drives.get(driveId)?.members;
    if (members === undefined) throw new Error(`no shared drive ${driveId}`);
    if (role === undefined) members.delete(email);
    else members.set(email, role);
  }

  /** Renames. */
  rename(id: string, name: string): void {
    this.#change(id, (item) => {
      item.name = name;
      item.modifiedTime = this.#store.clock.now();
      item.modifiedBy = this.#email;
    });
  }

  /** Moves into another folder. */
  move(id: string, parent: string): void {
    this.#store.move(this.item(id), this.item(parent));
  }

  /** Puts in the trash. */
  trash(id: string): void {
    this.#change(id, (item) => {
      item.trashedAt = this.#store.clock.now();
      item.trashedBy = this.#email;
    });
  }

  /** Takes out of the trash. */
  untrash(id: string): void {
    this.#change(id, (item) => {
      item.trashedAt = undefined;
      item.trashedBy = undefined;
    });
  }

  /** Deletes for ever, with what is below. */
  deleteForEver(id: string): void {
    this.#store.remove(this.item(id));
  }

  /** Uploads new content over a file ("Manage versions"), or types into a native document. */
  editContent(id: string, bytes: Buffer | string, more: { readonly keepForever?: boolean } = {}): void {
    this.#change(id, (item) => {
      item.modifiedTime = this.#store.clock.now();
      item.modifiedBy = this.#email;
      if (!isBlob(item)) {
        item.nativeText = bytes.toString();
        return;
      }
      this.#store.addRevision(item, Content.of(Buffer.from(bytes)), {
        mimeType: item.mimeType,
        by: this.#email,
        modifiedTime: item.modifiedTime,
        keepForever: more.keepForever ?? false,
        originalFilename: item.name,
      });
    });
  }

  /** Deletes one version ("Manage versions"). */
  deleteRevision(id: string, revisionId: string): void {
    const item = this.item(id);
    this.#store.removeRevision(item, this.revision(id, revisionId));
  }

  /** Changes a stored byte and leaves every checksum as it was: decay that only a download shows. */
  decayContent(id: string, offset: number, revisionId?: string): void {
    this.revision(id, revisionId).content.decay(offset);
  }

  /** Shares with an address. */
  share(id: string, email: string, role: Role): void {
    this.#change(id, (item) => {
      item.grants.set(email, role);
      item.barred.delete(email);
    });
  }

  /** Takes the item (and what is below) away from an address that could see it: it gets 404 from now on. */
  shareAway(id: string, email: string): void {
    this.#change(id, (item) => {
      item.grants.delete(email);
      item.barred.add(email);
    });
  }

  /** Gives the item to an app, as Google's picker does: what `drive.file` needs to see it. */
  giveToApp(id: string, clientId: string): void {
    this.item(id).apps.add(clientId);
  }

  /** The item, or an error for none. */
  item(id: string): Item {
    const item = this.#store.items.get(id);
    if (item === undefined) throw new Error(`no item ${id} in the emulator`);
    return item;
  }

  /** Whether there is such an item, trashed or not. */
  has(id: string): boolean {
    return this.#store.items.has(id);
  }

  /** The revisions, oldest first, as pruned by now. */
  revisions(id: string): readonly Revision[] {
    const item = this.item(id);
    this.#store.prune(item);
    return item.revisions;
  }

  /** One revision; the head when none is named. */
  revision(id: string, revisionId?: string): Revision {
    const item = this.item(id);
    const found = revisionId === undefined ? headOf(item) : item.revisions.find((one) => one.id === revisionId);
    if (found === undefined) throw new Error(`no revision ${revisionId ?? 'head'} of ${id} in the emulator`);
    return found;
  }

  /** The stored bytes. */
  content(id: string, revisionId?: string): Buffer {
    return this.revision(id, revisionId).content.bytes();
  }

  /** The direct children, in no promised order. */
  children(id: string, options: { readonly trashed?: boolean } = {}): Item[] {
    return [...this.#store.childIds(id)]
      .map((childId) => this.item(childId))
      .filter((item) => options.trashed === true || item.trashedAt === undefined);
  }

  /** Everything below a folder that is not trashed, parents first, in the order of their names. */
  tree(id: string): TreeEntry[] {
    const entries: TreeEntry[] = [];
    const walk = (folderId: string, above: string): void => {
      const children = this.children(folderId).sort((left, right) => (left.name < right.name ? -1 : 1));
      for (const item of children) {
        const path = `${above}${item.name}`;
        entries.push({ path, item });
        walk(item.id, `${path}/`);
      }
    };
    walk(id, '');
    return entries;
  }

  #insert(
    spec: { name: string; mimeType: string; nativeText?: string; shortcutTarget?: Item['shortcutTarget'] },
    place: Place,
  ): Item {
    return this.#store.insert({ ...spec, parent: place.parent ?? this.rootId, by: this.#email });
  }

  #change(id: string, act: (item: Item) => void): void {
    const item = this.item(id);
    act(item);
    this.#store.touch(item);
  }
}
