import { badRequest } from './errors.ts';
import type { JsonObject } from './call.ts';

/** What a `multipart/related` upload carries: metadata first, then media. */
interface Multipart {
  readonly metadata: JsonObject;
  readonly mimeType: string;
  readonly bytes: Buffer;
}

/**
 * Reads a `multipart/related` body (RFC 2387) of two parts, JSON and media
 * (https://developers.google.com/workspace/drive/api/guides/manage-uploads#multipart); throws 400 for anything else.
 */
export function parseMultipart(contentType: string, body: Buffer): Multipart {
  const boundary = /^multipart\/(?:related|mixed)\s*;.*\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const text = boundary?.[1] ?? boundary?.[2];
  if (text === undefined) throw badRequest('Media type is not supported: a multipart upload names its boundary.');
  const parts = split(body, Buffer.from(`--${text}`));
  const [metadata, media, ...more] = parts.map(readPart);
  if (metadata === undefined || media === undefined || more.length > 0) {
    throw badRequest('Malformed multipart body.');
  }
  return {
    metadata: parseJson(metadata.content),
    mimeType: metadataFree(media.headers.get('content-type')),
    bytes: media.content,
  };
}

/** A JSON object from a request body; an empty body is an empty object. Throws 400. */
export function parseJson(bytes: Buffer): JsonObject {
  const text = bytes.toString('utf8').trim();
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest('Parse Error');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badRequest('Parse Error');
  return value as JsonObject;
}

function metadataFree(contentType: string | undefined): string {
  return contentType?.split(';')[0]?.trim() ?? 'application/octet-stream';
}

function split(body: Buffer, delimiter: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = body.indexOf(delimiter);
  if (start === -1) throw badRequest('Missing end boundary in multipart body.');
  for (;;) {
    const from = start + delimiter.length;
    if (body.toString('latin1', from, from + 2) === '--') return parts;
    // A delimiter begins a line, so that the same bytes inside the media are media.
    const next = body.indexOf(Buffer.concat([Buffer.from('\r\n'), delimiter]), from);
    const bare = next === -1 ? body.indexOf(Buffer.concat([Buffer.from('\n'), delimiter]), from) : next;
    if (bare === -1) throw badRequest('Missing end boundary in multipart body.');
    parts.push(body.subarray(from, bare));
    start = bare + (next === -1 ? 1 : 2);
  }
}

function readPart(part: Buffer): { headers: Map<string, string>; content: Buffer } {
  // Some writers end lines with LF alone (Python's email package does); Google takes both.
  const crlf = part.indexOf('\r\n\r\n');
  const lf = part.indexOf('\n\n');
  const isLf = crlf === -1 || (lf !== -1 && lf < crlf);
  const end = isLf ? lf : crlf;
  if (end === -1) throw badRequest('Malformed multipart body.');
  const headers = new Map<string, string>();
  for (const line of part.toString('latin1', 0, end).split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const content = part.subarray(end + (isLf ? 2 : 4));
  const isBase64 = headers.get('content-transfer-encoding')?.toLowerCase() === 'base64';
  return { headers, content: isBase64 ? Buffer.from(content.toString('latin1'), 'base64') : content };
}
