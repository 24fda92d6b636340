import { createHash } from 'node:crypto';
import { escapePath, longNameKey, unescapePath, type NameRules } from '../../../../shared/escape.ts';
import { bytesFromName } from '../../../../shared/names.ts';
import type { Place } from '../../../../shared/domain.ts';
import { StrongroomError } from '../../../../shared/errors.ts';

/** Longest key, in bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const keyBytes = 1024;

/**
 * Lists are XML 1.0, which cannot carry these characters; and `.` and `..` are resolved by many clients and proxies.
 * The same page advises against both.
 */
const nameRules: Omit<NameRules, 'pathBytes'> = {
  forbidden: /[\u0001-\u001f\u007f\ufffe\uffff]/,
  refused: (segment) => segment === '.' || segment === '..',
  segmentBytes: keyBytes,
};

/** The folder of paths that no key can hold. Escaping turns every `‛` of a real name into `‛E2`, so none is named so. */
const longFolder = '‛long/';

export interface FileKey {
  readonly key: string;
  /** For a path that no key can hold: the control file that must hold the path's bytes before the object is written. */
  readonly longName: string | undefined;
}

/** Where things lie in the bucket: `<prefix>/files/<source>/<path>` and `<prefix>/strongroom/<control file>`. */
export class KeyScheme {
  readonly #filesRoot: string;
  readonly #controlRoot: string;

  constructor(prefix: string) {
    const root = prefix === '' ? '' : `${prefix}/`;
    this.#filesRoot = `${root}files/`;
    this.#controlRoot = `${root}strongroom/`;
  }

  /** What the keys of all files begin with. */
  get filesRoot(): string {
    return this.#filesRoot;
  }

  /** What the keys of all control files begin with. */
  get controlRoot(): string {
    return this.#controlRoot;
  }

  /** What the keys of a source's files begin with. */
  sourceRoot(source: string): string {
    return `${this.#filesRoot}${escapeOrRefuse(source)}/`;
  }

  fileKey(place: Place): FileKey {
    const root = this.sourceRoot(place.source);
    const path = escapePath(place.path, { ...nameRules, pathBytes: keyBytes - Buffer.byteLength(root) });
    if (path !== undefined) return { key: root + path, longName: undefined };
    const digest = createHash('sha256').update(bytesFromName(place.path)).digest('hex');
    return { key: `${root}${longFolder}${digest}`, longName: longNameKey(digest) };
  }

  controlKey(name: string): string {
    return this.#controlRoot + escapeOrRefuse(name);
  }

  /** The name of the control file with this key. */
  controlName(key: string): string {
    return unescapePath(key.slice(this.#controlRoot.length));
  }

  /** The source whose files' keys begin with this common prefix (which ends in a slash). */
  sourceOf(commonPrefix: string): string {
    return unescapePath(commonPrefix.slice(this.#filesRoot.length, -1));
  }

  /**
   * The path of a key of a source; `long` where the path is kept in a control file; `undefined` where Strongroom
   * wrote no such key (the folder marks of S3's console, say).
   */
  pathOf(key: string, source: string): { readonly path: string } | { readonly long: string } | undefined {
    const text = key.slice(this.sourceRoot(source).length);
    if (text.startsWith(longFolder)) return { long: longNameKey(text.slice(longFolder.length)) };
    if (text.split('/').includes('')) return undefined;
    const path = unescapePath(text);
    return this.fileKey({ source, path }).key === key ? { path } : undefined;
  }
}

function escapeOrRefuse(name: string): string {
  const text = escapePath(name, { ...nameRules, pathBytes: keyBytes });
  if (text !== undefined) return text;
  throw new StrongroomError('path-too-long', `The name "${name.slice(0, 60)}…" is too long for S3.`, {
    advice: 'Give it a shorter name.',
  });
}

/** What a locator holds in the place of an ETag where the version is a delete marker, which has none. */
const deletionTag = '-';

/** A version's locator: its version id and ETag, which a listing tells as well. The key follows from the place. */
export function locatorOf(versionId: string, etag: string | undefined): string {
  return `${versionId} ${etag === undefined ? deletionTag : bareTag(etag)}`;
}

/** Errors: `copy-missing` for what no store of this kind gave out. */
export function parseLocator(locator: string): { readonly versionId: string; readonly etag: string } {
  const at = locator.indexOf(' ');
  if (at > 0) return { versionId: locator.slice(0, at), etag: locator.slice(at + 1) };
  throw new StrongroomError('copy-missing', `"${locator}" does not name a copy in S3.`);
}

/** An ETag without its quotation marks, which some answers leave out. */
export function bareTag(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}

export function listedKey(text: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(text.replaceAll('+', ' ')) : text;
}
