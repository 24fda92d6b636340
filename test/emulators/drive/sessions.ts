import { randomBytes } from 'node:crypto';

import type { Answer, Call, Upload } from './call.ts';
import { ContentWriter } from './content.ts';
import { ApiError, UploadError } from './errors.ts';
import { checkCreate, checkUpdate, createFile, updateFile } from './files.ts';
import type { Store } from './store.ts';

/** "Create chunks in multiples of 256 KB (256 x 1024 bytes) in size, except for the final chunk." */
export const CHUNK_UNIT = 256 * 1024;
const WEEK = 7 * 86_400_000;

/** How chunks are held to {@link CHUNK_UNIT}: as the page asks, or as the service is seen to do, which keeps whole units. */
export type ChunkRule = 'documented' | 'observed';

/** What a PUT to a session answers with. */
type SessionAnswer =
  { readonly kind: 'incomplete'; readonly received: number } | { readonly kind: 'complete'; readonly answer: Answer };

interface ContentRange {
  /** A star in place of the bytes: how much is there? */
  readonly isQuery: boolean;
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly total: number | undefined;
}

/**
 * One resumable upload
 * (https://developers.google.com/workspace/drive/api/guides/manage-uploads#resumable). Bytes are kept in whole units of
 * 256 KiB, so that a connection that breaks leaves what Google's upload server would: the last whole unit that arrived.
 */
export class UploadSession {
  readonly id = randomBytes(48).toString('base64url');
  readonly expiresAt: number;
  /** The path that the session's URI has, without which its `upload_id` is worth nothing. */
  readonly path: string;
  readonly #call: Call;
  readonly #kind: 'create' | 'update';
  readonly #mimeType: string;
  readonly #writer: ContentWriter;
  #total: number | undefined;
  #done: Answer | undefined;
  /** Requests to one session are taken one after the other: a client asks again before the broken one has ended here. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(call: Call, kind: 'create' | 'update', path: string, mimeType: string, total: number | undefined) {
    this.#call = call;
    this.#kind = kind;
    this.path = path;
    this.#mimeType = mimeType;
    this.#total = total;
    this.#writer = new ContentWriter(call.store.directory);
    this.expiresAt = call.store.clock.now() + WEEK;
    this.#check(total);
  }

  /** Takes what a PUT brings. `body` yields the bytes; when it throws, whole units that came are kept. */
  async put(
    header: string | undefined,
    length: number | undefined,
    body: AsyncIterable<Buffer>,
    rule: ChunkRule,
  ): Promise<SessionAnswer> {
    const range = parseContentRange(header);
    const before = this.#turn;
    const answer = before.then(() => this.#take(range, length, body, rule));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /** Gives up what was sent. */
  async discard(): Promise<void> {
    if (this.#done === undefined) await this.#writer.discard();
  }

  async #take(
    range: ContentRange,
    length: number | undefined,
    body: AsyncIterable<Buffer>,
    rule: ChunkRule,
  ): Promise<SessionAnswer> {
    if (this.#done !== undefined) return { kind: 'complete', answer: this.#done };
    this.#learnTotal(range.total);
    if (!range.isQuery) {
      const first = range.first ?? 0;
      if (first > this.#writer.size) {
        throw new UploadError(
          503,
          `Invalid request.  According to the Content-Range header, the upload offset is ${first} byte(s), which exceeds already uploaded size of ${this.#writer.size} byte(s).`,
        );
      }
      const end = range.last === undefined ? undefined : range.last + 1;
      this.#checkChunk(range, first, end, length, rule);
      await this.#receive(body, first, end);
    }
    if (this.#writer.size !== this.#total) return { kind: 'incomplete', received: this.#writer.size };
    this.#done = await this.#finish(this.#total);
    return { kind: 'complete', answer: this.#done };
  }

  #learnTotal(total: number | undefined): void {
    if (total === undefined) return;
    if (this.#total !== undefined && this.#total !== total) {
      throw new UploadError(
        400,
        `Invalid request.  The upload was announced with ${this.#total} byte(s), not ${total}.`,
      );
    }
    if (this.#writer.size > total) throw new UploadError(400, 'Invalid request.  More bytes arrived than the total.');
    this.#total = total;
  }

  #checkChunk(
    range: ContentRange,
    first: number,
    end: number | undefined,
    length: number | undefined,
    rule: ChunkRule,
  ): void {
    if (end !== undefined && length !== undefined && end - first !== length) {
      throw new UploadError(400, 'Invalid request.  Content-Range does not agree with Content-Length.');
    }
    if (range.first === undefined || end === undefined || end === this.#total) return;
    const bytes = end - first;
    if (bytes < CHUNK_UNIT || (rule === 'documented' && bytes % CHUNK_UNIT !== 0)) {
      throw new UploadError(
        400,
        `Invalid request.  The number of bytes uploaded is required to be equal or greater than 262144, except for the final request (it's recommended to be the exact multiple of 262144).  The received request contained ${bytes} bytes, which does not meet this requirement.`,
      );
    }
  }

  async #receive(body: AsyncIterable<Buffer>, first: number, end: number | undefined): Promise<void> {
    let at = first;
    let unit: Buffer[] = [];
    let unitBytes = 0;
    for await (const piece of body) {
      // What is sent again from before what is kept is passed over.
      let rest = piece.subarray(Math.min(piece.length, Math.max(0, this.#writer.size + unitBytes - at)));
      at += piece.length;
      while (rest.length > 0) {
        const taken = rest.subarray(0, CHUNK_UNIT - unitBytes);
        unit.push(taken);
        unitBytes += taken.length;
        rest = rest.subarray(taken.length);
        if (unitBytes < CHUNK_UNIT) continue;
        await this.#keep(Buffer.concat(unit, unitBytes));
        unit = [];
        unitBytes = 0;
      }
    }
    // Without a total the upload ends with a request that has no Content-Range: what came is all there is.
    if (this.#total === undefined && end === undefined) this.#total = this.#writer.size + unitBytes;
    if (unitBytes > 0 && this.#writer.size + unitBytes === this.#total) {
      await this.#keep(Buffer.concat(unit, unitBytes));
    }
  }

  async #keep(block: Buffer): Promise<void> {
    const size = this.#writer.size + block.length;
    if (this.#total !== undefined && size > this.#total) {
      throw new UploadError(400, 'Invalid request.  More bytes arrived than the total.');
    }
    if (this.#total === undefined) this.#call.meter.checkUpload(this.#call.caller.email, size);
    await this.#writer.write(block);
  }

  #check(bytes: number | undefined): void {
    if (this.#kind === 'create') checkCreate(this.#call, this.#mimeType, bytes);
    else checkUpdate(this.#call, true, bytes);
  }

  async #finish(total: number): Promise<Answer> {
    // Refused now, it is refused for good: what was sent is of no use any more.
    this.#check(total);
    const upload: Upload = { content: await this.#writer.finish(), mimeType: this.#mimeType };
    return this.#kind === 'create' ? createFile(this.#call, upload) : updateFile(this.#call, upload);
  }
}

/** The uploads under way. */
export class UploadSessions {
  readonly #store: Store;
  readonly #sessions = new Map<string, UploadSession>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Adds a session that was just started. */
  add(session: UploadSession): void {
    this.#sessions.set(session.id, session);
  }

  /** The session of an URI; 404 for one that is unknown, a week old, or another upload's. */
  find(id: string, path: string): UploadSession {
    const session = this.#sessions.get(id);
    if (session?.path !== path || session.expiresAt <= this.#store.clock.now()) {
      throw new ApiError(404, 'notFound', 'Not Found');
    }
    return session;
  }

  /** How many are known, finished ones included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Forgets a session: its URI answers 404 from now on. */
  async forget(id: string): Promise<void> {
    await this.#sessions.get(id)?.discard();
    this.#sessions.delete(id);
  }

  /** Forgets all: what happens to them when Google loses them. */
  async forgetAll(): Promise<void> {
    for (const id of [...this.#sessions.keys()]) await this.forget(id);
  }
}

function parseContentRange(header: string | undefined): ContentRange {
  if (header === undefined) return { isQuery: false, first: undefined, last: undefined, total: undefined };
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(header.trim());
  const [, first, last, total] = match ?? [];
  const range = {
    isQuery: first === undefined,
    first: first === undefined ? undefined : Number(first),
    last: last === undefined ? undefined : Number(last),
    total: total === undefined || total === '*' ? undefined : Number(total),
  };
  const isEmpty = range.first !== undefined && range.last !== undefined && range.last < range.first;
  const isBeyond = range.last !== undefined && range.total !== undefined && range.last >= range.total;
  if (match === null || isEmpty || isBeyond) throw new UploadError(400, 'Failed to parse Content-Range header.');
  return range;
}
