/**
 * A bare walk, as a process of its own: `node test/bench/walk.ts <folder>`. It reads every folder and asks for every
 * entry's lstat, one after the other, and does nothing with the answers: what no scan that looks at every file can avoid.
 * Prints the files met and the milliseconds of the walk itself, as JSON.
 */
import { lstatSync, readdirSync } from 'node:fs';

function walk(folder: string): number {
  let files = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    lstatSync(path);
    files += entry.isDirectory() ? walk(path) : 1;
  }
  return files;
}

const begun = performance.now();
const files = walk(process.argv[2] ?? '.');
console.log(JSON.stringify({ files, milliseconds: performance.now() - begun }));
