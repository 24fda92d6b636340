import assert from 'node:assert/strict';
import test from 'node:test';
import { Rules } from '../../electron/engine/scan/rules.ts';

const litter: readonly (readonly [path: string, isFolder: boolean])[] = [
  ['Scans/Thumbs.db', false],
  ['Scans/thumbs.db', false],
  ['.DS_Store', false],
  // What Synology calls its bin: a pattern that begins with # is a comment unless it is escaped.
  ['#recycle', true],
  ['Scans/@eaDir', true],
  ['Letters/~$draft.docx', false],
  ['Letters/.~lock.draft.odt#', false],
  ['box/page.tmp', false],
  ['.strongroom-0123456789abcdef01234567.partial', false],
];

test('the usual litter is left out, unless asked for', () => {
  const usual = new Rules({ exclude: [], include: [], defaults: true });
  const everything = new Rules({ exclude: [], include: [], defaults: false });
  const wanted = new Rules({
    exclude: [],
    include: litter.map(([path]) => path.replaceAll('#', '\\#')),
    defaults: true,
  });
  for (const [path, isFolder] of litter) {
    assert.equal(usual.excludes(path, isFolder), true, path);
    assert.equal(everything.excludes(path, isFolder), false, path);
    assert.equal(wanted.excludes(path, isFolder), false, path);
  }
});

test('what only looks like litter is taken in', () => {
  const usual = new Rules({ exclude: [], include: [], defaults: true });
  for (const path of ['recycle', 'Thumbs.db.tif', 'tmp', 'report.tmp.pdf', '#1 box'])
    assert.equal(usual.excludes(path, false), false, path);
});
