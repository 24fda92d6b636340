import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { escapePath, unescapePath, type NameRules } from '../../../shared/escape.ts';
import { StrongroomError } from '../../../shared/errors.ts';
import {
  journalEnd,
  journalEntry,
  journalHeader,
  type JournalEntry,
  type JournalHeader,
} from '../../../shared/journal.ts';

/** Entries a journal or a part of a checkpoint holds at most: about 4 MB packed, and bounded memory for the reader. */
export const entriesAFile = 20_000;

export interface JournalFile {
  readonly header: JournalHeader;
  readonly entries: readonly JournalEntry[];
}

/** Control names are safe in every store: a source's name is escaped for the strictest of them. */
const controlRules: NameRules = {
  forbidden: /[\u0000-\u001f\u007f<>:"\\|?*]/,
  refused: (segment) => /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$|[. ]$/i.test(segment),
  segmentBytes: 255,
  pathBytes: 900,
};

export function sourceControl(source: string): string {
  const escaped = escapePath(source, controlRules);
  if (escaped === undefined)
    throw new StrongroomError('usage', `The source name "${source}" is too long.`, {
      advice: 'Choose a shorter one with --name.',
    });
  return `sources/${escaped}`;
}

/** The source's name from a control name of it; `undefined` for any other. */
export function sourceOfControl(name: string): string | undefined {
  const match = /^sources\/([^/]+)\//.exec(name);
  return match?.[1] === undefined ? undefined : unescapePath(match[1]);
}

export function journalName(source: string, number: number): string {
  return `${sourceControl(source)}/journal/${String(number).padStart(10, '0')}.jsonl.gz`;
}

export function checkpointName(source: string, number: number, part: number): string {
  return `${sourceControl(source)}/checkpoint/${String(number).padStart(10, '0')}/${String(part).padStart(5, '0')}.jsonl.gz`;
}

export function leaseName(source: string): string {
  return `${sourceControl(source)}/lease.json`;
}

/** The number in a journal's or checkpoint's name. */
export function numberOf(name: string): number {
  return Number(/\/(?:journal|checkpoint)\/(\d{10})/.exec(name)?.[1] ?? Number.NaN);
}

export async function packJournal(header: JournalHeader, entries: readonly JournalEntry[]): Promise<Uint8Array> {
  const lines = [header, ...entries].map((entry) => `${JSON.stringify(entry)}\n`).join('');
  const end = { end: entries.length, sha256: createHash('sha256').update(lines).digest('hex') };
  return promisify(gzip)(`${lines}${JSON.stringify(end)}\n`);
}

/** Reads a journal back. Error: `journal-damaged`, naming it, where a single byte is not as it was written. */
export async function unpackJournal(name: string, bytes: Uint8Array): Promise<JournalFile> {
  let text: string;
  try {
    text = (await promisify(gunzip)(bytes)).toString('utf8');
  } catch (error) {
    throw damagedJournal(name, 'it cannot be unpacked', error);
  }
  const at = text.lastIndexOf('\n', text.length - 2) + 1;
  const body = text.slice(0, at);
  const end = journalEnd.safeParse(parseLine(text.slice(at)));
  if (!text.endsWith('\n') || !end.success) throw damagedJournal(name, 'its end is missing');
  if (createHash('sha256').update(body).digest('hex') !== end.data.sha256)
    throw damagedJournal(name, 'its checksum does not match');
  const [first = '', ...lines] = body.split('\n').slice(0, -1);
  const header = journalHeader.safeParse(parseLine(first));
  if (!header.success) throw damagedJournal(name, 'its header is not of a format that this version knows');
  const entries = lines.map((line) => {
    const entry = journalEntry.safeParse(parseLine(line));
    if (!entry.success) throw damagedJournal(name, 'it holds an entry of another form');
    return entry.data;
  });
  if (entries.length !== end.data.end) throw damagedJournal(name, 'entries are missing');
  return { header: header.data, entries };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function damagedJournal(name: string, why: string, cause?: unknown): StrongroomError {
  return new StrongroomError('journal-damaged', `The journal ${name} is damaged: ${why}.`, {
    cause,
    subject: name,
    advice:
      'Rebuild from another store, or from this store\'s own listing with "strongroom rebuild --from <store> --without-journals".',
  });
}
