import type { Command } from 'commander';
import { asStrongroomError, type StrongroomError } from '../../../../shared/errors.ts';
import { contextOf, problemOf } from '../context.ts';
import { tellErrors } from '../describe.ts';
import { exitCodes } from '../exit.ts';
import type { Output } from '../output.ts';
import { StatusLine } from '../progress.ts';
import { count, plain } from '../terminal.ts';

interface Options {
  readonly store?: string;
  readonly deep?: boolean;
}

export async function verify(name: string | undefined, options: Options, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('write', async (engine) => {
    const { catalog } = engine;
    const sources = name === undefined ? catalog.sources.all() : [catalog.sources.get(name)];
    const stores = options.store === undefined ? catalog.stores.all() : [catalog.stores.get(options.store)];
    const audits: Output<'verify'>['audits'] = [];
    const problems: StrongroomError[] = [];
    const line = new StatusLine();
    for (const source of sources) {
      const attached = new Set(catalog.sources.storeIds(source.id));
      for (const record of stores.filter((store) => attached.has(store.id))) {
        try {
          const result = await engine.verify(source, record, {
            deep: options.deep === true,
            signal: context.signal,
            onProgress: (checked) => {
              if (!context.json)
                line.show(`${source.name} in ${record.name}: ${count(checked, 'copy', 'copies')} checked`);
            },
          });
          audits.push({ ...result, bad: [...result.bad], foreign: [...result.foreign] });
        } catch (error) {
          problems.push(asStrongroomError(error));
        }
      }
    }
    line.clear();
    context.print('verify', { audits, problems: problems.map(problemOf) }, () =>
      audits.length + problems.length === 0
        ? `There is nothing to check: no source is copied to ${options.store === undefined ? 'a store' : `"${plain(options.store)}"`} yet.`
        : [...audits.map(tellAudit), ...tellErrors(problems)].join('\n'),
    );
    const whole = problems.length === 0 && audits.every((audit) => audit.bad.length + audit.foreign.length === 0);
    process.exitCode = context.signal.aborted ? exitCodes.cancelled : whole ? exitCodes.done : exitCodes.incomplete;
  });
}

function howVerified({ checked, verified, bad }: Output<'verify'>['audits'][number]): string {
  const good = checked - bad.length;
  if (verified >= good) return 'the checksum of every good one confirmed';
  return verified === 0
    ? 'by name, size and time only (--deep reads every byte)'
    : `${verified.toLocaleString('en')} with a confirmed checksum`;
}

function tellAudit(audit: Output<'verify'>['audits'][number]): string {
  const lines = [
    `"${plain(audit.source)}" in "${plain(audit.store)}": ${count(audit.checked, 'copy', 'copies')} checked, ${howVerified(audit)}` +
      (audit.bad.length === 0 ? ', none bad.' : `, ${audit.bad.length.toLocaleString('en')} BAD:`),
    ...audit.bad
      .slice(0, 50)
      .map((bad) => `  ${plain(bad.path)} version ${bad.number}: ${bad.found === 'missing' ? 'missing' : 'damaged'}`),
  ];
  if (audit.bad.length > 0) lines.push('  "strongroom sync" copies again what the source still has.');
  if (audit.foreign.length > 0) {
    lines.push(
      `  ${count(audit.foreign.length, 'path')} changed in the store by someone else:`,
      ...audit.foreign.slice(0, 50).map((foreign) => `    ${plain(foreign)}`),
    );
  }
  return lines.join('\n');
}
