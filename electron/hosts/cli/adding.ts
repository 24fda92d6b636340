import { StrongroomError } from '../../../shared/errors.ts';
import type { StoreSpec } from '../../../shared/spec.ts';
import type { StoreRecord } from '../../engine/catalog/stores.ts';
import type { Engine } from '../../engine/engine.ts';
import type { StoreSecret } from '../../engine/store-secrets.ts';
import type { Context } from './context.ts';
import { askYes } from './terminal.ts';

export interface AddStoreOptions {
  readonly name: string | undefined;
  readonly secret: StoreSecret | undefined;
  readonly enableVersioning?: boolean;
  /** The folder that it is added for, which must not overlap with the store. */
  readonly protecting?: string;
}

/** Adds a store; where a bucket keeps no versions, offers to turn that on. */
export async function addStore(
  context: Context,
  engine: Engine,
  spec: StoreSpec,
  options: AddStoreOptions,
): Promise<StoreRecord> {
  const { name, secret, protecting } = options;
  const add = (): Promise<StoreRecord> =>
    engine.addStore(spec, {
      signal: context.signal,
      ...(name === undefined ? {} : { name }),
      ...(secret === undefined ? {} : { secret }),
      ...(protecting === undefined ? {} : { protecting }),
    });
  try {
    return await add();
  } catch (error) {
    if (!(error instanceof StrongroomError) || error.code !== 'store-versioning-off') throw error;
    const agreed =
      options.enableVersioning === true ||
      (await askYes(
        `${error.message} Without it nothing that is overwritten could be given back. Turn versioning on for this bucket now?`,
      ));
    if (!agreed) throw error;
    await engine.enableVersioning(spec, secret, context.signal);
    return add();
  }
}
