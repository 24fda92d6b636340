import { CopyObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { labServer } from '../lab/servers.ts';
import { makeBucket, removeForGood } from './kit.ts';
import { tamperingCases } from './tampering-cases.ts';

tamperingCases('Ceph', async (desk) => {
  const store = await makeBucket(desk, labServer('ceph'));
  const { bucket, prefix, client, spec } = store;
  const key = (path: string) => `${prefix}/files/scans/${path}`;
  const replace = async (path: string, body: string) => {
    await removeForGood(store, `files/scans/${path}`);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key(path), Body: body }));
  };
  return {
    spec,
    name: bucket,
    deep: false,
    damage: (path) => replace(path, 'DAMAGED!'),
    swap: async (left, right) => {
      const copy = (from: string, to: string) =>
        client.send(new CopyObjectCommand({ Bucket: bucket, Key: key(to), CopySource: `${bucket}/${key(from)}` }));
      await copy(left, 'aside');
      await removeForGood(store, `files/scans/${left}`);
      await copy(right, left);
      await removeForGood(store, `files/scans/${right}`);
      await copy('aside', right);
      await removeForGood(store, 'files/scans/aside');
    },
    remove: (path) => removeForGood(store, `files/scans/${path}`),
  };
});
