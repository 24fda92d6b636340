import type { Command } from 'commander';
import { parseSpec } from '../../../../shared/spec.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { addStore as addToEngine } from '../adding.ts';
import { contextOf } from '../context.ts';
import { givenSecret, type KeyOptions } from '../credentials.ts';
import { describeStore } from '../describe.ts';
import { exitCodes } from '../exit.ts';
import type { Output } from '../output.ts';
import { formatBytes, plain, table } from '../terminal.ts';

interface AddOptions extends KeyOptions {
  readonly name?: string;
  readonly enableVersioning?: boolean;
}

export async function addStore(spec: string, options: AddOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  const parsed = parseSpec(spec);
  await context.withEngine('write', async (engine) => {
    const same = engine.findStore(spec);
    if (same !== undefined) {
      throw new StrongroomError('name-taken', `This store is there already, as "${same.name}".`, {
        subject: same.name,
        advice: 'Use that name with --to.',
      });
    }
    const record = await addToEngine(context, engine, parsed, {
      ...options,
      name: options.name,
      secret: await givenSecret(context, parsed, options),
    });
    context.print(
      'store add',
      { store: describeStore(record) },
      () =>
        `Added the store "${plain(record.name)}". "strongroom store check ${plain(record.name)}" proves all that it must be able to do.`,
    );
  });
}

export async function listStores(_options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const stores = engine.catalog.stores.all().map(describeStore);
    context.print('store list', { stores }, () =>
      stores.length === 0
        ? 'No store yet. Add one: strongroom store add <spec>.'
        : table(
            ['store', 'where'],
            stores.map((store) => [store.name, store.spec]),
          ),
    );
    return Promise.resolve();
  });
}

export async function checkStore(name: string, _options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read-or-write', async (engine) => {
    const record = engine.catalog.stores.get(name);
    const { checkStore: check } = await import('../../../engine/stores/check.ts');
    const steps: Output<'store check'>['steps'] = [];
    for await (const step of check(await engine.store(record), { random: Math.random, signal: context.signal })) {
      context.say(
        `${step.passed ? 'ok    ' : 'FAILED'}  ${step.name}${step.message === undefined ? '' : `: ${plain(step.message)}`}${step.advice === undefined ? '' : `\n        ${plain(step.advice)}`}`,
      );
      steps.push({
        name: step.name,
        passed: step.passed,
        code: step.code ?? null,
        message: step.message ?? null,
        advice: step.advice ?? null,
      });
    }
    const passed = steps.every((step) => step.passed);
    context.print('store check', { store: name, passed, steps }, () =>
      passed ? `"${plain(name)}" can do all that Strongroom needs.` : `"${plain(name)}" cannot be relied on yet.`,
    );
    process.exitCode = passed ? exitCodes.done : exitCodes.incomplete;
  });
}

export async function printPolicy(nameOrSpec: string, _options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  const spec = nameOrSpec.includes('://')
    ? parseSpec(nameOrSpec)
    : await context.withEngine('read', (engine) => Promise.resolve(engine.catalog.stores.get(nameOrSpec).spec));
  if (spec.kind !== 's3') {
    throw new StrongroomError('usage', `"${nameOrSpec}" is no S3 store; only those have an IAM policy.`, {
      advice: 'A folder store needs write access to its folder.',
    });
  }
  const { iamPolicy } = await import('../../../engine/stores/s3/policy.ts');
  const policy = iamPolicy(spec);
  context.print('store policy', { store: nameOrSpec, policy }, () => JSON.stringify(policy, undefined, 2));
}

export async function setStoreKey(name: string, options: KeyOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', async (engine) => {
    const record = engine.catalog.stores.get(name);
    const given =
      options.keyFile === undefined && options.client === undefined ? { ...options, askKey: true } : options;
    const secret = await givenSecret(context, record.spec, given);
    if (secret === undefined) throw new StrongroomError('usage', `"${name}" is a folder; it needs no key.`);
    await engine.setStoreKey(record, secret);
    context.print(
      'store key',
      { store: describeStore(engine.catalog.stores.get(name)) },
      () => `The key of "${plain(name)}" is kept.`,
    );
  });
}

interface LimitOptions {
  readonly upload?: string;
  readonly download?: string;
}

export async function limitStore(name: string, options: LimitOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', (engine) => {
    const record = engine.catalog.stores.get(name);
    const upload = options.upload === undefined ? record.limits.upload : parseRate(options.upload);
    const download = options.download === undefined ? record.limits.download : parseRate(options.download);
    engine.setStoreLimits(record, {
      ...(upload === undefined ? {} : { upload }),
      ...(download === undefined ? {} : { download }),
    });
    const say = (rate: number | undefined): string => (rate === undefined ? 'no limit' : `${formatBytes(rate)}/s`);
    context.print(
      'store limit',
      { store: describeStore(engine.catalog.stores.get(name)) },
      () => `"${plain(name)}": up ${say(upload)}, down ${say(download)}.`,
    );
    return Promise.resolve();
  });
}

/** `500K`, `10M`, `1G` bytes a second (decimal), or `none`. */
function parseRate(text: string): number | undefined {
  if (text.toLowerCase() === 'none') return undefined;
  const match = /^(\d+(?:\.\d+)?)\s*([KMG]?)B?(?:\/s)?$/i.exec(text);
  const rate =
    Number(match?.[1]) * { '': 1, K: 1e3, M: 1e6, G: 1e9 }[(match?.[2] ?? '').toUpperCase() as '' | 'K' | 'M' | 'G'];
  if (match === null || !(rate > 0))
    throw new StrongroomError('usage', `"${text}" is no rate.`, {
      advice: 'Write 500K, 10M or none (bytes a second).',
    });
  return rate;
}

export async function removeStore(name: string, _options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', async (engine) => {
    await engine.removeStore(engine.catalog.stores.get(name));
    context.print(
      'store remove',
      { removed: name },
      () => `Strongroom does not use "${plain(name)}" any more. What it holds stays there.`,
    );
  });
}
