import { StrongroomError, type ErrorCode } from '../../../shared/errors.ts';

/** What a person is told of a file or folder that could not be taken in. */
export function entryProblem(code: ErrorCode, path: string, errno: string, folder: boolean): StrongroomError {
  const what = folder ? `The folder "${path === '' ? '.' : path}"` : `"${path}"`;
  const kept = folder ? ' What is known below it is kept as it is.' : '';
  const tell = (message: string, advice: string): StrongroomError =>
    new StrongroomError(code, `${message}${kept}`, { subject: path, advice });
  switch (code) {
    case 'file-unreadable':
      return tell(`${what} may not be read (${errno}).`, 'Give the person who runs Strongroom read access to it.');
    case 'file-locked':
      return tell(`${what} is held by another program (${errno}).`, 'Close it there; the next run tries again.');
    case 'file-vanished':
      return tell(`${what} was removed or replaced while it was read.`, 'The next run looks again.');
    case 'file-changing':
      return tell(
        `${what} kept changing while it was read; no half of it was recorded.`,
        'Run again when nobody writes it.',
      );
    case 'path-too-long':
      return tell(`${what} has a path that is too long for this computer.`, 'Shorten the names of its folders.');
    case 'source-unreachable':
      return tell(
        `${what} cannot be reached (${errno}).`,
        'Check the file server, the connection, and what is mounted there.',
      );
    default:
      return tell(
        `${what} could not be read (${errno}).`,
        'Check the disk or the file server; the next run tries again.',
      );
  }
}
