import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { outputs } from '../../electron/hosts/cli/output.ts';
import { Desk, endOf, exactly, until } from './kit.ts';

test('watch copies a new file soon, in a new folder too, and ends cleanly when asked to', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/a.txt', 'a');
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  const watching = desk.start(['watch', '--every', '60', '--json']);
  const printed: string[] = [];
  watching.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const ended = endOf(watching);
  await until('the first run is told', () => printed.join('').includes('\n'));

  desk.write('scans/box/new.txt', 'new');
  await until('the new file is copied', () => fs.existsSync(desk.at('disks/second/files/scans/box/new.txt')));
  await until('its run is told', () => printed.join('').split('\n').length >= 3);
  // While it works, others may look, and may not write.
  assert.equal((await desk.json('status')).sources[0]?.files, 2);
  assert.match((await desk.fails(['sync'], 'catalog-busy', 4)).message, /process \d+/);
  desk.write('scans/box/second.txt', 'second');
  await until('a file in the new folder is copied', () =>
    fs.existsSync(desk.at('disks/second/files/scans/box/second.txt')),
  );

  watching.kill('SIGTERM');
  const { code, out } = await ended;
  assert.equal(code, 0);
  const lines = out.trim().split('\n');
  for (const line of lines) exactly(outputs.watch, line);
  assert.equal(exactly(outputs.watch, lines[1] ?? '').runs[0]?.added, 1);
  assert.equal((await desk.sync()).outcome, 'done', 'the home is free again');
});

test('watch tells a person what it does, and refuses what is no number', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/a.txt', 'a');
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  for (const every of ['x', '0', '-5']) await desk.fails(['watch', '--every', every], 'usage', 2);
  const watching = desk.start(['watch']);
  const printed: string[] = [];
  watching.stdout?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const ended = endOf(watching);
  await until('the first run is told', () => printed.join('').includes('up to date'));
  watching.kill('SIGINT');
  const { code, err, out } = await ended;
  assert.equal(code, 0);
  assert.match(err, /Watching 1 source; every 30 minutes all is looked through\. Ctrl-C ends it\.\n/);
  assert.match(out, /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} {2}"scans" is protected/);
});
