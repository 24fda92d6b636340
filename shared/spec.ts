import { z } from 'zod';
import { StrongroomError } from './errors.ts';

/**
 * A store spec, the URL that a person writes: `folder:///path`, `s3://bucket/prefix?endpoint=…&region=…&class=…`.
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

export const storeSpec = z.discriminatedUnion('kind', [folderSpec, s3Spec]);
export type FolderSpec = z.infer<typeof folderSpec>;
export type S3Spec = z.infer<typeof s3Spec>;
export type StoreSpec = z.infer<typeof storeSpec>;

const s3Parameters = new Set(['endpoint', 'region', 'profile', 'class', 'encryption', 'lock', 'ca']);

/** Parses a spec as a person writes it. Errors: `usage`, naming the part that is wrong. */
export function parseSpec(text: string): StoreSpec {
  const scheme = /^([a-z0-9]+):\/\//.exec(text)?.[1];
  switch (scheme) {
    case 'folder':
      return parseFolder(text);
    case 's3':
      return parseS3(text);
    default:
      throw wrong(text, `does not begin with folder:// or s3://`);
  }
}

/** The spec as the URL that a person would write; `parseSpec(formatSpec(spec))` is the spec again. */
export function formatSpec(spec: StoreSpec): string {
  if (spec.kind === 'folder') return `folder://${spec.path.split('/').map(encodeURIComponent).join('/')}`;
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
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
    throw wrong(text, `names no bucket that S3 allows (3 to 63 lower-case letters, digits, dots and hyphens)`);
  }
  const prefix = decode(text, rest.join('/')).replace(/^\/+|\/+$/g, '');
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys()) {
    if (/key|secret|token|password/i.test(name)) {
      throw wrong(
        redact(text),
        `holds a secret ("${name}"); give keys by environment, profile or "store add --ask-key"`,
      );
    }
    if (!s3Parameters.has(name)) throw wrong(text, `has "${name}", which is none of ${[...s3Parameters].join(', ')}`);
  }
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

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw wrong(text, 'has a % that is not followed by two hexadecimal digits; write %25 for a percent sign');
  }
}

function redact(text: string): string {
  return text.split('?', 1)[0] ?? '';
}

function wrong(text: string, why: string): StrongroomError {
  return new StrongroomError('usage', `The store "${text}" ${why}.`, {
    advice: 'Examples: folder:///mnt/second-disk/strongroom, s3://bucket/prefix?region=eu-central-1',
  });
}
