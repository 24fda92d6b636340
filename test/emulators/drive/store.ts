import { randomBytes } from 'node:crypto';

import type { EmulatorClock } from './clock.ts';
import { ContentDirectory, type Content } from './content.ts';
import { badRequest, limitError } from './errors.ts';
import type { Limits } from './limits.ts';
import {
  FOLDER,
  isBlob,
  type Account,
  type Change,
  type Item,
  type Revision,
  type Role,
  type SharedDrive,
} from './model.ts';

const DAY = 86_400_000;

/** What a new item is made of; the rest has defaults. */
interface NewItem {
  readonly id?: string;
  readonly name: string;
  readonly mimeType: string;
  readonly parent: string;
  readonly by: string;
  readonly createdTime?: number | undefined;
  readonly modifiedTime?: number | undefined;
  readonly shortcutTarget?: Item['shortcutTarget'];
  readonly nativeText?: string | undefined;
  readonly app?: string | undefined;
}

/** Everything that is in Drive, and the rules that hold whoever acts. Who may act is `access.ts`. */
export class Store {
  readonly clock: EmulatorClock;
  readonly limits: Limits;
  readonly directory = new ContentDirectory();
  readonly items = new Map<string, Item>();
  readonly drives = new Map<string, SharedDrive>();
  readonly accounts = new Map<string, Account>();
  /** Ids that `files.generateIds` gave out and that nothing has used yet, and for what they were given. */
  readonly generatedIds = new Map<string, 'files' | 'shortcuts'>();
  /** Who asked for a shared drive with which `requestId`. */
  readonly driveRequests = new Set<string>();
  readonly changes: Change[] = [];
  readonly #lastChange = new Map<string, number>();
  readonly #children = new Map<string, Set<string>>();
  readonly #usage = new Map<string, number>();
  readonly #driveItems = new Map<string, number>();

  constructor(clock: EmulatorClock, limits: Limits) {
    this.clock = clock;
    this.limits = limits;
    clock.onMoved(() => this.#emptyOldTrash());
  }

  /** A new id of the length and alphabet of Drive's. */
  newId(): string {
    return `1${randomBytes(24).toString('base64url')}`;
  }

  /** Adds a user or service account with an empty My Drive. */
  addAccount(email: string, displayName: string, isServiceAccount: boolean, storageLimit: number | undefined): Account {
    const rootId = `0A${randomBytes(12).toString('base64url')}PVA`;
    const permissionId = BigInt(`0x${randomBytes(8).toString('hex')}`).toString();
    const account = { email, displayName, isServiceAccount, rootId, permissionId, storageLimit };
    this.accounts.set(email, account);
    this.#addRoot(rootId, 'My Drive', email, undefined);
    return account;
  }

  /** Adds a shared drive; its id is also that of its top folder. */
  addDrive(name: string, members: Iterable<readonly [string, Role]>): SharedDrive {
    const id = `0A${randomBytes(12).toString('base64url')}9PVA`;
    const drive = { id, name, createdTime: this.clock.now(), hidden: false, members: new Map(members) };
    this.drives.set(id, drive);
    this.#addRoot(id, 'Drive', undefined, id);
    return drive;
  }

  /** Puts a new item under a parent; throws when a limit of Drive's forbids it. */
  insert(spec: NewItem): Item {
    const parent = this.#folder(spec.parent);
    this.checkRoom(parent, spec.mimeType === FOLDER ? 1 : 0, 1);
    const now = this.clock.now();
    const item: Item = {
      id: spec.id ?? this.newId(),
      name: spec.name,
      mimeType: spec.mimeType,
      parent: parent.id,
      driveId: parent.driveId,
      owner: parent.driveId === undefined ? spec.by : undefined,
      createdTime: spec.createdTime ?? now,
      modifiedTime: spec.modifiedTime ?? now,
      modifiedBy: spec.by,
      version: 0,
      description: undefined,
      starred: false,
      folderColorRgb: undefined,
      originalFilename: undefined,
      trashedAt: undefined,
      trashedBy: undefined,
      revisions: [],
      appProperties: new Map(),
      properties: {},
      grants: new Map(),
      barred: new Set(),
      apps: new Set(spec.app === undefined ? [] : [spec.app]),
      shortcutTarget: spec.shortcutTarget,
      nativeText: spec.nativeText,
    };
    this.items.set(item.id, item);
    this.generatedIds.delete(item.id);
    this.#childSet(parent.id).add(item.id);
    this.#countInDrive(item.driveId, 1);
    this.touch(item);
    return item;
  }

  /** Ids of the direct children, trashed ones included, in no promised order. */
  childIds(id: string): Iterable<string> {
    return this.#children.get(id) ?? [];
  }

  /** The item and everything below it. */
  *subtree(item: Item): Generator<Item, void, undefined> {
    yield item;
    for (const id of this.childIds(item.id)) {
      const child = this.items.get(id);
      if (child !== undefined) yield* this.subtree(child);
    }
  }

  /** The item, its parent, and so on up to the root. */
  *chain(item: Item): Generator<Item, void, undefined> {
    let at: Item | undefined = item;
    while (at !== undefined) {
      yield at;
      at = at.parent === undefined ? undefined : this.items.get(at.parent);
    }
  }

  /** Whether the item lies in the trash, by itself or with a folder above it. */
  isTrashed(item: Item): boolean {
    for (const at of this.chain(item)) if (at.trashedAt !== undefined) return true;
    return false;
  }

  /** Throws when the folder cannot take `items` more whose tallest has `levels` levels of folders. */
  checkRoom(folder: Item, levels: number, items: number): void {
    const depth = [...this.chain(folder)].length - 1 + levels;
    if (depth > this.limits.depth) {
      throw limitError(
        folder.driveId === undefined ? 'myDriveHierarchyDepthLimitExceeded' : 'teamDriveHierarchyTooDeep',
      );
    }
    if (folder.driveId !== undefined && this.driveItems(folder.driveId) + items > this.limits.sharedDriveItems) {
      throw limitError('teamDriveFileLimitExceeded');
    }
    if ((this.#children.get(folder.id)?.size ?? 0) >= this.limits.children) {
      throw limitError('numChildrenInNonRootLimitExceeded');
    }
  }

  /** How many items a shared drive holds, its trash included. */
  driveItems(driveId: string): number {
    return this.#driveItems.get(driveId) ?? 0;
  }

  /** Records that the item changed. */
  touch(item: Item): void {
    item.version += 1;
    this.#log({ fileId: item.id, driveId: item.driveId, gone: undefined });
  }

  /** Moves the item, and what is below it, under another folder. */
  move(item: Item, folder: Item): void {
    const below = [...this.subtree(item)];
    const crosses = folder.driveId !== item.driveId;
    const levels = item.mimeType === FOLDER ? this.#levels(item) : 0;
    this.checkRoom(folder, levels, crosses ? below.length : 0);
    if (item.parent !== undefined) this.#childSet(item.parent).delete(item.id);
    item.parent = folder.id;
    this.#childSet(folder.id).add(item.id);
    if (crosses) {
      for (const moved of below) {
        this.#leave(moved);
        this.#charge(moved, -this.quotaBytes(moved));
        this.#countInDrive(moved.driveId, -1);
        moved.driveId = folder.driveId;
        moved.owner = folder.driveId === undefined ? (folder.owner ?? item.modifiedBy) : undefined;
        this.#countInDrive(moved.driveId, 1);
        this.#charge(moved, this.quotaBytes(moved));
      }
    }
    this.touch(item);
  }

  /** Deletes the item and everything below it for ever. */
  remove(item: Item): void {
    for (const gone of [...this.subtree(item)].reverse()) {
      const emails = this.#audience(gone);
      this.#charge(gone, -this.quotaBytes(gone));
      this.#countInDrive(gone.driveId, -1);
      for (const revision of gone.revisions) revision.content.release();
      this.items.delete(gone.id);
      this.#children.delete(gone.id);
      if (gone.parent !== undefined) this.#childSet(gone.parent).delete(gone.id);
      this.#log({ fileId: gone.id, driveId: gone.driveId, gone: { emails, apps: gone.apps } });
    }
  }

  /** Makes new bytes the head; prunes unpinned revisions beyond Drive's number. */
  addRevision(
    item: Item,
    content: Content,
    about: { mimeType: string; by: string; modifiedTime: number; keepForever: boolean; originalFilename: string },
  ): Revision {
    if (about.keepForever) this.checkPins(item);
    this.prune(item);
    const before = this.quotaBytes(item);
    const head = item.revisions.at(-1);
    if (head !== undefined) head.supersededAt = this.clock.now();
    const id = `0B${randomBytes(24).toString('base64url')}PQ`;
    const revision: Revision = { id, content, supersededAt: undefined, ...about };
    item.revisions.push(revision);
    let surplus = item.revisions.filter((one) => !one.keepForever).length - this.limits.unpinnedRevisions;
    for (const old of item.revisions.slice(0, -1)) {
      if (surplus <= 0) break;
      if (old.keepForever) continue;
      this.#drop(item, old);
      surplus -= 1;
    }
    this.#charge(item, this.quotaBytes(item) - before);
    return revision;
  }

  /** Deletes one revision of several. */
  removeRevision(item: Item, revision: Revision): void {
    const before = this.quotaBytes(item);
    this.#drop(item, revision);
    const head = item.revisions.at(-1);
    if (head !== undefined) head.supersededAt = undefined;
    this.#charge(item, this.quotaBytes(item) - before);
    this.touch(item);
  }

  /** Pins a revision; throws at Drive's limit. */
  pin(item: Item, revision: Revision): void {
    if (revision.keepForever) return;
    this.checkPins(item);
    const before = this.quotaBytes(item);
    revision.keepForever = true;
    this.#charge(item, this.quotaBytes(item) - before);
  }

  /**
   * Throws when the file has all the pinned revisions it may have. Google documents the limit and no error for it;
   * an upload that would pin one more is known to fail rather than to go through unpinned.
   */
  checkPins(item: Item): void {
    if (item.revisions.filter((one) => one.keepForever).length < this.limits.pinnedRevisions) return;
    throw badRequest(`At most ${this.limits.pinnedRevisions} revisions of a file can be kept forever.`);
  }

  /** Lets go of unpinned revisions whose time has passed; called before revisions are looked at. */
  prune(item: Item): void {
    const before = this.clock.now() - this.limits.unpinnedRevisionDays * DAY;
    for (const old of item.revisions.slice(0, -1)) {
      if (!old.keepForever && (old.supersededAt ?? Infinity) <= before) this.#drop(item, old);
    }
  }

  /** Bytes that count against the owner: the head and every pinned revision. */
  quotaBytes(item: Item): number {
    let bytes = 0;
    const head = item.revisions.at(-1);
    for (const one of item.revisions) if (one.keepForever || one === head) bytes += one.content.size;
    return bytes;
  }

  /** Bytes that an account owns. */
  usage(email: string): number {
    return this.#usage.get(email) ?? 0;
  }

  /** Throws when the owner may not own this much more. Shared drives have no owner and no such limit here. */
  checkStorage(owner: string | undefined, bytes: number): void {
    if (owner === undefined) return;
    const account = this.accounts.get(owner);
    if (account?.storageLimit === undefined || this.usage(owner) + bytes <= account.storageLimit) return;
    throw limitError('storageQuotaExceeded');
  }

  /** The last change of a file in a list of changes, by which earlier lines of that list are passed over. */
  lastChangeOf(fileId: string, driveId: string | undefined): number | undefined {
    return this.#lastChange.get(`${driveId ?? ''} ${fileId}`);
  }

  /** What goes to another drive is removed from the list of changes of its own, although it is still there. */
  #leave(item: Item): void {
    const gone = { emails: this.#audience(item), apps: item.apps };
    if (item.driveId !== undefined) this.#log({ fileId: item.id, driveId: item.driveId, gone });
  }

  #log(change: Omit<Change, 'sequence' | 'time'>): void {
    const sequence = this.changes.length + 1;
    this.changes.push({ sequence, time: this.clock.now(), ...change });
    this.#lastChange.set(`${change.driveId ?? ''} ${change.fileId}`, sequence);
  }

  #addRoot(id: string, name: string, owner: string | undefined, driveId: string | undefined): void {
    const now = this.clock.now();
    this.items.set(id, {
      ...{ id, name, mimeType: FOLDER, parent: undefined, driveId, owner },
      ...{ createdTime: now, modifiedTime: now, modifiedBy: owner ?? '', version: 1 },
      ...{ description: undefined, starred: false, folderColorRgb: undefined, originalFilename: undefined },
      ...{ trashedAt: undefined, trashedBy: undefined, revisions: [], appProperties: new Map(), properties: {} },
      ...{ grants: new Map(), barred: new Set(), apps: new Set(), shortcutTarget: undefined, nativeText: undefined },
    });
  }

  #folder(id: string): Item {
    const folder = this.items.get(id);
    if (folder?.mimeType !== FOLDER) throw new Error(`no folder ${id}`);
    return folder;
  }

  #childSet(id: string): Set<string> {
    let children = this.#children.get(id);
    if (children === undefined) this.#children.set(id, (children = new Set()));
    return children;
  }

  #levels(folder: Item): number {
    let below = 0;
    for (const id of this.childIds(folder.id)) {
      const child = this.items.get(id);
      if (child?.mimeType === FOLDER) below = Math.max(below, this.#levels(child));
    }
    return below + 1;
  }

  #audience(item: Item): ReadonlySet<string> {
    const emails = new Set<string>();
    for (const at of this.chain(item)) {
      if (at.owner !== undefined) emails.add(at.owner);
      for (const email of at.grants.keys()) emails.add(email);
    }
    if (item.driveId !== undefined)
      for (const email of this.drives.get(item.driveId)?.members.keys() ?? []) emails.add(email);
    return emails;
  }

  #drop(item: Item, revision: Revision): void {
    item.revisions.splice(item.revisions.indexOf(revision), 1);
    revision.content.release();
  }

  #charge(item: Item, bytes: number): void {
    if (item.owner !== undefined && isBlob(item)) this.#usage.set(item.owner, this.usage(item.owner) + bytes);
  }

  #countInDrive(driveId: string | undefined, by: number): void {
    if (driveId !== undefined) this.#driveItems.set(driveId, this.driveItems(driveId) + by);
  }

  #emptyOldTrash(): void {
    const before = this.clock.now() - this.limits.trashDays * DAY;
    for (const item of [...this.items.values()]) {
      if (item.trashedAt !== undefined && item.trashedAt <= before && this.items.has(item.id)) this.remove(item);
    }
  }
}
