import type { StoreSpec } from '../../../shared/spec.ts';
import type { CopyAddress } from './store.ts';
import { parseLocator as parseDriveLocator } from './drive/locator.ts';
import { KeyScheme, parseLocator as parseS3Locator } from './s3/keys.ts';

/**
 * Where a person can look at a copy in the store's own web pages. `undefined` where there are none: folders, servers that
 * are not Amazon's, the stand-ins of tests, and the marks of deletions.
 *
 * Google shows the file, with its earlier contents under "Manage versions"; Amazon's console shows the very version.
 */
export function webPageOf(spec: StoreSpec, copy: CopyAddress): string | undefined {
  switch (spec.kind) {
    case 'folder':
      return undefined;
    case 'drive': {
      const locator = spec.endpoint === undefined ? parseDriveLocator(copy.locator) : undefined;
      return locator && `https://drive.google.com/file/d/${encodeURIComponent(locator.fileId)}/view`;
    }
    case 's3': {
      if (spec.endpoint !== undefined || !copy.locator.includes(' ')) return undefined;
      const { versionId } = parseS3Locator(copy.locator);
      const query = new URLSearchParams({ prefix: new KeyScheme(spec.prefix).fileKey(copy.place).key, versionId });
      if (spec.region !== undefined) query.set('region', spec.region);
      return `https://console.aws.amazon.com/s3/object/${spec.bucket}?${query.toString()}`;
    }
  }
}
