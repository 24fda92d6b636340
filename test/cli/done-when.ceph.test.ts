import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { labServer } from '../lab/servers.ts';
import { Desk, makeBucket, treeOf } from './kit.ts';

/** The documentation of this machine's packages; where there is none, a tree of the same kind. */
function makeTree(desk: Desk): void {
  const documents = '/usr/share/doc';
  if (fs.existsSync(documents) && fs.readdirSync(documents).length > 50) {
    execFileSync('cp', ['--archive', documents, desk.at('doc')]);
    return;
  }
  for (let number = 0; number < 2_000; number += 1)
    desk.write(
      `doc/package-${number % 200}/file-${number}.txt`,
      `text ${number}\n`.repeat(number % 50),
      1_600_000_000 + number,
    );
}

test('done when: a tree of documents in a folder store and in Ceph, each state of a file, and a rebuild from both', async (context) => {
  const desk = Desk.make(context);
  makeTree(desk);
  const { spec } = await makeBucket(desk, labServer('ceph'));
  const disk = desk.disk('second');
  assert.match(
    await desk.text(['protect', 'doc', '--to', disk, '--to', spec, '--enable-versioning']),
    /^"doc" is protected: /m,
  );
  const states = ['first', 'second', 'third'];
  for (const [index, state] of states.entries()) {
    desk.write('doc/changing/file.txt', state, 1_700_000_000.5 + index);
    await desk.sync();
  }
  fs.rmSync(desk.at('doc/changing/file.txt'));
  assert.equal((await desk.sync()).deleted, 1);
  const latest = treeOf(desk.at('doc'));
  const expectEachState = async (out: string): Promise<void> => {
    for (const [index, state] of states.entries()) {
      await desk.json('restore', [
        'doc:changing/file.txt',
        '--version',
        String(index + 1),
        '--into',
        `${out}/${index}`,
      ]);
      assert.equal(desk.read(`${out}/${index}/file.txt`), state);
      assert.equal(fs.statSync(desk.at(out, String(index), 'file.txt')).mtimeMs, 1_700_000_000_500 + index * 1000);
    }
    await desk.fails(['restore', 'doc:changing/file.txt', '--into', out], 'unknown-name', 2);
  };
  await expectEachState('before');

  for (const [kind, from] of [
    ['folder', disk],
    ['ceph', spec],
  ] as const) {
    fs.rmSync(desk.home, { recursive: true });
    const { sources } = await desk.json('rebuild', ['--from', from]);
    assert.deepEqual([sources[0]?.files, sources[0]?.from], [latest.size, 'journals']);
    await expectEachState(`${kind}-states`);
    assert.equal((await desk.json('restore', ['doc', '--into', kind])).restored, latest.size);
    assert.deepEqual(treeOf(desk.at(kind)), latest, 'every file byte for byte, with its times and mode');
    fs.rmSync(path.join(desk.folder, kind), { recursive: true });
    const run = await desk.sync();
    assert.deepEqual(
      [run.outcome, run.stores[0]?.bytesSent, run.stores[0]?.copied],
      ['done', 0, 0],
      'and the work goes on',
    );
  }
});
