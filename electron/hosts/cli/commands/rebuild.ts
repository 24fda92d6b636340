import fs from 'node:fs';
import type { Command } from 'commander';
import { parseSpec, type StoreSpec } from '../../../../shared/spec.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { makeRoom } from '../../../engine/catalog/checkpoints.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { StoreSecret } from '../../../engine/store-secrets.ts';
import { catalogPath, checkWhole } from '../../../engine/catalog/open.ts';
import { clearUnfinished, isUnfinished, markUnfinished } from '../../../engine/catalog/unfinished.ts';
import { addStore } from '../adding.ts';
import { contextOf, type Context } from '../context.ts';
import { givenSecret, type KeyOptions } from '../credentials.ts';
import { exitCodes } from '../exit.ts';
import { StatusLine } from '../progress.ts';
import { count, plain } from '../terminal.ts';

interface Options extends KeyOptions {
  readonly from: string;
  readonly withoutJournals?: boolean;
  readonly name?: string;
}

/** `rebuild --from <store spec>`: a full catalog from what one store holds. */
export async function rebuild(options: Options, command: Command): Promise<void> {
  const context = contextOf(command);
  const spec = parseSpec(options.from);
  const secret = await givenSecret(context, spec, options);
  const undo = setDamagedAside(context);
  try {
    await rebuildFrom(context, options, spec, secret);
  } catch (error) {
    // The catalog that was begun knows nothing: the damaged one is a better warning.
    undo();
    throw error;
  }
}

async function rebuildFrom(
  context: Context,
  options: Options,
  spec: StoreSpec,
  secret: StoreSecret | undefined,
): Promise<void> {
  const make = async (engine: Engine) => {
    if (engine.catalog.sources.all().length > 0) {
      throw new StrongroomError(
        'name-taken',
        `The catalog in ${context.home} knows sources already; a rebuild makes a new one.`,
        {
          subject: context.home,
          advice: 'Rebuild into an empty home with --home <folder>, or move this one away first.',
        },
      );
    }
    markUnfinished(context.home);
    const record =
      engine.findStore(options.from) ??
      (await addStore(context, engine, spec, { name: options.name, secret, enableVersioning: false }));
    const line = new StatusLine();
    const sources = await engine
      .rebuild(record, {
        withoutJournals: options.withoutJournals === true,
        signal: context.signal,
        onProgress: (source, entries) => {
          if (!context.json) line.show(`${source}: ${count(entries, 'entry', 'entries')}`);
        },
      })
      .finally(() => line.clear());
    clearUnfinished(context.home);
    context.print(
      'rebuild',
      { sources: sources.map((source) => ({ ...source, damagedJournals: [...source.damagedJournals] })) },
      () =>
        sources
          .flatMap((source) => [
            `"${plain(source.source)}": ${count(source.files, 'file')}, ${count(source.versions, 'version')}, from ${source.from}.`,
            ...source.damagedJournals.map(
              (name) => `  The journal ${plain(name)} is damaged; the store's listing stood in.`,
            ),
          ])
          .join('\n'),
    );
    process.exitCode = sources.some((source) => source.damagedJournals.length > 0)
      ? exitCodes.incomplete
      : exitCodes.done;
  };
  await context.withEngine('write', make, { makingAnew: true });
}

/**
 * A catalog that is damaged, lost or half made makes room for the new one; it is kept, in case something in it is wanted.
 * @returns the way back.
 */
function setDamagedAside(context: Context): () => void {
  const { home, clock } = context;
  if (!fs.existsSync(home)) return () => clearUnfinished(home);
  if (isWhole(home)) return () => clearUnfinished(home);
  const { aside, undo } = makeRoom(home, clock);
  if (aside !== undefined) context.say(`What was left of the former catalog was moved to ${plain(aside)}.`);
  return undo;
}

function isWhole(home: string): boolean {
  if (isUnfinished(home) || !fs.existsSync(catalogPath(home))) return false;
  try {
    checkWhole(catalogPath(home));
    return true;
  } catch {
    return false;
  }
}
