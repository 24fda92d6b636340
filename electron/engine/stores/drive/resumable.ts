import { createHash, type Hash } from 'node:crypto';
import { z } from 'zod';
import { isTransient, StrongroomError } from '../../../../shared/errors.ts';
import type { Content, PutContext, PutRequest } from '../store.ts';
import { jsonBody, uploadTarget } from './api.ts';
import { fileChanging } from './errors.ts';
import { recordOf, sameVersion } from './record.ts';
import type { Parts } from './retiring.ts';
import { driveFile, type DriveFile } from './schema.ts';
import { madeBefore, type Sending } from './sending.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

/** What an unfinished upload needs to go on. The session's address is a credential, so it is sealed. */
const resumeToken = z.object({
  drive: z.literal(1),
  sha256: z.string(),
  size: z.int().nonnegative(),
  mtimeNs: z.string(),
  mode: z.int(),
  /** The id of the file that it makes; absent where it is another revision of one. */
  id: z.string().optional(),
  /** Base64. */
  sealed: z.string(),
});
type ResumeToken = z.infer<typeof resumeToken>;

const sealName = 'drive-upload';
const pieceBytes = 4 * 1024 * 1024;
/** Google's hosts, to which alone a session's address may lead. */
const googleHost = /^https:\/\/([a-z0-9-]+\.)*googleapis\.com$/;

/** What an upload session says of itself. */
type Progress =
  | { readonly kind: 'incomplete'; readonly received: number }
  | { readonly kind: 'complete'; readonly file: DriveFile }
  | { readonly kind: 'gone' };

/**
 * Goes on with the upload that an earlier attempt at this version began, from the last byte that Drive acknowledged.
 * https://developers.google.com/workspace/drive/api/guides/manage-uploads#resume-upload
 *
 * @returns the stored file; `undefined` where there is none to go on with, or it has expired (after a week).
 */
export async function goOn(
  parts: Parts,
  request: PutRequest,
  content: Content,
  context: PutContext,
): Promise<DriveFile | undefined> {
  const token = parseToken(context.resume.token);
  if (token === undefined) return undefined;
  const url = await openToken(parts, token);
  const { version, place } = request;
  const isSame =
    token.sha256 === version.sha256 &&
    token.size === version.size &&
    token.mtimeNs === String(version.mtimeNs) &&
    token.mode === version.mode;
  if (url === undefined || !isSame) {
    if (url !== undefined) await cancelSession(parts, url, place.path);
    context.resume.save(undefined);
    return undefined;
  }
  const progress = await askProgress(parts, url, version.size, place.path, context.signal);
  switch (progress.kind) {
    case 'complete':
      context.onBytes(version.size);
      return progress.file;
    case 'incomplete':
      return await new Transfer(parts, url, request, content, context).run(progress.received);
    case 'gone': {
      context.resume.save(undefined);
      const file =
        token.id === undefined
          ? undefined
          : await parts.connection.api.file(token.id, { signal: context.signal, subject: place.path });
      const record = file === undefined ? undefined : recordOf(file);
      if (file === undefined || record === undefined || !sameVersion(record, version)) return undefined;
      context.onBytes(version.size);
      return file;
    }
  }
}

/** Ends what an earlier attempt left, where the version is not sent by a resumable upload any more. */
export async function forgetUpload(parts: Parts, context: PutContext): Promise<void> {
  const token = parseToken(context.resume.token);
  if (token === undefined) return;
  const url = await openToken(parts, token);
  if (url !== undefined) await cancelSession(parts, url, 'an earlier upload');
  context.resume.save(undefined);
}

/** Begins a resumable upload and sends everything. */
export async function sendInSession(
  parts: Parts,
  sending: Sending,
  content: Content,
  context: PutContext,
): Promise<DriveFile> {
  const { request, current, newId, metadata, move } = sending;
  const { version, place } = request;
  const id = current?.file.id;
  const start: WireRequest = {
    method: id === undefined ? 'POST' : 'PATCH',
    target: uploadTarget(id, 'resumable', true, move),
    body: jsonBody(metadata).body,
    headers: {
      ...jsonBody(metadata).headers,
      'x-upload-content-type': metadata.mimeType ?? 'application/octet-stream',
      'x-upload-content-length': String(version.size),
    },
    signal: context.signal,
    subject: place.path,
    upload: true,
    action: 'store a file',
  };
  let answer: WireAnswer;
  try {
    answer = await parts.connection.wire.send(start);
  } catch (error) {
    const file = await madeBefore(parts, request, newId, error, { signal: context.signal, subject: place.path });
    context.onBytes(version.size);
    return file;
  }
  await parts.connection.wire.read(answer, start);
  const url = answer.header('location');
  if (url === undefined || !isTrusted(parts, url)) throw parts.connection.odd('began an upload without an address');
  await saveToken(parts, url, newId, request, context);
  return await new Transfer(parts, url, request, content, context).run(0);
}

/** Sends the bytes of one session, over as many connections as it takes while each gets further than the one before. */
class Transfer {
  readonly #parts: Parts;
  readonly #url: string;
  readonly #request: PutRequest;
  readonly #content: Content;
  readonly #context: PutContext;
  readonly #hash: Hash = createHash('sha256');
  #hashedTo = 0;
  #toldTo = 0;

  constructor(parts: Parts, url: string, request: PutRequest, content: Content, context: PutContext) {
    this.#parts = parts;
    this.#url = url;
    this.#request = request;
    this.#content = content;
    this.#context = context;
  }

  async run(received: number): Promise<DriveFile> {
    const { version, place } = this.#request;
    const { signal } = this.#context;
    let at = received;
    for (;;) {
      this.#tell(at);
      try {
        await this.#catchUp(at);
        return await this.#sendFrom(at);
      } catch (error) {
        if (!isTransient(error)) {
          // What is cancelled goes on later. Anything else is final for this session.
          const isCancelled = error instanceof StrongroomError && error.code === 'cancelled';
          if (!isCancelled) await this.#end();
          throw error;
        }
        const progress = await askProgress(this.#parts, this.#url, version.size, place.path, signal);
        if (progress.kind === 'complete') {
          this.#tell(version.size);
          return progress.file;
        }
        if (progress.kind === 'gone') this.#context.resume.save(undefined);
        if (progress.kind === 'gone' || progress.received <= at) throw error;
        at = progress.received;
      }
    }
  }

  /** Digests what Drive has already, so that the whole is still held to the version's digest. */
  async #catchUp(to: number): Promise<void> {
    while (this.#hashedTo < to) await this.#read(this.#hashedTo, Math.min(to, this.#hashedTo + pieceBytes));
  }

  async #sendFrom(start: number): Promise<DriveFile> {
    const { version, place } = this.#request;
    const { wire, api } = this.#parts.connection;
    const request: WireRequest = {
      method: 'PUT',
      target: this.#url,
      withoutToken: true,
      headers: {
        'content-length': String(version.size - start),
        'content-range': `bytes ${start}-${version.size - 1}/${version.size}`,
      },
      body: this.#pieces(start),
      signal: this.#context.signal,
      subject: place.path,
      upload: true,
      action: 'store a file',
      accepts: [308, 404, 410],
    };
    const answer = await wire.send(request);
    const body = await wire.read(answer, request);
    if (answer.status >= 300) {
      // A part of it is there, or the session is gone: asking how far it got tells.
      throw new StrongroomError('store-busy', `${this.#parts.connection.place} took only a part of ${place.path}.`);
    }
    return api.parse(body, driveFile);
  }

  async *#pieces(start: number): AsyncGenerator<Uint8Array> {
    const { size, sha256 } = this.#request.version;
    for (let at = start; at < size; at += pieceBytes) {
      const end = Math.min(size, at + pieceBytes);
      const bytes = await this.#read(at, end);
      // The last bytes stay here if they are not the version's: an upload without its end stores nothing.
      if (end === size && this.#hash.copy().digest('hex') !== sha256) throw fileChanging(this.#request.place.path);
      yield bytes;
      this.#tell(end);
    }
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    const bytes = await this.#content.bytes(start, end);
    if (bytes.length !== end - start) throw fileChanging(this.#request.place.path);
    if (end > this.#hashedTo) {
      this.#hash.update(bytes.subarray(this.#hashedTo - start));
      this.#hashedTo = end;
    }
    return bytes;
  }

  #tell(to: number): void {
    if (to <= this.#toldTo) return;
    this.#context.onBytes(to - this.#toldTo);
    this.#toldTo = to;
  }

  async #end(): Promise<void> {
    this.#context.resume.save(undefined);
    await cancelSession(this.#parts, this.#url, this.#request.place.path);
  }
}

async function askProgress(
  parts: Parts,
  url: string,
  size: number,
  subject: string,
  signal: AbortSignal,
): Promise<Progress> {
  const { wire, api } = parts.connection;
  const request: WireRequest = {
    method: 'PUT',
    target: url,
    withoutToken: true,
    headers: { 'content-range': `bytes */${size}`, 'content-length': '0' },
    signal,
    subject,
    action: 'say how far an upload got',
    // 400, 404 and 410: the session has expired or was for something else, and the upload starts again.
    accepts: [308, 400, 404, 410],
  };
  const answer = await wire.send(request);
  const body = await wire.read(answer, request);
  if (answer.status < 300) return { kind: 'complete', file: api.parse(body, driveFile) };
  if (answer.status !== 308) return { kind: 'gone' };
  const last = /^bytes=0-(\d+)$/.exec(answer.header('range') ?? '')?.[1];
  return { kind: 'incomplete', received: last === undefined ? 0 : Number(last) + 1 };
}

/** Nothing is lost where this fails: a session that nobody goes on with ends after a week, and shows nowhere. */
async function cancelSession(parts: Parts, url: string, subject: string): Promise<void> {
  const { wire, life } = parts.connection;
  const request: WireRequest = {
    method: 'DELETE',
    target: url,
    withoutToken: true,
    signal: AbortSignal.any([life, AbortSignal.timeout(10_000)]),
    subject,
    action: 'end an upload',
    accepts: [404, 405, 410, 499],
  };
  try {
    await wire.read(await wire.send(request), request);
  } catch (error) {
    if (!(error instanceof StrongroomError)) throw error;
  }
}

function isTrusted(parts: Parts, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { endpoint } = parts.connection.spec;
  const { origin } = new URL(url);
  return endpoint === undefined ? googleHost.test(origin) : origin === new URL(endpoint).origin;
}

function parseToken(token: string | undefined): ResumeToken | undefined {
  if (token === undefined) return undefined;
  try {
    return resumeToken.parse(JSON.parse(token));
  } catch {
    return undefined;
  }
}

async function openToken(parts: Parts, token: ResumeToken): Promise<string | undefined> {
  const opened = await parts.connection.sealer?.open(sealName, Buffer.from(token.sealed, 'base64'));
  const url = opened === undefined ? undefined : Buffer.from(opened).toString('utf8');
  return url === undefined || !isTrusted(parts, url) ? undefined : url;
}

async function saveToken(
  parts: Parts,
  url: string,
  id: string | undefined,
  request: PutRequest,
  context: PutContext,
): Promise<void> {
  const { sealer } = parts.connection;
  if (sealer === undefined) return;
  const { sha256, size, mtimeNs, mode } = request.version;
  const sealed = Buffer.from(await sealer.seal(sealName, Buffer.from(url))).toString('base64');
  const token: ResumeToken = {
    ...{ drive: 1, sha256, size, mtimeNs: String(mtimeNs), mode, sealed },
    ...(id === undefined ? {} : { id }),
  };
  context.resume.save(JSON.stringify(token));
}
