import { join } from 'node:path';
import { z } from 'zod';
import { measure, type Ended, type Usage } from './measure.ts';

/** The flags and file of the `strongroom` script in package.json: what is measured is what people run. */
const commandLine = ['--max-semi-space-size=4', join(import.meta.dirname, '../../electron/hosts/cli/main.ts')];
const noVariables: Readonly<Record<string, string>> = {};

const runSchema = z.object({
  outcome: z.string().nullable(),
  seen: z.number(),
  added: z.number(),
  unchanged: z.number(),
  moved: z.number(),
  failed: z.number(),
  stores: z.array(
    z.object({ copied: z.number(), bytesSent: z.number(), copiedWithin: z.number(), pending: z.number() }),
  ),
});
const runsSchema = z.object({ runs: z.tuple([runSchema]) });
export type RunSummary = z.infer<typeof runSchema>;

const restoreSchema = z.object({ restored: z.number(), failed: z.array(z.unknown()) });

/** Strongroom as a person starts it: the command line, in a process of its own. */
export class Strongroom {
  readonly #home: string;
  readonly #environment: Readonly<Record<string, string>>;

  /** @param home the folder of its own data. */
  constructor(home: string, environment = noVariables) {
    this.#home = home;
    this.#environment = environment;
  }

  /**
   * `protect` or `sync`.
   *
   * @throws Error unless every file was met and everything was copied.
   */
  async run(files: number, ...words: readonly string[]): Promise<{ usage: Usage; summary: RunSummary }> {
    const { usage, stdout } = await this.#start(words);
    const [summary] = runsSchema.parse(JSON.parse(stdout)).runs;
    const pending = summary.stores.reduce((sum, store) => sum + store.pending, 0);
    if (summary.outcome !== 'done' || summary.seen !== files || summary.failed + pending > 0) {
      throw new Error(`strongroom ${words.join(' ')} did not do all of ${files} files: ${JSON.stringify(summary)}`);
    }
    return { usage, summary };
  }

  /** @throws Error unless all `files` were restored. */
  async restore(files: number, source: string, into: string): Promise<Usage> {
    const { usage, stdout } = await this.#start(['restore', source, '--into', into]);
    const { restored, failed } = restoreSchema.parse(JSON.parse(stdout));
    if (restored !== files || failed.length > 0) throw new Error(`restored ${restored} of ${files} files`);
    return usage;
  }

  /** `status` as a person sees it, without `--json`. It ends with 1 where not everything is safe, which is an answer. */
  async status(): Promise<Usage> {
    return (await measure(this.#command(['status'], [0, 1]))).usage;
  }

  #start(words: readonly string[]): Promise<Ended> {
    return measure(this.#command(['--json', ...words], [0]));
  }

  #command(words: readonly string[], allowed: readonly number[]): Parameters<typeof measure>[0] {
    const profiles = process.env['STRONGROOM_BENCH_PROFILE'];
    const profiling =
      profiles === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${join(profiles, words.find((word) => !word.startsWith('-')) ?? '')}`];
    const args = [...profiling, ...commandLine, '--home', this.#home, ...words];
    return { program: process.execPath, args, environment: this.#environment, allowed };
  }
}

/** rclone with the words given. */
export async function rclone(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Ended> {
  return await measure({ program: 'rclone', args, environment });
}

/** rclone, looking through what it copied before. @throws Error when it finds anything to copy. */
export async function rcloneUnchanged(
  environment: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Usage> {
  const { usage, stderr } = await rclone(environment, ...args, '--log-level', 'INFO');
  if (!stderr.includes('There was nothing to transfer')) throw new Error(`rclone copied again: ${stderr.slice(-500)}`);
  return usage;
}
