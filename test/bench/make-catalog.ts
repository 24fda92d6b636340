import { createHash } from 'node:crypto';
import type { Catalog } from '../../electron/engine/catalog/catalog.ts';
import { openCatalog } from '../../electron/engine/catalog/open.ts';
import { plainRules } from '../../electron/engine/catalog/sources.ts';
import { joinPath } from '../../shared/names.ts';
import { seededRandom } from '../faults/random.ts';

/** A catalog as years of use would leave it, made without a file system and without stores. */
export interface MadeCatalog {
  readonly sourceId: number;
  /** The first and the last instant at which something was recorded. */
  readonly from: number;
  readonly until: number;
  /** The folder that holds a tenth of all files. */
  readonly crowded: string;
  /** A folder whose files, a fiftieth of all, were deleted half way. */
  readonly withdrawn: string;
  /** A folder in whose folders every file, a fiftieth of all, has ten versions. */
  readonly revised: string;
}

export const madeSource = 'institutional-repository';
const folders = { crowded: 'scans/everything', withdrawn: 'scans/withdrawn', revised: 'catalogued' };
const versionsOfRevised = 10;
const from = Date.UTC(2020, 0, 1);
const until = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const perTransaction = 5_000;

/** What a catalog of this kind is, once it is there. */
export function describeMade(catalog: Catalog): MadeCatalog {
  return { sourceId: catalog.sources.get(madeSource).id, from, until, ...folders };
}

/**
 * Makes the catalog by the same calls that a run makes: names of a library's files, one copy each in one store.
 *
 * @param files how many files are there in the end or were deleted; their names depend on nothing else.
 */
export function makeCatalog(home: string, files: number): void {
  const clock = { now: () => from };
  const catalog = openCatalog({ home, clock, mode: 'write' });
  try {
    const store = catalog.stores.add('copies', { kind: 'folder', path: '/nowhere/copies' }, false);
    const source = catalog.sources.add({
      name: madeSource,
      root: '/nowhere/source',
      rules: plainRules,
      mounted: false,
    });
    catalog.sources.attach(source, store);
    const runId = catalog.runs.begin(source.id);
    new Recorder(catalog, source.id, store.id, runId).recordAll(files);
    catalog.runs.end(runId, 'done', {
      ...{ seen: files, added: files, changed: 0, deleted: 0, moved: 0, unchanged: 0, skipped: 0, failed: 0 },
      stores: [],
    });
  } finally {
    catalog.close();
  }
}

class Recorder {
  readonly #catalog: Catalog;
  readonly #sourceId: number;
  readonly #storeId: number;
  readonly #runId: number;
  readonly #random = seededRandom(2026);
  #recorded = 0;

  constructor(catalog: Catalog, sourceId: number, storeId: number, runId: number) {
    this.#catalog = catalog;
    this.#sourceId = sourceId;
    this.#storeId = storeId;
    this.#runId = runId;
  }

  recordAll(files: number): void {
    const crowd = Math.ceil(files / 10);
    const few = Math.ceil(files / 50);
    this.#many(crowd, (at) => this.#record(folders.crowded, `scan-${pad(at, 6)}.tif`, from));
    this.#many(few, (at) => {
      const fileId = this.#record(folders.withdrawn, `proof-${pad(at, 6)}.pdf`, from);
      this.#delete(fileId, (from + until) / 2);
    });
    this.#many(few, (at) => {
      for (let number = 0; number < versionsOfRevised; number += 1) {
        const when = from + ((until - from) / versionsOfRevised) * number + this.#below(1000) * hour;
        this.#record(
          joinPath(folders.revised, `list-${pad(Math.floor(at / 100), 4)}`),
          `entry-${pad(at, 6)}.xml`,
          when,
        );
      }
    });
    let left = files - crowd - 2 * few;
    for (let folder = 0; left > 0; folder += 1) {
      // Most folders are small, some hold hundreds.
      const inside = Math.min(left, 1 + Math.floor(this.#random() ** 4 * 400));
      const { path, names } = ordinaryFolder(folder, this.#random);
      const when = from + Math.floor(((until - from) * folder) / (files / 60));
      this.#many(inside, (at) => this.#record(path, names(at), Math.min(when, until)));
      left -= inside;
    }
  }

  #many(count: number, record: (at: number) => void): void {
    for (let begin = 0; begin < count; begin += perTransaction) {
      this.#catalog.transaction(() => {
        for (let at = begin; at < Math.min(count, begin + perTransaction); at += 1) record(at);
      });
    }
  }

  #record(folder: string, name: string, at: number): number {
    const { files, copies } = this.#catalog;
    this.#recorded += 1;
    const size = 1000 + this.#below(5_000_000);
    const sha256 = createHash('sha256').update(String(this.#recorded)).digest('hex');
    const mode = 0o644;
    const { fileId, versionId } = files.recordVersion(this.#sourceId, {
      folderId: files.ensureFolder(this.#sourceId, folder, from),
      name,
      facts: { sha256, size, mtimeNs: BigInt(at) * 1_000_000n, mode },
      stat: { size, mtimeUs: at * 1000, ctimeUs: at * 1000, inode: this.#recorded, mode },
      at,
      movedFrom: undefined,
      runId: this.#runId,
    });
    copies.stored(versionId, this.#storeId, `${folder}/${name}`, at);
    return fileId;
  }

  #delete(fileId: number, at: number): void {
    const { files, copies } = this.#catalog;
    files.recordTombstone(this.#sourceId, fileId, at, this.#runId);
    const [pending] = copies.pending(this.#sourceId, this.#storeId, 0, 1);
    if (pending !== undefined) copies.stored(pending.versionId, this.#storeId, '', at);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

const collections = ['mss', 'maps', 'photographs', 'incunabula', 'posters', 'letters', 'audio', 'newspapers'];
const subjects = ['history', 'physics', 'botany', 'geography', 'law', 'music', 'philosophy', 'economics', 'chemistry'];
const people = ['müller', 'garcía', 'novák', 'smith', 'nguyen', 'andersson', 'kowalski', 'rossi', 'özdemir', 'dubois'];
const kinds = ['dissertation', 'supplement', 'figures', 'dataset', 'abstract', 'corrigenda', 'appendix'];
const camera = ['DSC', 'IMG', 'Scan', 'MVI'];

/** A folder's path and how the files in it are named, as libraries and people do it. */
function ordinaryFolder(at: number, random: () => number): { path: string; names: (file: number) => string } {
  const pick = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? '';
  const year = 1990 + Math.floor(random() * 36);
  switch (at % 4) {
    case 0: {
      const collection = pick(collections);
      const path = `collections/${collection}/${collection}-${pad(at % 900, 4)}/box-${pad(at % 120, 3)}/folder-${pad(at, 5)}`;
      return { path, names: (file) => `page-${pad(file + 1, 4)}.tif` };
    }
    case 1: {
      const [person, subject] = [pick(people), pick(subjects)];
      const path = `theses/${year}/${subject}/${person}-${pad(at, 5)}`;
      return { path, names: (file) => `${person}-${kinds[file % kinds.length] ?? ''}-${pad(file, 3)}-final.pdf` };
    }
    case 2: {
      const maker = pick(camera);
      const path = `Photographs ${year}/Event ${pad(at, 5)}`;
      return { path, names: (file) => `${maker}_${pad((at * 37 + file) % 10_000, 4)}.JPG` };
    }
    default: {
      const subject = pick(subjects);
      const path = `research-data/${subject}/project-${pad(at, 5)}/raw`;
      return { path, names: (file) => `measurement_${year}_${pad(file, 4)}_${subject.slice(0, 3)}.csv` };
    }
  }
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0');
}
