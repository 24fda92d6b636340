import type { Instant } from '../../../shared/domain.ts';
import { joinPath, nfc } from '../../../shared/names.ts';
import type { Connection } from './database.ts';

export interface Found {
  readonly source: string;
  readonly path: string;
  /** Whether the file is there now; otherwise it is known from its history. */
  readonly present: boolean;
}

/** A file or folder that fits, with what a person wants to know of it at once. */
export interface Ranked extends Found {
  readonly kind: 'file' | 'folder';
  /** Bytes, of the last version for what is gone; `null` for folders. */
  readonly size: number | null;
  /** Versions with content, over all time; 0 for folders. */
  readonly versions: number;
  /** When the last run saw it, or found it gone; `null` where no run has ended yet. */
  readonly lastSeen: Instant | null;
}

interface Row {
  source: string;
  folder: string;
  name: string;
  present: number;
}

/** A file or folder that fits, before it is known whether it is among the best. */
interface Candidate extends Row {
  readonly id: number;
  readonly sourceId: number;
  readonly kind: 'file' | 'folder';
}

const fileColumns = 'so.name AS source, fo.path AS folder, f.name, f.version_id IS NOT NULL AS present';
const fileTables =
  'files f JOIN folders fo ON fo.id = f.folder_id JOIN sources so ON so.id = fo.source_id AND so.removed_at IS NULL';

const rankedColumns = 'f.id, fo.source_id AS sourceId, ' + fileColumns;
/** Of so many that fit, the best are chosen; of fewer where so little was typed that a person goes on typing. */
const ranksOf = 1_200;
const ranksOfLittle = 400;
/** Milliseconds after which what was found by then has to do. */
const patienceMs = 80;

/**
 * Search by any part of a path, regardless of case and of Unicode form. Text without `/` is looked for in names first and
 * in folders' paths then.
 */
export class Search {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** At most `limit` files. */
  find(text: string, limit: number): Found[] {
    const wanted = fold(text).replace(/^\/+/, '');
    if (wanted === '') return [];
    if (wanted.includes('/')) return this.#findAcross(wanted, limit);
    const inName = (row: Row): boolean => fold(row.name).includes(wanted);
    const found = take(this.#candidates('file', wanted), limit, inName);
    if (found.length === limit) return found;
    const inFolderOnly = (row: Row): boolean => fold(row.folder).includes(wanted) && !inName(row);
    return [...found, ...take(this.#candidates('folder', wanted), limit - found.length, inFolderOnly)];
  }

  /**
   * The best of what fits: by name before by path, what is there before what is gone, whole names and beginnings of words
   * before other parts. Text with blanks that nothing fits as a whole is taken as several words, all of which must fit.
   * Ends within about a tenth of a second however many files there are; what it did not get to look at is `more`.
   */
  ranked(text: string, limit: number, sourceId?: number): { found: Ranked[]; more: boolean } {
    const wanted = fold(text).trim().replace(/^\/+/, '');
    if (wanted === '') return { found: [], more: false };
    const gathering = new Gathering(sourceId, isIndexed(wanted) ? ranksOf : ranksOfLittle);
    const hits = (words: readonly string[]): Hits => {
      const inAll = (hay: string): boolean => words.every((word) => hay.includes(word));
      return {
        byName: (row) => inAll(fold(row.name)),
        byPath: (row) => inAll(fold(joinPath(row.folder, row.name))),
      };
    };
    this.#gather(gathering, wanted, [wanted], hits([wanted]));
    const words = wanted.split(/\s+/);
    if (gathering.candidates.length === 0 && words.length > 1) this.#gather(gathering, wanted, words, hits(words));
    const best = gathering.candidates
      .map((candidate) => ({ candidate, rank: rankOf(candidate, wanted) }))
      .sort((left, right) => compareRanks(left.rank, right.rank))
      .slice(0, limit);
    return {
      found: best.map(({ candidate }) => this.#detailed(candidate)),
      more: gathering.incomplete || gathering.candidates.length > limit,
    };
  }

  #gather(gathering: Gathering, wanted: string, words: readonly string[], hits: Hits): void {
    const longest = words.reduce((best, word) => (word.length > best.length ? word : best), '');
    gathering.take(this.#foldersNamed(longest), hits.byName, gathering.ranks / 4);
    gathering.take(this.#filesNamed(longest), hits.byName);
    // One or two characters are in nearly every path: what has them in its folder's name only is not what is meant.
    if (gathering.isFull || !isIndexed(longest)) return;
    // By its folder: what is asked for may lie across the slash between the two.
    const slash = wanted.lastIndexOf('/');
    if (slash > 0 && words.length === 1) {
      const [before, after] = [wanted.slice(0, slash), wanted.slice(slash + 1)];
      const fits = (row: Row): boolean => fold(joinPath(row.folder, row.name)).includes(wanted);
      if (isIndexed(before)) gathering.take(this.#filesIn(before), fits);
      else if (isIndexed(after)) gathering.take(this.#filesNamed(after), fits);
    }
    gathering.take(this.#filesIn(longest), hits.byPath);
    if (words.length > 1) gathering.take(this.#filesNamed(longest), hits.byPath);
  }

  *#filesNamed(wanted: string): Iterable<Candidate> {
    if (isIndexed(wanted)) {
      yield* this.#connection.iterate<Candidate>(
        `SELECT ${rankedColumns}, 'file' AS kind FROM file_search s JOIN ${fileTables} WHERE s.rowid = f.id AND file_search MATCH ?`,
        trigrams(wanted),
      );
      return;
    }
    // An index of trigrams knows nothing of one or two characters: the index of names is read, a quarter of the files'
    // size. LIKE folds only ASCII, so other letters are asked for in both cases.
    const patterns = [...new Set(isAscii(wanted) ? [wanted] : [wanted, wanted.toUpperCase()])].map(likePattern);
    for (const column of ['name', 'nfc']) {
      const like = patterns.map((_, index) => `hit.${column} LIKE ?${index + 1} ESCAPE '\\'`).join(' OR ');
      yield* this.#connection.iterate<Candidate>(
        `SELECT ${rankedColumns}, 'file' AS kind FROM files hit CROSS JOIN ${fileTables}
         WHERE f.id = hit.id AND hit.${column} IS NOT NULL AND (${like})`,
        ...patterns,
      );
    }
  }

  /** @param wanted at least three characters. */
  #filesIn(wanted: string): Iterable<Candidate> {
    return this.#connection.iterate<Candidate>(
      `SELECT ${rankedColumns}, 'file' AS kind FROM folder_search s JOIN ${fileTables} WHERE s.rowid = fo.id AND folder_search MATCH ?`,
      trigrams(wanted),
    );
  }

  #foldersNamed(wanted: string): Iterable<Candidate> {
    const columns = `fo.id, fo.source_id AS sourceId, so.name AS source, substr(fo.path, 1, max(0, length(fo.path) - length(fo.name) - 1)) AS folder, fo.name,
      EXISTS (SELECT 1 FROM folder_spans p WHERE p.folder_id = fo.id AND p.seen_until IS NULL) AS present, 'folder' AS kind`;
    const tables = `folders fo JOIN sources so ON so.id = fo.source_id AND so.removed_at IS NULL AND fo.path <> ''`;
    return isIndexed(wanted)
      ? this.#connection.iterate<Candidate>(
          `SELECT ${columns} FROM folder_search s JOIN ${tables} WHERE s.rowid = fo.id AND folder_search MATCH ?`,
          trigrams(wanted),
        )
      : this.#connection.iterate<Candidate>(
          `SELECT ${columns} FROM ${tables} WHERE coalesce(fo.nfc, fo.path) LIKE ? ESCAPE '\\'`,
          likePattern(wanted),
        );
  }

  #detailed({ id, sourceId, source, folder, name, present, kind }: Candidate): Ranked {
    const found = { source, path: joinPath(folder, name), present: present !== 0, kind };
    const lastRun = (): Instant | null =>
      this.#connection.get<{ at: number | null }>(
        `SELECT max(ended_at) AS at FROM runs WHERE source_id = ? AND outcome IN ('done', 'incomplete')`,
        sourceId,
      )?.at ?? null;
    if (kind === 'folder') {
      const gone = this.#connection.get<{ at: number | null }>(
        'SELECT max(seen_until) AS at FROM folder_spans WHERE folder_id = ?',
        id,
      );
      return { ...found, size: null, versions: 0, lastSeen: found.present ? lastRun() : (gone?.at ?? null) };
    }
    const versions = this.#connection.get<{ count: number; size: number | null; until: number | null }>(
      `SELECT count(*) AS count, max(superseded_at) AS until,
         (SELECT size FROM versions WHERE file_id = ?1 AND sha256 IS NOT NULL ORDER BY number DESC LIMIT 1) AS size
       FROM versions WHERE file_id = ?1 AND sha256 IS NOT NULL`,
      id,
    );
    return {
      ...found,
      size: versions?.size ?? null,
      versions: versions?.count ?? 0,
      lastSeen: found.present ? lastRun() : (versions?.until ?? null),
    };
  }

  /**
   * `box-12/page`: the folder's path ends with what stands before the last slash and the name begins with what stands
   * after it; or all of it lies in the folder's path. Either half may fit very many files, so both are asked in turn, and
   * whichever comes to its end first has told all.
   */
  #findAcross(wanted: string, limit: number): Found[] {
    const slash = wanted.lastIndexOf('/');
    const [before, after] = [wanted.slice(0, slash), wanted.slice(slash + 1)];
    const fits = (row: Row): boolean => fold(row.name).startsWith(after) && fold(row.folder).endsWith(before);
    const sides = [this.#candidates('folder', before)];
    if (Array.from(after).length >= 3) sides.push(this.#candidates('file', after));
    const found = take(inTurn(sides), limit, fits);
    if (found.length === limit) return found;
    const below = take(this.#candidates('folder', wanted), limit - found.length, (row) =>
      fold(row.folder).includes(wanted),
    );
    return [...found, ...below];
  }

  /** Files whose own name, or whose folder's path, has what is wanted or at least its trigrams. */
  #candidates(kind: 'file' | 'folder', wanted: string): Iterable<Row> {
    const [id, text] = kind === 'file' ? ['f.id', 'coalesce(f.nfc, f.name)'] : ['fo.id', 'coalesce(fo.nfc, fo.path)'];
    return !isIndexed(wanted)
      ? this.#connection.iterate<Row>(
          `SELECT ${fileColumns} FROM ${fileTables} WHERE ${text} LIKE ? ESCAPE '\\'`,
          likePattern(wanted),
        )
      : this.#connection.iterate<Row>(
          `SELECT ${fileColumns} FROM ${kind}_search s JOIN ${fileTables} WHERE s.rowid = ${id} AND ${kind}_search MATCH ?`,
          trigrams(wanted),
        );
  }
}

interface Hits {
  readonly byName: (row: Row) => boolean;
  readonly byPath: (row: Row) => boolean;
}

/** What fits, each once, until enough of it is there now or it took too long. */
class Gathering {
  readonly candidates: Candidate[] = [];
  /** Whether something was not looked at. */
  incomplete = false;
  /** How many of what is there now are enough. */
  readonly ranks: number;
  readonly #sourceId: number | undefined;
  readonly #known = new Set<string>();
  readonly #until = performance.now() + patienceMs;
  #present = 0;
  #gone = 0;

  constructor(sourceId: number | undefined, ranks: number) {
    this.#sourceId = sourceId;
    this.ranks = ranks;
  }

  get isFull(): boolean {
    return this.#present >= this.ranks;
  }

  take(rows: Iterable<Candidate>, fits: (row: Row) => boolean, most = this.ranks): void {
    const enough = Math.min(this.ranks, this.#present + most);
    let looked = 0;
    for (const row of rows) {
      looked += 1;
      if (this.#present >= enough || (looked % 64 === 0 && performance.now() > this.#until)) {
        this.incomplete = true;
        return;
      }
      const key = `${row.kind} ${row.id}`;
      if ((this.#sourceId !== undefined && row.sourceId !== this.#sourceId) || this.#known.has(key) || !fits(row))
        continue;
      if (row.present !== 0) this.#present += 1;
      else if (this.#gone >= this.ranks) {
        this.incomplete = true;
        continue;
      } else this.#gone += 1;
      this.#known.add(key);
      this.candidates.push(row);
    }
  }
}

/** Smaller is better, the first number that differs decides. */
function rankOf({ name, folder, present }: Candidate, wanted: string): readonly (number | string)[] {
  const text = fold(name);
  const at = text.indexOf(wanted);
  const stem = text.includes('.') ? text.slice(0, text.lastIndexOf('.')) : text;
  const place =
    text === wanted || stem === wanted ? 0 : at === 0 ? 1 : at > 0 && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '') ? 2 : 3;
  return [Number(at < 0), Number(present === 0), at < 0 ? 0 : place, text.length, joinPath(folder, name)];
}

function compareRanks(left: readonly (number | string)[], right: readonly (number | string)[]): number {
  for (const [index, one] of left.entries()) {
    const other = right[index] ?? one;
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Whether the index of trigrams knows it. */
function isIndexed(wanted: string): boolean {
  return Array.from(wanted).length >= 3;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function fold(text: string): string {
  return nfc(text).toLowerCase();
}

/**
 * A query for the trigram index. Trigrams side by side (not overlapping) are enough to narrow the candidates, which are
 * then compared as text; each more would cost one more list of up to a million rows.
 */
function trigrams(wanted: string): string {
  const characters = Array.from(wanted);
  const parts = new Set<string>();
  for (let at = 0; at + 3 <= characters.length; at += 3) parts.add(characters.slice(at, at + 3).join(''));
  parts.add(characters.slice(-3).join(''));
  return [...parts].map((part) => `"${part.replaceAll('"', '""')}"`).join(' AND ');
}

function likePattern(wanted: string): string {
  return `%${wanted.replace(/[\\%_]/g, '\\$&')}%`;
}

/** Rows of each side in turn, each row once, until one side has no more. */
function* inTurn(sides: readonly Iterable<Row>[]): Iterable<Row> {
  const told = new Set<string>();
  const iterators = sides.map((side) => side[Symbol.iterator]());
  try {
    for (;;) {
      for (const iterator of iterators) {
        const next = iterator.next();
        if (next.done === true) return;
        const row = next.value;
        const key = `${row.source}/${joinPath(row.folder, row.name)}`;
        if (sides.length > 1 && told.has(key)) continue;
        if (sides.length > 1) told.add(key);
        yield row;
      }
    }
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}

function take(rows: Iterable<Row>, limit: number, matches: (row: Row) => boolean): Found[] {
  const found: Found[] = [];
  for (const row of rows) {
    if (!matches(row)) continue;
    found.push({ source: row.source, path: joinPath(row.folder, row.name), present: row.present !== 0 });
    if (found.length >= limit) break;
  }
  return found;
}
