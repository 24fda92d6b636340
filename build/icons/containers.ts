/** A drawing at one size. */
export interface Drawing {
  readonly edge: number;
  readonly png: Buffer;
  /** Red, green, blue, alpha; colours multiplied by alpha. */
  readonly pixels: Buffer;
}

/**
 * A Windows icon. What is below 256 pixels is a bitmap, because older parts of Windows and of installers read no PNG there.
 * https://learn.microsoft.com/previous-versions/ms997538(v=msdn.10)
 */
export function icoOf(drawings: readonly Drawing[]): Buffer {
  const head = Buffer.alloc(6);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(drawings.length, 4);
  const images = drawings.map((drawing) => (drawing.edge < 256 ? bitmapOf(drawing) : drawing.png));
  let offset = head.length + 16 * drawings.length;
  const entries = drawings.map(({ edge }, index) => {
    const entry = Buffer.alloc(16);
    const length = images[index]?.length ?? 0;
    // 256 does not fit into a byte, and is written as 0.
    entry.writeUInt8(edge % 256, 0);
    entry.writeUInt8(edge % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += length;
    return entry;
  });
  return Buffer.concat([head, ...entries, ...images]);
}

/** A device-independent bitmap as icons have it: rows from below, blue first, then a mask that nobody reads at 32 bits. */
function bitmapOf({ edge, pixels }: Drawing): Buffer {
  const head = Buffer.alloc(40);
  head.writeUInt32LE(head.length, 0);
  head.writeInt32LE(edge, 4);
  // Picture and mask together.
  head.writeInt32LE(edge * 2, 8);
  head.writeUInt16LE(1, 12);
  head.writeUInt16LE(32, 14);
  const body = Buffer.alloc(edge * edge * 4);
  for (let y = 0; y < edge; y += 1) {
    for (let x = 0; x < edge; x += 1) {
      const from = ((edge - 1 - y) * edge + x) * 4;
      const to = (y * edge + x) * 4;
      const alpha = pixels[from + 3] ?? 0;
      const plain = (channel: number): number =>
        alpha === 0 ? 0 : Math.min(255, Math.round(((pixels[from + channel] ?? 0) * 255) / alpha));
      body.set([plain(2), plain(1), plain(0), alpha], to);
    }
  }
  const mask = Buffer.alloc(Math.ceil(edge / 32) * 4 * edge);
  return Buffer.concat([head, body, mask]);
}

/** The entries of a macOS icon by edge in pixels: those of one display pixel a point, and those of two. */
const icnsTypes: readonly (readonly [type: string, edge: number])[] = [
  ['icp4', 16],
  ['ic11', 32],
  ['icp5', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** A macOS icon, of drawings of 16, 32, 64, 128, 256, 512 and 1,024 pixels. */
export function icnsOf(drawings: readonly Drawing[]): Buffer {
  const entries = icnsTypes.map(([type, edge]) => {
    const drawing = drawings.find((candidate) => candidate.edge === edge);
    if (drawing === undefined) throw new Error(`an icon of macOS needs a drawing of ${edge} pixels`);
    return chunk(type, drawing.png);
  });
  return chunk('icns', Buffer.concat(entries));
}

/** Four letters, the length with these eight bytes, and the content. */
function chunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32BE(head.length + content.length, 4);
  return Buffer.concat([head, content]);
}
