import fs from 'node:fs';
import path from 'node:path';
import type { SourceRecord } from '../catalog/sources.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { errnoOf, saysUnreachable } from '../platform/failures.ts';

/** What identifies a root while it is scanned: if any of it changes, the share went away under the walk. */
export interface RootIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  /** Whether it is where a file system is mounted. */
  readonly mounted: boolean;
  readonly empty: boolean;
}

/**
 * Looks at the root of a source. Errors: `source-unreachable` (gone, not mounted, network), `source-not-a-folder`,
 * `source-unreadable`.
 */
export function lookAtRoot(root: string): RootIdentity {
  try {
    const stat = fs.lstatSync(root, { bigint: true });
    if (!stat.isDirectory()) {
      throw new StrongroomError('source-not-a-folder', `${root} is not a folder.`, {
        subject: root,
        advice: 'Name the folder that is to be protected.',
      });
    }
    const parent = fs.lstatSync(path.dirname(root), { bigint: true });
    const folder = fs.opendirSync(root);
    const first = folder.readSync();
    folder.closeSync();
    return {
      device: stat.dev,
      inode: stat.ino,
      mounted: stat.dev !== parent.dev || path.dirname(root) === root,
      empty: first === null,
    };
  } catch (error) {
    throw rootError(root, error);
  }
}

/**
 * The checks before a known source is scanned. An unreachable, unmounted or emptied root is never the proof of a
 * deletion. Errors: as {@link lookAtRoot}, and `source-emptied`.
 */
export function checkRoot(source: SourceRecord, knownFiles: number): RootIdentity {
  const identity = lookAtRoot(source.root);
  if (source.mounted && !identity.mounted) {
    throw new StrongroomError(
      'source-unreachable',
      `${source.root} is there, but nothing is mounted on it; it was a mounted share before.`,
      {
        subject: source.root,
        advice: 'Mount the share again, then run again. No deletion was recorded.',
      },
    );
  }
  if (identity.empty && knownFiles > 0) {
    throw new StrongroomError('source-emptied', `${source.root} is empty, but ${knownFiles} files are known in it.`, {
      subject: source.root,
      advice:
        'If the share is not mounted, mount it. If everything was really removed, stop protecting it with "strongroom source remove"; ' +
        'its copies stay. No deletion was recorded.',
    });
  }
  return identity;
}

/** The check after a walk. Error: `source-unreachable` where the root is not what it was when the walk began. */
export function checkSameRoot(root: string, before: RootIdentity): void {
  const now = lookAtRoot(root);
  if (
    now.device !== before.device ||
    now.inode !== before.inode ||
    now.mounted !== before.mounted ||
    (now.empty && !before.empty)
  ) {
    throw new StrongroomError('source-unreachable', `${root} was unmounted or replaced while it was read.`, {
      subject: root,
      advice: 'Check the file server and the connection, then run again. No deletion was recorded.',
    });
  }
}

function rootError(root: string, error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === undefined) return error;
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return new StrongroomError('source-unreachable', `${root} is not there.`, {
      cause: error,
      subject: root,
      advice: 'If it is on a file server, connect to it again. No deletion was recorded.',
    });
  }
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new StrongroomError('source-unreadable', `${root} may not be read.`, {
      cause: error,
      subject: root,
      advice: 'Ask the owner of the share for read access. No deletion was recorded.',
    });
  }
  return new StrongroomError('source-unreachable', `${root} cannot be reached (${errno}).`, {
    cause: error,
    subject: root,
    advice: saysUnreachable(errno)
      ? 'Check the file server and the connection. No deletion was recorded.'
      : 'Check the disk. No deletion was recorded.',
  });
}
