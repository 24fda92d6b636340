import fs from 'node:fs';
import path from 'node:path';
import type { Clock, Instant } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { Catalog } from './catalog.ts';
import { HomeLock } from './lock.ts';
import { catalogPath, checkWhole } from './open.ts';
import { clearUnfinished, isUnfinished, markUnfinished } from './unfinished.ts';
import { copyWhole } from './whole-copy.ts';

export interface Checkpoint {
  readonly file: string;
  readonly at: Instant;
  readonly bytes: number;
}

const kept = 5;
const everyMs = 6 * 3_600_000;

function folderOfCheckpoints(home: string): string {
  return path.join(home, 'checkpoints');
}

/** The checkpoints of a home, newest first. */
export function listCheckpoints(home: string): Checkpoint[] {
  const folder = folderOfCheckpoints(home);
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .flatMap((name) => {
      const at = /^catalog-(\d+)\.db$/.exec(name)?.[1];
      const file = path.join(folder, name);
      return at === undefined ? [] : [{ file, at: Number(at), bytes: fs.statSync(file).size }];
    })
    .sort((left, right) => right.at - left.at);
}

/** Whether the last checkpoint is old enough for another. */
export function checkpointIsDue(home: string, clock: Clock): boolean {
  const newest = listCheckpoints(home)[0];
  return newest === undefined || clock.now() - newest.at >= everyMs;
}

/**
 * Copies the catalog while it is in use, checks the copy page by page, and keeps the newest few. A copy that is not
 * whole takes no good one's place.
 */
export async function makeCheckpoint(catalog: Catalog, clock: Clock): Promise<void> {
  const folder = folderOfCheckpoints(catalog.home);
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  const making = path.join(folder, 'making.db');
  for (const file of [making, `${making}-journal`]) fs.rmSync(file, { force: true });
  await copyWhole(catalogPath(catalog.home), making);
  for (const tail of ['-wal', '-shm']) fs.rmSync(making + tail, { force: true });
  fs.renameSync(making, path.join(folder, `catalog-${clock.now()}.db`));
  for (const old of listCheckpoints(catalog.home).slice(kept)) fs.rmSync(old.file);
}

/**
 * Goes back to the newest checkpoint that is whole. The catalog as it is now is moved aside, never removed.
 * Errors: `catalog-busy`, `catalog-missing` where no checkpoint is whole.
 *
 * @param at of this instant and no other, where a person chose one.
 * @returns the checkpoint, and where the former catalog lies now (if there was one).
 */
export function restoreCheckpoint(
  home: string,
  clock: Clock,
  at?: Instant,
): { checkpoint: Checkpoint; aside: string | undefined } {
  const candidates = listCheckpoints(home).filter((candidate) => at === undefined || candidate.at === at);
  if (candidates.length === 0) throw noneWhole(home);
  const lock = HomeLock.take(home, clock);
  try {
    const checkpoint = candidates.find((candidate) => {
      try {
        checkWhole(candidate.file);
        return true;
      } catch {
        return false;
      }
    });
    if (checkpoint === undefined) throw noneWhole(home);
    const aside = setAside(home, clock);
    const making = `${catalogPath(home)}.restoring`;
    fs.copyFileSync(checkpoint.file, making);
    fs.renameSync(making, catalogPath(home));
    clearUnfinished(home);
    return { checkpoint, aside };
  } finally {
    lock.release();
  }
}

function noneWhole(home: string): StrongroomError {
  return new StrongroomError('catalog-missing', `There is no whole checkpoint in ${folderOfCheckpoints(home)}.`, {
    subject: home,
    advice: 'Make a new catalog from a store: strongroom rebuild --from <store>.',
  });
}

/**
 * Makes room for a new catalog where the one there is damaged or gone: it and its checkpoints are moved, never removed, so
 * that they cannot be mixed with the new one's. `undo` puts them back, in the place of what was begun meanwhile. Until
 * `clearUnfinished`, or `undo`, the home says that its catalog is not finished.
 *
 * @returns where it lies now; `undefined` where there was nothing to move.
 */
export function makeRoom(home: string, clock: Clock): { aside: string | undefined; undo: () => void } {
  const lock = HomeLock.take(home, clock);
  const wasUnfinished = isUnfinished(home);
  try {
    markUnfinished(home);
    const folder = folderOfCheckpoints(home);
    const asideFolder = `${folder}.set-aside-${clock.now()}`;
    const aside = setAside(home, clock);
    const moved = fs.existsSync(folder);
    if (moved) fs.renameSync(folder, asideFolder);
    const undo = (): void => {
      for (const tail of ['', '-wal', '-shm']) {
        fs.rmSync(catalogPath(home) + tail, { force: true });
        if (aside !== undefined && fs.existsSync(aside + tail)) fs.renameSync(aside + tail, catalogPath(home) + tail);
      }
      fs.rmSync(path.join(home, 'catalog.stamp'), { force: true });
      if (moved) {
        fs.rmSync(folder, { recursive: true, force: true });
        fs.renameSync(asideFolder, folder);
      }
      if (!wasUnfinished) clearUnfinished(home);
    };
    return { aside: aside ?? (moved ? asideFolder : undefined), undo };
  } finally {
    lock.release();
  }
}

/** Moves the catalog's files out of the way, keeping them. @returns where the catalog lies now, if there was one. */
export function setAside(home: string, clock: Clock): string | undefined {
  const file = catalogPath(home);
  const aside = `${file}.set-aside-${clock.now()}`;
  let moved: string | undefined;
  for (const tail of ['', '-wal', '-shm']) {
    if (!fs.existsSync(file + tail)) continue;
    fs.renameSync(file + tail, aside + tail);
    moved = aside;
  }
  fs.rmSync(path.join(home, 'catalog.stamp'), { force: true });
  return moved;
}
