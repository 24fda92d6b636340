import fs from 'node:fs';
import path from 'node:path';
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

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  #watch(folder: string): void {
    try {
      const watcher = fs.watch(folder, { persistent: false }, () => {
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
