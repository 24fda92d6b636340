import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isNotRun, prepareRoot, type NotRun, type RootName } from './prepare.ts';

/** How to reach an S3 server, always by path-style addresses. */
export interface S3Endpoint {
  readonly name: string;
  /** For example `http://127.0.0.1:9000`, without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The version of the server's package, or `unknown`. */
  readonly version: string;
}

/** A server that this process started. It dies with this process, however this process ends. */
export interface S3Server extends S3Endpoint {
  /** Ends the server and waits until it is gone. Its data were in memory and go with it. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a Ceph cluster of one machine with its S3 gateway, empty, in about two seconds. Several can run at once.
 *
 * With `glacier`, a lifecycle rule moves objects to the class GLACIER and RestoreObject brings them back; a day of the
 * rule, and of the restored copy's life, is five seconds. A PUT straight to GLACIER is then refused with 400, and an
 * archived object's HEAD shows a length of 0. Use it with a bucket without versioning: in a versioned one the rule puts a
 * delete marker over the current version and archives nothing, which Amazon does not do.
 */
export async function startCeph(options: { readonly glacier?: boolean } = {}): Promise<S3Server | NotRun> {
  return await startServer('ceph', 'radosgw', (port, secondPort) => ({
    PORT: String(port),
    MONITOR_PORT: String(secondPort),
    ACCESS_KEY: labKeys.accessKeyId,
    SECRET_KEY: labKeys.secretAccessKey,
    GLACIER: options.glacier === true ? '1' : '',
  }));
}

/**
 * Starts moto, an emulator of AWS in memory, in about half a second. It takes any key, and checks neither signatures
 * nor checksums. `POST /moto-api/reset` empties it. Several can run at once.
 */
export async function startMoto(): Promise<S3Server | NotRun> {
  return await startServer('moto', 'python3-moto', (port) => ({ PORT: String(port) }));
}

/**
 * The S3 endpoint that the person running the tests named in `STRONGROOM_TEST_S3_ENDPOINT`,
 * `STRONGROOM_TEST_S3_ACCESS_KEY_ID`, `STRONGROOM_TEST_S3_SECRET_ACCESS_KEY` and, if it is not `us-east-1`,
 * `STRONGROOM_TEST_S3_REGION`.
 */
export function externalS3(): S3Endpoint | NotRun {
  const endpoint = process.env['STRONGROOM_TEST_S3_ENDPOINT'];
  if (endpoint === undefined || endpoint === '') return { notRun: 'STRONGROOM_TEST_S3_ENDPOINT is not set' };
  const accessKeyId = process.env['STRONGROOM_TEST_S3_ACCESS_KEY_ID'];
  const secretAccessKey = process.env['STRONGROOM_TEST_S3_SECRET_ACCESS_KEY'];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return { notRun: 'STRONGROOM_TEST_S3_ACCESS_KEY_ID or STRONGROOM_TEST_S3_SECRET_ACCESS_KEY is not set' };
  }
  const region = process.env['STRONGROOM_TEST_S3_REGION'] ?? 'us-east-1';
  return {
    name: 'external',
    endpoint: endpoint.replace(/\/$/, ''),
    region,
    accessKeyId,
    secretAccessKey,
    version: 'unknown',
  };
}

/** The environment variables in which the runner hands its servers to the tests: an S3Endpoint as JSON. */
export const labVariables: Readonly<Record<RootName, string>> = {
  ceph: 'STRONGROOM_LAB_CEPH',
  moto: 'STRONGROOM_LAB_MOTO',
};

/**
 * The server that the runner started for all test files together. A test makes a bucket of its own in it.
 *
 * @throws Error when there is none: the test was not started by `node test/run.ts`.
 */
export function labServer(name: RootName): S3Endpoint {
  const described = process.env[labVariables[name]];
  if (described === undefined) throw new Error(`${labVariables[name]} is not set: start this test by node test/run.ts`);
  return JSON.parse(described) as S3Endpoint;
}

const labKeys = { accessKeyId: 'labaccesskey', secretAccessKey: 'labsecretkey0123456789' };
const startMilliseconds = 60_000;

async function startServer(
  name: RootName,
  packageName: string,
  variables: (port: number, secondPort: number) => Record<string, string>,
): Promise<S3Server | NotRun> {
  const root = await prepareRoot(name);
  if (isNotRun(root)) return root;
  const version = await packageVersion(root.folder, packageName);
  let lastWords = '';
  // A port that was free may be taken before the server binds it.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const [port = 0, secondPort = 0] = await freePorts(2);
    const supervisor = new Supervisor(name, root.folder, variables(port, secondPort));
    const endpoint = `http://127.0.0.1:${port}`;
    if (await supervisor.answers(endpoint)) {
      return { name, endpoint, region: 'us-east-1', ...labKeys, version, stop: () => supervisor.stop() };
    }
    await supervisor.stop();
    lastWords = supervisor.lastWords();
  }
  return { notRun: `${name} ${version} did not start: ${lastWords}` };
}

/** The process in whose namespace a server lives; see in-root.sh. */
class Supervisor {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #running = true;
  #expectedToRun = false;
  #output = '';

  constructor(name: RootName, root: string, variables: Readonly<Record<string, string>>) {
    this.#name = name;
    const scripts = import.meta.dirname;
    const settings = Object.entries(variables).map(([key, value]) => `${key}=${value}`);
    const command = [join(scripts, 'in-root.sh'), String(process.pid), root, join(scripts, `${name}.sh`), ...settings];
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-20_000);
      });
    }
    this.#child.once('error', (error) => {
      this.#output += error.message;
      this.#running = false;
    });
    this.#child.once('exit', () => {
      this.#running = false;
    });
    // Every process in the namespace holds these pipes, so they close when the last one is gone.
    this.#closed = once(this.#child, 'close').then(() => {
      if (this.#expectedToRun) console.error(`lab: ${this.#name} ended by itself: ${this.lastWords()}`);
    });
  }

  /** Waits until the server answers HTTP; false when it ended, or stayed silent for too long. */
  async answers(endpoint: string): Promise<boolean> {
    const giveUp = performance.now() + startMilliseconds;
    while (this.#running && performance.now() < giveUp) {
      if (await answersHttp(endpoint)) {
        this.#expectedToRun = true;
        // The server must not keep this process alive once the tests are done.
        this.#child.unref();
        for (const stream of [this.#child.stdout, this.#child.stderr]) (stream as unknown as { unref(): void }).unref();
        return this.#running;
      }
      await wait(50);
    }
    return false;
  }

  async stop(): Promise<void> {
    this.#expectedToRun = false;
    this.#child.ref();
    for (const stream of [this.#child.stdout, this.#child.stderr]) (stream as unknown as { ref(): void }).ref();
    // There is nothing to shut down in order: the data are in memory.
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  lastWords(): string {
    const words = this.#output.trim().split('\n').slice(-8).join(' | ');
    return words === '' ? 'it said nothing' : words;
  }
}

function answersHttp(endpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(endpoint, { agent: false, timeout: 2000 }, (response) => {
      response.resume();
      response.once('end', () => resolve(true));
      response.once('error', () => resolve(false));
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

/** Ports that were free a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => once(server.listen(0, '127.0.0.1'), 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function packageVersion(root: string, packageName: string): Promise<string> {
  const database = join(root, 'var/lib/dpkg');
  const args = [`--admindir=${database}`, '--showformat=${Version}', '--show', packageName];
  return await promisify(execFile)('dpkg-query', args).then(
    (answer) => answer.stdout,
    () => 'unknown',
  );
}
