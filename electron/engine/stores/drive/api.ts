import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { isTransient, StrongroomError } from '../../../../shared/errors.ts';
import type { Sleep } from '../decorators/sleep.ts';
import {
  driveFile,
  driveRevision,
  fileFields,
  fileList,
  generatedIds,
  revisionList,
  type DriveFile,
  type DriveRevision,
} from './schema.ts';
import { DriveError } from './errors.ts';
import type { Wire, WireRequest } from './wire.ts';

/** Metadata as a create or update sends them; `null` clears a property. */
export interface FileMetadata {
  readonly id?: string;
  readonly name?: string;
  readonly mimeType?: string;
  readonly parents?: readonly string[];
  readonly trashed?: boolean;
  /** RFC 3339. */
  readonly modifiedTime?: string;
  readonly appProperties?: Readonly<Record<string, string | null>>;
}

export interface MoveTo {
  readonly addParents: string;
  readonly removeParents: readonly string[];
}

/** What a call is about, for its errors, and what ends it. */
export interface CallContext {
  readonly signal: AbortSignal;
  /** The file, as a person knows it. */
  readonly subject?: string | undefined;
}

const listFields = `nextPageToken,incompleteSearch,files(${fileFields})`;
const revisionFields = 'id,md5Checksum,size,modifiedTime,keepForever';
const pageSize = '1000';
const callAttempts = 5;
const firstPauseMs = 250;

/**
 * The calls of Drive API v3 that the adapter makes, one request each. Every one names the fields it wants and works in
 * shared drives too.
 * https://developers.google.com/workspace/drive/api/guides/fields-parameter
 * https://developers.google.com/workspace/drive/api/guides/enable-shareddrives
 */
export class DriveApi {
  readonly wire: Wire;
  readonly #odd: (words: string) => StrongroomError;
  readonly #sleep: Sleep;

  /** @param odd makes the error for an answer that cannot be right. */
  constructor(wire: Wire, sleep: Sleep, odd: (words: string) => StrongroomError) {
    this.wire = wire;
    this.#sleep = sleep;
    this.#odd = odd;
  }

  /** The file with this id; `undefined` where there is none, or none that this account may see. */
  async file(id: string, context: CallContext): Promise<DriveFile | undefined> {
    const request = this.#get(`files/${encodeURIComponent(id)}`, { fields: fileFields, supportsAllDrives: 'true' });
    return await this.#orMissing(() => this.json({ ...request, ...context, action: 'look at a file' }, driveFile));
  }

  /** One page of a list. `driveId` confines it to a shared drive. */
  async list(
    query: string,
    options: CallContext & { readonly driveId: string | undefined; readonly pageToken: string | undefined },
  ): Promise<z.infer<typeof fileList>> {
    const { driveId, pageToken, signal, subject } = options;
    const request = this.#get('files', {
      q: query,
      fields: listFields,
      pageSize,
      supportsAllDrives: 'true',
      ...(driveId === undefined ? {} : { corpora: 'drive', driveId, includeItemsFromAllDrives: 'true' }),
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    const page = await this.json({ ...request, signal, subject, action: 'list files' }, fileList);
    if (page.incompleteSearch) {
      throw new StrongroomError('store-busy', 'Google Drive could not search all of its files just now.', {
        advice: 'Strongroom tries again by itself.',
      });
    }
    return page;
  }

  /** All pages of a list. */
  async *listAll(query: string, options: CallContext & { driveId: string | undefined }): AsyncGenerator<DriveFile> {
    let pageToken: string | undefined;
    do {
      const page = await this.list(query, { ...options, pageToken });
      yield* page.files;
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
  }

  /** Ids for creates that may be sent again. https://developers.google.com/workspace/drive/api/guides/create-file */
  async generateIds(count: number, signal: AbortSignal): Promise<string[]> {
    const request = this.#get('files/generateIds', { count: String(count), space: 'drive', fields: 'ids' });
    return (await this.json({ ...request, signal, action: 'give out ids' }, generatedIds)).ids;
  }

  /** A folder, or a file without bytes. */
  async create(metadata: FileMetadata, context: CallContext): Promise<DriveFile> {
    const target = `drive/v3/files?${query({ fields: fileFields, supportsAllDrives: 'true' })}`;
    const action = 'create a folder';
    return await this.json({ method: 'POST', target, ...jsonBody(metadata), ...context, action }, driveFile);
  }

  /** Changes metadata and place in one request. */
  async update(id: string, metadata: FileMetadata, move: MoveTo | undefined, context: CallContext): Promise<DriveFile> {
    const parameters = query({ fields: fileFields, supportsAllDrives: 'true', ...moveParameters(move) });
    const target = `drive/v3/files/${encodeURIComponent(id)}?${parameters}`;
    return await this.json(
      { method: 'PATCH', target, ...jsonBody(metadata), ...context, action: 'change a file' },
      driveFile,
    );
  }

  /**
   * Metadata and bytes in one request, of up to 5 MB by Google's advice.
   * https://developers.google.com/workspace/drive/api/guides/manage-uploads#multipart
   *
   * @param id the file to change; `undefined` to make the one that the metadata name.
   */
  async uploadWhole(
    id: string | undefined,
    metadata: FileMetadata,
    bytes: Uint8Array,
    options: CallContext & { readonly pin: boolean; readonly move?: MoveTo | undefined },
  ): Promise<DriveFile> {
    const boundary = randomBytes(18).toString('base64url');
    const head =
      `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n${JSON.stringify(metadata)}\r\n` +
      `--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    return await this.json(
      {
        method: id === undefined ? 'POST' : 'PATCH',
        target: uploadTarget(id, 'multipart', options.pin, options.move),
        headers: { 'content-type': `multipart/related; boundary=${boundary}` },
        body,
        signal: options.signal,
        subject: options.subject,
        upload: true,
        action: 'store a file',
      },
      driveFile,
    );
  }

  /** A copy of the file's head revision. https://developers.google.com/workspace/drive/api/reference/rest/v3/files/copy */
  async copy(id: string, metadata: FileMetadata, context: CallContext): Promise<DriveFile> {
    const parameters = query({ fields: fileFields, supportsAllDrives: 'true', keepRevisionForever: 'true' });
    const target = `drive/v3/files/${encodeURIComponent(id)}/copy?${parameters}`;
    return await this.json(
      { method: 'POST', target, ...jsonBody(metadata), ...context, upload: true, action: 'copy a file' },
      driveFile,
    );
  }

  /** Deletes for ever: for what never became a copy, and for control files. One that is not there is fine. */
  async remove(id: string, context: CallContext): Promise<void> {
    const target = `drive/v3/files/${encodeURIComponent(id)}?supportsAllDrives=true`;
    await this.#done({ method: 'DELETE', target, ...context, action: 'remove a file', accepts: [404] });
  }

  /** All revisions of a file, oldest first; `undefined` where the file is gone. */
  async revisions(id: string, context: CallContext): Promise<DriveRevision[] | undefined> {
    const all: DriveRevision[] = [];
    let pageToken: string | undefined;
    do {
      const request = this.#get(`files/${encodeURIComponent(id)}/revisions`, {
        fields: `nextPageToken,revisions(${revisionFields})`,
        pageSize,
        ...(pageToken === undefined ? {} : { pageToken }),
      });
      const page = await this.#orMissing(() =>
        this.json({ ...request, ...context, action: 'list revisions' }, revisionList),
      );
      if (page === undefined) return undefined;
      all.push(...page.revisions);
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);
    return all;
  }

  /** Pins a revision. https://developers.google.com/workspace/drive/api/guides/manage-revisions */
  async pin(id: string, revisionId: string, context: CallContext): Promise<void> {
    const target = `drive/v3/files/${encodeURIComponent(id)}/revisions/${encodeURIComponent(revisionId)}?fields=id`;
    await this.json(
      { method: 'PATCH', target, ...jsonBody({ keepForever: true }), ...context, action: 'keep a revision' },
      driveRevision,
    );
  }

  /** Deletes a revision that turned out to be no copy. */
  async removeRevision(id: string, revisionId: string, context: CallContext): Promise<void> {
    const target = `drive/v3/files/${encodeURIComponent(id)}/revisions/${encodeURIComponent(revisionId)}`;
    await this.#done({ method: 'DELETE', target, ...context, action: 'remove a revision', accepts: [404] });
  }

  /** A request whose answer is read whole and held to a schema. */
  async json<T>(request: WireRequest, schema: z.ZodType<T>): Promise<T> {
    const answer =
      request.method === 'GET'
        ? await this.patiently(request.signal, () => this.#whole(request))
        : await this.#whole(request);
    return this.parse(answer, schema);
  }

  /**
   * Makes a call that changes nothing, or nothing more when it is repeated, a few times before it gives up: a listing is
   * many calls, and would hardly ever come to its end if each could undo all before it.
   */
  async patiently<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        if (!isTransient(error) || attempt >= callAttempts) throw error;
        await this.#sleep(firstPauseMs * 2 ** (attempt - 1), signal);
      }
    }
  }

  /** Errors: `store-answer` for what is not the answer that Google describes. */
  parse<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
    } catch {
      throw this.#odd('gave an answer that is not what Google describes');
    }
  }

  /** A GET of the API, its parameters in the order given. */
  get(path: string, parameters: Readonly<Record<string, string>>): Pick<WireRequest, 'method' | 'target'> {
    return this.#get(path, parameters);
  }

  #get(path: string, parameters: Readonly<Record<string, string>>): Pick<WireRequest, 'method' | 'target'> {
    return { method: 'GET', target: `drive/v3/${path}?${query(parameters)}` };
  }

  /** Removing is done once, however often it is asked for. */
  async #done(request: WireRequest): Promise<void> {
    await this.patiently(request.signal, () => this.#whole(request));
  }

  async #whole(request: WireRequest): Promise<Buffer> {
    return await this.wire.read(await this.wire.send(request), request);
  }

  async #orMissing<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof DriveError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** Where an upload goes. `keepRevisionForever` pins what it stores. */
export function uploadTarget(
  id: string | undefined,
  uploadType: 'multipart' | 'resumable',
  pin: boolean,
  move: MoveTo | undefined,
): string {
  const parameters = query({
    uploadType,
    fields: fileFields,
    supportsAllDrives: 'true',
    ...(pin ? { keepRevisionForever: 'true' } : {}),
    ...moveParameters(move),
  });
  return `upload/drive/v3/files${id === undefined ? '' : `/${encodeURIComponent(id)}`}?${parameters}`;
}

/** The headers and body of a request that sends JSON. */
export function jsonBody(value: object): { headers: Record<string, string>; body: Uint8Array } {
  return { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: Buffer.from(JSON.stringify(value)) };
}

/** Text in a `q`. https://developers.google.com/workspace/drive/api/guides/search-files */
export function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** The condition that a private property has this value. */
export function hasProperty(key: string, value: string): string {
  return `appProperties has { key=${quoted(key)} and value=${quoted(value)} }`;
}

function moveParameters(move: MoveTo | undefined): Record<string, string> {
  if (move === undefined) return {};
  const removeParents = move.removeParents.filter((id) => id !== move.addParents);
  if (removeParents.length === 0) return {};
  return { addParents: move.addParents, removeParents: removeParents.join(',') };
}

function query(parameters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(parameters).toString();
}
