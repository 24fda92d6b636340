import type { Catalog } from '../engine/catalog/catalog.ts';
import type { SourceRecord } from '../engine/catalog/sources.ts';
import { isBelow, sampleFolder } from './browse/sample/place.ts';
import type { Disks } from './disks.ts';

/** Knows of each source whether a copy of it would outlive its disk. */
export class Elsewhere {
  readonly #catalog: Catalog;
  readonly #disks: Disks;
  readonly #home: string;

  constructor(options: { readonly catalog: Catalog; readonly disks: Disks; readonly home: string }) {
    this.#catalog = options.catalog;
    this.#disks = options.disks;
    this.#home = options.home;
  }

  /**
   * What is wrong with where the copies of a source lie, in a sentence; `null` where nothing is, or nobody knows. A
   * source without any store is another matter: that needs a person. The sample materials say themselves what they are.
   */
  caution(source: SourceRecord): string | null {
    const { stores, sources } = this.#catalog;
    const ids = new Set(sources.storeIds(source.id));
    const own = stores.all().filter(({ id }) => ids.has(id));
    const disk = source.root === '' ? undefined : this.#disks.of(source.root);
    if (own.length === 0 || disk === undefined || isBelow(source.root, sampleFolder(this.#home))) return null;
    const together = own.every(({ spec }) => spec.kind === 'folder' && this.#disks.of(spec.path) === disk);
    if (!together) return null;
    return own.length === 1
      ? 'Its only copy is on the same disk as the folder itself: both are lost together. Add a store elsewhere.'
      : 'All its copies are on the same disk as the folder itself: all are lost together. Add a store elsewhere.';
  }
}
