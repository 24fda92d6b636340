import type { Picture } from './picture.ts';

/*
 * A baseline JPEG of one component, with the tables that the standard gives as examples:
 * https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annexes A, F and K.
 */
const zigzag = [
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
  55, 62, 63,
];
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const dcCounts = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const dcValues = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const acCounts = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
const acValues = Buffer.from(
  '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a34353637' +
    '38393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3' +
    'a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
  'hex',
);

interface Code {
  readonly bits: number;
  readonly length: number;
}

/** A picture as a JPEG. */
export function jpegOf({ width, height, pixels }: Picture): Uint8Array {
  const [dc, ac] = [codes(dcCounts, dcValues), codes(acCounts, acValues)];
  const out: number[] = [];
  let [pending, held] = [0, 0];
  const put = ({ bits, length }: Code): void => {
    for (let bit = length - 1; bit >= 0; bit -= 1) {
      pending = (pending << 1) | ((bits >> bit) & 1);
      held += 1;
      if (held < 8) continue;
      out.push(pending);
      // A byte of ones is told from a marker by the zero that follows.
      if (pending === 0xff) out.push(0);
      [pending, held] = [0, 0];
    }
  };
  let last = 0;
  for (let top = 0; top < height; top += 8) {
    for (let left = 0; left < width; left += 8) {
      const block = transformed((x, y) => {
        const column = Math.min(width - 1, left + x);
        return (pixels[Math.min(height - 1, top + y) * width + column] ?? 0) - 128;
      });
      const [first = 0] = block;
      putNumber(first - last, 0, dc, put);
      last = first;
      let zeros = 0;
      for (const value of block.slice(1)) {
        if (value === 0) {
          zeros += 1;
          continue;
        }
        for (; zeros > 15; zeros -= 16) put(codeOf(ac, 0xf0));
        putNumber(value, zeros << 4, ac, put);
        zeros = 0;
      }
      if (zeros > 0) put(codeOf(ac, 0));
    }
  }
  put({ bits: 0x7f, length: 7 });
  const table = (kind: number, counts: readonly number[], values: Iterable<number>): number[] => [
    kind,
    ...counts,
    ...values,
  ];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [...Buffer.from('JFIF\0', 'latin1'), 1, 1, 1, 0, 72, 0, 72, 0, 0]),
    segment(0xdb, [0, ...zigzag.map((at) => quantum(at))]),
    segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    segment(0xc4, table(0x00, dcCounts, dcValues)),
    segment(0xc4, table(0x10, acCounts, acValues)),
    segment(0xda, [1, 1, 0, 0, 63, 0]),
    Buffer.from(out),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** The example table halved, which is a quality of 75. */
function quantum(at: number): number {
  return Math.max(1, Math.round((luminance[at] ?? 1) / 2));
}

const cosines = Array.from({ length: 64 }, (_, index) =>
  Math.cos((((index % 8) * 2 + 1) * Math.floor(index / 8) * Math.PI) / 16),
);

/** The quantised coefficients of a block of 8 x 8 samples, in zigzag order. */
function transformed(sample: (x: number, y: number) => number): number[] {
  const rows = new Float64Array(64);
  for (let y = 0; y < 8; y += 1)
    for (let u = 0; u < 8; u += 1) {
      let sum = 0;
      for (let x = 0; x < 8; x += 1) sum += sample(x, y) * (cosines[u * 8 + x] ?? 0);
      rows[y * 8 + u] = sum;
    }
  return zigzag.map((at) => {
    const [u, v] = [at % 8, at >> 3];
    let sum = 0;
    for (let y = 0; y < 8; y += 1) sum += (rows[y * 8 + u] ?? 0) * (cosines[v * 8 + y] ?? 0);
    const scale = (u === 0 ? Math.SQRT1_2 : 1) * (v === 0 ? Math.SQRT1_2 : 1) * 0.25;
    // Not -0, which would be taken for a number to be told.
    return Math.round((sum * scale) / quantum(at)) || 0;
  });
}

/** A number as its length in bits (after what else `symbol` tells) and its bits; negative ones less one. */
function putNumber(value: number, symbol: number, table: ReadonlyMap<number, Code>, put: (code: Code) => void): void {
  const length = value === 0 ? 0 : Math.floor(Math.log2(Math.abs(value))) + 1;
  put(codeOf(table, symbol | length));
  put({ bits: value < 0 ? value + (1 << length) - 1 : value, length });
}

function codes(counts: readonly number[], values: Iterable<number>): Map<number, Code> {
  const made = new Map<number, Code>();
  const rest = values[Symbol.iterator]();
  let bits = 0;
  for (const [index, count] of counts.entries()) {
    for (let each = 0; each < count; each += 1) {
      const next = rest.next();
      if (next.done !== true) made.set(next.value, { bits, length: index + 1 });
      bits += 1;
    }
    bits <<= 1;
  }
  return made;
}

function codeOf(table: ReadonlyMap<number, Code>, symbol: number): Code {
  return table.get(symbol) ?? { bits: 0, length: 0 };
}

function segment(marker: number, content: readonly number[]): Uint8Array {
  const length = content.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...content]);
}
