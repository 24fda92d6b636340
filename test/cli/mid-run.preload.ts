import fs from 'node:fs';

/*
 * Loaded into every thread of a command (`--import`): does to a file, at the moment at which Strongroom opens or has begun
 * to read it, what its name says. So what happens "in the middle of a run" happens at the same place every time.
 */
const { openSync, readSync, rmSync, chmodSync, appendFileSync, writeFileSync, utimesSync, renameSync } = fs;
const opened = new Map<number, string>();
let busy = false;

function quietly(work: () => void): void {
  busy = true;
  try {
    work();
  } finally {
    busy = false;
  }
}

const faulty = {
  openSync: (...args: Parameters<typeof openSync>): number => {
    const name = String(args[0]);
    const isSource = !busy && name.includes('/scans/');
    if (isSource && name.includes('vanishes')) quietly(() => rmSync(name, { force: true }));
    if (isSource && name.includes('closes')) quietly(() => chmodSync(name, 0));
    const file = openSync(...args);
    if (isSource && /grows|replaced/.test(name)) opened.set(file, name);
    return file;
  },
  readSync: (...args: [number, NodeJS.ArrayBufferView, number, number, number | null]): number => {
    const count = readSync(...args);
    const name = opened.get(args[0]);
    opened.delete(args[0]);
    if (name?.includes('grows') === true) quietly(() => appendFileSync(name, 'more'));
    if (name?.includes('replaced') === true) {
      quietly(() => {
        writeFileSync(`${name}.tmp`, 'the new content, which is another');
        utimesSync(`${name}.tmp`, 1_600_000_000, 1_600_000_000);
        renameSync(`${name}.tmp`, name);
      });
    }
    return count;
  },
};
Object.assign(fs, faulty);
