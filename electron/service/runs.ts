import type { ServiceContext } from './context.ts';
import { describeRun } from './describe.ts';
import { problemFor } from './failures.ts';
import { procedures } from './procedures.ts';

export function runsProcedures(context: ServiceContext) {
  const { keeper, figures } = context;
  const { sources, runs } = context.engine.catalog;
  return {
    list: procedures.runs.list.handler(({ input: { source, before, limit } }) => {
      const sourceId = source === undefined ? undefined : sources.get(source).id;
      const found = runs.latest(limit + 1, sourceId, before);
      return { runs: found.slice(0, limit).map((run) => describeRun(runs, run)), more: found.length > limit };
    }),

    problems: procedures.runs.problems.handler(({ input: { run, offset, limit } }) => {
      const { id } = runs.get(run);
      return { problems: runs.problems(id, limit, offset).map(problemFor(figures)), total: runs.countProblems(id) };
    }),

    cancel: procedures.runs.cancel.handler(({ input: { source } }) => {
      keeper.cancel(source);
      return {};
    }),
  };
}
