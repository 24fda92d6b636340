import assert from 'node:assert/strict';
import { it } from 'node:test';
import { checkStore } from '../../electron/engine/stores/check.ts';
import { seededRandom } from '../faults/random.ts';
import { collect, listAll, signal, type Suite } from './support.ts';

/** What "strongroom store check" shows a person of a store that is as it should be. */
export function checkCases(suite: Suite): void {
  it('passes the check for people, which leaves nothing current behind', async () => {
    const { store } = suite.subject();
    const steps = await collect(checkStore(store, { random: seededRandom(5), signal }));
    assert.deepEqual(
      steps.filter((step) => !step.passed),
      [],
    );
    assert.equal(steps.length, store.capabilities.copiesWithin ? 10 : 9);
    const [source] = (await store.sources(signal)).filter((name) => name.startsWith('strongroom-check-'));
    assert.deepEqual(
      (await listAll(store, source ?? '')).filter((copy) => copy.current),
      [],
    );
    assert.deepEqual(await store.listControl('check/', signal), []);
  });
}
