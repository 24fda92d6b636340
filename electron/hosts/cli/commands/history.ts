import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import { describeRun, instant, instantOrNull, tellRun } from '../describe.ts';
import { StrongroomError } from '../../../../shared/errors.ts';
import { parsePlace } from '../place.ts';
import { formatBytes, formatTime, plain, table } from '../terminal.ts';
import { parseTime } from '../times.ts';

interface RunsOptions {
  readonly limit: string;
  readonly problems?: boolean;
}

export async function runs(name: string | undefined, options: RunsOptions, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const { catalog } = engine;
    const sourceId = name === undefined ? undefined : catalog.sources.get(name).id;
    const records = catalog.runs.latest(limitOf(options.limit), sourceId);
    const all = records.map((record) =>
      describeRun(record, options.problems === true || context.json ? catalog.runs.problems(record.id) : []),
    );
    context.print('runs', { runs: all }, () =>
      options.problems === true
        ? all.map((run) => `${formatTime(new Date(run.startedAt).getTime())}  ${tellRun(run)}`).join('\n')
        : all.length === 0
          ? 'No run yet.'
          : table(
              ['when', 'source', 'outcome', 'new', 'changed', 'deleted', 'problems'],
              all.map((run) => [
                formatTime(new Date(run.startedAt).getTime()),
                run.source,
                run.outcome ?? 'not finished',
                run.added,
                run.changed,
                run.deleted,
                run.failed,
              ]),
            ),
    );
    return Promise.resolve();
  });
}

export async function events(
  name: string | undefined,
  options: { readonly limit: string },
  command: Command,
): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const { catalog } = engine;
    const records = catalog.events.latest(
      limitOf(options.limit),
      name === undefined ? undefined : catalog.sources.get(name).id,
    );
    context.print('events', { events: records.map((record) => ({ ...record, at: instant(record.at) })) }, () =>
      records.length === 0
        ? 'Nothing has happened yet.'
        : table(
            ['when', 'event', 'source', 'store', 'file', 'detail'],
            records.map((record) => [
              formatTime(record.at),
              record.kind,
              record.source ?? '',
              record.store ?? '',
              record.path ?? '',
              tellDetail(record.detail),
            ]),
          ),
    );
    return Promise.resolve();
  });
}

export async function versions(place: string, _options: unknown, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const { source: name, path } = parsePlace(place);
    const source = engine.catalog.sources.get(name);
    const fileId = engine.catalog.browse.fileId(source.id, path);
    if (fileId === undefined) {
      throw new StrongroomError('unknown-name', `"${name}" never had a file "${path}".`, {
        subject: path,
        advice:
          engine.catalog.browse.folderId(source.id, path) === undefined
            ? `Look for it: strongroom search ${path.slice(path.lastIndexOf('/') + 1)}`
            : `It is a folder: strongroom ls ${place}`,
      });
    }
    const entries = engine.catalog.browse.versions(fileId);
    context.print(
      'versions',
      {
        source: name,
        path,
        versions: entries.map((entry) => ({
          number: entry.number,
          deleted: entry.sha256 === null,
          sha256: entry.sha256,
          size: entry.size,
          mtime: entry.sha256 === null ? null : instant(Number(entry.mtimeNs / 1_000_000n)),
          firstSeen: instant(entry.firstSeen),
          supersededAt: instantOrNull(entry.supersededAt),
          movedFrom: entry.movedFrom,
          copies: entry.copies.map((copy) => ({
            ...copy,
            storedAt: instantOrNull(copy.storedAt),
            checkedAt: instantOrNull(copy.checkedAt),
          })),
        })),
      },
      () =>
        table(
          ['version', 'seen', 'size', 'modified', 'copies'],
          entries.map((entry) => [
            String(entry.number),
            formatTime(entry.firstSeen),
            entry.sha256 === null ? 'deleted' : formatBytes(entry.size),
            entry.sha256 === null ? '' : formatTime(Number(entry.mtimeNs / 1_000_000n)),
            `${entry.copies.map((copy) => `${copy.store} ${copy.state}`).join(', ')}${entry.movedFrom === null ? '' : ` (moved from ${entry.movedFrom})`}`,
          ]),
        ),
    );
    return Promise.resolve();
  });
}

export async function list(place: string, options: { readonly at?: string }, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const { source: name, path } = parsePlace(place);
    const { browse, sources } = engine.catalog;
    const source = sources.get(name);
    const at = options.at === undefined ? context.clock.now() : parseTime(options.at, context.clock.now());
    const anyFolder = browse.folderId(source.id, path);
    // A folder's row alone is no proof that it was there then; a source's own root always is.
    const folderId =
      anyFolder !== undefined && path !== '' && browse.isFolderGone(anyFolder, at) ? undefined : anyFolder;
    const fileId = folderId === undefined ? browse.fileId(source.id, path) : undefined;
    const file = fileId === undefined ? undefined : browse.fileAt(fileId, at);
    if (folderId === undefined && file === undefined) {
      throw new StrongroomError('unknown-name', `There was nothing at "${place}" at that time.`, {
        subject: path,
        advice:
          fileId === undefined && anyFolder === undefined
            ? 'Look for it with "strongroom search".'
            : `It was there at another time: strongroom ${fileId === undefined ? 'ls' : 'versions'} ${place}${fileId === undefined ? ' --at <time>' : ''}`,
      });
    }
    const folders = folderId === undefined ? [] : pages((after) => browse.folders(folderId, at, after));
    const files =
      folderId === undefined ? (file === undefined ? [] : [file]) : pages((after) => browse.files(folderId, at, after));
    context.print(
      'ls',
      {
        source: name,
        path,
        at: instant(at),
        folders: folders.map((folder) => ({ name: folder.name })),
        files: files.map((entry) => ({
          name: entry.name,
          version: entry.number,
          size: entry.size,
          mtime: instant(Number(entry.mtimeNs / 1_000_000n)),
          sha256: entry.sha256,
          firstSeen: instant(entry.firstSeen),
        })),
      },
      () =>
        folders.length + files.length === 0
          ? 'Nothing was in it at that time.'
          : table(
              ['size', 'modified', 'version', 'name'],
              [
                ...folders.map((folder) => ['', '', '', `${folder.name}/`]),
                ...files.map((entry) => [
                  formatBytes(entry.size),
                  formatTime(Number(entry.mtimeNs / 1_000_000n)),
                  String(entry.number),
                  entry.name,
                ]),
              ],
            ),
    );
    return Promise.resolve();
  });
}

export async function search(text: string, options: { readonly limit: string }, command: Command): Promise<void> {
  const context = contextOf(command);
  await context.withEngine('read', (engine) => {
    const limit = limitOf(options.limit);
    const found = engine.catalog.search.find(text, limit + 1);
    const more = found.length > limit;
    const shown = found.slice(0, limit);
    context.print('search', { found: shown, more }, () =>
      shown.length === 0
        ? `Nothing is named like "${plain(text)}".`
        : [
            ...shown.map((entry) => `${plain(entry.source)}:${plain(entry.path)}${entry.present ? '' : '  (deleted)'}`),
            ...(more ? ['… and more: name more of it, or raise --limit.'] : []),
          ].join('\n'),
    );
    return Promise.resolve();
  });
}

/** An event's detail as a person reads it: `files: 3, bytes: 10`. */
function tellDetail(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

function pages<Entry extends { readonly name: string }>(page: (after: string) => Entry[]): Entry[] {
  const all: Entry[] = [];
  for (let after = ''; ;) {
    const entries = page(after);
    all.push(...entries);
    const last = entries.at(-1);
    if (last === undefined) return all;
    after = last.name;
  }
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new StrongroomError('usage', `"${text}" is no number of lines.`, { advice: 'Write --limit 50.' });
  return limit;
}
