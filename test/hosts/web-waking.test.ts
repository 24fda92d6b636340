import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lookMs, sleptMs, Waking } from '../../electron/hosts/web/waking.ts';
import { StillClock } from './kit.ts';

test('a computer that slept is noticed once, and one that was busy or whose clock was set back is not', (t) => {
  const clock = new StillClock();
  let woken = 0;
  const waking = new Waking(clock, () => (woken += 1));
  t.after(() => waking.end());
  const pass = (ms: number): void => {
    clock.at += ms;
    waking.look();
  };
  pass(lookMs);
  pass(lookMs + sleptMs);
  pass(-3_600_000);
  pass(lookMs);
  assert.equal(woken, 0);
  pass(8 * 3_600_000);
  assert.equal(woken, 1);
  pass(lookMs);
  assert.equal(woken, 1);
});
