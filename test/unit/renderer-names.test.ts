import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nameFromBytes } from '../../shared/names.ts';
import { cutOf, piecesOf, visibleName } from '../../renderer/parts/name-text.ts';

describe('a name with what cannot be seen', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['an ordinary name is left alone', 'Ms. 12, f. 3r.tif', 'Ms. 12, f. 3r.tif'],
    ['markup is text', '<img src=x onerror=alert(1)>.tif', '<img src=x onerror=alert(1)>.tif'],
    ['line breaks and tabs', 'a\nb\tc\r.pdf', 'a⏎b⇥c␍.pdf'],
    ['the other control characters', 'a\u0000b\u001bc\u007fd\u0085e', 'a␀b␛c␡d⟨U+0085⟩e'],
    ['what turns the writing direction round', 'invoice\u202Efdp.exe\u202C', 'invoice⟨RLO⟩fdp.exe⟨PDF⟩'],
    ['what has no width', 'a\u200bb\u00adc\ufeffd', 'a⟨ZWSP⟩b⟨SHY⟩c⟨BOM⟩d'],
    ['spaces at the ends, not those between', ' a b  ', '⎵a b⎵⎵'],
    ['nothing but spaces', '   ', '⎵⎵⎵'],
    ['joiners that scripts and emoji need', 'نمی\u200cخواهم 👩\u200d💻', 'نمی\u200cخواهم 👩\u200d💻'],
    ['bytes that are not UTF-8', nameFromBytes(Uint8Array.from([0x61, 0xe9, 0xff, 0x62])), 'a\\xE9\\xFFb'],
  ];
  for (const [what, name, shown] of cases)
    test(what, () => {
      assert.equal(visibleName(name), shown);
      assert.equal(
        piecesOf(name)
          .map(({ text }) => text)
          .join(''),
        shown,
      );
    });

  test('symbols are told apart from the same characters in a name', () => {
    assert.deepEqual(piecesOf('⏎\n'), [
      { text: '⏎', symbol: false },
      { text: '⏎', symbol: true },
    ]);
  });

  test('a space where a name was cut is no space at its end', () => {
    assert.deepEqual(piecesOf('a ', 'start'), [{ text: 'a ', symbol: false }]);
    assert.deepEqual(piecesOf(' b ', 'end'), [
      { text: ' b', symbol: false },
      { text: '⎵', symbol: true },
    ]);
    assert.deepEqual(piecesOf(' a ', 'start'), [
      { text: '⎵', symbol: true },
      { text: 'a ', symbol: false },
    ]);
  });
});

describe('where a long name is cut', () => {
  test('short names are not cut in the middle', () => {
    assert.equal(cutOf('page-001.tif'), 'page-001.tif'.length);
    assert.equal(cutOf(''), 0);
  });

  test('the extension and what numbers the pages stay in sight', () => {
    const name = 'Ms_germ_fol_1234_recto_page_0017.tiff';
    assert.match(name.slice(cutOf(name)), /0017\.tiff$/);
  });

  test('a name that is hardly too long keeps its extension', () => {
    const name = 'Müller 2018.pdf';
    assert.equal(name.slice(cutOf(name)), '18.pdf');
  });

  test('what is kept begins with a word where one begins nearby', () => {
    const cases = {
      'Letters of Anna Weiß': 'Weiß',
      'page 2 (restored 2026-11-23 10.42.18).tif': '10.42.18).tif',
      'Ms_germ_fol_1234_recto_page_0017.tiff': '0017.tiff',
    };
    for (const [name, kept] of Object.entries(cases)) assert.equal(name.slice(cutOf(name)), kept);
  });

  test('a dot far from the end is no extension', () => {
    const name = 'letter of 12. March from the archivist to the dean';
    assert.ok(name.length - cutOf(name) <= 12);
  });

  test('no character is torn apart', () => {
    for (const name of ['👩‍💻'.repeat(12), '𝔸'.repeat(30), 'é'.normalize('NFD').repeat(30)]) {
      const cut = cutOf(name);
      assert.ok(cut > 0 && cut <= name.length);
      assert.doesNotMatch(name.slice(cut), /^[\p{M}\u200d\udc00-\udfff]/u);
      assert.notEqual(name[cut - 1], '\u200d');
    }
  });

  test('joined letters are not parted where a word ends nearby', () => {
    const name = 'مخطوطة قديمة من القرن الثامن عشر صفحة رقم 001.tif';
    const cut = cutOf(name);
    assert.ok(/\s/.test(name[cut - 1] ?? '') || /\s/.test(name[cut] ?? ''));
  });
});
