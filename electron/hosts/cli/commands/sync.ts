import type { Command } from 'commander';
import { StrongroomError } from '../../../../shared/errors.ts';
import { contextOf, problemOf, tell } from '../context.ts';
import { tellRun } from '../describe.ts';
import { exitCodes } from '../exit.ts';
import type { Output } from '../output.ts';
import { exitCodeOfRuns, runSource } from '../running.ts';

interface Options {
  readonly acceptChanges?: boolean;
  readonly rehash?: boolean;
}

export async function sync(name: string | undefined, options: Options, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', async (engine) => {
    const sources = name === undefined ? engine.catalog.sources.all() : [engine.catalog.sources.get(name)];
    const runs: Output<'sync'>['runs'] = [];
    const problems: StrongroomError[] = [];
    for (const source of sources) {
      if (context.signal.aborted) break;
      if (source.root === '') {
        const problem = new StrongroomError(
          'source-unreachable',
          `It is not known where "${source.name}" is on this computer.`,
          { subject: source.name, advice: `Say it: strongroom source edit ${source.name} --root <folder>` },
        );
        problems.push(problem);
        context.say(tell(problem));
        continue;
      }
      const run = await runSource(context, engine, source, {
        rehash: options.rehash === true,
        acceptChanges: options.acceptChanges === true,
      });
      runs.push(run);
      if (!context.json) process.stdout.write(`${tellRun(run)}\n`);
    }
    context.print('sync', { runs, problems: problems.map(problemOf) }, () =>
      sources.length === 0 ? 'No source yet. Protect a folder: strongroom protect <folder> --to <store>.' : '',
    );
    process.exitCode = Math.max(exitCodeOfRuns(runs), problems.length > 0 ? exitCodes.incomplete : exitCodes.done);
  });
}
