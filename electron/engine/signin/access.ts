import { createPrivateKey, sign } from 'node:crypto';
import { request } from 'undici';
import type { Clock } from '../../../shared/domain.ts';
import { isTransient, StrongroomError } from '../../../shared/errors.ts';
import {
  driveScopes,
  googleEndpoints,
  type DriveCredential,
  type OAuthEndpoints,
  type ServiceAccountCredential,
} from './client.ts';
import { askForToken, cancelled, type AccessToken } from './tokens.ts';

/** A token is renewed so long before it ends, in milliseconds. */
const earlyMs = 2 * 60_000;
const attempts = 4;
/** The longest that Google allows. https://developers.google.com/identity/protocols/oauth2/service-account */
const assertionSeconds = 3600;

export interface AccessOptions {
  readonly clock: Clock;
  readonly endpoints?: OAuthEndpoints;
  /** Resolves after so many milliseconds. Rejects where the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Access tokens from what is kept of a sign-in; several that ask at once get one. */
export class GoogleAccess {
  readonly kind: DriveCredential['kind'];
  readonly #credential: DriveCredential;
  readonly #options: AccessOptions;
  #held: AccessToken | undefined;
  #fetching: Promise<AccessToken> | undefined;

  constructor(credential: DriveCredential, options: AccessOptions) {
    this.kind = credential.kind;
    this.#credential = credential;
    this.#options = options;
  }

  /**
   * A token that is good for some minutes at least.
   * Errors: those of `askForToken`, and `cancelled`.
   *
   * @param refused a token that Google has just refused, though its time was not over.
   */
  async accessToken(signal: AbortSignal, refused?: string): Promise<string> {
    if (signal.aborted) throw cancelled();
    const { clock } = this.#options;
    if (this.#held !== undefined && this.#held.token !== refused && this.#held.expiresAt - earlyMs > clock.now()) {
      return this.#held.token;
    }
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    const fetched = await untilAborted(this.#fetching, signal);
    this.#held = fetched;
    return fetched.token;
  }

  async #fetch(): Promise<AccessToken> {
    const { clock, sleep, endpoints = googleEndpoints } = this.#options;
    // It is fetched for all who wait, so none of them can end it.
    const { signal } = new AbortController();
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#ask(endpoints, clock, signal);
      } catch (error) {
        if (!isTransient(error) || attempt === attempts) throw error;
      }
      await sleep(2 ** (attempt - 1) * 500, signal);
    }
  }

  #ask(endpoints: OAuthEndpoints, clock: Clock, signal: AbortSignal): Promise<AccessToken> {
    const credential = this.#credential;
    if (credential.kind === 'service-account') {
      const form = {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: assertion(credential, endpoints.tokenUrl, clock),
      };
      return askForToken(endpoints.tokenUrl, form, 'service-account', clock, signal);
    }
    const form = {
      grant_type: 'refresh_token',
      client_id: credential.client.clientId,
      client_secret: credential.client.clientSecret,
      refresh_token: credential.refreshToken,
    };
    return askForToken(endpoints.tokenUrl, form, 'refresh', clock, signal);
  }
}

/** Takes the app's access back at Google, when a store is removed. What is not known there any more is fine. */
export async function revoke(
  credential: DriveCredential,
  endpoints: OAuthEndpoints,
  signal: AbortSignal,
): Promise<void> {
  if (credential.kind !== 'person') return;
  try {
    const answer = await request(endpoints.revokeUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: credential.refreshToken }).toString(),
      signal,
    });
    await answer.body.dump();
  } catch {
    throw new StrongroomError('store-unreachable', "Google's sign-in service cannot be reached.", {
      advice: 'The access can also be taken back at https://myaccount.google.com/connections.',
    });
  }
}

/** A signed statement of who asks. A service account sees only what is shared with it, so it asks for all of that. */
function assertion(credential: ServiceAccountCredential, audience: string, clock: Clock): string {
  const issued = Math.floor(clock.now() / 1000);
  const head = {
    ...{ alg: 'RS256', typ: 'JWT' },
    ...(credential.keyId === undefined ? {} : { kid: credential.keyId }),
  };
  const claims = {
    ...{ iss: credential.email, scope: driveScopes['all-files'], aud: audience },
    ...{ iat: issued, exp: issued + assertionSeconds },
  };
  const text = [head, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  let signature: Buffer;
  try {
    signature = sign('sha256', Buffer.from(text), createPrivateKey(credential.privateKey));
  } catch {
    // Without the cause, which might quote the key.
    throw new StrongroomError('store-wrong-key', 'The key of the service account cannot be used.', {
      advice: 'Create a new key file in the Google Cloud console and give it to Strongroom.',
    });
  }
  return `${text}.${signature.toString('base64url')}`;
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => {
      reject(cancelled());
    };
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
