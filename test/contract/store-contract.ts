import { after, before, describe, it } from 'node:test';
import { seededRandom } from '../faults/random.ts';
import { checkCases } from './check-cases.ts';
import { controlCases } from './control-cases.ts';
import { historyCases } from './history-cases.ts';
import { listingCases } from './listing-cases.ts';
import { nameCases } from './name-cases.ts';
import { puttingCases } from './putting-cases.ts';
import { unfinishedCases } from './unfinished-cases.ts';
import { chooseSeed, signal, type Differences, type StoreUnderTest, type Suite } from './support.ts';

/**
 * Holds a store to the text of `electron/engine/stores/store.ts`. A new store joins by one call; what it finds out about
 * one store becomes a case for all.
 *
 * @param makeStore makes an empty store; called once, and its store is shared by all cases, each with a source of its own.
 */
export function describeStoreContract(
  name: string,
  makeStore: () => Promise<StoreUnderTest>,
  differences: Differences,
): void {
  describe(`the store contract: ${name}`, { concurrency: 1 }, () => {
    const seed = chooseSeed();
    let underTest: StoreUnderTest | undefined;
    let sources = 0;
    const suite: Suite = {
      name,
      differences,
      random: seededRandom(seed),
      subject: () => {
        if (underTest === undefined) throw new Error('the store could not be made');
        return underTest;
      },
      newSource: () => {
        sources += 1;
        return `source ${sources}`;
      },
    };

    before(async () => {
      console.log(`${name}: STRONGROOM_TEST_SEED=${seed}`);
      underTest = await makeStore();
    });
    after(async () => {
      await underTest?.store.close();
      await underTest?.dispose();
    });

    it('is ready, any number of times', async () => {
      const { store } = suite.subject();
      await store.ready(signal);
      await store.ready(signal);
    });
    puttingCases(suite);
    nameCases(suite);
    historyCases(suite);
    listingCases(suite);
    controlCases(suite);
    unfinishedCases(suite);
    checkCases(suite);
  });
}
