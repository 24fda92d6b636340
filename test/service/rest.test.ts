import assert from 'node:assert/strict';
import fs from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';
import { giveBackFree, giveBackHeap, Rest } from '../../electron/service/rest.ts';
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

test('what lies free between pieces in use is given back too, where the C library can', () => {
  const own = (): number => Number(/RssAnon:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  // 64 MB, of which one piece in 32 stays and holds the others' place.
  let pieces = Array.from({ length: 32_000 }, () => Buffer.allocUnsafeSlow(2_000).fill(1));
  pieces = pieces.filter((_, index) => index % 32 === 0);
  giveBackHeap();
  const { header } = process.report.getReport() as { readonly header: object };
  const before = process.platform === 'linux' ? own() : 0;
  giveBackFree();
  if (process.platform === 'linux' && 'glibcVersionRuntime' in header) {
    const gone = before - own();
    assert.ok(gone > 32e6, `${gone} bytes were given back`);
  }
  assert.ok(
    pieces.every((piece) => piece.every((byte) => byte === 1)),
    'what is in use stays what it is',
  );
});
