import type { Instant } from '../../../../shared/domain.ts';
import type { Connection } from './connection.ts';
import { listedKey } from './keys.ts';
import { abortUpload, parseResumeToken } from './multipart.ts';

/**
 * See `Store.cleanUp`: unfinished uploads are paid for until they are ended, and shown in no listing of objects.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
 */
export async function cleanUp(
  connection: Connection,
  keep: ReadonlySet<string>,
  before: Instant,
  signal: AbortSignal,
): Promise<number> {
  const kept = new Set([...keep].map((token) => parseResumeToken(token)?.upload));
  const sdk = await connection.sdk();
  const stale: { readonly key: string; readonly id: string }[] = [];
  let after: { readonly KeyMarker: string; readonly UploadIdMarker?: string } | undefined;
  do {
    const marker = after;
    const page = await sdk.call({ action: 's3:ListBucketMultipartUploads', signal }, (client, module, options) =>
      client.send(
        new module.ListMultipartUploadsCommand({
          Bucket: connection.spec.bucket,
          Prefix: connection.keys.filesRoot,
          EncodingType: 'url',
          ...marker,
        }),
        options,
      ),
    );
    for (const upload of page.Uploads ?? []) {
      if (upload.Key === undefined || upload.UploadId === undefined || kept.has(upload.UploadId)) continue;
      if ((upload.Initiated?.getTime() ?? Infinity) >= before) continue;
      stale.push({ key: listedKey(upload.Key, page.EncodingType), id: upload.UploadId });
    }
    after =
      page.IsTruncated === true && page.NextKeyMarker !== undefined
        ? {
            KeyMarker: listedKey(page.NextKeyMarker, page.EncodingType),
            ...(page.NextUploadIdMarker === undefined ? {} : { UploadIdMarker: page.NextUploadIdMarker }),
          }
        : undefined;
  } while (after !== undefined);
  for (const { key, id } of stale) await abortUpload(connection, key, id, key, signal);
  return stale.length;
}
