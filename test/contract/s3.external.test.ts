import { isNotRun } from '../lab/prepare.ts';
import { externalS3 } from '../lab/servers.ts';
import { makeBucket } from './s3-lab.ts';
import { describeStoreContract } from './store-contract.ts';

describeStoreContract(
  'S3, external',
  async () => {
    const server = externalS3();
    if (isNotRun(server)) throw new Error(server.notRun);
    const bucket = await makeBucket(server);
    return {
      store: await bucket.open(),
      lose: (copy) => bucket.lose(copy),
      dispose: () => bucket.close(),
    };
  },
  { marksDeletions: true, countsUnfinished: true },
);
