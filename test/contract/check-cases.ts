import assert from 'node:assert/strict';
import { it } from 'node:test';
import { checkStore } from '../../electron/engine/stores/check.ts';
import { seededRandom } from '../faults/random.ts';
import { trialPrefix } from '../../electron/engine/stores/store.ts';
import { assertCode, collect, getBytes, listAll, putBytes, signal, type Suite } from './support.ts';

/** What "strongroom store check" shows a person of a store that is as it should be. */
export function checkCases(suite: Suite): void {
  it('passes the check for people, which leaves nothing behind', async () => {
    const { store } = suite.subject();
    const steps = await collect(checkStore(store, { random: seededRandom(5), signal }));
    assert.deepEqual(
      steps.filter((step) => !step.passed),
      [],
    );
    assert.equal(steps.length, store.capabilities.copiesWithin ? 10 : 9);
    await assertNothingLeft(suite);
  });

  it('leaves nothing behind where the check is ended on the way', async () => {
    const { store } = suite.subject();
    const names: string[] = [];
    for await (const step of checkStore(store, { random: seededRandom(6), signal })) {
      names.push(step.name);
      if (names.length === 4) break;
    }
    await assertNothingLeft(suite);
  });

  it('takes nothing away for good that a check did not write', async () => {
    const { store } = suite.subject();
    const copy = await putBytes(store, { source: suite.newSource(), path: 'kept.txt' }, Buffer.from('kept'));
    const others = [
      copy.place.source,
      '',
      '..',
      trialPrefix,
      `${trialPrefix}abcdef/../x`,
      `${trialPrefix}ABCDEFGHIJKL`,
    ];
    for (const name of others) await assertCode(store.discardTrial(name, signal), 'unsafe-path');
    assert.deepEqual(await getBytes(store, copy), Buffer.from('kept'));
  });
}

async function assertNothingLeft(suite: Suite): Promise<void> {
  const { store } = suite.subject();
  for (const seed of [5, 6]) {
    const random = seededRandom(seed);
    const suffix = Array.from({ length: 12 }, () => Math.floor(random() * 36).toString(36)).join('');
    assert.deepEqual(await listAll(store, `${trialPrefix}${suffix}`), []);
  }
  assert.deepEqual(
    (await store.sources(signal)).filter((name) => name.startsWith(trialPrefix)),
    [],
  );
  assert.deepEqual(await store.listControl('check/', signal), []);
}
