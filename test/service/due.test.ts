import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Due } from '../../electron/service/keeping/due.ts';
import { minute } from './kit.ts';

const second = 1_000;

/** A source whose only run began at 0 and took so many milliseconds. */
function afterRun(ms: number): Due {
  const due = new Due();
  due.began(0);
  due.ended(ms, ms);
  return due;
}

test('the first run is due at once, the next when its round has come', () => {
  assert.equal(new Due().at(5, 30), 5);
  assert.equal(afterRun(20 * second).at(minute, 30), 30 * minute, 'from beginning to beginning');
});

test('a change is taken when it has been quiet, and after a minute even if it never is', () => {
  const due = afterRun(0);
  assert.equal(due.changed(10 * second), true);
  assert.equal(due.at(10 * second, 30), 13 * second);
  assert.equal(due.changed(12 * second), false, 'one timer is enough');
  assert.equal(due.at(12 * second, 30), 15 * second);
  for (let at = 13; at <= 100; at += 1) due.changed(at * second);
  assert.equal(due.at(100 * second, 30), 70 * second);
  due.began(100 * second);
  assert.equal(due.at(100 * second, 30), 30 * minute + 100 * second, 'a run sees what changed before it');
});

test('a change waits twice as long as the run before it took, and no longer than a round', () => {
  const due = afterRun(4 * minute);
  due.changed(5 * minute);
  assert.equal(due.at(5 * minute, 30), 12 * minute);
  assert.equal(due.at(5 * minute, 10), 10 * minute);
});

test('what did not work for want of a store is tried soon, and what was ended is caught up with at once', () => {
  const due = afterRun(minute);
  due.retry = true;
  assert.equal(due.at(minute, 30), 6 * minute);
  due.behind = true;
  assert.equal(due.at(2 * minute, 30), 2 * minute);
  due.began(2 * minute);
  assert.equal(due.at(2 * minute, 30), 32 * minute);
});
