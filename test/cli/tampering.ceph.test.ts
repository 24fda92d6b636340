import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { labServer } from '../lab/servers.ts';
import { Desk, makeBucket, removeForGood } from './kit.ts';
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

test('Ceph: what someone put or deleted over a file is found, and the next run shows the right file again', async (context) => {
  const desk = Desk.make(context);
  const { bucket, prefix, client, spec } = await makeBucket(desk, labServer('ceph'));
  desk.write('scans/overwritten.txt', 'the right words');
  desk.write('scans/deleted.txt', 'still needed');
  await desk.text(['protect', 'scans', '--to', spec, '--enable-versioning']);
  const at = (path: string) => ({ Bucket: bucket, Key: `${prefix}/files/scans/${path}` });
  await client.send(new PutObjectCommand({ ...at('overwritten.txt'), Body: 'other words' }));
  await client.send(new DeleteObjectCommand(at('deleted.txt')));
  const { audits } = await desk.json('verify', [], 1);
  assert.deepEqual(audits[0]?.foreign.toSorted(), ['deleted.txt', 'overwritten.txt']);
  assert.equal((await desk.json('status', [], 1)).safe, false);
  await desk.json('restore', ['scans', '--into', 'out']);
  assert.equal(desk.read('out/overwritten.txt'), 'the right words');
  await desk.sync();
  await desk.json('verify');
  assert.ok((await desk.json('status')).safe);
});
