/**
 * Google's error answers. The shape and the reasons are those of
 * https://developers.google.com/workspace/drive/api/guides/handle-errors; where that page names none, the reason is the
 * one that Google's service is seen to give, and `README.md` says so.
 */

/** Where in the request the fault lies, as Google names it. */
interface ErrorLocation {
  readonly location: string;
  readonly locationType: 'parameter' | 'header';
}

/** A refusal in Google's shape: `{error: {code, message, errors: [{domain, reason, message, location…}]}}`. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly domain: string;
  readonly place: ErrorLocation | undefined;
  readonly status: string | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: number,
    reason: string,
    message: string,
    more: { domain?: string; place?: ErrorLocation; status?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.reason = reason;
    this.domain = more.domain ?? 'global';
    this.place = more.place;
    this.status = more.status;
    this.headers = more.headers ?? {};
  }

  /** The body to send. */
  body(): string {
    const detail = { domain: this.domain, reason: this.reason, message: this.message, ...this.place };
    const status = this.status === undefined ? {} : { status: this.status };
    return JSON.stringify({ error: { code: this.code, message: this.message, errors: [detail], ...status } });
  }
}

/** The upload server's own answers, which are plain text and not Google's JSON. */
export class UploadError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'UploadError';
    this.code = code;
  }
}

/** 404 for a file that is not there, that the caller may not see, or that wants `supportsAllDrives=true`. */
export function fileNotFound(id: string): ApiError {
  return new ApiError(404, 'notFound', `File not found: ${id}.`, {
    place: { location: 'fileId', locationType: 'parameter' },
  });
}

/** 404 for a shared drive that is not there or of which the caller is no member. */
export function driveNotFound(id: string): ApiError {
  return new ApiError(404, 'notFound', `Shared drive not found: ${id}`, {
    place: { location: 'driveId', locationType: 'parameter' },
  });
}

/** 404 for a revision. */
export function revisionNotFound(id: string): ApiError {
  return new ApiError(404, 'notFound', `Revision not found: ${id}.`, {
    place: { location: 'revisionId', locationType: 'parameter' },
  });
}

/** 400 with the general reason. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, 'badRequest', message);
}

/** 400 `Invalid Value` at a parameter: what a bad `q`, `orderBy` or `pageToken` gets. */
export function invalidValue(parameter: string): ApiError {
  return new ApiError(400, 'invalid', 'Invalid Value', { place: { location: parameter, locationType: 'parameter' } });
}

/** 400 for a value that is not of the parameter's type or range. */
export function invalidParameter(parameter: string, message: string): ApiError {
  return new ApiError(400, 'invalidParameter', message, {
    place: { location: parameter, locationType: 'parameter' },
  });
}

/** 400 for a required parameter that is missing. */
export function requiredParameter(parameter: string, message = `Required parameter: ${parameter}`): ApiError {
  return new ApiError(400, 'required', message, { place: { location: parameter, locationType: 'parameter' } });
}

/** 400 for a name that the method or the schema does not have, as Google's front end words it. */
export function unknownName(name: string, what: 'parameter' | 'field'): ApiError {
  const rest =
    what === 'parameter'
      ? `Cannot bind query parameter. Field '${name}' could not be found in request message.`
      : 'Cannot find field.';
  return new ApiError(400, 'badRequest', `Invalid JSON payload received. Unknown name "${name}": ${rest}`, {
    status: 'INVALID_ARGUMENT',
  });
}

/** 403 for a body that sets what only Google sets. */
export function fieldNotWritable(
  message = 'The resource body includes fields which are not directly writable.',
): ApiError {
  return new ApiError(403, 'fieldNotWritable', message);
}

/** 403 for a caller who can see the file but may not do this to it. */
export function insufficientFilePermissions(id: string): ApiError {
  return new ApiError(
    403,
    'insufficientFilePermissions',
    `The user does not have sufficient permissions for file ${id}.`,
  );
}

/** 401 for a missing, unknown, expired or revoked access token. */
export function invalidCredentials(): ApiError {
  return new ApiError(401, 'authError', 'Invalid Credentials', {
    place: { location: 'Authorization', locationType: 'header' },
    status: 'UNAUTHENTICATED',
    headers: { 'WWW-Authenticate': 'Bearer realm="https://accounts.google.com/", error="invalid_token"' },
  });
}

/** 403 for a token whose scopes do not cover the method. */
export function insufficientScopes(): ApiError {
  return new ApiError(
    403,
    'insufficientPermissions',
    'Insufficient Permission: Request had insufficient authentication scopes.',
    {
      status: 'PERMISSION_DENIED',
      headers: { 'WWW-Authenticate': 'Bearer realm="https://accounts.google.com/", error="insufficient_scope"' },
    },
  );
}

const LIMIT_MESSAGES = {
  rateLimitExceeded: [403, 'usageLimits', 'Rate Limit Exceeded'],
  userRateLimitExceeded: [403, 'usageLimits', 'User Rate Limit Exceeded'],
  dailyLimitExceeded: [403, 'usageLimits', 'Daily Limit Exceeded'],
  sharingRateLimitExceeded: [403, 'global', 'Rate Limit Exceeded'],
  storageQuotaExceeded: [403, 'global', "The user's Drive storage quota has been exceeded."],
  teamDriveFileLimitExceeded: [403, 'global', 'The file limit for this shared drive has been exceeded.'],
  teamDriveHierarchyTooDeep: [403, 'global', 'The shared drive hierarchy depth will exceed the limit.'],
  myDriveHierarchyDepthLimitExceeded: [403, 'global', "Your My Drive can't contain more than 100 levels of folders."],
  numChildrenInNonRootLimitExceeded: [
    403,
    'global',
    "The limit for this folder's number of children (files and folders) has been exceeded.",
  ],
  domainPolicy: [403, 'global', 'The domain administrators have disabled Drive apps.'],
  appNotAuthorizedToFile: [403, 'global', 'The user has not granted the app access to the file.'],
  downloadQuotaExceeded: [403, 'usageLimits', 'The download quota for this file has been exceeded.'],
  backendError: [500, 'global', 'Backend Error'],
  internalError: [500, 'global', 'Internal Error'],
} as const satisfies Record<string, readonly [number, string, string]>;

/** A reason for which {@link limitError} knows Google's status and message. */
type LimitReason = keyof typeof LIMIT_MESSAGES;

/** A refusal by its reason alone, with the status and message of Google's page. */
export function limitError(
  reason: LimitReason,
  over: { code?: number; message?: string; headers?: Readonly<Record<string, string>> } = {},
): ApiError {
  const [code, domain, message] = LIMIT_MESSAGES[reason];
  return new ApiError(over.code ?? code, reason, over.message ?? message, {
    domain,
    ...(over.headers === undefined ? {} : { headers: over.headers }),
  });
}

/** Whether {@link limitError} knows this reason. */
export function isLimitReason(reason: string): reason is LimitReason {
  return Object.hasOwn(LIMIT_MESSAGES, reason);
}
