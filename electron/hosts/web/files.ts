import fs from 'node:fs';
import path from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { withNonce } from '../../../shared/contract/csp.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import { mediaTypes } from '../media-types.ts';
import { newNonce, safeHeaders } from './headers.ts';
import type { Page } from './pages.ts';

/** The forms in which a file may lie there compressed, best first: the encoding's name and the ending of its file. */
const encodings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

interface BuiltFile {
  readonly path: string;
  readonly type: string;
  readonly encoded: ReadonlySet<string>;
}

/**
 * The files of the built window. They are listed once, and only what is in the list is ever opened: no address can lead
 * out of the folder.
 */
export class BuiltFiles {
  readonly #page: string;
  readonly #files: ReadonlyMap<string, BuiltFile>;

  private constructor(page: string, files: ReadonlyMap<string, BuiltFile>) {
    this.#page = page;
    this.#files = files;
  }

  /** Error: `usage` where the window was not built into this folder. */
  static read(folder: string): BuiltFiles {
    const pageFile = path.join(folder, 'index.html');
    if (!fs.existsSync(pageFile)) {
      throw new StrongroomError('usage', `The files of the window are not in ${folder}.`, {
        subject: folder,
        advice: '"npm start" builds them. If Strongroom was installed, install it again.',
      });
    }
    const names = fs
      .readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
    const all = new Set(names);
    const files = new Map<string, BuiltFile>();
    for (const name of names) {
      const type = mediaTypes[path.extname(name)];
      // `.html` and the compressed forms have no type here: the page is given out by `page`, they in place of their file.
      if (type === undefined) continue;
      const encoded = new Set(encodings.filter(([, ending]) => all.has(name + ending)).map(([encoding]) => encoding));
      files.set(`/${name}`, { path: path.join(folder, name), type, encoded });
    }
    return new BuiltFiles(fs.readFileSync(pageFile, 'utf8'), files);
  }

  /** The page of the window, with a nonce of its own. */
  page(): Page {
    const nonce = newNonce();
    const headers = { ...safeHeaders(nonce), 'content-type': 'text/html; charset=utf-8' };
    return { status: 200, headers, body: withNonce(this.#page, nonce) };
  }

  /** Answers with a file. @returns whether there is one at this address. */
  async answer(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const file = this.#files.get(pathname);
    if (file === undefined) return false;
    const accepted = acceptedEncodings(request.headers['accept-encoding']);
    const [encoding, ending] = encodings.find(([name]) => file.encoded.has(name) && accepted.has(name)) ?? [];
    const stored = file.path + (ending ?? '');
    const { size } = await fs.promises.stat(stored);
    response.writeHead(200, {
      ...safeHeaders(),
      'content-type': file.type,
      'content-length': size,
      // The build puts a digest of the content into the name of an asset: under this name it is never anything else.
      'cache-control': pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    });
    if (request.method === 'HEAD') response.end();
    else await pipeline(fs.createReadStream(stored), response);
    return true;
  }
}

/** The encodings that a browser takes, those with weight zero left out. */
function acceptedEncodings(header: string | string[] | undefined): ReadonlySet<string> {
  const offers = String(header ?? '').split(',');
  const wanted = offers
    .map((offer) =>
      offer
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .filter(([, weight]) => weight === undefined || !/^q=0(\.0*)?$/.test(weight));
  return new Set(wanted.map(([name]) => name ?? ''));
}
