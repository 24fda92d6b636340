import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import { startDriveLab } from '../drive/lab.ts';
import { describeStoreContract } from './store-contract.ts';

for (const where of ['my-drive', 'shared-drive'] as const) {
  describeStoreContract(
    `Google Drive, emulated, ${where}`,
    async () => {
      const lab = await startDriveLab(where);
      return {
        store: await lab.open(),
        lose: (copy) => {
          lab.emulator.state.deleteForEver(requireLocator(copy.locator).fileId);
          return Promise.resolve();
        },
        dispose: () => lab.close(),
      };
    },
    // Unfinished uploads show nowhere and end by themselves.
    { marksDeletions: true, countsUnfinished: false },
  );
}
