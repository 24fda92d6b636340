/** Text and the encoding that it was read as. */
export interface Decoded {
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Windows-1252';
}

/**
 * Bytes as text: by their mark where they have one, as UTF-8 where they are that, else as Windows-1252, in which every byte
 * is a character (https://encoding.spec.whatwg.org/#windows-1252).
 * @param isCut whether more bytes would follow: a character that the cut went through is left out then.
 */
export function decodeText(bytes: Uint8Array, isCut: boolean): Decoded {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: decodeAs('utf-16le', bytes), encoding: 'UTF-16' };
  if (first === 0xfe && second === 0xff) return { text: decodeAs('utf-16be', bytes), encoding: 'UTF-16' };
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
