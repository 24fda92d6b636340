import { z } from 'zod';
import type { Clock, Instant } from '../../shared/domain.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';

const kept = z.record(z.string(), z.object({ at: z.number(), passed: z.boolean() }));
const settingName = 'stores/checks';

/** When each store was last checked from here to the end, and whether everything worked. */
export class LastChecks {
  readonly #catalog: Catalog;
  readonly #clock: Clock;

  constructor(catalog: Catalog, clock: Clock) {
    this.#catalog = catalog;
    this.#clock = clock;
  }

  of(storeId: number): { readonly at: Instant; readonly passed: boolean } | undefined {
    return this.#all()[String(storeId)];
  }

  /** A check has ended just now. What is kept of stores that were removed goes at the same time. */
  note(storeId: number, passed: boolean): void {
    const all = { ...this.#all(), [String(storeId)]: { at: this.#clock.now(), passed } };
    const there = new Set(this.#catalog.stores.all().map(({ id }) => String(id)));
    this.#catalog.settings.set(settingName, Object.fromEntries(Object.entries(all).filter(([id]) => there.has(id))));
  }

  #all(): z.infer<typeof kept> {
    const parsed = kept.safeParse(this.#catalog.settings.get(settingName));
    return parsed.success ? parsed.data : {};
  }
}
