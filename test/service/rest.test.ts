import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rest } from '../../electron/service/rest.ts';
import { minute, Time } from './kit.ts';

test('memory is let go once work has been over for a while, and again after more work', () => {
  const time = new Time();
  let letGo = 0;
  let isBusy = false;
  const rest = new Rest({
    clock: time,
    timers: time,
    isBusy: () => isBusy,
    letGo: () => {
      letGo += 1;
    },
  });
  time.advance(2 * minute);
  rest.stir();
  time.advance(2 * minute);
  assert.equal(letGo, 0, 'something happened two minutes ago');
  time.advance(minute);
  assert.equal(letGo, 1);
  time.advance(60 * minute);
  assert.equal(letGo, 1, 'nothing has happened since');

  isBusy = true;
  rest.stir();
  time.advance(60 * minute);
  assert.equal(letGo, 1, 'a run that says nothing for long is work all the same');
  isBusy = false;
  time.advance(5 * minute);
  assert.equal(letGo, 2);

  rest.stir();
  rest.close();
  rest.stir();
  time.advance(60 * minute);
  assert.equal(letGo, 2, 'what has ended lets go by ending');
});
