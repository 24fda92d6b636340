import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, Benchmark } from './bench.ts';
import type { Bucket } from './bucket.ts';
import { alternate, type Contestant, type Measured, type Usage } from './measure.ts';
import { rclone, Strongroom } from './programs.ts';
import { ratio } from './report.ts';
import { makeLargeFile, makeTree } from './trees.ts';

const smallWords = ['--transfers', '16', '--fast-list', '--s3-no-head'];
const smallSize = 1024;
const largeSize = 1024 * 1024 * 1024;

/** The first run of 5,000 files of about 1 KB. */
export const small: Benchmark = {
  name: 'small',
  async run(bench) {
    const files = bench.scaled(5_000);
    const tree = join(bench.fresh('small'), 'source');
    makeTree(tree, files, smallSize);
    await toFolder(bench, tree, files);
    const measured = await firstRuns(bench, tree, files, smallWords);
    bench.add({
      what: `small: first run of ${files} files of about 1 KB to S3`,
      measured,
      verdicts: [{ what: 'ours / rclone', value: ratio(measured, 0, 1), unit: 'times', limit: { atMost: 1 } }],
    });
  },
};

/** The first run of one file of 1 GiB. */
export const large: Benchmark = {
  name: 'large',
  async run(bench) {
    const size = bench.scaled(largeSize);
    const tree = join(bench.fresh('large'), 'source');
    makeLargeFile(tree, size);
    const measured = await firstRuns(bench, tree, 1, []);
    bench.add({
      what: `large: first run of one file of ${(size / 2 ** 20).toFixed(0)} MiB to S3`,
      measured,
      verdicts: [{ what: 'ours / rclone', value: ratio(measured, 0, 1), unit: 'times', limit: { below: 1 } }],
    });
  },
};

/** Restoring what the two above copied. Each program reads what it wrote itself. */
export const restore: Benchmark = {
  name: 'restore',
  async run(bench) {
    const files = bench.scaled(5_000);
    const size = bench.scaled(largeSize);
    const smallTree = join(bench.fresh('restore-small'), 'source');
    makeTree(smallTree, files, smallSize);
    await restoreRow(bench, smallTree, files, `${files} files of about 1 KB`);
    const largeTree = join(bench.fresh('restore-large'), 'source');
    makeLargeFile(largeTree, size);
    await restoreRow(bench, largeTree, 1, `one file of ${(size / 2 ** 20).toFixed(0)} MiB`);
  },
};

/**
 * First runs of a tree to S3, ours and rclone's in turn. Every round has a server of its own: a bucket grows slower with
 * what it holds, and a server in memory frees nothing for hours.
 */
async function firstRuns(bench: Bench, tree: string, files: number, words: readonly string[]): Promise<Measured[]> {
  await bench.needRclone();
  const measured: Measured[] = [];
  for (let round = 0; round < bench.rounds; round += 1) {
    await bench.withBucket(async (bucket) => {
      await warmUp(bench, bucket);
      const { environment } = bucket;
      const ours: Contestant = {
        name: 'ours',
        once: async () => {
          await bench.settle();
          const strongroom = new Strongroom(bench.fresh('home'), environment);
          return (await strongroom.run(files, 'protect', tree, '--to', bucket.spec('ours'))).usage;
        },
      };
      const rclones: Contestant = {
        name: ['rclone sync', ...words].join(' '),
        once: async () => {
          await bench.settle();
          return (await rclone(environment, 'sync', ...words, tree, bucket.remote('rclone'))).usage;
        },
      };
      const both = await alternate(round % 2 === 0 ? [ours, rclones] : [rclones, ours], 1);
      measured.push(...both);
    });
  }
  return ['ours', ['rclone sync', ...words].join(' ')].map((name) => ({
    name,
    runs: measured.filter((entry) => entry.name === name).flatMap((entry) => entry.runs),
  }));
}

/** Three files each: whatever is made at the first request, or read from the disk at the first start, is there then. */
async function warmUp(bench: Bench, bucket: Bucket): Promise<void> {
  const tree = join(bench.fresh('warm'), 'warm');
  makeTree(tree, 3, 100);
  const strongroom = new Strongroom(bench.fresh('home'), bucket.environment);
  await strongroom.run(3, 'protect', tree, '--to', bucket.spec('warm-ours'));
  await rclone(bucket.environment, 'sync', tree, bucket.remote('warm-rclone'));
}

async function restoreRow(bench: Bench, tree: string, files: number, what: string): Promise<void> {
  await bench.needRclone();
  await bench.withBucket(async (bucket) => {
    const { environment } = bucket;
    const strongroom = new Strongroom(bench.fresh('home'), environment);
    await strongroom.run(files, 'protect', tree, '--to', bucket.spec('ours'), '--name', 'source');
    await rclone(environment, 'sync', ...smallWords, tree, bucket.remote('rclone'));
    const into = async (work: (target: string) => Promise<Usage>): Promise<Usage> => {
      const target = bench.fresh('restored');
      await bench.settle();
      const usage = await work(target);
      if (countFiles(target) !== files) throw new Error(`${countFiles(target)} of ${files} files lie in ${target}`);
      rmSync(target, { recursive: true });
      return usage;
    };
    const measured = await alternate(
      [
        { name: 'ours', once: () => into((target) => strongroom.restore(files, 'source', target)) },
        {
          name: 'rclone copy --transfers 16',
          once: () =>
            into(async (target) => {
              const { usage } = await rclone(environment, 'copy', '--transfers', '16', bucket.remote('rclone'), target);
              return usage;
            }),
        },
      ],
      bench.rounds,
    );
    bench.add({
      what: `restore: ${what} from S3`,
      measured,
      verdicts: [{ what: 'ours / rclone', value: ratio(measured, 0, 1), unit: 'times', limit: { atMost: 1 } }],
    });
  });
}

/** The same files to another disk. No target: rclone does not wait until the disk has them, Strongroom does. */
async function toFolder(bench: Bench, tree: string, files: number): Promise<void> {
  await bench.needRclone();
  const measured = await alternate(
    [
      {
        name: 'ours',
        once: async () => {
          await bench.settle();
          const strongroom = new Strongroom(bench.fresh('home'));
          return (await strongroom.run(files, 'protect', tree, '--to', `folder://${bench.fresh('store')}`)).usage;
        },
      },
      {
        name: 'rclone copy',
        once: async () => {
          await bench.settle();
          return (await rclone({ RCLONE_CONFIG: '' }, 'copy', tree, bench.fresh('copy'))).usage;
        },
      },
    ],
    bench.rounds,
  );
  bench.add({
    what: `small: first run of ${files} files of about 1 KB to a folder (to compare only)`,
    measured,
    notes: ['Strongroom waits until the disk has every file before it calls a copy stored; rclone does not'],
  });
}

function countFiles(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
}
