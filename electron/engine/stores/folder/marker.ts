import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import { StrongroomError } from '../../../../shared/errors.ts';
import { errnoOf } from '../../platform/failures.ts';
import {
  nameKindOf,
  nameKinds,
  tellsCaseApart,
  tellsFormsApart,
  windowsOnlyCharacters,
  type NameKind,
} from '../../platform/names.ts';
import { platformOf, type Platform } from '../../platform/platform.ts';
import type { FolderSpec } from '../../../../shared/spec.ts';
import { controlFolder, markerName } from './control.ts';
import { Disk, isAbsent } from './disk.ts';
import { storeFailure } from './failure.ts';
import { tempFolder } from './temp.ts';
import type { DiskFacts } from './tree.ts';

/**
 * `strongroom/store.json`: it says that a folder is a store. A store is never made by the way, or a disk that is not
 * connected would be replaced by an empty folder at its mount point. It also settles how names are written, so that
 * a disk reads the same on every system.
 */
const marker = z.strictObject({
  format: z.literal('strongroom folder store'),
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  names: z.enum(nameKinds),
});

const markerPath = `${controlFolder}/${markerName}`;

/**
 * Makes a folder a store: its root (in a folder that must be there already), its parts and its marker. For a folder
 * that is a store already, nothing changes; one that holds anything of somebody else's is left alone.
 *
 * Errors: `usage` where the folder is neither empty nor a store; `store-not-found` where the root's parent is missing;
 * `store-read-only`, `store-no-permission`, `store-full`.
 */
export async function initialiseFolderStore(
  spec: FolderSpec,
  options: { readonly platform?: Platform } = {},
): Promise<void> {
  const disk = new Disk(spec.path, options.platform ?? platformOf(process.platform));
  try {
    if ((await readMarker(disk)) !== undefined) return;
    await requireEmpty(disk);
    for (const folder of ['', controlFolder, tempFolder, 'files', 'history']) {
      await mkdir(disk.at(folder)).catch((error: unknown) => {
        if (errnoOf(error) !== 'EEXIST') throw error;
      });
    }
    const value: z.infer<typeof marker> = {
      format: 'strongroom folder store',
      version: 1,
      id: randomBytes(16).toString('hex'),
      names: await probeNames(disk),
    };
    const temp = `${tempFolder}/${randomBytes(12).toString('hex')}.control`;
    const handle = await open(disk.at(temp), 'wx');
    try {
      await handle.writeFile(`${JSON.stringify(value, undefined, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(disk.at(temp), disk.at(markerPath));
    for (const folder of [controlFolder, '']) await disk.syncFolder(folder);
  } catch (error) {
    if (isAbsent(error)) throw notFound(disk);
    throw storeFailure(error, disk);
  }
}

/** What systems put into the top folder of a disk by themselves. */
const litter = new Set(
  [
    ...['lost+found', '.Trashes', '.Spotlight-V100', '.fseventsd', '.TemporaryItems', '.DocumentRevisions-V100'],
    ...['.DS_Store', '.apdisk', '.VolumeIcon.icns', 'System Volume Information', '$RECYCLE.BIN', 'RECYCLER'],
    ...['Thumbs.db', 'desktop.ini', '@eaDir', '.snapshot', '#recycle', '.directory'],
  ].map((name) => name.toLowerCase()),
);

/**
 * A folder that is to become a store holds nothing, or what is left of a store: the marker is written last, so a kill may
 * have left the parts without it, and `strongroom/` beside them says whose they are.
 */
async function requireEmpty(disk: Disk): Promise<void> {
  const entries = await disk.entries('');
  if (entries.length === 0 && (await disk.stat(''))?.isFile() === true) throw notEmpty(disk, 'is a file');
  const names = entries
    .map(({ name }) => name)
    .filter((name) => !litter.has(name.toLowerCase()) && !/^\.Trash-\d+$/.test(name));
  const ours = new Set<string>([controlFolder, 'files', 'history']);
  const isOurs = entries.some(({ name, kind }) => name === controlFolder && kind === 'folder');
  const foreign = names.find((name) => !isOurs || !ours.has(name));
  if (foreign !== undefined)
    throw notEmpty(disk, `is not empty (“${foreign}” is in it, for example), and is not a store`);
}

function notEmpty(disk: Disk, why: string): StrongroomError {
  const root = disk.root.replace(/[/\\]+$/, '');
  const separator = disk.platform === 'win32' ? '\\' : '/';
  return new StrongroomError('usage', `${disk.root} ${why}. Nothing was written there.`, {
    subject: disk.root,
    advice: `Choose an empty folder, or a new one within it: ${root}${separator}Strongroom.`,
  });
}

/**
 * What is true of a store's disk. Errors: `store-not-found` where the folder is no store (any more), `store-answer`
 * where its marker is damaged.
 */
export async function diskFacts(disk: Disk): Promise<DiskFacts> {
  const names = await readMarker(disk);
  if (names === undefined) throw notFound(disk);
  return { names, tellsNamesApart: await probeTellsApart(disk) };
}

/** Whether the store is there now. */
export async function isStore(disk: Disk): Promise<boolean> {
  return (await disk.stat(markerPath))?.isFile() === true;
}

export function notFound(disk: Disk): StrongroomError {
  return new StrongroomError('store-not-found', `There is no Strongroom store at ${disk.root}.`, {
    subject: disk.root,
    advice: 'Is the disk connected, or the share mounted? Connect it and try again. Nothing was written or removed.',
  });
}

async function readMarker(disk: Disk): Promise<NameKind | undefined> {
  let text;
  try {
    text = await readFile(disk.at(markerPath), 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  try {
    return marker.parse(JSON.parse(text)).names;
  } catch (cause) {
    throw new StrongroomError('store-answer', `The store's description ${disk.root}/${markerPath} cannot be read.`, {
      subject: disk.root,
      advice: 'It is damaged, or a newer Strongroom wrote it. The copies themselves are plain files beside it.',
      cause,
    });
  }
}

/** The file system decides what names it takes, not the workstation: a share of a Windows server asks Windows' rules. */
async function probeNames(disk: Disk): Promise<NameKind> {
  const usual = nameKindOf(disk.platform);
  if (usual === 'windows') return usual;
  for (const character of windowsOnlyCharacters) {
    if (!(await holds(disk, `probe${character}${randomBytes(6).toString('hex')}`))) return 'windows';
  }
  // One byte that is not UTF-8, as shared/names.ts writes it.
  return usual === 'exact' && (await holds(disk, `probe\uf7ff${randomBytes(6).toString('hex')}`)) ? 'exact' : 'unicode';
}

async function probeTellsApart(disk: Disk): Promise<boolean> {
  const unique = randomBytes(6).toString('hex');
  const [composed, decomposed, capital] = [
    `probe-\u00e9-${unique}`,
    `probe-e\u0301-${unique}`,
    `PROBE-\u00e9-${unique}`,
  ];
  try {
    await touch(disk, composed);
    const others = await Promise.all([decomposed, capital].map((name) => disk.stat(`${tempFolder}/${name}`)));
    return others.every((other) => other === undefined);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    // A store that can only be read is looked at with the system's usual rules.
    return tellsCaseApart(disk.platform) && tellsFormsApart(disk.platform);
  } finally {
    await rm(disk.at(`${tempFolder}/${composed}`), { force: true }).catch(() => undefined);
  }
}

/** Whether a file of this name can be made and is then there under it. */
async function holds(disk: Disk, name: string): Promise<boolean> {
  try {
    await touch(disk, name);
    await lstat(disk.at(`${tempFolder}/${name}`));
    return (await disk.entries(tempFolder)).some((entry) => entry.name === name);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EINVAL' || errno === 'EILSEQ' || errno === 'ENOENT' || errno === 'EACCES') return false;
    throw error;
  } finally {
    await rm(disk.at(`${tempFolder}/${name}`), { force: true }).catch(() => undefined);
  }
}

async function touch(disk: Disk, name: string): Promise<void> {
  await (await open(disk.at(`${tempFolder}/${name}`), 'wx')).close();
}
