import assert from 'node:assert/strict';
import { it } from 'node:test';
import { assertCode, assertSameBytes, randomBytes, signal, type Suite } from './support.ts';

const any = { kind: 'any' } as const;
const absent = { kind: 'absent' } as const;

/** Control files. */
export function controlCases(suite: Suite): void {
  let folders = 0;
  const newFolder = () => `contract/${(folders += 1)}`;

  it('keeps control files', async () => {
    const { store } = suite.subject();
    const folder = newFolder();
    assert.equal(await store.readControl(`${folder}/none`, signal), undefined);
    for (const size of [0, 1, 100_000]) {
      const bytes = randomBytes(size, suite.random);
      const tag = await store.writeControl(`${folder}/file`, bytes, any, signal);
      const file = await store.readControl(`${folder}/file`, signal);
      assert.ok(file !== undefined);
      assertSameBytes(file.bytes, bytes, `${size} bytes`);
      assert.equal(file.tag, tag);
    }
    await store.removeControl(`${folder}/file`, signal);
    await store.removeControl(`${folder}/file`, signal);
    await store.removeControl(`${folder}/never`, signal);
    assert.equal(await store.readControl(`${folder}/file`, signal), undefined);
    await store.writeControl(`${folder}/file`, Buffer.from('again'), absent, signal);
    assert.equal(Buffer.from((await store.readControl(`${folder}/file`, signal))?.bytes ?? []).toString(), 'again');
  });

  it('names control files by how they begin, sorted by their bytes', async () => {
    const { store } = suite.subject();
    const folder = newFolder();
    const names = ['b/2', 'b/10', 'a', 'B', 'b', 'ä+ %', 'ab'];
    for (const name of names) await store.writeControl(`${folder}/${name}/end`, Buffer.from(name), any, signal);
    const sorted = (chosen: readonly string[]) =>
      chosen
        .map((name) => `${folder}/${name}/end`)
        .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    assert.deepEqual(await store.listControl(`${folder}/`, signal), sorted(names));
    assert.deepEqual(await store.listControl(`${folder}/b/`, signal), sorted(['b/2', 'b/10', 'b']));
    assert.deepEqual(await store.listControl(`${folder}/a`, signal), sorted(['a', 'ab']));
    assert.deepEqual(await store.listControl(`${folder}/none`, signal), []);
  });

  it('lists more than 1,000 control files', async () => {
    const { store } = suite.subject();
    const folder = newFolder();
    const names = Array.from({ length: 1010 }, (_, index) => `${folder}/${String(index).padStart(5, '0')}`);
    const left = [...names];
    const workers = Array.from({ length: 16 }, async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        await store.writeControl(name, Buffer.from(name), any, signal);
      }
    });
    await Promise.all(workers);
    assert.deepEqual(await store.listControl(`${folder}/`, signal), names);
  });

  it('changes the tag with the content', async () => {
    const { store } = suite.subject();
    const name = `${newFolder()}/file`;
    const one = await store.writeControl(name, Buffer.from('one'), any, signal);
    const two = await store.writeControl(name, Buffer.from('two'), any, signal);
    assert.notEqual(one, two);
  });

  it('writes only under the condition', async () => {
    const { store } = suite.subject();
    const name = `${newFolder()}/file`;
    const content = async () => Buffer.from((await store.readControl(name, signal))?.bytes ?? []).toString();
    const write = (text: string, condition: Parameters<typeof store.writeControl>[2]) =>
      store.writeControl(name, Buffer.from(text), condition, signal);

    await assertCode(write('nothing to replace', { kind: 'tag', tag: '0'.repeat(32) }), 'copy-conflict');
    assert.equal(await store.readControl(name, signal), undefined);
    const one = await write('one', absent);
    await assertCode(write('not absent', absent), 'copy-conflict');
    assert.equal(await content(), 'one');
    const two = await write('two', { kind: 'tag', tag: one });
    await assertCode(write('late', { kind: 'tag', tag: one }), 'copy-conflict');
    assert.equal(await content(), 'two');
    await store.removeControl(name, signal);
    await assertCode(write('gone', { kind: 'tag', tag: two }), 'copy-conflict');
    assert.equal(await store.readControl(name, signal), undefined);
  });

  it('lets one of several win, where the store itself decides conditions', async () => {
    const { store } = suite.subject();
    await store.ready(signal);
    if (!store.capabilities.conditionalWrites) return;
    for (let round = 0; round < 5; round += 1) {
      const name = `${newFolder()}/lease`;
      const rivals = Array.from({ length: 8 }, (_, index) => `rival ${index}`);
      const tries = await Promise.allSettled(
        rivals.map((rival) => store.writeControl(name, Buffer.from(rival), absent, signal)),
      );
      const winners = rivals.filter((_, index) => tries[index]?.status === 'fulfilled');
      assert.equal(winners.length, 1, 'winners of the first writing');
      for (const attempt of tries) {
        if (attempt.status === 'rejected')
          assert.match(String((attempt.reason as { code?: string }).code), /^(copy-conflict|store-busy)$/);
      }
      const file = await store.readControl(name, signal);
      assert.equal(Buffer.from(file?.bytes ?? []).toString(), winners[0]);

      const tag = file?.tag ?? '';
      const renewals = await Promise.allSettled(
        rivals.map((rival) => store.writeControl(name, Buffer.from(`${rival} renewed`), { kind: 'tag', tag }, signal)),
      );
      assert.equal(renewals.filter((attempt) => attempt.status === 'fulfilled').length, 1, 'winners of the renewal');
    }
  });
}
