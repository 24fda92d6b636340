import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matches } from '../../renderer/parts/matching.ts';

test('words are found in any order, by any part of them, whatever the case', () => {
  assert.ok(matches('Collection 12 Sheet music /srv/music', 'MUSIC coll'));
  assert.ok(!matches('Collection 12', 'collection 13'));
});

test('an accent is the same in either of its forms', () => {
  assert.ok(matches('Mu\u0308nchen', 'm\u00fcnch'));
  assert.ok(matches('M\u00dcNCHEN', 'mu\u0308nchen'));
});

test('nothing typed, or blanks alone, find everything', () => {
  for (const typed of ['', '  ']) assert.ok(matches('maps', typed));
});
