import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

/*
 * Strongroom waits for weeks on computers that others work at, so what it holds meanwhile counts. This is what has to be
 * settled before its own code runs.
 */

/**
 * Keeps what Node makes of these sources, for this process and its threads: the next start is quicker, and what turns
 * TypeScript into JavaScript, 18 MB for each thread, is not even loaded. Beside the sources, where nobody else may write:
 * what lies there is run.
 */
export function keepCompiled(): void {
  const { env } = process;
  env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../../dist/compiled', import.meta.url));
  enableCompileCache();
}

/** For glibc's allocator (mallopt(3)): one pool, whose free end is given back from 64 KiB on. */
const allocation = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_TRIM_THRESHOLD_: '65536',
  MALLOC_TOP_PAD_: '0',
};

/** Garbage that V8 would let grow further is most of what the process would hold otherwise. */
const heap = '--max-semi-space-size';

/**
 * On Linux, begins this process anew with an allocator that gives memory back: by itself, glibc keeps a pool for each
 * thread and up to 64 MiB free in each. The settings count from a program's start only. Returns where that is done, or
 * cannot be, or somebody has settled it otherwise.
 *
 * @param args a program of Node's and its arguments.
 */
export function beThrifty(args: readonly string[]): void {
  const { env, execArgv, execPath, platform } = process;
  if (platform !== 'linux' || Object.keys(allocation).some((name) => env[name] !== undefined)) return;
  const flags = execArgv.some((flag) => flag.startsWith(heap)) ? execArgv : [`${heap}=4`, ...execArgv];
  process.execve?.(execPath, [execPath, ...flags, ...args], { ...env, ...allocation });
}

/** An environment for programs that are no part of Strongroom. */
export function withoutThrift(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = ['NODE_COMPILE_CACHE', ...Object.keys(allocation)];
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.includes(name)));
}
