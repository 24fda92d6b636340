import { randomBytes } from 'node:crypto';

import { invalidValue } from './errors.ts';

interface Snapshot {
  readonly purpose: string;
  readonly ids: readonly string[];
}

/** How many lists may be under way at once; the oldest one's tokens stop working after that. */
const MOST_LISTS = 200;

/** One page of a list. */
interface Page {
  readonly ids: readonly string[];
  readonly nextPageToken: string | undefined;
}

/**
 * Lists given out page by page. Which ids a list holds, and in what order, is settled with its first page; a page token
 * goes only with the same query that it came from.
 */
export class Pages {
  readonly #lists = new Map<string, Snapshot>();

  /** @param purpose what must stay the same from page to page; @param make the whole list, asked for once. */
  page(purpose: string, token: string | null, size: number, make: () => readonly string[]): Page {
    if (token === null) {
      const ids = make();
      if (ids.length <= size) return { ids, nextPageToken: undefined };
      const key = randomBytes(18).toString('base64url');
      this.#lists.set(key, { purpose, ids });
      const oldest = this.#lists.keys().next();
      if (this.#lists.size > MOST_LISTS && oldest.done !== true) this.#lists.delete(oldest.value);
      return { ids: ids.slice(0, size), nextPageToken: `${key}.${size}` };
    }
    const [key = '', offset = ''] = token.split('.');
    const list = this.#lists.get(key);
    if (list?.purpose !== purpose || !/^\d+$/.test(offset)) throw invalidValue('pageToken');
    const end = Number(offset) + size;
    return {
      ids: list.ids.slice(Number(offset), end),
      nextPageToken: end < list.ids.length ? `${key}.${end}` : undefined,
    };
  }
}
