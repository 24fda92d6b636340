import { useEffect, useState } from 'react';
import type { Problem, SourceRules } from '../../../shared/contract/shapes.ts';
import { engine } from '../../app/rpc.ts';
import { problemOf } from '../../parts/problem.tsx';

type Counted = Awaited<ReturnType<typeof engine.sources.preview>> extends AsyncIterable<infer Event> ? Event : never;

export interface Preview {
  /** `undefined` until the engine has counted anything of this folder. */
  readonly counted: Counted | undefined;
  /** Whether the figures are of the rules as they were before, and new ones are on their way. */
  readonly stale: boolean;
  /** Why the folder cannot be a source, or could not be counted. */
  readonly problem: Problem | undefined;
}

/** Milliseconds that a person may go on typing a rule before the count begins anew. */
const pauseMs = 250;

/** Counts what a folder's rules take in, as long as somebody looks; begins anew whenever the folder or a rule changes. */
export function usePreview(root: string, rules: SourceRules): Preview {
  const key = JSON.stringify([root, rules]);
  const [state, setState] = useState<{ root: string; key: string; counted?: Counted; problem?: Problem }>({
    root,
    key,
  });
  useEffect(() => {
    if (root === '') return;
    const ending = new AbortController();
    const asked = JSON.parse(key) as [string, SourceRules];
    const count = async () => {
      try {
        const events = await engine.sources.preview({ root: asked[0], rules: asked[1] }, { signal: ending.signal });
        for await (const counted of events) {
          if (ending.signal.aborted) return;
          setState({ root, key, counted, ...(counted.problem === null ? {} : { problem: counted.problem }) });
        }
      } catch (error) {
        if (!ending.signal.aborted) setState({ root, key, problem: problemOf(error) });
      }
    };
    const timer = setTimeout(() => void count(), pauseMs);
    return () => {
      clearTimeout(timer);
      ending.abort();
    };
  }, [root, key]);
  if (state.root !== root) return { counted: undefined, stale: true, problem: undefined };
  return { counted: state.counted, stale: state.key !== key, problem: state.key === key ? state.problem : undefined };
}
