import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Desk, withoutPrivileges } from './kit.ts';

const evil = 'e\u001b]0;title\u0007\u001b[2J\r\u009b31m\u202etxt.\u2066\u200f\u061c\nfile';

test('names with escapes, newlines and turned writing never reach the terminal raw, whatever is asked', async (context) => {
  const desk = Desk.make(context);
  const source = `s${evil}`;
  desk.write(`${source}/${evil}/${evil}.txt`, 'hostile');
  desk.write(`${source}/closed${evil}/a.txt`, 'closed later');
  fs.symlinkSync(`/to/${evil}`, desk.at(source, `link${evil}`));
  fs.writeFileSync(Buffer.concat([Buffer.from(`${desk.at(source)}/raw-`), Buffer.of(0xff, 0x9b, 0x0a)]), 'raw bytes');
  const disk = desk.disk(`disk${evil}`).replace(evil, encodeURIComponent(evil));
  const file = `${source}:${evil}/${evil}.txt`;

  // Every call of the kit looks at what was printed.
  await desk.text(['protect', source, '--to', disk]);
  await desk.json('sync');
  fs.chmodSync(desk.at(source, `closed${evil}`), 0);
  await desk.text(['sync'], 1, { under: withoutPrivileges });
  const { problems } = await desk.sync([], 1, { under: withoutPrivileges });
  assert.equal(problems[0]?.subject, `closed${evil}`, 'in JSON the name is exact');
  fs.chmodSync(desk.at(source, `closed${evil}`), 0o700);
  for (const words of [
    ['status', source],
    ['ls', source],
    ['ls', file],
    ['versions', file],
    ['search', 'txt'],
    ['events'],
  ])
    await desk.text(words, words[0] === 'status' ? 1 : 0);
  for (const words of [
    ['source', 'list'],
    ['store', 'list'],
    ['runs', '--problems'],
    ['verify', '--deep'],
  ])
    await desk.text(words);
  assert.equal((await desk.json('ls', [source])).source, source);
  desk.write(`${source}/${evil}/${evil}.txt`, 'changed');
  await desk.text(['restore', file, '--conflict', 'keep-both']);
  await desk.text(['restore', file], 1);
  const { restored } = await desk.json('restore', [source, '--into', `out${evil}`]);
  assert.equal(restored, 3, 'and every one of them comes back');
  await desk.text(['restore', source, '--into', `out${evil}`]);
  for (const words of [
    ['sync', `x${evil}`],
    ['ls', `x${evil}`],
    ['versions', `${source}:x${evil}`],
    ['restore', `${source}:x${evil}`],
  ])
    await desk.text(words, 2);
  await desk.text(['protect', `missing${evil}`, '--to', disk], 2);
  await desk.text([`no-command${evil}`], 2);
  await desk.text(['ls', source, '--at', evil], 2);
  fs.rmSync(desk.at('disks', `disk${evil}`), { recursive: true });
  await desk.text(['verify'], 1);
});
