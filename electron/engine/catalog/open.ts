import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { carryOverUsually } from './carrying.ts';
import { Catalog } from './catalog.ts';
import { Connection, damaged } from './database.ts';
import { HomeLock } from './lock.ts';
import { applicationId, migrations } from './migrations.ts';
import { isUnfinished, refuseUnfinished } from './unfinished.ts';

export interface OpenOptions {
  /** The folder that holds this workstation's data. */
  readonly home: string;
  readonly clock: Clock;
  /** `write` takes the home's lock; `read` works beside a writer. */
  readonly mode: 'read' | 'write';
  /** Whether it is opened to be made anew from a store, so that one which was left half made is no trouble. */
  readonly makingAnew?: boolean;
}

export function catalogPath(home: string): string {
  return path.join(home, 'catalog.db');
}

/**
 * Opens the catalog of a home, making an empty one where there never was one.
 *
 * Before anything is read, the file must be whole: a file that was last closed by Strongroom and not touched since is
 * trusted, any other is checked page by page. It never goes on with an empty catalog in place of a damaged one.
 *
 * Errors: `catalog-busy` (write), `catalog-missing` (read, or checkpoints exist but the catalog does not),
 * `catalog-damaged` (also for one whose making from a store was broken off), `catalog-too-new`, `disk-*`.
 */
export function openCatalog(options: OpenOptions): Catalog {
  const { home, clock, mode, makingAnew = false } = options;
  const file = catalogPath(home);
  if (mode === 'read') {
    // Whoever makes it just now holds the lock.
    if (isUnfinished(home) && !HomeLock.isTaken(home)) refuseUnfinished(home);
    if (!fs.existsSync(file)) throw missing(home);
    if (fs.existsSync(stampPath(home)) && sameStamp(home)) return openReading(options);
    // A writer at work has checked the file itself.
    if (!HomeLock.isTaken(home)) checkWhole(file, isFirstStart(home));
    return openReading(options);
  }
  makeHome(home);
  const lock = HomeLock.take(home, clock);
  try {
    if (!makingAnew) refuseUnfinished(home);
    if (!fs.existsSync(file) && leftovers(home)) throw missing(home);
    if (fs.existsSync(file) && !sameStamp(home)) checkWhole(file, isFirstStart(home));
    fs.rmSync(stampPath(home), { force: true });
    const connection = new Connection(file, { readonly: false });
    try {
      // FULL: a version that was recorded survives a power cut, not only a kill.
      connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      connection.exec('PRAGMA temp_store = FILE;');
      carryOverUsually(connection);
      migrate(connection);
      identify(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    return new Catalog(connection, clock, home, () => {
      connection.close();
      writeStamp(home);
      lock.release();
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function openReading({ home, clock }: OpenOptions): Catalog {
  const connection = new Connection(catalogPath(home), { readonly: true });
  const version = connection.pragma('user_version');
  if (version !== migrations.length) {
    connection.close();
    if (Number(version) > migrations.length) throw tooNew(home);
    if (version === 0) throw missing(home);
    // An older schema is brought up to date by opening it for writing once.
    openCatalog({ home, clock, mode: 'write' }).close();
    return openReading({ home, clock, mode: 'read' });
  }
  return new Catalog(connection, clock, home, () => {
    connection.close();
  });
}

function migrate(connection: Connection): void {
  const id = connection.pragma('application_id');
  const version = Number(connection.pragma('user_version'));
  if (version > migrations.length) throw tooNew(connection.path);
  if (version > 0 && id !== applicationId) throw damaged(connection.path, 'it is not a Strongroom catalog');
  for (const migration of migrations.slice(version)) {
    connection.transaction(() => {
      connection.exec(migration.sql);
      connection.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${migration.number};`);
    });
  }
}

function identify(connection: Connection): void {
  connection.run(`INSERT INTO settings VALUES ('workstation', ?) ON CONFLICT DO NOTHING`, randomUUID());
}

/**
 * Checks a catalog file page by page. Error: `catalog-damaged`; so is a file that was emptied, which SQLite takes for a
 * new database.
 *
 * @param mayBeNew whether it may be one that a first start was killed over before anything was in it.
 */
export function checkWhole(file: string, mayBeNew = false): void {
  // Every page is read once.
  const connection = new Connection(file, { readonly: true, cacheKilobytes: 1_024 });
  try {
    const finding = connection.pragma('quick_check(1)');
    if (finding !== 'ok') throw damaged(file, String(finding));
    const isNew = mayBeNew && connection.pragma('user_version') === 0;
    if (connection.pragma('application_id') !== applicationId && !isNew) {
      throw damaged(file, 'it is not a Strongroom catalog');
    }
  } finally {
    connection.close();
  }
}

function makeHome(home: string): void {
  try {
    fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StrongroomError('disk-read-only', `The folder for Strongroom's data, ${home}, cannot be made.`, {
      cause: error,
      subject: home,
      advice: 'Choose another with --home or STRONGROOM_HOME.',
    });
  }
}

/** Whether nothing says that there ever was a catalog with something in it: no checkpoint, no clean end, no log. */
function isFirstStart(home: string): boolean {
  const log = fs.statSync(`${catalogPath(home)}-wal`, { throwIfNoEntry: false });
  const emptied = fs.statSync(catalogPath(home)).size === 0 && (log?.size ?? 0) > 0;
  return !leftovers(home) && !fs.existsSync(stampPath(home)) && !emptied;
}

function leftovers(home: string): boolean {
  const checkpoints = path.join(home, 'checkpoints');
  return fs.existsSync(checkpoints) && fs.readdirSync(checkpoints).some((name) => name.endsWith('.db'));
}

function missing(home: string): StrongroomError {
  return leftovers(home)
    ? new StrongroomError('catalog-missing', `The catalog in ${home} is gone, but its checkpoints are there.`, {
        subject: home,
        advice:
          'Go back to the last checkpoint with "strongroom catalog restore", or make a new catalog with "strongroom rebuild --from <store>".',
      })
    : new StrongroomError('catalog-missing', `There is no catalog in ${home} yet.`, {
        subject: home,
        advice:
          'Protect a folder first: strongroom protect <folder> --to <store>. After a loss: strongroom rebuild --from <store>.',
      });
}

function tooNew(where: string): StrongroomError {
  return new StrongroomError('catalog-too-new', `The catalog in ${where} was made by a newer Strongroom.`, {
    advice: 'Use that newer version on this workstation.',
  });
}

/*
 * The stamp says how the catalog's file looked when it was closed cleanly. Reading a whole catalog of a million files
 * takes most of a second; where the stamp holds, nobody has written since and `status` need not.
 */
function stampPath(home: string): string {
  return path.join(home, 'catalog.stamp');
}

function stampOf(home: string): string | undefined {
  const file = catalogPath(home);
  const log = fs.statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) return undefined;
  const stat = fs.statSync(file, { bigint: true });
  return `${stat.size} ${stat.mtimeNs} ${stat.ino}\n`;
}

function writeStamp(home: string): void {
  const stamp = stampOf(home);
  if (stamp !== undefined) fs.writeFileSync(stampPath(home), stamp);
}

function sameStamp(home: string): boolean {
  const stamp = stampOf(home);
  try {
    return stamp !== undefined && fs.readFileSync(stampPath(home), 'utf8') === stamp;
  } catch {
    return false;
  }
}
