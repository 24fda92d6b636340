import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from './bench.ts';
import { rclone, Strongroom } from './programs.ts';
import { makeTree } from './trees.ts';

/** The run after a folder of 10,000 files was renamed: no content may travel again. */
export const rename: Benchmark = {
  name: 'rename',
  async run(bench) {
    await bench.needRclone();
    const files = bench.scaled(10_000);
    const source = bench.fresh('rename');
    const [before, after] = [join(source, 'box-before'), join(source, 'box-after')];
    makeTree(before, files, 1024);
    await bench.withBucket(async (bucket) => {
      const { environment } = bucket;
      const ours = new Strongroom(bench.fresh('home'), environment);
      const sync = ['sync', '--transfers', '16', '--fast-list', source, bucket.remote('rclone')];
      await ours.run(files, 'protect', source, '--to', bucket.spec('ours'));
      await rclone(environment, ...sync);
      renameSync(before, after);
      await bench.settle();
      const log = bench.fresh('requests.log');
      const { usage, summary } = await ours.run(files, 'sync', '--log', log);
      if (summary.moved !== files) throw new Error(`${summary.moved} of ${files} files were recognised as moved`);
      const calls = readCalls(log);
      const other = await rclone(environment, ...sync, '--track-renames');
      bench.add({
        what: `rename: a folder of ${files} files renamed, S3`,
        measured: [
          { name: 'ours', runs: [usage] },
          { name: 'rclone sync --transfers 16 --fast-list --track-renames', runs: [other.usage] },
        ],
        verdicts: [
          { what: 'content sent, by the requests', value: putBytes(calls), unit: 'bytes', limit: { atMost: 0 } },
          {
            what: "content sent, by the run's summary",
            value: summary.stores.reduce((sum, store) => sum + store.bytesSent, 0),
            unit: 'bytes',
            limit: { atMost: 0 },
          },
        ],
        notes: [
          `copied within the store: ${summary.stores.reduce((sum, store) => sum + store.copiedWithin, 0)}`,
          `calls of the store: ${tellCalls(calls)}`,
        ],
      });
    });
  },
};

interface Call {
  readonly method: string;
  readonly bytes?: number;
}

/** The calls of the store, from its log: a line each. */
function readCalls(log: string): Call[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Call);
}

/** The bytes of all files whose content was sent. */
function putBytes(calls: readonly Call[]): number {
  return calls.filter(({ method }) => method === 'put').reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}

/** How often each method of the store was called. */
function tellCalls(calls: readonly Call[]): string {
  const counts = new Map<string, number>();
  for (const { method } of calls) counts.set(method, (counts.get(method) ?? 0) + 1);
  return [...counts].map(([method, count]) => `${count} × ${method}`).join(', ');
}
