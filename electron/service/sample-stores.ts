import type { StoreRecord } from '../engine/catalog/stores.ts';
import { isBelow, sampleFolder } from './browse/sample/place.ts';

/** Whether a folder is one of the sample materials'. */
export function isSamplePlace(folder: string, home: string): boolean {
  return isBelow(folder, sampleFolder(home));
}

/** Whether a store is one of the sample materials': it goes with them, so nothing real may count on it. */
export function isSampleStore({ spec }: StoreRecord, home: string): boolean {
  return spec.kind === 'folder' && isSamplePlace(spec.path, home);
}
