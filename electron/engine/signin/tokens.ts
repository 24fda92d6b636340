import { request } from 'undici';
import { z } from 'zod';
import type { Clock, Instant } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';

/** What the token endpoint gives. https://developers.google.com/identity/protocols/oauth2/native-app#exchange-authorization-code */
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).optional(),
  scope: z.string().default(''),
});

const errorAnswer = z.object({ error: z.string(), error_description: z.string().default('') });

const answerMs = 30_000;
/** Clocks further apart than this are told of: Google refuses assertions from a wrong clock. */
const skewMs = 5 * 60_000;

export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Instant;
  readonly refreshToken: string | undefined;
  readonly scopes: readonly string[];
}

/** What was asked of the token endpoint, for what its refusal means. */
export type TokenPurpose = 'redeem' | 'refresh' | 'service-account';

/**
 * Asks the token endpoint.
 * Errors: `store-unreachable`, `store-busy`; `store-wrong-key` for a client or key that Google does not know;
 * `store-sign-in-ended` for a grant that has ended; `store-clock-skew` where this computer's clock is wrong.
 */
export async function askForToken(
  tokenUrl: string,
  form: Readonly<Record<string, string>>,
  purpose: TokenPurpose,
  clock: Clock,
  signal: AbortSignal,
): Promise<AccessToken> {
  let status: number;
  let date: string | undefined;
  let text: string;
  try {
    const answer = await request(tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      headersTimeout: answerMs,
      bodyTimeout: answerMs,
      signal,
    });
    status = answer.statusCode;
    const header = answer.headers['date'];
    date = Array.isArray(header) ? header[0] : header;
    text = await answer.body.text();
  } catch (error) {
    throw signal.aborted ? cancelled() : unreachable(error);
  }
  if (status >= 500 || status === 429) {
    throw new StrongroomError('store-busy', `Google's sign-in service could not answer now (${status}).`, {
      advice: 'Strongroom tries again by itself.',
    });
  }
  const parsed = status >= 200 && status < 300 ? tokenAnswer.safeParse(json(text)) : undefined;
  if (parsed?.success === true) {
    const { access_token: token, expires_in: seconds, refresh_token: refreshToken, scope } = parsed.data;
    return { token, expiresAt: clock.now() + seconds * 1000, refreshToken, scopes: scope.split(' ') };
  }
  throw refusal(json(text), status, date, purpose, clock);
}

function refusal(
  answer: unknown,
  status: number,
  date: string | undefined,
  purpose: TokenPurpose,
  clock: Clock,
): StrongroomError {
  const { data } = errorAnswer.safeParse(answer);
  const theirs = Date.parse(date ?? '');
  const apart = Number.isNaN(theirs) ? 0 : Math.abs(theirs - clock.now());
  // A wrong clock is told from a bad key by the time that Google's answer bears, and not by its words.
  if (apart > skewMs) {
    const minutes = Math.round(apart / 60_000);
    return new StrongroomError(
      'store-clock-skew',
      `The clock of this computer and that of Google differ by ${minutes} minutes.`,
      { advice: 'Set the clock of this computer (date, time and time zone), then try again.' },
    );
  }
  switch (data?.error) {
    case 'invalid_client':
    case 'deleted_client':
    case 'unauthorized_client':
      return wrongClient(purpose);
    case 'invalid_grant':
      return purpose === 'service-account' ? wrongClient(purpose) : ended(purpose);
    case 'access_denied':
    case 'admin_policy_enforced':
      return new StrongroomError('store-no-permission', 'The Google Workspace administrators do not allow this app.', {
        advice: 'Ask the Google Workspace administrator to trust the app of Strongroom (Security, API controls).',
      });
    default:
      return new StrongroomError(
        'store-answer',
        `Google's sign-in service answered in an unexpected way (${status} ${data?.error ?? ''}).`,
        { advice: 'Sign in again. If that does not help, show this message to the administrator.' },
      );
  }
}

function wrongClient(purpose: TokenPurpose): StrongroomError {
  return purpose === 'service-account'
    ? new StrongroomError('store-wrong-key', 'Google does not accept the key of the service account.', {
        advice: 'The key or the account may have been deleted. Create a new key file and give it to Strongroom.',
      })
    : new StrongroomError('store-wrong-key', 'Google does not know the client id, or its secret is wrong.', {
        advice: 'Compare both with those in the Google Cloud console, and enter them again.',
      });
}

function ended(purpose: TokenPurpose): StrongroomError {
  return purpose === 'redeem'
    ? new StrongroomError('store-sign-in-ended', 'Google did not accept the sign-in any more: it took too long.', {
        advice: 'Sign in again, and finish within ten minutes.',
      })
    : new StrongroomError('store-sign-in-ended', 'The sign-in to Google Drive has ended or was taken back.', {
        advice: 'Sign in again. The work goes on afterwards where it stopped.',
      });
}

function unreachable(cause: unknown): StrongroomError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return new StrongroomError('store-unreachable', `Google's sign-in service cannot be reached${code}.`, {
    advice: 'Check the network. Strongroom tries again by itself.',
  });
}

export function cancelled(): StrongroomError {
  return new StrongroomError('cancelled', 'The sign-in was cancelled.');
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
