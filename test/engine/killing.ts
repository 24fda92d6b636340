import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';

const program = path.resolve(import.meta.dirname, '../../electron/hosts/cli/main.ts');

export interface Started {
  /** Ends the process as a power cut would, unless it has ended by itself. @returns whether it was killed. */
  killAfter(ms: number): Promise<boolean>;
  /** Waits for its end. @returns its exit code, and what it printed. */
  end(): Promise<{ readonly code: number | null; readonly output: string }>;
}

/** Starts the command line as a process of its own. */
export function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Started {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  return {
    async killAfter(ms) {
      const timer = new AbortController();
      await Promise.race([closed, wait(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
      child.kill('SIGKILL');
      const [, killedBy] = await closed;
      return killedBy === 'SIGKILL';
    },
    async end() {
      const [code] = await closed;
      return { code, output };
    },
  };
}
