import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { labServer } from '../lab/servers.ts';
import { Desk, makeBucket, treeOf } from './kit.ts';

test('without Strongroom: rclone gets the latest tree, byte for byte and with its times, from both stores', async (context) => {
  const desk = Desk.make(context);
  const server = labServer('ceph');
  const { spec, bucket, prefix } = await makeBucket(desk, server);
  desk.write('scans/box 1/page ü 漢字.txt', 'first', 1_500_000_000.123456);
  desk.write('scans/box 1/[odd] & 100%+~\'".txt', 'odd', 1_400_000_000.5);
  desk.write('scans/empty.txt', '', 1_300_000_000);
  desk.write('scans/big.bin', Buffer.alloc(20_000_000, 'big'), 1_200_000_000.654321);
  desk.write('scans/gone.txt', 'gone later');
  await desk.json('protect', ['scans', '--to', spec, '--to', desk.disk('second'), '--enable-versioning']);
  desk.write('scans/box 1/page ü 漢字.txt', 'second', 1_500_000_100.25);
  fs.rmSync(desk.at('scans/gone.txt'));
  await desk.json('sync');

  const rclone = (from: string, to: string) =>
    execFileSync('rclone', ['copy', from, desk.at(to)], {
      env: {
        PATH: process.env['PATH'],
        HOME: desk.folder,
        RCLONE_CONFIG_LAB_TYPE: 's3',
        RCLONE_CONFIG_LAB_PROVIDER: 'Ceph',
        RCLONE_CONFIG_LAB_ENDPOINT: server.endpoint,
        RCLONE_CONFIG_LAB_ACCESS_KEY_ID: server.accessKeyId,
        RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY: server.secretAccessKey,
      },
      stdio: 'pipe',
    });
  const latest = new Map(
    [...treeOf(desk.at('scans'))].map(([name, { sha256, mtimeUs }]) => [name, { sha256, mtimeUs }]),
  );
  const fetched = (to: string) =>
    new Map([...treeOf(desk.at(to))].map(([name, { sha256, mtimeUs }]) => [name, { sha256, mtimeUs }]));
  rclone(`lab:${bucket}/${prefix}/files/scans`, 'from-ceph');
  assert.deepEqual(fetched('from-ceph'), latest);
  rclone(desk.at('disks/second/files/scans'), 'from-disk');
  assert.deepEqual(fetched('from-disk'), latest);
});
