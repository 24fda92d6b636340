import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import type { ContentTicket } from '../../../shared/contract/shapes.ts';
import { codeOf, StrongroomError } from '../../../shared/errors.ts';
import { baseName } from '../../../shared/names.ts';
import { couldRun } from '../../../shared/running-files.ts';
import type { ContentAnswer } from '../door.ts';
import { failedWith } from '../failures.ts';
import { sentence, VersionBytes, type Wanted } from './bytes.ts';
import type { BrowseContext } from './context.ts';
import { mediaOf, type Media } from './media.ts';
import { spanOf } from './range.ts';
import { Scratch } from './scratch.ts';

/** The bounds of what is kept of contents that came from afar. */
const scratchBytes = 2 * 1024 ** 3;

/**
 * Nothing that is served here runs, loads anything or is shown in a frame of somebody else: a version may be whatever an
 * attack left in the source. `sandbox` also takes away the origin from whatever would be opened as a page.
 */
const policy = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** Shows versions: tickets for the window to fetch them by, and copies for this computer's programs to open. */
export class Content {
  readonly #context: BrowseContext;
  readonly #scratch: Scratch;
  readonly #bytes: VersionBytes;

  /** @param mostBytes how much of what came from afar is kept, and the largest file that is fetched whole. */
  constructor(context: BrowseContext, mostBytes = scratchBytes) {
    this.#context = context;
    this.#scratch = new Scratch(context.home, mostBytes);
    this.#bytes = new VersionBytes(context, this.#scratch, mostBytes);
  }

  /**
   * A ticket for the bytes of one version of a file, and of nothing else.
   * Errors: `unknown-name`, `copy-missing`, `copy-archived`.
   */
  async ticket(source: string, path: string, number: number): Promise<ContentTicket> {
    const wanted = this.#wanted(source, path, number);
    const media = mediaOf(baseName(path));
    const from = await this.#bytes.from(wanted);
    const url = this.#context.tickets.issue((range, signal) => this.#answer(wanted, media, range, signal));
    return { url, size: wanted.version.facts.size, type: media.type, viewer: media.viewer, from };
  }

  /**
   * Opens a version with the program that this computer has for it, as a read-only copy in the scratch folder.
   * Errors: `usage` for what would run, and where there is nothing to show it with; those of {@link ticket}; `disk-full` and `disk-read-only` of the home.
   */
  async open(source: string, path: string, number: number, signal: AbortSignal): Promise<void> {
    const wanted = this.#wanted(source, path, number);
    const name = baseName(path);
    if (couldRun(name)) {
      throw new StrongroomError(
        'usage',
        `"${name}" is of a kind that can run as a program, so it is not opened from here.`,
        {
          subject: path,
          advice: 'Restore it into a folder, have it checked, and open it there.',
        },
      );
    }
    const file = await this.#bytes.fileFor(wanted, signal);
    await chmod(file, 0o400);
    try {
      await this.#context.desktop.openPath(file);
    } catch (error) {
      await this.#scratch.remove(dirname(file));
      // What could run was refused above. Whatever door this is, it found nothing to show the file with.
      throw new StrongroomError('usage', `This computer has no program for "${name}", or no screen to show it on.`, {
        subject: path,
        cause: error,
        advice: 'Restore it into a folder, and open it on a computer that has one.',
      });
    }
  }

  #wanted(name: string, path: string, number: number): Wanted {
    const { catalog } = this.#context.engine;
    const source = catalog.sources.find(name);
    const fileId = source === undefined || path === '' ? undefined : catalog.browse.fileId(source.id, path);
    const entry =
      fileId === undefined ? undefined : catalog.browse.versions(fileId).find((version) => version.number === number);
    if (source === undefined || entry?.sha256 === undefined || entry.sha256 === null) {
      throw new StrongroomError('unknown-name', `There is no version ${number} of "${baseName(path)}" with content.`, {
        subject: path,
        advice: 'Choose one of the versions that are listed.',
      });
    }
    const { versionId, sha256, size, mtimeNs, mode } = entry;
    return { source, version: { versionId, path, number, facts: { sha256, size, mtimeNs, mode } } };
  }

  async #answer(wanted: Wanted, media: Media, range: string | undefined, signal: AbortSignal): Promise<ContentAnswer> {
    const { size } = wanted.version.facts;
    const span = spanOf(range, size);
    const common = {
      'content-security-policy': policy,
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'cache-control': 'private, no-store',
      'accept-ranges': 'bytes',
    };
    if (span === 'unsatisfiable') {
      const headers = { ...common, 'content-type': 'text/plain; charset=utf-8', 'content-range': `bytes */${size}` };
      return { status: 416, headers, body: undefined };
    }
    const { start, end } = span ?? { start: 0, end: size };
    const together = AbortSignal.any([signal, this.#context.signal]);
    try {
      const bytes = await this.#bytes.read(wanted, { start, end }, together);
      const headers: Record<string, string> = {
        ...common,
        'content-type': media.type,
        'content-length': String(end - start),
        'content-disposition': disposition(media, baseName(wanted.version.path)),
      };
      if (span !== undefined) headers['content-range'] = `bytes ${start}-${end - 1}/${size}`;
      const body = Readable.from(bytes, { objectMode: false, signal: together });
      // A door that is gone listens no more; what ends its stream then is nobody's failure.
      body.on('error', () => undefined);
      return { status: span === undefined ? 200 : 206, headers, body };
    } catch (error) {
      // The version is known, its bytes are not to be had: a person is told why, as far as that is not internal.
      const status = codeOf(error) === 'copy-missing' || codeOf(error) === 'copy-archived' ? 410 : 404;
      const said = Buffer.from(sentence(new StrongroomError(codeOf(error), failedWith(error).message)));
      const headers = {
        ...common,
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(said.length),
      };
      return { status, headers, body: Readable.from([said], { objectMode: false }) };
    }
  }
}

/** https://www.rfc-editor.org/rfc/rfc6266: the name in UTF-8, every byte that could end the value escaped. */
function disposition({ viewer }: Media, name: string): string {
  const wellFormed = name.toWellFormed().replace(/[\u0000-\u001f\u007f]/g, '_');
  const encoded = encodeURIComponent(wellFormed).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${viewer === 'none' ? 'attachment' : 'inline'}; filename*=UTF-8''${encoded}`;
}
