import type { Clock } from '../../../../shared/domain.ts';
import { StrongroomError, type ErrorCode, type ErrorDetails } from '../../../../shared/errors.ts';
import { errorBody } from './schema.ts';

/** A failure of Drive in Strongroom's terms, with the status and reason that it was translated from. */
export class DriveError extends StrongroomError {
  readonly status: number | undefined;
  readonly reason: string | undefined;

  constructor(code: ErrorCode, message: string, failure: Failure, details: ErrorDetails) {
    super(code, message, details);
    this.status = failure.status;
    this.reason = failure.reason;
  }
}

/** What is known of a failure before it is translated. */
export interface Failure {
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined;
  /** Google's reason (`errors[0].reason`), or the error code of the network layer. */
  readonly reason?: string | undefined;
  /** Google's own words; for the message only. */
  readonly words?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** What was attempted, for the message. */
export interface Attempt {
  /** As a person would say it: "create a file". */
  readonly action: string;
  /** The file, as a person knows it; absent where the store itself is concerned. */
  readonly subject?: string | undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly says: (place: string, attempt: Attempt, failure: Failure) => string;
  readonly advice: string;
}

const waitAdvice = 'Strongroom tries again by itself.';

const busy: Meaning = {
  code: 'store-busy',
  says: (place, attempt, failure) => `${place} could not ${attempt.action}${of(attempt)} now (${told(failure)}).`,
  advice: waitAdvice,
};
const unreachable: Meaning = {
  code: 'store-unreachable',
  says: (place, _attempt, failure) => `${place} cannot be reached (${told(failure)}).`,
  advice: `Check the network. ${waitAdvice}`,
};
const signInEnded: Meaning = {
  code: 'store-sign-in-ended',
  says: (place) => `The sign-in to ${place} has ended.`,
  advice: 'Sign in again. The work goes on afterwards where it stopped.',
};
const noPermission: Meaning = {
  code: 'store-no-permission',
  says: (place, attempt, failure) =>
    `${place} does not let this account ${attempt.action}${of(attempt)} (${told(failure)}).`,
  advice:
    'Ask a manager of the shared drive to make this account a content manager, or the owner of the folder to share it for editing.',
};
const missing: Meaning = {
  code: 'copy-missing',
  says: (place, attempt) => `${attempt.subject ?? 'The file'} is not in ${place}, or this account may not see it.`,
  advice: 'Run an audit, which restores missing copies from another store.',
};
const tooDeep: Meaning = {
  code: 'store-unsupported',
  says: (place) => `The folder of ${place} lies so deep that Drive allows no more folders below it.`,
  advice: 'Drive allows 100 levels of folders. Choose a folder nearer to the top for this store.',
};
const certificate: Meaning = {
  code: 'store-unsupported',
  says: (place, _attempt, failure) => `The certificate of ${place} cannot be trusted (${told(failure)}).`,
  advice:
    'Ask the network team whether a filter between this computer and Google replaces certificates; Google must be reached directly.',
};

/**
 * By Google's reason, which says more than the status and goes first.
 * https://developers.google.com/workspace/drive/api/guides/handle-errors
 */
const byReason: Readonly<Record<string, Meaning>> = {
  rateLimitExceeded: busy,
  userRateLimitExceeded: busy,
  sharingRateLimitExceeded: busy,
  downloadQuotaExceeded: busy,
  backendError: busy,
  internalError: busy,
  transientError: busy,
  authError: signInEnded,
  required: signInEnded,
  storageQuotaExceeded: {
    code: 'store-full',
    says: (place) => `${place} is full: the storage of the account or institution is used up.`,
    advice:
      'Free space in Google Drive or ask for more storage, then start the run again. A service account has no storage of its own: give it a folder in a shared drive.',
  },
  dailyLimitExceeded: {
    code: 'store-full',
    says: (place) => `The Google Cloud project of this sign-in has used up what ${place} allows it in a day.`,
    advice: 'It goes on tomorrow. The administrator can ask for a higher quota in the Google Cloud console.',
  },
  teamDriveFileLimitExceeded: {
    code: 'store-full',
    says: (place) => `The shared drive of ${place} holds as many items as Google allows (500,000, its trash included).`,
    advice: 'Empty the trash of the shared drive, or protect some sources to another shared drive.',
  },
  numChildrenInNonRootLimitExceeded: {
    code: 'store-full',
    says: (place, attempt) => `A folder of ${place} holds as many items as Google allows (500,000)${of(attempt)}.`,
    advice: 'Divide the folder of the source into several.',
  },
  teamDriveHierarchyTooDeep: tooDeep,
  myDriveHierarchyDepthLimitExceeded: tooDeep,
  domainPolicy: {
    code: 'store-no-permission',
    says: (place) => `The administrators of the Google domain do not allow apps to use ${place}.`,
    advice: 'Ask the Google Workspace administrator to trust the app of Strongroom (Security, API controls).',
  },
  insufficientPermissions: {
    code: 'store-no-permission',
    says: (place) => `The sign-in to ${place} does not include the permission to work with files.`,
    advice: "Sign in again and leave the box for Google Drive ticked on Google's page.",
  },
  appNotAuthorizedToFile: {
    code: 'store-no-permission',
    says: (place, attempt) => `Strongroom has no access to ${attempt.subject ?? 'the folder'} in ${place}.`,
    advice:
      'With the permission "only files of this app", Strongroom sees no folder that people made: use a folder that it made, or sign in with access to all files.',
  },
  accessNotConfigured: {
    code: 'store-no-permission',
    says: (place) => `The Google Drive API is not turned on in the project whose client is used for ${place}.`,
    advice: 'Ask the administrator to enable the Google Drive API for that project in the Google Cloud console.',
  },
  insufficientFilePermissions: noPermission,
  insufficientParentPermissions: noPermission,
  teamDriveMembershipRequired: noPermission,
  notFound: missing,
  fileNotFound: missing,
};

const certificateCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_UNTRUSTED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

const answer: Meaning = {
  code: 'store-answer',
  says: (place, attempt, failure) =>
    `${place} answered in an unexpected way when it was asked to ${attempt.action}${of(attempt)} (${told(failure)}).`,
  advice: 'Run "strongroom store check" for this store.',
};

/** The reasons that ask for a slower pace. https://developers.google.com/workspace/drive/api/guides/limits */
const rateReasons = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'sharingRateLimitExceeded']);

/** Whether Drive refused because of the pace, before doing anything. */
export function isRateRefusal(error: DriveError): boolean {
  return error.status === 429 || (error.status === 403 && rateReasons.has(error.reason ?? ''));
}

/** @param place what the store is to a person, as in `Google Drive`. */
export function translate(failure: Failure, place: string, attempt: Attempt): DriveError {
  const meaning = meaningOf(failure, attempt);
  return new DriveError(meaning.code, capital(meaning.says(place, attempt, failure)), failure, {
    advice: meaning.advice,
    cause: failure.cause,
    ...(attempt.subject === undefined ? {} : { subject: attempt.subject }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
}

function meaningOf(failure: Failure, attempt: Attempt): Meaning {
  const { status, reason } = failure;
  if (status === undefined) return certificateCodes.has(reason ?? '') ? certificate : unreachable;
  // A 2xx whose body is damaged or cut was so on the way.
  if (status < 300) return unreachable;
  if (status === 401) return signInEnded;
  if (status >= 500 || status === 429 || status === 408) return busy;
  if (reason !== undefined && reason !== 'required' && Object.hasOwn(byReason, reason)) {
    const meaning = byReason[reason];
    if (meaning !== undefined) return meaning.code === 'copy-missing' ? missingOr(attempt) : meaning;
  }
  if (status === 404 || status === 410) return missingOr(attempt);
  return status === 403 ? noPermission : answer;
}

function missingOr(attempt: Attempt): Meaning {
  if (attempt.subject !== undefined) return missing;
  return {
    code: 'store-not-found',
    says: (place) => `The folder of ${place} is not there, or this account may not see it.`,
    advice: 'Check the address of the store, and whether the folder or shared drive is shared with this account.',
  };
}

function of(attempt: Attempt): string {
  return attempt.subject === undefined ? '' : ` (${attempt.subject})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function told(failure: Failure): string {
  const parts = [failure.status?.toString(), failure.reason, failure.words].filter((part) => part !== undefined);
  return parts.length === 0 ? 'no reason given' : parts.join(' ');
}

/** Milliseconds of a Retry-After header: seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function retryAfterMs(header: string | undefined, clock: Clock): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - clock.now());
}

/** Google's error document, as far as it is needed. The upload server's plain text says nothing that decides. */
export function parseErrorBody(text: string): Pick<Failure, 'reason' | 'words'> {
  try {
    const { error } = errorBody.parse(JSON.parse(text));
    return { reason: error.errors[0]?.reason ?? error.status, words: error.message };
  } catch {
    return {};
  }
}

/** What an error of a connection says. The code may lie with one of its causes. */
export function failureOfNetwork(error: unknown): Failure {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code;
    if (typeof code === 'string') return { reason: code };
  }
  return { reason: error instanceof Error ? error.name : undefined };
}

/** The error of a call that `signal` ended. */
export function cancelled(): StrongroomError {
  return new StrongroomError('cancelled', 'The work with Google Drive was cancelled.');
}

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

/** The error where the bytes of a file are not those of the version that was to be stored. */
export function fileChanging(subject: string): StrongroomError {
  return new StrongroomError('file-changing', `${subject} changed while it was being sent.`, {
    advice: 'Strongroom looks at it again in the next run.',
    subject,
  });
}
