/** Text and the encoding that it was read as. */
export interface Decoded {
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
}

/** Bytes at the beginning by which UTF-16 without a mark is told. */
const sampled = 4_096;

/**
 * Bytes as text: by their mark where they have one, as UTF-8 where they are that, else as Windows-1252, in which every byte
 * is a character (https://encoding.spec.whatwg.org/#windows-1252). UTF-16 without a mark is told by its zeros, which no
 * other text has: in letters of western writing every second byte is one.
 * @param isCut whether more bytes would follow: a character that the cut went through is left out then.
 */
export function decodeText(bytes: Uint8Array, isCut: boolean): Decoded {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: decodeAs('utf-16le', bytes), encoding: 'UTF-16' };
  if (first === 0xfe && second === 0xff) return { text: decodeAs('utf-16be', bytes), encoding: 'UTF-16' };
  const unmarked = utf16Of(bytes);
  if (unmarked !== undefined) return { text: decodeAs(unmarked, bytes), encoding: 'UTF-16' };
  try {
    // Streaming keeps the beginning of a character at the end for the next piece, which never comes.
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut }), encoding: 'UTF-8' };
  } catch {
    return { text: decodeAs('windows-1252', bytes), encoding: 'Windows-1252' };
  }
}

function decodeAs(label: string, bytes: Uint8Array): string {
  return new TextDecoder(label).decode(bytes);
}

function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const zeros: [even: number, odd: number] = [0, 0];
  const { length } = bytes.subarray(0, sampled);
  for (let at = 0; at < length; at += 1) if (bytes[at] === 0) zeros[at % 2 === 0 ? 0 : 1] += 1;
  const [even, odd] = zeros;
  const many = length / 8;
  if (odd > many && even === 0) return 'utf-16le';
  if (even > many && odd === 0) return 'utf-16be';
  return undefined;
}

/** Whether this is rather the content of some program's file than text: text has no zeros. */
export function isBinary(text: string): boolean {
  return text.includes('\u0000');
}
