import fs from 'node:fs';
import { Socket } from 'node:net';
import process from 'node:process';

/**
 * The terminal that this process was started in, or the pipe in its place. Where there is neither (`nohup`, a service,
 * `</dev/null`), only signals end the process.
 */
export class Terminal {
  /** Resolves when it is gone: closed, or the other end of the pipe. */
  readonly gone: Promise<void>;
  /** Called when the person presses Enter. */
  onEnter: () => void = () => undefined;
  readonly #listens: boolean;
  #leave: () => void = () => undefined;
  readonly #onGone = (): void => this.#leave();
  readonly #onData = (data: Buffer): void => {
    if (data.includes('\n')) this.onEnter();
  };

  /** Listens from now on, until it is released. */
  constructor() {
    this.gone = new Promise((resolve) => (this.#leave = resolve));
    // A terminal that is gone takes nothing more; a remark that cannot be printed must not end the work badly.
    process.stderr.on('error', ignore);
    process.on('SIGHUP', this.#onGone);
    const { stdin } = process;
    this.#listens = stdin instanceof Socket && !isInBackground();
    if (!this.#listens) return;
    stdin.on('data', this.#onData);
    stdin.once('end', this.#onGone);
    stdin.once('error', this.#onGone);
  }

  /** Only when the work has ended: a terminal that closes may send its signal twice, and the second would end it badly. */
  release(): void {
    process.off('SIGHUP', this.#onGone);
    process.stderr.off('error', ignore);
    // Node would wait for more of it before it ends.
    if (this.#listens) process.stdin.destroy();
  }
}

const ignore = (): void => undefined;

/**
 * Whether the shell put this process into the background (`strongroom serve &`): reading from the terminal would stop it
 * until it is brought back. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html, fields 5 and 8.
 */
function isInBackground(): boolean {
  if (process.platform !== 'linux' || !process.stdin.isTTY) return false;
  const stat = fs.readFileSync('/proc/self/stat', 'latin1');
  // The fields from the third on: what stands in brackets before may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[2] !== fields[5];
}
