import process from 'node:process';
import readline from 'node:readline';
import { Writable } from 'node:stream';

/** Asks a question on the terminal without showing the answer; `undefined` where there is no terminal. */
export async function askHidden(question: string): Promise<string | undefined> {
  return ask(question, true);
}

/** Asks a yes-or-no question; `false` where there is no terminal. */
export async function askYes(question: string): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(`${question} [y/N] `, false)) ?? '');
}

async function ask(question: string, hidden: boolean): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  let muted = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!muted) process.stderr.write(chunk);
      done();
    },
  });
  const terminal = readline.createInterface({ input: process.stdin, output, terminal: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      terminal.on('close', () => resolve(undefined));
      terminal.question(question, resolve);
      muted = hidden;
    });
  } finally {
    terminal.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** What could move the cursor, change colours, or turn the direction of writing. */
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON that a terminal may show: the same value, with what is unsafe there written as escapes. */
export function toJson(data: unknown, indent?: number): string {
  return JSON.stringify(data, undefined, indent).replace(unsafe, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Text as a terminal may show it: what is unsafe there is made visible instead. */
export function plain(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : `\\u{${code.toString(16)}}`;
  });
}

const sizeUnits = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes in decimal units with three significant digits: `1.53 GB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3)} ${sizeUnits[unit] ?? ''}`;
}

/** `1 file`, `2,034 files`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** Milliseconds as a person says them: `42 s`, `3 min`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours >= 48 ? `${Math.round(hours / 24)} days` : `${hours} h ${minutes % 60} min`;
}

/** An instant in this computer's own time zone: `2026-11-23 14:05:09`. */
export function formatTime(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** Rows as aligned columns; numbers (given as such) to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : plain(cell))),
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => Array.from(row[column] ?? '').length)),
  );
  const line = (row: readonly string[], source?: readonly (string | number)[]): string =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(Math.max(0, (widths[column] ?? 0) - Array.from(cell).length));
        return typeof source?.[column] === 'number' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return [line(head), ...cells.map((row, index) => line(row, rows[index]))].join('\n');
}
