import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { until, type Desk } from '../cli/kit.ts';
import { allCopied, Visitor, type WindowOptions } from './kit.ts';

/** A name in a hundred, as files of a series are called. */
const letters = Array.from({ length: 100 }, (_, index) => `letter ${String(index + 1).padStart(3, '0')}.txt`);

/** A share of a hundred letters, protected in two folders: what is the matter of these stories comes later. */
async function protectedShare(desk: Desk): Promise<void> {
  for (const name of letters) desk.write(`share/${name}`, `${name}, as it was written\n`);
  await desk.text(['protect', desk.at('share'), '--name', 'Scans', '--to', desk.disk('one'), '--to', desk.disk('two')]);
}

async function arrive(t: TestContext, options: WindowOptions = {}): Promise<Visitor> {
  const visitor = await Visitor.arrive(t, { before: protectedShare, ...options });
  await visitor.heading(allCopied).waitFor();
  return visitor;
}

/** The latest files in a store, by name. */
function shownIn(desk: Desk, store: string): Map<string, string> {
  const folder = desk.at('disks', store, 'files/Scans');
  return new Map(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), 'latin1')]));
}

test('the share goes away, and nothing is taken as deleted; it comes back, and all is well', async (t) => {
  const visitor = await arrive(t);
  const { page, desk } = visitor;
  const before = shownIn(desk, 'one');
  assert.equal(before.size, letters.length);
  const gone = visitor.attention('The folder of “Scans” cannot be reached');
  await visitor.chapter(t, 'it is said in words, on every screen', async () => {
    fs.renameSync(desk.at('share'), desk.at('share-away'));
    await gone.waitFor();
    await visitor.heading('One thing needs you.').waitFor();
    await gone.getByRole('button', { name: /^The folder is somewhere else now…/ }).waitFor();
    await page.getByText('The folder was not there; nothing was taken as deleted.').waitFor();
    await gone.getByText('Strongroom goes on by itself as soon as it is there.').waitFor();
    await page.getByRole('list', { name: 'Copies' }).getByText('not there').waitFor();
    await visitor.assertAccessible('Overview, a share that is gone');
    await visitor.picture('share-away');
    await visitor.go('Sources');
    await page.getByText(/The folder cannot be seen: .* Nothing is taken as deleted\./).waitFor();
    await visitor.go('Browse');
    await visitor.row(/^letter 001\.txt .*all made/).waitFor();
    await page.getByText('100 files,').waitFor();
    assert.deepEqual(shownIn(desk, 'one'), before);
  });
  await visitor.chapter(t, 'and a file of it can be looked at all the same', async () => {
    await visitor.row(/^letter 001\.txt/).click();
    await visitor.panel.getByText('letter 001.txt, as it was written').waitFor();
    await visitor.panel.getByText(/^Shown from the copy in /).waitFor();
  });
  await visitor.chapter(t, 'it comes back with something new', async () => {
    fs.renameSync(desk.at('share-away'), desk.at('share'));
    desk.write('share/meanwhile.txt', 'meanwhile');
    await visitor.go('Overview');
    await gone.getByRole('button', { name: /^Look again now/ }).click();
    await visitor.heading(allCopied).waitFor();
    await gone.waitFor({ state: 'detached' });
    assert.deepEqual(shownIn(desk, 'two'), new Map([...before, ['meanwhile.txt', 'meanwhile']]));
  });
  assert.deepEqual(visitor.complaints, []);
});

test('a mass change asks, is not copied when it is refused, and is when a person says that it is right', async (t) => {
  const visitor = await arrive(t);
  const { page, desk } = visitor;
  const before = shownIn(desk, 'one');
  const asked = visitor.attention('Unusually much has changed in “Scans”');
  const question = visitor.dialog('Did somebody mean these changes to Scans?');
  await visitor.chapter(t, 'it asks', async () => {
    for (const name of letters) desk.write(`share/${name}`, `scrambled: ${name}`, Date.now() / 1000 - 60);
    await asked.getByText('100 files have changed, of 100 in all.').waitFor();
    await visitor.assertAccessible('Overview, a mass change');
    await visitor.picture('mass-change');
    await asked.getByRole('button', { name: /^See what changed/ }).click();
    await question.getByText('100 files changed, of 100').waitFor();
    await question.getByRole('row', { name: 'Scans 100' }).waitFor();
    assert.equal(
      await question
        .getByRole('list', { name: /^Some of the files/ })
        .getByRole('listitem')
        .count(),
      10,
    );
    await visitor.assertAccessible('Are these changes right?');
    await visitor.picture('mass-change-question');
  });
  await visitor.chapter(t, 'refused, nothing is copied', async () => {
    await question.getByRole('button', { name: 'Decide later' }).click();
    await question.waitFor({ state: 'detached' });
    // Looking again is no way around the question.
    await visitor.button('More about Scans').click();
    await page.getByRole('menuitem', { name: 'Sync now' }).click();
    await visitor.go('Activity');
    await page
      .getByRole('link', { name: /Waits for you/ })
      .nth(1)
      .waitFor();
    assert.deepEqual(shownIn(desk, 'one'), before);
    assert.deepEqual(shownIn(desk, 'two'), before);
  });
  await visitor.chapter(t, 'accepted, all of it is', async () => {
    await visitor.go('Overview');
    await asked.getByRole('button', { name: /^See what changed/ }).click();
    await question.getByRole('button', { name: 'I meant this: record 100 changes' }).click();
    await visitor.heading(allCopied).waitFor();
    assert.equal(shownIn(desk, 'one').get('letter 007.txt'), 'scrambled: letter 007.txt');
    await visitor.find('letter 007', /letter 007\.txt/);
    await visitor.panel.getByRole('button', { name: /^Version 1 / }).click();
    await visitor.panel.getByText('letter 007.txt, as it was written').waitFor();
  });
  assert.deepEqual(visitor.complaints, []);
});

/** Bytes of one of the large files below, and how many are sent a second: a run of all of them takes several seconds. */
const largeBytes = 400_000;
const large = Array.from({ length: 16 }, (_, index) => `tape ${String(index + 1).padStart(2, '0')}.wav`);

/** Limits a store's speed in the window, so that there is time for something to happen during a run. */
async function slowDown(visitor: Visitor, store: string): Promise<void> {
  await visitor.go('Stores');
  await visitor.button(`Settings of ${store}`).click();
  const panel = visitor.dialog(store);
  await panel.getByRole('textbox', { name: 'Sending, MB a second' }).fill('1');
  await panel.getByRole('button', { name: 'Save the limits' }).click();
  await panel.getByText('1 MB/s up').waitFor();
  await panel.getByRole('button', { name: 'Close' }).click();
  await panel.waitFor({ state: 'detached' });
}

/** Puts the large files into the share, and waits until some of them are copied and others are not. */
async function amidstCopying(visitor: Visitor): Promise<void> {
  const { desk, page } = visitor;
  for (const [index, name] of large.entries()) desk.write(`share/${name}`, Buffer.alloc(largeBytes, index + 1));
  await visitor.go('Activity');
  await page.getByRole('article', { name: 'The run of Scans' }).waitFor();
  await page.getByRole('list', { name: 'Being copied to one' }).waitFor();
  await until('some are copied', () => copiedLarge(desk) > 0);
  assert.ok(copiedLarge(desk) < large.length, 'not all of them are copied yet');
}

function copiedLarge(desk: Desk): number {
  return large.filter((name) => shownIn(desk, 'one').has(name)).length;
}

/** That every large file is copied, once. */
async function assertAllCopied(visitor: Visitor): Promise<void> {
  const { desk } = visitor;
  const shown = shownIn(desk, 'one');
  for (const [index, name] of large.entries()) {
    assert.equal(shown.get(name), Buffer.alloc(largeBytes, index + 1).toString('latin1'), name);
  }
  await visitor.go('Overview');
  await visitor.heading(allCopied).waitFor();
  await visitor.page.getByText('Now 116 files').getByText('116 versions').first().waitFor();
}

test('a run is paused at once and resumed; quit in the middle, it goes on with the next start', async (t) => {
  const visitor = await arrive(t);
  const { page, desk } = visitor;
  const sent: string[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  // Its connection is one of those that are heard from now on.
  await page.reload();
  await visitor.chapter(t, 'the store is slowed down', () => slowDown(visitor, 'one'));
  assert.ok(!sent.some((message) => message.includes('/app/attend')), 'nothing runs that could give way');
  await visitor.chapter(t, 'paused in the middle of a run', async () => {
    await amidstCopying(visitor);
    await visitor.assertAccessible('Activity, a run under way');
    await visitor.picture('activity-now');
    const now = page.getByRole('region', { name: 'Now' });
    await now.getByRole('button', { name: 'Pause…' }).click();
    await page.getByRole('menuitem', { name: 'Until I resume' }).click();
    assert.ok(
      sent.some((message) => message.includes('/app/attend')),
      'the run was told of the person at the window',
    );
    await now.getByText('Nothing is running.').waitFor();
    const copied = copiedLarge(desk);
    assert.ok(copied < large.length, 'it stopped before all was copied');
    await visitor.go('Overview');
    await visitor.heading('Paused until you resume.').waitFor();
    await visitor.assertAccessible('Overview, paused');
    await visitor.picture('paused');
    assert.equal(copiedLarge(desk), copied, 'nothing is copied meanwhile');
  });
  await visitor.chapter(t, 'resumed, and quit in the middle', async () => {
    await visitor.button('Resume').first().click();
    await visitor.go('Activity');
    await page.getByRole('list', { name: 'Being copied to one' }).waitFor();
    await visitor.quit();
    assert.ok(copiedLarge(desk) < large.length, 'it was quit before all was copied');
    await page.getByRole('alert').getByText('The window cannot reach Strongroom.').waitFor();
    await visitor.assertAccessible('Without the engine');
    await visitor.picture('engine-away');
  });
  await visitor.chapter(t, 'started again, it goes on', async () => {
    await visitor.start();
    await visitor.heading(allCopied).waitFor();
    await assertAllCopied(visitor);
    await visitor.go('Activity');
    await visitor.page
      .getByText(/Cancelled/)
      .first()
      .waitFor();
  });
  // The window that was left open went on looking for the engine, which the browser tells of each time.
  const expected = /ERR_CONNECTION_REFUSED$/;
  assert.deepEqual(
    visitor.complaints.filter((complaint) => !expected.test(complaint)),
    [],
  );
});
