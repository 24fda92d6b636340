import type { NewStore } from '../../../shared/contract/shapes.ts';
import type { ErrorCode } from '../../../shared/errors.ts';

/** Beside which field of its form the failure of adding a store is shown; `form`: below all of them. */
export type StoreField =
  'name' | 'path' | 'bucket' | 'endpoint' | 'key' | 'versioning' | 'folder' | 'credential' | 'form';

const anyKind: Partial<Record<ErrorCode, StoreField>> = { 'name-taken': 'name' };

const ofKind: Record<NewStore['kind'], Partial<Record<ErrorCode, StoreField>>> = {
  folder: {
    usage: 'path',
    'store-not-found': 'path',
    'store-unreachable': 'path',
    'store-no-permission': 'path',
    'store-read-only': 'path',
    'store-full': 'path',
    'store-unsupported': 'path',
    'source-overlaps': 'path',
    'unsafe-path': 'path',
    'disk-full': 'path',
    'disk-read-only': 'path',
    'disk-error': 'path',
  },
  s3: {
    'store-not-found': 'bucket',
    'store-unreachable': 'endpoint',
    'store-unsupported': 'endpoint',
    'store-wrong-key': 'key',
    'store-no-permission': 'key',
    'secret-missing': 'key',
    'store-versioning-off': 'versioning',
  },
  drive: {
    'store-not-found': 'folder',
    'store-no-permission': 'folder',
    'store-read-only': 'folder',
    'store-full': 'folder',
    'store-unsupported': 'folder',
    'store-wrong-key': 'credential',
    'store-sign-in-ended': 'credential',
    'secret-missing': 'credential',
  },
};

/** Where a person looks to mend it. */
export function fieldOf(kind: NewStore['kind'], code: ErrorCode): StoreField {
  return anyKind[code] ?? ofKind[kind][code] ?? 'form';
}
