import { StrongroomError, type ErrorCode } from '../../../../shared/errors.ts';
import { errnoOf, storeCode } from '../../platform/failures.ts';
import type { Disk } from './disk.ts';

/** A failure of the store's disk as the contract's error; anything that is no system error stays as it is. */
export function storeFailure(error: unknown, disk: Disk): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || error instanceof StrongroomError) return error;
  const code = errno === 'ENAMETOOLONG' ? 'path-too-long' : storeCode(errno, disk.platform);
  const [message, advice] = words(code, disk.root, errno);
  return new StrongroomError(code, message, { subject: disk.root, advice, cause: error });
}

function words(code: ErrorCode, root: string, errno: string): [message: string, advice: string] {
  switch (code) {
    case 'store-unreachable':
      return [
        `The folder ${root} cannot be reached (${errno}).`,
        'Connect the disk or the share; the work goes on by itself.',
      ];
    case 'store-full':
      return [`The disk of ${root} is full.`, 'Free space on it, raise its quota, or move the store to a larger one.'];
    case 'store-read-only':
      return [`The disk of ${root} can only be read.`, 'Mount it for writing, or look for a write-protection switch.'];
    case 'store-no-permission':
      return [
        `This user may not write in ${root}.`,
        'Give this user the right to read and write the folder and all in it.',
      ];
    case 'store-busy':
      return [`A file in ${root} is in use by another program (${errno}).`, 'It is tried again by itself.'];
    case 'path-too-long':
      return [
        `A path below ${root} is too long for its file system.`,
        'Move the store to a folder with a shorter path.',
      ];
    default:
      return [`The disk of ${root} gave an answer that was not expected (${errno}).`, 'Check the disk for errors.'];
  }
}
