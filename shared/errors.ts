/**
 * The closed set of error codes. A code is given once, in the part that met the failure, from status and code and
 * never from message text; everything above switches on it. `test/unit/errors.test.ts` holds the tables below to it.
 */
export const errorCodes = [
  // What a person asked for cannot be done as asked.
  'usage',
  'unknown-name',
  'name-taken',
  'unsafe-path',
  // A folder that was to become a source is not fit to be one.
  'source-missing',
  'source-not-a-folder',
  'source-empty',
  'source-unreadable',
  'source-overlaps',
  // A source at a later run.
  'source-unreachable',
  'source-emptied',
  'suspected-decay',
  // One file of a source.
  'file-changing',
  'file-vanished',
  'file-unreadable',
  'file-locked',
  'path-too-long',
  // A store as a whole.
  'store-unreachable',
  'store-busy',
  'store-wrong-key',
  'store-sign-in-ended',
  'store-clock-skew',
  'store-not-found',
  'store-no-permission',
  'store-versioning-off',
  'store-full',
  'store-read-only',
  'store-leased',
  'store-unsupported',
  'store-answer',
  // One copy.
  'copy-missing',
  'copy-corrupt',
  'copy-archived',
  'copy-conflict',
  // This workstation.
  'disk-full',
  'disk-read-only',
  'disk-error',
  'catalog-busy',
  'catalog-damaged',
  'catalog-too-new',
  'catalog-missing',
  'journal-damaged',
  'config-damaged',
  'secret-missing',
  'secret-locked',
  'cancelled',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The codes after which the same request may succeed a moment later. Everything else stops and tells a person. */
const transientCodes: ReadonlySet<ErrorCode> = new Set(['store-unreachable', 'store-busy']);

/** The codes that say "this whole store cannot be worked with now": its queue stops, other stores carry on. */
const storeWideCodes: ReadonlySet<ErrorCode> = new Set([
  'store-unreachable',
  'store-busy',
  'store-wrong-key',
  'store-sign-in-ended',
  'store-clock-skew',
  'store-not-found',
  'store-no-permission',
  'store-versioning-off',
  'store-full',
  'store-read-only',
  'store-leased',
  'store-unsupported',
  'secret-missing',
  'secret-locked',
]);

export interface ErrorDetails {
  /** What a person can do next, as a sentence. */
  readonly advice?: string;
  /** The file, store or source that it happened to. */
  readonly subject?: string;
  /** Milliseconds that the other side asked us to wait. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** Every failure that Strongroom reports. `message` says what happened and to what; `advice` what to do next. */
export class StrongroomError extends Error {
  override readonly name = 'StrongroomError';
  readonly code: ErrorCode;
  readonly advice: string | undefined;
  readonly subject: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.advice = details.advice;
    this.subject = details.subject;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export function isTransient(error: unknown): boolean {
  return error instanceof StrongroomError && transientCodes.has(error.code);
}

export function isStoreWide(error: unknown): boolean {
  return error instanceof StrongroomError && storeWideCodes.has(error.code);
}

/** The code of any thrown value; what nobody translated is `internal`. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof StrongroomError ? error.code : 'internal';
}

/** Any thrown value as a StrongroomError; what nobody translated keeps its message under `internal`. */
export function asStrongroomError(error: unknown): StrongroomError {
  if (error instanceof StrongroomError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StrongroomError('internal', message, { cause: error });
}

/** A failure as it goes from one thread to another, where only plain values arrive. */
export interface CarriedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly subject?: string;
  readonly advice?: string;
}

/** Any thrown value in the form that goes to another thread. */
export function carried(error: unknown): CarriedError {
  const { code, message, subject, advice } = asStrongroomError(error);
  return {
    code,
    message,
    ...(subject === undefined ? {} : { subject }),
    ...(advice === undefined ? {} : { advice }),
  };
}

/** The error that {@link carried} was made of. */
export function arrived({ code, message, ...details }: CarriedError): StrongroomError {
  return new StrongroomError(code, message, details);
}
