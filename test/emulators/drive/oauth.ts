import { createHash, generateKeyPairSync, randomBytes, verify, type KeyObject } from 'node:crypto';

import type { EmulatorClock } from './clock.ts';
import type { Caller } from './model.ts';
import { SCOPE } from './routes.ts';

/** An app that is registered with Google: a desktop app, whose secret is no secret. */
export interface OAuthClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What a person answers on the consent page. `scopes` leaves some unticked. */
export type Consent =
  { readonly kind: 'allow'; readonly email?: string; readonly scopes?: readonly string[] } | { readonly kind: 'deny' };

/** A service account's key file, in the form that Google's console gives out. */
export interface ServiceAccountKey {
  readonly type: 'service_account';
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly token_uri: string;
}

/** Access and refresh token of one grant. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresInSeconds: number;
}

/** A refusal of an OAuth endpoint: `{error, error_description}` (RFC 6749, section 5.2). */
export class OAuthError extends Error {
  readonly status: number;
  readonly error: string;

  constructor(error: string, description: string, status = 400) {
    super(description);
    this.name = 'OAuthError';
    this.error = error;
    this.status = status;
  }
}

interface Grant extends Caller {
  readonly expiresAt: number;
}

interface Code extends Caller {
  readonly redirectUri: string;
  readonly challenge: string | undefined;
  readonly expiresAt: number;
}

const HOUR = 3_600_000;
const CODE_LIFETIME = 600_000;
const ACCESS_LIFETIME = HOUR - 1000;
const SKEW = 300_000;

/**
 * Google's OAuth for desktop apps (https://developers.google.com/identity/protocols/oauth2/native-app) and for service
 * accounts (https://developers.google.com/identity/protocols/oauth2/service-account).
 */
export class OAuth {
  /** What the person on the consent page does next. */
  consent: Consent = { kind: 'allow' };
  /** How long refresh tokens live; 7 days for a consent screen in "Testing", and without end otherwise. */
  refreshTokenLifetime = Infinity;
  readonly #clock: EmulatorClock;
  readonly #clients = new Map<string, OAuthClient>();
  readonly #defaultEmail: string;
  readonly #access = new Map<string, Grant & { refreshToken: string | undefined }>();
  readonly #refresh = new Map<string, Grant>();
  readonly #codes = new Map<string, Code>();
  readonly #keys = new Map<string, { keyId: string; publicKey: KeyObject; clientId: string }>();

  constructor(clock: EmulatorClock, client: OAuthClient, defaultEmail: string) {
    this.#clock = clock;
    this.#clients.set(client.clientId, client);
    this.#defaultEmail = defaultEmail;
  }

  /** Registers another app. */
  addClient(client: OAuthClient): void {
    this.#clients.set(client.clientId, client);
  }

  /** Gives a grant without the browser: what most tests start from. */
  issue(caller: Caller): TokenPair {
    const refreshToken = `1//${randomBytes(40).toString('base64url')}`;
    this.#refresh.set(refreshToken, { ...caller, expiresAt: this.#clock.now() + this.refreshTokenLifetime });
    return { ...this.#accessToken(caller, refreshToken), refreshToken };
  }

  /** Makes a key for a service account. */
  serviceAccountKey(email: string, tokenUri: string): ServiceAccountKey {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyId = randomBytes(20).toString('hex');
    const clientId = BigInt(`0x${randomBytes(8).toString('hex')}`).toString();
    this.#keys.set(email, { keyId, publicKey, clientId });
    return {
      type: 'service_account',
      project_id: 'strongroom-test',
      private_key_id: keyId,
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      client_email: email,
      client_id: clientId,
      token_uri: tokenUri,
    };
  }

  /** Who an access token stands for; `undefined` for one that is unknown, expired or revoked. */
  caller(accessToken: string): Caller | undefined {
    const grant = this.#access.get(accessToken);
    return grant === undefined || grant.expiresAt <= this.#clock.now() ? undefined : grant;
  }

  /** Ends an access token at once, as if its hour were over. */
  expireAccessToken(accessToken: string): void {
    this.#access.delete(accessToken);
  }

  /** Ends all access tokens at once. */
  expireAccessTokens(): void {
    this.#access.clear();
  }

  /** The person (or an administrator) takes the app's access away: every token of the address stops working. */
  revokeAccess(email: string): void {
    for (const [token, grant] of this.#access) if (grant.email === email) this.#access.delete(token);
    for (const [token, grant] of this.#refresh) if (grant.email === email) this.#refresh.delete(token);
  }

  /** The consent page, as a redirect: the URL to go on to. Throws what Google would show as an error page. */
  authorize(query: URLSearchParams): string {
    const client = this.#clients.get(query.get('client_id') ?? '');
    if (client === undefined) throw new OAuthError('invalid_client', 'The OAuth client was not found.', 401);
    const redirectUri = query.get('redirect_uri') ?? '';
    // A desktop app may use any port of the loopback interface, and nothing else.
    if (!/^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d+)?(\/|$)/.test(redirectUri)) {
      throw new OAuthError('redirect_uri_mismatch', `The redirect URI ${redirectUri} is not registered.`);
    }
    if (query.get('response_type') !== 'code') throw new OAuthError('invalid_request', 'response_type must be code.');
    const method = query.get('code_challenge_method');
    const challenge = query.get('code_challenge') ?? undefined;
    if (challenge !== undefined && method !== 'S256') {
      throw new OAuthError('invalid_request', 'The emulator takes code_challenge_method S256 only.');
    }
    const asked = (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    if (asked.length === 0) throw new OAuthError('invalid_request', 'Missing required parameter: scope');
    const target = new URL(redirectUri);
    const state = query.get('state');
    if (state !== null) target.searchParams.set('state', state);
    if (this.consent.kind === 'deny') {
      target.searchParams.set('error', 'access_denied');
      return target.href;
    }
    const ticked = this.consent.scopes;
    const scopes = new Set(ticked === undefined ? asked : asked.filter((scope) => ticked.includes(scope)));
    const code = `4/${randomBytes(36).toString('base64url')}`;
    const email = this.consent.email ?? this.#defaultEmail;
    const expiresAt = this.#clock.now() + CODE_LIFETIME;
    this.#codes.set(code, { email, clientId: client.clientId, scopes, redirectUri, challenge, expiresAt });
    target.searchParams.set('code', code);
    target.searchParams.set('scope', [...scopes].join(' '));
    return target.href;
  }

  /** The token endpoint: the JSON to answer. Throws {@link OAuthError}. */
  token(form: URLSearchParams): Record<string, unknown> {
    switch (form.get('grant_type')) {
      case 'authorization_code':
        return this.#redeem(form);
      case 'refresh_token':
        return this.#renew(form);
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
        return this.#assertion(form.get('assertion') ?? '');
      default:
        throw new OAuthError('unsupported_grant_type', `Invalid grant_type: ${form.get('grant_type') ?? ''}`);
    }
  }

  /** The revocation endpoint: the grant goes with either of its tokens. */
  revoke(token: string): void {
    const refreshToken = this.#access.get(token)?.refreshToken ?? token;
    const known = this.#access.delete(token);
    const had = this.#refresh.delete(refreshToken);
    if (!known && !had) throw new OAuthError('invalid_token', 'Token expired or revoked');
    for (const [access, grant] of this.#access) if (grant.refreshToken === refreshToken) this.#access.delete(access);
  }

  #accessToken(caller: Caller, refreshToken: string | undefined): Omit<TokenPair, 'refreshToken'> {
    const accessToken = `ya29.${randomBytes(60).toString('base64url')}`;
    const { email, clientId, scopes } = caller;
    const expiresAt = this.#clock.now() + ACCESS_LIFETIME;
    this.#access.set(accessToken, { email, clientId, scopes, expiresAt, refreshToken });
    return { accessToken, expiresInSeconds: ACCESS_LIFETIME / 1000 };
  }

  #response(caller: Caller, refreshToken: string | undefined): Record<string, unknown> {
    const { accessToken, expiresInSeconds } = this.#accessToken(caller, refreshToken);
    return {
      access_token: accessToken,
      expires_in: expiresInSeconds,
      scope: [...caller.scopes].join(' '),
      token_type: 'Bearer',
    };
  }

  #client(form: URLSearchParams): OAuthClient {
    const client = this.#clients.get(form.get('client_id') ?? '');
    if (client === undefined) throw new OAuthError('invalid_client', 'The OAuth client was not found.', 401);
    const secret = form.get('client_secret');
    if (secret === null) throw new OAuthError('invalid_request', 'client_secret is missing.');
    if (secret !== client.clientSecret) {
      throw new OAuthError('invalid_client', 'The provided client secret is invalid.', 401);
    }
    return client;
  }

  #redeem(form: URLSearchParams): Record<string, unknown> {
    const client = this.#client(form);
    const text = form.get('code') ?? '';
    const code = this.#codes.get(text);
    if (code?.clientId !== client.clientId || code.expiresAt <= this.#clock.now()) {
      throw new OAuthError('invalid_grant', 'Malformed auth code.');
    }
    if (form.get('redirect_uri') !== code.redirectUri) throw new OAuthError('redirect_uri_mismatch', 'Bad Request');
    if (code.challenge !== undefined) {
      const verifier = form.get('code_verifier');
      if (verifier === null) throw new OAuthError('invalid_grant', 'Missing code verifier.');
      const challenge = createHash('sha256').update(verifier).digest('base64url');
      if (challenge !== code.challenge) throw new OAuthError('invalid_grant', 'Invalid code verifier.');
    }
    // A code works once, and only after everything else about the request was right.
    this.#codes.delete(text);
    const { email, clientId, scopes } = code;
    const { refreshToken, accessToken, expiresInSeconds } = this.issue({ email, clientId, scopes });
    return {
      access_token: accessToken,
      expires_in: expiresInSeconds,
      refresh_token: refreshToken,
      scope: [...scopes].join(' '),
      token_type: 'Bearer',
      ...(Number.isFinite(this.refreshTokenLifetime)
        ? { refresh_token_expires_in: this.refreshTokenLifetime / 1000 }
        : {}),
    };
  }

  #renew(form: URLSearchParams): Record<string, unknown> {
    const client = this.#client(form);
    const refreshToken = form.get('refresh_token') ?? '';
    const grant = this.#refresh.get(refreshToken);
    if (grant?.clientId !== client.clientId || grant.expiresAt <= this.#clock.now()) {
      throw new OAuthError('invalid_grant', 'Token has been expired or revoked.');
    }
    return this.#response(grant, refreshToken);
  }

  #assertion(assertion: string): Record<string, unknown> {
    const [head = '', payload = '', signature = ''] = assertion.split('.');
    const header = jsonPart(head);
    const claims = jsonPart(payload);
    const email = textClaim(claims, 'iss');
    const known = this.#keys.get(email);
    if (known === undefined) throw new OAuthError('invalid_grant', 'Invalid grant: account not found');
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      known.publicKey,
      Buffer.from(signature, 'base64url'),
    );
    const keyId = header['kid'];
    if (header['alg'] !== 'RS256' || !isSigned || (keyId !== undefined && keyId !== known.keyId)) {
      throw new OAuthError('invalid_grant', 'Invalid JWT Signature.');
    }
    const now = this.#clock.now();
    const issued = Number(claims['iat']) * 1000;
    const expires = Number(claims['exp']) * 1000;
    if (!(issued <= now + SKEW && expires > now - SKEW && expires - issued <= HOUR && expires > issued)) {
      throw new OAuthError(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      );
    }
    const audience = textClaim(claims, 'aud');
    if (!/\/token$/.test(audience)) throw new OAuthError('invalid_grant', 'Invalid JWT: Failed audience check.');
    if (claims['sub'] !== undefined && claims['sub'] !== email) {
      throw new OAuthError(
        'unauthorized_client',
        'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
        401,
      );
    }
    const scopes = new Set(
      textClaim(claims, 'scope')
        .split(' ')
        .filter((scope) => scope.startsWith(SCOPE)),
    );
    if (scopes.size === 0) throw new OAuthError('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
    return this.#response({ email, clientId: known.clientId, scopes }, undefined);
  }
}

function jsonPart(text: string): Record<string, unknown> {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Record<string, unknown>;
  } catch {
    throw new OAuthError('invalid_grant', 'Invalid JWT: Failed to parse.');
  }
}

function textClaim(claims: Record<string, unknown>, name: string): string {
  const value = claims[name];
  return typeof value === 'string' ? value : '';
}
