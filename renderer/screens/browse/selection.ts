import type { ListRow, RestoreRequest } from '../../../shared/contract/shapes.ts';

/** As many things as one restore takes (`restoreRequest` of the contract). */
export const mostPicked = 10_000;

/** A row that was picked, with what a restore has to know of it. */
export interface Picked {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  readonly deleted: boolean;
  /** The version that is shown; `null` for a folder. */
  readonly version: number | null;
  /** Bytes; `null` for a folder. */
  readonly size: number | null;
}

/** What is picked in one folder: some rows, or all that it holds where that is more than can be named one by one. */
export type Selection =
  | { readonly kind: 'some'; readonly rows: ReadonlyMap<string, Picked> }
  | { readonly kind: 'all'; readonly count: number };

export const nothingPicked: Selection = { kind: 'some', rows: new Map() };

export function pickedFrom(row: ListRow): Picked {
  return row.kind === 'folder'
    ? { path: row.path, kind: 'folder', deleted: row.deleted, version: null, size: null }
    : { path: row.path, kind: 'file', deleted: row.deleted, version: row.version, size: row.size };
}

export function isPicked(selection: Selection, path: string): boolean {
  return selection.kind === 'all' || selection.rows.has(path);
}

export function countOf(selection: Selection): number {
  return selection.kind === 'all' ? selection.count : selection.rows.size;
}

/** These rows alone; as many as can be picked. */
export function only(rows: readonly ListRow[]): Selection {
  return { kind: 'some', rows: new Map(rows.slice(0, mostPicked).map((row) => [row.path, pickedFrom(row)])) };
}

/** Takes a row in, or out. Out of "all" nothing can be taken: the row is picked alone then. */
export function toggled(selection: Selection, row: ListRow): Selection {
  if (selection.kind === 'all') return only([row]);
  const rows = new Map(selection.rows);
  if (!rows.delete(row.path) && rows.size < mostPicked) rows.set(row.path, pickedFrom(row));
  return { kind: 'some', rows };
}

/** These rows besides what was picked before. */
export function withAlso(selection: Selection, more: readonly ListRow[]): Selection {
  if (selection.kind === 'all') return selection;
  const rows = new Map(selection.rows);
  for (const row of more) {
    if (rows.size >= mostPicked) break;
    rows.set(row.path, pickedFrom(row));
  }
  return { kind: 'some', rows };
}

/**
 * What a restore is asked for. A file that is gone by the moment shown is named with its last version, since "as of" that
 * moment there is none. @param folder the folder in which the rows are.
 */
export function restoreItems(selection: Selection, folder: string): RestoreRequest['items'] {
  if (selection.kind === 'all') return [{ path: folder, version: null }];
  return [...selection.rows.values()].map(({ path, deleted, version }) => ({
    path,
    version: deleted ? version : null,
  }));
}
