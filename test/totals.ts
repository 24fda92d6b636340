import type { TestEvent } from 'node:test/reporters';

/**
 * A reporter for node's test runner that tells `run.ts` what to count: a line of JSON for each result, and
 * `{"end":true}` when the runner got to its end.
 */
export default async function* totals(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type === 'test:fail') {
      // What fails only because of what it holds is not one more failure.
      const { failureType } = event.data.details.error as { failureType?: unknown };
      if (failureType !== 'subtestsFailed') yield line({ failed: event.data.name });
    } else if (event.type === 'test:pass' && event.data.details.type !== 'suite') {
      const { name, skip, todo } = event.data;
      yield line(skip === undefined && todo === undefined ? { passed: name } : { skipped: name });
    }
  }
  yield line({ end: true });
}

/** One line of the totals. */
export type TotalsLine = { passed: string } | { failed: string } | { skipped: string } | { end: true };

function line(content: TotalsLine): string {
  return `${JSON.stringify(content)}\n`;
}
