import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import Database from 'better-sqlite3';
import { z } from 'zod';
import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';

const ownerFile = z.object({ process: z.number(), since: z.number() });

/**
 * The lock that lets one process at a time write a home. It is an exclusive SQLite lock on a file of its own: the
 * operating system gives it back when the process ends, however it ends, so no stale lock is ever left.
 */
export class HomeLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Takes the lock. Error: `catalog-busy`, saying which process has it. */
  static take(home: string, clock: Clock): HomeLock {
    const database = HomeLock.#open(home);
    if (database === undefined) {
      const owner = readOwner(home);
      const who =
        owner === undefined ? '' : ` (process ${owner.process}, since ${new Date(owner.since).toISOString()})`;
      throw new StrongroomError('catalog-busy', `Another Strongroom${who} is working in ${home}.`, {
        subject: home,
        advice: 'Wait until it is done, or end it. Looking (status, ls, versions, search, restore) works meanwhile.',
      });
    }
    fs.writeFileSync(path.join(home, 'owner.json'), JSON.stringify({ process: process.pid, since: clock.now() }));
    return new HomeLock(database);
  }

  /** Whether some process has the lock now. */
  static isTaken(home: string): boolean {
    const database = HomeLock.#open(home);
    database?.close();
    return database === undefined;
  }

  release(): void {
    this.#database.close();
  }

  static #open(home: string): Database.Database | undefined {
    const database = new Database(path.join(home, 'lock'), { timeout: 0 });
    try {
      database.exec('BEGIN EXCLUSIVE');
      return database;
    } catch (error) {
      database.close();
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
      throw error;
    }
  }
}

function readOwner(home: string): z.infer<typeof ownerFile> | undefined {
  try {
    return ownerFile.parse(JSON.parse(fs.readFileSync(path.join(home, 'owner.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
