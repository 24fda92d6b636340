import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Catalog } from '../../../electron/engine/catalog/catalog.ts';
import { Connection } from '../../../electron/engine/catalog/database.ts';
import { catalogPath, openCatalog } from '../../../electron/engine/catalog/open.ts';
import { plainRules } from '../../../electron/engine/catalog/sources.ts';
import { folderOf, joinPath } from '../../../shared/names.ts';
import { madeSource } from '../../bench/make-catalog.ts';
import { atEnd, SetClock } from '../../engine/kit.ts';

/** A catalog written by hand, with a connection that reads beside it. */
export class Written {
  readonly clock = new SetClock();
  readonly catalog: Catalog;
  readonly reading: Connection;
  readonly sourceId: number;
  readonly storeId: number;
  readonly #runId: number;
  #recorded = 0;

  constructor(t: TestContext, home: string) {
    this.catalog = openCatalog({ home, clock: this.clock, mode: 'write' });
    atEnd(t, () => this.catalog.close());
    const { sources, stores } = this.catalog;
    const known = sources.find(madeSource);
    this.sourceId = (
      known ?? sources.add({ name: madeSource, root: '/nowhere', rules: plainRules, mounted: false })
    ).id;
    const store = stores.all()[0] ?? stores.add('copies', { kind: 'folder', path: '/nowhere/copies' }, false);
    sources.attach(sources.get(madeSource), store);
    this.storeId = store.id;
    this.#runId = this.catalog.runs.begin(this.sourceId);
    this.reading = new Connection(catalogPath(home), { readonly: true });
    atEnd(t, () => this.reading.close());
  }

  record(file: string, size: number, at: number): void {
    this.#recorded += 1;
    this.catalog.files.recordVersion(this.sourceId, {
      folderId: this.catalog.files.ensureFolder(this.sourceId, folderOf(file), at),
      name: file.slice(file.lastIndexOf('/') + 1),
      facts: { sha256: String(this.#recorded).padStart(64, '0'), size, mtimeNs: 0n, mode: 0o644 },
      stat: { size, mtimeUs: 0, ctimeUs: 0, inode: this.#recorded, mode: 0o644 },
      ...{ at, movedFrom: undefined, runId: this.#runId },
    });
  }

  remove(fileId: number, at: number): void {
    this.catalog.files.recordTombstone(this.sourceId, fileId, at, this.#runId);
  }

  /** The path of the file that was the so-manieth to be recorded. */
  pathOf(fileId: number): string {
    const row = this.reading.get<{ folder: string; name: string }>(
      'SELECT fo.path AS folder, f.name FROM files f JOIN folders fo ON fo.id = f.folder_id WHERE f.id = ?',
      fileId,
    );
    return joinPath(row?.folder ?? '', row?.name ?? '');
  }

  folder(name: string): number {
    return this.catalog.files.folderId(this.sourceId, name) ?? assert.fail(`no folder ${name}`);
  }
}
