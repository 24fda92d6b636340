import { labServer } from '../lab/servers.ts';
import { makeBucket } from './s3-lab.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract(
  'S3, Ceph',
  async () => {
    const bucket = await makeBucket(labServer('ceph'));
    return {
      store: await bucket.open(),
      lose: (copy) => bucket.lose(copy),
      dispose: () => bucket.close(),
    };
  },
  { marksDeletions: true, countsUnfinished: true },
);
