import type { Place } from '../../../../shared/domain.ts';
import type { Placed } from '../store.ts';
import type { Connection } from './connection.ts';
import { S3Error } from './errors.ts';
import { listedKey, locatorOf } from './keys.ts';
import { headObject, requireVersion } from './object.ts';

/**
 * See `Store.retire`. A DELETE without version id puts a delete marker on top.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
 */
export async function retire(connection: Connection, place: Place, signal: AbortSignal): Promise<Placed> {
  const { key } = connection.keys.fileKey(place);
  const there = await whatIsThere(connection, key, place.path, signal);
  if (there.marker !== undefined) return { locator: locatorOf(there.marker, undefined) };
  const wire = await connection.wire();
  const answer = await wire.sendWhole({
    method: 'DELETE',
    key,
    signal,
    action: 's3:DeleteObject',
    subject: place.path,
  });
  const versionId = answer.header('x-amz-version-id');
  // Some servers put no marker where there never was an object, and there is nothing to mark.
  if (versionId === undefined && !there.object) return { locator: locatorOf(noVersion, undefined) };
  return { locator: locatorOf(requireVersion(versionId, connection), undefined) };
}

const noVersion = '-';

interface There {
  /** Whether an object lies at the key. */
  readonly object: boolean;
  /** The version id of the delete marker that is on top already. */
  readonly marker: string | undefined;
}

async function whatIsThere(connection: Connection, key: string, subject: string, signal: AbortSignal): Promise<There> {
  try {
    await headObject(connection, key, undefined, subject, signal);
    return { object: true, marker: undefined };
  } catch (error) {
    if (!(error instanceof S3Error) || error.code !== 'copy-missing') throw error;
    // Some servers do not say of a missing object whether a delete marker is why, or which one: the listing does.
    const told = error.deletion === '' ? undefined : error.deletion;
    return { object: false, marker: told ?? (await listedMarker(connection, key, subject, signal)) };
  }
}

async function listedMarker(
  connection: Connection,
  key: string,
  subject: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const sdk = await connection.sdk();
  const attempt = { action: 's3:ListBucketVersions', subject, signal };
  const page = await sdk.call(attempt, (client, module, options) =>
    client.send(
      new module.ListObjectVersionsCommand({
        Bucket: connection.spec.bucket,
        Prefix: key,
        EncodingType: 'url',
        // The key itself comes before all longer ones, and its newest version first.
        MaxKeys: 1,
      }),
      options,
    ),
  );
  const marker = page.DeleteMarkers?.[0];
  const same = marker !== undefined && listedKey(marker.Key ?? '', page.EncodingType) === key;
  return same && marker.IsLatest === true ? marker.VersionId : undefined;
}
