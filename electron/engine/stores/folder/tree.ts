import type { BigIntStats } from 'node:fs';
import type { Place } from '../../../../shared/domain.ts';
import type { NameKind } from '../../platform/names.ts';
import type { CopyAddress } from '../store.ts';
import type { Disk } from './disk.ts';
import { hostNames } from './host-names.ts';
import { Spelling } from './spelling.ts';
import { parseCopyName, timeLabel } from './version-names.ts';

/** What is true of one store's disk. Names were settled when the store was made; the rest is found out by trying. */
export interface DiskFacts {
  readonly names: NameKind;
  /** Whether the disk tells upper from lower case and composed from decomposed characters. */
  readonly tellsNamesApart: boolean;
}

export interface Located {
  readonly relative: string;
  readonly stat: BigIntStats;
}

/** Where copies lie: `files/` holds the latest tree, `history/` a folder for each file with what it was before. */
export class Tree {
  readonly disk: Disk;
  readonly facts: DiskFacts;
  readonly #spelling: Spelling | undefined;

  constructor(disk: Disk, facts: DiskFacts) {
    this.disk = disk;
    this.facts = facts;
    this.#spelling = facts.tellsNamesApart
      ? undefined
      : new Spelling(async (folder) => (await disk.entries(folder)).map((entry) => entry.name));
  }

  /** Where a place's current file lies. `claim` where it is about to be written. Errors: `unsafe-path`. */
  file(place: Place, claim: boolean): Promise<string> {
    return this.#path('files', place, claim);
  }

  /** The folder of a place's history. As {@link file}. */
  history(place: Place, claim: boolean): Promise<string> {
    return this.#path('history', place, claim);
  }

  /** Looks again at names that others may have changed. */
  forget(): void {
    this.#spelling?.forget();
  }

  /**
   * Finds a copy: in history under its locator, at its place while it is current, or in history under another name
   * with the same digest (as what was moved out of the way is named).
   */
  async locate(copy: CopyAddress, signal: AbortSignal): Promise<Located | undefined> {
    const wanted = parseCopyName(copy.locator);
    if (wanted === undefined) return undefined;
    const history = await this.history(copy.place, false);
    const kept = await this.#regular(`${history}/${copy.locator}`);
    if (kept !== undefined) return kept;
    const namesake = (await this.disk.entries(history)).find(
      (entry) => entry.kind === 'file' && parseCopyName(entry.name)?.digest === wanted.digest,
    );
    const current = await this.#regular(await this.file(copy.place, false));
    if (current !== undefined) {
      // Two versions of one second have the same time: where history may have it too, only the digest tells.
      const isIt =
        namesake === undefined
          ? await this.isCopy(current, copy.locator, signal)
          : (await this.disk.sha256(current.relative, signal)).startsWith(wanted.digest);
      if (isIt) return current;
    }
    return namesake === undefined ? undefined : this.#regular(`${history}/${namesake.name}`);
  }

  /**
   * Whether a current file is the copy of this locator. Told by its modification time; where that is another one,
   * by its digest, since a person may have touched it.
   */
  async isCopy(current: Located, locator: string, signal: AbortSignal): Promise<boolean> {
    const name = parseCopyName(locator);
    if (name === undefined) return false;
    if (name.version && name.time === timeLabel(current.stat.mtimeNs)) return true;
    return (await this.disk.sha256(current.relative, signal)).startsWith(name.digest);
  }

  async #regular(relative: string): Promise<Located | undefined> {
    const stat = await this.disk.stat(relative);
    return stat?.isFile() === true ? { relative, stat } : undefined;
  }

  async #path(top: string, place: Place, claim: boolean): Promise<string> {
    const { segments } = hostNames(place, this.facts.names);
    return this.#spelling === undefined ? `${top}/${segments.join('/')}` : this.#spelling.path(top, segments, claim);
  }
}
