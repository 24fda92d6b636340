import type { Command } from 'commander';
import { listCheckpoints, restoreCheckpoint } from '../../../engine/catalog/checkpoints.ts';
import { catalogPath, checkWhole } from '../../../engine/catalog/open.ts';
import { refuseUnfinished } from '../../../engine/catalog/unfinished.ts';
import { contextOf, fail } from '../context.ts';
import { instant } from '../describe.ts';
import { formatBytes, formatTime, plain, table } from '../terminal.ts';

/** `catalog check`: reads the whole catalog, and lists its checkpoints. */
export function checkCatalog(_options: unknown, command: Command): void {
  const context = contextOf(command);
  const file = catalogPath(context.home);
  const checkpoints = listCheckpoints(context.home);
  let whole = true;
  try {
    refuseUnfinished(context.home);
    checkWhole(file);
  } catch (error) {
    whole = false;
    fail(error, false);
  }
  context.print(
    'catalog check',
    { catalog: file, whole, checkpoints: checkpoints.map((entry) => ({ ...entry, at: instant(entry.at) })) },
    () =>
      [
        whole ? `The catalog ${plain(file)} is whole.` : '',
        checkpoints.length === 0
          ? 'No checkpoint yet.'
          : table(
              ['checkpoint', 'made', 'size'],
              checkpoints.map((entry) => [entry.file, formatTime(entry.at), formatBytes(entry.bytes)]),
            ),
      ]
        .filter((line) => line !== '')
        .join('\n'),
  );
}

/** `catalog restore`: goes back to the newest whole checkpoint. */
export async function restoreCatalog(_options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  const { checkpoint, aside } = restoreCheckpoint(context.home, context.clock);
  // What was published since the checkpoint is read from the stores before the next scan.
  await context.withEngine('write', (engine) => {
    engine.catalog.sources.lookFirstEverywhere();
    return Promise.resolve();
  });
  context.print(
    'catalog restore',
    { checkpoint: checkpoint.file, at: instant(checkpoint.at), aside: aside ?? null },
    () =>
      [
        `The catalog is as it was at ${formatTime(checkpoint.at)}.`,
        aside === undefined ? '' : `The former one was moved to ${plain(aside)}.`,
        'The next "strongroom sync" reads from the stores what happened since.',
      ]
        .filter((line) => line !== '')
        .join('\n'),
  );
}
