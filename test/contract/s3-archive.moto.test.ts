import assert from 'node:assert/strict';
import { it } from 'node:test';
import { labServer } from '../lab/servers.ts';
import { makeBucket } from './s3-lab.ts';
import { assertCode, contextWith, factsOf, getBytes, listAll, putBytes, requestFor, signal } from './support.ts';

it('says that an archived copy must be thawed, and still tells what it is', async () => {
  const bucket = await makeBucket(labServer('moto'));
  const store = await bucket.open({ class: 'DEEP_ARCHIVE' });
  const bytes = Buffer.from('rarely read');
  const copy = await putBytes(store, { source: 'archive', path: 'file' }, bytes);
  await assertCode(getBytes(store, copy), 'copy-archived');
  const [listed] = await listAll(store, 'archive');
  assert.ok(listed !== undefined);
  assert.deepEqual(await store.describe(listed, 'archive', signal), { ...factsOf(bytes), locator: copy.locator });
  const request = requestFor({ source: 'archive', path: 'copy' }, factsOf(bytes));
  assert.equal(await store.copyWithin(copy, request, contextWith()), undefined);
  await store.close();
  await bucket.close();
});
