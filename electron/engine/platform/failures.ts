import type { ErrorCode } from '../../../shared/errors.ts';
import type { Platform } from './platform.ts';

/** The system's own code of a thrown value (`ENOENT`, …); `undefined` where it is no system error. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' && /^(E[A-Z0-9]+|UNKNOWN)$/.test(error.code) ? error.code : undefined;
}

/** The file server, the network or the device is not there (now). */
const unreachable: ReadonlySet<string> = new Set([
  'EIO',
  'ESTALE',
  'ENOTCONN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENETRESET',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENXIO',
  'ENODEV',
  'ENOMEDIUM',
  'EREMOTEIO',
  'EREMCHG',
  'ENOLINK',
]);

const full: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Whether a system code says that a server, a network or a device is gone, as against one file of it. */
export function saysUnreachable(errno: string): boolean {
  return unreachable.has(errno);
}

/**
 * What a failure to read a file of a source means. On Windows a sharing violation is `EBUSY` and a file that is
 * being deleted is `EPERM`; `UNKNOWN` is what Node makes of the errors of network drives that it has no name for.
 */
export function sourceReadCode(errno: string, platform: Platform): ErrorCode {
  if (unreachable.has(errno)) return 'source-unreachable';
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return 'file-unreadable';
    case 'EBUSY':
    case 'ETXTBSY':
    case 'EAGAIN':
    case 'EDEADLK':
      return 'file-locked';
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return 'file-vanished';
    case 'ENAMETOOLONG':
      return 'path-too-long';
    case 'UNKNOWN':
      return platform === 'win32' ? 'source-unreachable' : 'file-unreadable';
    default:
      return 'file-unreadable';
  }
}

/**
 * What a failure of a folder store's disk or share means for the store. What only the caller can interpret
 * (`ENOENT`, `EEXIST`, …) is met where it happens; here it is `store-answer`.
 */
export function storeCode(errno: string, platform: Platform): ErrorCode {
  if (unreachable.has(errno)) return 'store-unreachable';
  if (full.has(errno)) return 'store-full';
  switch (errno) {
    case 'EROFS':
      return 'store-read-only';
    case 'EACCES':
    case 'EPERM':
      return 'store-no-permission';
    case 'EBUSY':
    case 'ETXTBSY':
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOLCK':
    case 'EINTR':
      return 'store-busy';
    case 'UNKNOWN':
      return platform === 'win32' ? 'store-unreachable' : 'store-answer';
    default:
      return 'store-answer';
  }
}

/** What a failure to write on this workstation (catalog, settings, a restore's target) means. */
export function localWriteCode(errno: string): ErrorCode {
  if (full.has(errno)) return 'disk-full';
  return errno === 'EROFS' || errno === 'EACCES' || errno === 'EPERM' ? 'disk-read-only' : 'disk-error';
}

/** Whether a failed hard link says that the file system has none (or no more for this file), so that a rename has to do. */
export function saysNoLinks(errno: string, platform: Platform): boolean {
  switch (errno) {
    case 'EPERM':
    case 'ENOTSUP':
    case 'EOPNOTSUPP':
    case 'ENOSYS':
    case 'EMLINK':
    case 'EXDEV':
    case 'EINVAL':
      return true;
    case 'EISDIR':
    case 'UNKNOWN':
      // How Node names Windows' "invalid function", the answer of FAT and of some network drives.
      return platform === 'win32';
    default:
      return false;
  }
}
