import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nameFromBytes } from '../../shared/names.ts';
import { getBytes, listAll, putBytes, signal, type Suite } from './support.ts';

const composed = 'Zo\u00eb.txt';
const decomposed = 'Zoe\u0308.txt';

/** Paths that some store cannot hold as they are, by what is special about them. */
const paths: readonly (readonly [words: string, path: string])[] = [
  ['spaces', 'a folder/a file with  spaces.txt'],
  ['a composed name', composed],
  ['its decomposed twin', decomposed],
  ['upper case', 'README'],
  ['its lower-case twin', 'readme'],
  ['its mixed twin', 'ReadMe'],
  ['a newline', 'line\nbreak'],
  ['a carriage return and a tab', 'tab\there\r'],
  ['other control characters', 'bell\u0007 escape\u001b delete\u007f'],
  ['quotation marks', `"double" 'single' \`back\``],
  ['a plus sign', 'a+b c'],
  ['the same with a space', 'a b c'],
  ['percent signs', '100% %20 %2F'],
  ['the mark of escapes', '‛20 ‛ ‛E2‛80'],
  ['a name like that of long paths', '‛long/0123'],
  ['XML and shell characters', '<a>&amp; $(b) ; | * ? [c] {d} ~ ^ # = @ ! \\ :'],
  ['bytes that are not UTF-8', `latin-${nameFromBytes(Uint8Array.of(0xe9, 0xff, 0x80))}.txt`],
  ['a character of the range that stands for raw bytes', nameFromBytes(Buffer.from('\uf7a0'))],
  ['a segment of 255 bytes', `${'s'.repeat(251)}.txt`],
  ['a segment of 255 bytes in two-byte letters', `${'ä'.repeat(127)}x`],
  ['a path of more than 1,024 bytes', `${'deep folder/'.repeat(100)}file`],
  ['another one, alike but for its end', `${'deep folder/'.repeat(100)}other file`],
  ['a path that escaping makes too long', `${'\n'.repeat(200)}/${'\n'.repeat(200)}/x`],
  ['a leading dot', '.hidden/.file'],
  ['a trailing space', 'trailing space '],
  ['a trailing dot', 'trailing dot.'],
  ['only dots', '...'],
  ['a name that Windows reserves', 'CON'],
  ['an emoji', 'party 🎉.txt'],
  ['right-to-left writing', 'ملف.txt'],
  ['a file beside a folder of the same beginning', 'a'],
  ['and the folder', 'a.d/b'],
];

/** Every path that a file server can hold can be put, is given back, and is listed as it is. */
export function nameCases(suite: Suite): void {
  it('holds names of all kinds', async () => {
    const { store } = suite.subject();
    const source = suite.newSource();
    const copies = new Map<string, string>();
    for (const [words, path] of paths) {
      const bytes = Buffer.from(words);
      const copy = await putBytes(store, { source, path }, bytes);
      copies.set(path, copy.locator);
    }
    for (const [words, path] of paths) {
      const copy = { place: { source, path }, locator: copies.get(path) ?? '' };
      assert.equal((await getBytes(store, copy)).toString(), words);
    }
    const listed = await listAll(store, source);
    assert.deepEqual(listed.map((copy) => copy.path).sort(), paths.map(([, path]) => path).sort());
    for (const copy of listed) {
      const words = paths.find(([, path]) => path === copy.path)?.[0] ?? '';
      assert.equal(copy.current, true, words);
      if (copy.locator !== undefined) assert.equal(copy.locator, copies.get(copy.path), words);
      assert.equal((await store.describe(copy, source, signal)).size, Buffer.byteLength(words), words);
    }
    for (const [words, path] of paths) {
      await store.retire({ source, path }, copies.get(path), signal);
      assert.equal(
        (await getBytes(store, { place: { source, path }, locator: copies.get(path) ?? '' })).toString(),
        words,
      );
    }
    assert.deepEqual(
      (await listAll(store, source)).filter((copy) => copy.current),
      [],
    );
  });

  it('holds sources of all names, and names them', async () => {
    const { store } = suite.subject();
    const names = ['plain', 'with a space', 'Zo\u00eb', 'a+b', '50%', 'new\nline', '‛', 'ä'.repeat(60)];
    for (const source of names) await putBytes(store, { source, path: 'file' }, Buffer.from(source));
    const deleted = 'all of it deleted';
    const copy = await putBytes(store, { source: deleted, path: 'file' }, Buffer.from('x'));
    await store.retire(copy.place, copy.locator, signal);
    const held = await store.sources(signal);
    for (const source of [...names, deleted]) {
      assert.ok(held.includes(source), `${JSON.stringify(source)} is not among the sources`);
    }
    assert.equal(new Set(held).size, held.length);
    for (const source of names) {
      assert.deepEqual(
        (await listAll(store, source)).map((listed) => listed.path),
        ['file'],
        source,
      );
    }
  });
}
