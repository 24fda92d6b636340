import path from 'node:path';
import type { CheckStepShape, NewStore, StoreShape } from '../../shared/contract/shapes.ts';
import { asStrongroomError, StrongroomError } from '../../shared/errors.ts';
import { driveSpec, folderSpec, s3Spec, type StoreSpec } from '../../shared/spec.ts';
import type { StoreRecord } from '../engine/catalog/stores.ts';
import { parseKeyFile } from '../engine/signin/client.ts';
import type { StoreSecret } from '../engine/store-secrets.ts';
import { checkStore } from '../engine/stores/check.ts';
import type { ServiceContext } from './context.ts';
import { describeStore } from './describe.ts';
import { FreeSpace } from './free-space.ts';
import { LastChecks } from './last-checks.ts';
import { problemFor } from './failures.ts';
import { procedures } from './procedures.ts';
import { isSampleStore } from './sample-stores.ts';
import { SignIns } from './sign-ins.ts';

/** How many sources a caution names. */
const cautionNames = 3;

interface CheckEvent {
  readonly step: CheckStepShape | null;
  readonly done: boolean;
}

export function storesProcedures(context: ServiceContext) {
  const { engine, keeper, paces, clock, changed } = context;
  const { stores, sources } = engine.catalog;
  const problemOf = problemFor(context.figures);
  const signIns = new SignIns(engine, context.desktop, clock);
  const together = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? context.signal : AbortSignal.any([signal, context.signal]);
  const free = new FreeSpace(clock, () => changed('stores'));
  const checks = new LastChecks(engine.catalog, clock);
  const describe = (record: StoreRecord): StoreShape => {
    const freeBytes = record.spec.kind === 'folder' ? free.of(record.spec.path) : undefined;
    const lastCheck = checks.of(record.id);
    const caution = cautionOf(record);
    return {
      ...describeStore(context, record),
      formerSources: sources.formerlyIn(record.id).map(({ name, removed, copies }) => ({ name, removed, copies })),
      sample: isSampleStore(record, context.home),
      ...(lastCheck === undefined ? {} : { lastCheck }),
      ...(freeBytes === undefined ? {} : { freeBytes }),
      ...(caution === undefined ? {} : { caution }),
    };
  };

  /** Which of its sources would be lost together with everything that was copied of them. */
  const cautionOf = (record: StoreRecord): string | undefined => {
    const together = sources
      .all()
      .filter((source) => sources.storeIds(source.id).includes(record.id) && context.elsewhere.caution(source) !== null)
      .map(({ name }) => `“${name}”`);
    if (together.length === 0) return undefined;
    const [folder, its] = together.length === 1 ? ['the folder', 'it'] : ['the folders', 'them'];
    const more = together.length - cautionNames;
    const named = more > 1 ? [...together.slice(0, cautionNames), context.figures.count(more, 'other')] : together;
    const names = new Intl.ListFormat('en', { type: 'conjunction' }).format(named);
    return `On the same disk as ${folder} of ${names}, with no copy of ${its} elsewhere: if that disk fails, all is lost together.`;
  };

  /** The sources that are copied to a store. */
  const sourcesOf = (record: StoreRecord): number[] =>
    sources.all().flatMap(({ id }) => (sources.storeIds(id).includes(record.id) ? [id] : []));

  const giveKey = async (name: string, secret: StoreSecret): Promise<void> => {
    const record = stores.get(name);
    await keeper.whileQuiet(sourcesOf(record), () => engine.setStoreKey(record, secret));
    keeper.retryStore(record.id);
    changed('stores', 'sources');
  };

  return {
    list: procedures.stores.list.handler(() => stores.all().map(describe)),

    add: procedures.stores.add.handler(async ({ input, signal }) => {
      const spec = specOf(input);
      const secret = secretOf(input, signIns);
      const common = {
        signal: together(signal),
        ...(input.name === undefined ? {} : { name: input.name }),
        ...(input.kind === 'folder' && input.protecting !== undefined ? { protecting: input.protecting } : {}),
        ...(secret === undefined ? {} : { secret }),
      };
      const record = await adding(() => engine.addStore(spec, common), {
        enable:
          input.kind === 's3' && input.enableVersioning
            ? () => engine.enableVersioning(spec, secret, common.signal)
            : undefined,
      });
      if (input.kind === 'drive' && input.credential.kind === 'signed-in') signIns.used(input.credential.ticket);
      paces.apply();
      changed('stores');
      return describe(record);
    }),

    check: procedures.stores.check.handler(async function* ({ input: { name }, signal }): AsyncGenerator<CheckEvent> {
      const record = stores.get(name);
      let passedAll = true;
      try {
        const store = await engine.store(record);
        for await (const { name: step, passed, code, message, advice } of checkStore(store, {
          random: Math.random,
          signal: together(signal),
        })) {
          const problem =
            code === undefined ? null : problemOf({ code, message: message ?? '', advice, subject: name });
          passedAll &&= passed;
          yield { step: { name: step, passed, problem }, done: false };
        }
      } catch (error) {
        // Where it cannot even be opened, that is the first step, and it failed.
        const problem = problemOf(asStrongroomError(error));
        if (problem.code === 'cancelled' || problem.code === 'internal') throw error;
        passedAll = false;
        yield { step: { name: 'Reach the store', passed: false, problem }, done: false };
      }
      checks.note(record.id, passedAll);
      changed('stores');
      keeper.retryStore(record.id);
      yield { step: null, done: true };
    }),

    setLimits: procedures.stores.setLimits.handler(({ input: { name, upload, download, hours } }) => {
      const record = stores.get(name);
      engine.setStoreLimits(record, {
        ...(upload === null ? {} : { upload }),
        ...(download === null ? {} : { download }),
      });
      stores.setHours(record.id, hours);
      paces.apply();
      changed('stores');
      return describe(stores.get(name));
    }),

    setKey: procedures.stores.setKey.handler(async ({ input: { name, accessKeyId, secretAccessKey } }) => {
      if (stores.get(name).spec.kind !== 's3') {
        throw new StrongroomError('usage', `“${name}” needs no access key.`, { subject: name });
      }
      await giveKey(name, keyOf({ accessKeyId, secretAccessKey }));
      return {};
    }),

    setKeyFile: procedures.stores.setKeyFile.handler(async ({ input: { name, text } }) => {
      const { spec } = stores.get(name);
      if (spec.kind !== 'drive') {
        throw new StrongroomError('usage', `“${name}” is not in Google Drive, so it needs no service account.`, {
          subject: name,
        });
      }
      if (spec.folder === 'root') {
        throw new StrongroomError(
          'usage',
          `“${name}” lies in the My Drive of a person, which a service account cannot see.`,
          {
            subject: name,
            advice: 'Sign in as that person instead.',
          },
        );
      }
      await giveKey(name, parseKeyFile(text));
      return {};
    }),

    signIn: procedures.stores.signIn.handler(({ input, signal }) => signIns.signIn(input, together(signal), giveKey)),

    hasClient: procedures.stores.hasClient.handler(() => signIns.hasClient()),

    remove: procedures.stores.remove.handler(async ({ input: { name } }) => {
      const record = stores.get(name);
      await keeper.whileQuiet(sourcesOf(record), () => engine.removeStore(record));
      changed('stores', 'sources', 'files');
      return {};
    }),
  };
}

/** Adds a store; a bucket that keeps no versions is made to, where a person agreed. */
export async function adding(
  add: () => Promise<StoreRecord>,
  { enable }: { readonly enable: (() => Promise<void>) | undefined },
): Promise<StoreRecord> {
  try {
    return await add();
  } catch (error) {
    if (enable === undefined || !(error instanceof StrongroomError) || error.code !== 'store-versioning-off')
      throw error;
    await enable();
    return add();
  }
}

/** Error: `usage`, naming what cannot be used. */
export function specOf(input: NewStore): StoreSpec {
  switch (input.kind) {
    case 'folder': {
      if (!path.isAbsolute(input.path)) throw unusable('the path of the folder, which has to be a whole one');
      return parsed(folderSpec.safeParse({ kind: 'folder', path: path.resolve(input.path) }));
    }
    case 's3': {
      const { bucket, prefix, endpoint, region, storageClass } = input;
      if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket)) {
        throw unusable('the name of the bucket (3 to 63 lower-case letters, digits, dots and hyphens)');
      }
      return parsed(
        s3Spec.safeParse({
          ...{ kind: 's3', bucket, prefix: prefix.replace(/^\/+|\/+$/g, '') },
          ...given({ endpoint, region, class: storageClass }),
        }),
      );
    }
    case 'drive': {
      const { folder, path: below, endpoint } = input;
      const trimmed = below.replace(/^\/+|\/+$/g, '');
      if (trimmed.split('/').some((name) => name === '.' || name === '..')) throw unusable('the path in Google Drive');
      return parsed(driveSpec.safeParse({ ...{ kind: 'drive', folder, path: trimmed }, ...given({ endpoint }) }));
    }
  }
}

/** Only what was filled in. */
function given(parts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(parts).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  return Object.fromEntries(entries);
}

function parsed(
  result:
    | { readonly success: true; readonly data: StoreSpec }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly path: PropertyKey[] }[] } },
): StoreSpec {
  if (result.success) return result.data;
  throw unusable(`“${String(result.error.issues[0]?.path[0] ?? 'something')}”`);
}

function unusable(what: string): StrongroomError {
  return new StrongroomError('usage', `This cannot be used: ${what}.`, { advice: 'Correct it and try again.' });
}

/** What a person gave to open a store with. Errors: `usage` for a sign-in that is not kept any more, and for a key file that is none. */
export function secretOf(input: NewStore, signIns: Pick<SignIns, 'take'>): StoreSecret | undefined {
  switch (input.kind) {
    case 'folder':
      return undefined;
    case 's3':
      return input.key === undefined ? undefined : keyOf(input.key);
    case 'drive':
      return input.credential.kind === 'signed-in'
        ? signIns.take(input.credential.ticket)
        : parseKeyFile(input.credential.text);
  }
}

function keyOf(key: { readonly accessKeyId: string; readonly secretAccessKey: string }): StoreSecret {
  return { kind: 'key', accessKeyId: key.accessKeyId.trim(), secretAccessKey: key.secretAccessKey.trim() };
}
