import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Instant } from '../../../../shared/domain.ts';

/** A key to sign with. None of its parts may reach a message or a log. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Present for temporary keys. */
  readonly sessionToken?: string;
}

export interface SignableRequest {
  readonly method: string;
  readonly host: string;
  /** The path as it goes over the wire: encoded by {@link encodePath}. */
  readonly path: string;
  /** Decoded names and values. */
  readonly query: readonly (readonly [name: string, value: string])[];
  /** Names in lower case; every one of them is signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case hexadecimal SHA-256 of the body. */
  readonly bodySha256: string;
}

export const emptySha256 = createHash('sha256').digest('hex');

/**
 * Signs requests to S3 by Signature Version 4, with the signature in the Authorization header.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 *
 * The AWS SDK does the same at several times the processor time, which is felt where a million small files go up.
 */
export class Signer {
  readonly #region: string;
  /** The derived key is the same for a day, a region and a secret. */
  #derived: { readonly secret: string; readonly day: string; readonly key: KeyObject } | undefined;

  constructor(region: string) {
    this.#region = region;
  }

  /** @returns all headers that the request must carry, the given ones included, without `host`. */
  sign(request: SignableRequest, credentials: S3Credentials, at: Instant): Record<string, string> {
    const stamp = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = stamp.slice(0, 8);
    const headers: Record<string, string> = {
      ...request.headers,
      'x-amz-content-sha256': request.bodySha256,
      'x-amz-date': stamp,
    };
    if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;

    const signed: Record<string, string> = { ...headers, host: request.host };
    const names = Object.keys(signed).sort();
    const signedNames = names.join(';');
    const canonical = [
      request.method,
      request.path,
      canonicalQuery(request.query),
      ...names.map((name) => `${name}:${signed[name]?.trim() ?? ''}`),
      '',
      signedNames,
      request.bodySha256,
    ].join('\n');
    const scope = `${day}/${this.#region}/s3/aws4_request`;
    const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${createHash('sha256').update(canonical).digest('hex')}`;
    const signature = createHmac('sha256', this.#key(credentials.secretAccessKey, day)).update(toSign).digest('hex');
    headers['authorization'] =
      `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${signedNames},Signature=${signature}`;
    return headers;
  }

  #key(secret: string, day: string): KeyObject {
    if (this.#derived?.secret === secret && this.#derived.day === day) return this.#derived.key;
    let key: Buffer = Buffer.from(`AWS4${secret}`);
    for (const part of [day, this.#region, 's3', 'aws4_request']) key = createHmac('sha256', key).update(part).digest();
    // As a key object: a key given as bytes is imported anew at every use, which costs five times the signature.
    this.#derived = { secret, day, key: createSecretKey(key) };
    return this.#derived.key;
  }
}

/** Every byte but the unreserved characters as %XX, as the signature demands. */
function encodeComponent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A path of the wire from an unencoded one; slashes stay. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeComponent).join('/');
}

/** The query as it is signed, which is also a valid query to send. */
export function canonicalQuery(query: SignableRequest['query']): string {
  return query
    .map(([name, value]) => `${encodeComponent(name)}=${encodeComponent(value)}`)
    .sort()
    .join('&');
}
