import { createHash, type Hash } from 'node:crypto';
import type { Content, PutContext, PutRequest } from '../store.ts';
import type { Connection } from './connection.ts';
import { cancelled, S3Error } from './errors.ts';
import { bareTag } from './keys.ts';
import { etagIsMd5 } from './object.ts';
import { fileChanging } from './sending.ts';
import type { WireBody } from './wire.ts';

/** Bytes of parts held in memory at once, at most. */
const memoryBytes = 64 * 1024 * 1024;
/** Parts larger than this are not held but read twice: once for the digest that the request begins with, once to send. */
const heldPartBytes = 16 * 1024 * 1024;
const readBytes = 4 * 1024 * 1024;
const mostAtOnce = 8;

/** A part that the store has confirmed. */
export interface SentPart {
  readonly number: number;
  readonly etag: string;
  /** Raw. */
  readonly sha256: Buffer;
  /** Whether the store keeps the part's SHA-256. */
  readonly listsChecksum: boolean;
  readonly size: number;
}

/** The parts that an upload has already; `undefined` where the upload is gone. */
export async function listParts(
  connection: Connection,
  key: string,
  uploadId: string,
  subject: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, SentPart> | undefined> {
  const sdk = await connection.sdk();
  const parts = new Map<number, SentPart>();
  let after: string | undefined;
  do {
    const marker = after;
    const attempt = { action: 's3:ListMultipartUploadParts', subject, signal };
    let page;
    try {
      page = await sdk.call(attempt, (client, module, options) =>
        client.send(
          new module.ListPartsCommand({
            Bucket: connection.spec.bucket,
            Key: key,
            UploadId: uploadId,
            ...(marker === undefined ? {} : { PartNumberMarker: marker }),
          }),
          options,
        ),
      );
    } catch (error) {
      if (error instanceof S3Error && error.status === 404) return undefined;
      throw error;
    }
    for (const part of page.Parts ?? []) {
      if (part.PartNumber === undefined || part.ETag === undefined) continue;
      parts.set(part.PartNumber, {
        number: part.PartNumber,
        etag: bareTag(part.ETag),
        sha256: Buffer.from(part.ChecksumSHA256 ?? '', 'base64'),
        listsChecksum: part.ChecksumSHA256 !== undefined,
        size: part.Size ?? 0,
      });
    }
    after = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (after !== undefined);
  return parts;
}

/** Reads parts in order and sends several at once, within the bounds of memory. The first failure stops the rest. */
export class PartSender {
  readonly #connection: Connection;
  readonly #key: string;
  readonly #content: Content;
  readonly #context: PutContext;
  readonly #uploadId: string;
  readonly #partSize: number;
  readonly #size: number;
  readonly #subject: string;
  readonly #atOnce: number;
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  readonly #underWay = new Set<Promise<void>>();
  readonly #sent: SentPart[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(
    connection: Connection,
    key: string,
    request: PutRequest,
    content: Content,
    context: PutContext,
    uploadId: string,
    partSize: number,
  ) {
    this.#connection = connection;
    this.#key = key;
    this.#content = content;
    this.#context = context;
    this.#uploadId = uploadId;
    this.#partSize = partSize;
    this.#size = request.version.size;
    this.#subject = request.place.path;
    this.#atOnce = partSize > heldPartBytes ? 2 : Math.max(1, Math.min(mostAtOnce, Math.floor(memoryBytes / partSize)));
    this.#signal = AbortSignal.any([context.signal, this.#stopping.signal]);
  }

  /**
   * Reads a part into `whole` and begins to send it, unless `existing` proves to be the same bytes.
   *
   * @returns once there is room for the next part.
   */
  async add(number: number, existing: SentPart | undefined, whole: Hash): Promise<void> {
    while (this.#underWay.size >= this.#atOnce) await Promise.race(this.#underWay);
    this.#throwIfStopped();
    const start = (number - 1) * this.#partSize;
    const end = Math.min(this.#size, start + this.#partSize);
    const held = this.#partSize <= heldPartBytes ? await this.#read(start, end) : undefined;
    const hash = createHash('sha256');
    const md5 = createHash('md5');
    const comparesMd5 = existing?.listsChecksum === false;
    for await (const piece of held === undefined ? this.#pieces(start, end) : [held]) {
      whole.update(piece);
      hash.update(piece);
      if (comparesMd5) md5.update(piece);
      this.#throwIfStopped();
    }
    const sha256 = hash.digest();
    if (existing?.size === end - start) {
      const same = comparesMd5 ? existing.etag === md5.digest('hex') : existing.sha256.equals(sha256);
      if (same) {
        this.#sent.push({ ...existing, sha256 });
        this.#context.onBytes(end - start);
        return;
      }
    }
    const body: WireBody = {
      bytes: held ?? this.#pieces(start, end),
      length: end - start,
      sha256: sha256.toString('hex'),
      onBytes: this.#context.onBytes,
    };
    const sending = this.#send(number, body, sha256, start)
      .catch((error: unknown) => {
        this.#failure ??= { error };
        this.#stopping.abort();
      })
      .finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  /** @returns all parts in order, once they are sent. */
  async finish(): Promise<readonly SentPart[]> {
    await Promise.all(this.#underWay);
    this.#throwIfStopped();
    return this.#sent.sort((one, other) => one.number - other.number);
  }

  /** Ends what is under way. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#underWay);
  }

  #throwIfStopped(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#signal.aborted) throw cancelled();
  }

  async #send(number: number, body: WireBody, sha256: Buffer, start: number): Promise<void> {
    const wire = await this.#connection.wire();
    const checksum = sha256.toString('base64');
    const answer = await wire.sendWhole({
      method: 'PUT',
      key: this.#key,
      query: [
        ['partNumber', String(number)],
        ['uploadId', this.#uploadId],
      ],
      headers: { 'x-amz-checksum-sha256': checksum, 'x-amz-sdk-checksum-algorithm': 'SHA256' },
      body,
      signal: this.#signal,
      action: 's3:PutObject',
      subject: this.#subject,
    });
    const etag = answer.header('etag');
    if (etag === undefined) throw this.#connection.odd('told no ETag of a part');
    const told = answer.header('x-amz-checksum-sha256');
    const confirmed =
      told === checksum ||
      (told === undefined &&
        (!etagIsMd5(answer.header('x-amz-server-side-encryption')) ||
          bareTag(etag) === (await this.#md5(start, start + body.length))));
    if (!confirmed) throw this.#connection.odd('confirmed other bytes than those of a part');
    this.#sent.push({ number, etag: bareTag(etag), sha256, listsChecksum: told !== undefined, size: body.length });
  }

  async #md5(start: number, end: number): Promise<string> {
    const hash = createHash('md5');
    for await (const piece of this.#pieces(start, end)) hash.update(piece);
    return hash.digest('hex');
  }

  async *#pieces(start: number, end: number): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; at += readBytes) yield await this.#read(at, Math.min(end, at + readBytes));
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    const bytes = await this.#content.bytes(start, end);
    if (bytes.length !== end - start) throw fileChanging(this.#subject);
    return bytes;
  }
}
