import { stat } from 'node:fs/promises';
import type { Catalog } from '../engine/catalog/catalog.ts';

/** Tells which disk or share a folder lies on: the same for folders that would be lost together. Rejects where nobody knows. */
export type DiskOf = (folder: string) => Promise<string>;

/**
 * By the number of the device, as when a source is added (browse/places.ts). Two shares of one server have two numbers:
 * that they would burn together is more than a computer can see.
 */
export const diskOfFolder: DiskOf = async (folder) => String((await stat(folder)).dev);

/**
 * Which disk each folder of a source or store was on when it was last seen. It is asked beforehand and without blocking,
 * because a share that hangs answers late or never; one that is away lies where it lay.
 */
export class Disks {
  readonly #catalog: Catalog;
  readonly #diskOf: DiskOf;
  readonly #learnt: () => void;
  readonly #known = new Map<string, string>();
  readonly #asking = new Set<string>();

  /** @param learnt called when a folder turns out to lie elsewhere than was known. */
  constructor(options: { readonly catalog: Catalog; readonly diskOf: DiskOf; readonly learnt: () => void }) {
    this.#catalog = options.catalog;
    this.#diskOf = options.diskOf;
    this.#learnt = options.learnt;
  }

  /** The disk or share of a folder; `undefined` where that is not known (yet). */
  of(folder: string): string | undefined {
    return this.#known.get(folder);
  }

  /** Asks again for the folders of all sources and folder stores. One that has not answered yet is not asked twice. */
  look(): void {
    const { sources, stores } = this.#catalog;
    const places = [
      ...sources.all().map(({ root }) => root),
      ...stores.all().flatMap(({ spec }) => (spec.kind === 'folder' ? [spec.path] : [])),
    ];
    for (const place of places) if (place !== '' && !this.#asking.has(place)) void this.#ask(place);
  }

  async #ask(place: string): Promise<void> {
    this.#asking.add(place);
    try {
      const disk = await this.#diskOf(place);
      const isNew = this.#known.get(place) !== disk;
      this.#known.set(place, disk);
      if (isNew) this.#learnt();
    } catch {
      // Not to be seen now: what was known of it holds.
    } finally {
      this.#asking.delete(place);
    }
  }
}
