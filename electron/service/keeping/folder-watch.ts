import fs from 'node:fs/promises';
import path from 'node:path';
import type { SourceRecord } from '../../engine/catalog/sources.ts';
import { Watcher } from '../../engine/schedule/watcher.ts';

/** An eye on the folder of one source: whether it can be seen, and what the system tells of changes in it. */
export class FolderWatch {
  readonly #onChange: () => void;
  #watcher: Watcher | undefined;
  #reachable = true;
  #looking = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Whether the folder could be seen last time. */
  get reachable(): boolean {
    return this.#reachable;
  }

  /** What a run showed: whether the folder is there. Whatever comes back in the place of one that went is watched anew. */
  saw(isThere: boolean): void {
    this.#reachable = isThere;
    if (!isThere) this.stop();
  }

  /** Watches these folders of the source, paths from its root, from now on. */
  async follow(source: SourceRecord, folders: readonly string[]): Promise<void> {
    this.#watcher ??= new Watcher(source, this.#onChange);
    await this.#watcher.follow(folders);
  }

  /** Watches no more. */
  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  /** The source's folder is another now. */
  moved(): void {
    this.stop();
    this.#reachable = true;
  }

  /**
   * Looks whether a folder that went is back, and tells if so. A share that hangs answers late or never: it is asked
   * once, and not again meanwhile.
   */
  look(source: SourceRecord, onBack: () => void): void {
    if (this.#looking) return;
    this.#looking = true;
    void rootIsBack(source).then((back) => {
      this.#looking = false;
      if (back && !this.#reachable) onBack();
    });
  }
}

/** Whether the folder of a source looks as if a run could see it. It asks without blocking: a lost share may hang. */
async function rootIsBack(source: SourceRecord): Promise<boolean> {
  try {
    const stat = await fs.lstat(source.root);
    if (!stat.isDirectory()) return false;
    if (source.mounted) {
      const parent = await fs.lstat(path.dirname(source.root));
      if (parent.dev === stat.dev) return false;
    }
    const folder = await fs.opendir(source.root);
    const first = await folder.read();
    await folder.close();
    return first !== null;
  } catch {
    return false;
  }
}
