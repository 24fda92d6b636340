import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { StoppedStart } from '../../../shared/contract/shapes.ts';
import { storeSpec, type StoreSpec } from '../../../shared/spec.ts';
import { listCheckpoints, type Checkpoint } from '../../engine/catalog/checkpoints.ts';
import { Connection } from '../../engine/catalog/database.ts';
import { catalogPath, checkWhole } from '../../engine/catalog/open.ts';

type CheckpointFacts = StoppedStart['checkpoints'][number];

/** A store that what is left of a catalog names. */
export interface KnownStore {
  readonly name: string;
  readonly spec: StoreSpec;
  /** Whether its key or sign-in is kept among the secrets. */
  readonly keyKept: boolean;
}

const storeRow = z.object({ name: z.string().min(1), spec: z.string(), keyKept: z.number() });

/** What `engine/catalog/lock.ts` leaves beside the lock. */
const ownerFile = z.object({ process: z.int(), since: z.int() });

/** Who has a home's catalog open, as that process said itself; `null` where it did not. */
export function ownerOf(home: string): StoppedStart['owner'] {
  try {
    return ownerFile.parse(JSON.parse(fs.readFileSync(path.join(home, 'owner.json'), 'utf8')));
  } catch {
    return null;
  }
}

/** A checkpoint before anything in it was looked at. */
export function unseen({ at, bytes }: Checkpoint): CheckpointFacts {
  return { at, size: bytes, whole: null, sources: [], files: 0 };
}

/** Reads a checkpoint page by page, and what it knows. Takes about a second a million files. */
export function examine(checkpoint: Checkpoint): CheckpointFacts {
  const facts = unseen(checkpoint);
  try {
    checkWhole(checkpoint.file);
    return { ...facts, whole: true, ...readOnly(checkpoint.file, knowledgeOf) };
  } catch {
    return { ...facts, whole: false };
  } finally {
    // What SQLite leaves beside a file that was only read.
    for (const tail of ['-wal', '-shm']) fs.rmSync(checkpoint.file + tail, { force: true });
  }
}

function knowledgeOf(connection: Connection): Pick<CheckpointFacts, 'sources' | 'files'> {
  const sources = connection.all<{ name: string }>('SELECT name FROM sources WHERE removed_at IS NULL ORDER BY name');
  const files = connection.get<{ files: number }>('SELECT count(*) AS files FROM files WHERE version_id IS NOT NULL');
  return { sources: sources.map(({ name }) => name), files: files?.files ?? 0 };
}

/**
 * The stores that the catalog of a home names, or the newest of its checkpoints where that part of it cannot be read.
 * Nothing else in a damaged catalog is believed: a store proves itself when it is read.
 */
export function knownStores(home: string): KnownStore[] {
  for (const file of [catalogPath(home), ...listCheckpoints(home).map((checkpoint) => checkpoint.file)]) {
    try {
      const stores = readOnly(file, storesOf);
      if (stores.length > 0) return stores;
    } catch {
      // Not there, or not to be read: the next one may be.
    }
  }
  return [];
}

function storesOf(connection: Connection): KnownStore[] {
  return connection
    .all('SELECT name, spec, key_kept AS keyKept FROM stores ORDER BY id')
    .map((row) => storeRow.parse(row))
    .map(({ name, spec, keyKept }) => ({ name, spec: storeSpec.parse(JSON.parse(spec)), keyKept: keyKept !== 0 }));
}

function readOnly<Result>(file: string, read: (connection: Connection) => Result): Result {
  const connection = new Connection(file, { readonly: true });
  try {
    return read(connection);
  } finally {
    connection.close();
  }
}
