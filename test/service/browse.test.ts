import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { listSort, type ListRow, type ListSort } from '../../shared/contract/shapes.ts';
import { folderOf, joinPath } from '../../shared/names.ts';
import { webPageOf } from '../../electron/engine/stores/web-pages.ts';
import { minute, type Bench } from '../engine/kit.ts';
import { seededRandom } from '../faults/random.ts';
import { Desk, problemOf } from './browse/kit.ts';

const now = { source: 'source', at: null, deleted: false, sort: 'name', descending: false } as const;
const day = 86_400_000;

function names(rows: readonly ListRow[]): string[] {
  return rows.map(({ kind, name, deleted }) => `${deleted ? '-' : ''}${name}${kind === 'folder' ? '/' : ''}`);
}

test('a folder lists folders first, names as people expect them, and tells of each file what there is to tell', async (t) => {
  const desk = await Desk.create(t, {
    stores: ['disk', 'shelf'],
    files: {
      'page 10.tif': 'ten',
      'page 2.tif': 'two!',
      'Page 1.tif': 'one',
      'über.txt': 'u',
      'zebra.txt': 'z',
      'Anhang.txt': 'a',
      'sub/x.txt': 'x',
      'box 12/y.txt': 'y',
      'box 3/z.txt': 'z',
    },
  });
  await desk.bench.syncDone();
  desk.bench.write('page 2.tif', 'second', 1_700_000_000);
  const seen = desk.bench.clock.now() + minute;
  await desk.bench.syncDone();
  const { rows, ...totals } = await desk.client.browse.list({ ...now, path: '', offset: 0, limit: 100 });
  assert.deepEqual(names(rows), [
    'box 3/',
    'box 12/',
    'sub/',
    'Anhang.txt',
    'Page 1.tif',
    'page 2.tif',
    'page 10.tif',
    'über.txt',
    'zebra.txt',
  ]);
  assert.deepEqual(totals, { total: 9, files: 6, bytes: 15 });
  assert.deepEqual(
    rows.find(({ name }) => name === 'page 2.tif'),
    {
      kind: 'file',
      name: 'page 2.tif',
      path: 'page 2.tif',
      deleted: false,
      size: 6,
      mtime: 1_700_000_000_000,
      version: 2,
      versions: 2,
      firstSeen: seen,
      copied: true,
    },
  );
  const bySize = await desk.client.browse.list({
    ...now,
    path: '',
    sort: 'size',
    descending: true,
    offset: 0,
    limit: 5,
  });
  assert.deepEqual(names(bySize.rows), ['box 3/', 'box 12/', 'sub/', 'page 2.tif', 'Page 1.tif']);
  const byTime = await desk.client.browse.list({
    ...now,
    path: '',
    sort: 'mtime',
    descending: false,
    offset: 3,
    limit: 1,
  });
  assert.deepEqual(names(byTime.rows), ['page 2.tif']);
});

test('a file counts as copied only when every store of the source has it', async (t) => {
  const desk = await Desk.create(t, { stores: ['disk', 'shelf'], files: { 'a.txt': 'a' } });
  await desk.bench.syncDone();
  fs.rmSync(desk.bench.storeFolder('shelf'), { recursive: true });
  desk.bench.write('b.txt', 'b');
  await desk.bench.sync();
  const { rows } = await desk.client.browse.list({ ...now, path: '', offset: 0, limit: 10 });
  assert.deepEqual(
    rows.map((row) => [row.name, row.kind === 'file' && row.copied]),
    [
      ['a.txt', true],
      ['b.txt', false],
    ],
  );
});

test('by versions and by copies: folders stay first by name, what is equal stays by name, and another copy is noticed', async (t) => {
  const desk = await Desk.create(t, {
    stores: ['disk', 'shelf'],
    files: { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c', 'd.txt': 'd', 'box 10/x.txt': 'x', 'box 9/y.txt': 'y' },
  });
  const { bench, client } = desk;
  await bench.syncDone();
  const early = bench.clock.now();
  for (const text of ['second', 'third']) {
    bench.write('c.txt', text);
    await bench.syncDone();
  }
  bench.write('b.txt', 'second');
  bench.remove('d.txt');
  await bench.syncDone();
  const list = async (sort: ListSort, descending: boolean, at: number | null = null, deleted = false) =>
    names((await client.browse.list({ ...now, path: '', sort, descending, at, deleted, offset: 0, limit: 10 })).rows);
  const folders = ['box 9/', 'box 10/'];
  assert.deepEqual(await list('versions', true), [...folders, 'c.txt', 'b.txt', 'a.txt']);
  assert.deepEqual(await list('versions', false), [...folders, 'a.txt', 'b.txt', 'c.txt']);
  // As shown: all versions that there ever were, and a deletion is none.
  assert.deepEqual(await list('versions', true, early), [...folders, 'c.txt', 'b.txt', 'a.txt', 'd.txt']);
  assert.deepEqual(await list('versions', false, null, true), [...folders, 'a.txt', '-d.txt', 'b.txt', 'c.txt']);
  assert.deepEqual(await list('copies', false), [...folders, 'a.txt', 'b.txt', 'c.txt']);

  const shelf = bench.storeFolder('shelf');
  fs.renameSync(shelf, `${shelf} away`);
  bench.write('c.txt', 'fourth, not on the shelf');
  await bench.sync();
  assert.deepEqual(await list('copies', false), [...folders, 'c.txt', 'a.txt', 'b.txt']);
  assert.deepEqual(await list('copies', true), [...folders, 'a.txt', 'b.txt', 'c.txt']);
  assert.deepEqual(await list('copies', false, early), [...folders, 'a.txt', 'b.txt', 'c.txt', 'd.txt']);
  fs.renameSync(`${shelf} away`, shelf);
  // No version is recorded, only the copy.
  await bench.syncDone();
  assert.deepEqual(await list('copies', false), [...folders, 'a.txt', 'b.txt', 'c.txt']);
});

test('what is gone is shown on request, with the last version that it had, and as of any moment', async (t) => {
  const desk = await Desk.create(t, { files: { 'kept.txt': 'k', 'gone.txt': 'first', 'old/deep/x.txt': 'x' } });
  await desk.bench.syncDone();
  const first = desk.bench.clock.now();
  desk.bench.write('gone.txt', 'second, longer');
  await desk.bench.syncDone();
  desk.bench.remove('gone.txt');
  desk.bench.remove('old');
  await desk.bench.syncDone();
  const list = async (at: number | null, deleted: boolean, path = ''): Promise<ListRow[]> =>
    (await desk.client.browse.list({ ...now, at, deleted, path, offset: 0, limit: 100 })).rows;
  assert.deepEqual(names(await list(null, false)), ['kept.txt']);
  assert.deepEqual(names(await list(null, true)), ['-old/', '-gone.txt', 'kept.txt']);
  const gone = (await list(null, true)).find(({ name }) => name === 'gone.txt');
  assert.equal(gone?.kind === 'file' && gone.version, 2);
  assert.equal(gone?.kind === 'file' && gone.size, 14);
  assert.equal(gone?.kind === 'file' && gone.versions, 2);
  assert.deepEqual(names(await list(first, true)), ['old/', 'gone.txt', 'kept.txt']);
  assert.deepEqual(names(await list(first - 1, true)), []);
  assert.deepEqual(names(await list(null, false, 'old/deep')), []);
  assert.deepEqual(names(await list(null, true, 'old/deep')), ['-x.txt']);
  assert.deepEqual(names(await list(first, false, 'old/deep')), ['x.txt']);
  const tree = (at: number | null, deleted: boolean) =>
    desk.client.browse.folders({ source: 'source', path: '', at, deleted });
  assert.deepEqual(await tree(null, false), []);
  assert.deepEqual(await tree(null, true), [{ name: 'old', path: 'old', deleted: true, hasFolders: true }]);
  assert.deepEqual(await tree(first, false), [{ name: 'old', path: 'old', deleted: false, hasFolders: true }]);
});

test('what the catalog never knew is refused in words', async (t) => {
  const desk = await Desk.create(t);
  await desk.bench.syncDone();
  const list = (source: string, path: string) =>
    problemOf(desk.client.browse.list({ ...now, source, path, offset: 0, limit: 1 }));
  assert.equal((await list('nothing', '')).code, 'unknown-name');
  assert.equal((await list('source', '../../etc')).code, 'unknown-name');
  assert.equal((await list('source', 'first.txt')).code, 'unknown-name');
  assert.equal((await problemOf(desk.client.browse.file({ source: 'source', path: '' }))).code, 'unknown-name');
  const wrong = desk.client.browse.list({ ...now, path: '', offset: -1, limit: 1 });
  assert.equal((await problemOf(wrong)).code, 'usage');
});

test('random histories: every page as of every moment is what the engine itself says was there', async (t) => {
  const seed = Number(process.env['STRONGROOM_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const desk = await Desk.create(t, { files: { 'a 1.txt': '1' } });
  const { bench } = desk;
  const folders = ['', 'sub', 'sub/deeper', 'Ärger', '日本'];
  const moments: number[] = [bench.clock.now()];
  for (let run = 0; run < 12; run += 1) {
    for (let step = 0; step < 6; step += 1) {
      const path = joinPath(
        folders[below(folders.length)] ?? '',
        `${['a', 'B', 'é'][below(3)] ?? ''} ${below(12)}.txt`,
      );
      const there = fs.existsSync(bench.at(path));
      if (there && random() < 0.35) bench.remove(path);
      else if (!fs.existsSync(bench.at(folderOf(path))) || fs.statSync(bench.at(folderOf(path))).isDirectory())
        bench.write(path, 'x'.repeat(below(50)), 1_600_000_000 + below(1_000_000));
    }
    if (random() < 0.2) fs.rmSync(bench.at('sub'), { recursive: true, force: true });
    await bench.sync({ acceptChanges: true });
    moments.push(bench.clock.now());
    // Asked while the history grows, so that whatever is kept of it must notice.
    await compare(desk, moments[below(moments.length)] ?? 0, folders, random);
    await compare(desk, null, folders, random);
  }
  for (const moment of moments) await compare(desk, moment, folders, random);
  await compareChanges(desk, folders);
});

async function compare(desk: Desk, at: number | null, folders: readonly string[], random: () => number): Promise<void> {
  const { bench, client } = desk;
  const when = at ?? bench.clock.now();
  for (const path of folders) {
    const known = bench.engine.catalog.browse.folderId(bench.source.id, path);
    if (known === undefined) continue;
    const sort = listSort.options[Math.floor(random() * listSort.options.length)] ?? 'name';
    const view = { ...now, at, path, sort, descending: random() < 0.5 };
    const whole = await client.browse.list({ ...view, offset: 0, limit: 1_000 });
    assert.equal(whole.total, whole.rows.length);
    assert.deepEqual(
      whole.rows.map(({ path: full }) => full).sort(),
      [
        ...bench.engine.catalog.browse.folders(known, when).map(({ name }) => joinPath(path, name)),
        ...bench.engine.catalog.browse.files(known, when).map(({ name }) => joinPath(path, name)),
      ].sort(),
    );
    const files = whole.rows.filter((row) => row.kind === 'file');
    assert.deepEqual([whole.files, whole.bytes], [files.length, files.reduce((sum, { size }) => sum + size, 0)]);
    for (const file of files) {
      const model = bench.engine.catalog.browse.fileAt(
        bench.engine.catalog.browse.fileId(bench.source.id, file.path) ?? 0,
        when,
      );
      assert.deepEqual([file.version, file.size], [model?.number, model?.size]);
    }
    if (sort !== 'name') {
      const values = files.map((row) => (sort === 'copies' ? Number(row.copied) : row[sort]));
      const sorted = [...values].sort((left, right) => (view.descending ? right - left : left - right));
      assert.deepEqual(values, sorted);
    }
    const limit = 1 + Math.floor(random() * 4);
    const paged: ListRow[] = [];
    for (let offset = 0; offset < whole.total; offset += limit)
      paged.push(...(await client.browse.list({ ...view, offset, limit })).rows);
    assert.deepEqual(paged, whole.rows);
    const withGone = await client.browse.list({ ...view, deleted: true, offset: 0, limit: 1_000 });
    assert.deepEqual(
      withGone.rows.filter(({ deleted }) => !deleted),
      whole.rows,
    );
  }
}

async function compareChanges(desk: Desk, folders: readonly string[]): Promise<void> {
  const { bench, client } = desk;
  for (const path of folders) {
    const told = await client.browse.changes({ source: 'source', path, timeZone: 'Asia/Kolkata' });
    const model = { added: 0, changed: 0, deleted: 0 };
    for (const one of everyPath(bench)) {
      if (path !== '' && !one.startsWith(`${path}/`)) continue;
      let there = false;
      for (const { sha256 } of bench.versions(one)) {
        if (sha256 === null) model.deleted += 1;
        else if (there) model.changed += 1;
        else model.added += 1;
        there = sha256 !== null;
      }
    }
    const sum = (what: 'added' | 'changed' | 'deleted'): number => told.reduce((all, one) => all + one[what], 0);
    assert.deepEqual({ added: sum('added'), changed: sum('changed'), deleted: sum('deleted') }, model, path);
  }
}

/** Every path that there ever was. */
function everyPath(bench: Bench): string[] {
  return bench.engine.catalog.search.ranked('.txt', 10_000).found.map(({ path }) => path);
}

test('the days on which something happened begin at midnight where the asker is', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a', 'sub/b.txt': 'b' } });
  const start = Date.UTC(2026, 0, 5);
  desk.bench.clock.advance(start + 22.5 * 60 * minute - minute - desk.bench.clock.now());
  await desk.bench.syncDone();
  desk.bench.clock.advance(2 * 60 * minute);
  desk.bench.write('a.txt', 'changed');
  desk.bench.write('sub/c.txt', 'c');
  desk.bench.remove('sub/b.txt');
  await desk.bench.syncDone();
  const changes = (path: string, timeZone: string) => desk.client.browse.changes({ source: 'source', path, timeZone });
  assert.deepEqual(await changes('', 'UTC'), [
    { day: start, added: 2, changed: 0, deleted: 0 },
    { day: start + day, added: 1, changed: 1, deleted: 1 },
  ]);
  assert.deepEqual(await changes('', 'Africa/Johannesburg'), [
    { day: start + day - 120 * minute, added: 3, changed: 1, deleted: 1 },
  ]);
  assert.deepEqual(await changes('sub', 'America/New_York'), [
    { day: start + 300 * minute, added: 2, changed: 0, deleted: 1 },
  ]);
  assert.deepEqual(await changes('a.txt', 'UTC'), [
    { day: start, added: 1, changed: 0, deleted: 0 },
    { day: start + day, added: 0, changed: 1, deleted: 0 },
  ]);
});

test('search finds by name before by path, what is there before what is gone, and any number of characters', async (t) => {
  const desk = await Desk.create(t, {
    files: {
      'maps/atlas.pdf': 'atlas',
      'atlas notes/other.txt': 'o',
      'letters/old atlas.txt': 'old',
      'letters/Map of Kraków.tif': 'm',
      'letters/書簡.txt': 's',
      'letters/ÄRGER.txt': 'ä',
      '100%_real.txt': 'r',
      q: 'short',
    },
  });
  await desk.bench.syncDone();
  desk.bench.write('maps/atlas.pdf', 'atlas, second edition');
  await desk.bench.syncDone();
  desk.bench.remove('letters/old atlas.txt');
  await desk.bench.syncDone();
  const found = async (text: string, source?: string): Promise<string[]> => {
    const answer = await desk.client.browse.search({ text, limit: 20, ...(source === undefined ? {} : { source }) });
    return answer.found.map(({ path, present, kind }) => `${present ? '' : '-'}${path}${kind === 'folder' ? '/' : ''}`);
  };
  assert.deepEqual(await found('atlas'), [
    'maps/atlas.pdf',
    'atlas notes/',
    '-letters/old atlas.txt',
    'atlas notes/other.txt',
  ]);
  assert.deepEqual(await found('kraków map'), ['letters/Map of Kraków.tif']);
  assert.deepEqual(await found('krako\u0301w'), ['letters/Map of Kraków.tif']);
  assert.deepEqual(await found('書'), ['letters/書簡.txt']);
  assert.deepEqual(await found('är'), ['letters/ÄRGER.txt']);
  assert.deepEqual(await found('%_'), ['100%_real.txt']);
  assert.deepEqual(await found('q'), ['q']);
  assert.deepEqual(await found('ters/書'), ['letters/書簡.txt']);
  assert.deepEqual(await found('zz'), []);
  assert.deepEqual(await found('   '), []);
  assert.deepEqual(await found('"\'; DROP TABLE files; --'), []);
  assert.equal(
    (await problemOf(desk.client.browse.search({ text: 'a', limit: 1, source: 'other' }))).code,
    'unknown-name',
  );
  const [atlas] = (await desk.client.browse.search({ text: 'atlas', limit: 1 })).found;
  const ended = desk.bench.engine.catalog.runs.latest(1)[0]?.endedAt;
  assert.deepEqual(atlas, {
    source: 'source',
    path: 'maps/atlas.pdf',
    kind: 'file',
    present: true,
    size: 21,
    versions: 2,
    lastSeen: ended,
  });
  assert.equal((await desk.client.browse.search({ text: 'atlas', limit: 1 })).more, true);
  desk.bench.engine.catalog.sources.remove(desk.bench.source.id);
  assert.deepEqual(await found('atlas'), []);
});

test("a file's history tells its versions, where it came from and how each copy is", async (t) => {
  const desk = await Desk.create(t, { stores: ['disk', 'shelf'], files: { 'tape.wav': 'a long enough recording' } });
  await desk.bench.syncDone();
  desk.bench.move('tape.wav', 'sub/interview.wav');
  await desk.bench.syncDone();
  const moved = await desk.client.browse.file({ source: 'source', path: 'sub/interview.wav' });
  assert.equal(moved.present, true);
  assert.equal(moved.versions[0]?.movedFrom, 'tape.wav');
  assert.deepEqual(
    moved.versions[0].copies.map(({ store, kind, state, webUrl }) => [store, kind, state, webUrl]),
    [
      ['disk', 'folder', 'stored', null],
      ['shelf', 'folder', 'stored', null],
    ],
  );
  const old = await desk.client.browse.file({ source: 'source', path: 'tape.wav' });
  assert.equal(old.present, false);
  assert.deepEqual(
    old.versions.map(({ number, deleted, sha256, mtime, supersededAt }) => [
      number,
      deleted,
      sha256 === null,
      mtime === null,
      supersededAt === null,
    ]),
    [
      [1, false, false, false, false],
      [2, true, true, true, true],
    ],
  );
});

test('a copy in Drive or Amazon S3 has its page; one in a folder, on another server or of a deletion has none', () => {
  const place = { source: 'Scans & maps', path: 'box 1/ä?.tif' };
  const drive = { kind: 'drive', folder: 'root', path: '' } as const;
  const s3 = { kind: 's3', bucket: 'library', prefix: 'pre', region: 'eu-central-1' } as const;
  assert.equal(webPageOf(drive, { place, locator: 'abc_1 rev md5' }), 'https://drive.google.com/file/d/abc_1/view');
  assert.equal(webPageOf(drive, { place, locator: 'abc_1 deleted mark' }), undefined);
  assert.equal(
    webPageOf({ ...drive, endpoint: 'http://127.0.0.1:1/' }, { place, locator: 'abc_1 rev md5' }),
    undefined,
  );
  const page = new URL(webPageOf(s3, { place, locator: 'version etag' }) ?? '');
  assert.equal(page.origin, 'https://console.aws.amazon.com');
  assert.deepEqual(Object.fromEntries(page.searchParams), {
    prefix: 'pre/files/Scans & maps/box 1/ä?.tif',
    versionId: 'version',
    region: 'eu-central-1',
  });
  assert.equal(webPageOf({ ...s3, endpoint: 'https://ceph.example' }, { place, locator: 'version etag' }), undefined);
  assert.equal(webPageOf({ kind: 'folder', path: '/x' }, { place, locator: 'v0001' }), undefined);
});
