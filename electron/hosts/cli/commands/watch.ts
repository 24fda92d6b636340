import type { Command } from 'commander';
import { StrongroomError } from '../../../../shared/errors.ts';
import { Pulse } from '../../../engine/schedule/pulse.ts';
import { Watcher } from '../../../engine/schedule/watcher.ts';
import { contextOf } from '../context.ts';
import { tellRun } from '../describe.ts';
import { runSource } from '../running.ts';
import { count, formatTime, toJson } from '../terminal.ts';

/** `watch`: stays, reacts to changes, and looks through every source on schedule, until it is stopped. */
export async function watch(options: { readonly every: string }, command: Command): Promise<void> {
  const context = contextOf(command);
  const minutes = Number(options.every);
  if (!(minutes > 0))
    throw new StrongroomError('usage', `"${options.every}" is no number of minutes.`, { advice: 'Write --every 30.' });
  await context.withEngine('write', async (engine) => {
    const pulse = new Pulse({ everyMs: minutes * 60_000, quietMs: 3_000, restFactor: 2, signal: context.signal });
    const sources = engine.catalog.sources.all().filter((source) => source.root !== '');
    if (sources.length === 0) {
      throw new StrongroomError('usage', 'There is no source to watch yet.', {
        advice: 'Protect a folder first: strongroom protect <folder> --to <store>.',
      });
    }
    const watchers = new Map(sources.map((source) => [source.id, new Watcher(source, () => pulse.change())]));
    try {
      context.say(
        `Watching ${count(sources.length, 'source')}; every ${count(minutes, 'minute')} all is looked through. Ctrl-C ends it.`,
      );
      for (let lastMs = 0, first = true; first || (await pulse.next(lastMs)); first = false) {
        const began = performance.now();
        for (const source of sources) {
          if (context.signal.aborted) break;
          // Before the run, so that nothing can change unseen between its walk and the watch.
          watchers.get(source.id)?.refresh();
          const run = await runSource(context, engine, engine.catalog.sources.get(source.name), {
            rehash: false,
            acceptChanges: false,
          });
          if (first || run.outcome !== 'done' || run.added + run.changed + run.deleted > 0) {
            process.stdout.write(
              context.json ? `${toJson({ runs: [run] })}\n` : `${formatTime(context.clock.now())}  ${tellRun(run)}\n`,
            );
          }
          watchers.get(source.id)?.refresh();
        }
        lastMs = performance.now() - began;
      }
    } finally {
      for (const watcher of watchers.values()) watcher.close();
    }
  });
}
