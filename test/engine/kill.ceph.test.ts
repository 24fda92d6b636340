import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { formatSpec } from '../../shared/spec.ts';
import { makeBucket } from '../contract/s3-lab.ts';
import { chooseSeed, largeBytes } from '../contract/support.ts';
import { startFaultProxy } from '../faults/proxy.ts';
import { seededRandom } from '../faults/random.ts';
import { labServer } from '../lab/servers.ts';
import { assertSameTree, atEnd, filesOf, readTree, tempFolder, writeAt } from './kit.ts';
import { start } from './killing.ts';

const kills = 20;
const files = 2_000;
const largeSize = 500 * 1024 * 1024;

test('a run of 2,000 files and one of 500 MB to Ceph, killed at twenty random moments, loses nothing and sends no finished part again', async (t) => {
  const seed = chooseSeed();
  t.diagnostic(`STRONGROOM_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const server = labServer('ceph');
  const proxy = await startFaultProxy(server.endpoint, { seed });
  atEnd(t, () => proxy.stop());
  const bucket = await makeBucket(server);
  atEnd(t, () => bucket.close());
  const folder = tempFolder(t);
  const root = path.join(folder, 'source');
  for (let number = 0; number < files; number += 1) writeAt(root, `f${number % 40}/${number}.txt`, `file ${number}`);
  let versions = 0;
  const writeLarge = (): void =>
    fs.writeFileSync(path.join(root, 'a large one.bin'), largeBytes(largeSize, seed + versions++));
  writeLarge();
  const spec = formatSpec({ ...bucket.spec, endpoint: proxy.endpoint });
  const home = ['--home', path.join(folder, 'home'), '--json'];
  const keys = { AWS_ACCESS_KEY_ID: server.accessKeyId, AWS_SECRET_ACCESS_KEY: server.secretAccessKey };
  const protect = ['protect', root, '--to', spec, ...home];

  for (let killed = 0; killed < kills;) {
    const started = start(protect, keys);
    if (await started.killAfter(600 + random() * 2_400)) killed += 1;
    else {
      // It got to its end (on a fast machine): there must be something to do for the kills that are left.
      const { code, output } = await started.end();
      assert.equal(code, 0, output);
      writeLarge();
      for (let number = 0; number < 200; number += 1)
        writeAt(root, `f${number % 40}/${number}.txt`, `version ${versions} of ${number}`);
    }
  }
  const { code, output } = await start(protect, keys).end();
  assert.equal(code, 0, output);
  t.diagnostic(`${versions} versions of the large file`);

  // A part is finished when the server has answered, even where the process died before it had the answer.
  const parts = new Map<string, number>();
  for (const { method, path: key, query, status } of proxy.log) {
    const part = /(?:^|&)partNumber=\d+/.test(query) && method === 'PUT';
    if (!part || status !== 200) continue;
    parts.set(`${key}?${query}`, (parts.get(`${key}?${query}`) ?? 0) + 1);
  }
  assert.ok(parts.size > 20, `${parts.size} parts`);
  assert.deepEqual(
    [...parts].filter(([, times]) => times > 1),
    [],
    'parts that were finished and sent again',
  );
  const uploads = new Set([...parts.keys()].map((part) => /uploadId=([^&]+)/.exec(part)?.[1]));
  assert.equal(uploads.size, versions, 'one upload for each version of the large file, gone on with');

  const fresh = ['--home', path.join(folder, 'new home'), '--json'];
  const direct = formatSpec(bucket.spec);
  const rebuilt = await start(['rebuild', '--from', direct, ...fresh], keys).end();
  assert.equal(rebuilt.code, 0, rebuilt.output);
  const into = path.join(folder, 'restored');
  const restored = await start(['restore', 'source', '--into', into, ...fresh], keys).end();
  assert.equal(restored.code, 0, restored.output);
  assertSameTree(filesOf(readTree(into)), filesOf(readTree(root)), 'what a new workstation gets back');
});
