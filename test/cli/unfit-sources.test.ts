import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Desk, withoutPrivileges } from './kit.ts';

/** Expects that a folder is refused, with a sentence, and that nothing was recorded. */
async function refused(
  desk: Desk,
  folder: string,
  code: string,
  says: RegExp,
  under: readonly string[] = [],
): Promise<void> {
  const args = ['protect', folder, '--to', desk.disk('new')];
  assert.match((await desk.fails(args, code, 2, { under })).message, says);
  assert.match(await desk.text(args, 2, { under }), says);
  const { sources } = await desk.json('source list');
  assert.ok(!sources.some(({ root }) => root === desk.at(folder)), 'nothing was recorded');
  assert.ok(!fs.existsSync(desk.at('disks/new')), 'nor was a store made');
}

async function deskWithCatalog(context: Parameters<typeof Desk.make>[0]): Promise<Desk> {
  const desk = Desk.make(context);
  await desk.text(['sync']);
  return desk;
}

test('a folder that is missing', async (context) => {
  const desk = await deskWithCatalog(context);
  await refused(desk, 'nothing/here', 'source-missing', /There is no folder .*nothing\/here\. Nothing was recorded/);
});

test('a folder that is empty', async (context) => {
  const desk = await deskWithCatalog(context);
  fs.mkdirSync(desk.at('empty'));
  await refused(desk, 'empty', 'source-empty', /empty is empty\. Nothing was recorded/);
});

test('a folder that may not be read, and one whose files may not be reached', async (context) => {
  const desk = await deskWithCatalog(context);
  for (const mode of [0o000, 0o400, 0o100]) {
    desk.write('closed/a.txt', 'a');
    fs.chmodSync(desk.at('closed'), mode);
    await refused(
      desk,
      'closed',
      'source-unreadable',
      /closed may not be read\. Nothing was recorded/,
      withoutPrivileges,
    );
    fs.chmodSync(desk.at('closed'), 0o700);
  }
  fs.chmodSync(desk.folder, 0o600);
  await desk.fails(['source', 'add', 'closed'], 'source-unreadable', 2, {
    under: withoutPrivileges,
    env: { STRONGROOM_HOME: fs.mkdtempSync(`${desk.folder}-`) },
  });
  fs.chmodSync(desk.folder, 0o700);
});

test('a file, a socket in its place, and a link to a file', async (context) => {
  const desk = await deskWithCatalog(context);
  desk.write('a.txt', 'a');
  fs.symlinkSync('a.txt', desk.at('link'));
  await refused(desk, 'a.txt', 'source-not-a-folder', /a\.txt is a file\. Nothing was recorded/);
  await refused(desk, 'link', 'source-not-a-folder', /link is a file/);
});

test('inside another source, around one, and the same by way of a link', async (context) => {
  const desk = await deskWithCatalog(context);
  desk.write('share/scans/box/a.txt', 'a');
  fs.symlinkSync('scans', desk.at('share/way-in'));
  await desk.json('source add', ['share/scans']);
  await refused(desk, 'share/scans/box', 'source-overlaps', /box is inside the source "scans"/);
  await refused(desk, 'share', 'source-overlaps', /share contains the source "scans"/);
  await refused(desk, 'share/way-in/box', 'source-overlaps', /is inside the source "scans"/);
  desk.write('share/scans-of-others/a.txt', 'beside, not inside');
  assert.equal((await desk.json('source add', ['share/scans-of-others'])).source.name, 'scans-of-others');
});

test('inside a store, around one, and a store inside the source', async (context) => {
  const desk = await deskWithCatalog(context);
  desk.write('scans/a.txt', 'a');
  await desk.json('protect', ['scans', '--to', desk.disk('second')]);
  await refused(desk, 'disks/second/files/scans', 'source-overlaps', /is inside the store "second"/);
  await refused(desk, 'disks', 'source-overlaps', /disks contains the store "second"/);
  desk.write('more/b.txt', 'b');
  await desk.fails(['protect', 'more', '--to', `folder://${desk.at('more/store')}`], 'source-overlaps', 2);
  assert.deepEqual(fs.readdirSync(desk.at('more')), ['b.txt'], 'nothing is made in what was to be protected');
  await desk.fails(['store', 'add', `folder://${desk.at('scans/store')}`], 'source-overlaps', 2);
  assert.deepEqual(fs.readdirSync(desk.at('scans')), ['a.txt']);
});

test('stores that are written wrongly, with the part that is wrong', async (context) => {
  const desk = await deskWithCatalog(context);
  desk.write('scans/a.txt', 'a');
  for (const [spec, says] of [
    ['ftp://somewhere', /does not begin with folder:\/\//],
    ['folder://relative', /not absolute/],
    ['folder:///a?b', /%3F/],
    ['folder:///a%zz', /%25/],
    ['s3://Up', /no bucket that S3 allows/],
    ['s3://bucket/x?colour=red', /"colour"/],
    ['s3://bucket/x?lock=forever', /lock=governance:365d/],
    ['s3://bucket/x?endpoint=nowhere', /endpoint/],
  ] as const) {
    const told = await desk.fails(['protect', 'scans', '--to', spec], 'usage', 2);
    assert.match(told.message, says, spec);
    assert.match(told.advice ?? '', /Examples: folder:\/\/\//);
  }
  assert.match((await desk.fails(['protect', 'scans'], 'usage', 2)).message, /not said where/);
  assert.match((await desk.fails(['protect', 'scans', '--to', 'nope'], 'unknown-name', 2)).message, /no store "nope"/);
  assert.match(
    (await desk.fails(['protect', 'scans', '--to', 'folder:///no/such/disk/copies'], 'store-not-found', 1)).advice ??
      '',
    /disk connected/,
  );
  assert.deepEqual(await desk.json('source list'), { sources: [] });
  assert.deepEqual(await desk.json('store list'), { stores: [] });
});
