import { constants } from 'node:fs';
import { access, lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '../../../shared/contract/shapes.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import type { Engine } from '../../engine/engine.ts';
import { RestoreBegun } from '../../engine/restore/restore.ts';
import { errnoOf } from '../../engine/platform/failures.ts';
import { lookAtRoot } from '../../engine/scan/root.ts';
import { problemOf } from '../failures.ts';

/** What went wrong with a restore, in the words of the window: the engine's are for a command that is given again. */
export function restoreProblem(error: StrongroomError): Problem {
  const problem = problemOf(error);
  const { subject } = problem;
  const file = subject === null ? 'A file' : `“${subject}”`;
  const remains = error instanceof RestoreBegun ? ` ${error.remains}` : '';
  switch (error.code) {
    case 'disk-full':
      return {
        ...problem,
        message: `The disk is full: ${file} could not be written.`,
        advice: `Make room there, or choose a folder on another disk; then restore again.${remains}`,
      };
    case 'disk-read-only':
      return {
        ...problem,
        message: `${file} could not be written: Strongroom may not write into its folder.`,
        advice: `Choose another folder, or ask whoever looks after it for the right to write there; then restore again.${remains}`,
      };
    case 'disk-error':
      return errnoOf(error.cause) === 'ENOENT'
        ? {
            ...problem,
            message: `${file} could not be written: its folder is not there any more.`,
            advice: `Look whether its disk or share is still connected; then restore again.${remains}`,
          }
        : { ...problem, advice: `Look whether the disk or share is still connected; then restore again.${remains}` };
    case 'cancelled':
      // Whoever pressed Cancel knows how to go on.
      return { ...problem, advice: remains === '' ? null : remains.trimStart() };
    case 'copy-missing':
      return {
        ...problem,
        advice: problem.advice ?? 'Connect the other stores and restore again, or restore another version of it.',
      };
    case 'unsafe-path':
      return { ...problem, advice: problem.advice ?? 'Choose another folder to restore into.' };
    default:
      return problem;
  }
}

/** Why a file was restored under another name, as the engine tells it, for a sentence. */
export function nameChangeWords(why: string): string {
  return why
    .replace('not-unicode', 'its name is not text')
    .replace('forbidden-character', 'its name has a character that this computer does not allow')
    .replace('reserved-name', 'this computer keeps the name for itself')
    .replace('trailing-dot-or-space', 'its name ends with a dot or a blank')
    .replace('too-long', 'its name is too long for this computer');
}

/** Why nothing can be written to the place of a restore now, if so. @param into `null`: where it came from. */
export async function hindrance(
  { catalog }: Pick<Engine, 'catalog'>,
  source: SourceRecord,
  into: string | null,
): Promise<StrongroomError | undefined> {
  if (into === null) {
    if (source.root === '') {
      return new StrongroomError('usage', `It is not known where "${source.name}" was on this computer.`, {
        subject: source.name,
        advice: 'Choose a folder to restore into.',
      });
    }
    // Where a share should be mounted and is not, its files would fill this computer's own disk instead.
    if (source.mounted && !isMounted(source.root)) {
      return new StrongroomError(
        'source-unreachable',
        `The share of "${source.name}" is not connected at ${source.root}.`,
        {
          subject: source.root,
          advice: 'Connect it again, or choose another folder to restore into.',
        },
      );
    }
  } else if (!path.isAbsolute(into)) {
    return new StrongroomError('usage', `"${into}" is not a whole path.`, {
      subject: into,
      advice: 'Choose the folder to restore into again.',
    });
  }
  const target = path.resolve(into ?? source.root);
  return (await insideStore(catalog, target)) ?? (await notWritable(target));
}

/** What is put into a store by others is taken for damage there. */
async function insideStore(catalog: Engine['catalog'], target: string): Promise<StrongroomError | undefined> {
  const real = await nearestReal(target);
  for (const { name, spec } of catalog.stores.all()) {
    if (spec.kind !== 'folder') continue;
    const relative = path.relative(await nearestReal(spec.path), real);
    if (relative !== '' && (relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)))
      continue;
    return new StrongroomError('unsafe-path', `${target} lies in the store "${name}".`, {
      subject: target,
      advice: 'Choose a folder outside of it: what is put there by hand would be in the way of the copies.',
    });
  }
  return undefined;
}

function isMounted(root: string): boolean {
  try {
    return lookAtRoot(root).mounted;
  } catch {
    return false;
  }
}

/** The true path of a folder, or of what is there of it. */
async function nearestReal(where: string): Promise<string> {
  try {
    return await realpath(where);
  } catch {
    const above = path.dirname(where);
    return above === where ? where : path.join(await nearestReal(above), path.basename(where));
  }
}

/** Why files cannot be put into a folder, or a folder be made there, if so. */
async function notWritable(target: string): Promise<StrongroomError | undefined> {
  try {
    if (!(await lstat(await realpath(target))).isDirectory()) {
      return new StrongroomError('unsafe-path', `${target} is a file.`, {
        subject: target,
        advice: 'Choose a folder to restore into.',
      });
    }
    await access(target, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    const above = path.dirname(target);
    if (errno === 'ENOENT' && above !== target) return notWritable(above);
    return new StrongroomError('disk-read-only', `Nothing can be written to ${target}.`, {
      subject: target,
      cause: error,
      advice: 'Choose another folder, or ask whoever looks after it for the right to write there.',
    });
  }
}
