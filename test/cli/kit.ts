import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TestContext } from 'node:test';
import { CreateBucketCommand, DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { outputs, type Output, type OutputName } from '../../electron/hosts/cli/output.ts';
import { errorCodes } from '../../shared/errors.ts';
import type { S3Endpoint } from '../lab/servers.ts';

/** The command line as a person starts it. */
export const mainFile = path.join(import.meta.dirname, '../../electron/hosts/cli/main.ts');

/** How one command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** A command that starts the rest as its arguments: `prlimit --fsize=…`, `unshare -m`. */
  readonly under?: readonly string[];
  /** A file that Node loads into every thread first: the fault that the test needs. */
  readonly preload?: string;
}

/** What an error says with `--json`. */
const errorOutput = z.object({
  error: z.object({
    code: z.enum(errorCodes),
    subject: z.string().nullable(),
    message: z.string(),
    advice: z.string().nullable(),
  }),
});
export type ToldError = z.infer<typeof errorOutput>['error'];

/** What no output may hold, text or JSON, whatever the names of files: it would move the cursor or turn the writing. */
const unsafeOnTerminal = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/**
 * A person with a terminal: a home of Strongroom's own and a folder to work in, removed with the test. Every command
 * is a process of its own, as it is for them.
 */
export class Desk {
  readonly folder: string;
  readonly home: string;
  readonly env: Record<string, string>;

  private constructor(folder: string) {
    this.folder = folder;
    this.home = path.join(folder, 'home');
    this.env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TZ: 'UTC',
      STRONGROOM_HOME: this.home,
      STRONGROOM_RETRIES: '1',
      STRONGROOM_SECRETS: 'vault',
      // Keys come from the test alone, never from the machine that it runs on.
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  static make(test: Pick<TestContext, 'after'>): Desk {
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(tmpdir()), 'strongroom-cli-'));
    test.after(() => {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    });
    return new Desk(folder);
  }

  /** A path below the desk's folder. */
  at(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  /** Writes a file, with a time a day ago (or as given, in seconds since 1970) and its folders. @returns its path. */
  write(relative: string, content: string | Uint8Array, mtime = Date.now() / 1000 - 86_400): string {
    const file = this.at(relative);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    // As text: Node takes a negative number for "now".
    fs.utimesSync(file, String(mtime), String(mtime));
    return file;
  }

  read(relative: string): string {
    return fs.readFileSync(this.at(relative), 'utf8');
  }

  /** A folder store's spec, its disk made. */
  disk(name: string): string {
    fs.mkdirSync(this.at('disks'), { recursive: true });
    return `folder://${this.at('disks', name)}`;
  }

  start(args: readonly string[], options: RunOptions = {}): ChildProcess {
    const { under = [], preload } = options;
    const command = [...under, process.execPath, mainFile, ...args];
    return spawn(command[0] ?? '', command.slice(1), {
      cwd: this.folder,
      env: {
        ...this.env,
        ...(preload === undefined ? {} : { NODE_OPTIONS: `--import=${preload}` }),
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  /** Runs a command to its end, in a pipe. Nothing that it prints may be unsafe on a terminal. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const child = this.start(args, options);
    child.stdin?.end(options.input ?? '');
    const ended = await endOf(child);
    assert.doesNotMatch(ended.out + ended.err, unsafeOnTerminal, `strongroom ${args.join(' ')}`);
    return ended;
  }

  /** Runs a command as text, and expects an exit code. @returns what it printed, remarks first. */
  async text(args: readonly string[], code = 0, options: RunOptions = {}): Promise<string> {
    const ended = await this.run(args, options);
    assert.equal(ended.code, code, `strongroom ${args.join(' ')}\n${ended.err}${ended.out}`);
    return ended.err + ended.out;
  }

  /** Runs a command with `--json`, and expects an exit code and the documented form, nothing missing and nothing more. */
  async json<Name extends OutputName>(
    name: Name,
    args: readonly string[] = [],
    code = 0,
    options: RunOptions = {},
  ): Promise<Output<Name>> {
    const words = [...name.split(' '), ...args, '--json'];
    const ended = await this.run(words, options);
    assert.equal(ended.code, code, `strongroom ${words.join(' ')}\n${ended.err}${ended.out}`);
    return exactly(outputs[name], ended.out) as Output<Name>;
  }

  /** Runs a command with `--json` that fails, and expects the error's code and the exit code. */
  async fails(args: readonly string[], error: string, code: number, options: RunOptions = {}): Promise<ToldError> {
    const ended = await this.run([...args, '--json'], options);
    assert.equal(ended.code, code, `strongroom ${args.join(' ')}\n${ended.err}${ended.out}`);
    const told = exactly(errorOutput, ended.out).error;
    assert.equal(told.code, error, told.message);
    return told;
  }

  /** The one run of a `protect` or `sync` of one source. */
  async sync(
    args: readonly string[] = [],
    code = 0,
    options: RunOptions = {},
  ): Promise<Output<'runs'>['runs'][number]> {
    const { runs } = await this.json('sync', args, code, options);
    const [run] = runs;
    assert.ok(run !== undefined && runs.length === 1, 'one source, one run');
    return run;
  }
}

/** JSON of a schema, without any field that the schema does not have. */
export function exactly<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> {
  const value: unknown = JSON.parse(text);
  const parsed = schema.parse(value);
  // Parsing drops what the schema does not know; it must drop nothing.
  assert.deepEqual(value, parsed);
  return parsed;
}

export async function endOf(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}

/** Waits until something is so, looking often; fails with `what` after half a minute. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = performance.now() + 30_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < giveUp, `it never came to be: ${what}`);
    await wait(50);
  }
}

/** Whether this user may read and write everything, so that permissions hold only for {@link withoutPrivileges}. */
const privileged = process.getuid?.() === 0;

/** Starts a command as somebody for whom permissions hold. */
export const withoutPrivileges: readonly string[] = privileged
  ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-all']
  : [];

/** A bucket of its own at a server of the lab, the keys in the desk's environment. @returns a store spec. */
export async function makeBucket(desk: Desk, server: S3Endpoint, prefix = 'copies'): Promise<LabStore> {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const bucket = `cli-${randomBytes(6).toString('hex')}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  Object.assign(desk.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
  const query = new URLSearchParams({ endpoint, region });
  return { bucket, prefix, client, spec: `s3://${bucket}/${prefix}?${query.toString()}` };
}

export interface LabStore {
  readonly bucket: string;
  readonly prefix: string;
  readonly client: S3Client;
  readonly spec: string;
}

export interface TreeFile {
  readonly sha256: string;
  readonly mtimeUs: bigint;
  readonly mode: number;
}

/** Every file below a folder, by path: content, modification time to the microsecond, mode. No link is followed. */
export function treeOf(root: string): Map<string, TreeFile> {
  const tree = new Map<string, TreeFile>();
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of fs.readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const relative = path.join(folder, entry.name);
      if (entry.isDirectory()) folders.push(relative);
      if (!entry.isFile()) continue;
      const file = path.join(root, relative);
      const stat = fs.statSync(file, { bigint: true });
      const sha256 = hash('sha256', fs.readFileSync(file));
      tree.set(relative, { sha256, mtimeUs: stat.mtimeNs / 1000n, mode: Number(stat.mode) & 0o777 });
    }
  }
  return new Map([...tree].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Removes every version of every object below a part of a store, as somebody with the bucket's own tools could. */
export async function removeForGood(store: LabStore, part: string): Promise<void> {
  const { bucket, prefix, client } = store;
  const answer = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: `${prefix}/${part}` }));
  for (const { Key, VersionId } of [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])])
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId }));
}
