import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/domain.ts';
import { codeOf, StrongroomError } from '../../../shared/errors.ts';
import {
  driveScopes,
  googleEndpoints,
  type DriveScope,
  type OAuthClient,
  type OAuthEndpoints,
  type PersonCredential,
} from './client.ts';
import { listenForRedirect, type Redirect } from './loopback.ts';
import { askForToken } from './tokens.ts';

const patienceMs = 5 * 60_000;

export interface SignInOptions {
  readonly client: OAuthClient;
  readonly scope: DriveScope;
  /** The account that is meant, so that Google's page proposes it. */
  readonly account?: string;
  readonly clock: Clock;
  /** Shows an address in the system's browser. */
  readonly openBrowser: (url: string) => Promise<void> | void;
  readonly endpoints?: OAuthEndpoints;
  /** How long a person may take, in milliseconds; five minutes when left out. */
  readonly patienceMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Signs a person in with Google: the system's browser, a redirect to this computer, a one-time proof (PKCE), and a state
 * that ties the answer to the question. https://developers.google.com/identity/protocols/oauth2/native-app
 *
 * @returns what the caller is to keep among the secrets.
 *
 * Errors: `store-wrong-key` (Google does not know the client), `store-no-permission` (the person refused or left the
 * box for Drive unticked, or administrators forbid the app), `store-sign-in-ended` (the browser was closed: nothing came
 * in time), `store-unsupported` (no port of this computer could be opened), `store-clock-skew`, `store-unreachable`,
 * `cancelled`.
 */
export async function signIn(options: SignInOptions): Promise<PersonCredential> {
  const { client, scope, clock, signal, endpoints = googleEndpoints } = options;
  await checkClient(client, endpoints, clock, signal);
  const verifier = randomBytes(48).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  const listener = await listenForRedirect(state);
  let redirect: Redirect;
  try {
    await options.openBrowser(consentUrl(options, endpoints, listener.redirectUri, verifier, state));
    redirect = await listener.answer(options.patienceMs ?? patienceMs, signal);
  } finally {
    listener.close();
  }
  if ('error' in redirect) throw refused(redirect.error);
  const form = {
    grant_type: 'authorization_code',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    code: redirect.code,
    code_verifier: verifier,
    redirect_uri: listener.redirectUri,
  };
  const { refreshToken, scopes } = await askForToken(endpoints.tokenUrl, form, 'redeem', clock, signal);
  if (!scopes.includes(driveScopes[scope])) throw unticked();
  if (refreshToken === undefined) {
    throw new StrongroomError('store-answer', 'Google gave no lasting sign-in.', { advice: 'Sign in again.' });
  }
  return { kind: 'person', client, refreshToken, scope };
}

/**
 * A client that Google does not know shows an error page in the browser, which never comes back. So Google is asked
 * first, with a grant that there cannot be: it refuses a wrong client before it looks at the grant.
 */
async function checkClient(
  client: OAuthClient,
  endpoints: OAuthEndpoints,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const form = {
    grant_type: 'refresh_token',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    refresh_token: 'none',
  };
  try {
    await askForToken(endpoints.tokenUrl, form, 'refresh', clock, signal);
  } catch (error) {
    if (codeOf(error) !== 'store-sign-in-ended') throw error;
  }
}

function consentUrl(
  options: SignInOptions,
  endpoints: OAuthEndpoints,
  redirectUri: string,
  verifier: string,
  state: string,
): string {
  const url = new URL(endpoints.authUrl);
  const parameters = {
    client_id: options.client.clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: driveScopes[options.scope],
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    // A refresh token is given with every consent, and only then.
    access_type: 'offline',
    prompt: 'consent',
    ...(options.account === undefined ? {} : { login_hint: options.account }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function refused(error: string): StrongroomError {
  if (error === 'access_denied') {
    return new StrongroomError('store-no-permission', 'The permission was not given on the page of Google.', {
      advice: 'Sign in again and choose "Allow". Strongroom can keep no copies in Google Drive without it.',
    });
  }
  if (error === 'admin_policy_enforced' || error === 'org_internal') {
    return new StrongroomError('store-no-permission', 'The Google Workspace administrators do not allow this app.', {
      advice:
        'Ask the administrator to trust the client of Strongroom, and sign in with an account of the institution.',
    });
  }
  if (error === 'invalid_client' || error === 'unauthorized_client') {
    return new StrongroomError('store-wrong-key', 'Google does not know the client id.', {
      advice: 'Compare it with the one in the Google Cloud console, and enter it again.',
    });
  }
  return new StrongroomError('store-answer', 'Google ended the sign-in with an error.', { advice: 'Sign in again.' });
}

function unticked(): StrongroomError {
  return new StrongroomError('store-no-permission', 'The permission to work with Google Drive was left out.', {
    advice: "Sign in again and leave the box for Google Drive ticked on Google's page.",
  });
}
