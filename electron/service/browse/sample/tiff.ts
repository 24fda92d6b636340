import type { Picture } from './picture.ts';

/** Types of a field's value: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf, section 2. */
const [short, long, rational] = [3, 4, 5];

/** A picture as a baseline TIFF: uncompressed, one strip, at 150 dots an inch, as a scanner leaves it. */
export function tiffOf({ width, height, pixels }: Picture): Uint8Array {
  const fields: readonly (readonly [tag: number, type: number, value: number])[] = [
    [256, long, width],
    [257, long, height],
    [258, short, 8],
    [259, short, 1],
    // Black is zero.
    [262, short, 1],
    [273, long, 0],
    [277, short, 1],
    [278, long, height],
    [279, long, pixels.length],
    [282, rational, 0],
    [283, rational, 0],
    [296, short, 2],
  ];
  const directory = 8;
  const resolution = directory + 2 + fields.length * 12 + 4;
  const strip = resolution + 8;
  const bytes = Buffer.alloc(strip + pixels.length);
  bytes.write('II', 0, 'latin1');
  bytes.writeUInt16LE(42, 2);
  bytes.writeUInt32LE(directory, 4);
  bytes.writeUInt16LE(fields.length, directory);
  for (const [index, [tag, type, value]] of fields.entries()) {
    const at = directory + 2 + index * 12;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(type, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(type === rational ? resolution : tag === 273 ? strip : value, at + 8);
  }
  bytes.writeUInt32LE(150, resolution);
  bytes.writeUInt32LE(1, resolution + 4);
  bytes.set(pixels, strip);
  return bytes;
}
