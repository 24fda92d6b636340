import type { Connection } from './connection.ts';
import { codeOf } from '../../../../shared/errors.ts';
import { headObject } from './object.ts';
import { listedKey } from './listing.ts';

/**
 * Decides between writers of one control file that all met the condition. Amazon's S3 lets one of them win. Others
 * compare and then write: Ceph's gateway, where the bucket keeps versions, accepts every one of several requests that
 * come at the same time. But each of them becomes a version, and all see the versions in one order: the first one wins.
 */
export class Rivals {
  readonly #connection: Connection;
  readonly #key: string;
  readonly #subject: string;
  readonly #before: ReadonlySet<string>;

  private constructor(connection: Connection, key: string, subject: string, before: ReadonlySet<string>) {
    this.#connection = connection;
    this.#key = key;
    this.#subject = subject;
    this.#before = before;
  }

  /** To be called before writing. */
  static async begin(connection: Connection, key: string, subject: string, signal: AbortSignal): Promise<Rivals> {
    return new Rivals(connection, key, subject, new Set(await newestVersions(connection, key, subject, signal)));
  }

  /** The version that was written since `begin` with this mark, if any was. */
  async find(
    mark: string,
    signal: AbortSignal,
  ): Promise<{ readonly versionId: string; readonly etag: string } | undefined> {
    const versions = await newestVersions(this.#connection, this.#key, this.#subject, signal);
    for (const version of versions.filter((one) => !this.#before.has(one))) {
      try {
        const head = await headObject(this.#connection, this.#key, version, this.#subject, signal);
        if (head.metadata(markName) === mark) return head;
      } catch (error) {
        // Another writer has taken its version back meanwhile.
        if (codeOf(error) !== 'copy-missing') throw error;
      }
    }
    return undefined;
  }

  /** Whether another writer's version came between `begin` and this one, which is then not to count. */
  async preceded(versionId: string, signal: AbortSignal): Promise<boolean> {
    const versions = await newestVersions(this.#connection, this.#key, this.#subject, signal);
    const own = versions.indexOf(versionId);
    // Not among the newest thousand: so much has been written since that nobody counts on this one.
    return own < 0 || versions.slice(own + 1).some((version) => !this.#before.has(version));
  }
}

/** The metadata by which a write is known again whose answer was lost. */
export const markName = 'write';

/** The ids of a key's newest versions, the newest first, as the server orders them; a page at most. */
async function newestVersions(
  connection: Connection,
  key: string,
  subject: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sdk = await connection.sdk();
  const attempt = { action: 's3:ListBucketVersions', subject, signal };
  const page = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.ListObjectVersionsCommand({ Bucket: connection.spec.bucket, Prefix: key, EncodingType: 'url' }),
      options,
    ),
  );
  const versions: string[] = [];
  for (const { Key, VersionId } of page.Versions ?? []) {
    if (Key !== undefined && VersionId !== undefined && listedKey(Key, page.EncodingType) === key)
      versions.push(VersionId);
  }
  return versions;
}
