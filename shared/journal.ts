import { z } from 'zod';

/**
 * What lies in a store's journals and checkpoints: one JSON object a line, a header first and an end last. Any tool
 * that can unpack gzip and read JSON can read them, with or without Strongroom.
 */

const path = z.string().min(1);
const instant = z.int().nonnegative();

export const journalHeader = z.object({
  strongroom: z.enum(['journal', 'checkpoint']),
  /** Of this format; a reader refuses what is newer than it knows. */
  format: z.literal(1),
  source: z.object({
    uuid: z.uuid(),
    name: z.string().min(1),
    root: z.string(),
    createdAt: instant,
  }),
  /** Journals of a source in a store are numbered from 1 without gaps; a checkpoint covers all up to its number. */
  number: z.int().positive(),
  /** A checkpoint's parts are numbered from 1, and the last says so. A journal is one part. */
  part: z.int().positive(),
  last: z.boolean(),
  workstation: z.uuid(),
  at: instant,
});
export type JournalHeader = z.infer<typeof journalHeader>;

export const versionEntry = z.object({
  path,
  n: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
  /** Nanoseconds since 1970; text, because it exceeds what JSON numbers hold exactly. */
  mtime: z.string().regex(/^-?\d{1,19}$/),
  mode: z.int().min(0).max(0o7777),
  seen: instant,
  /** Where it was moved from. */
  from: z.string().optional(),
  at: z.string(),
  stored: instant,
});

export const tombstoneEntry = z.object({ path, n: z.int().positive(), gone: instant, at: z.string(), stored: instant });

export const folderEntry = z.object({ folder: path, seen: instant, until: instant.nullable() });

export const journalEntry = z.union([versionEntry, tombstoneEntry, folderEntry]);
export type VersionEntryLine = z.infer<typeof versionEntry>;
export type TombstoneEntryLine = z.infer<typeof tombstoneEntry>;
export type FolderEntryLine = z.infer<typeof folderEntry>;
export type JournalEntry = z.infer<typeof journalEntry>;

export const journalEnd = z.object({
  /** How many entries. */
  end: z.int().nonnegative(),
  /** SHA-256 of all bytes before this line. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** Who may write a source in a store now. */
export const leaseFile = z.object({
  strongroom: z.literal('lease'),
  workstation: z.uuid(),
  /** The computer's own name, for people. */
  host: z.string(),
  taken: instant,
  /** After this another workstation may take it. */
  until: instant,
  released: z.boolean(),
});
export type LeaseFile = z.infer<typeof leaseFile>;
