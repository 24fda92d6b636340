import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { DriveSpec } from '../../../../shared/spec.ts';
import { sleep as realSleep, type Sleep } from '../decorators/sleep.ts';
import { DriveApi, quoted } from './api.ts';
import { EgressMeter, type EgressOptions } from './egress.ts';
import { DriveError } from './errors.ts';
import { IdPool } from './ids.ts';
import { aboutUser, folderType, rootFolder, type DriveFile, type RootFolder } from './schema.ts';
import { tagOf, type TagKind } from './names.ts';
import { untilAborted } from './waiting.ts';
import { Wire, type DriveAccess } from './wire.ts';

/** Encrypts what an unfinished upload needs to go on: the `seal` and `open` of the secrets part. */
export interface Sealer {
  seal(name: string, bytes: Uint8Array): Promise<Uint8Array>;
  open(name: string, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}

export interface DriveStoreOptions {
  readonly access: DriveAccess;
  /** Without it, an upload that is killed starts again from its first byte. */
  readonly sealer?: Sealer;
  readonly clock: Clock;
  readonly sleep?: Sleep;
  /** From 0 (inclusive) to 1; `Math.random` when left out. */
  readonly random?: () => number;
  /** A connection on which nothing moves for this many milliseconds is given up; 60,000 when left out. */
  readonly stallMs?: number;
  /** Pinned revisions a file may have; Google's 200 when left out. */
  readonly pinnedRevisions?: number;
  /** How downloads are paced for what Google gives a project in a day. */
  readonly egress?: Partial<EgressOptions>;
}

/** https://developers.google.com/workspace/drive/api/guides/manage-revisions */
const googlePinnedRevisions = 200;
const googleRoot = 'https://www.googleapis.com/';

/** The store's own folder in Drive. */
export interface Root {
  readonly id: string;
  readonly driveId: string | undefined;
}

/** What the parts of the adapter share. */
export class Connection {
  readonly spec: DriveSpec;
  readonly clock: Clock;
  readonly sealer: Sealer | undefined;
  readonly pinnedRevisions: number;
  readonly wire: Wire;
  readonly api: DriveApi;
  readonly ids: IdPool;
  readonly egress: EgressMeter;
  /** The store as messages name it. */
  readonly place = 'Google Drive';
  readonly #access: DriveAccess;
  #root: Promise<Root> | undefined;
  #knownRoot: Root | undefined;
  readonly #life = new AbortController();

  constructor(spec: DriveSpec, options: DriveStoreOptions) {
    const { access, clock, sleep = realSleep, random = Math.random, stallMs = 60_000 } = options;
    this.spec = spec;
    this.clock = clock;
    this.sealer = options.sealer;
    this.pinnedRevisions = options.pinnedRevisions ?? googlePinnedRevisions;
    this.#access = access;
    const rootUrl = spec.endpoint === undefined ? googleRoot : `${spec.endpoint.replace(/\/+$/, '')}/`;
    this.wire = new Wire({ rootUrl, place: this.place, access, clock, sleep, random, stallMs });
    this.api = new DriveApi(this.wire, sleep, (words) => this.odd(words));
    this.ids = new IdPool(this.api, this.life);
    this.egress = new EgressMeter({ clock, sleep, ...options.egress });
  }

  /** For work that several calls wait for: it ends with the store. */
  get life(): AbortSignal {
    return this.#life.signal;
  }

  requireOpen(): void {
    if (this.life.aborted) throw new StrongroomError('internal', 'The Google Drive store was closed.');
  }

  async close(): Promise<void> {
    this.#life.abort();
    await this.wire.close();
  }

  /** An answer of Drive that cannot be right. */
  odd(words: string): StrongroomError {
    return new StrongroomError('store-answer', `${this.place} ${words}.`, {
      advice: 'Run "strongroom store check" for this store.',
    });
  }

  /** The store's folder, made where only the last parts of its path are missing. */
  root(signal: AbortSignal): Promise<Root> {
    if (this.#root === undefined) {
      const opening = this.#findRoot(this.life);
      this.#root = opening;
      opening.then(
        (root) => (this.#knownRoot = root),
        // The next call finds out anew: the folder may be shared by then.
        () => (this.#root = undefined),
      );
    }
    return untilAborted(this.#root, signal);
  }

  /** The store's folder, if it was looked for. */
  get knownRoot(): Root | undefined {
    return this.#knownRoot;
  }

  /** See `tagOf`. */
  async tag(kind: TagKind, source: string, path: string, signal: AbortSignal): Promise<string> {
    return tagOf((await this.root(signal)).id, kind, source, path);
  }

  /**
   * Proves with one request that the folder is there and takes files.
   * Errors: `store-not-found`, `store-no-permission`, `store-unsupported` (a service account in My Drive).
   */
  async requireWritable(signal: AbortSignal): Promise<void> {
    await this.#requireAccount(signal);
    const known = this.#root === undefined ? undefined : await this.root(signal);
    this.#require(await this.#lookAt(known?.id ?? this.spec.folder, signal));
    await this.root(signal);
  }

  async #findRoot(signal: AbortSignal): Promise<Root> {
    const top = await this.#lookAt(this.spec.folder, signal);
    this.#require(top);
    const driveId = top.driveId;
    let id = top.id;
    for (const name of this.spec.path.split('/').filter((part) => part !== '')) {
      id = (await this.#childFolder(id, name, driveId, signal)) ?? (await this.#makeFolder(id, name, signal));
    }
    return { id, driveId };
  }

  async #lookAt(id: string, signal: AbortSignal): Promise<RootFolder> {
    const fields = 'id,mimeType,driveId,trashed,capabilities(canAddChildren)';
    const request = this.api.get(`files/${encodeURIComponent(id)}`, { fields, supportsAllDrives: 'true' });
    try {
      return await this.api.json({ ...request, action: 'look at the folder of the store', signal }, rootFolder);
    } catch (error) {
      if (error instanceof DriveError && error.status === 404) throw this.#notFound(error);
      throw error;
    }
  }

  #require(top: RootFolder): void {
    if (top.mimeType !== folderType || top.trashed) throw this.#notFound(undefined);
    if (this.#access.kind === 'service-account' && top.driveId === undefined) {
      throw new StrongroomError(
        'store-unsupported',
        'A service account has no storage of its own in Google Drive, and this folder is not in a shared drive.',
        {
          advice:
            'Use a folder of a shared drive of which the service account is a content manager, or sign in as a person.',
        },
      );
    }
    if (!top.capabilities.canAddChildren) {
      throw new StrongroomError('store-no-permission', 'This account may not put files into the folder of the store.', {
        advice: 'Ask a manager of the shared drive to make this account a content manager of it.',
      });
    }
  }

  #notFound(cause: unknown): StrongroomError {
    return new StrongroomError(
      'store-not-found',
      `There is no folder or shared drive ${this.spec.folder} in ${this.place} that this account may use.`,
      {
        advice:
          'Check the address of the store and that the shared drive is shared with this account. With the permission "only files of this app", Strongroom sees no folder that people made: use drive://root/…, or sign in with access to all files.',
        cause,
      },
    );
  }

  async #requireAccount(signal: AbortSignal): Promise<void> {
    const { account } = this.spec;
    if (account === undefined) return;
    const request = this.api.get('about', { fields: 'user(emailAddress)' });
    const { user } = await this.api.json({ ...request, action: 'name the account', signal }, aboutUser);
    if (user.emailAddress.toLowerCase() === account.toLowerCase()) return;
    throw new StrongroomError(
      'store-wrong-key',
      `The sign-in is that of ${user.emailAddress}, and this store belongs to ${account}.`,
      { advice: `Sign in again as ${account}.` },
    );
  }

  /** Names in Drive are not unique: of several folders of one name the oldest is meant. */
  async #childFolder(
    parent: string,
    name: string,
    driveId: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const query = `${quoted(parent)} in parents and name = ${quoted(name)} and mimeType = ${quoted(folderType)} and trashed = false`;
    const found: DriveFile[] = [];
    for await (const file of this.api.listAll(query, { driveId, signal })) if (file.name === name) found.push(file);
    return oldest(found)?.id;
  }

  async #makeFolder(parent: string, name: string, signal: AbortSignal): Promise<string> {
    const id = await this.ids.take(signal);
    return await makeFolder(this.api, { id, name, parents: [parent] }, { signal });
  }
}

/** Makes a folder under an id of our own; a lost answer is made up for by asking again. */
export async function makeFolder(
  api: DriveApi,
  metadata: { id: string; name: string; parents: string[]; appProperties?: Record<string, string> },
  context: { signal: AbortSignal; subject?: string },
): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return (await api.create({ ...metadata, mimeType: folderType }, context)).id;
    } catch (error) {
      if (!(error instanceof DriveError)) throw error;
      // The first attempt was carried out: the id is ours alone.
      if (error.status === 409) return metadata.id;
      if (attempt >= 3 || (error.code !== 'store-unreachable' && error.code !== 'store-busy')) throw error;
    }
  }
}

/** The one that was there first, by Drive's own time; ids decide between equal ones. */
export function oldest(files: readonly DriveFile[]): DriveFile | undefined {
  return files.toSorted(
    (one, other) => compare(one.createdTime ?? '', other.createdTime ?? '') || compare(one.id, other.id),
  )[0];
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
