import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Courtesy } from '../../electron/service/keeping/courtesy.ts';

/** A computer whose time is that of the work done on it: one piece after another, of some processor time each. */
class Computer {
  now = 1_000;
  /** Processor time of this process, milliseconds. */
  used = 500;
  readonly courtesy: Courtesy;

  constructor(processors: number) {
    this.courtesy = new Courtesy({
      processors,
      now: () => this.now,
      used: () => this.used,
      wait: (ms) => {
        this.now += ms;
        return Promise.resolve();
      },
    });
  }

  /** Does pieces that take as long as they use, for so long. @returns how many. */
  async work(forMs: number, pieceMs: number): Promise<number> {
    const end = this.now + forMs;
    let pieces = 0;
    while (this.now < end) {
      await this.courtesy.gate();
      this.now += pieceMs;
      this.used += pieceMs;
      pieces += 1;
    }
    return pieces;
  }
}

describe('a run that gives way', () => {
  test('goes at full speed while nobody is there', async () => {
    assert.equal(await new Computer(1).work(1_000, 2), 500);
  });

  test('leaves most of the computer to whoever sits at it, for some seconds, and then goes on', async () => {
    const computer = new Computer(1);
    computer.courtesy.attend();
    const held = await computer.work(1_000, 2);
    assert.ok(held > 110 && held < 140, `${held} pieces, 25 % of 500 expected`);
    computer.courtesy.attend();
    const still = await computer.work(2_900, 2);
    assert.ok(still < 400, `${still} pieces after the second sign`);
    await computer.work(200, 2);
    assert.equal(await computer.work(1_000, 2), 500);
  });

  test('holds nothing back where its share is all that it uses', async () => {
    const computer = new Computer(4);
    computer.courtesy.attend();
    assert.equal(await computer.work(1_000, 2), 500);
  });

  test('makes up for no lull with a burst', async () => {
    const computer = new Computer(1);
    computer.courtesy.attend();
    computer.now += 2_500;
    const pieces = await computer.work(100, 2);
    assert.ok(pieces < 20, `${pieces} pieces`);
  });

  test('goes on, slowly, even where other work of the program uses all there is', async () => {
    const computer = new Computer(2);
    let pieces = 0;
    for (const end = computer.now + 10_000; computer.now < end; pieces += 1) {
      computer.courtesy.attend();
      const from = computer.now;
      await computer.courtesy.gate();
      computer.used += 2 * (computer.now - from) + 5;
      computer.now += 1;
    }
    assert.ok(pieces >= 190, `${pieces} pieces`);
  });
});
