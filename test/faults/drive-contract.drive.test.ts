import { retrying } from '../../electron/engine/stores/decorators/retrying.ts';
import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import { describeStoreContract } from '../contract/store-contract.ts';
import { chooseSeed } from '../contract/support.ts';
import { startDriveLab } from '../drive/lab.ts';
import type { Fault } from '../emulators/drive/faults.ts';
import { seededRandom } from './random.ts';

/** What strikes any request with a chance of 1 in 100 each. */
const faults: readonly Fault[] = [
  { kind: 'loseResponse' },
  { kind: 'cutResponse', afterBytes: 30 },
  { kind: 'cutRequest', afterBytes: 100_000 },
  { kind: 'refuse', status: 503 },
  { kind: 'refuse', status: 403, reason: 'userRateLimitExceeded' },
  { kind: 'refuseAfter', status: 502 },
  { kind: 'expireToken' },
];

describeStoreContract(
  'Google Drive, emulated, with a line and a service that fail',
  async () => {
    const lab = await startDriveLab();
    const random = seededRandom(chooseSeed());
    for (const fault of faults) {
      lab.emulator.faults.add({ fault, probability: 0.01, times: Infinity, seed: Math.floor(random() * 2 ** 31) });
    }
    const sleep = (): Promise<void> => Promise.resolve();
    return {
      store: retrying(await lab.open({ sleep }), { sleep, random, attempts: 12 }),
      lose: (copy) => {
        lab.emulator.state.deleteForEver(requireLocator(copy.locator).fileId);
        return Promise.resolve();
      },
      dispose: () => lab.close(),
    };
  },
  { marksDeletions: true, countsUnfinished: false },
);
