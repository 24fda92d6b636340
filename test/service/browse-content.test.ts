import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { mediaOf } from '../../electron/service/browse/media.ts';
import { couldRun } from '../../shared/running-files.ts';
import { spanOf } from '../../electron/service/browse/range.ts';
import { Scratch } from '../../electron/service/browse/scratch.ts';
import type { CopyAddress, Store } from '../../electron/engine/stores/store.ts';
import { atEnd, hour, tempFolder } from '../engine/kit.ts';
import { Desk, problemOf } from './browse/kit.ts';

const large = 9 * 1024 * 1024;

/** Puts other bytes into a file that looks the same afterwards. */
function decay(file: string): void {
  const { mtimeNs } = fs.statSync(file, { bigint: true });
  fs.writeFileSync(file, 'wrong');
  execFileSync('touch', [
    '-d',
    `@${mtimeNs / 1_000_000_000n}.${String(mtimeNs % 1_000_000_000n).padStart(9, '0')}`,
    file,
  ]);
  assert.equal(fs.statSync(file, { bigint: true }).mtimeNs, mtimeNs);
}

function assertHarmless(headers: Readonly<Record<string, string>>): void {
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-security-policy'] ?? '', /^sandbox; default-src 'none'/);
}

test('a version is served from the file itself while it is that version, and from a copy afterwards', async (t) => {
  const desk = await Desk.create(t, { files: { 'notes.txt': 'first' } });
  await desk.bench.syncDone();
  const ask = (version: number) => desk.client.browse.content({ source: 'source', path: 'notes.txt', version });
  const ticket = await ask(1);
  assert.deepEqual(
    { ...ticket, url: '' },
    { url: '', size: 5, type: 'text/plain; charset=utf-8', viewer: 'text', from: 'source' },
  );
  desk.bench.write('notes.txt', 'second');
  assert.equal((await ask(1)).from, 'disk');
  // The ticket was given out while the file was still the version: what is served is the version all the same.
  const fetched = await desk.fetch(ticket.url);
  assert.equal(fetched.status, 200);
  assert.equal(fetched.bytes.toString(), 'first');
  assert.equal(fetched.headers['content-length'], '5');
  assert.equal(fetched.headers['content-disposition'], "inline; filename*=UTF-8''notes.txt");
  assertHarmless(fetched.headers);
  await desk.bench.syncDone();
  assert.equal((await desk.show('notes.txt', 1)).bytes.toString(), 'first');
  assert.equal((await desk.show('notes.txt', 2)).bytes.toString(), 'second');
});

test('other bytes under the same size and time are never given out as the version', async (t) => {
  const desk = await Desk.create(t, { stores: ['disk', 'shelf'], files: { 'a.txt': 'right' } });
  await desk.bench.syncDone();
  decay(path.join(desk.bench.root, 'a.txt'));
  assert.equal((await desk.show('a.txt', 1)).bytes.toString(), 'right');
  // The copy on the first disk decays as well.
  const other = await Desk.create(t, { stores: ['disk', 'shelf'], files: { 'b.txt': 'right' } });
  await other.bench.syncDone();
  other.bench.remove('b.txt');
  decay(path.join(other.bench.storeFolder('disk'), 'files/source/b.txt'));
  assert.equal((await other.show('b.txt', 1)).bytes.toString(), 'right');
  fs.rmSync(path.join(other.bench.storeFolder('shelf'), 'files/source/b.txt'));
  const third = await Desk.create(t, { files: { 'c.txt': 'right' } });
  await third.bench.syncDone();
  third.bench.remove('c.txt');
  decay(path.join(third.bench.storeFolder(), 'files/source/c.txt'));
  const refused = await third.show('c.txt', 1);
  assert.equal(refused.status, 410);
  assertHarmless(refused.headers);
  assert.match(refused.bytes.toString(), /No good copy of “c.txt”/);
  const states = third.bench.versions('c.txt')[0]?.copies.map(({ state }) => state);
  assert.deepEqual(states, ['corrupt']);
});

test('ranges are served as HTTP has it, of small files and of large ones', async (t) => {
  const bytes = randomBytes(large);
  const desk = await Desk.create(t, { files: { 'empty.txt': '', 'small.txt': '0123456789' } });
  desk.bench.write('film.mp4', bytes);
  await desk.bench.syncDone();
  const small = (range?: string) => desk.show('small.txt', 1, range);
  const part = await small('bytes=2-4');
  assert.deepEqual([part.status, part.bytes.toString(), part.headers['content-range']], [206, '234', 'bytes 2-4/10']);
  assert.deepEqual(
    [(await small('bytes=7-')).bytes.toString(), (await small('bytes=-2')).bytes.toString()],
    ['789', '89'],
  );
  assert.equal((await small('bytes=8-100')).headers['content-range'], 'bytes 8-9/10');
  const outside = await small('bytes=10-');
  assert.deepEqual([outside.status, outside.headers['content-range'], outside.bytes.length], [416, 'bytes */10', 0]);
  assertHarmless(outside.headers);
  for (const leftAside of ['bytes=4-2', 'bytes=0-1,3-4', 'lines=1-2', 'bytes=-', 'bytes=a-b'])
    assert.deepEqual([(await small(leftAside)).status, (await small(leftAside)).bytes.length], [200, 10]);
  assert.equal((await desk.show('empty.txt', 1)).status, 200);
  assert.equal((await desk.show('empty.txt', 1, 'bytes=0-')).status, 416);
  for (const where of ['the source', 'the disk']) {
    const seek = await desk.show('film.mp4', 1, `bytes=${large - 70_000}-${large - 60_001}`);
    assert.equal(seek.status, 206, where);
    assert.deepEqual(seek.bytes, bytes.subarray(large - 70_000, large - 60_000), where);
    const whole = await desk.show('film.mp4', 1);
    assert.equal(whole.headers['content-type'], 'video/mp4');
    assert.ok(whole.bytes.equals(bytes), where);
    if (where === 'the source') desk.bench.remove('film.mp4');
  }
});

test('a range of a large file ends without wrong bytes when the file changes meanwhile', async (t) => {
  const desk = await Desk.create(t, { files: { 'beside.txt': 'x' } });
  desk.bench.write('film.mp4', randomBytes(large));
  await desk.bench.syncDone();
  const ticket = await desk.client.browse.content({ source: 'source', path: 'film.mp4', version: 1 });
  const { body } = await desk.answer(ticket.url);
  assert.ok(body !== undefined);
  let received = 0;
  await assert.rejects(async () => {
    for await (const chunk of body) {
      received += (chunk as Buffer).length;
      desk.bench.write('film.mp4', randomBytes(large), 1_500_000_000);
    }
  }, /was changed while it was shown/);
  assert.ok(received < large);
});

/** Stands for a store that is far away: nothing of it is at hand but through `get`. */
function afar(desk: Desk, gets: CopyAddress[], gate: () => Promise<void> = () => Promise.resolve()): void {
  const { catalog } = desk.bench.engine;
  const all = catalog.stores.all.bind(catalog.stores);
  catalog.stores.all = () => all().map((record) => ({ ...record, spec: { kind: 'drive', folder: 'root', path: '' } }));
  desk.bench.wrap('disk', (store): Store => {
    const get: Store['get'] = async (copy, range, signal) => {
      gets.push(copy);
      await gate();
      return store.get(copy, range, signal);
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'get') return get;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  });
}

test('a large version that is far away is fetched once, checked, and kept for every range', async (t) => {
  const bytes = randomBytes(large);
  const desk = await Desk.create(t, { files: { 'beside.txt': 'x' } });
  desk.bench.write('film.mp4', bytes);
  await desk.bench.syncDone();
  desk.bench.remove('film.mp4');
  const gets: CopyAddress[] = [];
  afar(desk, gets);
  const ticket = await desk.client.browse.content({ source: 'source', path: 'film.mp4', version: 1 });
  assert.equal(ticket.from, 'disk');
  const [one, other] = await Promise.all([
    desk.fetch(ticket.url, 'bytes=0-99'),
    desk.fetch(ticket.url, `bytes=${large - 100}-`),
  ]);
  assert.deepEqual(one.bytes, bytes.subarray(0, 100));
  assert.deepEqual(other.bytes, bytes.subarray(large - 100));
  const asked = gets.length;
  assert.deepEqual((await desk.fetch(ticket.url, 'bytes=500-599')).bytes, bytes.subarray(500, 600));
  assert.equal(gets.length, asked);
  assert.equal(gets.length, 1);
});

test('whoever stops waiting for a version that is far away ends its fetching, unless somebody else waits', async (t) => {
  const desk = await Desk.create(t, { files: { 'beside.txt': 'x' } });
  desk.bench.write('film.mp4', randomBytes(large));
  await desk.bench.syncDone();
  desk.bench.remove('film.mp4');
  let reached = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    reached = resolve;
  });
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  afar(desk, [], () => {
    reached();
    return gate;
  });
  const ticket = await desk.client.browse.content({ source: 'source', path: 'film.mp4', version: 1 });
  const [first, second] = [new AbortController(), new AbortController()];
  const answers = [desk.fetch(ticket.url, undefined, first.signal), desk.fetch(ticket.url, 'bytes=0-9', second.signal)];
  await waiting;
  first.abort();
  assert.equal((await answers[0])?.status, 404);
  open();
  assert.equal((await answers[1])?.bytes.length, 10);
});

test('nothing that could run is served as what it is', async (t) => {
  const desk = await Desk.create(t, {
    files: {
      'page.html': '<script>alert(1)</script>',
      'drawing.SVG': '<svg onload="alert(1)"/>',
      'mets.xml': '<?xml-stylesheet href="evil.xsl"?><a/>',
      'code.js': 'alert(1)',
      'unknown.xyz': '<html>',
      'no-ending': '<html>',
      'trick.html\u202ejpg': '<html>',
      'a\'b"c\nd;é.pdf': '%PDF',
    },
  });
  await desk.bench.syncDone();
  for (const name of ['page.html', 'drawing.SVG', 'mets.xml', 'code.js']) {
    const { headers } = await desk.show(name, 1);
    assert.equal(headers['content-type'], 'text/plain; charset=utf-8', name);
    assertHarmless(headers);
  }
  for (const name of ['unknown.xyz', 'no-ending', 'trick.html\u202ejpg']) {
    const { headers } = await desk.show(name, 1);
    assert.equal(headers['content-type'], 'application/octet-stream', name);
    assert.match(headers['content-disposition'] ?? '', /^attachment; /, name);
  }
  const { headers } = await desk.show('a\'b"c\nd;é.pdf', 1);
  assert.equal(headers['content-disposition'], "inline; filename*=UTF-8''a%27b%22c_d%3B%C3%A9.pdf");
  for (const name of Object.values(headers)) assert.match(name, /^[\x20-\x7e]*$/);
});

test('a ticket is for one version only, cannot be guessed and ends', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a', 'b.txt': 'b' } });
  await desk.bench.syncDone();
  const ticket = await desk.client.browse.content({ source: 'source', path: 'a.txt', version: 1 });
  const [, secret = ''] = ticket.url.split('/');
  assert.ok(Buffer.from(secret, 'base64url').length >= 16);
  const again = await desk.client.browse.content({ source: 'source', path: 'a.txt', version: 1 });
  assert.notEqual(again.url, ticket.url);
  const guesses = [
    '',
    'x',
    '..%2f..%2fetc%2fpasswd',
    '../catalog.db',
    secret.slice(0, -1),
    `${secret}/../b.txt`,
    secret.toUpperCase(),
    '__proto__',
  ];
  for (const guess of guesses) {
    const answer = await desk.answer(`content/${guess}`);
    assert.deepEqual([answer.status, answer.body], [404, undefined], guess);
    assertSandboxed(answer.headers);
  }
  assert.equal((await desk.fetch(ticket.url)).status, 200);
  desk.bench.clock.advance(13 * hour);
  assert.equal((await desk.answer(ticket.url)).status, 404);
});

function assertSandboxed(headers: Readonly<Record<string, string>>): void {
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-security-policy'] ?? '', /sandbox/);
}

test('no path leads out of the source, and no link does', async (t) => {
  const desk = await Desk.create(t, { files: { 'sub/a.txt': 'inside' } });
  await desk.bench.syncDone();
  const outside = path.join(desk.bench.folder, 'outside');
  fs.mkdirSync(outside);
  fs.writeFileSync(path.join(outside, 'a.txt'), 'secret');
  for (const escape of ['../outside/a.txt', '/etc/passwd', 'sub/../../outside/a.txt', 'sub', '', 'a.txt\0']) {
    const asked = desk.client.browse.content({ source: 'source', path: escape, version: 1 });
    assert.equal((await problemOf(asked)).code, 'unknown-name', escape);
    const opened = desk.client.browse.open({ source: 'source', path: escape, version: 1 });
    assert.equal((await problemOf(opened)).code, 'unknown-name', escape);
  }
  // The folder was replaced by a link to another one that holds a file of this name, size and time.
  const stat = fs.statSync(desk.bench.at('sub/a.txt'));
  fs.writeFileSync(path.join(outside, 'a.txt'), 'secret');
  fs.utimesSync(path.join(outside, 'a.txt'), stat.atime, stat.mtime);
  desk.bench.remove('sub');
  fs.symlinkSync(outside, desk.bench.at('sub'));
  const shown = await desk.show('sub/a.txt', 1);
  assert.equal(shown.bytes.toString(), 'inside');
});

test('the mark of a deletion and what has no copy are refused in words', async (t) => {
  const desk = await Desk.create(t, { files: { 'a.txt': 'a', 'b.txt': 'b' } });
  await desk.bench.syncDone();
  desk.bench.remove('a.txt');
  await desk.bench.syncDone();
  const content = (name: string, version: number) =>
    problemOf(desk.client.browse.content({ source: 'source', path: name, version }));
  assert.equal((await content('a.txt', 2)).code, 'unknown-name');
  assert.equal((await content('a.txt', 3)).code, 'unknown-name');
  const [version] = desk.bench.versions('a.txt');
  const { id } = desk.bench.store();
  desk.bench.engine.catalog.copies.checked(version?.versionId ?? 0, id, 'archived', 'audit', 0);
  const archived = await content('a.txt', 1);
  assert.equal(archived.code, 'copy-archived');
  assert.match(archived.advice ?? '', /thawed/);
  desk.bench.engine.catalog.copies.checked(version?.versionId ?? 0, id, 'missing', 'audit', 0);
  const missing = await content('a.txt', 1);
  assert.equal(missing.code, 'copy-missing');
  assert.match(missing.message, /No copy of version 1 of “a.txt” can be read now/);
});

test('a version is opened as a read-only copy of its own; what could run is not', async (t) => {
  const desk = await Desk.create(t, { files: { 'sub/thesis.pdf': 'first', 'virus.pdf.EXE': 'x', 'macro.docm': 'x' } });
  await desk.bench.syncDone();
  desk.bench.write('sub/thesis.pdf', 'second');
  await desk.bench.syncDone();
  await desk.client.browse.open({ source: 'source', path: 'sub/thesis.pdf', version: 1 });
  const [opened = ''] = desk.opened;
  assert.equal(path.basename(opened), 'thesis.pdf');
  assert.ok(opened.startsWith(path.join(desk.bench.home, 'scratch')));
  assert.equal(fs.readFileSync(opened, 'utf8'), 'first');
  assert.equal(fs.statSync(opened).mode & 0o777, 0o400);
  for (const name of ['virus.pdf.EXE', 'macro.docm']) {
    const refused = await problemOf(desk.client.browse.open({ source: 'source', path: name, version: 1 }));
    assert.equal(refused.code, 'usage');
  }
  assert.equal(desk.opened.length, 1);
  assert.ok(!desk.bench.events().includes('restored'));
});

test('a version that nothing here can show is refused in words, and its copy is not kept', async (t) => {
  const desk = await Desk.create(t, { files: { 'sub/thesis.pdf': 'first' } });
  await desk.bench.syncDone();
  desk.canOpen = false;
  const refused = await problemOf(desk.client.browse.open({ source: 'source', path: 'sub/thesis.pdf', version: 1 }));
  assert.equal(refused.code, 'usage');
  assert.equal(refused.message, 'This computer has no program for “thesis.pdf”, or no screen to show it on.');
  assert.equal(refused.subject, 'sub/thesis.pdf', 'and not the copy, which nobody knows of');
  assert.deepEqual(fs.readdirSync(path.join(desk.bench.home, 'scratch')), []);
});

test('the closed table: viewers by ending, programs whatever is put behind them', () => {
  const viewers = {
    'a.TIF': 'tiff',
    'a.csv': 'table',
    'a.tsv': 'table',
    'a.pdf': 'pdf',
    'a.wav': 'audio',
    'a.webm': 'video',
    'a.jpg': 'image',
    README: 'text',
    '.html': 'none',
    'a.svg': 'text',
    'a.exe': 'none',
  };
  for (const [name, viewer] of Object.entries(viewers)) assert.equal(mediaOf(name).viewer, viewer, name);
  for (const name of ['a.exe', 'a.lnk. . ', 'A.SCR', 'a.tar.sh', 'a.hta', 'a.url', 'x.desktop', 'a.html'])
    assert.ok(couldRun(name), name);
  for (const name of ['a.pdf', 'exe', 'a.tif', 'report.exe.pdf', 'a.docx']) assert.ok(!couldRun(name), name);
});

test('ranges of any header and size stay inside the file', (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const pieces = ['bytes=', '-', ',', '0', '7', '99999999999999999', ' ', 'x', '12'];
  let state = seed;
  const next = (limit: number): number => (state = (state * 48_271 + 11) % 2_147_483_647) % limit;
  for (let round = 0; round < 20_000; round += 1) {
    const header = `bytes=${Array.from({ length: next(5) }, () => pieces[next(pieces.length)] ?? '').join('')}`;
    const size = next(20);
    const span = spanOf(header, size);
    if (span === undefined || span === 'unsatisfiable') continue;
    assert.ok(span.start >= 0 && span.start < span.end && span.end <= size, `${header} of ${size}`);
  }
});

test('the scratch folder is emptied at the start, and keeps no more than its bound but for what is in use', async (t) => {
  const home = tempFolder(t);
  fs.mkdirSync(path.join(home, 'scratch/old'), { recursive: true });
  fs.writeFileSync(path.join(home, 'scratch/old/left.txt'), 'left');
  fs.writeFileSync(path.join(home, 'beside.txt'), 'kept');
  const scratch = new Scratch(home, 250);
  const files: string[] = [];
  for (const key of ['a', 'b', 'c', 'd']) {
    const file = path.join(await scratch.folder(), key);
    fs.writeFileSync(file, Buffer.alloc(100));
    files.push(file);
    await scratch.keep(key, file);
    if (key === 'a') atEnd(t, scratch.use('a')?.release ?? (() => undefined));
  }
  assert.deepEqual(
    files.map((file) => fs.existsSync(file)),
    [true, false, false, true],
  );
  assert.equal(scratch.use('b'), undefined);
  assert.ok(!fs.existsSync(path.join(home, 'scratch/old')));
  assert.ok(fs.existsSync(path.join(home, 'beside.txt')));
});
