import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError, type ErrorCode, type ErrorDetails } from '../../../../shared/errors.ts';

/** A failure of S3 in Strongroom's terms, with the status and code that it was translated from. */
export class S3Error extends StrongroomError {
  readonly status: number | undefined;
  readonly s3Code: string | undefined;
  /** The version id of the delete marker that was met ('' where it was not told). */
  readonly deletion: string | undefined;

  constructor(code: ErrorCode, message: string, failure: Failure, details: ErrorDetails) {
    super(code, message, details);
    this.status = failure.status;
    this.s3Code = failure.code;
    this.deletion = failure.deletion;
  }
}

/** What is known of a failure before it is translated. */
export interface Failure {
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** The `Code` of S3's error document, or the error code of the network layer. */
  readonly code?: string | undefined;
  /** S3's own words; for the message only. */
  readonly words?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** The region that a redirect names. */
  readonly region?: string | undefined;
  /** The version id of the delete marker that was met ('' where it was not told). */
  readonly deletion?: string | undefined;
  readonly cause?: unknown;
}

/** What was attempted, for the message. */
export interface Attempt {
  /** The permission that it needs, as IAM calls it: `s3:PutObject`. */
  readonly action: string;
  /** The object, as a person knows it; absent where the bucket itself is concerned. */
  readonly subject?: string | undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly says: (place: string, attempt: Attempt, failure: Failure) => string;
  readonly advice: string | ((attempt: Attempt, failure: Failure) => string);
}

const waitAdvice = 'Strongroom tries again by itself.';
const keyAdvice = 'Check the access key and the secret key of this store, and enter them again.';

const wrongKey: Meaning = {
  code: 'store-wrong-key',
  says: (place) => `The ${place} does not accept the access key.`,
  advice: keyAdvice,
};
const signInEnded: Meaning = {
  code: 'store-sign-in-ended',
  says: (place) => `The sign-in to the ${place} has ended.`,
  advice: 'Sign in again (for AWS IAM Identity Center: aws sso login), then start Strongroom again.',
};
const noPermission: Meaning = {
  code: 'store-no-permission',
  says: (place, attempt) => `The ${place} does not allow ${attempt.action}${of(attempt)}.`,
  advice: (attempt) =>
    `Ask the administrator of the bucket to allow ${attempt.action}; "strongroom store policy" prints all that is needed.`,
};
const busy: Meaning = {
  code: 'store-busy',
  says: (place, attempt, failure) =>
    `The ${place} could not serve ${attempt.action}${of(attempt)} now (${reason(failure)}).`,
  advice: waitAdvice,
};
const damagedOnTheWay: Meaning = {
  code: 'store-busy',
  says: (place, attempt) => `Bytes${of(attempt)} were damaged on the way to the ${place}, which refused them.`,
  advice: waitAdvice,
};
const unreachable: Meaning = {
  code: 'store-unreachable',
  says: (place, _attempt, failure) => `The ${place} cannot be reached (${reason(failure)}).`,
  advice: 'Check the network and the address of the store. ' + waitAdvice,
};
const archived: Meaning = {
  code: 'copy-archived',
  says: (place, attempt) => `${attempt.subject ?? 'The object'} lies in the archive of the ${place}.`,
  advice: 'Thaw it first; that takes minutes to days, depending on the storage class.',
};
const missing: Meaning = {
  code: 'copy-missing',
  says: (place, attempt) => `${attempt.subject ?? 'The object'} is not in the ${place}.`,
  advice: 'Run an audit, which restores missing copies from another store.',
};
const conflict: Meaning = {
  code: 'copy-conflict',
  says: (place, attempt) =>
    `${attempt.subject ?? 'The object'} in the ${place} was written by somebody else meanwhile.`,
  advice: 'See which other workstation works with this store.',
};
const unsupported: Meaning = {
  code: 'store-unsupported',
  says: (place, attempt, failure) =>
    `The ${place} does not offer ${attempt.action}${of(attempt)} (${reason(failure)}).`,
  advice: 'Use a server or a setting that supports it: see "strongroom store check".',
};
const full: Meaning = {
  code: 'store-full',
  says: (place) => `The ${place} is full: its quota is used up.`,
  advice: 'Ask for a larger quota, then start the run again.',
};
const otherRegion: Meaning = {
  code: 'store-not-found',
  says: (place, _attempt, failure) => `The ${place} lies in ${failure.region ?? 'another region'}.`,
  advice: (_attempt, failure) => `Set region=${failure.region ?? '…'} in the address of the store.`,
};
const certificate: Meaning = {
  code: 'store-unsupported',
  says: (place, _attempt, failure) => `The certificate of the ${place} cannot be trusted (${reason(failure)}).`,
  advice:
    "Add ca=/path/of/the/authority.pem to the address of the store, with the certificate of the server's authority, or have the certificate renewed.",
};
const keyManagement: Meaning = {
  code: 'store-no-permission',
  says: (place, attempt, failure) =>
    `The encryption key of the ${place} cannot be used for ${attempt.action} (${reason(failure)}).`,
  advice: 'Check that the KMS key is enabled and that this user may use it (kms:GenerateDataKey, kms:Decrypt).',
};

/**
 * By S3's code. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * A code says more than its status and goes first.
 */
const byCode: Readonly<Record<string, Meaning>> = {
  InvalidAccessKeyId: wrongKey,
  SignatureDoesNotMatch: wrongKey,
  InvalidToken: wrongKey,
  ExpiredToken: signInEnded,
  TokenRefreshRequired: signInEnded,
  RequestTimeTooSkewed: {
    code: 'store-clock-skew',
    says: (place) => `The clock of this computer and that of the ${place} differ too much.`,
    advice: 'Set the clock of this computer (date, time and time zone).',
  },
  NoSuchBucket: {
    code: 'store-not-found',
    says: (place) => `There is no ${place}.`,
    advice: 'Check the name of the bucket, or create it.',
  },
  AccessDenied: noPermission,
  AllAccessDisabled: noPermission,
  AccountProblem: noPermission,
  MethodNotAllowed: unsupported,
  NotImplemented: unsupported,
  InvalidStorageClass: unsupported,
  NoSuchKey: missing,
  NoSuchVersion: missing,
  NotFound: missing,
  InvalidObjectState: archived,
  // What CopyObject says of such a source.
  ObjectNotInActiveTierError: archived,
  PreconditionFailed: conflict,
  ConditionalRequestConflict: busy,
  OperationAborted: busy,
  SlowDown: busy,
  ServiceUnavailable: busy,
  InternalError: busy,
  RequestTimeout: busy,
  RequestLimitExceeded: busy,
  Throttling: busy,
  ThrottlingException: busy,
  BadDigest: damagedOnTheWay,
  InvalidDigest: damagedOnTheWay,
  XAmzContentSHA256Mismatch: damagedOnTheWay,
  XAmzContentChecksumMismatch: damagedOnTheWay,
  IncompleteBody: damagedOnTheWay,
  QuotaExceeded: full,
  ServiceQuotaExceeded: full,
  XMinioStorageFull: full,
  InsufficientCapacity: full,
  PermanentRedirect: otherRegion,
  AuthorizationHeaderMalformed: otherRegion,
  IllegalLocationConstraintException: otherRegion,
  TemporaryRedirect: {
    code: 'store-busy',
    says: (place) => `The ${place} is new, and its name is not known everywhere yet.`,
    advice: waitAdvice,
  },
  'KMS.DisabledException': keyManagement,
  'KMS.NotFoundException': keyManagement,
  'KMS.InvalidStateException': keyManagement,
  'KMS.KMSInvalidStateException': keyManagement,
  'KMS.InvalidKeyUsageException': keyManagement,
  KMSAccessDeniedException: keyManagement,
  InvalidObjectLockConfiguration: unsupported,
};

/** By the network layer's code: Node's own, undici's and the SDK's. */
const byNetworkCode: Readonly<Record<string, Meaning>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  UNABLE_TO_GET_ISSUER_CERT: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  CERT_HAS_EXPIRED: certificate,
  CERT_NOT_YET_VALID: certificate,
  CERT_UNTRUSTED: certificate,
  ERR_TLS_CERT_ALTNAME_INVALID: certificate,
};

/** By status, where there is no code: HEAD's answers have no body. */
function byStatus(status: number, attempt: Attempt): Meaning | undefined {
  if (status === 301) return otherRegion;
  if (status === 307) return byCode['TemporaryRedirect'];
  if (status === 401 || status === 403) return noPermission;
  if (status === 404) return attempt.subject === undefined ? byCode['NoSuchBucket'] : missing;
  if (status === 405) return attempt.subject === undefined ? unsupported : missing;
  if (status === 409) return busy;
  if (status === 412) return conflict;
  if (status === 408 || status === 429) return busy;
  if (status === 501) return unsupported;
  if (status === 507) return full;
  if (status >= 500) return busy;
  return undefined;
}

const answer: Meaning = {
  code: 'store-answer',
  says: (place, attempt, failure) =>
    `The ${place} answered ${attempt.action}${of(attempt)} in an unexpected way (${reason(failure)}).`,
  advice: 'Run "strongroom store check" to see what this server supports.',
};

/**
 * @param place what the store is to a person, as in `bucket "scans" at https://s3.example.org`.
 */
export function translate(failure: Failure, place: string, attempt: Attempt): S3Error {
  const meaning = meaningOf(failure, attempt);
  const advice = typeof meaning.advice === 'string' ? meaning.advice : meaning.advice(attempt, failure);
  return new S3Error(meaning.code, meaning.says(place, attempt, failure), failure, {
    advice,
    cause: failure.cause,
    ...(attempt.subject === undefined ? {} : { subject: attempt.subject }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}

function meaningOf(failure: Failure, attempt: Attempt): Meaning {
  const { status, code } = failure;
  if (status === undefined) return (code === undefined ? undefined : byNetworkCode[code]) ?? unreachable;
  // A delete marker: what was asked for is no object. S3 answers with the code of an unknown method.
  if (status === 405 && attempt.subject !== undefined) return missing;
  if (code !== undefined && Object.hasOwn(byCode, code)) {
    const meaning = byCode[code];
    // A malformed header names a region only where the region is what is wrong with it.
    if (meaning !== undefined && (code !== 'AuthorizationHeaderMalformed' || failure.region !== undefined))
      return meaning;
  }
  // A 2xx whose body is an error or cannot be read was damaged or cut on the way.
  if (status < 300) return unreachable;
  return byStatus(status, attempt) ?? answer;
}

function of(attempt: Attempt): string {
  return attempt.subject === undefined ? '' : ` of ${attempt.subject}`;
}

function reason(failure: Failure): string {
  const parts = [failure.status?.toString(), failure.code, failure.words].filter(
    (part) => part !== undefined && part !== '',
  );
  return parts.length === 0 ? 'no reason given' : parts.join(' ');
}

/** Milliseconds of a Retry-After header: seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function retryAfterMs(header: string | undefined, clock: Clock): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}

/** S3's error document, as far as it is needed. */
export function parseErrorDocument(text: string): Pick<Failure, 'code' | 'words' | 'region'> {
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return { code: element('Code'), words: element('Message'), region: element('Region') };
}

/**
 * What an error thrown by the AWS SDK says. It is not kept as the cause: for a wrong signature S3 sends the request
 * back, session token and all.
 */
export function failureOfSdk(error: unknown, clock: Clock): Failure {
  const thrown = error as SdkError;
  const status = thrown.$metadata?.httpStatusCode ?? thrown.$response?.statusCode;
  if (status === undefined) return failureOfNetwork(error);
  const headers = thrown.$response?.headers ?? {};
  return {
    status,
    code: thrown.name,
    words: thrown.message,
    region: headers['x-amz-bucket-region'] ?? thrown.Region,
    retryAfterMs: retryAfterMs(headers['retry-after'], clock),
  };
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly Region?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> };
}

/** What an error of a connection says. The code may lie with one of its causes. */
export function failureOfNetwork(error: unknown): Failure {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return { code, cause: error };
  }
  const name = error instanceof Error ? error.name : undefined;
  return { code: name, cause: error };
}

/** The error of a call that `signal` ended. */
export function cancelled(): StrongroomError {
  return new StrongroomError('cancelled', 'The work with the S3 store was cancelled.');
}
