import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { openDriveStore, type DriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import type { Content } from '../../electron/engine/stores/store.ts';
import { contentOf, contextWith, factsOf, largeBytes, mebibyte, requestFor, signal } from '../contract/support.ts';
import { CannotRun, type Bench, type Benchmark } from './bench.ts';

const answers = z.object({ rootUrl: z.string(), accessToken: z.string() });
const counted = z.object({ requests: z.number() });

/** Copies to Google Drive, emulated in a process of its own: how many requests, how fast, in how much memory. */
export const drive: Benchmark = {
  name: 'drive',
  async run(bench) {
    const server = await Server.start();
    try {
      await small(bench, server);
      await list(bench, server);
      await large(bench, server);
    } finally {
      server.stop();
    }
  },
};

async function small(bench: Bench, server: Server): Promise<void> {
  const files = bench.scaled(5000);
  const store = await server.open();
  await store.ready(signal);
  const before = await measured();
  await server.count();
  await putMany(store, 'small', files);
  const requests = await server.count();
  const { seconds, cpu, peak } = before();
  bench.add({
    what: `drive: ${files} new files of 1 KB, at the highest rate of the emulator`,
    verdicts: [{ what: 'requests a file', value: requests / files, unit: 'times', limit: { atMost: 2 } }],
    notes: [
      `${seconds.toFixed(1)} s, ${(files / seconds).toFixed(0)} files a second, CPU ${cpu.toFixed(1)} s, peak ${peak} MB resident`,
    ],
  });
  await store.close();
}

async function list(bench: Bench, server: Server): Promise<void> {
  const files = bench.scaled(100_000);
  const store = await server.open();
  await putMany(store, 'list', files);
  await server.count();
  const before = await measured();
  let listed = 0;
  for await (const copy of store.list('list', signal)) listed += copy.locator === undefined ? 0 : 1;
  const { seconds, peak } = before();
  const requests = await server.count();
  if (listed !== files) throw new Error(`${listed} of ${files} listed`);
  bench.add({
    what: `drive: a listing of ${files} files in ${folders} folders, each with the identity that Drive confirmed`,
    verdicts: [
      { what: 'requests a thousand files', value: (requests / files) * 1000, unit: 'times', limit: { atMost: 1.5 } },
    ],
    notes: [`${requests} requests, ${seconds.toFixed(1)} s, peak ${peak} MB resident`],
  });
  await store.close();
}

async function large(bench: Bench, server: Server): Promise<void> {
  const size = bench.scaled(1024) * mebibyte;
  const file = bench.fresh('large');
  mkdirSync(dirname(file), { recursive: true });
  const block = largeBytes(16 * mebibyte, 1);
  await writeFile(file, '');
  const handle = await open(file, 'r+');
  const hash = createHash('sha256');
  for (let at = 0; at < size; at += block.length) {
    const piece = block.subarray(0, Math.min(block.length, size - at));
    await handle.write(piece, 0, piece.length, at);
    hash.update(piece);
  }
  const version = { ...factsOf(Buffer.alloc(0)), sha256: hash.digest('hex'), size };
  const content: Content = {
    bytes: async (start, end) => {
      const bytes = Buffer.allocUnsafe(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    },
  };
  const store = await server.open();
  await store.ready(signal);
  const [ours, curls]: [number[], number[]] = [[], []];
  let peak = 0;
  for (let round = 0; round < bench.rounds; round += 1) {
    const before = await measured();
    await store.put(requestFor({ source: 'large', path: `${round}` }, version), content, contextWith());
    const taken = before();
    ours.push(taken.seconds);
    peak = Math.max(peak, taken.peak);
    curls.push(await curl(server, file, size));
  }
  await handle.close();
  const rate = Math.min(...curls) / Math.min(...ours);
  bench.add({
    what: `drive: one file of ${size / mebibyte} MiB, against a bare curl PUT to an upload session`,
    verdicts: [{ what: 'throughput, ours / curl', value: rate, unit: 'times', limit: { atLeast: 0.8 } }],
    notes: [
      `ours ${Math.min(...ours).toFixed(2)} s (hashing included), curl ${Math.min(...curls).toFixed(2)} s, best of ${bench.rounds}; peak ${peak} MB resident`,
    ],
  });
  await store.close();
}

const folders = 500;

async function putMany(store: DriveStore, source: string, count: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      const bytes = Buffer.alloc(1000, `${index} `);
      const place = { source, path: `folder ${index % folders}/${index}.txt` };
      await store.put(requestFor(place, factsOf(bytes)), contentOf(bytes), contextWith());
    }
  };
  await Promise.all(Array.from({ length: store.capabilities.concurrency }, worker));
}

async function curl(server: Server, file: string, size: number): Promise<number> {
  const begun = await fetch(`${server.rootUrl}upload/drive/v3/files?uploadType=resumable`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, 'x-upload-content-length': String(size) },
  });
  const url = begun.headers.get('location');
  if (url === null) throw new Error('no session');
  const from = performance.now();
  try {
    await promisify(execFile)('curl', ['--silent', '--fail', '--request', 'PUT', '--upload-file', file, url]);
  } catch (error) {
    throw new CannotRun(`curl: ${error instanceof Error ? error.message : String(error)}`);
  }
  return (performance.now() - from) / 1000;
}

/** Real and processor time and the highest memory of this process from now until it is asked. */
async function measured(): Promise<() => { seconds: number; cpu: number; peak: number }> {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const cpu = process.cpuUsage();
  const from = performance.now();
  let peak = process.memoryUsage.rss();
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  return () => {
    clearInterval(timer);
    const used = process.cpuUsage(cpu);
    const seconds = (performance.now() - from) / 1000;
    return { seconds, cpu: (used.user + used.system) / 1e6, peak: Math.round(peak / mebibyte) };
  };
}

/** The emulator in a process of its own. */
class Server {
  readonly rootUrl: string;
  readonly token: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, rootUrl: string, token: string) {
    this.#child = child;
    this.#lines = lines;
    this.rootUrl = rootUrl;
    this.token = token;
  }

  static async start(): Promise<Server> {
    const script = join(dirname(fileURLToPath(import.meta.url)), 'drive-server.ts');
    const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines: Interface = createInterface(child.stdout);
    const iterator = lines[Symbol.asyncIterator]();
    const { rootUrl, accessToken } = answers.parse(JSON.parse(await lineOf(iterator)));
    return new Server(child, iterator, rootUrl, accessToken);
  }

  open(): Promise<DriveStore> {
    const access = { kind: 'person', accessToken: () => Promise.resolve(this.token) } as const;
    const spec = { kind: 'drive', folder: 'root', path: 'Strongroom', endpoint: this.rootUrl } as const;
    return openDriveStore(spec, { access, clock: { now: () => Date.now() } });
  }

  /** Requests since the last time. */
  async count(): Promise<number> {
    this.#child.stdin?.write('count\n');
    return counted.parse(JSON.parse(await lineOf(this.#lines))).requests;
  }

  stop(): void {
    this.#child.stdin?.end();
  }
}

async function lineOf(lines: AsyncIterator<string>): Promise<string> {
  const line = await lines.next();
  if (line.done === true) throw new Error('the emulator has ended');
  return line.value;
}
