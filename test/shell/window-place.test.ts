import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { placeWindow } from '../../electron/desktop/bounds.ts';
import { Memory } from '../../electron/desktop/memory.ts';

const primary = { x: 0, y: 0, width: 1920, height: 1040 };
const left = { x: -1280, y: 200, width: 1280, height: 1024 };
const small = { x: 0, y: 0, width: 800, height: 560 };

describe('where the window opens', () => {
  it('is in the middle the first time, and no larger than the display', () => {
    assert.deepEqual(placeWindow(undefined, [primary]), { x: 370, y: 120, width: 1180, height: 800 });
    assert.deepEqual(placeWindow(undefined, [small]), { x: 0, y: 0, width: 800, height: 560 });
  });

  it('is where it was while a person can get hold of it there', () => {
    for (const place of [
      { x: 100, y: 100, width: 1000, height: 700 },
      { x: -1200, y: 300, width: 1000, height: 700 },
      { x: 1700, y: 900, width: 1000, height: 700 },
      { x: -800, y: 400, width: 1000, height: 700 },
    ]) {
      assert.deepEqual(placeWindow(place, [primary, left]), place);
    }
  });

  it('comes back to a display where it could not be seen or dragged', () => {
    for (const place of [
      { x: 3000, y: 100, width: 1000, height: 700 },
      { x: 100, y: 5000, width: 1000, height: 700 },
      // Its title bar is above the display, or but for a sliver beside it.
      { x: 100, y: -300, width: 1000, height: 700 },
      { x: 1900, y: 100, width: 1000, height: 700 },
    ]) {
      assert.deepEqual(placeWindow(place, [primary]), { x: 460, y: 170, width: 1000, height: 700 });
    }
  });

  it('has a size that can be worked with, whatever was remembered', () => {
    assert.deepEqual(placeWindow({ x: 10, y: 10, width: 200, height: 30 }, [primary]), {
      x: 10,
      y: 10,
      width: 640,
      height: 480,
    });
  });
});

describe("the shell's memory", () => {
  it('begins anew where the file is damaged or of another shape, part by part', () => {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-memory-'));
    const file = join(folder, 'shell.json');
    const nothing = { maximized: false, toldOfTray: false, notified: {}, bounds: undefined };
    for (const text of ['', '{"bounds":', '[]', 'null', '{"bounds":{"x":"1"},"maximized":7,"notified":[1]}']) {
      writeFileSync(file, text);
      assert.deepEqual({ ...nothing, ...new Memory(file).value }, nothing, text);
    }
    writeFileSync(file, '{"bounds":{"x":0,"y":0,"width":0,"height":9},"toldOfTray":true}');
    assert.deepEqual({ ...nothing, ...new Memory(file).value }, { ...nothing, toldOfTray: true });
    rmSync(folder, { recursive: true });
  });

  it('goes on without a disk that it could write to', () => {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-memory-'));
    mkdirSync(join(folder, 'shell.json'));
    const memory = new Memory(join(folder, 'shell.json'));
    memory.keep({ maximized: true });
    assert.equal(memory.value.maximized, true);
    rmSync(folder, { recursive: true });
  });
});
