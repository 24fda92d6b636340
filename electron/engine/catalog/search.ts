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
 * Search by any part of a path, regardless of case and of Unicode form. Text before the last `/` must end the folder's path,
 * text after it must begin the name; text without `/` is looked for in names first and in folders' paths then.
 */
export class Search {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** At most `limit` files. */
  find(text: string, limit: number): Found[] {
    const wanted = fold(text);
    if (wanted === '') return [];
    const slash = wanted.lastIndexOf('/');
    if (slash >= 0) return this.#acrossFolders(wanted, limit);
    const found = this.#byName(wanted, limit);
    if (found.length < limit)
      found.push(...this.#byFolder(wanted, limit - found.length, (row) => !fold(row.name).includes(wanted)));
    return found;
  }

  #byName(wanted: string, limit: number): Found[] {
    const rows =
      Array.from(wanted).length < 3
        ? this.#connection.iterate<Row>(
            `SELECT ${fileColumns} FROM ${fileTables} WHERE coalesce(f.nfc, f.name) LIKE ? ESCAPE '\\'`,
            likePattern(wanted),
          )
        : this.#connection.iterate<Row>(
            `SELECT ${fileColumns} FROM file_search s JOIN ${fileTables} WHERE s.rowid = f.id AND file_search MATCH ?`,
            trigrams(wanted),
          );
    return take(rows, limit, (row) => fold(row.name).includes(wanted));
  }

  #byFolder(wanted: string, limit: number, also: (row: Row) => boolean): Found[] {
    const matching =
      Array.from(wanted).length < 3
        ? this.#connection.iterate<Row>(
            `SELECT ${fileColumns} FROM ${fileTables} WHERE coalesce(fo.nfc, fo.path) LIKE ? ESCAPE '\\'`,
            likePattern(wanted),
          )
        : this.#connection.iterate<Row>(
            `SELECT ${fileColumns} FROM folder_search s JOIN ${fileTables} WHERE s.rowid = fo.id AND folder_search MATCH ?`,
            trigrams(wanted),
          );
    return take(matching, limit, (row) => fold(row.folder).includes(wanted) && also(row));
  }

  /** `a/b`: the whole text lies in `folder/name`, somewhere. */
  #acrossFolders(wanted: string, limit: number): Found[] {
    const before = wanted.slice(0, wanted.lastIndexOf('/')).replace(/^\/+/, '');
    const inPath = (row: Row): boolean => fold(joinPath(row.folder, row.name)).includes(wanted.replace(/^\/+/, ''));
    if (before === '') return this.#byName(wanted.slice(wanted.lastIndexOf('/') + 1), limit);
    const longest = before;
    const rows =
      Array.from(longest).length < 3
        ? this.#connection.iterate<Row>(
            `SELECT ${fileColumns} FROM ${fileTables} WHERE coalesce(fo.nfc, fo.path) LIKE ? ESCAPE '\\'`,
            likePattern(longest),
          )
        : this.#connection.iterate<Row>(
            `SELECT ${fileColumns} FROM folder_search s JOIN ${fileTables} WHERE s.rowid = fo.id AND folder_search MATCH ?`,
            trigrams(longest),
          );
    return take(rows, limit, inPath);
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

function take(rows: Iterable<Row>, limit: number, matches: (row: Row) => boolean): Found[] {
  const found: Found[] = [];
  for (const row of rows) {
    if (!matches(row)) continue;
    found.push({ source: row.source, path: joinPath(row.folder, row.name), present: row.present !== 0 });
    if (found.length >= limit) break;
  }
  return found;
}
