import type { _Object as CurrentObject } from '@aws-sdk/client-s3';
import type { Connection } from './connection.ts';
import { listedKey } from './keys.ts';

/** The keys of the objects that are there now, below a prefix. */
export async function* listCurrentKeys(
  connection: Connection,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const sdk = await connection.sdk();
  let after: string | undefined;
  do {
    const token = after;
    const page = await sdk.call({ action: 's3:ListBucket', signal }, (client, module, options) =>
      client.send(
        new module.ListObjectsV2Command({
          Bucket: connection.spec.bucket,
          Prefix: prefix,
          EncodingType: 'url',
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        options,
      ),
    );
    for (const { Key } of (page.Contents ?? []) as readonly CurrentObject[])
      if (Key !== undefined) yield listedKey(Key, page.EncodingType);
    after = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (after !== undefined);
}
