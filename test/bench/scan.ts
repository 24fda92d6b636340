import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Benchmark } from './bench.ts';
import { alternate, measure, quantile, type Usage } from './measure.ts';
import { rclone, rcloneUnchanged, Strongroom } from './programs.ts';
import { ratio } from './report.ts';
import { makeTree } from './trees.ts';

const walkSchema = z.object({ files: z.number(), milliseconds: z.number() });

/** A run over 100,000 files of which none has changed, against a bare walk and against rclone. */
export const scan: Benchmark = {
  name: 'scan',
  async run(bench) {
    await bench.needRclone();
    const files = bench.scaled(100_000);
    const tree = join(bench.fresh('scan'), 'source');
    makeTree(tree, files, 200);
    await bench.withBucket(async (bucket) => {
      const ours = new Strongroom(bench.fresh('home'), bucket.environment);
      const { environment } = bucket;
      const sync = ['sync', '--fast-list', tree, bucket.remote('rclone')];
      await bench.settle();
      const first = await ours.run(files, 'protect', tree, '--to', bucket.spec('ours'));
      const firstOfRclone = await rclone(environment, ...sync, '--transfers', '16', '--s3-no-head');
      bench.add({
        what: `scan: first run over ${files} files of about 200 bytes, S3 (made ready for the next row)`,
        measured: [
          { name: 'ours', runs: [first.usage] },
          { name: 'rclone sync --transfers 16 --fast-list --s3-no-head', runs: [firstOfRclone.usage] },
        ],
      });

      const inside: number[] = [];
      const unchangedOurs = { name: 'ours', once: async () => await unchanged(ours, files) };
      const bareWalk = {
        name: 'bare lstat walk',
        once: async () => {
          const { usage, milliseconds } = await walk(tree, files);
          inside.push(milliseconds);
          return usage;
        },
      };
      // Both are short, so they can be asked more often.
      const walked = await alternate([unchangedOurs, bareWalk], 2 * bench.rounds + 1);
      bench.add({
        what: `scan: second run over ${files} unchanged files, S3, against a bare walk`,
        measured: walked,
        verdicts: [{ what: 'ours / bare walk', value: ratio(walked, 0, 1), unit: 'times', limit: { atMost: 3 } }],
        notes: [
          `whole processes; the walk alone, without the start of Node, took ${quantile(inside, 0.5).toFixed(0)} ms`,
        ],
      });

      const synced = await alternate(
        [
          unchangedOurs,
          { name: 'rclone sync --fast-list', once: async () => await rcloneUnchanged(environment, ...sync) },
          {
            name: 'rclone sync --fast-list --size-only',
            once: async () => await rcloneUnchanged(environment, ...sync, '--size-only'),
          },
        ],
        bench.rounds,
      );
      bench.add({
        what: `scan: second run over ${files} unchanged files, S3, against rclone`,
        measured: synced,
        verdicts: [{ what: 'rclone sync / ours', value: ratio(synced, 1, 0), unit: 'times', limit: { atLeast: 10 } }],
        notes: [
          'rclone asks for every object, because a listing does not tell its times; --size-only is the least that it can do, and misses every change that leaves the size',
        ],
      });
    });
  },
};

async function unchanged(ours: Strongroom, files: number): Promise<Usage> {
  const { usage, summary } = await ours.run(files, 'sync');
  if (summary.unchanged !== files) throw new Error(`${summary.unchanged} of ${files} files were found unchanged`);
  return usage;
}

/** The usage of the process, and the milliseconds of the walk alone. */
async function walk(tree: string, files: number): Promise<{ usage: Usage; milliseconds: number }> {
  const { usage, stdout } = await measure({
    program: process.execPath,
    args: [fileURLToPath(import.meta.resolve('./walk.ts')), tree],
  });
  const answer = walkSchema.parse(JSON.parse(stdout));
  if (answer.files !== files) throw new Error(`the bare walk met ${answer.files} of ${files} files`);
  return { usage, milliseconds: answer.milliseconds };
}
