/** A picture in shades of grey, a byte a pixel, row by row; 0 is black. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Capital letters and digits as 5 x 7 dots, a number a row, the leftmost dot the highest of five bits. */
const letters: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  G: [14, 17, 16, 23, 17, 17, 14],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  W: [17, 17, 17, 21, 21, 27, 17],
  '0': [14, 17, 19, 21, 25, 17, 14],
  '1': [4, 12, 4, 4, 4, 4, 14],
  '2': [14, 17, 1, 6, 8, 16, 31],
  '3': [30, 1, 1, 14, 1, 1, 30],
  '4': [2, 6, 10, 18, 31, 2, 2],
  '5': [31, 16, 30, 1, 1, 17, 14],
  '6': [14, 16, 16, 30, 17, 17, 14],
  '7': [31, 1, 2, 4, 8, 8, 8],
  '8': [14, 17, 17, 14, 17, 17, 14],
  '9': [14, 17, 17, 15, 1, 1, 14],
};

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * A page of handwriting as a scanner sees it: paper with a grain, a heading, lines of words.
 *
 * @param brightness of the paper, 0 to 255.
 */
export function scannedPage(seed: number, heading: string, brightness: number): Picture {
  const picture = paper(480, 640, seed, brightness);
  const random = numbers(seed + 1);
  write(picture, heading, 48, 40, 4);
  for (let line = 0; line < 17; line += 1) {
    const base = 112 + line * 28;
    for (let x = 48; x < 400;) {
      const word = 18 + Math.floor(random() * 62);
      const [loop, slant] = [0.38 + random() * 0.14, random() * 6];
      for (let step = 0, last = base; step < word; step += 1) {
        const height = base + Math.round(Math.sin(step * loop + slant) * 5 + Math.sin(step * 0.17 + slant) * 2);
        // A pen does not leave the paper within a word.
        for (let y = Math.min(last, height); y <= Math.max(last, height) + 1; y += 1) ink(picture, x + step, y, 84);
        last = height;
      }
      x += word + 12;
    }
  }
  return picture;
}

/** A plan of streets and blocks. */
export function townPlan(seed: number): Picture {
  const picture = paper(640, 480, seed, 226);
  const random = numbers(seed + 1);
  for (let x = 24; x < 600;) {
    const width = 30 + Math.floor(random() * 60);
    for (let y = 24; y < 440;) {
      const height = 24 + Math.floor(random() * 50);
      const shade = 120 + Math.floor(random() * 70);
      for (let dy = 0; dy < height; dy += 1)
        for (let dx = 0; dx < width; dx += 1)
          ink(picture, x + dx, y + dy, dx === 0 || dy === 0 || dx === width - 1 || dy === height - 1 ? 40 : shade);
      y += height + 10;
    }
    x += width + 12;
  }
  return picture;
}

/** A view with hills, a sun and a river. */
export function landscape(seed: number): Picture {
  const picture = paper(640, 420, seed, 205);
  const random = numbers(seed + 1);
  const phase = random() * 6;
  for (let y = 0; y < 420; y += 1) {
    for (let x = 0; x < 640; x += 1) {
      const near = 260 + 40 * Math.sin(x / 90 + phase) + 18 * Math.sin(x / 31);
      const far = 180 + 30 * Math.sin(x / 140 + phase * 2);
      const sun = Math.hypot(x - 470, y - 90) < 42;
      const river = y > near && Math.abs(x - 320 - (y - 260) * Math.sin(phase)) < (y - 220) / 3;
      if (river) ink(picture, x, y, 190 - (y % 7) * 4);
      else if (y > near) ink(picture, x, y, 78 + Math.floor(random() * 14));
      else if (y > far) ink(picture, x, y, 132 + Math.floor(random() * 8));
      else if (sun) ink(picture, x, y, 248);
    }
  }
  return picture;
}

function paper(width: number, height: number, seed: number, brightness: number): Picture {
  const random = numbers(seed);
  const pixels = new Uint8Array(width * height);
  for (let index = 0; index < pixels.length; index += 1) {
    const x = (index % width) / width - 0.5;
    const y = Math.floor(index / width) / height - 0.5;
    pixels[index] = Math.max(0, Math.min(255, brightness - (x * x + y * y) * 40 + random() * 10));
  }
  return { width, height, pixels };
}

function write(picture: Picture, text: string, left: number, top: number, scale: number): void {
  for (const [index, letter] of Array.from(text).entries()) {
    for (const [row, dots] of (letters[letter] ?? []).entries()) {
      for (let column = 0; column < 5; column += 1) {
        if ((dots & (16 >> column)) === 0) continue;
        for (let dot = 0; dot < scale * scale; dot += 1) {
          const x = left + (index * 6 + column) * scale + (dot % scale);
          ink(picture, x, top + row * scale + Math.floor(dot / scale), 50);
        }
      }
    }
  }
}

function ink({ width, height, pixels }: Picture, x: number, y: number, shade: number): void {
  if (x >= 0 && y >= 0 && x < width && y < height) pixels[y * width + x] = shade;
}
