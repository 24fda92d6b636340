import assert from 'node:assert/strict';
import { createHash, createSign, randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';

import { DriveClient } from './client.ts';
import {
  DEFAULT_CLIENT,
  DEFAULT_EMAIL,
  DRIVE_FILE_SCOPE,
  DRIVE_SCOPE,
  startDriveEmulator,
  type DriveEmulator,
} from './emulator.ts';
import type { ServiceAccountKey } from './oauth.ts';

const REDIRECT = 'http://127.0.0.1:49152/callback';

describe('OAuth', () => {
  let emulator: DriveEmulator;
  const verifier = randomBytes(48).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const { clientId, clientSecret } = DEFAULT_CLIENT;

  before(async () => {
    emulator = await startDriveEmulator();
  });
  after(() => emulator.stop());

  async function authorize(over: Record<string, string> = {}): Promise<{ status: number; to: URLSearchParams }> {
    const query = new URLSearchParams({
      ...{ client_id: clientId, redirect_uri: REDIRECT, response_type: 'code', scope: DRIVE_FILE_SCOPE, state: 's1' },
      ...{ code_challenge: challenge, code_challenge_method: 'S256', ...over },
    });
    const response = await fetch(`${emulator.authUrl}?${query.toString()}`, { redirect: 'manual' });
    const location = response.headers.get('location');
    return { status: response.status, to: location === null ? new URLSearchParams() : new URL(location).searchParams };
  }

  async function post(
    url: string,
    form: Record<string, string>,
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  function redeem(
    code: string,
    over: Record<string, string> = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    return post(emulator.tokenUrl, {
      ...{ grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier },
      ...{ client_id: clientId, client_secret: clientSecret, ...over },
    });
  }

  function renew(
    refreshToken: string,
    over: Record<string, string> = {},
  ): Promise<{ status: number; json: Record<string, unknown> }> {
    const form = {
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
      client_id: clientId,
      client_secret: clientSecret,
    };
    return post(emulator.tokenUrl, { ...form, ...over });
  }

  async function status(token: unknown): Promise<number> {
    return (await new DriveClient(emulator, String(token)).request('GET', 'files')).status;
  }

  it('gives a code for a consent, and tokens for the code with its verifier', async () => {
    const { status: redirect, to } = await authorize();
    assert.deepEqual([redirect, to.get('state'), to.get('scope')], [302, 's1', DRIVE_FILE_SCOPE]);
    const code = to.get('code') ?? '';
    assert.equal((await redeem(code, { code_verifier: 'wrong' })).json['error'], 'invalid_grant');
    assert.equal((await redeem(code, { redirect_uri: `${REDIRECT}/` })).json['error'], 'redirect_uri_mismatch');
    const tokens = await redeem(code);
    assert.equal(tokens.status, 200);
    assert.equal(tokens.json['token_type'], 'Bearer');
    assert.equal(await status(tokens.json['access_token']), 200);
    assert.equal((await redeem(code)).json['error'], 'invalid_grant', 'a code works once');
  });

  it('refuses codes that are old, unknown clients, wrong secrets and foreign redirects', async () => {
    const code = (await authorize()).to.get('code') ?? '';
    emulator.clock.advance({ minutes: 11 });
    assert.equal((await redeem(code)).json['error'], 'invalid_grant');
    const unknown = await redeem(code, { client_id: 'nobody' });
    assert.deepEqual([unknown.status, unknown.json['error']], [401, 'invalid_client']);
    const secret = await redeem(code, { client_secret: 'wrong' });
    assert.deepEqual([secret.status, secret.json['error']], [401, 'invalid_client']);
    assert.equal((await authorize({ redirect_uri: 'https://evil.example/' })).status, 400);
    assert.equal((await authorize({ client_id: 'nobody' })).status, 401);
  });

  it('brings back a refusal, and scopes that were unticked', async () => {
    emulator.oauth.consent = { kind: 'deny' };
    const denied = (await authorize()).to;
    assert.deepEqual([denied.get('error'), denied.get('state'), denied.get('code')], ['access_denied', 's1', null]);
    emulator.oauth.consent = { kind: 'allow', scopes: [DRIVE_FILE_SCOPE] };
    const { to } = await authorize({ scope: `${DRIVE_SCOPE} ${DRIVE_FILE_SCOPE}` });
    assert.equal(to.get('scope'), DRIVE_FILE_SCOPE);
    emulator.oauth.consent = { kind: 'allow' };
  });

  it('lets access tokens end after an hour, and renews them', async () => {
    const { accessToken, refreshToken } = emulator.signIn();
    emulator.clock.advance({ minutes: 59 });
    assert.equal(await status(accessToken), 200);
    emulator.clock.advance({ minutes: 2 });
    assert.equal(await status(accessToken), 401);
    const renewed = await renew(refreshToken);
    assert.equal(await status(renewed.json['access_token']), 200);
    assert.equal(renewed.json['refresh_token'], undefined);
  });

  it('answers invalid_grant once the grant was revoked, by either token, by the person, or by time', async () => {
    const first = emulator.signIn();
    assert.equal((await post(emulator.revokeUrl, { token: first.accessToken })).status, 200);
    assert.equal((await renew(first.refreshToken)).json['error'], 'invalid_grant');
    const second = emulator.signIn();
    assert.equal((await post(emulator.revokeUrl, { token: second.refreshToken })).status, 200);
    assert.equal(await status(second.accessToken), 401);
    assert.equal((await post(emulator.revokeUrl, { token: 'unknown' })).status, 400);
    const third = emulator.signIn();
    emulator.oauth.revokeAccess(DEFAULT_EMAIL);
    const refused = await renew(third.refreshToken);
    assert.deepEqual([refused.status, refused.json['error']], [400, 'invalid_grant']);
    emulator.oauth.refreshTokenLifetime = 7 * 86_400_000;
    const testing = emulator.signIn();
    emulator.clock.advance({ days: 6 });
    assert.equal((await renew(testing.refreshToken)).status, 200);
    emulator.clock.advance({ days: 2 });
    assert.equal((await renew(testing.refreshToken)).json['error'], 'invalid_grant');
  });

  it('answers 401 in Google\u2019s shape without a token', async () => {
    const answer = await new DriveClient(emulator, undefined).request('GET', 'files');
    assert.equal(answer.status, 401);
    assert.deepEqual(answer.json, {
      error: {
        code: 401,
        message: 'Invalid Credentials',
        errors: [
          {
            domain: 'global',
            reason: 'authError',
            message: 'Invalid Credentials',
            location: 'Authorization',
            locationType: 'header',
          },
        ],
        status: 'UNAUTHENTICATED',
      },
    });
  });

  it('takes a service account\u2019s signed assertion, and no crooked one', async () => {
    const key = emulator.addServiceAccount('robot@project.iam.gserviceaccount.com');
    const seconds = Math.floor(emulator.clock.now() / 1000);
    const claims = { iss: key.client_email, scope: DRIVE_SCOPE, aud: key.token_uri, iat: seconds, exp: seconds + 3600 };
    const ask = (
      over: Record<string, unknown> = {},
      secret = key.private_key,
    ): Promise<{ json: Record<string, unknown> }> =>
      post(key.token_uri, {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: signed(key, { ...claims, ...over }, secret),
      });
    const tokens = await ask();
    assert.equal(await status(tokens.json['access_token']), 200);
    const other = emulator.addServiceAccount('other@project.iam.gserviceaccount.com');
    assert.match(String((await ask({}, other.private_key)).json['error_description']), /Signature/);
    for (const times of [
      { iat: seconds - 7200, exp: seconds - 3600 },
      { exp: seconds + 3601 },
      { iat: seconds + 900, exp: seconds + 1000 },
    ]) {
      assert.match(String((await ask(times)).json['error_description']), /short-lived/);
    }
    assert.equal((await ask({ iss: 'nobody' })).json['error'], 'invalid_grant');
    assert.equal((await ask({ sub: DEFAULT_EMAIL })).json['error'], 'unauthorized_client');
  });
});

function signed(key: ServiceAccountKey, claims: Record<string, unknown>, secret: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id })}.${part(claims)}`;
  return `${text}.${createSign('sha256').update(text).sign(secret, 'base64url')}`;
}
