import type { Connection } from './database.ts';

/** Small settings of this workstation, each a JSON value under a name. What they mean is known to whoever keeps them. */
export class Settings {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The value as it was kept; `undefined` where there is none. The caller parses it by a schema. */
  get(name: string): unknown {
    const row = this.#connection.get<{ value: string }>('SELECT value FROM settings WHERE name = ?', keyOf(name));
    return row === undefined ? undefined : (JSON.parse(row.value) as unknown);
  }

  set(name: string, value: unknown): void {
    this.#connection.run(
      'INSERT INTO settings VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
      keyOf(name),
      JSON.stringify(value),
    );
  }
}

/** Apart from what the catalog keeps of itself in the same table, which is no JSON. */
function keyOf(name: string): string {
  return `app/${name}`;
}
