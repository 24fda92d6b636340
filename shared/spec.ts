import { z } from 'zod';
import { StrongroomError } from './errors.ts';

/**
 * A store spec, the URL that a person writes: `folder:///path`, `s3://bucket/prefix?endpoint=…&region=…&class=…`,
 * `drive://folder-id/path?account=…`.
 * It never holds a secret: credentials come from the environment, a profile, or the secrets part.
 */
export const folderSpec = z.strictObject({
  kind: z.literal('folder'),
  /** Absolute path of the store's root. */
  path: z.string().min(1),
});

export const s3Spec = z.strictObject({
  kind: z.literal('s3'),
  bucket: z.string().min(1),
  /** Without leading or trailing slash; '' for the bucket itself. */
  prefix: z.string(),
  /** URL of an S3-compatible server; absent for AWS. */
  endpoint: z.url().optional(),
  region: z.string().optional(),
  /** Profile of the shared AWS configuration files. */
  profile: z.string().optional(),
  /** Storage class of new objects. */
  class: z.string().optional(),
  /** `s3` for SSE-S3, `kms` for SSE-KMS with the bucket's default key, or a KMS key id. */
  encryption: z.string().optional(),
  /** Object Lock: mode and days that every new version is kept. */
  lock: z.strictObject({ mode: z.enum(['GOVERNANCE', 'COMPLIANCE']), days: z.int().positive() }).optional(),
  /** Path of a PEM file with the certificate authority of the endpoint. */
  ca: z.string().optional(),
});

export const driveSpec = z.strictObject({
  kind: z.literal('drive'),
  /**
   * The id of a folder or of a shared drive, as the address of its page in the browser ends; `root` for the top of the
   * account's My Drive. Whether it lies in a shared drive is asked of Google.
   */
  folder: z.string().regex(/^[A-Za-z0-9_-]+$/),
  /** Folders below it, made where they are missing; without leading or trailing slash, '' for the folder itself. */
  path: z.string(),
  /** The address of the Google account that the store belongs to; a sign-in of any other is refused. */
  account: z
    .string()
    .regex(/^[^@\s]+@[^@\s]+$/)
    .optional(),
  /** Root URL of a stand-in for Google's API on this computer, for tests. Tokens go nowhere else. */
  endpoint: z
    .url()
    .regex(/^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\/?$/)
    .optional(),
});

export const storeSpec = z.discriminatedUnion('kind', [folderSpec, s3Spec, driveSpec]);
export type FolderSpec = z.infer<typeof folderSpec>;
export type S3Spec = z.infer<typeof s3Spec>;
export type DriveSpec = z.infer<typeof driveSpec>;
export type StoreSpec = z.infer<typeof storeSpec>;

const s3Parameters = new Set(['endpoint', 'region', 'profile', 'class', 'encryption', 'lock', 'ca']);
const driveParameters = new Set(['account', 'endpoint']);

/** Parses a spec as a person writes it. Errors: `usage`, naming the part that is wrong. */
export function parseSpec(text: string): StoreSpec {
  const scheme = /^([a-z0-9]+):\/\//.exec(text)?.[1];
  switch (scheme) {
    case 'folder':
      return parseFolder(text);
    case 's3':
      return parseS3(text);
    case 'drive':
      return parseDrive(text);
    default:
      throw wrong(text, `does not begin with folder://, s3:// or drive://`);
  }
}

/** The spec as the URL that a person would write; `parseSpec(formatSpec(spec))` is the spec again. */
export function formatSpec(spec: StoreSpec): string {
  if (spec.kind === 'folder') return `folder://${spec.path.split('/').map(encodeURIComponent).join('/')}`;
  if (spec.kind === 'drive') return formatDrive(spec);
  const query = new URLSearchParams();
  for (const name of ['endpoint', 'region', 'profile', 'class', 'encryption', 'ca'] as const) {
    const value = spec[name];
    if (value !== undefined) query.set(name, value);
  }
  if (spec.lock !== undefined) query.set('lock', `${spec.lock.mode.toLowerCase()}:${spec.lock.days}d`);
  const tail = query.size === 0 ? '' : `?${query.toString()}`;
  return `s3://${spec.bucket}${spec.prefix === '' ? '' : `/${spec.prefix.split('/').map(encodeURIComponent).join('/')}`}${tail}`;
}

function parseFolder(text: string): FolderSpec {
  const rest = text.slice('folder://'.length);
  if (rest.includes('?')) throw wrong(text, 'has a ?; write %3F for a question mark in a folder name');
  const path = decode(text, rest);
  if (!path.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(path)) {
    throw wrong(text, 'is not absolute; a folder store is written folder:///full/path');
  }
  return { kind: 'folder', path: path.length > 1 ? path.replace(/\/+$/, '') : path };
}

function parseS3(text: string): S3Spec {
  const [location = '', query = ''] = text.slice('s3://'.length).split('?', 2);
  const [bucket = '', ...rest] = location.split('/');
  const parameters = new URLSearchParams(query);
  if (bucket.includes('@') || /^[a-z]+:\/\/[^/]*@/i.test(parameters.get('endpoint') ?? '')) {
    throw wrong(text, `holds a name or key before an @; ${howToGiveKeys}`);
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw wrong(text, `names no bucket that S3 allows (3 to 63 lower-case letters, digits, dots and hyphens)`);
  }
  const prefix = decode(text, rest.join('/')).replace(/^\/+|\/+$/g, '');
  checkParameters(text, parameters, s3Parameters);
  const lock = parameters.get('lock');
  const lockParts = lock === null ? undefined : /^(governance|compliance):(\d+)d$/i.exec(lock);
  if (lockParts === null)
    throw wrong(text, `has lock=${lock ?? ''}; write lock=governance:365d or lock=compliance:365d`);
  const given = Object.fromEntries([...parameters].filter(([name]) => name !== 'lock'));
  const parsed = s3Spec.safeParse({
    kind: 's3',
    bucket,
    prefix,
    ...given,
    ...(lockParts === undefined ? {} : { lock: { mode: lockParts[1]?.toUpperCase(), days: Number(lockParts[2]) } }),
  });
  if (!parsed.success) {
    throw wrong(text, `has a ${parsed.error.issues[0]?.path.join('.') ?? 'part'} that cannot be used`);
  }
  return parsed.data;
}

function parseDrive(text: string): DriveSpec {
  const [location = '', query = ''] = text.slice('drive://'.length).split('?', 2);
  const [folder = '', ...rest] = location.split('/');
  if (!/^[A-Za-z0-9_-]+$/.test(folder)) {
    throw wrong(text, 'names no folder of Google Drive: write root, or what stands after /folders/ in its address');
  }
  const path = decode(text, rest.join('/')).replace(/^\/+|\/+$/g, '');
  if (path.split('/').some((name) => name === '.' || name === '..')) {
    throw wrong(text, 'has . or .. in its path, which Google Drive does not resolve');
  }
  const parameters = new URLSearchParams(query);
  checkParameters(text, parameters, driveParameters);
  const parsed = driveSpec.safeParse({
    ...{ kind: 'drive', folder, path },
    ...Object.fromEntries(parameters),
  });
  if (!parsed.success) {
    throw wrong(text, `has a ${parsed.error.issues[0]?.path.join('.') ?? 'part'} that cannot be used`);
  }
  return parsed.data;
}

function formatDrive(spec: DriveSpec): string {
  const query = new URLSearchParams();
  if (spec.account !== undefined) query.set('account', spec.account);
  if (spec.endpoint !== undefined) query.set('endpoint', spec.endpoint);
  const tail = query.size === 0 ? '' : `?${query.toString()}`;
  return `drive://${spec.folder}${spec.path === '' ? '' : `/${spec.path.split('/').map(encodeURIComponent).join('/')}`}${tail}`;
}

function checkParameters(text: string, parameters: URLSearchParams, known: ReadonlySet<string>): void {
  for (const name of parameters.keys()) {
    if (/key|secret|token|password/i.test(name)) {
      throw wrong(text, `holds a secret ("${name}"); ${howToGiveKeys}`);
    }
    if (!known.has(name)) throw wrong(text, `has "${name}", which is none of ${[...known].join(', ')}`);
  }
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong(text, 'has a % that is not followed by two hexadecimal digits; write %25 for a percent sign');
  }
}

const howToGiveKeys = 'give keys by environment, profile or "store add --ask-key"';

/** The text without what may be a secret: a user before an @, and the values of all parameters that are not known. */
function redact(text: string): string {
  const [location = '', ...query] = text.split('?');
  const place = location.replace(/\/\/[^/]*@/, '//…@');
  if (query.length === 0) return place;
  const pairs = query.join('?').split('&');
  const shown = pairs.map((pair) => {
    const [name = ''] = pair.split('=', 1);
    return s3Parameters.has(name) && !/@|%40/.test(pair) ? pair : `${name}=…`;
  });
  return `${place}?${shown.join('&')}`;
}

function wrong(text: string, why: string): StrongroomError {
  return new StrongroomError('usage', `The store "${redact(text)}" ${why}.`, {
    advice:
      'Examples: folder:///mnt/second-disk/strongroom, s3://bucket/prefix?region=eu-central-1, drive://root/Strongroom',
  });
}
