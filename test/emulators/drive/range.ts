import { UploadError } from './errors.ts';

/** What part of `size` bytes to send, and with which status. */
interface Part {
  readonly status: 200 | 206;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header (RFC 9110, section 14): one range of bytes. What is no such range is passed over, as that RFC
 * asks; one that lies beyond the end answers 416.
 */
export function rangeOf(header: string | undefined, size: number): Part {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return { status: 200, start: 0, end: size };
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (start >= size || end <= start) throw new UploadError(416, 'Requested Range Not Satisfiable');
  return { status: 206, start, end };
}
