import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ancestorsOf, lineTyped, linesOf, treeMove, type Folder } from '../../renderer/screens/browse/tree-nodes.ts';

const folder = (path: string, hasFolders = false): Folder => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path,
  deleted: false,
  hasFolders,
});
const children = new Map([
  ['', [folder('Maps', true), folder('Photographs')]],
  ['Maps', [folder('Maps/1898'), folder('Maps/1923')]],
]);

describe('the lines of the folder tree', () => {
  test('are what is open, with level and place among siblings', () => {
    const lines = linesOf('Scans', children, new Set(['', 'Maps']));
    assert.deepEqual(
      lines.map(({ path, level, position, siblings }) => [path, level, position, siblings]),
      [
        ['', 1, 1, 1],
        ['Maps', 2, 1, 2],
        ['Maps/1898', 3, 1, 2],
        ['Maps/1923', 3, 2, 2],
        ['Photographs', 2, 2, 2],
      ],
    );
  });

  test('show a folder whose folders are on their way as loading, and one without folders as a leaf', () => {
    const lines = linesOf('Scans', new Map([['', [folder('Maps', true)]]]), new Set(['', 'Maps', 'Photographs']));
    assert.deepEqual(
      lines.map(({ path, isOpen, isLoading }) => [path, isOpen, isLoading]),
      [
        ['', true, false],
        ['Maps', true, true],
      ],
    );
    assert.equal(linesOf('Scans', new Map([['', []]]), new Set(['']))[0]?.hasFolders, false);
  });

  test('of a folder need its ancestors open', () => {
    assert.deepEqual(ancestorsOf(''), ['']);
    assert.deepEqual(ancestorsOf('a/b/c'), ['', 'a', 'a/b']);
  });
});

describe('keys in the folder tree', () => {
  const lines = linesOf('Scans', children, new Set(['', 'Maps']));

  test('move, open, close and choose as the tree pattern has it', () => {
    assert.deepEqual(treeMove('ArrowDown', lines, 4, 10), { do: 'go', to: 4 });
    assert.deepEqual(treeMove('ArrowRight', lines, 1, 10), { do: 'go', to: 2 });
    assert.deepEqual(treeMove('ArrowLeft', lines, 1, 10), { do: 'close', path: 'Maps' });
    assert.deepEqual(treeMove('ArrowLeft', lines, 3, 10), { do: 'go', to: 1 });
    assert.equal(treeMove('ArrowRight', lines, 4, 10), undefined);
    assert.deepEqual(treeMove('End', lines, 0, 10), { do: 'go', to: 4 });
    assert.deepEqual(treeMove('PageUp', lines, 3, 2), { do: 'go', to: 1 });
    assert.deepEqual(treeMove('Enter', lines, 2, 10), { do: 'choose', path: 'Maps/1898' });
    const closed = linesOf('Scans', children, new Set(['']));
    assert.deepEqual(treeMove('ArrowRight', closed, 1, 10), { do: 'open', path: 'Maps' });
  });

  test('with letters find the next name that begins so, round the end', () => {
    assert.equal(lineTyped(lines, 0, 'p'), 4);
    assert.equal(lineTyped(lines, 4, 'm'), 1);
    assert.equal(lineTyped(lines, 2, '19'), 3);
    assert.equal(lineTyped(lines, 0, 'zz'), -1);
  });
});
