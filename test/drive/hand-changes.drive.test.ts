import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import { assertSameTree, filesOf, hour, readTree, type BenchOptions } from '../engine/kit.ts';
import { DriveBench } from './bench.ts';
import { startDriveLab, type DriveLab } from './lab.ts';

/** What people change by hand in Drive is found by the next run that asks, and put right by it. */

const files = {
  'box/a.txt': 'a',
  'box/b.txt': 'b',
  'box/deep/c.txt': 'c',
  'other/d.txt': 'd',
};

async function setUp(
  t: TestContext,
  options: BenchOptions = { files },
  where: 'my-drive' | 'shared-drive' = 'my-drive',
): Promise<{ lab: DriveLab; drive: DriveBench }> {
  const lab = await startDriveLab(where);
  t.after(() => lab.close());
  const drive = await DriveBench.create(t, lab, options);
  await drive.bench.syncDone();
  return { lab, drive };
}

/** The id in Drive of a file's current copy. */
function idOf({ bench }: DriveBench, path: string): string {
  const versionId = bench.versions(path).at(-1)?.versionId ?? -1;
  return requireLocator(bench.engine.catalog.copies.ofVersion(versionId)[0]?.locator ?? '').fileId;
}

/** What Drive shows below the folder of the source, in its own page. */
function shown(lab: DriveLab): Map<string, string> {
  const { state } = lab.emulator;
  const top = lab.spec.folder === 'root' ? state.rootId : lab.spec.folder;
  const marker = '/files/source/';
  return new Map(
    state
      .tree(top)
      .filter(({ path, item }) => path.includes(marker) && !item.mimeType.startsWith('application/vnd.google-apps.'))
      .map(({ path, item }) => [path.slice(path.indexOf(marker) + marker.length), state.content(item.id).toString()]),
  );
}

function assertShown(lab: DriveLab, expected: Readonly<Record<string, string>>): void {
  assert.deepEqual([...shown(lab)].sort(), Object.entries(expected).sort());
}

/** Events of what was found by hand, oldest first. */
function told({ bench }: DriveBench): string[] {
  return bench.engine.catalog.events
    .latest(1000)
    .filter(({ kind }) => ['copy-foreign', 'fixity-failed', 'changes-missed'].includes(kind))
    .map(({ kind, path, detail }) => {
      const what = [detail['change'], detail['thing'], detail['found']].filter((part) => typeof part === 'string');
      const where = path ?? (typeof detail['path'] === 'string' ? detail['path'] : '');
      return [kind, ...what, where].join(' ').trim();
    })
    .reverse();
}

async function requests(lab: DriveLab, work: () => Promise<unknown>): Promise<number> {
  const before = lab.emulator.requests.count();
  await work();
  return lab.emulator.requests.count() - before;
}

for (const where of ['my-drive', 'shared-drive'] as const) {
  test(`a run without changes costs one request when it is time to ask, and none before (${where})`, async (t) => {
    const { lab, drive } = await setUp(t, { files }, where);
    assert.equal(await requests(lab, () => drive.bench.syncDone()), 0, 'a minute later');
    for (let round = 0; round < 3; round += 1) {
      drive.bench.clock.advance(hour / 2);
      assert.equal(await requests(lab, () => drive.bench.syncDone()), 1, 'half an hour later');
      assert.equal(await requests(lab, () => drive.bench.syncDone()), 0, 'again a minute later');
    }
    await drive.reopen();
    drive.bench.clock.advance(hour / 2);
    assert.equal(await requests(lab, () => drive.bench.syncDone()), 1, 'in a new process');
    assert.deepEqual(told(drive), []);
  });
}

test('own writes of every kind leave nothing to be told, and the next run costs one request', async (t) => {
  const { lab, drive } = await setUp(t);
  const { bench } = drive;
  bench.write('box/a.txt', 'a2');
  bench.write('new/e.txt', 'e');
  bench.move('box/b.txt', 'moved/b.txt');
  bench.remove('other/d.txt');
  await bench.syncDone();
  bench.write('box/a.txt', 'a3');
  bench.move('moved/b.txt', 'box/b.txt');
  bench.write('other/d.txt', 'd again');
  await bench.syncDone();
  await drive.reopen();
  bench.clock.advance(hour / 2);
  assert.equal(await requests(lab, () => bench.syncDone()), 1);
  // From the very beginning, as a process would that was killed before it could read on.
  const store = await lab.open();
  const { token } = await store.changesByHand(undefined, new AbortController().signal);
  const first = token.replace(/\d+$/, '1');
  const { items } = await store.changesByHand(first, new AbortController().signal);
  await store.close();
  assert.deepEqual(
    items.filter(({ kind, source }) => kind !== 'removed' || source !== undefined),
    [],
  );
  assert.deepEqual(told(drive), []);
});

test('what was edited, renamed, moved, trashed and removed by hand is told once and put right by the same run', async (t) => {
  const { lab, drive } = await setUp(t, {
    files: { ...files, 'e.txt': 'e', 'f.txt': 'f', 'other/g.txt': 'g' },
  });
  const { state } = lab.emulator;
  const { bench } = drive;
  const byHand = idOf(drive, 'box/a.txt');
  state.editContent(byHand, 'by hand');
  state.rename(idOf(drive, 'box/b.txt'), 'renamed.txt');
  state.move(idOf(drive, 'box/deep/c.txt'), state.rootId);
  state.trash(idOf(drive, 'other/d.txt'));
  state.deleteForEver(idOf(drive, 'e.txt'));
  state.editContent(idOf(drive, 'f.txt'), 'by hand too');
  state.move(idOf(drive, 'f.txt'), state.rootId);

  assert.equal((await bench.syncDone()).summary.stores[0]?.copied, 0, 'it was not yet time to ask');
  bench.clock.advance(hour / 2);
  const uploads = lab.emulator.requests.entries.filter(({ path }) => path.startsWith('/upload/')).length;
  await bench.syncDone();
  assert.deepEqual(told(drive).sort(), [
    'copy-foreign edited file box/a.txt',
    'copy-foreign edited file f.txt',
    'copy-foreign moved file box/b.txt',
    'copy-foreign moved file box/deep/c.txt',
    'copy-foreign trashed file other/d.txt',
    'fixity-failed missing e.txt',
  ]);
  assertShown(lab, { ...files, 'e.txt': 'e', 'f.txt': 'f', 'other/g.txt': 'g' });
  const sent = lab.emulator.requests.entries.filter(({ path }) => path.startsWith('/upload/')).length - uploads;
  // Three files, the journal, and the lease three times at most: what was only moved is not sent again.
  assert.ok(sent <= 3 + 4, `${sent} uploads`);
  assert.ok(state.revisions(byHand).some((revision) => revision.content.bytes().toString() === 'by hand'));
  assertSameTree(filesOf((await bench.restore({ from: 'drive' })).tree), filesOf(readTree(bench.root)), 'restored');

  const before = told(drive).length;
  bench.clock.advance(hour / 2);
  assert.equal(await requests(lab, () => bench.syncDone()), 1, 'what was put right is told no more');
  assert.equal(told(drive).length, before);
  const verified = await bench.engine.verify(bench.source, bench.store('drive'), {
    deep: true,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  assert.deepEqual(verified.bad, []);
  assert.deepEqual(verified.foreign, []);
});

test('what was moved or replaced by hand and changes in the source before it is put right stays restorable', async (t) => {
  const { lab, drive } = await setUp(t);
  const { bench } = drive;
  lab.emulator.state.rename(idOf(drive, 'box/a.txt'), 'renamed.txt');
  lab.emulator.state.editContent(idOf(drive, 'box/b.txt'), 'by hand');
  lab.emulator.state.move(idOf(drive, 'other/d.txt'), lab.emulator.state.rootId);
  bench.write('box/a.txt', 'a2');
  bench.write('box/b.txt', 'b2');
  bench.remove('other/d.txt');
  bench.clock.advance(hour / 2);
  await bench.syncDone();
  const events = bench.events();
  assert.ok(!events.includes('copy-lost-before-replication'));
  for (const [path, text] of Object.entries(files)) {
    const { result, into } = await bench.restore({ path, number: 1, from: 'drive' });
    assert.deepEqual(result.failed, []);
    assert.equal(fs.readFileSync(`${into}/${path.split('/').at(-1) ?? ''}`, 'utf8'), text);
  }
  assertShown(lab, { 'box/a.txt': 'a2', 'box/b.txt': 'b2', 'box/deep/c.txt': 'c' });
});

test('folders that people rename, move, trash or delete for good come back with all that lies in them', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`many/${index % 4}/${index}.txt`, `${index}`]),
  );
  for (const mess of ['rename', 'move', 'trash', 'delete'] as const) {
    await t.test(mess, async (part) => {
      const { lab, drive } = await setUp(part, { files: { ...files, ...many } });
      const { state } = lab.emulator;
      const folder = state.item(state.item(idOf(drive, 'many/0/0.txt')).parent ?? '').parent ?? '';
      if (mess === 'rename') state.rename(folder, 'renamed');
      else if (mess === 'move') state.move(folder, state.rootId);
      else if (mess === 'trash') state.trash(folder);
      else state.deleteForEver(folder);
      drive.bench.clock.advance(hour / 2);
      const { summary } = await drive.bench.syncDone();
      assertShown(lab, { ...files, ...many });
      if (mess === 'delete') assert.equal(told(drive).filter((line) => line.startsWith('fixity-failed')).length, 40);
      else {
        const now = { rename: 'moved folder renamed', move: 'moved folder', trash: 'trashed folder many' }[mess];
        assert.deepEqual(told(drive), [`copy-foreign ${now}`]);
        // Of what was only moved, nothing is sent again but the journal.
        assert.equal(lab.emulator.state.revisions(idOf(drive, 'many/0/0.txt')).length, 1);
        assert.equal(summary.stores[0]?.copied, mess === 'trash' ? 0 : 40);
      }
      drive.bench.clock.advance(hour / 2);
      // That a folder came back from the trash is in the feed too, and is looked at once.
      const atMost = mess === 'trash' ? 3 : 1;
      assert.ok((await requests(lab, () => drive.bench.syncDone())) <= atMost);
      drive.bench.clock.advance(hour / 2);
      assert.equal(await requests(lab, () => drive.bench.syncDone()), 1);
    });
  }
});

test('what was superseded or deleted and trashed by hand is taken out of the trash before Google empties it', async (t) => {
  const { lab, drive } = await setUp(t);
  const { bench } = drive;
  const id = idOf(drive, 'other/d.txt');
  bench.remove('other/d.txt');
  await bench.syncDone();
  lab.emulator.state.trash(id);
  bench.clock.advance(hour / 2);
  await bench.syncDone();
  assert.deepEqual(told(drive), ['copy-foreign trashed file other/d.txt']);
  lab.emulator.clock.advance({ days: 60 });
  const { tree } = await bench.restore({ path: 'other/d.txt', number: 1 });
  assert.ok(tree.has('d.txt'));
});

test("the store's own folder in the trash comes back, and nothing is sent again", async (t) => {
  const { lab, drive } = await setUp(t);
  const { state } = lab.emulator;
  const top = state.tree(state.rootId).find(({ path }) => path === 'Strongroom/ä+b')?.item.id ?? '';
  state.trash(top);
  await drive.reopen();
  drive.bench.clock.advance(hour / 2);
  await drive.bench.syncDone();
  lab.emulator.clock.advance({ days: 60 });
  assertShown(lab, files);
});

test("people's own files, documents, links and folders are told once and never touched", async (t) => {
  const { lab, drive } = await setUp(t);
  const { state } = lab.emulator;
  const parent = state.item(idOf(drive, 'box/a.txt')).parent ?? '';
  const own = [
    state.createFile('a.txt', "people's", { parent }),
    state.createNativeDocument('minutes', 'text', { parent }),
    state.createShortcut('link', idOf(drive, 'box/b.txt'), { parent }),
    state.createFolder('theirs', { parent }),
  ];
  state.createFile('elsewhere.txt', 'x');
  drive.bench.clock.advance(hour / 2);
  await drive.bench.syncDone();
  const expected = [
    'copy-foreign added document box/minutes',
    'copy-foreign added file box/a.txt',
    'copy-foreign added folder box/theirs',
    'copy-foreign added link box/link',
  ];
  assert.deepEqual(told(drive).sort(), expected);
  state.editContent(own[1] ?? '', 'more text');
  state.editContent(own[0] ?? '', "people's, later");
  drive.bench.write('box/a.txt', 'ours, later');
  drive.bench.clock.advance(hour / 2);
  await drive.bench.syncDone();
  assert.deepEqual(told(drive).sort(), expected);
  assert.equal(state.content(own[0] ?? '').toString(), "people's, later");
  for (const id of own)
    assert.ok(state.has(id) && state.item(id).trashedAt === undefined && state.item(id).parent === parent);
});

test('a token that Drive does not take any more begins afresh, and says what only an audit finds', async (t) => {
  const { lab, drive } = await setUp(t);
  const { bench } = drive;
  const { stores } = bench.engine.catalog;
  for (const spoil of ['unreadable', (stores.changesToken(bench.store('drive').id) ?? '').replace(/\d+$/, 'x')]) {
    stores.setChangesToken(bench.store('drive').id, spoil);
    bench.clock.advance(hour / 2);
    await bench.syncDone();
    assert.match(stores.changesToken(bench.store('drive').id) ?? '', /^\S+ - \d+$/);
  }
  assert.deepEqual(told(drive), ['changes-missed', 'changes-missed']);
  lab.emulator.state.rename(idOf(drive, 'box/a.txt'), 'x');
  bench.clock.advance(hour / 2);
  await bench.syncDone();
  assertShown(lab, files);
  assert.equal(bench.notices.length, 3);
  assert.match(bench.notices[0] ?? '', /does not tell any more .*strongroom verify --store drive/);
  assert.match(bench.notices[2] ?? '', /people changed 1 file of Strongroom's, which the next copying puts right/);
});

test('a run goes on while the feed cannot be read, and reads it the next time', async (t) => {
  const { lab, drive } = await setUp(t);
  const { bench } = drive;
  lab.emulator.state.rename(idOf(drive, 'box/a.txt'), 'x');
  const fault = lab.emulator.faults.add({
    fault: { kind: 'refuse', status: 503 },
    id: 'drive.changes.list',
    times: Infinity,
  });
  bench.clock.advance(hour / 2);
  await bench.syncDone();
  assert.deepEqual(told(drive), []);
  fault.remove();
  await bench.syncDone();
  assert.deepEqual(told(drive), ['copy-foreign moved file box/a.txt']);
  assertShown(lab, files);
});

test('another store in the same Drive is none of its business, whatever becomes of what lies there', async (t) => {
  const { lab, drive } = await setUp(t);
  const { state } = lab.emulator;
  const other = await DriveBench.create(t, lab, { files: { ...files, 'x.txt': 'x' }, path: 'Other' });
  await other.bench.syncDone();
  const id = idOf(other, 'box/a.txt');
  state.trash(id);
  state.rename(state.item(idOf(other, 'box/deep/c.txt')).parent ?? '', 'renamed');
  state.rename(idOf(other, 'other/d.txt'), 'renamed');
  state.deleteForEver(idOf(other, 'x.txt'));
  drive.bench.clock.advance(hour / 2);
  await drive.bench.syncDone();
  assert.deepEqual(told(drive), []);
  assert.ok(state.item(id).trashedAt !== undefined);
  other.bench.clock.advance(hour / 2);
  await other.bench.syncDone();
  assert.equal(told(other).length, 4);
  assert.ok(state.item(id).trashedAt === undefined);
});

test('what people take out of the shared drive is put there once more, and its older versions are read where it is', async (t) => {
  const { lab, drive } = await setUp(t, { files }, 'shared-drive');
  const { bench } = drive;
  const { state } = lab.emulator;
  bench.write('box/a.txt', 'a2');
  await bench.syncDone();
  const taken = idOf(drive, 'box/a.txt');
  state.move(taken, state.rootId);
  bench.clock.advance(hour / 2);
  await bench.syncDone();
  assert.deepEqual(told(drive), ['copy-foreign moved file box/a.txt']);
  assertShown(lab, { ...files, 'box/a.txt': 'a2' });
  assert.equal(state.item(taken).parent, state.rootId);
  for (const number of [1, 2]) {
    const { result } = await bench.restore({ path: 'box/a.txt', number, from: 'drive' });
    assert.deepEqual(result.failed, []);
  }
  bench.clock.advance(hour / 2);
  assert.equal(await requests(lab, () => bench.syncDone()), 1);
});
