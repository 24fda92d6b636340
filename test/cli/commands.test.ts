import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { outputs } from '../../electron/hosts/cli/output.ts';
import { Desk } from './kit.ts';

/** Every command, as `strongroom --help` leads to it. */
const commands = [
  ...['protect', 'sync', 'watch', 'status', 'runs', 'events', 'ls', 'versions', 'search', 'restore', 'verify'],
  ...['rebuild', 'schema', 'source add', 'source list', 'source edit', 'source remove', 'catalog check'],
  ...['catalog restore', 'store add', 'store list', 'store check', 'store policy', 'store key', 'store limit'],
  ...['store remove', 'serve'],
];

test('every command has help with an example, and the help of the whole names them all', async (context) => {
  const desk = Desk.make(context);
  const whole = await desk.text(['--help']);
  assert.match(whole, /Exit codes:\n\s+0/);
  for (const command of commands) {
    const help = await desk.text([...command.split(' '), '--help']);
    assert.match(help, /\nExample:\n {2}strongroom /, command);
    assert.match(help, /--json/, `${command}: the options that every command has`);
    assert.match(whole, new RegExp(`^ {2}${command.split(' ')[0] ?? ''}\\b`, 'm'), command);
  }
  assert.ok(!fs.existsSync(desk.home), 'help makes no catalog');
});

test('every command that prints JSON has a schema, which "schema" prints as JSON Schema', async (context) => {
  const desk = Desk.make(context);
  const schemas = z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .parse(JSON.parse(await desk.text(['schema'])));
  const printing = commands.filter((command) => command !== 'schema');
  assert.deepEqual(Object.keys(schemas).sort(), printing.toSorted());
  for (const [name, schema] of Object.entries(schemas)) {
    assert.equal(schema['$schema'], 'https://json-schema.org/draft/2020-12/schema', name);
    assert.equal(schema['type'], 'object', name);
    assert.deepEqual(
      schema['required'],
      Object.keys(z.record(z.string(), z.unknown()).parse(schema['properties'])),
      name,
    );
  }
  const one = JSON.parse(await desk.text(['schema', 'store', 'check'])) as unknown;
  assert.deepEqual(one, schemas['store check']);
  await desk.fails(['schema', 'nonsense'], 'usage', 2);
});

test('what is typed wrongly is told as text or as JSON, with exit code 2, and makes nothing', async (context) => {
  const desk = Desk.make(context);
  for (const args of [[], ['bogus'], ['protect'], ['sync', '--bogus'], ['source'], ['restore'], ['rebuild']]) {
    await desk.text(args, 2);
    await desk.fails(args, 'usage', 2);
  }
  assert.match(await desk.text(['statsu'], 2), /Did you mean status/);
  assert.match(await desk.text(['bogus\u001b[31m\u202e'], 2), /bogus␛\[31m/);
  assert.ok(!fs.existsSync(desk.home));
  assert.match(await desk.text(['--version']), /^\d+\.\d+\.\d+\n$/);
});

test('before anything is protected, every command says so and what to do first', async (context) => {
  const desk = Desk.make(context);
  for (const args of [['status'], ['source', 'list'], ['store', 'list'], ['runs'], ['events'], ['search', 'x']]) {
    const told = await desk.fails(args, 'catalog-missing', 5);
    assert.match(told.advice ?? '', /strongroom protect/, args.join(' '));
  }
  assert.ok(!fs.existsSync(desk.at('home/catalog.db')), 'looking makes no catalog');
  await desk.fails(['catalog', 'restore'], 'catalog-missing', 5);

  assert.match(await desk.text(['sync']), /No source yet\. Protect a folder: strongroom protect/);
  assert.deepEqual(await desk.json('sync'), { runs: [], problems: [] });
  assert.match(await desk.text(['status']), /Nothing is protected yet/);
  assert.match(await desk.text(['source', 'list']), /No source yet/);
  assert.match(await desk.text(['store', 'list']), /No store yet/);
  assert.match(await desk.text(['runs']), /No run yet/);
  assert.match(await desk.text(['events']), /Nothing has happened yet/);
  assert.match(await desk.text(['verify']), /nothing to check/);
  assert.match(await desk.text(['search', 'x']), /Nothing is named like "x"/);
  await desk.fails(['watch'], 'usage', 2);
  for (const args of [
    ['ls', 'x'],
    ['versions', 'x:y'],
    ['restore', 'x'],
    ['sync', 'x'],
    ['source', 'remove', 'x'],
  ])
    await desk.fails(args, 'unknown-name', 2);
  for (const args of [
    ['store', 'check', 'x'],
    ['store', 'remove', 'x'],
    ['verify', '--store', 'x'],
  ])
    await desk.fails(args, 'unknown-name', 2);
});

test('the main job in one line, and everything that can be asked about it', async (context) => {
  const desk = Desk.make(context);
  desk.write('scans/box 1/page-1.tif', 'one');
  desk.write('scans/box 1/page-2.tif', 'two');
  desk.write('scans/notes.txt', 'notes');
  desk.write('scans/Thumbs.db', 'left out');
  fs.symlinkSync('/etc/passwd', desk.at('scans/link'));
  const disk = desk.disk('second');

  assert.match(
    await desk.text(['protect', 'scans', '--to', disk]),
    /^"scans" is protected: 3 files looked at, 3 new files\.\n {2}second: 3 copies stored \(11 B sent\)\n {2}1 link, socket or device left out/,
  );
  const again = await desk.json('protect', ['scans', '--to', disk]);
  assert.deepEqual(again.source.stores, ['second']);
  assert.equal(again.runs[0]?.unchanged, 3, 'protect again is a sync');
  assert.equal(again.runs[0].stores[0]?.copied, 0);
  assert.equal((await desk.json('protect', ['scans'])).runs[0]?.outcome, 'done', 'where to is known by now');
  assert.match(await desk.text(['sync', 'scans']), /nothing changed\.\n {2}second: up to date/);

  desk.write('scans/notes.txt', 'more notes', Date.now() / 1000 - 3600);
  assert.equal((await desk.sync(['scans'])).changed, 1);

  const status = await desk.json('status');
  assert.ok(status.safe && status.sources[0]?.files === 3 && status.sources[0].versions === 4);
  assert.match(
    await desk.text(['status', 'scans']),
    /Everything is safe: 3 files[^]*Left out:\n {2}link \(symbolic link/,
  );
  assert.equal((await desk.json('runs', ['scans', '--limit', '2'])).runs.length, 2);
  assert.match(await desk.text(['runs', '--problems']), /is protected/);
  const { events } = await desk.json('events', ['--limit', '10']);
  assert.deepEqual(events.map(({ kind }) => kind).toReversed(), ['store-added', 'source-added']);
  assert.match(await desk.text(['events', 'scans']), /source-added +scans/);

  const listing = await desk.json('ls', ['scans']);
  assert.deepEqual(listing.folders, [{ name: 'box 1' }]);
  assert.deepEqual(
    listing.files.map(({ name, version, size }) => [name, version, size]),
    [['notes.txt', 2, 10]],
  );
  assert.match(await desk.text(['ls', 'scans:box 1/']), /page-1\.tif\n.*page-2\.tif\n$/);
  assert.equal((await desk.json('ls', ['scans:notes.txt'])).files.length, 1);
  await desk.fails(['ls', 'scans:nothing'], 'unknown-name', 2);

  const { versions } = await desk.json('versions', ['scans:notes.txt']);
  assert.deepEqual(
    versions.map(({ number, size }) => [number, size]),
    [
      [1, 5],
      [2, 10],
    ],
  );
  assert.deepEqual(
    versions[0]?.copies.map(({ store, state }) => [store, state]),
    [['second', 'stored']],
  );
  assert.match(await desk.text(['versions', 'scans:notes.txt']), /1 +\d{4}-.* 5 B .*second stored/);
  assert.match((await desk.fails(['versions', 'scans:box 1'], 'unknown-name', 2)).advice ?? '', /It is a folder/);

  const { found } = await desk.json('search', ['PAGE']);
  assert.deepEqual(found.map(({ path }) => path).sort(), ['box 1/page-1.tif', 'box 1/page-2.tif']);
  assert.equal((await desk.json('search', ['page', '--limit', '1'])).more, true);
  assert.match(await desk.text(['search', 'page', '--limit', '1']), /and more/);

  assert.match(await desk.text(['verify']), /4 copies checked, by name, size and time only .*none bad/);
  const audit = (await desk.json('verify', ['scans', '--store', 'second', '--deep'])).audits[0];
  assert.deepEqual([audit?.checked, audit?.verified, audit?.bad], [4, 4, []]);
  assert.match(await desk.text(['catalog', 'check']), /is whole/);
  assert.equal((await desk.json('catalog check')).whole, true);
  for (const limit of ['0', 'x', '-1']) await desk.fails(['runs', '--limit', limit], 'usage', 2);
});

test('sources: names made unique, edited, moved, and forgotten with their copies kept', async (context) => {
  const desk = Desk.make(context);
  for (const year of ['2024', '2025', '2026']) desk.write(`${year}/scans/a.txt`, year);
  const disk = desk.disk('second');
  await desk.json('store add', [disk]);
  const names = [];
  for (const year of ['2024', '2025', '2026'])
    names.push((await desk.json('source add', [`${year}/scans`, '--to', 'second'])).source.name);
  assert.deepEqual(names, ['scans', 'scans-2', 'scans-3']);
  await desk.fails(['source', 'add', '2024', '--name', 'scans'], 'source-overlaps', 2);
  desk.write('other/b.txt', 'b');
  await desk.fails(['source', 'add', 'other', '--name', 'scans'], 'name-taken', 2);
  for (const name of ['a:b', 'a/b', '..', '']) await desk.fails(['source', 'add', 'other', '--name', name], 'usage', 2);
  desk.write('odd/a:b/c.txt', 'c');
  assert.equal((await desk.json('source add', ['odd/a:b'])).source.name, 'a-b', 'a colon divides source and path');
  assert.match(await desk.text(['source', 'list']), /scans-2 +\S+2025\/scans +second\n/);
  await desk.text(['sync', 'scans-2']);

  fs.renameSync(desk.at('2025'), desk.at('moved'));
  await desk.fails(['source', 'edit', 'scans-2', '--root', '2024/scans'], 'source-overlaps', 2);
  await desk.fails(['source', 'edit', 'scans-2', '--root', '2025/scans'], 'source-missing', 2);
  const edited = await desk.json('source edit', ['scans-2', '--root', 'moved/scans', '--exclude', '*.bak']);
  assert.equal(edited.source.root, desk.at('moved/scans'));
  assert.deepEqual(edited.source.exclude, ['*.bak']);
  desk.write('moved/scans/a.bak', 'left out');
  assert.equal((await desk.sync(['scans-2'])).unchanged, 1, 'the same files in their new place');

  await desk.json('source remove', ['scans-2']);
  assert.equal(desk.read('disks/second/files/scans-2/a.txt'), '2025', 'the copy stays');
  assert.ok(!(await desk.json('source list')).sources.some(({ name }) => name === 'scans-2'));
  assert.match(await desk.text(['source', 'remove', 'scans-3']), /Its copies stay/);
});

test('stores: named, listed, checked, limited, keyed and forgotten', async (context) => {
  const desk = Desk.make(context);
  const disk = desk.disk('second');
  assert.match(await desk.text(['store', 'add', disk]), /Added the store "second"/);
  assert.match((await desk.fails(['store', 'add', disk], 'name-taken', 2)).message, /as "second"/);
  await desk.fails(['store', 'add', desk.disk('other'), '--name', 'second'], 'name-taken', 2);
  assert.equal((await desk.json('store add', [desk.disk('deep second')])).store.name, 'deep second');
  assert.match(await desk.text(['store', 'list']), /second +folder:\/\/\//);
  const check = await desk.json('store check', ['second']);
  assert.ok(check.passed && check.steps.length >= 8 && check.steps.every((step) => step.passed));
  assert.match(await desk.text(['store', 'check', 'second']), /ok {4} {2}Write a small file[^]*can do all/);
  assert.match(JSON.stringify((await desk.json('store policy', ['s3://bucket/prefix'])).policy), /s3:PutObject/);
  await desk.fails(['store', 'policy', 'second'], 'usage', 2);
  const limited = await desk.json('store limit', ['second', '--upload', '1.5M', '--download', '500K']);
  assert.deepEqual([limited.store.uploadLimit, limited.store.downloadLimit], [1_500_000, 500_000]);
  assert.match(await desk.text(['store', 'limit', 'second', '--upload', 'none']), /up no limit, down 500 KB\/s/);
  await desk.fails(['store', 'limit', 'second', '--upload', 'fast'], 'usage', 2);
  assert.deepEqual(await desk.json('store remove', ['deep second']), { removed: 'deep second' });
  assert.equal((await desk.json('store list')).stores.length, 1);
  assert.ok(fs.existsSync(desk.at('disks/deep second/strongroom/store.json')), 'what it holds stays');
});

test('the schemas cover the commands, so that no test can forget one', () => {
  assert.deepEqual(Object.keys(outputs).sort(), commands.filter((command) => command !== 'schema').toSorted());
});
