import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import process from 'node:process';
import type { TestContext } from 'node:test';

const privileged = process.getuid?.() === 0;

/** A small disk at a folder, in a namespace of its own that holds as long as the test. */
export class SmallDisk {
  readonly folder: string;
  /** Starts a command where the disk is. */
  readonly under: readonly string[];

  private constructor(folder: string, cwd: string, holder: number) {
    this.folder = folder;
    const user = privileged ? [] : ['--user', '--preserve-credentials'];
    this.under = ['nsenter', `--target=${holder}`, '--mount', ...user, `--wd=${cwd}`];
  }

  /**
   * Errors: fails the test where nothing may be mounted here.
   *
   * @param cwd where commands under it work.
   * @param size as mount(8) takes it: `8m`.
   */
  static async make(
    context: Pick<TestContext, 'after'>,
    cwd: string,
    folder: string,
    size: string,
  ): Promise<SmallDisk> {
    fs.mkdirSync(folder, { recursive: true });
    const script = 'mount -t tmpfs -o size="$1" none "$0" && echo ready && exec sleep infinity';
    const holder = spawn(
      'setpriv',
      [
        '--pdeathsig',
        'KILL',
        'unshare',
        '--mount',
        ...(privileged ? [] : ['--map-root-user']),
        'sh',
        '-c',
        script,
        folder,
        size,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    context.after(() => holder.kill('SIGKILL'));
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'exit').then(() => assert.fail('a small disk could not be mounted')),
    ]);
    return new SmallDisk(folder, cwd, holder.pid ?? 0);
  }

  /** Runs a shell command where the disk is. @returns what it prints. */
  sh(command: string): string {
    return execFileSync(this.under[0] ?? '', [...this.under.slice(1), 'sh', '-c', command], { encoding: 'utf8' });
  }

  /** Fills the disk but for so many KiB. */
  fill(butForKiB: number): void {
    this.sh(
      `dd if=/dev/zero of='${this.folder}/filler' bs=1k 2>/dev/null; truncate -s -${butForKiB}k '${this.folder}/filler'`,
    );
  }

  free(): void {
    this.sh(`rm '${this.folder}/filler'`);
  }
}
