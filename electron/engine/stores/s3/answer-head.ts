/** The head of an HTTP/1.1 answer (https://www.rfc-editor.org/rfc/rfc9112), as far as an S3 server's answers need it. */
export interface AnswerHead {
  readonly status: number;
  /** The first value of a header, asked for in lower case. */
  readonly header: (name: string) => string | undefined;
  /** How the body is delimited: so many bytes, in chunks, or by the end of the connection. */
  readonly body: number | 'chunked' | 'until-close';
  /** Whether the connection may serve another request after the body. */
  readonly keepsAlive: boolean;
}

const endOfHead = '\r\n\r\n';

/**
 * Reads a head from the beginning of an answer. `undefined` where it is not whole yet.
 *
 * @throws Error where it is no head of HTTP/1.x, or contradicts itself.
 */
export function parseHead(bytes: Buffer): { readonly head: AnswerHead; readonly length: number } | undefined {
  const end = bytes.indexOf(endOfHead);
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const start = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first);
  if (start === null) throw new Error('the answer does not begin as one of HTTP/1.1 does');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error('the answer has a header without a name');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (!headers.has(name)) headers.set(name, value);
    else if (name === 'content-length' && headers.get(name) !== value) throw new Error('the answer has two lengths');
  }
  const status = Number(start[2]);
  const length = headers.get('content-length');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new Error('the length of the answer is no number');
  const body = headers.has('transfer-encoding')
    ? 'chunked'
    : status < 200 || status === 204 || status === 304
      ? 0
      : length === undefined
        ? 'until-close'
        : Number(length);
  const keepsAlive = start[1] === '1' && headers.get('connection')?.toLowerCase() !== 'close';
  const header = (name: string): string | undefined => headers.get(name);
  return { head: { status, header, body, keepsAlive }, length: end + endOfHead.length };
}

/**
 * Takes a short body in chunks apart.
 *
 * @returns `undefined` where it has not ended yet. What follows the last chunk is left out.
 * @throws Error where it is not in chunks.
 */
export function joinChunks(bytes: Buffer): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const size = /^([0-9a-f]{1,8})(?:\s*;.*)?$/i.exec(bytes.toString('latin1', at, end))?.[1];
    if (size === undefined) throw new Error('the body is not in chunks');
    const length = Number.parseInt(size, 16);
    if (length === 0) return Buffer.concat(pieces);
    at = end + 2;
    if (bytes.length < at + length + 2) return undefined;
    pieces.push(bytes.subarray(at, at + length));
    at += length + 2;
  }
}
