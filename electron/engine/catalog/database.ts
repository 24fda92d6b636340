import Database from 'better-sqlite3';
import { StrongroomError } from '../../../shared/errors.ts';

export type SqlValue = string | number | bigint | Uint8Array | null;

/** A prepared statement with `?` or `?1` parameters (not both), bound by position: better-sqlite3 takes `?1` for a name. */
class Statement {
  readonly #statement: Database.Statement;
  readonly #bind: (values: readonly SqlValue[]) => unknown[];

  constructor(database: Database.Database, sql: string) {
    const numbered = /\?\d/.test(sql);
    this.#statement = database.prepare(sql.replace(/\?(\d+)/g, ':p$1'));
    this.#bind = numbered
      ? (values) => [Object.fromEntries(values.map((value, index) => [`p${index + 1}`, value]))]
      : (values) => values as unknown[];
  }

  all(values: readonly SqlValue[]): unknown[] {
    return this.#statement.all(...this.#bind(values));
  }

  get(values: readonly SqlValue[]): unknown {
    return this.#statement.get(...this.#bind(values));
  }

  iterate(values: readonly SqlValue[]): IterableIterator<unknown> {
    return this.#statement.iterate(...this.#bind(values));
  }

  run(values: readonly SqlValue[]): Database.RunResult {
    return this.#statement.run(...this.#bind(values));
  }
}

/**
 * A SQLite connection that prepares each statement once and speaks Strongroom's error codes.
 *
 * Errors of every method: `catalog-damaged`, `catalog-busy`, `disk-full`, `disk-read-only`, `disk-error`.
 */
export class Connection {
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Statement>();

  /** @param options.cacheKilobytes of pages at hand; the system holds those of the file anyway. */
  constructor(path: string, options: { readonly readonly: boolean; readonly cacheKilobytes?: number }) {
    this.#database = translated(path, () => new Database(path, { readonly: options.readonly, timeout: 5_000 }));
    try {
      this.pragma(`cache_size = -${options.cacheKilobytes ?? 4_096}`);
    } catch (error) {
      // A file that is no database shows here, and somebody may want to move it away.
      this.#database.close();
      throw error;
    }
  }

  get path(): string {
    return this.#database.name;
  }

  /** Rows as objects. The caller states the shape; the schema is ours. */

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#run(() => this.#prepare(sql).all(values) as Row[]);
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as above
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    return this.#run(() => this.#prepare(sql).get(values) as Row | undefined);
  }

  /** Rows one by one, for results that do not fit in memory. No other statement may write meanwhile. */

  *iterate<Row>(sql: string, ...values: SqlValue[]): IterableIterator<Row> {
    try {
      yield* this.#prepare(sql).iterate(values) as IterableIterator<Row>;
    } catch (error) {
      throw translate(this.path, error);
    }
  }

  /** Runs a statement. @returns rows changed and the last row's id. */
  run(sql: string, ...values: SqlValue[]): { readonly changes: number; readonly id: number } {
    return this.#run(() => {
      const result = this.#prepare(sql).run(values);
      return { changes: result.changes, id: Number(result.lastInsertRowid) };
    });
  }

  exec(sql: string): void {
    this.#run(() => this.#database.exec(sql));
  }

  pragma(text: string): unknown {
    return this.#run(() => this.#database.pragma(text, { simple: true }));
  }

  /** Runs `work` in one transaction, or as part of the one under way: all of it is kept, or nothing. */
  transaction<Result>(work: () => Result): Result {
    if (this.#database.inTransaction) return work();
    return this.#run(() => this.#database.transaction(work).immediate());
  }

  /**
   * Writes the database to another file, as of one moment, while others use it; what rows that went have left free is not
   * written. Takes half as long again as SQLite's backup, which cannot be kept from 16 MB of memory for its target.
   *
   * @param path where nothing is yet.
   */
  copyTo(path: string): void {
    this.run('VACUUM INTO ?', path);
  }

  close(): void {
    this.#run(() => this.#database.close());
  }

  #prepare(sql: string): Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new Statement(this.#database, sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run<Result>(work: () => Result): Result {
    return translated(this.path, work);
  }
}

function translated<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw translate(path, error);
  }
}

/** SQLite's result codes (https://www.sqlite.org/rescode.html) as Strongroom's; anything else passes through. */
function translate(path: string, error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const code = error.code;
  const details = { cause: error, subject: path };
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return damaged(path, error.message, error);
  if (code === 'SQLITE_FULL') {
    return new StrongroomError('disk-full', `There is no room left on the disk of the catalog ${path}.`, {
      ...details,
      advice: 'Free some space there and start again; nothing that was recorded is lost.',
    });
  }
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_PERM') || code === 'SQLITE_CANTOPEN') {
    return new StrongroomError('disk-read-only', `The catalog ${path} cannot be opened for writing.`, {
      ...details,
      advice: 'Check that its folder exists and that you may write there.',
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new StrongroomError('catalog-busy', `Another program holds the catalog ${path}.`, {
      ...details,
      advice: 'Wait until it is done, or end it.',
    });
  }
  if (code.startsWith('SQLITE_IOERR')) {
    return new StrongroomError('disk-error', `The disk of the catalog ${path} answered with an error.`, {
      ...details,
      advice: 'Check the disk; the copies in the stores are not affected.',
    });
  }
  return error;
}

export function damaged(path: string, what: string, cause?: unknown): StrongroomError {
  return new StrongroomError('catalog-damaged', `The catalog ${path} is damaged (${what}).`, {
    cause,
    subject: path,
    advice:
      'The copies in the stores are not affected. Go back to the last good checkpoint with "strongroom catalog restore", ' +
      'or make a new catalog from a store with "strongroom rebuild --from <store>".',
  });
}
