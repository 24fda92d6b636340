import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { isTransient } from '../../shared/errors.ts';
import { retrying } from '../../electron/engine/stores/decorators/retrying.ts';
import type { Store } from '../../electron/engine/stores/store.ts';
import {
  assertCode,
  assertSameBytes,
  chooseSeed,
  contentOf,
  contextWith,
  factsOf,
  getBytes,
  largeBytes,
  listAll,
  MemorySlot,
  mebibyte,
  putBytes,
  requestFor,
  signal,
} from '../contract/support.ts';
import { makeBucket, type LabBucket } from '../contract/s3-lab.ts';
import { describeStoreContract } from '../contract/store-contract.ts';
import { labServer } from '../lab/servers.ts';
import type { FaultRule, RequestHead } from './fault.ts';
import { startFaultProxy, type FaultProxy, type ProxiedRequest } from './proxy.ts';
import { seededRandom } from './random.ts';

const noPause = () => Promise.resolve();
const seed = chooseSeed();

/** A call that was begun and whose answer was lost leaves something that nobody knows of; cleanUp is for that. */
const beginsUpload = (request: RequestHead) => request.method === 'POST' && request.query.has('uploads');

/** Faults of all kinds that a store must survive by itself, each with a small chance. */
const weather: readonly FaultRule[] = [
  { fault: { kind: 'answer', status: 500 }, probability: 0.02 },
  { fault: { kind: 'answer', status: 503, retryAfterSeconds: 1 }, probability: 0.02 },
  { fault: { kind: 'cut-request', afterBytes: 0 }, probability: 0.01 },
  { fault: { kind: 'cut-request', afterBytes: 1000 }, probability: 0.02, match: (request) => request.method === 'PUT' },
  {
    fault: { kind: 'flip-byte', where: 'request', offset: 3 },
    probability: 0.02,
    match: ({ method }) => method === 'PUT',
  },
  { fault: { kind: 'cut-response', afterBytes: 200 }, probability: 0.02, match: ({ method }) => method === 'GET' },
  { fault: { kind: 'lose-response' }, probability: 0.02, match: (request) => !beginsUpload(request) },
];

describeStoreContract(
  'S3, Ceph, in bad weather',
  async () => {
    const bucket = await makeBucket(labServer('ceph'));
    const proxy = await startFaultProxy(bucket.spec.endpoint ?? '', { seed });
    for (const rule of weather) proxy.inject(rule);
    const store = await bucket.open({ endpoint: proxy.endpoint });
    return {
      store: retrying(store, { sleep: noPause, random: seededRandom(seed), attempts: 12 }),
      lose: (copy) => bucket.lose(copy),
      dispose: async () => {
        await proxy.stop();
        await bucket.close();
      },
    };
  },
  { marksDeletions: true, countsUnfinished: false },
);

describe('S3 behind a bad line', { concurrency: 1 }, () => {
  let bucket: LabBucket;
  let proxy: FaultProxy;
  /** As it is, so that a test sees each failure. */
  let plain: Store;
  /** As Strongroom uses it. */
  let store: Store;
  let pauses: number[] = [];
  let sources = 0;
  const newPlace = () => ({ source: `bad line ${(sources += 1)}`, path: 'folder/file' });
  const since = (from: number, match: (request: ProxiedRequest) => boolean) => proxy.log.slice(from).filter(match);
  const isPart = (request: ProxiedRequest) => request.method === 'PUT' && request.query.includes('partNumber=');

  before(async () => {
    console.log(`S3 behind a bad line: STRONGROOM_TEST_SEED=${seed}`);
    bucket = await makeBucket(labServer('ceph'));
    proxy = await startFaultProxy(bucket.spec.endpoint ?? '', { seed });
    plain = await bucket.open({ endpoint: proxy.endpoint }, { stallMs: 1000 });
    const sleep = (ms: number) => {
      pauses.push(ms);
      return Promise.resolve();
    };
    store = retrying(plain, { sleep, random: () => 0 });
  });
  beforeEach(() => {
    proxy.clear();
    pauses = [];
  });
  after(async () => {
    await store.close();
    await proxy.stop();
    await bucket.close();
  });

  const small = Buffer.from('a small file, but not a very small one');
  for (const [words, rule, code] of [
    ['the line is cut before a body', { kind: 'cut-request', afterBytes: 0 }, 'store-unreachable'],
    ['the line is cut in the middle of a body', { kind: 'cut-request', afterBytes: 20 }, 'store-unreachable'],
    ['the server has an error', { kind: 'answer', status: 500 }, 'store-busy'],
    ['the server is busy', { kind: 'answer', status: 503, retryAfterSeconds: 7 }, 'store-busy'],
    ['a bit flips on the way', { kind: 'flip-byte', where: 'request', offset: 9 }, 'store-busy'],
    ['the server takes no more bytes', { kind: 'stall', where: 'request', afterBytes: 5 }, 'store-unreachable'],
  ] as const) {
    it(`stores nothing when ${words}, and then a second attempt stores it`, async () => {
      const place = newPlace();
      proxy.inject({ fault: rule, match: ({ method }) => method === 'PUT' });
      const error = await assertCode(putBytes(plain, place, small), code);
      assert.ok(isTransient(error));
      assert.deepEqual(await listAll(plain, place.source), []);

      proxy.inject({ fault: rule, match: ({ method }) => method === 'PUT' });
      const copy = await putBytes(store, place, small);
      assertSameBytes(await getBytes(store, copy), small, words);
      assert.equal((await listAll(plain, place.source)).length, 1);
      assert.deepEqual(pauses, [rule.kind === 'answer' && rule.status === 503 ? 7000 : 0]);
    });
  }

  it('puts no second version where only the answer was lost', async () => {
    const place = newPlace();
    proxy.inject({ fault: { kind: 'lose-response' }, match: ({ method }) => method === 'PUT' });
    const copy = await putBytes(store, place, small);
    const listed = await listAll(plain, place.source);
    assert.deepEqual(
      listed.map((one) => one.locator),
      [copy.locator],
    );

    const from = proxy.log.length;
    proxy.inject({ fault: { kind: 'lose-response' }, match: ({ method }) => method === 'PUT' });
    const request = requestFor({ ...place, path: 'copied' }, factsOf(small));
    const placed = await store.copyWithin(copy, request, contextWith());
    assert.equal(since(from, ({ method }) => method === 'PUT').length, 1);
    assert.ok((await listAll(plain, place.source)).some((one) => one.locator === placed?.locator));

    proxy.inject({ fault: { kind: 'lose-response' }, match: ({ method }) => method === 'DELETE' });
    const deletion = await store.retire(place, copy.locator, signal);
    const marks = (await listAll(plain, place.source)).filter((one) => one.deletion);
    assert.deepEqual(
      marks.map((one) => one.locator),
      [deletion.locator],
    );
  });

  it('tells the tag that was written where the answer to a conditional write was lost', async () => {
    const name = 'faults/lease';
    proxy.inject({ fault: { kind: 'lose-response' }, match: ({ method }) => method === 'PUT' });
    const tag = await store.writeControl(name, Buffer.from('mine'), { kind: 'absent' }, signal);
    proxy.inject({ fault: { kind: 'lose-response' }, match: ({ method }) => method === 'PUT' });
    const next = await store.writeControl(name, Buffer.from('renewed'), { kind: 'tag', tag }, signal);
    assert.equal((await store.readControl(name, signal))?.tag, next);
    await assertCode(store.writeControl(name, Buffer.from('theirs'), { kind: 'absent' }, signal), 'copy-conflict');
  });

  it('takes a broken download up where it broke', async () => {
    const bytes = largeBytes(3 * mebibyte, 3);
    const copy = await putBytes(store, newPlace(), bytes);
    proxy.inject({ fault: { kind: 'cut-response', afterBytes: mebibyte }, match: ({ method }) => method === 'GET' });
    await assertCode(getBytes(plain, copy), 'store-unreachable');
    proxy.inject({ fault: { kind: 'cut-response', afterBytes: mebibyte }, match: ({ method }) => method === 'GET' });
    proxy.inject({
      fault: { kind: 'stall', where: 'response', afterBytes: 1000 },
      match: ({ method }) => method === 'GET',
    });
    const from = proxy.log.length;
    assertSameBytes(await getBytes(store, copy), bytes, 'the download');
    assert.ok(since(from, ({ method }) => method === 'GET').length >= 2);
  });

  it('does not take a control file that was cut or damaged on the way for the right one', async () => {
    const bytes = largeBytes(100_000, 5);
    await store.writeControl('faults/journal', bytes, { kind: 'any' }, signal);
    for (const fault of [
      { kind: 'truncate-response', afterBytes: 50_000 },
      { kind: 'flip-byte', where: 'response', offset: 70_000 },
    ] as const) {
      proxy.inject({ fault });
      await assertCode(plain.readControl('faults/journal', signal), 'store-unreachable');
      proxy.inject({ fault });
      const file = await store.readControl('faults/journal', signal);
      assertSameBytes(file?.bytes ?? Buffer.alloc(0), bytes, fault.kind);
    }
  });

  it('says that a listing was cut', async () => {
    const place = newPlace();
    for (let index = 0; index < 5; index += 1) await putBytes(store, { ...place, path: `${index}` }, small);
    for (const fault of [
      { kind: 'truncate-response', afterBytes: 600 },
      { kind: 'cut-response', afterBytes: 600 },
      { kind: 'stall', where: 'response', afterBytes: 600 },
    ] as const) {
      proxy.inject({ fault });
      await assertCode(listAll(plain, place.source), 'store-unreachable');
      proxy.inject({ fault });
      assert.equal((await listAll(store, place.source)).length, 5);
    }
  });

  it('sends no finished part again after an upload was broken off', async () => {
    const place = newPlace();
    const bytes = largeBytes(80 * mebibyte, 7);
    const request = requestFor(place, factsOf(bytes));
    const resume = new MemorySlot();
    proxy.inject({
      fault: { kind: 'cut-request', afterBytes: 1000 },
      match: ({ query }) => query.get('partNumber') === '10',
    });
    await assertCode(plain.put(request, contentOf(bytes), contextWith({ resume })), 'store-unreachable');
    const finished = new Set(proxy.log.filter((one) => isPart(one) && one.status === 200).map((one) => one.query));
    // Eight parts are sent at once, so two were finished before the tenth began.
    assert.ok(finished.size >= 2, `${finished.size} parts were finished before the line broke`);

    const from = proxy.log.length;
    const { locator } = await plain.put(request, contentOf(bytes), contextWith({ resume }));
    const parts = since(from, isPart);
    assert.ok(
      parts.every((one) => !finished.has(one.query)),
      'a finished part was sent again',
    );
    assert.ok(finished.size + parts.length <= 10);
    assertSameBytes(await getBytes(store, { place, locator }), bytes, 'the upload');
  });

  it('sends a part again whose bytes in the store are not those of the file', async () => {
    const place = newPlace();
    const before = largeBytes(40 * mebibyte, 11);
    const resume = new MemorySlot();
    proxy.inject({
      fault: { kind: 'answer', status: 500 },
      match: ({ query }) => query.has('uploadId') && !query.has('partNumber'),
    });
    await assertCode(
      plain.put(requestFor(place, factsOf(before)), contentOf(before), contextWith({ resume })),
      'store-busy',
    );
    const changed = Buffer.from(before);
    changed[9 * mebibyte] = (changed[9 * mebibyte] ?? 0) ^ 1;
    const from = proxy.log.length;
    const { locator } = await plain.put(
      requestFor(place, factsOf(changed)),
      contentOf(changed),
      contextWith({ resume }),
    );
    const sent = since(from, isPart).map((one) => new URLSearchParams(one.query).get('partNumber'));
    assert.deepEqual(sent, ['2']);
    assertSameBytes(await getBytes(store, { place, locator }), changed, 'the upload');
  });

  it('finds a large file whose completion was not answered', async () => {
    const place = newPlace();
    const bytes = largeBytes(20 * mebibyte, 13);
    const completes = ({ method, query }: RequestHead) => method === 'POST' && query.has('uploadId');
    proxy.inject({ fault: { kind: 'lose-response' }, match: completes });
    const from = proxy.log.length;
    const copy = await putBytes(store, place, bytes, { context: { resume: new MemorySlot() } });
    assert.equal(since(from, isPart).length, 3, 'parts sent');
    assert.deepEqual(
      (await listAll(plain, place.source)).map((one) => one.locator),
      [copy.locator],
    );
  });

  it('stores nothing of a large file that was damaged on the way, and then the right one', async () => {
    const place = newPlace();
    const bytes = largeBytes(24 * mebibyte, 17);
    const second = ({ query }: RequestHead) => query.get('partNumber') === '2';
    proxy.inject({ fault: { kind: 'flip-byte', where: 'request', offset: 4 * mebibyte }, match: second });
    await assertCode(putBytes(plain, place, bytes), 'store-busy');
    assert.deepEqual(await listAll(plain, place.source), []);
    assert.equal(await plain.cleanUp(new Set(), Date.now() + 60_000, signal), 0, 'uploads left');
    proxy.inject({ fault: { kind: 'flip-byte', where: 'request', offset: 4 * mebibyte }, match: second });
    const copy = await putBytes(store, place, bytes, { context: { resume: new MemorySlot() } });
    assertSameBytes(await getBytes(store, copy), bytes, 'the upload');
  });

  it('says that nobody answers', async () => {
    const gone = await bucket.open({ endpoint: 'http://127.0.0.1:1' });
    await assertCode(gone.ready(signal), 'store-unreachable');
    await assertCode(putBytes(gone, newPlace(), small), 'store-unreachable');
    await gone.close();
  });

  it('says what is wrong with the keys and the bucket', async () => {
    const credentials = {
      accessKeyId: bucket.options.credentials?.accessKeyId ?? '',
      secretAccessKey: 'not the secret',
    };
    const wrong = await bucket.open({}, { credentials });
    const error = await assertCode(wrong.ready(signal), 'store-wrong-key');
    assert.doesNotMatch(`${error.message} ${error.advice ?? ''}`, /not the secret/);
    await assertCode(putBytes(wrong, newPlace(), small), 'store-wrong-key');
    // HEAD's answer does not tell why.
    await assertCode(putBytes(wrong, newPlace(), small, { mayExist: true }), 'store-wrong-key');
    await wrong.close();
    const unknown = await bucket.open({}, { credentials: { accessKeyId: 'nobody', secretAccessKey: 'x' } });
    await assertCode(unknown.ready(signal), 'store-wrong-key');
    await unknown.close();
    const nowhere = await bucket.open({ bucket: 'there-is-no-such-bucket' });
    await assertCode(nowhere.ready(signal), 'store-not-found');
    await assertCode(putBytes(nowhere, newPlace(), small), 'store-not-found');
    await nowhere.close();
    const later = await bucket.open({}, { clock: { now: () => Date.now() + 3_600_000 } });
    await assertCode(putBytes(later, newPlace(), small), 'store-clock-skew');
    await later.close();
  });
});
