import type { Command } from 'commander';
import { parseSpec } from '../../../../shared/spec.ts';
import { asStrongroomError, StrongroomError } from '../../../../shared/errors.ts';
import type { StoreRecord } from '../../../engine/catalog/stores.ts';
import type { Engine } from '../../../engine/engine.ts';
import { contextOf, problemOf, type Context } from '../context.ts';
import { givenSecret, type KeyOptions } from '../credentials.ts';
import { describeSource, tellContinued, tellErrors, tellRun } from '../describe.ts';
import { exitCodes } from '../exit.ts';
import { addStore } from '../adding.ts';
import { exitCodeOfRuns, runSource } from '../running.ts';
import { rulesFrom, type RuleOptions } from '../rules.ts';

interface Options extends KeyOptions, RuleOptions {
  readonly to?: string[];
  readonly name?: string;
  readonly acceptChanges?: boolean;
  readonly enableVersioning?: boolean;
}

/** `protect <folder> --to <store>...`: adds what is missing, runs once, says what was done. */
export async function protect(folder: string, options: Options, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', async (engine) => {
    // Every spec is read before anything is recorded: a typing error changes nothing.
    const wanted = options.to ?? [];
    for (const to of wanted) {
      if (to.includes('://')) parseSpec(to);
      else engine.catalog.stores.get(to);
    }
    const known = engine.sourceOf(folder);
    if (known === undefined) {
      engine.checkSource(folder, storeFolders(wanted));
      if (wanted.length === 0) {
        throw new StrongroomError('usage', `It was not said where ${folder} is to be copied to.`, {
          advice: 'Name at least one store with --to, such as --to folder:///mnt/second-disk/copies.',
        });
      }
    }
    const failures: StrongroomError[] = [];
    const records: StoreRecord[] = [];
    for (const to of wanted) {
      try {
        records.push(
          engine.findStore(to) ?? (await addWanted(context, engine, to, { ...options, protecting: folder })),
        );
      } catch (error) {
        failures.push(asStrongroomError(error));
      }
    }
    const [failure] = failures;
    if (known === undefined && records.length === 0 && failure !== undefined) throw failure;
    const former = known === undefined ? engine.formerSource(folder) : undefined;
    const source =
      known ??
      engine.addSource(folder, {
        ...(options.name === undefined ? {} : { name: options.name }),
        rules: rulesFrom(options),
      });
    if (former?.source.id === source.id) context.say(tellContinued(engine, former));
    for (const record of records) engine.catalog.sources.attach(source, record);
    const run = await runSource(context, engine, source, {
      rehash: false,
      acceptChanges: options.acceptChanges === true,
    });
    context.print(
      'protect',
      { source: describeSource(engine, source), runs: [run], problems: failures.map(problemOf) },
      () => [tellRun(run), ...tellErrors(failures)].join('\n'),
    );
    process.exitCode = Math.max(exitCodeOfRuns([run]), failures.length > 0 ? exitCodes.incomplete : exitCodes.done);
  });
}

/** Where new folder stores would lie, so that a source is not put inside one. */
function storeFolders(wanted: readonly string[]): string[] {
  return wanted.flatMap((to) => {
    const spec = to.includes('://') ? parseSpec(to) : undefined;
    return spec?.kind === 'folder' ? [spec.path] : [];
  });
}

async function addWanted(
  context: Context,
  engine: Engine,
  to: string,
  options: Options & { readonly protecting: string },
): Promise<StoreRecord> {
  const spec = parseSpec(to);
  const secret = await givenSecret(context, spec, options);
  return addStore(context, engine, spec, { ...options, name: undefined, secret });
}
