import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { labServer } from '../lab/servers.ts';
import { Desk, endOf, makeBucket, type LabStore } from './kit.ts';

const server = () => labServer('ceph');

/** A desk whose keys are in a key file only, and whose vault's passphrase is in a file. */
async function secretDesk(context: TestContext): Promise<{ desk: Desk; store: LabStore; secrets: string[] }> {
  const desk = Desk.make(context);
  const store = await makeBucket(desk, server());
  const { accessKeyId, secretAccessKey } = server();
  delete desk.env['AWS_ACCESS_KEY_ID'];
  delete desk.env['AWS_SECRET_ACCESS_KEY'];
  desk.write('keys.json', JSON.stringify({ accessKeyId, secretAccessKey }));
  desk.write('passphrase', 'a passphrase of the test\n');
  desk.env['STRONGROOM_VAULT_PASSPHRASE_FILE'] = desk.at('passphrase');
  desk.write('scans/a.txt', 'a');
  return { desk, store, secrets: [secretAccessKey, 'a passphrase of the test'] };
}

test('a key given by file is kept in the vault, works from there, and appears nowhere else', async (context) => {
  const { desk, store, secrets } = await secretDesk(context);
  const log = ['--log', desk.at('home/requests.log')];
  const printed: string[] = [];

  // While it runs, anybody may read the arguments of a process.
  const running = desk.start([
    'protect',
    'scans',
    '--to',
    store.spec,
    '--key-file',
    'keys.json',
    '--enable-versioning',
    ...log,
  ]);
  running.stdin?.end();
  const args = fs.readFileSync(`/proc/${running.pid ?? 0}/cmdline`, 'utf8');
  const ended = await endOf(running);
  assert.equal(ended.code, 0, ended.err);
  printed.push(args, ended.out, ended.err);
  fs.rmSync(desk.at('keys.json'));

  desk.write('scans/b.txt', 'b');
  for (const words of [
    ['sync'],
    ['status'],
    ['events'],
    ['store', 'list'],
    ['verify', '--deep'],
    ['store', 'check', store.bucket],
  ]) {
    for (const json of [[], ['--json']]) {
      const each = await desk.run([...words, ...json, ...log]);
      assert.equal(each.code, 0, each.err);
      printed.push(each.out, each.err);
    }
  }
  assert.equal((await desk.json('store list')).stores[0]?.keyKept, true);
  assert.ok(fs.readFileSync(desk.at('home/requests.log'), 'utf8').includes('"put"'), 'the log tells requests');

  const kept = fs.readdirSync(desk.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const secret of secrets) {
    for (const text of printed) assert.ok(!text.includes(secret));
    for (const entry of kept) {
      const file = path.join(entry.parentPath, entry.name);
      assert.ok(!fs.readFileSync(file).includes(secret), `${file} holds a secret`);
    }
  }
  assert.ok(kept.some(({ name }) => name === 'vault.json') && kept.some(({ name }) => name === 'catalog.db'));
  assert.equal(fs.statSync(desk.at('home/vault.json')).mode & 0o777, 0o600);

  desk.write('scans/c.txt', 'c');
  const locked = await desk.sync([], 1, { env: { STRONGROOM_VAULT_PASSPHRASE: 'not the passphrase' } });
  assert.deepEqual(
    locked.problems.map(({ code }) => code),
    ['secret-locked'],
  );
});

test('another key is kept with "store key", and a removed store takes its key with it', async (context) => {
  const { desk, store } = await secretDesk(context);
  desk.write('wrong.json', JSON.stringify({ accessKeyId: 'nobody', secretAccessKey: 'nothing-good' }));
  await desk.fails(['store', 'add', store.spec, '--key-file', 'wrong.json'], 'store-wrong-key', 1);
  assert.ok(!fs.existsSync(desk.at('home/vault.json')), 'a key that does not work is not kept');
  await desk.json('store add', [store.spec, '--key-file', 'keys.json', '--enable-versioning', '--name', 'bucket']);
  await desk.json('store key', ['bucket', '--key-file', 'wrong.json']);
  assert.equal((await desk.json('store check', ['bucket'], 1)).steps[0]?.code, 'store-wrong-key');
  assert.match(await desk.text(['store', 'key', 'bucket', '--key-file', 'keys.json']), /The key of "bucket" is kept/);
  assert.equal((await desk.json('store check', ['bucket'])).passed, true);
  await desk.json('store remove', ['bucket']);
  assert.match((await desk.fails(['store', 'add', store.spec], 'secret-missing', 1)).message, /no AWS keys/);
});

test('a damaged vault is named and never written over; the way out that is offered works', async (context) => {
  const { desk, store } = await secretDesk(context);
  await desk.json('protect', ['scans', '--to', store.spec, '--key-file', 'keys.json', '--enable-versioning']);
  const vault = desk.at('home/vault.json');
  const bytes = fs.readFileSync(vault);
  bytes[bytes.indexOf('"sealed"') + 14] = 0x21;
  fs.writeFileSync(vault, bytes);
  desk.write('scans/b.txt', 'b');
  const [problem] = (await desk.sync([], 1)).problems;
  assert.equal(problem?.code, 'config-damaged');
  assert.match(`${problem.message} ${problem.advice ?? ''}`, /vault\.json.*move it away and enter the keys/);
  await desk.fails(['store', 'key', store.bucket, '--key-file', 'keys.json'], 'config-damaged', 5);
  assert.deepEqual(fs.readFileSync(vault), bytes);
  fs.renameSync(vault, `${vault}.damaged`);
  assert.equal((await desk.sync([], 1)).problems[0]?.code, 'secret-missing');
  await desk.json('store key', [store.bucket, '--key-file', 'keys.json']);
  assert.equal((await desk.sync()).outcome, 'done');
});

test('a key in a spec, in a file of another form, or as an argument is refused without being repeated', async (context) => {
  const desk = Desk.make(context);
  const secret = 'wJalrXUtnFEMI';
  desk.write('text.json', secret);
  desk.write('other.json', JSON.stringify({ accessKeyId: secret, secret }));
  const wrong = [
    ['store', 'add', `s3://bucket/x?secretAccessKey=${secret}`],
    ['store', 'add', `s3://bucket/x?colour=${secret}`],
    ['store', 'add', `s3://AKID:${secret}@bucket/x`],
    ['store', 'add', `https://AKID:${secret}@host/x`],
    ['store', 'add', `s3://bucket/x?endpoint=https://AKID:${secret}@host`],
    ['store', 'add', `s3://bucket/x?endpoint=${encodeURIComponent(`https://AKID:${secret}@host`)}`],
    ['store', 'add', 's3://bucket/x', '--key-file', 'text.json'],
    ['store', 'add', 's3://bucket/x', '--key-file', 'other.json'],
    ['store', 'add', 's3://bucket/x', '--key-file', 'missing.json'],
    ['store', 'add', 's3://bucket/x', '--ask-key'],
    ['store', 'add', 's3://bucket/x', `--secret-key=${secret}`],
    ['store', 'add', 's3://bucket/x', '--secret-key', secret],
    ['store', 'key', 'bucket', secret],
  ];
  for (const args of wrong) {
    const told = await desk.fails(args, 'usage', 2);
    assert.ok(!JSON.stringify(told).includes(secret), told.message);
    const text = await desk.run(args);
    assert.ok(text.code === 2 && !(text.out + text.err).includes(secret), text.err);
  }
  assert.ok(!fs.existsSync(desk.at('home/vault.json')));
});
