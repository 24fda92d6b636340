import { joinPath, nfc } from '../../../shared/names.ts';
import type { Connection } from './database.ts';

export interface Found {
  readonly source: string;
  readonly path: string;
  /** Whether the file is there now; otherwise it is known from its history. */
  readonly present: boolean;
}

interface Row {
  source: string;
  folder: string;
  name: string;
  present: number;
}

const fileColumns = 'so.name AS source, fo.path AS folder, f.name, f.version_id IS NOT NULL AS present';
const fileTables =
  'files f JOIN folders fo ON fo.id = f.folder_id JOIN sources so ON so.id = fo.source_id AND so.removed_at IS NULL';

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
    return Array.from(wanted).length < 3
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
