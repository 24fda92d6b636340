import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { codeOf, StrongroomError, type ErrorCode } from '../../../shared/errors.ts';
import { errnoOf } from '../platform/failures.ts';
import { comparedAs } from '../platform/names.ts';
import { platformOf, type Platform } from '../platform/platform.ts';
import { lookAtRoot } from './root.ts';

export interface Neighbour {
  readonly what: 'source' | 'store';
  readonly name: string;
  readonly path: string;
}

/**
 * Whether a folder may become a source. Errors: `source-missing`, `source-not-a-folder`, `source-unreadable`,
 * `source-empty`, `source-overlaps` (inside, or around, another source or a folder store, however either is spelled).
 *
 * @param platform whose rules say which spellings are one folder, beside what the system itself says of it.
 * @returns its true path, links resolved, and whether it is a mount point.
 */
export function checkFitness(
  folder: string,
  neighbours: readonly Neighbour[],
  platform: Platform = platformOf(process.platform),
): { root: string; mounted: boolean } {
  const asked = path.resolve(folder);
  let root: string;
  try {
    root = fs.realpathSync(asked);
    if (!fs.statSync(root).isDirectory())
      throw unfit('source-not-a-folder', asked, `${asked} is a file.`, 'Name the folder that it is in.');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    if (errno === 'EACCES' || errno === 'EPERM') throw unreadable(asked, error);
    throw unfit(
      'source-missing',
      asked,
      `There is no folder ${asked}.`,
      'Check the name; if it is on a file server, connect to that first.',
      error,
    );
  }
  let identity: ReturnType<typeof lookAtRoot>;
  try {
    identity = lookAtRoot(root);
    fs.accessSync(root, fs.constants.R_OK | fs.constants.X_OK);
  } catch (error) {
    if (errnoOf(error) !== undefined || codeOf(error) === 'source-unreadable') throw unreadable(asked, error);
    throw error;
  }
  if (identity.empty) {
    throw unfit(
      'source-empty',
      asked,
      `${asked} is empty.`,
      'If a share should be mounted there, mount it first; otherwise put files into it first.',
    );
  }
  const own = chainOf(root, platform);
  for (const { what, name, path: other } of neighbours) {
    const chain = chainOf(realOrAsIs(other), platform);
    if (isInside(own, chain)) {
      throw unfit(
        'source-overlaps',
        asked,
        `${asked} is inside the ${what} "${name}" (${other}).`,
        what === 'source' ? 'It is protected already.' : 'A store cannot protect itself.',
      );
    }
    if (isInside(chain, own)) {
      throw unfit(
        'source-overlaps',
        asked,
        `${asked} contains the ${what} "${name}" (${other}).`,
        `Choose a folder that does not contain it.`,
      );
    }
  }
  return { root, mounted: identity.mounted };
}

/** What a folder is known by, and what all folders that it lies in are known by, itself included. */
interface Chain {
  readonly own: readonly string[];
  readonly all: ReadonlySet<string>;
}

function isInside(inner: Chain, outer: Chain): boolean {
  return outer.own.some((mark) => inner.all.has(mark));
}

function chainOf(folder: string, platform: Platform): Chain {
  const own = marksOf(folder, platform);
  const all = new Set(own);
  for (let at = folder; path.dirname(at) !== at;) {
    at = path.dirname(at);
    for (const mark of marksOf(at, platform)) all.add(mark);
  }
  return { own, all };
}

/**
 * Its path as the system compares paths, and the system's number for it: only this one sees through a share whose server
 * does not tell case apart, or a folder that is mounted in two places. What is not there (now) has no number.
 */
function marksOf(folder: string, platform: Platform): string[] {
  const spelled = comparedAs(folder, platform);
  try {
    const { dev, ino } = fs.statSync(folder, { bigint: true });
    return ino === 0n ? [spelled] : [spelled, `${dev}:${ino}`];
  } catch {
    return [spelled];
  }
}

function realOrAsIs(where: string): string {
  try {
    return fs.realpathSync(where);
  } catch {
    return path.resolve(where);
  }
}

function unreadable(folder: string, cause: unknown): StrongroomError {
  return unfit(
    'source-unreadable',
    folder,
    `${folder} may not be read.`,
    'Ask its owner for read access, or run Strongroom as somebody who has it.',
    cause,
  );
}

function unfit(code: ErrorCode, folder: string, message: string, advice: string, cause?: unknown): StrongroomError {
  return new StrongroomError(code, `${message} Nothing was recorded.`, { subject: folder, advice, cause });
}
