import { z } from 'zod';
import { StrongroomError } from '../../../shared/errors.ts';

/** Google's addresses for signing in; a test's stand-in has others. */
export interface OAuthEndpoints {
  readonly authUrl: string;
  readonly tokenUrl: string;
  readonly revokeUrl: string;
}

/** https://developers.google.com/identity/protocols/oauth2/native-app */
export const googleEndpoints: OAuthEndpoints = {
  authUrl: 'https://accounts.google.com/o/oauth2/v2/auth',
  tokenUrl: 'https://oauth2.googleapis.com/token',
  revokeUrl: 'https://oauth2.googleapis.com/revoke',
};

/**
 * What an app may do: see only files that it made or was given (which suffices for a second copy in My Drive), or all
 * files of the account (needed for folders and shared drives that people made).
 * https://developers.google.com/workspace/drive/api/guides/api-specific-auth
 */
export const driveScopes = {
  'own-files': 'https://www.googleapis.com/auth/drive.file',
  'all-files': 'https://www.googleapis.com/auth/drive',
} as const;
export type DriveScope = keyof typeof driveScopes;

/** The institution's own client, of the type "Desktop app". Its secret is none in Google's eyes, but is kept as one. */
export const oauthClient = z.object({ clientId: z.string().min(1), clientSecret: z.string().min(1) });
export type OAuthClient = z.infer<typeof oauthClient>;

const clientFile = z.object({
  installed: z.object({ client_id: z.string().min(1), client_secret: z.string().min(1) }),
});

const keyFile = z.object({
  type: z.literal('service_account'),
  client_email: z.string().min(3),
  private_key: z.string().includes('PRIVATE KEY'),
  private_key_id: z.string().optional(),
});

/** What is kept among the secrets for one store: enough to get access tokens for as long as Google allows it. */
export const driveCredential = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('person'),
    client: oauthClient,
    refreshToken: z.string().min(1),
    scope: z.enum(['own-files', 'all-files']),
  }),
  z.strictObject({
    kind: z.literal('service-account'),
    email: z.string().min(3),
    /** PEM, PKCS #8. */
    privateKey: z.string().min(1),
    keyId: z.string().optional(),
  }),
]);
export type DriveCredential = z.infer<typeof driveCredential>;
export type PersonCredential = Extract<DriveCredential, { kind: 'person' }>;
export type ServiceAccountCredential = Extract<DriveCredential, { kind: 'service-account' }>;

/** The text to keep as a secret; {@link parseCredential} reads it. */
export function formatCredential(credential: DriveCredential): string {
  return JSON.stringify(credential);
}

/** Errors: `secret-missing` for what is no credential: signing in again makes a new one. */
export function parseCredential(text: string): DriveCredential {
  try {
    return driveCredential.parse(JSON.parse(text));
  } catch {
    // Without the cause: what a parser says quotes what it read.
    throw new StrongroomError('secret-missing', 'The sign-in to Google Drive that was kept cannot be read.', {
      advice: 'Sign in again.',
    });
  }
}

/** The client of the file that Google's console gives out for a desktop app. Errors: `usage`. */
export function parseClientFile(text: string): OAuthClient {
  const parsed = clientFile.safeParse(json(text));
  if (!parsed.success) {
    throw new StrongroomError('usage', 'This is not the file of a client of the type "Desktop app".', {
      advice:
        'In the Google Cloud console, create an OAuth client of the type "Desktop app" and download its JSON file.',
    });
  }
  return { clientId: parsed.data.installed.client_id, clientSecret: parsed.data.installed.client_secret };
}

/** The credential of a service account's key file. The file is not needed any more afterwards. Errors: `usage`. */
export function parseKeyFile(text: string): ServiceAccountCredential {
  const parsed = keyFile.safeParse(json(text));
  if (!parsed.success) {
    throw new StrongroomError('usage', 'This is not the key file of a service account.', {
      advice: 'In the Google Cloud console, open the service account, and under "Keys" create a key of the type JSON.',
    });
  }
  const { client_email: email, private_key: privateKey, private_key_id: keyId } = parsed.data;
  return { kind: 'service-account', email, privateKey, ...(keyId === undefined ? {} : { keyId }) };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
