import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  countOf,
  isPicked,
  mostPicked,
  nothingPicked,
  only,
  restoreItems,
  toggled,
  withAlso,
} from '../../renderer/screens/browse/selection.ts';
import { alike, resultWords } from '../../renderer/screens/browse/restore-words.ts';
import type { ListRow } from '../../shared/contract/shapes.ts';
import { restoreRequest } from '../../shared/contract/shapes.ts';

const file = (name: string, deleted = false): ListRow => ({
  kind: 'file',
  name,
  path: `letters/${name}`,
  deleted,
  size: 10,
  mtime: 0,
  version: 3,
  versions: 3,
  firstSeen: 0,
  copied: true,
});
const folder = (name: string): ListRow => ({ kind: 'folder', name, path: `letters/${name}`, deleted: false });

describe('a selection', () => {
  test('takes rows in and out', () => {
    let selection = toggled(nothingPicked, file('a'));
    selection = toggled(selection, folder('b'));
    assert.equal(countOf(selection), 2);
    assert.ok(isPicked(selection, 'letters/b'));
    selection = toggled(selection, file('a'));
    assert.equal(isPicked(selection, 'letters/a'), false);
    assert.equal(countOf(nothingPicked), 0);
  });

  test('adds a range to what was picked', () => {
    const selection = withAlso(only([file('a')]), [file('a'), file('b'), file('c')]);
    assert.equal(countOf(selection), 3);
  });

  test('is never more than one restore takes', () => {
    const rows = Array.from({ length: mostPicked + 5 }, (_, index) => file(`f${index}`));
    assert.equal(countOf(only(rows)), mostPicked);
    assert.equal(countOf(withAlso(nothingPicked, rows)), mostPicked);
    assert.equal(countOf(toggled(only(rows), file('one more'))), mostPicked);
    const request = { source: 's', items: restoreItems(only(rows), 'letters'), at: null, into: null, conflict: 'skip' };
    assert.ok(restoreRequest.safeParse(request).success);
  });

  test('of everything in a large folder is the folder, and a row alone after it', () => {
    const all = { kind: 'all', count: 100_000 } as const;
    assert.ok(isPicked(all, 'letters/anything'));
    assert.deepEqual(restoreItems(all, 'letters'), [{ path: 'letters', version: null }]);
    assert.deepEqual(countOf(toggled(all, file('a'))), 1);
  });

  test('names a deleted file with its last version, and all else as of the moment', () => {
    assert.deepEqual(restoreItems(only([file('a'), file('gone', true), folder('b')]), 'letters'), [
      { path: 'letters/a', version: null },
      { path: 'letters/gone', version: 3 },
      { path: 'letters/b', version: null },
    ]);
  });
});

describe('what a restore came to', () => {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  const done = {
    type: 'done',
    target: '/t',
    restored: 0,
    bytes: 0,
    same: 0,
    kept: [],
    keptFiles: 0,
    renamed: [],
    failed: [],
    failedFiles: 0,
    left: 0,
  } as const;
  const none = { kept: [], failed: [], renamed: [] };

  test('is said in full, failures included', () => {
    const failed = [{ code: 'copy-missing', subject: 'a', message: 'm', advice: null }] as const;
    assert.equal(
      resultWords(
        { ...done, restored: 2, same: 1, kept: ['x'], keptFiles: 1, failed: [...failed], failedFiles: 1, renamed: [] },
        counted,
      ),
      '2 files restored, 1 file already there with the same content, 1 file left as it was, 1 file could not be restored.',
    );
  });

  test('is never silence', () => {
    assert.equal(resultWords({ ...done, ...none }, counted), 'There was nothing to restore.');
  });

  test('says that it ended early, by whom, and how much is left', () => {
    const stopped = { code: 'cancelled', subject: null, message: 'm', advice: null } as const;
    assert.equal(
      resultWords({ ...done, ...none, restored: 3, left: 1, stopped }, counted),
      'Cancelled: 3 files restored, 1 file not restored.',
    );
    assert.equal(
      resultWords({ ...done, ...none, left: 9, stopped: { ...stopped, code: 'disk-full' } }, counted),
      'Stopped before its end: 9 files not restored.',
    );
  });

  test('tells what failed for one reason together, the first few in full', () => {
    const gone = (subject: string) => ({ code: 'disk-error', subject, message: subject, advice: 'Look.' }) as const;
    const bad = { code: 'copy-missing', subject: 'bad', message: 'm', advice: null } as const;
    const [first, second, ...more] = alike([gone('a'), bad, gone('b'), gone('c'), gone('d'), gone('e')]);
    assert.deepEqual(first, { told: [gone('a')], others: ['b', 'c', 'd', 'e'] });
    assert.deepEqual(second, { told: [bad], others: [] });
    assert.deepEqual(more, []);
  });
});
