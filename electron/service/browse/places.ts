import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { homedir } from 'node:os';
import type { PlaceShape } from '../../../shared/contract/shapes.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { errnoOf, localWriteCode, saysUnreachable } from '../../engine/platform/failures.ts';
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

/**
 * Makes a folder, and no more than that one: a path of which more is missing was most likely mistyped, or lies on a share
 * that is not connected.
 *
 * Errors: `usage`, `name-taken`, `source-overlaps` for a place in a source, which only a restore writes into,
 * `source-missing`, `source-not-a-folder`, `source-unreachable`, `disk-*`.
 *
 * @param asked a folder with the name that the new one in it is to have, or without one the new one itself.
 * @returns its path.
 */
export async function makePlace(
  asked: { readonly path: string; readonly name: string | undefined },
  sources: readonly { readonly name: string; readonly root: string }[],
  platform: Platform,
): Promise<string> {
  const { name } = asked;
  if (!path.isAbsolute(asked.path)) {
    throw new StrongroomError('usage', `"${asked.path}" is not a whole path.`, {
      subject: asked.path,
      advice: 'Begin with one of the places that are listed.',
    });
  }
  if (name !== undefined && !isFolderName(name, platform)) {
    throw new StrongroomError('usage', `A folder cannot be called "${name}".`, {
      subject: name,
      advice: platform === 'win32' ? 'Choose a name without \\ / : * ? " < > or |.' : 'Choose a name without a slash.',
    });
  }
  const folder = path.resolve(asked.path, name ?? '');
  const around = sources.find(({ root }) => isWithin(folder, root));
  if (around !== undefined) {
    throw new StrongroomError('source-overlaps', `${folder} would be inside the source "${around.name}".`, {
      subject: folder,
      advice: 'Strongroom makes no folders in what it protects. Choose another place, or make it in your file manager.',
    });
  }
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    throw makingError(folder, error);
  }
}

function isFolderName(name: string, platform: Platform): boolean {
  const forbidden = platform === 'win32' ? /[\\/:*?"<>|\0]|[. ]$/ : /[/\0]/;
  return name.trim() !== '' && name !== '.' && name !== '..' && !forbidden.test(name);
}

function isWithin(folder: string, root: string): boolean {
  const relative = path.relative(root, folder);
  return relative === '' || (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative));
}

function makingError(folder: string, error: unknown): StrongroomError {
  const above = path.dirname(folder);
  const errno = errnoOf(error);
  const details = { subject: folder, cause: error };
  if (errno === 'EEXIST') {
    return new StrongroomError('name-taken', `${folder} is there already.`, {
      ...details,
      advice: 'Choose it, or give the new folder another name.',
    });
  }
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || (errno !== undefined && saysUnreachable(errno))) {
    return placeError(above, error);
  }
  const code = errno === undefined ? 'disk-error' : localWriteCode(errno);
  return new StrongroomError(code, `No folder can be made in ${above}.`, {
    ...details,
    advice:
      code === 'disk-full'
        ? 'Its disk is full. Make room there, or choose another place.'
        : code === 'disk-read-only'
          ? 'Ask its owner for leave to write there, or choose another place.'
          : 'Check its disk or the connection to its server, then try again.',
  });
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
