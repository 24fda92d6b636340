import { createHash } from 'node:crypto';
import type { Instant, VersionFacts } from '../../../../shared/domain.ts';
import { escapePath, unescapePath } from '../../../../shared/escape.ts';
import type { DriveFile } from './schema.ts';

/**
 * What Strongroom keeps with each of its files in Drive, as private properties: at most 30 of at most 124 bytes each
 * with their keys. https://developers.google.com/workspace/drive/api/guides/properties
 *
 * | key | value |
 * |---|---|
 * | `id` | the file's own id: a copy that somebody makes in Drive has the same properties but another id, and is theirs |
 * | `at` | the tag of the place that it is current at (see `names.ts`); cleared when it moves to the history folder |
 * | `sha256` | digest of the current version |
 * | `v` | number, mtime, mode, time it was stored, number of revisions, and the revision since which it is at this place |
 * | `gone` | when its file was deleted (milliseconds), or `superseded` when another took its place |
 * | `moved` | the tag of its source, if it was moved: such files are found by it |
 * | `f…` | places that it was at before, in pieces |
 * | `h…` | facts of the revisions that were superseded, in pieces |
 */
export interface FileRecord {
  readonly number: number;
  readonly sha256: string;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly storedAt: Instant;
  /** Revisions of the file, people's included, as far as Strongroom knows. */
  readonly revisions: number;
  /** Mark of the first revision that belongs to the present place; '' where all do. */
  readonly since: string;
  readonly at: string | undefined;
  /** `undefined` for a current file. */
  readonly gone: Instant | 'superseded' | undefined;
  readonly former: readonly FormerPlace[];
  readonly superseded: readonly SupersededFacts[];
}

/** Where a file was before it was moved, and which of its revisions belong to that place. */
export interface FormerPlace {
  readonly path: string;
  /** Marks of the first ('' for the oldest) and the last revision. */
  readonly since: string;
  readonly until: string;
  readonly goneAt: Instant;
}

/** What is kept of a revision when the next one takes its place. */
export interface SupersededFacts {
  /** The first 20 bits of the revision's MD5, by which it is found again. */
  readonly md5Start: number;
  readonly mode: number;
  readonly mtimeNs: bigint;
  /** In whole seconds. */
  readonly storedAt: Instant;
}

type Properties = Record<string, string | null>;

const pieceBytes = 118;
const formerPieces = 11;
const factPieces = 12;
/** 16 bytes each, which base64 makes 22 characters of. */
const factsAPiece = 5;
/** Facts of so many superseded revisions are kept; of those before only what Drive itself keeps of a revision. */
const mostFacts = factPieces * factsAPiece;

/** Whether Strongroom made this file (and nobody copied it). */
export function isOurs(file: DriveFile): boolean {
  return file.appProperties['id'] === file.id;
}

/** What is known of one of Strongroom's files; `undefined` for anybody else's. */
export function recordOf(file: DriveFile): FileRecord | undefined {
  const { at, sha256, v, gone } = file.appProperties;
  if (!isOurs(file) || sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const parts = /^(\d+) (-?\d+) ([0-7]+) (\d+) (\d+) (\S+)$/.exec(v ?? '');
  if (parts === null) return undefined;
  const [, number, mtimeNs, mode, storedAt, revisions, since] = parts;
  return {
    number: Number(number),
    sha256,
    mtimeNs: BigInt(mtimeNs ?? 0),
    mode: Number.parseInt(mode ?? '', 8),
    storedAt: Number(storedAt),
    revisions: Number(revisions),
    since: since === '-' ? '' : (since ?? ''),
    at,
    gone: gone === undefined ? undefined : gone === 'superseded' ? gone : Number(gone),
    former: parseFormer(joined(file.appProperties, 'f')),
    superseded: parseFacts(joined(file.appProperties, 'h')),
  };
}

/** The properties of a file's record, or `undefined` where its former places do not fit. Says of every key what it is. */
export function propertiesOf(id: string, record: FileRecord, source: string): Properties | undefined {
  const former = pieces(formatFormer(record.former));
  if (former.length > formerPieces) return undefined;
  const properties: Properties = {
    id,
    at: record.at ?? null,
    sha256: record.sha256,
    v: `${record.number} ${record.mtimeNs} ${record.mode.toString(8)} ${record.storedAt} ${record.revisions} ${record.since === '' ? '-' : record.since}`,
    gone: record.gone === undefined ? null : String(record.gone),
    moved: record.former.length > 0 ? source : null,
  };
  for (let index = 0; index < formerPieces; index += 1) properties[`f${index}`] = former[index] ?? null;
  const facts = record.superseded.slice(-mostFacts);
  for (let index = 0; index < factPieces; index += 1) {
    const some = facts.slice(index * factsAPiece, (index + 1) * factsAPiece);
    properties[`h${index}`] = some.length === 0 ? null : some.map(formatFacts).join('');
  }
  return properties;
}

/** Only what differs from what the file has now: Google counts and keeps what is sent. */
export function changedProperties(file: DriveFile | undefined, wanted: Properties): Properties {
  const now = file?.appProperties ?? {};
  return Object.fromEntries(Object.entries(wanted).filter(([key, value]) => (now[key] ?? null) !== value));
}

/** Whether a record says that its file's current content is this version. */
export function sameVersion(record: FileRecord, version: VersionFacts): boolean {
  return record.sha256 === version.sha256 && record.mtimeNs === version.mtimeNs && record.mode === version.mode;
}

/** Whether what a file holds now is what Strongroom stored last. Where Drive keeps no digest, nothing speaks against it. */
export function isUntouched(file: DriveFile, record: FileRecord): boolean {
  return file.sha256Checksum === undefined || file.sha256Checksum === record.sha256;
}

/** A revision's id in eight characters, to tell the revisions of one file apart. */
export function markOf(revisionId: string): string {
  return createHash('sha256').update(revisionId).digest('base64url').slice(0, 8);
}

/** The record's facts with those of the version that is about to be superseded. */
export function withSuperseded(record: FileRecord, md5: string | undefined): readonly SupersededFacts[] {
  const { mode, mtimeNs, storedAt } = record;
  return [...record.superseded, { md5Start: md5Start(md5), mode, mtimeNs, storedAt }].slice(-mostFacts);
}

export function md5Start(md5: string | undefined): number {
  return Number.parseInt((md5 ?? '').slice(0, 5).padEnd(5, '0'), 16);
}

function joined(properties: Readonly<Record<string, string>>, key: string): string {
  let text = '';
  for (let index = 0; ; index += 1) {
    const piece = properties[`${key}${index}`];
    if (piece === undefined) return text;
    text += piece;
  }
}

/** Text in pieces of so many bytes of UTF-8 that they fit beside their keys. */
function pieces(text: string): string[] {
  const made: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const character of text) {
    const more = Buffer.byteLength(character);
    if (bytes + more > pieceBytes) {
      made.push(piece);
      piece = '';
      bytes = 0;
    }
    piece += character;
    bytes += more;
  }
  return bytes === 0 ? made : [...made, piece];
}

/** No name on a file server holds a zero byte, and none is left after escaping. */
const pathRules = { forbidden: /[\u0001-\u001f\u007f]/, segmentBytes: Infinity, pathBytes: Infinity };

function formatFormer(places: readonly FormerPlace[]): string {
  return places
    .map(({ path, since, until, goneAt }) => {
      const name = escapePath(path, pathRules) ?? '';
      return `${since === '' ? '-'.repeat(8) : since}${until}${goneAt.toString(36).padStart(9, '0')}${name}\n`;
    })
    .join('');
}

function parseFormer(text: string): FormerPlace[] {
  return text
    .split('\n')
    .filter((line) => line.length > 25)
    .map((line) => ({
      since: line.startsWith('-'.repeat(8)) ? '' : line.slice(0, 8),
      until: line.slice(8, 16),
      goneAt: Number.parseInt(line.slice(16, 25), 36),
      path: unescapePath(line.slice(25)),
    }));
}

function formatFacts(facts: SupersededFacts): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(((facts.md5Start << 12) | (facts.mode & 0o7777)) >>> 0, 0);
  bytes.writeBigInt64BE(BigInt.asIntN(64, facts.mtimeNs), 4);
  bytes.writeUInt32BE(Math.floor(facts.storedAt / 1000) >>> 0, 12);
  return bytes.toString('base64url');
}

function parseFacts(text: string): SupersededFacts[] {
  const facts: SupersededFacts[] = [];
  for (let at = 0; at + 22 <= text.length; at += 22) {
    const bytes = Buffer.from(text.slice(at, at + 22), 'base64url');
    const first = bytes.readUInt32BE(0);
    facts.push({
      md5Start: first >>> 12,
      mode: first & 0o7777,
      mtimeNs: bytes.readBigInt64BE(4),
      storedAt: bytes.readUInt32BE(12) * 1000,
    });
  }
  return facts;
}
