import fs from 'node:fs';
import path from 'node:path';
import { StrongroomError } from '../../../shared/errors.ts';

/*
 * There for as long as a new catalog is being made from a store: one that a kill left half made is whole as a file, and
 * must not be taken for all that there is.
 */

function markOf(home: string): string {
  return path.join(home, 'catalog.unfinished');
}

/** Whether a new catalog was begun in this home and not finished. */
export function isUnfinished(home: string): boolean {
  return fs.existsSync(markOf(home));
}

/** Says that a new catalog is being made in this home, before what was there is moved aside. */
export function markUnfinished(home: string): void {
  fs.writeFileSync(markOf(home), '', { mode: 0o600 });
}

/** Says that the catalog of this home is all that it is to be. */
export function clearUnfinished(home: string): void {
  fs.rmSync(markOf(home), { force: true });
}

/** Error: `catalog-damaged` where a new catalog was begun and not finished. */
export function refuseUnfinished(home: string): void {
  if (!isUnfinished(home)) return;
  throw new StrongroomError(
    'catalog-damaged',
    'A new catalog was being made from a store, and that was broken off: it knows only a part of what there is.',
    { subject: home, advice: 'Make it once more: strongroom rebuild --from <store>.' },
  );
}
