import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { findDiscovery } from './discovery.ts';
import { DEFAULT_CLIENT, startDriveEmulator } from './emulator.ts';

/**
 * Google's own Python client (Debian's `python3-googleapi`, under `/usr/bin/python3`) must find nothing odd about the
 * emulator. Needs that package and the discovery document; the test runner leaves this file out, and says so, where
 * either is missing.
 */
test('Google\u2019s Python client uploads in chunks, lists, updates, and reads a revision back', async (context) => {
  const discovery = findDiscovery();
  assert.ok(
    discovery !== undefined,
    'Google\u2019s discovery document of the Drive API v3 is not here (see README.md)',
  );
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-python-'));
  const emulator = await startDriveEmulator({ discovery });
  context.after(async () => {
    await emulator.stop();
    await rm(folder, { recursive: true });
  });
  const bytes = randomBytes(3 * 256 * 1024 + 77);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = join(folder, 'scan.tif');
  await writeFile(file, bytes);
  const { accessToken, refreshToken } = emulator.signIn();
  // The client notices, asks for another token, and sends the request again.
  emulator.oauth.expireAccessToken(accessToken);
  const seen = await python({
    ...{ discovery, rootUrl: emulator.rootUrl, tokenUrl: emulator.tokenUrl, accessToken, refreshToken, file },
    ...DEFAULT_CLIENT,
  });

  const created = seen['created'] as { id: string; sha256Checksum: string; size: string };
  assert.equal(seen['chunks'], 4);
  assert.deepEqual([created.sha256Checksum, created.size], [sha256, String(bytes.length)]);
  assert.deepEqual(seen['listed'], [{ id: created.id, name: 'scan.tif', appProperties: { by: 'python' } }]);
  const second = createHash('sha256').update('second state').digest('hex');
  assert.deepEqual(seen['updated'], { name: 'renamed.tif', sha256Checksum: second });
  const revisions = seen['revisions'] as { keepForever: boolean }[];
  assert.deepEqual(
    revisions.map((revision) => revision.keepForever),
    [true, false],
  );
  assert.equal(seen['firstRevision'], sha256);
  assert.equal(seen['head'], second);
  assert.deepEqual(seen['names'], ['From Python', 'renamed.tif']);
  assert.deepEqual(seen['missing'], [404, 'notFound']);
  assert.deepEqual(seen['left'], []);
  assert.equal(emulator.requests.count('upload.put'), 4);
  assert.equal(emulator.requests.count('oauth.token'), 1);
});

async function python(given: Record<string, unknown>): Promise<Record<string, unknown>> {
  const script = fileURLToPath(new URL('python_client.py', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = execFile('/usr/bin/python3', [script], (error, output) => {
      if (error === null) resolve(JSON.parse(output) as Record<string, unknown>);
      else reject(new Error('the Python client failed', { cause: error }));
    });
    child.stdin?.end(JSON.stringify(given));
  });
}
