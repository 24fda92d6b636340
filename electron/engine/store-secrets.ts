import { z } from 'zod';
import { StrongroomError } from '../../shared/errors.ts';
import type { Clock } from '../../shared/domain.ts';
import type { StoreSpec } from '../../shared/spec.ts';
import type { Secrets } from './secrets/secrets.ts';
import { driveCredential, googleEndpoints, type OAuthEndpoints } from './signin/client.ts';
import { sleep } from './stores/decorators/sleep.ts';
import type { OpenStoreOptions } from './stores/open.ts';

/** What is kept among the secrets for one store: an access key for S3, or a sign-in for Google Drive. */
export const storeSecret = z.union([
  z.strictObject({
    kind: z.literal('key'),
    accessKeyId: z.string().min(1),
    secretAccessKey: z.string().min(1),
    sessionToken: z.string().min(1).optional(),
  }),
  driveCredential,
]);
export type StoreSecret = z.infer<typeof storeSecret>;

/** Error: `secret-missing` where what is kept cannot be used any more. */
export function parseStoreSecret(store: string, text: string): StoreSecret {
  try {
    return storeSecret.parse(JSON.parse(text));
  } catch {
    // Without the cause: what a parser says quotes what it read.
    throw new StrongroomError('secret-missing', `What was kept to sign in to the store "${store}" cannot be read.`, {
      subject: store,
      advice: `Give it again: strongroom store key ${store}.`,
    });
  }
}

/** Where Google signs people in; a stand-in on this computer (see `driveSpec`) brings its own. */
export function endpointsOf(spec: StoreSpec): OAuthEndpoints {
  if (spec.kind !== 'drive' || spec.endpoint === undefined) return googleEndpoints;
  const root = spec.endpoint.replace(/\/$/, '');
  return { authUrl: `${root}/o/oauth2/v2/auth`, tokenUrl: `${root}/token`, revokeUrl: `${root}/revoke` };
}

/**
 * What an adapter is opened with besides its spec. Error: `secret-missing` where the secret is of another kind of store.
 */
export async function adapterParts(
  spec: StoreSpec,
  secret: StoreSecret | undefined,
  clock: Clock,
  secrets: () => Promise<Secrets>,
  onNotice: (text: string) => void,
): Promise<Pick<OpenStoreOptions, 'credentials' | 'drive'>> {
  if (secret === undefined || spec.kind === 'folder') return {};
  if (spec.kind === 's3' && secret.kind === 'key') {
    const { accessKeyId, secretAccessKey, sessionToken } = secret;
    return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } };
  }
  if (spec.kind === 'drive' && secret.kind !== 'key') {
    // Loaded when it is needed: its HTTP client takes longer to load than most commands take.
    const { GoogleAccess } = await import('./signin/access.ts');
    return {
      drive: {
        access: new GoogleAccess(secret, { clock, sleep, endpoints: endpointsOf(spec) }),
        sealer: {
          seal: async (name, bytes) => (await secrets()).seal(name, bytes),
          open: async (name, sealed) => (await secrets()).open(name, sealed),
        },
        egress: {
          onNotice: ({ kind, until }) =>
            onNotice(
              kind === 'waiting'
                ? `Google gives out no more today; reading goes on at ${new Date(until ?? clock.now()).toISOString()}.`
                : 'Most of what Google gives out in a day has been read.',
            ),
        },
      },
    };
  }
  throw new StrongroomError('secret-missing', 'What was given to sign in with is of another kind of store.', {
    advice:
      spec.kind === 'drive'
        ? 'Name a client (--client) or the key file of a service account (--key-file).'
        : 'Give an access key: --ask-key or --key-file.',
  });
}
