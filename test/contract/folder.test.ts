import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderStore } from '../../electron/engine/stores/folder/folder-store.ts';
import { initialiseFolderStore } from '../../electron/engine/stores/folder/marker.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract(
  'folder',
  async () => {
    const path = await mkdtemp(join(tmpdir(), 'strongroom-contract-'));
    const spec = { kind: 'folder', path } as const;
    await initialiseFolderStore(spec);
    const store = await openFolderStore(spec, { clock: { now: () => Date.now() } });
    return {
      store,
      lose: (copy) => rm(join(path, 'files', copy.place.source, copy.place.path)),
      dispose: () => rm(path, { recursive: true }),
    };
  },
  {
    // Times are set to the microsecond; the owner's own bits always are.
    mtimeStepNs: 1000n,
    modeBits: 0o177,
    // What was deleted is in the history folder, which says enough.
    marksDeletions: false,
    countsUnfinished: true,
  },
);
