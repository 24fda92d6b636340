import { IconBrandGoogleDrive, IconBucket, IconFolders } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { StoreShape } from '../../../shared/contract/shapes.ts';

export type StoreKind = StoreShape['kind'];

export const storeKinds: readonly StoreKind[] = ['folder', 'drive', 's3'];

/** What a kind of store is, for a person. */
export const kindWords: Record<
  StoreKind,
  { readonly label: string; readonly sentence: string; readonly needs: string }
> = {
  folder: {
    label: 'A folder on another disk or share',
    sentence: 'Plain files on a second disk or another file server. The quickest to copy to and to restore from.',
    needs: 'You need a disk or share that this computer can write to.',
  },
  drive: {
    label: 'Google Drive',
    sentence:
      'Plain files in a folder of Google Drive, best in a shared drive of your institution. Staff can look at the copies in the browser.',
    needs: 'You need a Google account of your institution, and once a file from your administrator.',
  },
  s3: {
    label: 'Amazon S3, or a compatible server',
    sentence:
      'Plain files in a bucket in another region of the world. Made for keeping things for decades; the archive classes cost the least.',
    needs: 'You need the name of a bucket and an access key.',
  },
};

const icons = { folder: IconFolders, drive: IconBrandGoogleDrive, s3: IconBucket };

export function KindIcon({ kind, size = 24 }: { readonly kind: StoreKind; readonly size?: number }): ReactNode {
  const Icon = icons[kind];
  return <Icon size={size} stroke={1.5} aria-hidden />;
}
