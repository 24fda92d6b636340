import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { homedir } from 'node:os';
import type { PlaceShape } from '../../../shared/contract/shapes.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { errnoOf, saysUnreachable } from '../../engine/platform/failures.ts';
import {
  driveLetters,
  folderAbove,
  isHiddenFolder,
  mountedPlaces,
  type StartingPoint,
} from '../../engine/platform/mounts.ts';
import type { Platform } from '../../engine/platform/platform.ts';
import { problemOf } from '../failures.ts';

const collator = new Intl.Collator('en', { numeric: true });
/** A drive or share that does not answer by then is left out: the others are not held up by a server that is gone. */
const patienceMs = 1_500;

/** The folders in a folder of this computer, or where to begin. What cannot be listed says why, and is no failure. */
export async function listPlace(asked: string | undefined, platform: Platform): Promise<PlaceShape> {
  const roots = await startingPoints(platform);
  const where = asked === undefined || asked === '' ? homedir() : asked;
  if (!path.isAbsolute(where)) {
    const problem = problemOf(
      new StrongroomError('usage', `"${where}" is not a whole path.`, {
        subject: where,
        advice: 'Begin with one of the places that are listed.',
      }),
    );
    return { path: where, parent: null, roots, folders: [], problem };
  }
  const folder = path.resolve(where);
  const parent = folderAbove(folder, platform);
  try {
    const entries = await inTime(readdir(folder, { withFileTypes: true }));
    if (entries === undefined)
      throw new StrongroomError('source-unreachable', `${folder} does not answer.`, {
        subject: folder,
        advice: 'Check the connection to its server, then try again.',
      });
    const named = await Promise.all(
      entries
        // A name that is not text cannot be handed back by the window; its folder can be protected from above.
        .filter(({ name }) => !isHiddenFolder(name, platform) && !name.includes('\ufffd'))
        .map(async (entry) => {
          const full = path.join(folder, entry.name);
          const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(full)));
          return isFolder ? [{ name: entry.name, path: full }] : [];
        }),
    );
    const { dev } = await stat(folder);
    const folders = named.flat().sort((left, right) => collator.compare(left.name, right.name));
    return { path: folder, parent, roots, folders, disk: String(dev), problem: null };
  } catch (error) {
    return { path: folder, parent, roots, folders: [], problem: problemOf(placeError(folder, error)) };
  }
}

async function startingPoints(platform: Platform): Promise<StartingPoint[]> {
  const home = homedir();
  const own = [{ label: 'Home', path: home }];
  switch (platform) {
    case 'linux': {
      const table = await readFile('/proc/mounts', 'utf8').catch(() => '');
      return [...own, ...mountedPlaces(table), { label: 'This computer', path: '/' }];
    }
    case 'darwin': {
      const volumes = (await inTime(readdir('/Volumes')).catch(() => undefined)) ?? [];
      return [
        ...own,
        ...volumes.map((name) => ({ label: name, path: `/Volumes/${name}` })),
        { label: 'This computer', path: '/' },
      ];
    }
    case 'win32': {
      const drives = await Promise.all(
        driveLetters().map(async (drive) => ((await leadsToFolder(drive.path)) ? [drive] : [])),
      );
      return [...own, ...drives.flat()];
    }
  }
}

async function leadsToFolder(where: string): Promise<boolean> {
  const found = await inTime(stat(where).catch(() => undefined));
  return found?.isDirectory() === true;
}

/** The result, or `undefined` where it did not come in time. */
async function inTime<Result>(work: Promise<Result>): Promise<Result | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function placeError(folder: string, error: unknown): StrongroomError {
  if (error instanceof StrongroomError) return error;
  const errno = errnoOf(error);
  const details = { subject: folder, cause: error };
  switch (errno) {
    case 'ENOENT':
      return new StrongroomError('source-missing', `There is no folder ${folder}.`, {
        ...details,
        advice: 'If it is on a file server, connect to that first.',
      });
    case 'ENOTDIR':
      return new StrongroomError('source-not-a-folder', `${folder} is a file.`, {
        ...details,
        advice: 'Choose the folder that it is in.',
      });
    case 'EACCES':
    case 'EPERM':
      return new StrongroomError('source-unreadable', `${folder} may not be read.`, {
        ...details,
        advice: 'Ask its owner for read access, or choose another folder.',
      });
    default:
      return new StrongroomError(
        errno !== undefined && saysUnreachable(errno) ? 'source-unreachable' : 'source-unreadable',
        `${folder} cannot be read now.`,
        { ...details, advice: 'Check the disk or the connection to its server, then try again.' },
      );
  }
}
