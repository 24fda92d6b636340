import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { DriveStore } from '../../electron/engine/stores/drive/drive-store.ts';
import { requireLocator } from '../../electron/engine/stores/drive/locator.ts';
import {
  contextWith,
  contentOf,
  factsOf,
  getBytes,
  listAll,
  putBytes,
  requestFor,
  signal,
} from '../contract/support.ts';
import { DRIVE_FILE_SCOPE } from '../emulators/drive/emulator.ts';
import { startDriveLab, type DriveLab } from './lab.ts';

/** What people do to the store's folder in Drive's web page, and what becomes of it. */
describe('people in the folder of a Drive store', { concurrency: 1 }, () => {
  let lab: DriveLab;
  let store: DriveStore;
  let sources = 0;
  const place = (path: string) => ({ source: `source ${sources}`, path });
  const idOf = (copy: { locator: string }): string => requireLocator(copy.locator).fileId;
  const parentOf = (copy: { locator: string }): string => lab.emulator.state.item(idOf(copy)).parent ?? '';

  before(async () => {
    lab = await startDriveLab();
    store = await lab.open();
  });
  after(async () => {
    await store.close();
    await lab.close();
  });

  it('lists same-named files of people apart, and never touches them', async () => {
    sources += 1;
    const { state } = lab.emulator;
    const copy = await putBytes(store, place('report.pdf'), Buffer.from('ours'));
    const twin = state.createFile('report.pdf', "people's", { parent: parentOf(copy) });
    const slashed = state.createFile('a/b.txt', 'with a slash', { parent: parentOf(copy) });
    const listed = await listAll(store, place('').source);
    assert.deepEqual(listed.map((one) => one.path).sort(), ['a‛2Fb.txt', 'report.pdf', `report.pdf (${twin})`]);
    assert.equal(listed.find((one) => one.path === 'report.pdf')?.locator, copy.locator);

    const next = await putBytes(store, place('report.pdf'), Buffer.from('ours 2'), {
      number: 2,
      replaces: copy.locator,
    });
    await store.retire(place('report.pdf'), next.locator, signal);
    await store.retire(place('report.pdf'), undefined, signal);
    await store.retire(place('a/b.txt'), undefined, signal);
    assert.equal(state.content(twin).toString(), "people's");
    assert.equal(state.content(slashed).toString(), 'with a slash');
    for (const id of [twin, slashed]) assert.equal(state.item(id).parent, parentOf({ locator: `${twin} x x` }));
  });

  it('takes a copy that somebody made in Drive for theirs, though it has all of our properties', async () => {
    sources += 1;
    const copy = await putBytes(store, place('file'), Buffer.from('ours'));
    const { accessToken } = lab.emulator.signIn();
    const answer = await fetch(`${lab.emulator.rootUrl}drive/v3/files/${idOf(copy)}/copy`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: '{}',
    });
    const { id } = (await answer.json()) as { id: string };
    const next = await putBytes(store, place('file'), Buffer.from('ours 2'), { number: 2, mayExist: true });
    assert.equal(idOf(next), idOf(copy));
    assert.equal(lab.emulator.state.content(id).toString(), 'ours');
    assert.equal((await listAll(store, place('').source)).length, 3);
  });

  it('passes over shortcuts and native documents, and leaves them where they are', async () => {
    sources += 1;
    const { state } = lab.emulator;
    const copy = await putBytes(store, place('folder/file'), Buffer.from('x'));
    const shortcut = state.createShortcut('file', idOf(copy), { parent: parentOf(copy) });
    const document = state.createNativeDocument('file', 'minutes', { parent: parentOf(copy) });
    assert.deepEqual(
      (await listAll(store, place('').source)).map((one) => one.path),
      ['folder/file'],
    );
    await store.retire(place('folder/file'), copy.locator, signal);
    for (const id of [shortcut, document]) assert.ok(state.has(id) && state.item(id).trashedAt === undefined);
  });

  it('keeps what people upload over a copy, and the version that they replaced', async () => {
    sources += 1;
    const { state, clock } = lab.emulator;
    const first = await putBytes(store, place('file'), Buffer.from('one'));
    state.editContent(idOf(first), 'by hand, at first');
    state.editContent(idOf(first), 'by hand');
    const byHand = `${idOf(first)} ${state.revision(idOf(first)).id}`;
    const second = await putBytes(store, place('file'), Buffer.from('two'), { number: 2, replaces: first.locator });
    clock.advance({ days: 40 });
    assert.equal((await getBytes(store, first)).toString(), 'one');
    assert.equal((await getBytes(store, second)).toString(), 'two');
    const listed = await listAll(store, place('').source);
    assert.equal(listed.length, 4);
    assert.ok(state.revisions(idOf(first)).some(({ content }) => content.bytes().toString() === 'by hand, at first'));
    const foreign = listed.find((one) => one.locator?.startsWith(byHand));
    assert.ok(foreign?.locator !== undefined && !foreign.current);
    assert.equal((await getBytes(store, { place: place('file'), locator: foreign.locator })).toString(), 'by hand');
  });

  it('puts renamed, moved and trashed files and folders right when it writes there next', async () => {
    for (const mess of ['rename', 'move', 'trash', 'rename folder', 'move folder', 'trash folder'] as const) {
      sources += 1;
      const { state } = lab.emulator;
      const path = 'folder/file';
      const first = await putBytes(store, place(path), Buffer.from('one'));
      const target = mess.endsWith('folder') ? parentOf(first) : idOf(first);
      if (mess.startsWith('rename')) state.rename(target, 'other name');
      else if (mess.startsWith('move')) state.move(target, state.rootId);
      else state.trash(target);
      assert.equal((await getBytes(store, first)).toString(), 'one', mess);
      const before = (await listAll(store, place('').source)).filter((one) => one.path === path);
      assert.deepEqual(before, [], mess);
      await store.ready(signal);
      // As after an audit that found it missing: the same version once more, of which nothing is known.
      const again = await putBytes(store, place(path), Buffer.from('one'), { mayExist: true });
      assert.equal(again.locator, first.locator, mess);
      const second = await putBytes(store, place(path), Buffer.from('two'), { number: 2, replaces: first.locator });
      assert.equal(idOf(second), idOf(first), mess);
      const listed = await listAll(store, place('').source);
      assert.deepEqual(
        listed.filter((one) => one.current).map((one) => [one.path, one.locator]),
        [[path, second.locator]],
        mess,
      );
    }
  });

  it('puts right what was moved by hand after a move whose answer was lost', async () => {
    sources += 1;
    const { state } = lab.emulator;
    const first = await putBytes(store, place('old/file'), Buffer.from('one'));
    const request = requestFor(place('new/file'), factsOf(Buffer.from('one')), { move: true });
    const moved = await store.copyWithin(first, request, contextWith());
    assert.ok(moved !== undefined);
    state.move(idOf(moved), state.rootId);
    const again = await store.copyWithin(first, { ...request, mayExist: true }, contextWith());
    assert.deepEqual(again, moved);
    const listed = await listAll(store, place('').source);
    const current = listed.filter((one) => one.current).map((one) => [one.path, one.locator]);
    assert.deepEqual(current, [['new/file', moved.locator]]);
  });

  it('makes anew what was deleted for good, folders too', async () => {
    sources += 1;
    const first = await putBytes(store, place('folder/file'), Buffer.from('one'));
    lab.emulator.state.deleteForEver(parentOf(first));
    const second = await putBytes(store, place('folder/file'), Buffer.from('two'), {
      number: 2,
      replaces: first.locator,
    });
    assert.equal((await getBytes(store, second)).toString(), 'two');
    const other = await putBytes(store, place('folder/other'), Buffer.from('x'));
    assert.equal(parentOf(other), parentOf(second));
  });

  it('tells what people changed by hand, and of its own writes nothing', async () => {
    sources += 1;
    const { state } = lab.emulator;
    const files = ['edited', 'renamed', 'trashed', 'removed', 'left', 'gone', 'moved'];
    const copies = new Map<string, { locator: string; place: { source: string; path: string } }>();
    for (const path of files) copies.set(path, await putBytes(store, place(path), Buffer.from(path)));
    const id = (path: string): string => idOf(copies.get(path) ?? { locator: '' });
    const { token } = await store.changesByHand(undefined, signal);
    state.editContent(id('edited'), 'by hand');
    state.rename(id('renamed'), 'x');
    state.trash(id('trashed'));
    state.deleteForEver(id('removed'));
    const added = state.createFile('new', 'x', { parent: parentOf(copies.get('left') ?? { locator: '' }) });
    state.createFile('outside', 'x');
    await putBytes(store, place('left'), Buffer.from('next'), { number: 2, replaces: copies.get('left')?.locator });
    await store.retire(place('gone'), copies.get('gone')?.locator, signal);
    const move = requestFor(place('deep/there'), factsOf(Buffer.from('moved')), { move: true });
    const from = copies.get('moved');
    assert.ok(from !== undefined && (await store.copyWithin(from, move, contextWith())) !== undefined);
    await store.writeControl('lease', Buffer.from('x'), { kind: 'any' }, signal);

    const requests = lab.emulator.requests.count('drive.changes.list');
    const changes = await store.changesByHand(token, signal);
    assert.equal(lab.emulator.requests.count('drive.changes.list') - requests, 1);
    assert.deepEqual(
      changes.items.map((item) => `${item.id} ${item.kind}`).sort(),
      [
        `${id('edited')} edited`,
        `${id('renamed')} moved`,
        `${id('trashed')} trashed`,
        `${id('removed')} removed`,
        `${added} added`,
      ].sort(),
    );
    // That a file came back from the trash is the only thing that the feed tells since, and it is passed over.
    assert.deepEqual((await store.changesByHand(changes.token, signal)).items, []);
  });

  it('works with the permission for its own files alone, and does not see those of people', async () => {
    const own = await startDriveLab('my-drive', {}, DRIVE_FILE_SCOPE);
    const ownStore = await own.open();
    await ownStore.ready(signal);
    const target = { source: 'own', path: 'a/b' };
    const first = await putBytes(ownStore, target, Buffer.from('one'));
    const second = await putBytes(ownStore, target, Buffer.from('two'), { number: 2, replaces: first.locator });
    assert.equal((await listAll(ownStore, 'own')).length, 2);
    assert.equal((await getBytes(ownStore, second)).toString(), 'two');
    await ownStore.put(
      requestFor({ source: 'own', path: 'c' }, factsOf(Buffer.alloc(0))),
      contentOf(Buffer.alloc(0)),
      contextWith(),
    );
    await ownStore.close();
    await own.close();
  });
});
