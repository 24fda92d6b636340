import { requireTrial } from '../store.ts';
import type { Connection } from './connection.ts';
import { listVersions } from './listing.ts';
import { takeBack } from './object.ts';

/**
 * See `Store.discardTrial`. The least policy (policy.ts) and Object Lock allow to delete no version: then the versions stay
 * below their delete markers, as everything does that was ever deleted in the bucket.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
 */
export async function discardTrial(connection: Connection, source: string, signal: AbortSignal): Promise<void> {
  requireTrial(source);
  for await (const { key, entry } of listVersions(connection, connection.keys.sourceRoot(source), signal)) {
    if (entry.VersionId !== undefined) await takeBack(connection, key, entry.VersionId, source, signal);
  }
}
