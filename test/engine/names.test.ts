import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { nameFromBytes } from '../../shared/names.ts';
import { assertSameTree, Bench, filesOf, readTree, rebuildFrom, restoreSource } from './kit.ts';

/** Every name that a file system allows is kept byte for byte, or reported. */

const strange: Readonly<Record<string, string>> = {
  'not UTF-8': nameFromBytes(Buffer.from([0x66, 0xff, 0xfe, 0x80, 0x2e, 0x74, 0x78, 0x74])),
  'latin-1 umlaut': nameFromBytes(Buffer.from('Bücher.txt', 'latin1')),
  'cut UTF-8': nameFromBytes(Buffer.from([0x61, 0xe2, 0x82])),
  'composed é': 'caf\u00e9.txt',
  'decomposed é': 'cafe\u0301.txt',
  'lower case': 'readme',
  'upper case': 'README',
  newline: 'two\nlines.txt',
  'carriage return and tab': 'a\r\tb',
  'leading dash': '--delete -rf',
  'only dots': '...',
  'trailing dot and space': 'ends. ',
  'Windows device': 'CON',
  'Windows characters': 'a:b*c?d"e<f>g|h\\i',
  'private use': '\uf6f0\ue000.txt',
  'private use of our own escapes': nameFromBytes(Buffer.from('\uf7ff\uf780.txt')),
  'escape mark': 'a\u201b41.txt',
  'percent and plus': '100%+1%2F.txt',
  emoji: '🧑‍💻.md',
  'replacement character': '\ufffd.txt',
  longest: `${'l'.repeat(251)}.txt`,
  'longest, multi-byte': 'ä'.repeat(127),
  quotes: `it's "quoted" $HOME \`x\``,
};

test('strange names of files and folders survive a run, a listing, a change, a deletion and a rebuild', async (t) => {
  const bench = await Bench.create(t);
  for (const [what, name] of Object.entries(strange)) {
    bench.write(name, what, 1_700_000_000.5);
    bench.write(`folders/${name}/inside`, what);
  }
  const first = await bench.syncDone();
  assert.equal(first.summary.added, 1 + 2 * Object.keys(strange).length);
  const expected = filesOf(readTree(bench.root));
  assert.deepEqual(bench.paths(), [...expected.keys()].sort());
  assert.equal((await bench.syncDone()).summary.unchanged, expected.size, 'and none looks new at the next run');
  assertSameTree(filesOf((await bench.restore()).tree), expected, 'restored');
  const verified = await bench.engine.verify(bench.source, bench.store(), {
    deep: true,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  assert.deepEqual([verified.bad, verified.foreign, verified.verified], [[], [], expected.size]);

  for (const [what, name] of Object.entries(strange)) {
    bench.write(name, `${what}, changed`);
    bench.remove(`folders/${name}`);
  }
  await bench.syncDone();
  const changed = filesOf(readTree(bench.root));
  for (const withoutJournals of [false, true]) {
    const engine = await rebuildFrom(t, bench.storeFolder(), bench.clock, withoutJournals);
    const { tree } = await restoreSource(engine, engine.catalog.sources.get('source'), bench.folder, {
      // What the listing tells of times is the store's own clock, which is the real one.
      at: Number.MAX_SAFE_INTEGER,
    });
    assertSameTree(filesOf(tree), changed, withoutJournals ? 'rebuilt from the listing' : 'rebuilt from the journals');
  }
});

/** Makes a folder at any depth: no system call takes a path of more than 4,095 bytes. */
function digDown(root: string, segments: readonly string[], then: (here: string) => void): void {
  const before = process.cwd();
  try {
    process.chdir(root);
    for (const segment of segments) {
      if (!fs.existsSync(segment)) fs.mkdirSync(segment);
      process.chdir(segment);
    }
    then('.');
  } finally {
    process.chdir(before);
  }
}

test('paths near the limit of the system are kept; beyond it they are reported, protect what is known, and drop nothing', async (t) => {
  const bench = await Bench.create(t);
  const segment = 'd'.repeat(250);
  // The whole path of what is deepest and can still be opened has at most 4,095 bytes, the root included.
  const fitting = Math.floor((4_095 - bench.root.length - 60) / 251);
  const segments = Array.from({ length: fitting }, () => segment);
  digDown(bench.root, segments, () => fs.writeFileSync('deepest.txt', 'deepest'));
  const near = await bench.sync();
  const deep = `${segments.join('/')}/deepest.txt`;
  assert.ok(bench.paths().includes(deep));
  assert.deepEqual([near.outcome, near.problems], ['done', []], 'the store keeps the name beside it');
  const short = path.join(bench.folder, 'r');
  fs.mkdirSync(short);
  const { result } = await bench.restore({ path: segments.slice(0, 3).join('/') });
  assert.equal(result.restored + result.failed.length, 1, 'restored, or said');

  digDown(bench.root, [...segments, segment, segment], () => fs.writeFileSync('beyond.txt', 'beyond'));
  bench.write('usual.txt', 'goes on');
  const beyond = await bench.sync();
  assert.equal(beyond.outcome, 'incomplete');
  assert.ok(beyond.codes.includes('path-too-long'), beyond.codes.join());
  assert.ok(bench.paths().includes('usual.txt'));
  assert.ok(bench.paths().includes(deep));
  assert.equal(beyond.summary.deleted, 0);
  // Removal by path fails, too: it is taken apart from below.
  digDown(bench.root, segments, () => fs.rmSync(segment, { recursive: true }));
});
