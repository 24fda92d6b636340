import { createHash, randomUUID } from 'node:crypto';
import { codeOf, isTransient } from '../../../../shared/errors.ts';
import type { ControlFile, WriteCondition } from '../store.ts';
import type { Connection } from './connection.ts';
import { S3Error, translate } from './errors.ts';
import { bareTag } from './keys.ts';
import { base64FromHex, claimOf, takeBack, type ObjectClaim } from './object.ts';
import { markName, Rivals } from './rivals.ts';
import { listCurrentKeys } from './current-keys.ts';

/** The control files below `strongroom/`: see the methods of `Store` that end in `Control`. */
export class ControlFiles {
  readonly #connection: Connection;
  /** By digest and name. */
  readonly #unsettled = new Map<string, Unsettled>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async read(name: string, signal: AbortSignal): Promise<ControlFile | undefined> {
    const wire = await this.#connection.wire();
    const request = {
      method: 'GET' as const,
      key: this.#connection.keys.controlKey(name),
      signal,
      action: 's3:GetObject',
      subject: subjectOf(name),
    };
    let answer;
    try {
      answer = await wire.send(request);
    } catch (error) {
      if (error instanceof S3Error && error.code === 'copy-missing') return undefined;
      throw error;
    }
    const bytes = await wire.read(answer, request);
    const digest = answer.header('x-amz-meta-sha256');
    if (digest !== undefined && createHash('sha256').update(bytes).digest('hex') !== digest) {
      // Cut or damaged on the way: another attempt brings the bytes that are there.
      throw translate({ code: 'checksum mismatch' }, this.#connection.place, request);
    }
    const tag = answer.header('etag');
    if (tag === undefined) throw this.#connection.odd('told no ETag');
    return { bytes, tag: bareTag(tag) };
  }

  /**
   * Conditions are decided by S3, which compares and writes in one step; see {@link Rivals} for servers that do not.
   * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
   */
  async write(name: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<string> {
    const connection = this.#connection;
    const digest = createHash('sha256').update(bytes).digest('hex');
    const alone = condition.kind === 'any' || connection.spec.endpoint === undefined;
    if (alone) return (await this.#put(name, bytes, digest, conditionHeaders(condition), signal)).etag;

    const key = connection.keys.controlKey(name);
    const subject = subjectOf(name);
    const write = `${digest} ${name}`;
    const earlier = this.#unsettled.get(write);
    if (earlier !== undefined) {
      // The same write again, of which it is not known how it ended.
      const claim = await earlier.rivals.find(earlier.mark, signal);
      if (claim !== undefined) return await this.#settle(name, write, earlier, claim, signal);
    }
    const rivals = await Rivals.begin(connection, key, subject, condition, signal);
    const unsettled: Unsettled = { rivals, mark: randomUUID() };
    this.#unsettled.set(write, unsettled);
    const headers = { ...conditionHeaders(condition), [`x-amz-meta-${markName}`]: unsettled.mark };
    let claim;
    try {
      claim = await this.#put(name, bytes, digest, headers, signal);
    } catch (error) {
      if (!isTransient(error) && codeOf(error) !== 'cancelled') this.#unsettled.delete(write);
      throw error;
    }
    return await this.#settle(name, write, unsettled, claim, signal);
  }

  async #settle(
    name: string,
    write: string,
    unsettled: Unsettled,
    claim: Pick<ObjectClaim, 'versionId' | 'etag'>,
    signal: AbortSignal,
  ): Promise<string> {
    const lost = await unsettled.rivals.preceded(claim.versionId, signal);
    if (lost) {
      // Not before it is taken back is this write settled: until then its bytes are what others read.
      const key = this.#connection.keys.controlKey(name);
      await takeBack(this.#connection, key, claim.versionId, subjectOf(name), signal);
    }
    this.#unsettled.delete(write);
    if (!lost) return claim.etag;
    throw this.#conflict(name);
  }

  async #put(
    name: string,
    bytes: Uint8Array,
    digest: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ObjectClaim> {
    const wire = await this.#connection.wire();
    try {
      const answer = await wire.sendWhole({
        method: 'PUT',
        key: this.#connection.keys.controlKey(name),
        headers: {
          ...headers,
          'content-type': 'application/octet-stream',
          'x-amz-meta-sha256': digest,
          'x-amz-checksum-sha256': base64FromHex(digest),
          'x-amz-sdk-checksum-algorithm': 'SHA256',
        },
        body: { bytes, length: bytes.length, sha256: digest },
        signal,
        action: 's3:PutObject',
        subject: subjectOf(name),
      });
      return claimOf(answer, this.#connection);
    } catch (error) {
      // If-Match for what is not there any more: S3 says that there is no such key.
      if (error instanceof S3Error && error.code === 'copy-missing') throw this.#conflict(name);
      throw error;
    }
  }

  async remove(name: string, signal: AbortSignal): Promise<void> {
    const wire = await this.#connection.wire();
    const key = this.#connection.keys.controlKey(name);
    const subject = subjectOf(name);
    // A delete marker on what is not there would only be litter.
    try {
      await wire.sendWhole({ method: 'HEAD', key, signal, action: 's3:GetObject', subject });
    } catch (error) {
      if (error instanceof S3Error && error.code === 'copy-missing') return;
      throw error;
    }
    await wire.sendWhole({ method: 'DELETE', key, signal, action: 's3:DeleteObject', subject });
  }

  async list(prefix: string, signal: AbortSignal): Promise<readonly string[]> {
    const { keys } = this.#connection;
    const names: string[] = [];
    for await (const key of listCurrentKeys(this.#connection, keys.controlRoot + prefix, signal)) {
      names.push(keys.controlName(key));
    }
    return names.sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
  }

  #conflict(name: string): S3Error {
    const attempt = { action: 's3:PutObject', subject: subjectOf(name) };
    return translate({ status: 412 }, this.#connection.place, attempt);
  }
}

/** A conditional write that was sent, and of which it is not known yet whether it counts. */
interface Unsettled {
  readonly rivals: Rivals;
  /** The write's own mark in the metadata of its version. */
  readonly mark: string;
}

function subjectOf(name: string): string {
  return `the control file ${name}`;
}

function conditionHeaders(condition: WriteCondition): Record<string, string> {
  switch (condition.kind) {
    case 'any':
      return {};
    case 'absent':
      return { 'if-none-match': '*' };
    case 'tag':
      return { 'if-match': `"${condition.tag}"` };
  }
}
