import type { Instant, Place } from '../../../../shared/domain.ts';
import type { S3Spec } from '../../../../shared/spec.ts';
import type {
  ByteRange,
  Content,
  ControlFile,
  CopyAddress,
  DescribedCopy,
  ListedCopy,
  Placed,
  PutContext,
  PutRequest,
  Store,
  StoreCapabilities,
  WriteCondition,
} from '../store.ts';
import { probeWriting, requireObjectLock, requireVersioning, turnOnVersioning } from './bucket.ts';
import { cleanUp } from './cleaning.ts';
import { Connection, type S3StoreOptions } from './connection.ts';
import { ControlFiles } from './control.ts';
import { copyObject } from './copying.ts';
import { listCopies, listSources } from './listing.ts';
import { describeCopy, getCopy } from './reading.ts';
import { retire } from './retiring.ts';
import { discardTrial } from './trial.ts';
import { adopt, put, reserveKey } from './uploading.ts';

/**
 * Copies in an S3 bucket with versioning, as plain objects under their own names. No request is made before the first
 * call.
 */
export function openS3Store(spec: S3Spec, options: S3StoreOptions): Promise<Store> {
  return Promise.resolve(new S3Store(new Connection(spec, options)));
}

/**
 * Turns on versioning for a bucket whose `ready` said `store-versioning-off`. A person is to agree first: it holds for
 * everything in the bucket, and cannot be turned off again, only suspended.
 */
export async function enableVersioning(spec: S3Spec, options: S3StoreOptions, signal: AbortSignal): Promise<void> {
  const connection = new Connection(spec, options);
  try {
    await turnOnVersioning(connection, signal);
  } finally {
    await connection.close();
  }
}

class S3Store implements Store {
  readonly #connection: Connection;
  readonly #control: ControlFiles;
  /** One object for the life of the store, so that those who hold it see what `ready` finds out. */
  readonly capabilities: StoreCapabilities & { conditionalWrites: boolean };

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#control = new ControlFiles(connection);
    // Amazon's own S3 decides conditions; of any other server `ready` finds out.
    const conditionalWrites = connection.spec.endpoint === undefined;
    this.capabilities = { concurrency: 28, copiesWithin: true, conditionalWrites, listsIdentity: true };
  }

  async ready(signal: AbortSignal): Promise<void> {
    await requireVersioning(this.#connection, signal);
    await requireObjectLock(this.#connection, signal);
    this.capabilities.conditionalWrites = await probeWriting(this.#connection, signal);
  }

  async put(request: PutRequest, content: Content, context: PutContext): Promise<Placed> {
    return await put(this.#connection, this.#control, request, content, context);
  }

  async copyWithin(from: CopyAddress, request: PutRequest, context: PutContext): Promise<Placed | undefined> {
    const { key } = await reserveKey(this.#connection, this.#control, request, context.signal);
    if (request.mayExist) {
      const there = await adopt(this.#connection, key, request, undefined, undefined, context.signal);
      if (there !== undefined) return there;
    }
    return await copyObject(this.#connection, from, key, request, context);
  }

  async retire(place: Place, _replaces: string | undefined, signal: AbortSignal): Promise<Placed> {
    return await retire(this.#connection, place, signal);
  }

  async get(copy: CopyAddress, range: ByteRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return await getCopy(this.#connection, copy, range, signal);
  }

  list(source: string, signal: AbortSignal): AsyncIterable<ListedCopy> {
    return listCopies(this.#connection, this.#control, source, signal);
  }

  async describe(listed: ListedCopy, source: string, signal: AbortSignal): Promise<DescribedCopy> {
    return await describeCopy(this.#connection, listed, source, signal);
  }

  async sources(signal: AbortSignal): Promise<readonly string[]> {
    return await listSources(this.#connection, signal);
  }

  async readControl(name: string, signal: AbortSignal): Promise<ControlFile | undefined> {
    return await this.#control.read(name, signal);
  }

  async writeControl(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    return await this.#control.write(name, bytes, condition, signal);
  }

  async removeControl(name: string, signal: AbortSignal): Promise<void> {
    await this.#control.remove(name, signal);
  }

  async listControl(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    return await this.#control.list(prefix, signal);
  }

  async cleanUp(keep: ReadonlySet<string>, before: Instant, signal: AbortSignal): Promise<number> {
    return await cleanUp(this.#connection, keep, before, signal);
  }

  async discardTrial(source: string, signal: AbortSignal): Promise<void> {
    await discardTrial(this.#connection, source, signal);
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }
}
