import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Desk } from './kit.ts';

test('a folder that was removed and is protected again is continued, and says so', async (context) => {
  const desk = Desk.make(context);
  desk.write('Scans/a.txt', 'one');
  await desk.json('protect', [desk.at('Scans'), '--to', desk.disk('one'), '--to', desk.disk('two')]);
  desk.write('Scans/a.txt', 'two!', 1_800_000_000);
  await desk.sync();
  await desk.json('source remove', ['Scans']);
  const told = await desk.text(['protect', desk.at('Scans'), '--to', 'one']);
  assert.match(told, /protected before, until .*Its 2 versions are still there, and "Scans" is continued\./s);
  assert.match(told, /nothing changed/);
  assert.deepEqual(fs.readdirSync(desk.at('disks', 'one', 'files')), ['Scans']);
  const { sources } = await desk.json('source list');
  assert.deepEqual(
    sources.map(({ name, stores }) => [name, stores]),
    [['Scans', ['one', 'two']]],
  );
  assert.equal((await desk.json('versions', ['Scans:a.txt'])).versions.length, 2);

  const { source } = await desk.json('source edit', ['Scans', '--not-to', 'two']);
  assert.deepEqual(source.stores, ['one']);
  await desk.fails(['source', 'edit', 'Scans', '--not-to', 'one'], 'usage', 2);
  await desk.json('source remove', ['Scans']);
  assert.match(await desk.text(['source', 'add', desk.at('Scans'), '--to', 'one']), /"Scans" is continued/);
  await desk.json('source remove', ['Scans']);
  const anew = await desk.json('source add', [desk.at('Scans'), '--to', 'one', '--name', 'Other']);
  assert.equal(anew.source.name, 'Other');
});

test('no store is made in a folder that is protected or about to be, whatever leads there', async (context) => {
  const desk = Desk.make(context);
  desk.write('Scans/a.txt', 'one');
  fs.symlinkSync(desk.at('Scans'), desk.at('way'));
  for (const place of ['Scans', 'Scans/copies', 'way', 'way/copies', '.']) {
    const spec = `folder://${desk.at(place)}`;
    await desk.fails(['protect', desk.at('Scans'), '--to', spec], 'source-overlaps', 2);
  }
  await desk.fails(['store', 'add', `folder://${desk.at('Scans')}`], 'usage', 2);
  await desk.json('protect', [desk.at('Scans'), '--to', desk.disk('one')]);
  await desk.fails(['store', 'add', `folder://${desk.at('way/copies')}`], 'source-overlaps', 2);
  assert.deepEqual(fs.readdirSync(desk.at('Scans')), ['a.txt']);
});
