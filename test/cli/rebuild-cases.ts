import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Desk, treeOf } from './kit.ts';

/** A store for a desk: its spec, and whether adding it needs more words. */
export interface CaseStore {
  readonly spec: string;
  /** Removes what Strongroom itself keeps beside the copies: journals and checkpoints. */
  readonly removeJournals: () => Promise<void>;
}

type Snapshot = ReturnType<typeof treeOf>;

/** A source whose file was changed three times and deleted, with the tree after each run. */
async function deskWithHistory(context: TestContext, makeStore: (desk: Desk) => Promise<CaseStore>) {
  const desk = Desk.make(context);
  const store = await makeStore(desk);
  const states: Snapshot[] = [];
  const step = async (change: () => void): Promise<void> => {
    change();
    const words = states.length === 0 ? ['protect', 'scans', '--to', store.spec, '--enable-versioning'] : ['sync'];
    await desk.text(words);
    states.push(treeOf(desk.at('scans')));
  };
  await step(() => {
    desk.write('scans/box/page.txt', 'one', 1_500_000_000.123456);
    desk.write('scans/box/Ümläut \u{1f4c4}.txt', 'stays', 1_400_000_000.654321);
    desk.write('scans/nothing.txt', '', 1_300_000_000);
    desk.write('scans/moved-later.bin', Buffer.alloc(300_000, 7), 1_200_000_000.25);
    fs.chmodSync(desk.at('scans/nothing.txt'), 0o640);
  });
  await step(() => desk.write('scans/box/page.txt', 'two', 1_500_000_100.5));
  await step(() => {
    desk.write('scans/box/page.txt', 'three', 1_500_000_200);
    fs.renameSync(desk.at('scans/moved-later.bin'), desk.at('scans/box/moved.bin'));
  });
  await step(() => fs.rmSync(desk.at('scans/box/page.txt')));
  return { desk, store, states };
}

/** Every version of every file, restored and compared with how the tree was. */
async function expectEveryVersion(desk: Desk, states: readonly Snapshot[], out: string): Promise<void> {
  for (const [index, content] of ['one', 'two', 'three'].entries()) {
    const folder = `${out}-page-${index + 1}`;
    await desk.json('restore', ['scans:box/page.txt', '--version', String(index + 1), '--into', folder]);
    assert.equal(desk.read(`${folder}/page.txt`), content);
    const expected = states[index]?.get('box/page.txt');
    assert.deepEqual(treeOf(desk.at(folder)).get('page.txt'), expected, 'byte for byte, with its time and mode');
  }
  await desk.json('restore', ['scans', '--into', `${out}-now`]);
  assert.deepEqual(treeOf(desk.at(`${out}-now`)), states.at(-1));
  await desk.json('restore', ['scans:moved-later.bin', '--version', '1', '--into', `${out}-moved`]);
  assert.deepEqual(treeOf(desk.at(`${out}-moved`)).get('moved-later.bin'), states[0]?.get('moved-later.bin'));
}

/** What `rebuild` must do from any kind of store. */
export function rebuildCases(kind: string, makeStore: (desk: Desk) => Promise<CaseStore>): void {
  test(`${kind}: a wiped home is rebuilt from the journals, every version with its times, and the work goes on`, async (context) => {
    const { desk, store, states } = await deskWithHistory(context, makeStore);
    const before = await desk.json('versions', ['scans:box/page.txt']);
    const runs = await desk.json('runs');
    const instants = runs.runs.map(({ endedAt }) => endedAt ?? '').toReversed();
    fs.rmSync(desk.home, { recursive: true });

    const { sources } = await desk.json('rebuild', ['--from', store.spec]);
    assert.deepEqual(
      sources.map(({ source, files, versions, from }) => ({ source, files, versions, from })),
      [{ source: 'scans', files: 3, versions: 7, from: 'journals' }],
    );
    const after = await desk.json('versions', ['scans:box/page.txt']);
    const told = ({ versions }: typeof after) =>
      versions.map(({ number, deleted, sha256, firstSeen, supersededAt }) => ({
        number,
        deleted,
        sha256,
        firstSeen,
        supersededAt,
      }));
    assert.deepEqual(told(after), told(before), 'history with the times at which it was seen');
    await expectEveryVersion(desk, states, 'out');
    for (const [index, instant] of instants.entries()) {
      await desk.json('restore', ['scans', '--at', instant, '--into', `at-${index}`]);
      assert.deepEqual(treeOf(desk.at(`at-${index}`)), states[index], `as of run ${index + 1}`);
    }

    const run = await desk.sync();
    assert.deepEqual([run.outcome, run.unchanged, run.added, run.changed, run.deleted], ['done', 3, 0, 0, 0]);
    assert.deepEqual(
      run.stores.map(({ copied, bytesSent }) => [copied, bytesSent]),
      [[0, 0]],
    );
    desk.write('scans/new.txt', 'new');
    assert.equal((await desk.sync()).stores[0]?.copied, 1, 'and goes on with what is new');
    assert.equal((await desk.json('status')).safe, true);
    await desk.fails(['rebuild', '--from', store.spec], 'name-taken', 2);
  });

  test(`${kind}: without its journals, every version of every file comes back from the store's own listing`, async (context) => {
    const { desk, store, states } = await deskWithHistory(context, makeStore);
    fs.rmSync(desk.home, { recursive: true });
    await store.removeJournals();
    const rebuilt = await desk.text(['rebuild', '--from', store.spec]);
    assert.match(rebuilt, /"scans": 3 files, \d+ versions, from listing/);
    await expectEveryVersion(desk, states, 'out');
    const { versions } = await desk.json('versions', ['scans:box/page.txt']);
    assert.deepEqual(
      versions.map(({ deleted }) => deleted),
      [false, false, false, true],
    );

    const unknown = await desk.json('sync', [], 1);
    assert.equal(unknown.problems[0]?.code, 'source-unreachable');
    assert.match(unknown.problems[0].advice ?? '', /strongroom source edit scans --root/);
    await desk.json('source edit', ['scans', '--root', 'scans']);
    const run = await desk.sync();
    assert.deepEqual([run.outcome, run.unchanged], ['done', 3]);
    assert.deepEqual(
      run.stores.map(({ copied, bytesSent }) => [copied, bytesSent]),
      [[0, 0]],
    );
  });

  test(`${kind}: --without-journals asks the listing only, and a store that holds nothing says so`, async (context) => {
    const { desk, store } = await deskWithHistory(context, makeStore);
    const elsewhere = { env: { STRONGROOM_HOME: desk.at('other-home') } };
    const { sources } = await desk.json('rebuild', ['--from', store.spec, '--without-journals'], 0, elsewhere);
    assert.deepEqual(
      sources.map(({ source, files, from }) => [source, files, from]),
      [['scans', 3, 'listing']],
    );
    const third = { env: { STRONGROOM_HOME: desk.at('third-home') } };
    const told = await desk.fails(['rebuild', '--from', desk.disk('empty')], 'store-not-found', 1, third);
    assert.match(told.advice ?? '', /path or prefix/);
  });
}
