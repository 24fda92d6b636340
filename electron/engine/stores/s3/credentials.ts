import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { failureOfNetwork } from './errors.ts';
import type { S3Credentials } from './signing.ts';

/** Temporary keys are renewed this long before they end, so that no request is signed with a key that ends on the way. */
const renewBeforeMs = 5 * 60_000;

/** Gives the keys to sign with, renewed in time. Errors: `secret-missing`, `store-sign-in-ended`. */
export type CredentialSource = () => Promise<S3Credentials>;

/**
 * Keys that were given, or else those that the AWS SDK finds: environment, profile (IAM Identity Center included),
 * container, instance. https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
 */
export function credentialSource(
  given: S3Credentials | undefined,
  profile: string | undefined,
  clock: Clock,
): CredentialSource {
  if (given !== undefined) return () => Promise.resolve(given);
  let known: { readonly keys: S3Credentials; readonly until: number } | undefined;
  let asking: Promise<S3Credentials> | undefined;

  const ask = async (): Promise<S3Credentials> => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    try {
      const found = await fromNodeProviderChain(profile === undefined ? {} : { profile })();
      known = { keys: found, until: found.expiration?.getTime() ?? Infinity };
      return found;
    } catch (error) {
      throw await explain(error, profile);
    }
  };
  return async () => {
    if (known !== undefined && known.until - renewBeforeMs > clock.now()) return known.keys;
    asking ??= ask().finally(() => (asking = undefined));
    return await asking;
  };
}

/**
 * The SDK's error does not tell an ended sign-in from keys that were never there. The provider of sign-ins does: it
 * passes on (`tryNextLink`) only where the profile has no sign-in at all.
 */
async function explain(error: unknown, profile: string | undefined): Promise<StrongroomError> {
  const where = profile === undefined ? '' : ` in the profile "${profile}"`;
  const { fromSSO } = await import('@aws-sdk/credential-providers');
  try {
    await fromSSO(profile === undefined ? {} : { profile })();
  } catch (ofSignIn) {
    if ((ofSignIn as { tryNextLink?: boolean }).tryNextLink === false) {
      return new StrongroomError('store-sign-in-ended', `The AWS sign-in${where} has ended.`, {
        advice: `Sign in again: aws sso login${profile === undefined ? '' : ` --profile ${profile}`}`,
        cause: error,
      });
    }
  }
  if (failureOfNetwork(error).code === 'ENOTFOUND') {
    return new StrongroomError('store-unreachable', `The AWS keys${where} could not be fetched.`, { cause: error });
  }
  return new StrongroomError('secret-missing', `There are no AWS keys for this store${where}.`, {
    advice:
      'Give keys with "strongroom store add --ask-key", set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that holds them.',
    cause: error,
  });
}
