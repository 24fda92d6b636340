import { ORPCError } from '@orpc/server';
import type { Problem } from '../../shared/contract/shapes.ts';
import { asStrongroomError, StrongroomError, type ErrorCode } from '../../shared/errors.ts';
import type { Figures } from './figures.ts';

/** A failure as it is kept and thrown in the engine; a kept one has `null` where a thrown one has nothing. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly subject?: string | null | undefined;
  readonly advice?: string | null | undefined;
}

/** What the command line advises names commands and options, which nobody has in front of them in the window. */
const ofTheCommandLine = /strongroom [a-z]|--[a-z]|STRONGROOM_/;

/** A failure as the window shows it: its advice says what can be done there. */
export function problemOf(failure: Failure): Problem {
  const { code, message, subject, advice } = failure;
  const usable = advice !== null && advice !== undefined && !ofTheCommandLine.test(advice);
  return {
    code,
    subject: subject ?? null,
    message: curled(message),
    advice: usable ? curled(advice) : windowAdvice(code),
  };
}

/**
 * The engine's sentences are for terminals too, and have straight quotation marks about names; all others in the window
 * are curly. A pair stands between words, so that a mark which is part of a name stays what it is.
 */
function curled(sentence: string): string {
  return sentence.replace(/(?<=^|[\s(])"([^"]+)"(?=$|[\s.,;:)!?])/g, '“$1”');
}

/** The same with the times in its sentence as the person writes them. */
export function problemFor(figures: Figures): (failure: Failure) => Problem {
  return (failure) => {
    const problem = problemOf(failure);
    return { ...problem, message: figures.rewrite(problem.message) };
  };
}

/**
 * Any thrown value as the window may see it. What nobody translated tells nothing of itself: its message could hold
 * anything.
 */
export function failedWith(error: unknown): ORPCError<'FAILED', Problem> {
  if (error instanceof ORPCError && error.code === 'FAILED') return error as ORPCError<'FAILED', Problem>;
  const problem = problemOf(known(error));
  return new ORPCError('FAILED', { defined: true, message: problem.message, data: problem });
}

function known(error: unknown): Failure {
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') {
    return new StrongroomError('usage', 'What was asked for is not complete, or has a form that cannot be used.', {
      advice: 'Check what was entered and try again.',
    });
  }
  const failure = asStrongroomError(error);
  if (failure.code !== 'internal') return failure;
  return {
    code: 'internal',
    message: 'Something went wrong that Strongroom has no words for.',
    advice: 'Try again. If it happens again, send the diagnostics (Settings, Diagnostics) to whoever looks after it.',
  };
}

/** What a person can do in the window about a failure of this kind. */
export function windowAdvice(code: ErrorCode): string | null {
  switch (code) {
    case 'usage':
      return 'Check what was entered and try again.';
    case 'unknown-name':
      return 'It may have been removed meanwhile. Choose another one.';
    case 'name-taken':
      return 'Choose another name.';
    case 'source-emptied':
      return 'If the share is not connected, connect it. If everything was really removed, remove the source; its copies stay. No deletion was recorded.';
    case 'suspected-decay':
      return 'The disk may be failing. The good copies were kept. Compare the file with its last version. If that is the right one, restore it; if the file is right, save it again in its program, and it is copied.';
    case 'store-wrong-key':
    case 'secret-missing':
      return 'Give its key or sign in again on the page Stores.';
    case 'store-sign-in-ended':
      return 'Sign in again on the page Stores.';
    case 'secret-locked':
      return 'Unlock it with its passphrase, or unlock the keychain of this computer.';
    case 'store-versioning-off':
      return 'Turn on versioning for this bucket: without it, nothing that is overwritten could be given back.';
    case 'store-leased':
      return 'Wait until the other computer is done. Strongroom tries again by itself.';
    case 'catalog-busy':
      return 'Another Strongroom is at work with the same catalog. Close it, then try again.';
    case 'catalog-damaged':
    case 'catalog-missing':
      return 'The copies in the stores are not affected. Start Strongroom again: it then offers to go back to an earlier state of the catalog, or to make a new one from a store.';
    case 'internal':
      return 'Try again. If it happens again, send the diagnostics (Settings, Diagnostics) to whoever looks after it.';
    default:
      return null;
  }
}
