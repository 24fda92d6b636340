import assert from 'node:assert/strict';
import { it } from 'node:test';
import { StrongroomError } from '../../shared/errors.ts';
import { openDriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import type { CopyAddress } from '../../electron/engine/stores/store.ts';
import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import {
  assertCode,
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
import { startDriveLab } from './lab.ts';

const noSleep = (): Promise<void> => Promise.resolve();

it('begins a new file when one has all the pinned revisions that Drive allows', async () => {
  const lab = await startDriveLab();
  const store = await lab.open();
  const place = { source: 'pins', path: 'folder/often.txt' };
  const copies: CopyAddress[] = [];
  for (let number = 1; number <= 203; number += 1) {
    const options = { number, replaces: copies.at(-1)?.locator, mtimeNs: BigInt(number) };
    copies.push(await putBytes(store, place, Buffer.from(`state ${number}`), options));
  }
  const files = [...new Set(copies.map((copy) => requireLocator(copy.locator).fileId))];
  assert.equal(files.length, 2);
  lab.emulator.clock.advance({ days: 400 });
  for (const [index, copy] of copies.entries()) {
    assert.equal((await getBytes(store, copy)).toString(), `state ${index + 1}`);
  }
  const listed = await listAll(store, 'pins');
  assert.deepEqual(listed.map((one) => one.locator).sort(), copies.map((one) => one.locator).sort());
  assert.deepEqual(
    listed.filter((one) => one.current || one.deletion).map((one) => one.locator),
    [copies.at(-1)?.locator],
  );
  // Without journals, the last superseded versions of a file still come back with their exact times.
  const times = new Map(copies.map((copy, index) => [copy.locator, BigInt(index + 1)]));
  let exact = 0;
  for (const copy of listed) {
    const described = await store.describe(copy, 'pins', signal);
    if (described.mtimeNs === times.get(copy.locator ?? '')) exact += 1;
  }
  assert.ok(exact >= 60, `${exact} with their times`);
  await store.close();
  await lab.close();
});

it('begins a new file where people have pinned as many revisions as Drive allows', async () => {
  const lab = await startDriveLab('my-drive', { limits: { pinnedRevisions: 4 } });
  const store = await lab.open({ pinnedRevisions: 4 });
  const place = { source: 'pins of people', path: 'file' };
  const first = await putBytes(store, place, Buffer.from('one'));
  const { fileId } = requireLocator(first.locator);
  for (const text of ['x', 'y', 'z']) lab.emulator.state.editContent(fileId, text, { keepForever: true });
  const second = await putBytes(store, place, Buffer.from('two'), { number: 2, replaces: first.locator });
  assert.notEqual(requireLocator(second.locator).fileId, fileId);
  assert.equal((await getBytes(store, first)).toString(), 'one');
  assert.deepEqual(
    (await listAll(store, place.source)).filter((copy) => copy.current).map((copy) => copy.locator),
    [second.locator],
  );
  await store.close();
  await lab.close();
});

it('takes away what arrived damaged, and keeps what was there', async () => {
  const lab = await startDriveLab();
  const store = await lab.open({ sleep: noSleep });
  const place = { source: 'damaged', path: 'file' };
  const first = await putBytes(store, place, Buffer.from('one'));
  const bytes = largeBytes(6 * mebibyte, 9);
  // The line breaks, and what is read again to be sent again has become something else.
  const content = {
    bytes: (start: number, end: number) => {
      const piece = Buffer.from(bytes.subarray(start, end));
      if (start % (4 * mebibyte) !== 0) piece[9] = (piece[9] ?? 0) ^ 1;
      return Promise.resolve(piece);
    },
  };
  lab.emulator.faults.add({ id: 'upload.put', fault: { kind: 'cutRequest', afterBytes: 5 * mebibyte } });
  const request = requestFor(place, factsOf(bytes), { number: 2, replaces: first.locator });
  await assertCode(store.put(request, content, contextWith()), 'store-busy');
  assert.deepEqual(
    (await listAll(store, place.source)).map((copy) => [copy.locator, copy.size]),
    [[first.locator, 3]],
  );
  const { locator } = await store.put({ ...request, mayExist: true }, contentOf(bytes), contextWith());
  assert.ok((await getBytes(store, { place, locator })).equals(bytes));
  assert.equal((await getBytes(store, first)).toString(), 'one');
  await store.close();
  await lab.close();
});

it('gives every refusal its code, with a sentence that tells what to do', async () => {
  const lab = await startDriveLab('shared-drive');
  const store = await lab.open({ sleep: noSleep });
  await putBytes(store, { source: 'refused', path: 'file' }, Buffer.from('x'));
  for (const [reason, code] of [
    ['storageQuotaExceeded', 'store-full'],
    ['teamDriveFileLimitExceeded', 'store-full'],
    ['numChildrenInNonRootLimitExceeded', 'store-full'],
    ['dailyLimitExceeded', 'store-full'],
    ['teamDriveHierarchyTooDeep', 'store-unsupported'],
    ['myDriveHierarchyDepthLimitExceeded', 'store-unsupported'],
    ['insufficientFilePermissions', 'store-no-permission'],
    ['domainPolicy', 'store-no-permission'],
    ['appNotAuthorizedToFile', 'store-no-permission'],
  ] as const) {
    lab.emulator.faults.add({ id: 'drive.files.create', fault: { kind: 'refuse', status: 403, reason } });
    const error = await assertCode(putBytes(store, { source: 'refused', path: reason }, Buffer.from('x')), code);
    assert.ok((error.advice ?? '').length > 20, reason);
    lab.emulator.faults.clear();
  }
  await store.close();
  await lab.close();
});

it('knows the daily limit from a mere rate, says when it ends, and goes on afterwards', async () => {
  const lab = await startDriveLab('my-drive', { limits: { dailyUploadBytes: 2000 }, isClockRunning: false });
  const sleep = (ms: number): Promise<void> => {
    lab.emulator.clock.advance({ milliseconds: ms });
    return Promise.resolve();
  };
  const store = await lab.open({ sleep });
  await putBytes(store, { source: 'day', path: 'one' }, Buffer.alloc(1500));
  const refused = await assertCode(putBytes(store, { source: 'day', path: 'two' }, Buffer.alloc(1000)), 'store-full');
  assert.match(refused.message, /750 GB.*until \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  assert.ok((refused.retryAfterMs ?? 0) > 20 * 3_600_000);
  const before = lab.emulator.requests.count('drive.files.create');
  await assertCode(putBytes(store, { source: 'day', path: 'three' }, Buffer.alloc(1000)), 'store-full');
  assert.equal(lab.emulator.requests.count('drive.files.create'), before, 'not even tried');
  assert.equal((await listAll(store, 'day')).length, 1, 'all else is served');
  lab.emulator.clock.advance({ days: 1 });
  const { accessToken } = lab.emulator.signIn();
  const later = await lab.open({ sleep, access: { kind: 'person', accessToken: () => Promise.resolve(accessToken) } });
  await putBytes(later, { source: 'day', path: 'two' }, Buffer.alloc(1000));
  await store.close();
  await later.close();
  await lab.close();
});

it('finds the rate that Drive accepts, and loses nothing on the way', async () => {
  const lab = await startDriveLab('my-drive', { limits: { requestsPerSecond: 60, burst: 10 } });
  const store = await lab.open();
  const names = Array.from({ length: 300 }, (_, index) => `folder/${index}`);
  const begun = performance.now();
  await Promise.all(names.map((path) => putBytes(store, { source: 'pace', path }, Buffer.from(path))));
  const seconds = (performance.now() - begun) / 1000;
  const { entries } = lab.emulator.requests;
  const refusals = entries.filter((entry) => entry.status === 403).length;
  console.log(`300 files at 60 requests a second: ${seconds.toFixed(1)} s, ${refusals} refusals of ${entries.length}`);
  assert.ok(seconds < 20, `${seconds} s`);
  assert.ok(refusals < 0.3 * entries.length, `${refusals} refusals`);
  assert.equal((await listAll(store, 'pace')).length, 300);
  await store.close();
  await lab.close();
});

it('refuses a folder that is not there, a drive that is not shared, and a service account in My Drive', async () => {
  const lab = await startDriveLab();
  const { emulator } = lab;
  const clock = { now: () => emulator.clock.now() };
  const open = (folder: string, kind: 'person' | 'service-account', email?: string) => {
    const { accessToken } = emulator.signIn(email === undefined ? {} : { email });
    const access = { kind, accessToken: () => Promise.resolve(accessToken) };
    return openDriveStore({ ...lab.spec, folder }, { access, clock });
  };
  await assertCode((await open('1nothere', 'person')).ready(signal), 'store-not-found');
  emulator.addPerson('stranger@elsewhere.example');
  const drive = emulator.state.createDrive('Not shared', { 'reader@library.example': 'reader' });
  await assertCode((await open(drive, 'person', 'stranger@elsewhere.example')).ready(signal), 'store-not-found');
  emulator.addPerson('reader@library.example');
  await assertCode((await open(drive, 'person', 'reader@library.example')).ready(signal), 'store-no-permission');
  const robot = emulator.addServiceAccount('robot@project.iam.gserviceaccount.example').client_email;
  const error = await assertCode((await open('root', 'service-account', robot)).ready(signal), 'store-unsupported');
  assert.match(error.advice ?? '', /shared drive/);
  const store = await openDriveStore(
    { ...lab.spec, account: 'someone@library.example' },
    { access: lab.access, clock },
  );
  await assertCode(store.ready(signal), 'store-wrong-key');
  await lab.close();
});

it('goes on after a kill from the last byte that Drive acknowledged, and begins again when the session has expired', async () => {
  const lab = await startDriveLab();
  const place = { source: 'large', path: 'film.mov' };
  const bytes = largeBytes(20 * mebibyte + 7, 5);
  const request = requestFor(place, factsOf(bytes));
  const resume = new MemorySlot();
  const cut = { kind: 'cutRequest', afterBytes: 9 * mebibyte } as const;
  for (const expired of [false, true]) {
    const killed = await lab.open({ sleep: noSleep });
    lab.emulator.faults.add({ id: 'upload.put', fault: cut });
    lab.emulator.faults.add({ id: 'upload.put', fault: { kind: 'refuse', status: 503 }, skip: 1 });
    await assert.rejects(killed.put(request, contentOf(bytes), contextWith({ resume })), StrongroomError);
    await killed.close();
    lab.emulator.faults.clear();
    const token = resume.token ?? '';
    assert.ok(token !== '' && !/upload_id|127\.0\.0\.1|http/.test(token), 'the address of the session is sealed');
    if (expired) lab.emulator.clock.advance({ days: 8 });

    const store = await lab.open({ sleep: noSleep });
    const before = lab.emulator.requests.entries.length;
    let told = 0;
    const context = contextWith({ resume, onBytes: (count) => (told += count) });
    const { locator } = await store.put(request, contentOf(bytes), context);
    const sent = lab.emulator.requests.entries
      .slice(before)
      .filter((entry) => entry.id === 'upload.put')
      .reduce((sum, entry) => sum + entry.bytesIn, 0);
    assert.equal(told, bytes.length);
    assert.equal(resume.token, undefined);
    if (expired) assert.equal(sent, bytes.length);
    else assert.ok(sent > 0 && sent <= 12 * mebibyte, `${sent} bytes sent again`);
    assert.ok((await getBytes(store, { place, locator })).equals(bytes));
    assert.equal((await listAll(store, 'large')).length, 1);
    await store.retire(place, locator, signal);
    lab.emulator.state.deleteForEver(requireLocator(locator).fileId);
    await store.close();
  }
  await lab.close();
});

it('holds reading back when the allowance of the day is used up, and says so', async () => {
  const lab = await startDriveLab('my-drive', { isClockRunning: false });
  const notices: string[] = [];
  const store = await lab.open({
    sleep: (ms) => {
      lab.emulator.clock.advance({ milliseconds: ms });
      return Promise.resolve();
    },
    egress: { dailyBytes: 1000, onNotice: (notice) => notices.push(notice.kind) },
  });
  const copy = await putBytes(store, { source: 'egress', path: 'file' }, Buffer.alloc(450));
  const { accessToken } = lab.emulator.signIn();
  assert.ok(accessToken.length > 0);
  for (let time = 0; time < 2; time += 1) await getBytes(store, copy);
  assert.deepEqual(notices, ['nearly-used']);
  const before = lab.emulator.clock.now();
  await getBytes(store, copy);
  assert.ok(notices.includes('waiting'));
  assert.ok(lab.emulator.clock.now() - before > 22 * 3_600_000);
  await store.close();
  await lab.close();
});
