/*
 * What a person may write about an S3 bucket.
 * Names: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */

/** A bucket and a prefix from a bare name or a pasted `s3://bucket/prefix`. */
export function splitBucket(text: string): { readonly bucket: string; readonly prefix: string | undefined } {
  const said = text.trim();
  const [, bucket, prefix] = /^s3:\/\/([^/?]+)\/?([^?]*)/.exec(said) ?? [];
  return bucket === undefined ? { bucket: said, prefix: undefined } : { bucket, prefix: cleanPrefix(prefix ?? '') };
}

/** A prefix without slashes at its ends. */
export function cleanPrefix(text: string): string {
  return text.trim().replace(/^\/+|\/+$/g, '');
}

/** Why no bucket can have this name; `undefined` where one can. */
export function faultOfBucket(bucket: string): string | undefined {
  if (bucket === '') return 'Write the name of the bucket.';
  if (/[A-Z]/.test(bucket)) return 'Bucket names have small letters only.';
  if (bucket.length < 3 || bucket.length > 63) return 'Bucket names have 3 to 63 characters.';
  if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(bucket)) {
    return 'Bucket names have small letters, digits, dots and hyphens, and begin and end with a letter or digit.';
  }
  return undefined;
}

/** Why an address cannot be that of an S3 server; `undefined` where it can, or is empty. */
export function faultOfEndpoint(text: string): string | undefined {
  const said = text.trim();
  if (said === '') return undefined;
  const url = URL.parse(said);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return 'Write the whole address, with https:// (or http:// on your own network).';
  }
  if (url.username !== '' || url.password !== '')
    return 'Leave out the name and key here; the keys have fields of their own.';
  if (url.search !== '' || url.hash !== '') return 'Leave out everything from the ? or # on.';
  return undefined;
}

/** A storage class of Amazon S3, in words. */
export interface StorageClass {
  /** As S3 calls it; `''` is the bucket's own. */
  readonly id: string;
  readonly label: string;
  readonly suits: string;
  /** How long it takes until a file can be read. */
  readonly reading: string;
  /** What it costs, held against Standard. */
  readonly cost: string;
  /** Whether files must be thawed before they can be read. */
  readonly archive: boolean;
}

/**
 * Times and minimum days: https://aws.amazon.com/s3/storage-classes/. Costs are rough shares of Standard's price for
 * space in us-east-1 (https://aws.amazon.com/s3/pricing/); they differ by region.
 */
export const storageClasses: readonly StorageClass[] = [
  {
    id: '',
    label: 'Standard',
    suits: 'Files that may be needed at any time.',
    reading: 'Read at once.',
    cost: 'The most for space, nothing extra for reading out of storage.',
    archive: false,
  },
  {
    id: 'INTELLIGENT_TIERING',
    label: 'Intelligent-Tiering',
    suits: 'When nobody knows what will be needed: Amazon moves what is not read to cheaper storage by itself.',
    reading: 'Read at once.',
    cost: 'As Standard at first, down to about a fifth of it; a small fee a file for the watching.',
    archive: false,
  },
  {
    id: 'STANDARD_IA',
    label: 'Infrequent access',
    suits: 'A copy that is there for the worst case, and read now and then.',
    reading: 'Read at once.',
    cost: 'About half of Standard for space; reading costs extra. Each file counts for 30 days and 128 KB at least.',
    archive: false,
  },
  {
    id: 'GLACIER_IR',
    label: 'Glacier instant retrieval',
    suits: 'A copy that is read a few times a year at most.',
    reading: 'Read at once.',
    cost: 'About a sixth of Standard for space; reading costs clearly more. Each file counts for 90 days and 128 KB at least.',
    archive: false,
  },
  {
    id: 'GLACIER',
    label: 'Glacier flexible retrieval',
    suits: 'An archive copy beside another copy that can be read at once.',
    reading: 'Read after thawing: minutes to 12 hours.',
    cost: 'About a sixth of Standard for space; thawing costs extra. Each file counts for 90 days at least.',
    archive: true,
  },
  {
    id: 'DEEP_ARCHIVE',
    label: 'Glacier deep archive',
    suits: 'The last resort: an archive copy that nobody expects to read.',
    reading: 'Read after thawing: 12 to 48 hours.',
    cost: 'About a twentieth of Standard for space; thawing costs extra. Each file counts for 180 days at least.',
    archive: true,
  },
];

/** Whether what a store's spec says of its class means that files there must be thawed before they can be read. */
export function storeClassIsArchive(spec: string): boolean {
  const query = spec.startsWith('s3://') ? (spec.split('?', 2)[1] ?? '') : '';
  const id = new URLSearchParams(query).get('class') ?? '';
  return storageClasses.some((known) => known.archive && known.id === id);
}
