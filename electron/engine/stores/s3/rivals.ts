import type { Connection } from './connection.ts';
import { codeOf } from '../../../../shared/errors.ts';
import { headObject } from './object.ts';
import { bareTag, listedKey } from './keys.ts';
import type { WriteCondition } from '../store.ts';

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

  /**
   * To be called before writing. Not every version that is listed now came before: one that is still being written is
   * listed already, and the condition does not see it yet. So what may lie below is only what the condition allows.
   */
  static async begin(
    connection: Connection,
    key: string,
    subject: string,
    condition: WriteCondition,
    signal: AbortSignal,
  ): Promise<Rivals> {
    const { versions, deletions } = await newestVersions(connection, key, subject, signal);
    let before = versions;
    if (condition.kind === 'tag') {
      const replaced = versions.findIndex((version) => version.etag === condition.tag);
      before = replaced < 0 ? [] : versions.slice(replaced);
    } else if (!deletions) {
      before = [];
    }
    return new Rivals(connection, key, subject, new Set(before.map((version) => version.id)));
  }

  /** The version that was written since `begin` with this mark, if any was. */
  async find(
    mark: string,
    signal: AbortSignal,
  ): Promise<{ readonly versionId: string; readonly etag: string } | undefined> {
    for (const version of (await this.#versions(signal)).filter((one) => !this.#before.has(one))) {
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
    const versions = await this.#versions(signal);
    const own = versions.indexOf(versionId);
    // Not among the newest thousand: so much has been written since that nobody counts on this one.
    return own < 0 || versions.slice(own + 1).some((version) => !this.#before.has(version));
  }

  async #versions(signal: AbortSignal): Promise<readonly string[]> {
    const { versions } = await newestVersions(this.#connection, this.#key, this.#subject, signal);
    return versions.map((version) => version.id);
  }
}

/** The metadata by which a write is known again whose answer was lost. */
export const markName = 'write';

interface NewestVersions {
  /** The newest first, as the server orders them; a page at most. */
  readonly versions: readonly { readonly id: string; readonly etag: string }[];
  /** Whether there are delete markers among them. */
  readonly deletions: boolean;
}

async function newestVersions(
  connection: Connection,
  key: string,
  subject: string,
  signal: AbortSignal,
): Promise<NewestVersions> {
  const sdk = await connection.sdk();
  const attempt = { action: 's3:ListBucketVersions', subject, signal };
  const page = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.ListObjectVersionsCommand({ Bucket: connection.spec.bucket, Prefix: key, EncodingType: 'url' }),
      options,
    ),
  );
  const isOfKey = (entry: { readonly Key?: string | undefined }) =>
    listedKey(entry.Key ?? '', page.EncodingType) === key;
  return {
    versions: (page.Versions ?? [])
      .filter(isOfKey)
      .map((version) => ({ id: version.VersionId ?? '', etag: bareTag(version.ETag ?? '') })),
    deletions: (page.DeleteMarkers ?? []).some(isOfKey),
  };
}
