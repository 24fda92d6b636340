import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { driveLetters, folderAbove, isHiddenFolder, mountedPlaces } from '../../electron/engine/platform/mounts.ts';
import { fingerprint, manyFiles, tempFolder, writeAt } from '../engine/kit.ts';
import { all, Desk, problemOf } from './browse/kit.ts';

const rules = { exclude: [], include: [], defaults: true };

test('the folders of a folder are listed by name, hidden ones left out, links to folders followed, files not', async (t) => {
  const desk = await Desk.create(t);
  const folder = tempFolder(t);
  for (const name of ['box 10', 'box 2', '.hidden', 'Ärger', '書庫', '<img src=x>', 'מסמכים'])
    fs.mkdirSync(path.join(folder, name));
  writeAt(folder, 'file.txt', 'x');
  fs.symlinkSync(path.join(folder, 'box 2'), path.join(folder, 'link'));
  fs.symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'broken'));
  const place = await desk.client.places.list({ path: `${folder}/./box 2/..` });
  assert.deepEqual([place.path, place.parent, place.problem], [folder, path.dirname(folder), null]);
  assert.deepEqual(
    place.folders.map(({ name }) => name),
    ['<img src=x>', 'Ärger', 'box 2', 'box 10', 'link', 'מסמכים', '書庫'],
  );
  assert.equal(place.folders[2]?.path, path.join(folder, 'box 2'));
  assert.equal(place.disk, String(fs.statSync(folder).dev));
  const start = await desk.client.places.list({});
  assert.equal(start.problem, null);
  assert.deepEqual(start.roots[0], { label: 'Home', path: start.path });
  assert.equal((await desk.client.places.list({ path: '/' })).parent, null);
});

test('a folder that cannot be listed says why, and the starting points are there all the same', async (t) => {
  const desk = await Desk.create(t);
  const folder = tempFolder(t);
  writeAt(folder, 'file.txt', 'x');
  const expected = {
    [path.join(folder, 'nowhere')]: 'source-missing',
    [path.join(folder, 'file.txt')]: 'source-not-a-folder',
    'relative/one': 'usage',
  };
  for (const [asked, code] of Object.entries(expected)) {
    const { problem, folders, roots } = await desk.client.places.list({ path: asked });
    assert.equal(problem?.code, code);
    assert.notEqual(problem.advice, null);
    assert.deepEqual(folders, []);
    assert.ok(roots.length > 0);
  }
});

test('a folder is made where a person asks for it, and no more than that one', async (t) => {
  const desk = await Desk.create(t);
  const folder = tempFolder(t);
  assert.deepEqual(await desk.client.places.make({ path: folder, name: 'Copies ü' }), {
    path: path.join(folder, 'Copies ü'),
  });
  assert.deepEqual(await desk.client.places.make({ path: path.join(folder, 'itself') }), {
    path: path.join(folder, 'itself'),
  });
  assert.deepEqual(fs.readdirSync(folder).sort(), ['Copies ü', 'itself']);
  const refused: readonly (readonly [{ path: string; name?: string }, string])[] = [
    [{ path: folder, name: 'itself' }, 'name-taken'],
    [{ path: path.join(folder, 'not', 'there') }, 'source-missing'],
    [{ path: folder, name: '../beside' }, 'usage'],
    [{ path: folder, name: '..' }, 'usage'],
    [{ path: folder, name: ' ' }, 'usage'],
    [{ path: 'relative', name: 'one' }, 'usage'],
  ];
  for (const [asked, code] of refused)
    assert.equal((await problemOf(desk.client.places.make(asked))).code, code, asked.name ?? asked.path);
  // A source is read, and never written into.
  assert.equal(
    (await problemOf(desk.client.places.make({ path: desk.bench.root, name: 'new' }))).code,
    'source-overlaps',
  );
  assert.ok(!fs.existsSync(path.join(desk.bench.root, 'new')));
  assert.deepEqual(fs.readdirSync(folder).sort(), ['Copies ü', 'itself']);
});

test('shares and disks are found in the table of mounts, whatever their names', () => {
  const table = [
    'sysfs /sys sysfs rw 0 0',
    '/dev/sda1 / ext4 rw 0 0',
    '/dev/sda2 /boot ext4 rw 0 0',
    'tmpfs /run/media/tmp tmpfs rw 0 0',
    '//archive.example/scans /srv/scans\\040and\\040maps cifs rw 0 0',
    'nas:/export/masters /home/anna/masters nfs4 rw 0 0',
    '/dev/sdb1 /media/anna/Backup\\134disk exfat rw 0 0',
    'anna@host:/data /home/anna/remote fuse.sshfs rw 0 0',
    'systemd-1 /mnt/auto autofs rw 0 0',
    'broken',
    '',
  ].join('\n');
  assert.deepEqual(mountedPlaces(table), [
    { label: 'scans and maps (//archive.example/scans)', path: '/srv/scans and maps' },
    { label: 'masters (nas:/export/masters)', path: '/home/anna/masters' },
    { label: 'Backup\\disk', path: '/media/anna/Backup\\disk' },
    { label: 'remote (anna@host:/data)', path: '/home/anna/remote' },
  ]);
});

test('the folder above follows the rules of each system', () => {
  assert.equal(folderAbove('/a/b/', 'linux'), '/a');
  assert.equal(folderAbove('/a', 'darwin'), '/');
  assert.equal(folderAbove('/', 'linux'), null);
  assert.equal(folderAbove('C:\\Users\\anna', 'win32'), 'C:\\Users');
  assert.equal(folderAbove('C:/Users', 'win32'), 'C:\\');
  assert.equal(folderAbove('C:\\', 'win32'), null);
  assert.equal(folderAbove('\\\\server\\share\\box', 'win32'), '\\\\server\\share');
  assert.equal(folderAbove('\\\\server\\share', 'win32'), null);
  assert.deepEqual(
    driveLetters()
      .map(({ label }) => label)
      .slice(0, 2),
    ['C:', 'D:'],
  );
  assert.ok(isHiddenFolder('$RECYCLE.BIN', 'win32') && !isHiddenFolder('$RECYCLE.BIN', 'linux'));
  assert.ok(
    isHiddenFolder('.git', 'darwin') && isHiddenFolder('lost+found', 'linux') && !isHiddenFolder('box', 'linux'),
  );
});

test('a preview counts what the rules take in, as a run then does, and changes nothing', async (t) => {
  const desk = await Desk.create(t);
  const root = tempFolder(t);
  for (const [name, text] of Object.entries({
    'a.tif': 'aaaa',
    'sub/b.tif': 'bb',
    'sub/Thumbs.db': 'litter',
    'sub/~$thesis.docx': 'lock',
    'tmp/c.tif': 'left out as a whole',
    'tmp/d/e.tif': 'too',
    'keep.tmp': 'kept',
    '日本.txt': 'x',
  }))
    writeAt(root, name, text);
  fs.writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0x2e, 0x74])]), 'raw');
  fs.symlinkSync('a.tif', path.join(root, 'link'));
  const before = fingerprint(root);
  const some = { exclude: ['tmp/'], include: ['keep.tmp'], defaults: true };
  const told = await all(await desk.client.sources.preview({ root, rules: some }));
  const last = told.at(-1);
  assert.deepEqual(
    {
      ...last,
      examplesLeftOut: [...(last?.examplesLeftOut ?? [])].sort(),
      leftOutBy: (last?.leftOutBy ?? []).map(({ why, amount, examples }) => [why, amount, ...[...examples].sort()]),
    },
    {
      done: true,
      files: 5,
      bytes: 14,
      folders: 1,
      leftOut: 4,
      examplesLeftOut: ['link', 'sub/Thumbs.db', 'sub/~$thesis.docx', 'tmp/'],
      leftOutBy: [
        ['link', 1, 'link'],
        ['rule', 1, 'tmp/'],
        ['litter', 2, 'sub/Thumbs.db', 'sub/~$thesis.docx'],
      ],
      largest: last?.largest,
      problem: null,
    },
  );
  assert.deepEqual(
    last?.largest.map(({ size }) => size),
    [4, 4, 3, 2, 1],
  );
  assert.deepEqual(fingerprint(root), before);
  assert.equal(desk.bench.engine.catalog.sources.all().length, 1);
});

test('a preview says why a folder cannot be a source', async (t) => {
  const desk = await Desk.create(t, { files: { 'sub/a.txt': 'a' } });
  const preview = async (root: string) => (await all(await desk.client.sources.preview({ root, rules }))).at(-1);
  const empty = tempFolder(t);
  assert.equal((await preview(path.join(empty, 'nowhere')))?.problem?.code, 'source-missing');
  assert.equal((await preview(empty))?.problem?.code, 'source-empty');
  assert.equal((await preview('relative'))?.problem?.code, 'usage');
  const inside = await preview(path.join(desk.bench.root, 'sub'));
  assert.deepEqual([inside?.problem?.code, inside?.files], ['source-overlaps', 1]);
  const itself = await preview(desk.bench.root);
  assert.deepEqual([itself?.problem, itself?.files], [null, 1]);
});

test('a preview of many files tells its first numbers at once, more while it counts, and ends when nobody listens', async (t) => {
  const desk = await Desk.create(t);
  const root = tempFolder(t);
  for (let folder = 0; folder < 12; folder += 1)
    for (const name of Object.keys(manyFiles(`f${folder}`, 250))) writeAt(root, name, '');
  const counts: number[] = [];
  for await (const { files, done } of await desk.client.sources.preview({ root, rules })) {
    counts.push(files);
    if (done) break;
  }
  assert.equal(counts.at(-1), 3_000);
  assert.deepEqual(
    [...counts].sort((left, right) => left - right),
    counts,
  );
  const stream = await desk.client.sources.preview({ root, rules });
  const stop = new AbortController();
  const stopped = desk.client.sources.preview({ root, rules }, { signal: stop.signal }).then(all);
  stop.abort();
  await assert.rejects(stopped);
  await stream.return();
});
