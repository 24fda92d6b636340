import type * as SdkModule from '@aws-sdk/client-s3';
import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import type { S3Spec } from '../../../../shared/spec.ts';
import type { CredentialSource } from './credentials.ts';
import { cancelled, failureOfSdk, translate, type Attempt } from './errors.ts';
import { usesPathStyle } from './target.ts';

/** A call that the server works on before it answers (copying or putting parts together) may be silent for this long. */
const longWorkMs = 15 * 60_000;

export interface SdkOptions {
  readonly place: string;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly stallMs: number;
  readonly ca: string | undefined;
}

export interface SdkAttempt extends Attempt {
  readonly signal: AbortSignal;
  /** Set where the server has work to do that grows with the object. */
  readonly long?: boolean;
}

/** What every call of the SDK is given. */
export interface SdkCallOptions {
  readonly abortSignal: AbortSignal;
}

/** The AWS SDK's client, loaded when it is first needed, one attempt a call, with its errors translated. */
export class Sdk {
  readonly #spec: S3Spec;
  readonly #region: string;
  readonly #options: SdkOptions;
  #loaded: Promise<{ readonly module: typeof SdkModule; readonly client: SdkModule.S3Client }> | undefined;

  constructor(spec: S3Spec, region: string, options: SdkOptions) {
    this.#spec = spec;
    this.#region = region;
    this.#options = options;
  }

  async call<Answer>(
    attempt: SdkAttempt,
    make: (client: SdkModule.S3Client, module: typeof SdkModule, options: SdkCallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    const { module, client } = await (this.#loaded ??= this.#load());
    if (attempt.signal.aborted) throw cancelled();
    // The SDK's own time limit ends with the head of the answer, and a body that breaks off can leave it waiting.
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), attempt.long === true ? longWorkMs : this.#options.stallMs);
    const signal = AbortSignal.any([attempt.signal, limit.signal]);
    try {
      return await untilAborted(signal, make(client, module, { abortSignal: signal }));
    } catch (error) {
      if (isAborted(attempt.signal)) throw cancelled();
      if (error instanceof StrongroomError) throw error;
      const failure = isAborted(limit.signal) ? { code: 'TimeoutError' } : failureOfSdk(error, this.#options.clock);
      throw translate(failure, this.#options.place, attempt);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    const loaded = await this.#loaded;
    loaded?.client.destroy();
  }

  async #load(): Promise<{ module: typeof SdkModule; client: SdkModule.S3Client }> {
    const module = await import('@aws-sdk/client-s3');
    const { ca, stallMs, credentials } = this.#options;
    const client = new module.S3Client({
      region: this.#region,
      credentials,
      forcePathStyle: usesPathStyle(this.#spec),
      // The retrying decorator does it, for all stores alike.
      maxAttempts: 1,
      // Many servers that are not AWS refuse the checksums that the SDK adds by itself.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: {
        connectionTimeout: Math.min(10_000, stallMs),
        httpsAgent: { keepAlive: true, maxSockets: 16, ...(ca === undefined ? {} : { ca }) },
        httpAgent: { keepAlive: true, maxSockets: 16 },
      },
      ...(this.#spec.endpoint === undefined ? {} : { endpoint: this.#spec.endpoint }),
    });
    return { module, client };
  }
}

/** Asked anew: the signal may have come during the call. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function untilAborted<Answer>(signal: AbortSignal, answer: Promise<Answer>): Promise<Answer> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'));
    signal.addEventListener('abort', stop);
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
