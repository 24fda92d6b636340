import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

/** Where the figures come from: without it they say little. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
  readonly rclone: string;
  /** The commit that was measured, with `-dirty` where the checkout holds changes. */
  readonly strongroom: string;
  /** Average number of processes that wanted a core in the last minute, before the first row. */
  readonly load: number;
}

export async function describeMachine(): Promise<Machine> {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memory: totalmem(),
    kernel: `${process.platform} ${release()}`,
    system: systemName(),
    node: process.version,
    rclone: /^rclone (\S+)/.exec(await answerOf('rclone', 'version'))?.[1] ?? 'not installed',
    strongroom: (await answerOf('git', 'describe', '--always', '--dirty')) || 'unknown',
    load: loadavg()[0] ?? NaN,
  };
}

export function tellMachine(machine: Machine): string[] {
  const { processor, cores, memory, kernel, system, node, rclone, strongroom, load } = machine;
  return [
    `machine: ${processor}, ${cores} cores, ${(memory / 1e9).toFixed(1)} GB, ${system}, ${kernel}, load ${load.toFixed(1)}`,
    `programs: Strongroom ${strongroom}, Node ${node}, rclone ${rclone}`,
  ];
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  } catch {
    return process.platform;
  }
}

/** What a program prints; nothing where it cannot be had. */
async function answerOf(program: string, ...args: string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args)).stdout.trim();
  } catch {
    return '';
  }
}
