import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Resvg } from '@resvg/resvg-js';
import { makeIcons } from '../../build/icons/make.ts';

const scales = ['', '@1.25x', '@1.5x', '@2x', '@2.5x', '@3x', '@4x'];
const states = ['safe', 'needs-you', 'paused', 'offline', ...Array.from({ length: 9 }, (_, step) => `working-${step}`)];

describe('the icons', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'strongroom-icons-'));
    await makeIcons(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  const read = (...names: string[]): Buffer => readFileSync(join(folder, ...names));
  /** Width and height of a PNG. */
  const edges = (png: Buffer): [number, number] => [png.readUInt32BE(16), png.readUInt32BE(20)];

  it('are there for each state, bar and scale, in the size that the scale says', () => {
    for (const [bar, edge, suffix] of [
      ['light', 16, ''],
      ['dark', 16, ''],
      ['template', 16, 'Template'],
      ['light-24', 24, ''],
      ['dark-24', 24, ''],
    ] as const) {
      const names = states.flatMap((state) => scales.map((scale) => `${state}${suffix}${scale}.png`));
      assert.deepEqual(readdirSync(join(folder, 'tray', bar)).sort(), names.sort());
      for (const scale of scales) {
        const factor = scale === '' ? 1 : Number(scale.slice(1, -1));
        assert.deepEqual(edges(read('tray', bar, `safe${suffix}${scale}.png`)), [edge * factor, edge * factor]);
      }
    }
  });

  /** The pixels of a drawing of 16 by 16, by drawing the PNG again: red, green, blue, alpha. */
  const pixels = (...names: string[]): Buffer => {
    const href = `data:image/png;base64,${read(...names).toString('base64')}`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><image width="16" height="16" href="${href}"/></svg>`;
    return new Resvg(svg).render().pixels;
  };

  it('can be told apart at 16 pixels, by shape alone', () => {
    const shapes = ['safe', 'needs-you', 'paused', 'offline', 'working-0', 'working-4', 'working-8'];
    const alphas = shapes.map((state) => {
      const drawn = pixels('tray', 'template', `${state}Template.png`);
      return Array.from({ length: 256 }, (_, index) => drawn[index * 4 + 3] ?? 0);
    });
    for (const [one, alpha] of alphas.entries()) {
      assert.ok(alpha.filter((value) => value > 128).length >= 20, `${shapes[one]} is too faint`);
      for (let other = 0; other < one; other += 1) {
        const difference = alpha.filter((value, index) => Math.abs(value - (alphas[other]?.[index] ?? 0)) > 96).length;
        assert.ok(difference >= 12, `${shapes[one]} and ${shapes[other]} differ in ${difference} pixels`);
      }
    }
  });

  it('stand out from the bar that they are drawn for', () => {
    const bars = { light: [0xf3, 0xf3, 0xf3], dark: [0x1f, 0x1f, 0x1f] } as const;
    for (const [bar, background] of Object.entries(bars)) {
      for (const state of ['safe', 'needs-you', 'paused', 'offline', 'working-0']) {
        const drawn = pixels('tray', bar, `${state}.png`);
        const full = Array.from({ length: 256 }, (_, index) => drawn.subarray(index * 4, index * 4 + 4)).filter(
          (pixel) => pixel[3] === 255,
        );
        const best = Math.max(...full.map((pixel) => contrast([...pixel.subarray(0, 3)], background)));
        // WCAG 2.2, 1.4.11: what has a meaning stands out by 3 to 1.
        assert.ok(best >= 3, `${bar} ${state}: ${best.toFixed(1)} to 1`);
      }
    }
  });

  it('are black and transparent where macOS colours them', () => {
    for (const state of states) {
      const drawn = pixels('tray', 'template', `${state}Template.png`);
      for (let index = 0; index < drawn.length; index += 4) {
        assert.deepEqual([...drawn.subarray(index, index + 3)], [0, 0, 0], state);
      }
    }
  });

  it('fill the ring step by step', () => {
    const filled = Array.from({ length: 9 }, (_, step) => {
      const drawn = pixels('tray', 'template', `working-${step}Template.png`);
      return Array.from({ length: 256 }, (__, index) => drawn[index * 4 + 3] ?? 0).reduce(
        (sum, alpha) => sum + alpha,
        0,
      );
    });
    assert.deepEqual(
      filled.toSorted((a, b) => a - b),
      filled,
    );
    assert.equal(new Set(filled).size, 9);
  });

  it('are containers that Windows and macOS read, each entry as large as it says', () => {
    const ico = read('strongroom.ico');
    const count = ico.readUInt16LE(4);
    const found = Array.from({ length: count }, (_, index) => {
      const entry = ico.subarray(6 + 16 * index, 22 + 16 * index);
      const image = ico.subarray(entry.readUInt32LE(12), entry.readUInt32LE(12) + entry.readUInt32LE(8));
      const edge = entry.readUInt8(0) === 0 ? 256 : entry.readUInt8(0);
      const inside = edge === 256 ? edges(image)[0] : image.readInt32LE(4);
      assert.equal(inside, edge);
      return edge;
    });
    assert.deepEqual(found, [16, 20, 24, 32, 40, 48, 64, 128, 256]);

    const icns = read('strongroom.icns');
    assert.equal(icns.toString('latin1', 0, 4), 'icns');
    assert.equal(icns.readUInt32BE(4), icns.length);
    const types: [string, number][] = [];
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      types.push([icns.toString('latin1', at, at + 4), edges(icns.subarray(at + 8))[0]]);
    }
    assert.deepEqual(Object.fromEntries(types), {
      icp4: 16,
      ic11: 32,
      icp5: 32,
      ic12: 64,
      ic07: 128,
      ic13: 256,
      ic08: 256,
      ic14: 512,
      ic09: 512,
      ic10: 1024,
    });
  });

  it('show the same mark that the window shows', () => {
    const mark = readFileSync('build/icons/mark.svg', 'utf8');
    const direct = new Resvg(mark, { fitTo: { mode: 'width', value: 256 } }).render().asPng();
    assert.ok(direct.equals(read('strongroom-256.png')));
  });
});

/** The contrast of two colours as WCAG reckons it. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: readonly number[], other: readonly number[]): number {
  const luminance = (colour: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
