import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { StrongroomError } from '../../../../shared/errors.ts';
import { tellsCaseApart } from '../../platform/names.ts';
import type { Platform } from '../../platform/platform.ts';

/** A folder that is protected, or is about to be. */
export interface ProtectedFolder {
  /** The source's name; `undefined` for a folder that is yet to become one. */
  readonly name: string | undefined;
  readonly path: string;
}

/**
 * Whether a folder may hold a store beside what is protected; nothing is written. Links are followed, and folders are
 * told apart by what they are to the system, so that another spelling or another way to the same folder is seen through.
 *
 * Errors: `source-overlaps` where the folder is a protected one, lies in one, or holds one.
 */
export async function checkStorePlace(
  store: string,
  folders: readonly ProtectedFolder[],
  platform: Platform,
): Promise<void> {
  const own = await chainOf(store, platform);
  for (const { name, path: root } of folders) {
    const other = await chainOf(root, platform);
    const what = name === undefined ? 'the folder that is to be protected' : `the folder of the source "${name}"`;
    if (own.whole === other.whole) throw overlaps(store, `${store} is ${what} itself.`);
    if (own.all.has(other.whole)) throw overlaps(store, `${store} is inside ${what} (${root}).`);
    if (other.all.has(own.whole)) throw overlaps(store, `${store} contains ${what} (${root}).`);
  }
}

/** What tells a folder apart, and all folders that it lies in. */
interface Chain {
  readonly whole: string;
  readonly all: ReadonlySet<string>;
}

/**
 * A folder's own mark and those of all above it. One that exists has the system's number of it; the rest of a path that is
 * yet to be made hangs on the last folder that exists.
 */
async function chainOf(folder: string, platform: Platform): Promise<Chain> {
  const missing: string[] = [];
  let at = path.resolve(folder);
  let real: string | undefined;
  while (real === undefined) {
    real = await realpath(at).catch(() => undefined);
    if (real !== undefined) break;
    const above = path.dirname(at);
    if (above === at) real = at;
    else {
      missing.unshift(path.basename(at));
      at = above;
    }
  }
  const marks: string[] = [];
  for (let there = real; ; there = path.dirname(there)) {
    marks.unshift(await markOf(there, platform));
    if (path.dirname(there) === there) break;
  }
  for (const name of missing) marks.push(`${marks.at(-1) ?? ''}/${spelt(name, platform)}`);
  return { whole: marks.at(-1) ?? '', all: new Set(marks) };
}

/** Device and file number, which two spellings of one folder share; where a file system has none, its true path. */
async function markOf(folder: string, platform: Platform): Promise<string> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    if (ino !== 0n) return `${dev}:${ino}`;
  } catch {
    // Not to be looked at: its path has to do.
  }
  return spelt(folder, platform);
}

function spelt(name: string, platform: Platform): string {
  return tellsCaseApart(platform) ? name : name.normalize('NFC').toLowerCase();
}

function overlaps(subject: string, message: string): StrongroomError {
  return new StrongroomError('source-overlaps', `${message} Nothing was written.`, {
    subject,
    advice: 'A store must lie outside what it protects, best on another disk. Choose another folder.',
  });
}
