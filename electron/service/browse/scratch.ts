import { randomBytes } from 'node:crypto';
import { lstat, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * The folder for what is kept only for a while, below the home: emptied at every start. Files are kept up to a bound;
 * beyond it, those that were used longest ago go.
 */
export class Scratch {
  readonly root: string;
  readonly #mostBytes: number;
  readonly #kept = new Map<
    string,
    { readonly folder: string; readonly file: string; readonly bytes: number; users: number }
  >();
  readonly #emptied: Promise<void>;

  /** @param mostBytes of kept files that nobody is reading. */
  constructor(home: string, mostBytes: number) {
    this.root = path.join(home, 'scratch');
    this.#mostBytes = mostBytes;
    // Whatever an earlier start left: what cannot be removed now is tried again at the next start.
    this.#emptied = rm(this.root, { recursive: true, force: true }).catch(() => undefined);
  }

  /** A new folder below the scratch folder, readable by this user only. */
  async folder(): Promise<string> {
    await this.#emptied;
    const folder = path.join(this.root, randomBytes(12).toString('hex'));
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** The kept file for a key; it stays at least until `release`. */
  use(key: string): { readonly file: string; readonly release: () => void } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.users += 1;
    let released = false;
    return {
      file: kept.file,
      release: () => {
        if (released) return;
        released = true;
        kept.users -= 1;
        void this.#shrink();
      },
    };
  }

  /** Keeps a file, alone in a folder that {@link folder} gave, under a key. */
  async keep(key: string, file: string): Promise<void> {
    const { size } = await lstat(file);
    this.#kept.set(key, { folder: path.dirname(file), file, bytes: size, users: 0 });
    await this.#shrink(key);
  }

  async remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }

  async #shrink(newest?: string): Promise<void> {
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    for (const [key, kept] of [...this.#kept]) {
      if (bytes <= this.#mostBytes) return;
      if (kept.users > 0 || key === newest) continue;
      this.#kept.delete(key);
      bytes -= kept.bytes;
      await this.remove(kept.folder);
    }
  }
}
