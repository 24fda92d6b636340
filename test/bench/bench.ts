import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isNotRun, prepareProgram, type NotRun } from '../lab/prepare.ts';
import { startCeph } from '../lab/servers.ts';
import { makeBucket, type Bucket } from './bucket.ts';
import type { Row } from './report.ts';

/** One benchmark: what `npm run bench -- <name>` runs. */
export interface Benchmark {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

/** A benchmark cannot be run here, and why. */
export class CannotRun extends Error {
  override readonly name = 'CannotRun';
}

/** What every benchmark gets: a place for its files, servers, how large and how often, and where its rows go. */
export class Bench {
  /** Everything is this many times as large as the targets say; 1 for the real thing. */
  readonly scale: number;
  /** How often each contestant does the work. */
  readonly rounds: number;
  /** Versions of what was measured against. */
  readonly versions = new Set<string>();
  /** The home that the benchmark of a million files left, for those that come after it. */
  millionHome: string | undefined;
  readonly #folder: string;
  readonly #add: (row: Row) => void;

  constructor(options: { scale: number; rounds: number; folder: string; add: (row: Row) => void }) {
    this.scale = options.scale;
    this.rounds = options.rounds;
    this.#folder = options.folder;
    this.#add = options.add;
  }

  /** Shows a row, and keeps it for the file of figures. */
  add(row: Row): void {
    this.#add(row);
  }

  /** A number of files or bytes at this scale, at least 1. */
  scaled(amount: number): number {
    return Math.max(1, Math.round(amount * this.scale));
  }

  /** The path of a folder or file that is not there yet; it goes away with the benchmark. */
  fresh(name: string): string {
    mkdirSync(this.#folder, { recursive: true });
    return join(this.#folder, `${name}-${randomBytes(3).toString('hex')}`);
  }

  /** Removes what a benchmark left. */
  clean(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /**
   * Lets `work` have an empty Ceph server with one bucket that keeps versions.
   *
   * @throws CannotRun where there is no Ceph.
   */
  async withBucket<Result>(work: (bucket: Bucket) => Promise<Result>): Promise<Result> {
    const server = had(await startCeph());
    this.versions.add(`${server.name} ${server.version}`);
    try {
      return await work(await makeBucket(server, this.fresh('rclone.conf')));
    } finally {
      await server.stop();
    }
  }

  /** @throws CannotRun where there is no rclone. */
  async needRclone(): Promise<void> {
    had(await prepareProgram('rclone'));
  }

  /**
   * Has the disk write what waits to be written, so that the writes of what came before (the files being made, another
   * contestant) are not paid for by what is measured next.
   */
  async settle(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    await promisify(execFile)('sync', ['-f', this.#folder]);
  }
}

function had<Thing extends object>(answer: Thing | NotRun): Thing {
  if (isNotRun(answer)) throw new CannotRun(answer.notRun);
  return answer;
}
