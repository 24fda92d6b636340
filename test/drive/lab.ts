import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DriveSpec } from '../../shared/spec.ts';
import type { DriveStoreOptions, Sealer } from '../../electron/engine/stores/drive/connection.ts';
import { openDriveStore, type DriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import type { DriveAccess } from '../../electron/engine/stores/drive/wire.ts';
import {
  DRIVE_SCOPE,
  startDriveEmulator,
  type DriveEmulator,
  type DriveEmulatorOptions,
} from '../emulators/drive/emulator.ts';

/** An emulator with one folder in it that is to be a store. */
export interface DriveLab {
  readonly emulator: DriveEmulator;
  readonly spec: DriveSpec;
  readonly access: DriveAccess;
  open(options?: Partial<DriveStoreOptions>): Promise<DriveStore>;
  close(): Promise<void>;
}

export const testSealer: Sealer = sealerWith(randomBytes(32));

function sealerWith(key: Buffer): Sealer {
  return {
    seal: (name, bytes) => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      return Promise.resolve(Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
    },
    open: (name, sealed) => {
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAAD(Buffer.from(name));
        decipher.setAuthTag(sealed.subarray(-16));
        return Promise.resolve(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]));
      } catch {
        return Promise.resolve(undefined);
      }
    },
  };
}

/** @param where My Drive or a shared drive. */
export async function startDriveLab(
  where: 'my-drive' | 'shared-drive' = 'my-drive',
  options: DriveEmulatorOptions = {},
  scope = DRIVE_SCOPE,
): Promise<DriveLab> {
  const emulator = await startDriveEmulator(options);
  const folder = where === 'my-drive' ? 'root' : emulator.state.createDrive('Digital collections');
  const spec: DriveSpec = { kind: 'drive', folder, path: 'Strongroom/ä+b', endpoint: emulator.rootUrl };
  const { accessToken } = emulator.signIn({ scopes: [scope] });
  let token = accessToken;
  const access: DriveAccess = {
    kind: 'person',
    accessToken: (_signal, refused) => {
      if (refused === token) token = emulator.signIn({ scopes: [scope] }).accessToken;
      return Promise.resolve(token);
    },
  };
  return {
    emulator,
    spec,
    access,
    open: (changes = {}) =>
      openDriveStore(spec, { access, sealer: testSealer, clock: { now: () => emulator.clock.now() }, ...changes }),
    close: () => emulator.stop(),
  };
}
