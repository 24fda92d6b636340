import process from 'node:process';
import type { Clock } from '../../../shared/domain.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { StoreSpec } from '../../../shared/spec.ts';
import { retrying } from './decorators/retrying.ts';
import { logged, type LogEntry } from './decorators/logged.ts';
import { sleep } from './decorators/sleep.ts';
import { throttled, type Rate } from './decorators/throttled.ts';
import type { DriveStoreOptions } from './drive/connection.ts';
import type { Store } from './store.ts';

/** Keys that a person gave for a store; where there are none, the store looks for them where its vendor's tools do. */
export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What a Drive store needs of other parts of the engine: tokens, the sealing of upload sessions, notices of egress. */
export type DriveParts = Pick<DriveStoreOptions, 'access' | 'sealer' | 'egress'>;

export interface OpenStoreOptions {
  readonly clock: Clock;
  readonly credentials?: StoreCredentials;
  /** For a store in Google Drive: the sign-in, and what else the engine gives it. */
  readonly drive?: DriveParts;
  readonly upload: Rate;
  readonly download: Rate;
  readonly log?: (entry: LogEntry) => void;
}

/** Opens the bare store of a spec. The adapters load when they are needed: a vendor's library takes longer than a status. */
export async function openAdapter(
  spec: StoreSpec,
  options: Pick<OpenStoreOptions, 'clock' | 'credentials' | 'drive'>,
): Promise<Store> {
  const { clock, credentials, drive } = options;
  switch (spec.kind) {
    case 'folder': {
      const { openFolderStore } = await import('./folder/folder-store.ts');
      return openFolderStore(spec, { clock });
    }
    case 's3': {
      const { openS3Store } = await import('./s3/s3-store.ts');
      return openS3Store(spec, { clock, ...(credentials === undefined ? {} : { credentials }) });
    }
    case 'drive': {
      if (drive === undefined) {
        throw new StrongroomError('secret-missing', 'There is no sign-in to Google Drive for this store.', {
          advice: 'Sign in: "strongroom store key <store> --client <file>".',
        });
      }
      const { openDriveStore } = await import('./drive/drive-store.ts');
      return openDriveStore(spec, { clock, ...drive });
    }
  }
}

/** Whether a store keeps a feed of what people change in it, told without loading its adapter. */
export function tellsChanges(spec: StoreSpec): boolean {
  return spec.kind === 'drive';
}

/** Opens a store as the engine uses it: tried again after passing trouble, held to its bandwidth, and logged. */
export async function openStore(spec: StoreSpec, options: OpenStoreOptions): Promise<Store> {
  const { clock, upload, download, log } = options;
  const adapter = await openAdapter(spec, options);
  const told = log === undefined ? adapter : logged(adapter, log, clock);
  const paced = throttled(told, { upload, download, clock, sleep });
  return retrying(paced, { sleep, random: Math.random, ...retryPatience() });
}

/** How long passing trouble is waited out; shorter in tests of what comes after. */
function retryPatience(): { attempts?: number; firstDelayMs?: number } {
  const attempts = Number(process.env['STRONGROOM_RETRIES'] ?? Number.NaN);
  return Number.isInteger(attempts) && attempts >= 1 ? { attempts } : {};
}
