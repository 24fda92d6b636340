import path from 'node:path';
import type { Command } from 'commander';
import { StrongroomError } from '../../../../shared/errors.ts';
import { conflictAnswers, type ConflictAnswer } from '../../../engine/restore/restore.ts';
import { contextOf, problemOf } from '../context.ts';
import { tellErrors } from '../describe.ts';
import { exitCodes } from '../exit.ts';
import { parsePlace } from '../place.ts';
import { Remaining, StatusLine } from '../progress.ts';
import { count, formatBytes, formatDuration, plain } from '../terminal.ts';
import { parseTime } from '../times.ts';

interface Options {
  readonly at?: string;
  readonly version?: string;
  readonly into?: string;
  readonly from?: string;
  readonly conflict: string;
}

export async function restore(place: string, options: Options, command: Command): Promise<void> {
  const context = contextOf(command);
  const { conflict } = options;
  if (!isAnswer(conflict))
    throw new StrongroomError('usage', `"${conflict}" is no answer to a conflict.`, {
      advice: `It is one of ${conflictAnswers.join(', ')}.`,
    });
  const number = options.version === undefined ? undefined : Number(options.version);
  if (number !== undefined && (!Number.isInteger(number) || number < 1)) {
    throw new StrongroomError('usage', `"${options.version ?? ''}" is no version number.`, {
      advice: 'Versions are numbered from 1; "strongroom versions" lists them.',
    });
  }
  if (number !== undefined && options.at !== undefined)
    throw new StrongroomError('usage', 'Name a version or a time, not both.');
  await context.withEngine('read-or-write', async (engine) => {
    const { source: name, path: inside } = parsePlace(place);
    const line = new StatusLine();
    const remaining = new Remaining();
    const now = context.clock.now();
    const result = await engine
      .restore(engine.catalog.sources.get(name), {
        path: inside,
        at: options.at === undefined ? now : parseTime(options.at, now),
        number,
        into: options.into === undefined ? undefined : path.resolve(options.into),
        conflict,
        from: options.from === undefined ? undefined : engine.catalog.stores.get(options.from),
        signal: context.signal,
        onProgress: ({ files, bytes, allFiles, allBytes }) => {
          if (context.json) return;
          remaining.add(performance.now(), files, bytes);
          const left = remaining.left(allFiles - files, allBytes - bytes);
          line.show(
            `${files} of ${count(allFiles, 'file')}, ${formatBytes(bytes)} of ${formatBytes(allBytes)}${left === undefined ? '' : `, ${formatDuration(left)} left`}`,
          );
        },
      })
      .finally(() => line.clear());
    const { kept, renamed, failed, notes } = result;
    const lists = { kept: [...kept], renamed: [...renamed], failed: failed.map(problemOf), notes: [...notes] };
    context.print('restore', { ...result, ...lists }, () =>
      [
        `Restored ${count(result.restored, 'file')} (${formatBytes(result.bytes)}) to ${plain(result.target)}.`,
        ...(result.same > 0 ? [`  ${count(result.same, 'file')} there already, the same byte for byte.`] : []),
        ...(kept.length > 0
          ? [
              `  ${count(kept.length, 'file')} NOT restored, because another lies there (--conflict keep-both or overwrite):`,
              ...kept.slice(0, 20).map((entry) => `    ${plain(entry)}`),
            ]
          : []),
        ...renamed.slice(0, 20).map((entry) => `  ${plain(entry.path)} as ${plain(entry.as)} (${entry.why})`),
        ...tellErrors(failed),
      ].join('\n'),
    );
    process.exitCode = kept.length + failed.length > 0 ? exitCodes.incomplete : exitCodes.done;
  });
}

function isAnswer(text: string): text is ConflictAnswer {
  return conflictAnswers.some((answer) => answer === text);
}
