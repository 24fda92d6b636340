import { mapEventIterator } from '@orpc/client';
import { implement } from '@orpc/server';
import { contract } from '../../shared/contract/contract.ts';
import { failedWith } from './failures.ts';

/**
 * What every procedure is made with: `procedures.app.about.handler(…)`. Whatever a handler (or a stream that it gave
 * back) throws leaves as `FAILED` with a problem, and so does an input that its schema refuses.
 */
export const procedures = implement(contract).use(async ({ next }) => {
  try {
    const result = await next();
    const output: unknown = result.output;
    if (!isStream(output)) return result;
    return {
      ...result,
      output: mapEventIterator(output, {
        value: (value: unknown) => Promise.resolve(value),
        error: (error) => Promise.resolve(failedWith(error)),
      }),
    };
  } catch (error) {
    throw failedWith(error);
  }
});

function isStream(output: unknown): output is AsyncIterator<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}
