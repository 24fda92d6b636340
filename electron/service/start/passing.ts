import { isContractProcedure } from '@orpc/contract';
import { createRouterClient, os } from '@orpc/server';
import { contract } from '../../../shared/contract/contract.ts';
import { problem } from '../../../shared/contract/shapes.ts';
import type { Service } from '../door.ts';

type Call = (input: unknown, options: { readonly signal?: AbortSignal; readonly lastEventId?: string }) => unknown;

/** The inner router's schemas parse what is passed on; a second time would only cost. */
const passing = os.errors({ FAILED: { message: 'It did not work.', data: problem } });

/**
 * A router that answers every procedure of the contract by the router that there is when it is called.
 *
 * @param inner gives that router, or throws what the caller is told.
 */
export function passingRouter(inner: () => Service['router']): Service['router'] {
  const callAt =
    (path: readonly string[]): Call =>
    (input, options) => {
      let step: unknown = createRouterClient(inner(), { context: {} });
      for (const name of path) step = (step as Record<string, unknown>)[name];
      return (step as Call)(input, options);
    };
  const build = (node: object, path: readonly string[]): unknown => {
    if (isContractProcedure(node)) {
      const call = callAt(path);
      return passing.handler(({ input, signal, lastEventId }) =>
        call(input, {
          ...(signal === undefined ? {} : { signal }),
          ...(lastEventId === undefined ? {} : { lastEventId }),
        }),
      );
    }
    return Object.fromEntries(
      Object.entries(node).map(([name, child]) => [name, build(child as object, [...path, name])]),
    );
  };
  // Built from the contract itself, which is what the type says.
  return build(contract, []) as Service['router'];
}
