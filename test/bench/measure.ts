import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one process took, from its start to its end, with all processes and threads that it started. */
export interface Usage {
  /** Milliseconds of real time. */
  readonly wall: number;
  /** Milliseconds of processor time, user and system together; in steps of 10. */
  readonly cpu: number;
  /** The most memory that it held at one time, in bytes (resident set, as the kernel counts it). */
  readonly peak: number;
}

export interface Ended {
  readonly usage: Usage;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Besides those of this process's own variables that are not about stores. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Exit codes that are no failure; 0 if not given. */
  readonly allowed?: readonly number[];
}

/** The process groups under way, and where GNU time will write about each. */
const running = new Map<number, string>();
const outputLimit = 64 * 1024 * 1024;

/**
 * Runs a command under GNU time, which reads its figures from the kernel with wait4 and so misses no peak.
 *
 * @throws Error with the end of its output when it ends with a code that is not allowed.
 */
export async function measure(command: Command): Promise<Ended> {
  const figures = join(tmpdir(), `strongroom-bench-time-${randomBytes(6).toString('hex')}`);
  const begun = performance.now();
  const args = ['-o', figures, '-f', '%U %S %M', command.program, ...command.args];
  // A group of its own: ending this process early must end the command too, not only GNU time.
  const child = spawn('time', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...ownEnvironment(), ...command.environment },
    detached: true,
  });
  if (child.pid !== undefined) running.set(child.pid, figures);
  let wall = 0;
  child.once('exit', () => {
    wall = performance.now() - begun;
    if (child.pid !== undefined) running.delete(child.pid);
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] = (output[name] + text).slice(-outputLimit);
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  const ended = { ...output, code: code ?? -1, usage: { wall, ...readFigures(figures) } };
  if (!(command.allowed ?? [0]).includes(ended.code)) {
    const words = `${ended.stderr}\n${ended.stdout}`.trim().slice(-1500);
    throw new Error(`${[command.program, ...command.args].join(' ')} ended with code ${ended.code}: ${words}`);
  }
  return ended;
}

/** This process's variables without those that would have a program use other keys, servers or settings than it is told. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|RCLONE|STRONGROOM)_/.test(name)));
}

/** Ends the commands under way, when this process is asked to end. */
export function endRunning(): void {
  for (const [group, figures] of running) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has just ended by itself.
    }
    rmSync(figures, { force: true });
  }
}

function readFigures(file: string): Omit<Usage, 'wall'> {
  // A line about an exit code or a signal may come first.
  const last = readFileSync(file, 'utf8').trim().split('\n').at(-1) ?? '';
  rmSync(file);
  const [user = NaN, system = NaN, kilobytes = NaN] = last.split(' ').map(Number);
  return { cpu: Math.round((user + system) * 1000), peak: kilobytes * 1024 };
}

/** Someone who does the work: ours, rclone, a bare walk. */
export interface Contestant {
  readonly name: string;
  /** Does the work once and says what it took. What has to be made ready before or checked after is not counted. */
  readonly once: (round: number) => Promise<Usage>;
}

export interface Measured {
  readonly name: string;
  /** In the order in which they were made. */
  readonly runs: readonly Usage[];
}

/**
 * Lets the contestants work in turn, `rounds` times each: a machine that becomes slower or faster meanwhile does so for
 * all. Each round begins with another contestant, so that no one always finds what the one before left behind.
 */
export async function alternate(contestants: readonly Contestant[], rounds: number): Promise<Measured[]> {
  const runs = contestants.map((): Usage[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contestants.length; turn += 1) {
      const index = (round + turn) % contestants.length;
      runs[index]!.push(await contestants[index]!.once(round));
    }
  }
  return contestants.map(({ name }, index) => ({ name, runs: runs[index]! }));
}

/** The middle of real time and of processor time, and the highest peak. */
export function typical(runs: readonly Usage[]): Usage {
  return {
    wall: quantile(
      runs.map((run) => run.wall),
      0.5,
    ),
    cpu: quantile(
      runs.map((run) => run.cpu),
      0.5,
    ),
    peak: Math.max(...runs.map((run) => run.peak)),
  };
}

/**
 * The value below which a share of the values lies, by linear interpolation.
 *
 * @param share from 0 (the least) to 1 (the greatest).
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}
