import fs from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SourceRecord } from '../catalog/sources.ts';

/** More folders than this are not watched one by one: the schedule finds what changes in them. */
const mostFolders = 8_192;

/**
 * Tells when something in a source changes, as far as the system tells: changes that other computers make on a share
 * are often not told, and are found on schedule. Watches folders, never files, and follows no link.
 */
export class Watcher {
  readonly #source: SourceRecord;
  readonly #onChange: () => void;
  readonly #watched = new Map<string, fs.FSWatcher>();
  #closed = false;

  constructor(source: SourceRecord, onChange: () => void) {
    this.#source = source;
    this.#onChange = onChange;
  }

  /** How many folders are watched, and whether there are more than can be. */
  get extent(): { folders: number; whole: boolean } {
    return { folders: this.#watched.size, whole: this.#watched.size < mostFolders };
  }

  /** Watches every folder that is not watched yet; folders that went are forgotten. Called after each run. */
  refresh(): void {
    const waiting = [this.#source.root];
    for (let folder = waiting.pop(); folder !== undefined && this.#watched.size < mostFolders; folder = waiting.pop()) {
      if (!this.#watched.has(folder)) this.#watch(folder);
      try {
        for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
          if (entry.isDirectory()) waiting.push(path.join(folder, entry.name));
        }
      } catch {
        // Gone or not to be read: the run says so, with its reason.
      }
    }
  }

  /**
   * As {@link refresh}, with folders that are known from elsewhere: the folder on its share is not read again, and other
   * work goes on between. @param folders paths in the source.
   */
  async follow(folders: readonly string[]): Promise<void> {
    for (const [index, relative] of folders.entries()) {
      if (this.#closed || this.#watched.size >= mostFolders) return;
      if (index % 64 === 63) await nextTurn();
      const folder = path.join(this.#source.root, relative);
      if (!this.#watched.has(folder)) this.#watch(folder);
    }
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  #watch(folder: string): void {
    if (this.#closed) return;
    try {
      const watcher = fs.watch(folder, { persistent: false }, (_, name) => {
        // A folder that went is told as a change of its own name. One that comes in its place is watched anew.
        if (name === path.basename(folder) && !fs.existsSync(folder)) this.#forget(folder);
        if (!this.#closed) this.#onChange();
      });
      watcher.on('error', () => this.#forget(folder));
      this.#watched.set(folder, watcher);
    } catch {
      // The system allows no more watches, or the folder went: the schedule looks there.
    }
  }

  #forget(folder: string): void {
    this.#watched.get(folder)?.close();
    this.#watched.delete(folder);
  }
}
