import { codeOf } from '../../../../shared/errors.ts';
import { requireTrial } from '../store.ts';
import type { Parts } from './retiring.ts';

/**
 * See `Store.discardTrial`. With a folder goes all that is in it. In a shared drive only managers delete for good; what a
 * content manager may not, goes to the trash, which Google empties after 30 days.
 * https://developers.google.com/workspace/drive/api/guides/delete
 */
export async function discardTrial(parts: Parts, source: string, signal: AbortSignal): Promise<void> {
  requireTrial(source);
  const { api } = parts.connection;
  const context = { signal, subject: source };
  for (const tree of ['files', 'history'] as const) {
    for (const id of await parts.folders.existing(tree, source, signal)) {
      try {
        await api.remove(id, context);
      } catch (error) {
        if (codeOf(error) !== 'store-no-permission') throw error;
        await api.update(id, { trashed: true }, undefined, context);
      }
    }
  }
  parts.folders.forget();
  parts.places.forget();
}
