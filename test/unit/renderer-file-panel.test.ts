import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeText, isBinary } from '../../renderer/screens/browse/panel/decode-text.ts';
import { foldedLines, withPlainEnds, type DiffLine } from '../../renderer/screens/browse/panel/fold.ts';
import { changeOf, versionAt, versionToShow } from '../../renderer/screens/browse/panel/version-change.ts';
import type { FileVersion } from '../../shared/contract/shapes.ts';

const version = (number: number, facts: Partial<FileVersion> = {}): FileVersion => ({
  number,
  deleted: false,
  size: 100,
  mtime: 0,
  sha256: `digest ${number}`,
  firstSeen: number * 1_000,
  supersededAt: null,
  movedFrom: null,
  copies: [],
  ...facts,
});
const gone = (number: number) => version(number, { deleted: true, size: 0, sha256: null, mtime: null });

describe('what changed from version to version', () => {
  const kinds = (versions: readonly FileVersion[], path = 'a/letter.txt') =>
    versions.map((one) => changeOf(one, versions, path));

  test('is told by size, content and what came before', () => {
    assert.deepEqual(
      kinds([
        version(1),
        version(2, { size: 150 }),
        version(3, { size: 120 }),
        version(4, { size: 120 }),
        version(5, { size: 120, sha256: 'digest 4' }),
        gone(6),
        version(7, { size: 130 }),
      ]),
      [
        { kind: 'first' },
        { kind: 'bigger', size: 50 },
        { kind: 'smaller', size: 30 },
        { kind: 'same-size' },
        { kind: 'same-bytes' },
        { kind: 'deleted' },
        { kind: 'back', size: 10 },
      ],
    );
  });

  test('tells a new name from a new place', () => {
    assert.deepEqual(kinds([version(1, { movedFrom: 'a/draft.txt' })]), [
      { kind: 'moved', from: 'a/draft.txt', how: 'renamed' },
    ]);
    assert.deepEqual(kinds([version(1, { movedFrom: 'b/letter.txt' })]), [
      { kind: 'moved', from: 'b/letter.txt', how: 'moved' },
    ]);
  });
});

describe('which version is shown', () => {
  const versions = [version(1), version(2), gone(3), version(4)];

  test('is the one of the moment', () => {
    assert.equal(versionAt(versions, 2_500)?.number, 2);
    assert.equal(versionAt(versions, null)?.number, 4);
    assert.equal(versionAt(versions, 10), undefined);
  });

  test('is the last one before, where the file was gone, and the newest where it was not there yet', () => {
    assert.equal(versionToShow(versions, 3_500)?.number, 2);
    assert.equal(versionToShow(versions.slice(0, 3), null)?.number, 2);
    assert.equal(versionToShow(versions, 10)?.number, 4);
    assert.equal(versionToShow([], null), undefined);
  });
});

describe('bytes as text', () => {
  test('are read by their mark, as UTF-8, or as Windows-1252', () => {
    assert.deepEqual(decodeText(new TextEncoder().encode('Łódź'), false), { text: 'Łódź', encoding: 'UTF-8' });
    assert.deepEqual(decodeText(Uint8Array.of(0xff, 0xfe, 0x41, 0x01), false), { text: 'Ł', encoding: 'UTF-16' });
    assert.deepEqual(decodeText(Uint8Array.of(0xfe, 0xff, 0x01, 0x41), false), { text: 'Ł', encoding: 'UTF-16' });
    assert.deepEqual(decodeText(Uint8Array.of(0x4d, 0xfc, 0x6e, 0x80), false), {
      text: 'Mün€',
      encoding: 'Windows-1252',
    });
    assert.deepEqual(decodeText(new Uint8Array(), false), { text: '', encoding: 'UTF-8' });
  });

  test('are UTF-16 without its mark where every second byte is zero, and no text where zeros are anywhere', () => {
    const little = Uint8Array.from('Archiv, 1903', (letter) => letter.charCodeAt(0)).reduce<number[]>(
      (all, byte) => [...all, byte, 0],
      [],
    );
    const big = [...little.slice(-1), ...little.slice(0, -1)];
    assert.deepEqual(decodeText(Uint8Array.from(little), false), { text: 'Archiv, 1903', encoding: 'UTF-16' });
    assert.deepEqual(decodeText(Uint8Array.from(big), false), { text: 'Archiv, 1903', encoding: 'UTF-16' });
    const program = decodeText(Uint8Array.of(0x4d, 0x5a, 0, 0, 3, 0, 0, 0, 4, 0), false);
    assert.ok(isBinary(program.text));
    assert.ok(!isBinary('plain'));
  });

  test('that were cut in the middle of a character are still UTF-8, and without it', () => {
    const bytes = new TextEncoder().encode('ab€');
    assert.deepEqual(decodeText(bytes.subarray(0, 4), true), { text: 'ab', encoding: 'UTF-8' });
    assert.equal(decodeText(bytes.subarray(0, 4), false).encoding, 'Windows-1252');
  });
});

describe('two texts beside one another', () => {
  const same = (value: string) => ({ value, added: false, removed: false });
  const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}\n`).join('');
  const plain = (line: DiffLine) => (line.kind === 'fold' ? `fold ${line.lines.length}` : `${line.kind} ${line.text}`);

  test('are the same where only the ends of their lines differ', () => {
    assert.equal(withPlainEnds('one\r\ntwo\rthree'), 'one\ntwo\nthree\n');
    assert.equal(withPlainEnds('one\n'), 'one\n');
    assert.equal(withPlainEnds(''), '');
  });

  test('fold what is the same but for some lines beside a change', () => {
    const folded = foldedLines(
      [
        same(lines(10)),
        { value: 'old\n', added: false, removed: true },
        { value: 'new\n', added: true, removed: false },
        same(lines(10)),
      ],
      2,
    );
    assert.deepEqual(folded.map(plain), [
      'fold 8',
      'same line 8',
      'same line 9',
      'removed old',
      'added new',
      'same line 0',
      'same line 1',
      'fold 8',
    ]);
  });

  test('keep the numbers of both sides', () => {
    const [first, , third] = foldedLines([same('a\n'), { value: 'b\n', added: false, removed: true }, same('c\n')], 3);
    assert.deepEqual(first, { kind: 'same', text: 'a', older: 1, newer: 1 });
    assert.deepEqual(third, { kind: 'same', text: 'c', older: 3, newer: 2 });
  });

  test('fold no single line, and lose none', () => {
    assert.deepEqual(
      foldedLines([same(lines(4)), { value: 'x', added: true, removed: false }], 3).map(({ kind }) => kind),
      ['same', 'same', 'same', 'same', 'added'],
    );
    const pieces = [same(lines(50)), { value: 'x\ny', added: true, removed: false }];
    const count = foldedLines(pieces, 3).reduce((sum, line) => sum + (line.kind === 'fold' ? line.lines.length : 1), 0);
    assert.equal(count, 52);
  });
});
