import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { House, shownIn } from './kit.ts';

const service = pathToFileURL(path.resolve(import.meta.dirname, '../../electron/service/service.ts')).href;

/** The app as a process of its own: it says when bytes are on their way, and then nothing more. */
const program = `
const { openService } = await import(process.argv[2]);
const nothing = () => Promise.resolve();
const running = await openService({
  home: process.argv[3], clock: { now: () => Date.now() }, environment: { STRONGROOM_SECRETS: 'vault' },
  desktop: { door: 'desktop', openUrl: nothing, openPath: nothing },
});
let told = false;
running.listen((event) => {
  if (told || event.type !== 'progress') return;
  if (!event.runs.some((run) => run.stores.some((store) => store.inFlight.length > 0))) return;
  told = true;
  process.stdout.write('sending');
});
setInterval(() => undefined, 1000);
`;

test('what a killed app left is gone on with at the next start, without anybody asking', async (t) => {
  const house = await House.create(t);
  await house.addStore('disk');
  // Slow enough that the kill comes in the middle.
  await house.client.stores.setLimits({ name: 'disk', upload: 4_096, download: null, hours: [] });
  await house.client.app.pause({ until: 'forever' });
  const content = 'x'.repeat(1_000_000);
  house.write('scan.tif', content);
  await house.add();
  await house.client.app.resume();
  await house.close();

  const file = path.join(house.folder, 'app.mjs');
  fs.writeFileSync(file, program);
  const child = spawn(process.execPath, [file, service, house.home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await ended;

  await house.open();
  await house.client.stores.setLimits({ name: 'disk', upload: null, download: null, hours: [] });
  await house.until('the copy', async () => (await house.source()).copies[0]?.state === 'complete');
  await house.quiet();
  assert.deepEqual(shownIn(house.storeFolder('disk')), { 'scan.tif': content });
  const { runs } = await house.client.runs.list({ limit: 10 });
  assert.equal(runs[0]?.outcome, 'done');
  assert.ok(
    runs.some(({ outcome, endedAt }) => outcome === null && endedAt === null),
    'the killed run is told as one without an end',
  );
});
