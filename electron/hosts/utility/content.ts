import type { ContentAnswer } from '../../service/door.ts';
import { contentAsk, type ContentMessage } from './messages.ts';
import type { Port } from './port.ts';

/**
 * Answers a request for content over a port: the head at once, then one piece for each `next`, so that no more of a large
 * file is in memory than the window has asked for. Closing the port at the other end ends the reading.
 */
export function sendContent(port: Port, content: (signal: AbortSignal) => Promise<ContentAnswer>): void {
  const ending = new AbortController();
  const say = (message: ContentMessage): void => port.postMessage(message);
  // The port is the asker's to close: what was posted before a close on this side might not arrive.
  const fail = (): void => {
    if (!ending.signal.aborted) say({ kind: 'failed' });
    ending.abort();
  };
  const answering = content(ending.signal).then((answer) => {
    say({ kind: 'head', status: answer.status, headers: { ...answer.headers }, hasBody: answer.body !== undefined });
    return answer.body?.[Symbol.asyncIterator]();
  });
  answering.catch(fail);

  const next = async (): Promise<void> => {
    const body = await answering;
    if (body === undefined) return;
    const piece = await body.next();
    if (ending.signal.aborted) return;
    if (piece.done === true) say({ kind: 'end' });
    else say({ kind: 'bytes', bytes: bytesOf(piece.value) });
  };
  const cancel = async (): Promise<void> => {
    ending.abort();
    port.close();
    // Lets go of the file where the reader does not heed the signal.
    await (await answering)?.return?.();
  };

  port.on('message', ({ data }) => {
    const asked = contentAsk.safeParse(data);
    if (!asked.success || ending.signal.aborted) return;
    if (asked.data === 'cancel') cancel().catch(() => undefined);
    else next().catch(fail);
  });
  port.on('close', () => {
    if (!ending.signal.aborted) cancel().catch(() => undefined);
  });
  port.start();
}

/** A piece of a stream as bytes of its own: what is posted is copied, and a small view would copy its whole pool. */
function bytesOf(piece: unknown): Uint8Array<ArrayBuffer> {
  return piece instanceof Uint8Array ? Uint8Array.from(piece) : new TextEncoder().encode(String(piece));
}
