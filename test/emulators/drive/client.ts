import type { DriveEmulator } from './emulator.ts';

/** An answer with its body read. */
export interface ClientAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** The body as JSON; an empty object where it is none. */
  readonly json: Record<string, unknown>;
  /** Google's reason for a refusal. */
  readonly reason: string | undefined;
}

interface RequestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: Buffer | ReadableStream;
}

/** A bare HTTP client for the emulator's own tests: it does what it is told and retries nothing. */
export class DriveClient {
  readonly #emulator: DriveEmulator;
  readonly token: string | undefined;

  constructor(emulator: DriveEmulator, token: string | undefined) {
    this.#emulator = emulator;
    this.token = token;
  }

  /** A request to `drive/v3/…`, or to a whole URL. */
  async request(verb: string, path: string, options: RequestOptions = {}): Promise<ClientAnswer> {
    const base = path.startsWith('http')
      ? path
      : `${this.#emulator.rootUrl}${path.startsWith('upload/') ? '' : 'drive/v3/'}${path}`;
    const query = new URLSearchParams(
      Object.entries(options.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    );
    const headers: Record<string, string> = { ...options.headers };
    if (this.token !== undefined) headers['Authorization'] ??= `Bearer ${this.token}`;
    if (options.body !== undefined) headers['Content-Type'] = 'application/json; charset=UTF-8';
    const body = options.bytes ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(query.size === 0 ? base : `${base}?${query.toString()}`, {
      method: verb,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const json = isJson ? (JSON.parse(bytes.toString()) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, bytes, json, reason: reasonOf(json) };
  }

  /** A multipart create (`POST`) or update (`PATCH` with a file's id). */
  async upload(
    metadata: Readonly<Record<string, unknown>>,
    bytes: Buffer | string,
    options: { readonly query?: RequestOptions['query']; readonly fileId?: string; readonly mimeType?: string } = {},
  ): Promise<ClientAnswer> {
    const boundary = '==strongroom==';
    const head = `--${boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(metadata)}\r\n--${boundary}\r\nContent-Type: ${options.mimeType ?? 'application/octet-stream'}\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(`\r\n--${boundary}--\r\n`)]);
    const [verb, path] = options.fileId === undefined ? ['POST', 'files'] : ['PATCH', `files/${options.fileId}`];
    return this.request(verb, `upload/drive/v3/${path}`, {
      query: { uploadType: 'multipart', ...options.query },
      headers: { 'Content-Type': `multipart/related; boundary="${boundary}"` },
      bytes: body,
    });
  }

  /** Starts a resumable upload; the session's URI. */
  async startSession(
    metadata: Readonly<Record<string, unknown>>,
    options: { readonly total?: number; readonly fileId?: string; readonly query?: RequestOptions['query'] } = {},
  ): Promise<string> {
    const [verb, path] = options.fileId === undefined ? ['POST', 'files'] : ['PATCH', `files/${options.fileId}`];
    const answer = await this.request(verb, `upload/drive/v3/${path}`, {
      query: { uploadType: 'resumable', ...options.query },
      body: metadata,
      headers: {
        'X-Upload-Content-Type': 'image/tiff',
        ...(options.total === undefined ? {} : { 'X-Upload-Content-Length': String(options.total) }),
      },
    });
    const location = answer.headers.get('location');
    if (location === null) throw new Error(`no session: ${answer.status} ${answer.bytes.toString()}`);
    return location;
  }

  /** One PUT to a session. */
  async put(session: string, range: string | undefined, bytes: Buffer = Buffer.alloc(0)): Promise<ClientAnswer> {
    return this.request('PUT', session, { bytes, headers: range === undefined ? {} : { 'Content-Range': range } });
  }
}

function reasonOf(json: Record<string, unknown>): string | undefined {
  const { error } = json;
  if (typeof error === 'string') return error;
  const errors = (error as { errors?: { reason?: string }[] } | undefined)?.errors;
  return errors?.[0]?.reason;
}

/** The id of an answer. */
export function idOf(answer: ClientAnswer): string {
  const { id } = answer.json;
  if (typeof id !== 'string') throw new Error(`no id: ${answer.status} ${answer.bytes.toString()}`);
  return id;
}

/** The files of a list's answer. */
export function filesOf(answer: ClientAnswer): Record<string, unknown>[] {
  const { files } = answer.json;
  if (!Array.isArray(files)) throw new Error(`no files: ${answer.status} ${answer.bytes.toString()}`);
  return files as Record<string, unknown>[];
}
