import type { LiveEvent } from '../../shared/contract/shapes.ts';

/**
 * Live events as a stream, until the signal ends it. Whoever reads slowly misses nothing that still holds: of states
 * and progress only the newest waits, and changes are gathered.
 */
export async function* streamOf(
  listen: (listener: (event: LiveEvent) => void) => () => void,
  signal: AbortSignal,
): AsyncGenerator<LiveEvent> {
  const waiting: LiveEvent[] = [];
  let wake = (): void => undefined;
  const stop = listen((event) => {
    const index = waiting.findIndex(({ type }) => type === event.type);
    const [before] = index === -1 ? [] : waiting.splice(index, 1);
    waiting.push(
      event.type === 'changed' && before?.type === 'changed'
        ? { type: 'changed', what: [...new Set([...before.what, ...event.what])] }
        : event,
    );
    wake();
  });
  const abort = (): void => wake();
  signal.addEventListener('abort', abort);
  try {
    while (!signal.aborted) {
      const event = waiting.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', abort);
    stop();
  }
}
