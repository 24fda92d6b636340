import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../faults/random.ts';

const filesPerFolder = 100;

/**
 * Makes a tree of small files, a hundred in a folder and a hundred folders in one, all with different content.
 *
 * @param size bytes of a file on average; each has between half and one and a half times as many.
 */
export function makeTree(root: string, files: number, size: number): void {
  const random = seededRandom(files);
  const filler = randomBytes(Math.max(64, size * 2)).toString('base64');
  for (let at = 0; at < files; at += 1) {
    const folder = Math.floor(at / filesPerFolder);
    const inside = join(root, `box-${pad(Math.floor(folder / 100))}`, `folder-${pad(folder % 100)}`);
    if (at % filesPerFolder === 0) mkdirSync(inside, { recursive: true });
    // Eight bytes hold the number, which makes the content different.
    const length = Math.max(8, Math.round(size * (0.5 + random())));
    writeFileSync(join(inside, `page-${pad(at % filesPerFolder)}-${at}.txt`), `${at} ${filler}`.slice(0, length));
  }
}

/** Makes one file of random bytes, which nothing on the way can make smaller. */
export function makeLargeFile(root: string, size: number): void {
  mkdirSync(root, { recursive: true });
  const file = openSync(join(root, 'master.tif'), 'w');
  const step = 8 * 1024 * 1024;
  for (let left = size; left > 0; left -= step) writeSync(file, randomBytes(Math.min(step, left)));
  closeSync(file);
}

function pad(number: number): string {
  return String(number).padStart(3, '0');
}
