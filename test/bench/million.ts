import { join } from 'node:path';
import type { Benchmark } from './bench.ts';
import { Strongroom } from './programs.ts';
import { makeTree } from './trees.ts';

/** 350 MB, the most memory that a run may need however large the source is. */
const memoryLimit = 350e6;

/** The memory of runs over a million files, to a folder store beside them. */
export const million: Benchmark = {
  name: 'million',
  async run(bench) {
    const files = bench.scaled(1_000_000);
    const tree = join(bench.fresh('million'), 'source');
    makeTree(tree, files, 16);
    await bench.settle();
    const home = bench.fresh('home');
    const ours = new Strongroom(home);
    const store = `folder://${bench.fresh('store')}`;
    const runs = [
      { name: 'first', ...(await ours.run(files, 'protect', tree, '--to', store)) },
      { name: 'second', ...(await ours.run(files, 'sync')) },
    ];
    for (const { name, usage } of runs) {
      bench.add({
        what: `million: ${name} run over ${files} files of about 16 bytes, folder store`,
        measured: [{ name: 'ours', runs: [usage] }],
        verdicts: [{ what: 'peak memory', value: usage.peak, unit: 'bytes', limit: { atMost: memoryLimit } }],
      });
    }
    bench.millionHome = home;
  },
};
