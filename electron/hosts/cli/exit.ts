import type { ErrorCode } from '../../../shared/errors.ts';

/** What the process says to a script when it ends. */
export const exitCodes = {
  /** Everything that was asked for is done. */
  done: 0,
  /** Something was not done; it was listed. What was done is kept. */
  incomplete: 1,
  /** What was asked for cannot be done as asked; nothing was changed. */
  usage: 2,
  /** A person must decide: a mass change was stopped. */
  approval: 3,
  /** Another process or workstation is at work. */
  busy: 4,
  /** The catalog is damaged or missing; ways out were named. */
  catalog: 5,
  /** Ended by the person (128 + SIGINT). */
  cancelled: 130,
} as const;

/** The exit code of a command that an error ended. */
export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage':
    case 'unknown-name':
    case 'name-taken':
    case 'unsafe-path':
    case 'source-missing':
    case 'source-not-a-folder':
    case 'source-empty':
    case 'source-unreadable':
    case 'source-overlaps':
      return exitCodes.usage;
    case 'catalog-busy':
    case 'store-leased':
      return exitCodes.busy;
    case 'catalog-damaged':
    case 'catalog-too-new':
    case 'catalog-missing':
    case 'journal-damaged':
    case 'config-damaged':
      return exitCodes.catalog;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'source-unreachable':
    case 'source-emptied':
    case 'suspected-decay':
    case 'file-changing':
    case 'file-vanished':
    case 'file-unreadable':
    case 'file-locked':
    case 'path-too-long':
    case 'store-unreachable':
    case 'store-busy':
    case 'store-wrong-key':
    case 'store-sign-in-ended':
    case 'store-clock-skew':
    case 'store-not-found':
    case 'store-no-permission':
    case 'store-versioning-off':
    case 'store-full':
    case 'store-read-only':
    case 'store-unsupported':
    case 'store-answer':
    case 'copy-missing':
    case 'copy-corrupt':
    case 'copy-archived':
    case 'copy-conflict':
    case 'disk-full':
    case 'disk-read-only':
    case 'disk-error':
    case 'secret-missing':
    case 'secret-locked':
    case 'internal':
      return exitCodes.incomplete;
  }
}
