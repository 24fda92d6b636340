import type { StoreShape } from '../../../shared/contract/shapes.ts';

/** The one thing that a person can do about a store's problem. */
export type Remedy = 'sign-in' | 'give-key' | 'unlock' | 'check';

export const remedyWords: Record<Remedy, string> = {
  'sign-in': 'Sign in again',
  'give-key': 'Give a new key',
  unlock: 'Enter the passphrase',
  check: 'Check this store',
};

/** What helps against the problem of a store; `undefined` where it has none. */
export function remedyOf({ kind, problem }: Pick<StoreShape, 'kind' | 'problem'>): Remedy | undefined {
  if (problem === null) return undefined;
  switch (problem.code) {
    case 'secret-locked':
      return 'unlock';
    case 'store-sign-in-ended':
    case 'store-wrong-key':
    case 'secret-missing':
      return kind === 'drive' ? 'sign-in' : kind === 's3' ? 'give-key' : 'check';
    default:
      return 'check';
  }
}
