import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Platform } from '../../electron/engine/platform/platform.ts';
import { checkFitness } from '../../electron/engine/scan/fitness.ts';
import { checkStorePlace } from '../../electron/engine/stores/folder/place.ts';
import { StrongroomError } from '../../shared/errors.ts';
import { assertCode, signal } from '../contract/support.ts';
import { Bench, readTree, tempFolder } from './kit.ts';

/** Invariant 1: a store is never put where something is protected, or beside what is not ours. */

test('a store in, around or at a source is refused before anything is written, by whatever way it is named', async (t) => {
  const bench = await Bench.create(t, { files: { 'a.txt': 'a', 'sub/b.txt': 'b' } });
  fs.symlinkSync(bench.root, path.join(bench.folder, 'link'));
  const before = readTree(bench.folder);
  const places = [
    bench.root,
    path.join(bench.root, 'sub'),
    path.join(bench.root, 'not', 'there', 'yet'),
    `${bench.root}${path.sep}`,
    path.join(bench.folder, 'link'),
    path.join(bench.folder, 'link', 'new'),
    bench.folder,
  ];
  for (const place of places) {
    const adding = bench.engine.addStore({ kind: 'folder', path: place }, { name: 'wrong', signal });
    assert.match((await assertCode(adding, 'source-overlaps')).message, /"source"/, place);
  }
  assert.deepEqual(filesAndFolders(readTree(bench.folder)), filesAndFolders(before));
  assert.equal(bench.engine.catalog.stores.find('wrong'), undefined);
});

test('a store is refused where it overlaps with the folder that is about to be protected', async (t) => {
  const bench = await Bench.create(t);
  const folder = path.join(bench.folder, 'Special Collections');
  fs.mkdirSync(folder);
  fs.symlinkSync(folder, path.join(bench.folder, 'other-way'));
  for (const place of [folder, path.join(folder, 'copies'), path.join(bench.folder, 'other-way', 'copies')]) {
    await assertCode(
      bench.engine.addStore({ kind: 'folder', path: place }, { name: 'wrong', protecting: folder, signal }),
      'source-overlaps',
    );
  }
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('two spellings of one folder are one where the system does not tell case apart', async (t) => {
  const folder = tempFolder(t);
  const source = { name: 'Scans', path: path.join(folder, 'Not There', 'Scans') };
  const store = path.join(folder, 'not there', 'scans', 'copies');
  for (const platform of ['darwin', 'win32'] as const)
    await assertCode(checkStorePlace(store, [source], platform), 'source-overlaps');
  await checkStorePlace(store, [source], 'linux');
  // Names that only begin alike are two folders.
  for (const platform of ['darwin', 'win32', 'linux'] as const)
    await checkStorePlace(`${source.path}-copies`, [source], platform);
});

test('a folder by another spelling, or by another way to it, is no second source', (t) => {
  const folder = tempFolder(t);
  const [scans, box] = [path.join(folder, 'Nachl\u00e4sse'), path.join(folder, 'Nachl\u00e4sse', 'Box')];
  fs.mkdirSync(box, { recursive: true });
  fs.writeFileSync(path.join(box, 'a.txt'), 'a');
  const source = (where: string) => [{ what: 'source' as const, name: 'Scans', path: where }];
  const refused = (asked: string, known: string, platform: Platform): RegExpExecArray | null => {
    try {
      checkFitness(asked, source(known), platform);
      return null;
    } catch (error) {
      assert.ok(error instanceof StrongroomError && error.code === 'source-overlaps');
      return / (is inside|contains) the source "Scans"/.exec(error.message);
    }
  };
  const capitals = path.join(folder, 'NACHL\u00c4SSE');
  const decomposed = scans.normalize('NFD');
  const said = (asked: string, known: string): (string | undefined)[] =>
    (['darwin', 'win32', 'linux'] as const).map((platform) => refused(asked, known, platform)?.[1]);
  assert.deepEqual(said(box, scans), ['is inside', 'is inside', 'is inside']);
  assert.deepEqual(said(box, capitals), ['is inside', 'is inside', undefined]);
  assert.deepEqual(said(scans, path.join(capitals, 'box')), ['contains', 'contains', undefined]);
  assert.deepEqual(said(scans, decomposed), ['is inside', undefined, undefined]);
  // Names that only begin alike are two folders.
  assert.deepEqual(said(scans, `${capitals} of others`), [undefined, undefined, undefined]);

  // Mounted in two places, or on a share whose server does not tell case apart: the system's number is the same.
  const elsewhere = path.join(folder, 'elsewhere');
  fs.mkdirSync(elsewhere);
  const stat = fs.statSync.bind(fs) as typeof fs.statSync;
  t.mock.method(fs, 'statSync', ((where: string, options: fs.StatSyncOptions) =>
    stat(where === elsewhere ? scans : where, options)) as typeof fs.statSync);
  assert.deepEqual(said(box, elsewhere), ['is inside', 'is inside', 'is inside']);
  assert.deepEqual(said(scans, path.join(elsewhere, 'Box')), ['contains', 'contains', 'contains']);
});

test('a folder that is not empty and no store is refused; what systems leave on a disk does not count', async (t) => {
  const bench = await Bench.create(t);
  const folder = path.join(bench.folder, 'photos');
  fs.mkdirSync(path.join(folder, 'files'), { recursive: true });
  const adding = (): Promise<unknown> => bench.engine.addStore({ kind: 'folder', path: folder }, { name: 'p', signal });
  const refused = await assertCode(adding(), 'usage');
  assert.match(refused.message, /is not empty \(“files” is in it/);
  assert.match(refused.advice ?? '', /photos\/Strongroom/);
  assert.deepEqual(fs.readdirSync(folder), ['files']);
  fs.rmdirSync(path.join(folder, 'files'));
  for (const name of ['lost+found', '.Trash-1000', 'System Volume Information']) fs.mkdirSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, '.DS_Store'), '');
  await adding();
  await bench.engine.removeStore(bench.store('p'));
  // Used before, with all that lies in it; also where a kill left the parts without the marker that is written last.
  await adding();
  await bench.engine.removeStore(bench.store('p'));
  fs.rmSync(path.join(folder, 'strongroom', 'store.json'));
  await adding();
});

test('the wizard’s way round: a source is refused in, around and at a store', async (t) => {
  const bench = await Bench.create(t);
  fs.writeFileSync(path.join(bench.storeFolder(), 'files', 'x'), 'x');
  for (const folder of [
    bench.storeFolder(),
    path.join(bench.storeFolder(), 'files'),
    path.join(bench.folder, 'stores'),
  ])
    assert.throws(() => bench.engine.addSource(folder, {}), { code: 'source-overlaps' });
});

function filesAndFolders(tree: ReturnType<typeof readTree>): string[] {
  return [...tree.keys()].filter((name) => !name.startsWith('home/'));
}
