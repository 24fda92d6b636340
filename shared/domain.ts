/** The words of the house as types. See ARCHITECTURE.md, "Words". */

/** Lower-case hexadecimal SHA-256, 64 characters. */
export type Sha256 = string;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** Where the time comes from. The engine never asks the system itself, so that tests can set it. */
export interface Clock {
  now(): Instant;
}

/** `pending` and `stored` are set by runs, `verified`, `missing` and `corrupt` by audits and restores, the rest by stores with an archive. */
export const copyStates = ['pending', 'stored', 'verified', 'archived', 'thawing', 'missing', 'corrupt'] as const;
export type CopyState = (typeof copyStates)[number];

/** Which file: the source's name in stores, and the path inside it, `/`-separated (see `names.ts`). */
export interface Place {
  readonly source: string;
  readonly path: string;
}

/** What a version is, apart from its place: enough to check it byte for byte and give it back with its times. */
export interface VersionFacts {
  readonly sha256: Sha256;
  /** Bytes. */
  readonly size: number;
  /** Modification time, nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** POSIX permission bits, 0-0o7777. */
  readonly mode: number;
}

export const runOutcomes = ['done', 'incomplete', 'needs-approval', 'failed', 'cancelled'] as const;
export type RunOutcome = (typeof runOutcomes)[number];

/** What an append-only event can say. The names follow PREMIS where it has one (replication, fixity check, deletion, recovery). */
export const eventKinds = [
  'source-added',
  'source-removed',
  'store-added',
  'store-removed',
  'mass-change-stopped',
  'changes-accepted',
  'suspected-decay',
  'decay-cleared',
  'copy-lost-before-replication',
  'fixity-confirmed',
  'fixity-failed',
  'copy-foreign',
  'changes-missed',
  'restored',
  'restore-fell-back',
  'catalog-rebuilt',
  'journal-imported',
] as const;
export type EventKind = (typeof eventKinds)[number];
