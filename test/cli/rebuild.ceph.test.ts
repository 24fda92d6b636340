import { labServer } from '../lab/servers.ts';
import { makeBucket, removeForGood } from './kit.ts';
import { rebuildCases } from './rebuild-cases.ts';

rebuildCases('Ceph', async (desk) => {
  const store = await makeBucket(desk, labServer('ceph'));
  return { spec: store.spec, removeJournals: () => removeForGood(store, 'strongroom/sources/') };
});
