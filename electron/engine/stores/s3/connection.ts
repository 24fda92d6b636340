import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { S3Spec } from '../../../../shared/spec.ts';
import { credentialSource, type CredentialSource } from './credentials.ts';
import { failureOfNetwork, translate, type S3Error } from './errors.ts';
import { KeyScheme } from './keys.ts';
import { Sdk } from './sdk.ts';
import type { S3Credentials } from './signing.ts';
import { placeOf, targetOf } from './target.ts';
import { Wire } from './wire.ts';

export interface S3StoreOptions {
  /** Keys from the secrets part; without them the AWS SDK's usual sources are asked. */
  readonly credentials?: S3Credentials;
  readonly clock: Clock;
  /** A connection on which nothing moves for this many milliseconds is given up; 60,000 when left out. */
  readonly stallMs?: number;
}

/** What the parts of the adapter share: the bucket's spec, its keys, and the two ways to talk to it. */
export class Connection {
  readonly spec: S3Spec;
  readonly clock: Clock;
  readonly keys: KeyScheme;
  /** The store as messages name it. */
  readonly place: string;
  readonly #credentials: CredentialSource;
  readonly #stallMs: number;
  #open: Promise<{ readonly wire: Wire; readonly sdk: Sdk }> | undefined;
  #closed = false;

  constructor(spec: S3Spec, options: S3StoreOptions) {
    this.spec = spec;
    this.clock = options.clock;
    this.keys = new KeyScheme(spec.prefix);
    this.place = placeOf(spec);
    this.#credentials = credentialSource(options.credentials, spec.profile, options.clock);
    this.#stallMs = options.stallMs ?? 60_000;
  }

  async wire(): Promise<Wire> {
    return (await this.#opened()).wire;
  }

  async sdk(): Promise<Sdk> {
    return (await this.#opened()).sdk;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = await this.#open?.catch(() => undefined);
    await open?.wire.close();
    await open?.sdk.close();
  }

  /** An answer of the server that cannot be right. */
  odd(words: string): StrongroomError {
    return new StrongroomError('store-answer', `The ${this.place} ${words}.`, {
      advice: 'Run "strongroom store check" to see what this server supports.',
    });
  }

  #opened(): Promise<{ readonly wire: Wire; readonly sdk: Sdk }> {
    if (this.#closed) return Promise.reject(new StrongroomError('internal', `The ${this.place} was closed.`));
    this.#open ??= this.#connect().catch((error: unknown) => {
      // The next call finds out anew: the network may be back by then.
      this.#open = undefined;
      throw error;
    });
    return this.#open;
  }

  async #connect(): Promise<{ readonly wire: Wire; readonly sdk: Sdk }> {
    const { spec, place } = this;
    const region = spec.region ?? (spec.endpoint === undefined ? await this.#regionOfBucket() : 'us-east-1');
    const ca = spec.ca === undefined ? undefined : await readCertificates(spec.ca);
    const options = { place, credentials: this.#credentials, clock: this.clock, stallMs: this.#stallMs, ca };
    return { wire: new Wire(targetOf(spec, region), options), sdk: new Sdk(spec, region, options) };
  }

  /**
   * The region of a bucket at AWS, which tells it to everybody who asks.
   * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
   */
  async #regionOfBucket(): Promise<string> {
    const { bucket } = this.spec;
    const attempt = { action: 's3:ListBucket' };
    let answer;
    try {
      answer = await request(`https://s3.us-east-1.amazonaws.com/${bucket}`, {
        method: 'HEAD',
        headersTimeout: this.#stallMs,
      });
    } catch (error) {
      throw translate(failureOfNetwork(error), this.place, attempt);
    }
    await answer.body.dump();
    const region = answer.headers['x-amz-bucket-region'];
    if (typeof region === 'string') return region;
    throw noRegion(answer.statusCode, this.place);
  }
}

function noRegion(status: number, place: string): S3Error {
  return translate({ status }, place, { action: 's3:ListBucket' });
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StrongroomError('usage', `The certificate file ${path} cannot be read.`, {
      advice: 'Correct ca= in the address of the store.',
      cause: error,
    });
  }
}
