import type { ReactNode } from 'react';
import type { Problem } from '../../shared/contract/shapes.ts';
import { visibleName } from './name.tsx';

/** A failure as the message of a field: what happened, and what to do. */
export function FieldProblem({ problem }: { readonly problem: Problem }): ReactNode {
  return (
    <>
      {visibleName(problem.message)}
      {problem.advice !== null && ` ${visibleName(problem.advice)}`}
    </>
  );
}
