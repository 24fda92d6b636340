import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { journalEntry, type JournalEntry } from '../../shared/journal.ts';
import { packJournal, unpackJournal } from '../../electron/engine/journal/journal-file.ts';
import { Desk } from './kit.ts';

/** Rewrites the first journal of a folder store as somebody could who may write there. */
async function forge(desk: Desk, entries: (honest: readonly JournalEntry[]) => unknown[]): Promise<void> {
  const folder = desk.at('disks/second/strongroom/sources/scans/journal');
  const file = path.join(folder, fs.readdirSync(folder).sort()[0] ?? '');
  const honest = await unpackJournal(file, fs.readFileSync(file));
  const forged = entries(honest.entries).map((entry) => journalEntry.parse(entry));
  fs.writeFileSync(file, await packJournal(honest.header, forged));
}

test('paths that a tampered journal brings are refused or made safe, and reported; nothing leaves the folder', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/good.txt', 'good');
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  fs.rmSync(desk.home, { recursive: true });
  const refused = ['../escaped.txt', 'a/../../up.txt', './dot.txt', 'nul\u0000.txt'];
  const folders = ['..', 'a', 'a/..', 'a/../..', '.'];
  const long = `${'x'.repeat(300)}.txt`;
  await forge(desk, (honest) => {
    const [good] = honest.filter((entry) => 'sha256' in entry);
    return [
      ...honest,
      ...[...refused, long].map((name) => ({ ...good, path: name })),
      ...folders.map((folder) => ({ folder, seen: 1, until: null })),
    ];
  });
  await desk.json('rebuild', ['--from', desk.disk('second')]);

  fs.mkdirSync(desk.at('deep/out'), { recursive: true });
  const before = fs.readdirSync(desk.folder).sort();
  const result = await desk.json('restore', ['scans', '--into', 'deep/out'], 1);
  assert.deepEqual(fs.readdirSync(desk.folder).sort(), before, 'nothing beside the folder');
  assert.deepEqual(fs.readdirSync(desk.at('deep')), ['out']);
  assert.ok(!fs.existsSync('/absolute.txt') && !fs.existsSync('/escaped.txt'));
  assert.ok(
    refused.every((name) => result.failed.some(({ subject }) => subject === name)),
    JSON.stringify(result.failed),
  );
  assert.ok(result.failed.every(({ code }) => code === 'unsafe-path'));
  assert.match(result.failed[0]?.advice ?? '', /tampered/);
  assert.equal(desk.read('deep/out/good.txt'), 'good', 'what is good is restored all the same');
  assert.equal(result.renamed[0]?.why, 'too-long');
  const as = result.renamed[0].as;
  assert.ok(Buffer.byteLength(as) <= 255 && desk.read(`deep/out/${as}`) === 'good');
  const text = await desk.text(['restore', 'scans', '--into', 'deep/out'], 1);
  assert.match(text, /is no path inside a folder \(leaves-folder\); it was not restored/);
});

test('a tampered journal cannot name another source’s files or a place in the store that is not its own', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/good.txt', 'good');
  desk.write('disks/private.txt', 'private');
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  fs.rmSync(desk.home, { recursive: true });
  await forge(desk, (honest) =>
    honest.map((entry) => ('sha256' in entry ? { ...entry, at: '../../../private.txt' } : entry)),
  );
  await desk.json('rebuild', ['--from', desk.disk('second')]);
  const result = await desk.json('restore', ['scans', '--into', 'out'], 1);
  assert.equal(result.restored, 0);
  assert.ok(!fs.existsSync(desk.at('out/good.txt')));
  assert.doesNotMatch(JSON.stringify(result), /private"/);
});
