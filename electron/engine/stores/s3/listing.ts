import type { DeleteMarkerEntry, ObjectVersion } from '@aws-sdk/client-s3';
import type { ListedCopy } from '../store.ts';
import type { Connection } from './connection.ts';
import { nameFromBytes } from '../../../../shared/names.ts';
import type { ControlFiles } from './control.ts';
import { listedKey, locatorOf } from './keys.ts';

/**
 * A key as a listing tells it. Encoded, where the answer says so, with percent escapes and `+` for a space: some servers
 * ignore that the encoding was asked for.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html, "encoding-type"
 */

/**
 * See `Store.list`. In the order of the keys: all copies of one path together, the newest first.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export async function* listCopies(
  connection: Connection,
  control: ControlFiles,
  source: string,
  signal: AbortSignal,
): AsyncGenerator<ListedCopy> {
  const { keys } = connection;
  let long: { readonly name: string; readonly path: string | undefined } | undefined;
  for await (const { key, entry } of listVersions(connection, keys.sourceRoot(source), signal)) {
    const named = keys.pathOf(key, source);
    if (named === undefined) continue;
    let path: string | undefined;
    if ('path' in named) {
      path = named.path;
    } else {
      if (long?.name !== named.long) {
        const file = await control.read(named.long, signal);
        long = { name: named.long, path: file === undefined ? undefined : nameFromBytes(file.bytes) };
      }
      path = long.path;
    }
    if (path === undefined || entry.VersionId === undefined) continue;
    const deletion = !('ETag' in entry);
    yield {
      path,
      locator: locatorOf(entry.VersionId, 'ETag' in entry ? entry.ETag : undefined),
      size: 'Size' in entry ? (entry.Size ?? 0) : 0,
      current: entry.IsLatest === true && !deletion,
      deletion,
      storedAt: entry.LastModified?.getTime() ?? 0,
      mtimeNs: undefined,
    };
  }
}

interface ListedVersion {
  readonly key: string;
  readonly entry: ObjectVersion | DeleteMarkerEntry;
}

/** All versions and delete markers below a prefix, by key, a page of 1,000 in memory at a time. */
export async function* listVersions(
  connection: Connection,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ListedVersion> {
  const sdk = await connection.sdk();
  let after: { readonly key: string; readonly version: string | undefined } | undefined;
  do {
    const marker = after;
    const page = await sdk.call({ action: 's3:ListBucketVersions', signal }, (client, module, options) =>
      client.send(
        new module.ListObjectVersionsCommand({
          Bucket: connection.spec.bucket,
          Prefix: prefix,
          EncodingType: 'url',
          ...(marker === undefined ? {} : { KeyMarker: marker.key }),
          ...(marker?.version === undefined ? {} : { VersionIdMarker: marker.version }),
        }),
        options,
      ),
    );
    yield* inOrder([...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])], page.EncodingType);
    after =
      page.IsTruncated === true && page.NextKeyMarker !== undefined
        ? { key: listedKey(page.NextKeyMarker, page.EncodingType), version: page.NextVersionIdMarker }
        : undefined;
  } while (after !== undefined);
}

/** The SDK gives versions and delete markers apart; the server's order has them together, the newest of a key first. */
function inOrder(
  entries: readonly (ObjectVersion | DeleteMarkerEntry)[],
  encoding: string | undefined,
): ListedVersion[] {
  return entries
    .map((entry) => ({ key: listedKey(entry.Key ?? '', encoding), entry }))
    .map((listed) => ({ ...listed, bytes: Buffer.from(listed.key) }))
    .sort(
      (one, other) =>
        Buffer.compare(one.bytes, other.bytes) ||
        Number(other.entry.IsLatest) - Number(one.entry.IsLatest) ||
        Number(other.entry.LastModified) - Number(one.entry.LastModified),
    );
}

/** See `Store.sources`. Versions are listed, not objects: a source whose files were all deleted is still held. */
export async function listSources(connection: Connection, signal: AbortSignal): Promise<readonly string[]> {
  const sdk = await connection.sdk();
  const names: string[] = [];
  let after: string | undefined;
  do {
    const marker = after;
    const page = await sdk.call({ action: 's3:ListBucketVersions', signal }, (client, module, options) =>
      client.send(
        new module.ListObjectVersionsCommand({
          Bucket: connection.spec.bucket,
          Prefix: connection.keys.filesRoot,
          Delimiter: '/',
          EncodingType: 'url',
          ...(marker === undefined ? {} : { KeyMarker: marker }),
        }),
        options,
      ),
    );
    for (const { Prefix } of page.CommonPrefixes ?? []) {
      if (Prefix !== undefined) names.push(connection.keys.sourceOf(listedKey(Prefix, page.EncodingType)));
    }
    after =
      page.IsTruncated === true && page.NextKeyMarker !== undefined
        ? listedKey(page.NextKeyMarker, page.EncodingType)
        : undefined;
  } while (after !== undefined);
  return names;
}
