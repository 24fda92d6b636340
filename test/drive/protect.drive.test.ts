import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Desk, endOf, treeOf, until, type Ended } from '../cli/kit.ts';
import { DEFAULT_CLIENT, DEFAULT_EMAIL, startDriveEmulator, type DriveEmulator } from '../emulators/drive/emulator.ts';

/** A desk with a vault, and a Google of its own. */
async function deskWithGoogle(context: TestContext): Promise<{ desk: Desk; google: DriveEmulator }> {
  const desk = Desk.make(context);
  desk.env['STRONGROOM_VAULT_PASSPHRASE'] = 'a passphrase for tests';
  const google = await startDriveEmulator();
  context.after(() => google.stop());
  return { desk, google };
}

const serviceAccount = 'copies@library.iam.gserviceaccount.com';

/** A service account that manages a shared drive: nobody needs to sign in. */
function sharedDrive(desk: Desk, google: DriveEmulator): { spec: string; keyFile: string } {
  const key = google.addServiceAccount(serviceAccount);
  const drive = google.state.createDrive('Digital collections');
  google.state.setMember(drive, serviceAccount, 'fileOrganizer');
  const keyFile = desk.write('service-account.json', JSON.stringify(key));
  return { spec: `drive://${drive}/Strongroom?endpoint=${google.rootUrl.replace(/\/$/, '')}`, keyFile };
}

/** Runs a command that leads a person to the browser, where they agree. */
async function withBrowser(desk: Desk, words: readonly string[]): Promise<Ended> {
  const child = desk.start(words);
  child.stdin?.end();
  let told = '';
  child.stderr?.on('data', (text: Buffer) => {
    told += text.toString();
  });
  const ending = endOf(child);
  await until('the address to sign in at', () => /http:\/\/127\S+code_challenge\S+\n/.test(told));
  // The browser goes where it was sent; the emulator's page agrees for the person.
  const page = await fetch(/http:\/\/127\S+/.exec(told)?.[0] ?? '');
  assert.match(await page.text(), /Signed in/);
  return ending;
}

test('a person signs in with the browser, and one command fills Drive and another disk', async (context) => {
  const { desk, google } = await deskWithGoogle(context);
  desk.write('scans/box/page.txt', 'one');
  desk.write('scans/long.bin', Buffer.alloc(300_000, 5));
  const { clientId, clientSecret } = DEFAULT_CLIENT;
  const client = desk.write(
    'client.json',
    JSON.stringify({ installed: { client_id: clientId, client_secret: clientSecret } }),
  );
  const spec = `drive://root/Strongroom?endpoint=${google.rootUrl.replace(/\/$/, '')}`;
  const ended = await withBrowser(desk, [
    'protect',
    'scans',
    '--to',
    spec,
    '--to',
    desk.disk('second'),
    '--client',
    client,
  ]);
  assert.equal(ended.code, 0, ended.err + ended.out);
  assert.match(ended.out, /"scans" is protected/);
  assert.ok((await desk.json('status')).safe);
  const paths = google.state.tree(google.state.rootId).map(({ path }) => path);
  assert.ok(paths.includes('Strongroom/files/scans/box/page.txt'), paths.join('\n'));
  google.oauth.revokeAccess(DEFAULT_EMAIL);
  desk.write('scans/later.txt', 'later');
  const refused = await desk.sync([], 1);
  assert.deepEqual(
    refused.problems.map(({ code }) => code),
    ['store-sign-in-ended'],
  );
  assert.equal((await withBrowser(desk, ['store', 'key', 'Strongroom', '--client', client])).code, 0);
  await desk.sync();
  assert.ok((await desk.json('status')).safe);
  // What was given once is kept: nobody is asked again, and a run without changes asks Google nothing.
  google.requests.clear();
  await desk.text(['sync']);
  assert.equal(google.requests.count(), 0);
});

test('Drive alone rebuilds a wiped home, and every version comes back with its times', async (context) => {
  const { desk, google } = await deskWithGoogle(context);
  const { spec, keyFile } = sharedDrive(desk, google);
  const states: ReturnType<typeof treeOf>[] = [];
  const run = async (change: () => void): Promise<void> => {
    change();
    await desk.text(states.length === 0 ? ['protect', 'scans', '--to', spec, '--key-file', keyFile] : ['sync']);
    states.push(treeOf(desk.at('scans')));
  };
  await run(() => {
    desk.write('scans/box/page.txt', 'one', 1_500_000_000.123456);
    desk.write('scans/nothing.txt', '', 1_300_000_000);
    desk.write('scans/to-move.bin', Buffer.alloc(400_000, 9), 1_200_000_000.25);
  });
  await run(() => desk.write('scans/box/page.txt', 'two', 1_500_000_100.5));
  await run(() => {
    desk.write('scans/box/page.txt', 'three', 1_500_000_200);
    fs.renameSync(desk.at('scans/to-move.bin'), desk.at('scans/box/moved.bin'));
  });
  await run(() => fs.rmSync(desk.at('scans/box/page.txt')));
  fs.rmSync(desk.home, { recursive: true });

  for (const withoutJournals of [[], ['--without-journals']]) {
    const { sources } = await desk.json('rebuild', ['--from', spec, '--key-file', keyFile, ...withoutJournals]);
    assert.deepEqual(
      sources.map(({ source, files }) => ({ source, files })),
      [{ source: 'scans', files: 2 }],
    );
    for (const [index, content] of ['one', 'two', 'three'].entries()) {
      const into = desk.at(`out${withoutJournals.length}-${index}`);
      await desk.json('restore', ['scans:box/page.txt', '--version', String(index + 1), '--into', into]);
      assert.equal(fs.readFileSync(`${into}/page.txt`, 'utf8'), content);
      assert.deepEqual(treeOf(into).get('page.txt'), states[index]?.get('box/page.txt'));
    }
    await desk.json('restore', ['scans', '--into', `now${withoutJournals.length}`]);
    assert.deepEqual(treeOf(desk.at(`now${withoutJournals.length}`)), states.at(-1));
    fs.rmSync(desk.home, { recursive: true });
  }
});

test('an upload killed in the middle goes on from the byte that Drive has', async (context) => {
  const { desk, google } = await deskWithGoogle(context);
  const { spec, keyFile } = sharedDrive(desk, google);
  const size = 48 * 1024 * 1024;
  desk.write('scans/master.tif', Buffer.alloc(size, 3));
  const child = desk.start(['protect', 'scans', '--to', spec, '--key-file', keyFile]);
  child.stdin?.end();
  const sent = (): number => google.requests.count('upload.put');
  await until('a part of the upload', () => sent() >= 1);
  child.kill('SIGKILL');
  await once(child, 'close');
  await desk.text(['sync']);
  assert.ok((await desk.json('status')).safe);
  await desk.json('restore', ['scans', '--into', 'out']);
  assert.deepEqual(treeOf(desk.at('out')), treeOf(desk.at('scans')));
});

test('lost access stops that store alone, and work goes on where it stopped once it is back', async (context) => {
  const { desk, google } = await deskWithGoogle(context);
  const { spec, keyFile } = sharedDrive(desk, google);
  desk.write('scans/a.txt', 'one');
  await desk.text(['protect', 'scans', '--to', spec, '--to', desk.disk('second'), '--key-file', keyFile]);
  const drive = /drive:\/\/([^/]+)/.exec(spec)?.[1] ?? '';
  google.state.setMember(drive, serviceAccount, undefined);
  desk.write('scans/b.txt', 'two');
  const run = await desk.sync([], 1);
  assert.deepEqual(
    run.problems.map(({ code }) => code),
    ['store-not-found'],
  );
  const pending = new Map(run.stores.map((store) => [store.store, store.pending]));
  assert.deepEqual([pending.get('Strongroom'), pending.get('second')], [1, 0]);
  google.state.setMember(drive, serviceAccount, 'fileOrganizer');
  await desk.sync();
  assert.ok((await desk.json('status')).safe);
});
