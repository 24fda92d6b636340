import type { ReactNode } from 'react';
import { ProblemNote, problemOf } from './problem.tsx';
import { Unlock } from './unlock.tsx';

/** An act that was refused, as it is asked for. */
interface Asked<Input> {
  readonly error: Error | null;
  readonly variables: Input | undefined;
  readonly mutate: (input: Input) => void;
}

/** Why an act that needs a key was refused; where only the vault's passphrase was missing, it is asked for, and the act goes on. */
export function Refusal<Input>({ of: { error, variables, mutate } }: { readonly of: Asked<Input> }): ReactNode {
  if (error === null) return null;
  const problem = problemOf(error);
  return (
    <>
      <ProblemNote problem={problem} />
      {problem.code === 'secret-locked' && (
        <Unlock
          onOpened={() => {
            if (variables !== undefined) mutate(variables);
          }}
        />
      )}
    </>
  );
}
