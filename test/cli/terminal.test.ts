import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { Remaining } from '../../electron/hosts/cli/progress.ts';
import { formatBytes, formatDuration, plain, table, toJson } from '../../electron/hosts/cli/terminal.ts';
import { FakeS3 } from './fake-s3.ts';
import { Desk, endOf, mainFile, until } from './kit.ts';

/** A command in a terminal: what it shows, and keys to press. */
function inTerminal(desk: Desk, args: readonly string[]) {
  const words = [process.execPath, mainFile, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('script', ['-qec', words, '/dev/null'], {
    cwd: desk.folder,
    env: { ...desk.env, TERM: 'xterm', SHELL: '/bin/sh' },
  });
  let shown = '';
  child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
  return { shown: () => shown, press: (keys: string) => child.stdin.write(keys), ended: endOf(child) };
}

/** A source that takes some seconds to copy. */
async function slowDesk(context: Parameters<typeof Desk.make>[0]): Promise<Desk> {
  const desk = Desk.make(context);
  for (let number = 0; number < 40; number += 1) desk.write(`scans/${number}.bin`, Buffer.alloc(500_000, number));
  await desk.json('store add', [desk.disk('second')]);
  await desk.json('store limit', ['second', '--upload', '4M']);
  await desk.json('source add', ['scans', '--to', 'second']);
  return desk;
}

test('progress in a terminal: p pauses, p goes on, and the last line is the result', async (context) => {
  const desk = await slowDesk(context);
  const terminal = inTerminal(desk, ['sync']);
  await until('progress is shown', () => /second: \d+ done, \d+ to do/.test(terminal.shown()));
  terminal.press('p');
  await until('the pause is shown', () => terminal.shown().includes('PAUSED'));
  terminal.press('p');
  const { code } = await terminal.ended;
  assert.equal(code, 0);
  assert.match(terminal.shown(), /\r\u001b\[2K"scans" is protected: 40 files looked at, 40 new files/);
});

test('Ctrl-C ends a run cleanly, with code 130, and the next one goes on', async (context) => {
  const desk = await slowDesk(context);
  const terminal = inTerminal(desk, ['sync']);
  await until('copies are made', () => /second: [1-9]\d* done/.test(terminal.shown()));
  terminal.press('\u0003');
  const { code } = await terminal.ended;
  assert.equal(code, 130);
  assert.match(
    terminal.shown(),
    /Stopping; what is under way is finished cleanly[^]*was cancelled; the next run goes on/,
  );
  assert.equal((await desk.json('status', [], 1)).sources[0]?.lastRun?.outcome, 'cancelled');
  await desk.json('store limit', ['second', '--upload', 'none']);
  const run = await desk.sync();
  assert.equal(run.outcome, 'done');
  assert.ok((run.stores[0]?.copied ?? 40) < 40, 'what was copied stays copied');
  assert.equal(fs.readdirSync(desk.at('disks/second/files/scans')).length, 40);
});

test('a key is asked for without being shown', async (context) => {
  const desk = Desk.make(context);
  const fake = await FakeS3.start(context);
  fake.refusal = { status: 403, code: 'SignatureDoesNotMatch' };
  const terminal = inTerminal(desk, ['store', 'add', fake.spec, '--ask-key']);
  await until('it asks', () => terminal.shown().includes('Access key id: '));
  terminal.press('AKIDTYPED\r');
  await until('it asks again', () => terminal.shown().includes('Secret access key: '));
  terminal.press('secret-typed\r');
  const { code } = await terminal.ended;
  assert.equal(code, 1);
  assert.match(terminal.shown(), /does not accept the access key/);
  assert.doesNotMatch(terminal.shown(), /AKIDTYPED|secret-typed/);
});

test('text from outside is shown without what moves the cursor or turns the writing', () => {
  assert.equal(plain('a\u001b[31mb\nc\u009b\u202e\u200fd\u061c'), 'a␛[31mb␊c\\u{9b}\\u{202e}\\u{200f}d\\u{61c}');
  assert.equal(plain('Ümläut 漢字 📄.txt'), 'Ümläut 漢字 📄.txt');
  const json = toJson({ name: '\u001b\u009b\u202e\u007f' }, 2);
  assert.match(json, /^\{\n {2}"name": "[\x20-\x7e]+"\n\}$/);
  assert.deepEqual(JSON.parse(json), { name: '\u001b\u009b\u202e\u007f' });
});

test('sizes, durations and tables', () => {
  const sizes = [0, 999, 1000, 1_530_000_000, 999_999].map(formatBytes);
  assert.deepEqual(sizes, ['0 B', '999 B', '1.00 KB', '1.53 GB', '1.00 MB']);
  assert.deepEqual([0, 42_000, 180_000, 7_800_000, 200_000_000].map(formatDuration), [
    '0 s',
    '42 s',
    '3 min',
    '2 h 10 min',
    '2 days',
  ]);
  assert.equal(
    table(
      ['name', 'files'],
      [
        ['scans', 1200],
        ['a', 3],
      ],
    ),
    'name   files\nscans  1,200\na          3',
  );
});

test('the remaining time follows the pace of the last half minute, and whichever is slower of files and bytes', () => {
  const remaining = new Remaining();
  remaining.add(0, 0, 0);
  assert.equal(remaining.left(100, 1000), undefined, 'nothing to go by yet');
  remaining.add(10_000, 100, 1_000_000);
  assert.equal(remaining.rate, 100_000);
  assert.equal(remaining.left(100, 5_000_000), 50_000);
  assert.equal(remaining.left(1000, 1_000_000), 100_000);
});
